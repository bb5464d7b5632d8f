"""The words of 口座振替 of NHI."""

from collections.abc import Mapping
from typing import Final

from modules.nhi.health_insurance.debits.rules import StepKind

KINDS: Final[Mapping[str, str]] = {"regular": "納期の振替", "retry": "再振替", "further": "追加の振替"}
HANDLINGS: Final[Mapping[str, str]] = {
    "slip": "納付書を送った (この期はもう振り替えない)",
    "stop": "金融機関に請求の停止を依頼した",
    "refund": "還付・充当の手続きに回した",
    "checked": "確認した (何もしない)",
}
SLIP: Final = "slip"
HANDLINGS_OF: Final[Mapping[StepKind, tuple[str, ...]]] = {
    StepKind.OVER_ASKED: ("stop",),
    StepKind.OVERPAID: ("refund",),
    StepKind.MOVED: ("checked",),
    StepKind.AWAITING: (),
    StepKind.RETRY: ("slip",),
    StepKind.FURTHER: ("slip",),
    StepKind.UNDATED: ("slip",),
    StepKind.SLIP: ("slip",),
}
"""What a clerk may record of each; with none it goes on by itself. What was recorded of one situation settles no other: a stop
that was asked for leaves open what was debited all the same."""
