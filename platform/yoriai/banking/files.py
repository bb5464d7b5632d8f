"""Making the files: header, one record for each payment, trailer with count and sum, end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from yoriai.banking.layout import DEBIT, DEBIT_TRAILER, END, HEADER, LENGTH, TRANSFER, TRANSFER_TRAILER, Layout
from yoriai.banking.originators import Originator
from yoriai.japanese import to_bank_kana

_DEBIT_KIND, _TRANSFER_KIND = "91", "21"
_NAME_WIDTH = 15
FIRST, CHANGED, OTHER = "1", "2", "0"
"""新規コード, as banks publish the layout (K)."""


@dataclass(frozen=True)
class Entry:
    """One payment: into or from which account, how many yen, and the number under which its answer comes back."""

    customer_no: int
    amount: int
    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    account_type: str
    account_number: str
    holder_kana: str
    novelty: str = OTHER
    """新規コード: `FIRST` for somebody whose first request it is, `CHANGED` for another account than that of the last one."""

    @classmethod
    def of(cls, customer_no: int, row: Mapping[str, Any]) -> "Entry":
        """The payment of a row that has the account, `amount` and `novelty` in columns of the same names."""
        return cls(customer_no, **{item.name: row[item.name] for item in fields(cls) if item.name != "customer_no"})


def debit_file(originator: Originator, on: date, entries: Sequence[Entry]) -> str:
    """The 口座振替 request for a day, to be encoded by `encode`. ValueError for a value that does not fit its field."""
    lines = [_header(originator, _DEBIT_KIND, on)]
    lines += [DEBIT.write({**_record(entry), "result": "0"}) for entry in entries]
    nothing = {"paid_count": 0, "paid_total": 0, "unpaid_count": 0, "unpaid_total": 0}
    return _whole(originator, lines, entries, DEBIT_TRAILER, nothing)


def transfer_file(originator: Originator, on: date, entries: Sequence[Entry]) -> str:
    """The 総合振込 for a day, by 電信振込; otherwise as `debit_file`."""
    lines = [_header(originator, _TRANSFER_KIND, on)]
    lines += [TRANSFER.write({**_record(entry), "way": "7"}) for entry in entries]
    return _whole(originator, lines, entries, TRANSFER_TRAILER, {})


def find_transfer(content: str, customer_no: int) -> dict[str, str] | None:
    """The record of a 総合振込 file that bears the number, as text by field; None where there is none."""
    plain = content.replace("\r\n", "")
    lines = (plain[at : at + LENGTH] for at in range(0, len(plain), LENGTH))
    records = (TRANSFER.read(line) for line in lines if line.startswith("2"))
    return next((record for record in records if int(record["customer_no"]) == customer_no), None)


def encode(text: str) -> bytes:
    """The bytes of a file: JIS X 0201, one byte a character, which code page 932 shares."""
    return text.encode("cp932")


def count_control(entries: Sequence[Entry]) -> tuple[int, int]:
    """件数 and 合計金額 in yen."""
    return len(entries), sum(entry.amount for entry in entries)


def _whole(
    originator: Originator, lines: list[str], entries: Sequence[Entry], trailer: Layout, more: dict[str, int]
) -> str:
    count, total = count_control(entries)
    lines += [trailer.write({"record": "8", "count": count, "total": total, **more}), END.write({"record": "9"})]
    return "".join(f"{line}{originator.line_end}" for line in lines)


def _header(originator: Originator, kind: str, on: date) -> str:
    return HEADER.write(
        {
            "record": "1",
            "kind": kind,
            "code_set": "0",
            "originator_code": originator.code,
            "originator_name": originator.name,
            "on": f"{on:%m%d}",
            "own_bank_code": originator.bank_code,
            "own_bank_name": originator.bank_name,
            "own_branch_code": originator.branch_code,
            "own_branch_name": originator.branch_name,
            "own_account_type": originator.account_type,
            "own_account_number": originator.account_number,
        }
    )


def _record(entry: Entry) -> dict[str, object]:
    return {
        "record": "2",
        "bank_code": entry.bank_code,
        "bank_name": _short(entry.bank_name),
        "branch_code": entry.branch_code,
        "branch_name": _short(entry.branch_name),
        "account_type": entry.account_type,
        "account_number": entry.account_number,
        "holder_kana": entry.holder_kana,
        "amount": entry.amount,
        "novelty": entry.novelty,
        "customer_no": entry.customer_no,
    }


def _short(name: str) -> str:
    """A bank's name where it is known in kana; else blank: the codes decide, the names may be left out."""
    return (to_bank_kana(name) or "")[:_NAME_WIDTH]
