"""Files of the banks in the 全銀 layout: 口座振替 with its results, 総合振込; who sends them is configuration."""

from yoriai.banking.files import (
    CHANGED,
    FIRST,
    OTHER,
    Entry,
    count_control,
    debit_file,
    encode,
    find_transfer,
    transfer_file,
)
from yoriai.banking.originators import BANKING, Originator, Retry, check_banking, find_originators
from yoriai.banking.results import (
    RESULT_CODES,
    SHORT_OF_FUNDS,
    STOPPED_BY_ORIGINATOR,
    Result,
    identify_request,
    read_results,
)

__all__ = [
    "BANKING",
    "CHANGED",
    "FIRST",
    "OTHER",
    "RESULT_CODES",
    "SHORT_OF_FUNDS",
    "STOPPED_BY_ORIGINATOR",
    "Entry",
    "Originator",
    "Result",
    "Retry",
    "check_banking",
    "count_control",
    "debit_file",
    "encode",
    "find_originators",
    "find_transfer",
    "identify_request",
    "read_results",
    "transfer_file",
]
