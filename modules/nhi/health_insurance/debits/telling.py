"""What comes next for an instalment, in the words of the screens, and what a clerk may do about it."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from modules.nhi.health_insurance.debits.positions import Standing
from modules.nhi.health_insurance.debits.rules import StepKind
from yoriai.dates import format_wareki

Show = Literal["excess", "slip", "next"]
SHOWN: Final[Mapping[Show, tuple[StepKind, ...]]] = {
    "excess": (StepKind.OVER_ASKED, StepKind.OVERPAID, StepKind.MOVED),
    "slip": (StepKind.SLIP,),
    "next": (StepKind.RETRY, StepKind.FURTHER, StepKind.AWAITING, StepKind.UNDATED),
}
LABELS: Final[Mapping[Show, str]] = {
    "excess": "請求・収納が多い",
    "slip": "納付書に切り替える",
    "next": "次の振替で請求する",
}
CHIPS: Final[Mapping[StepKind, tuple[str, str]]] = {
    StepKind.OVER_ASKED: ("請求が多い", "danger"),
    StepKind.OVERPAID: ("過納", "danger"),
    StepKind.MOVED: ("納期変更", "warn"),
    StepKind.AWAITING: ("結果待ち", "info"),
    StepKind.RETRY: ("再振替", "info"),
    StepKind.FURTHER: ("追加の振替", "info"),
    StepKind.UNDATED: ("振替日未定", "warn"),
    StepKind.SLIP: ("納付書", "warn"),
}
_DAYLESS: Final[Mapping[StepKind, str]] = {
    StepKind.OVERPAID: "{amount:,}円を還付または充当",
    StepKind.UNDATED: "振替日が決まれば{amount:,}円を請求 (急ぐものは納付書)",
    StepKind.SLIP: "{amount:,}円は納付書で",
}
_ON_A_DAY: Final[Mapping[StepKind, str]] = {
    StepKind.OVER_ASKED: "{on}の引落しの前なら金融機関に停止を依頼。引き落とされたら{amount:,}円を還付・充当",
    StepKind.MOVED: "{on}に引き落とされます。変わった納期限で引き落とすなら、金融機関に停止を依頼",
    StepKind.AWAITING: "{on}の引落しの結果を取り込んだ後、残り{amount:,}円を請求",
    StepKind.RETRY: "{on}に{amount:,}円を再振替",
    StepKind.FURTHER: "{on}に{amount:,}円を追加で振替",
}


def told_shortly(standing: Standing) -> str:
    """What comes next, with day and yen."""
    step = standing.step
    if step.kind in _DAYLESS:
        return _DAYLESS[step.kind].format(amount=step.amount)
    on = format_wareki(step.on) if step.on else ""
    return _ON_A_DAY[step.kind].format(amount=step.amount, on=on)


def shown(standings: Iterable[Standing], show: Show) -> list[Standing]:
    """Those of a list that no clerk has seen to as they are now."""
    return [each for each in standings if each.step.kind in SHOWN[show] and not each.is_handled]


def count_open(standings: Iterable[Standing]) -> dict[str, int]:
    """How many stand in each list."""
    found = list(standings)
    return {show: len(shown(found, show)) for show in SHOWN}
