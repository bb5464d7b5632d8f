"""The one table of 異動事由: from which state a person comes, which state follows, and what the law says of the notice."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from yoriai.rules.parameters import BusinessParameters, load_definitions


class Status(StrEnum):
    """Where a person stands in the register."""

    ABSENT = "absent"
    RESIDENT = "resident"
    MOVE_OUT_PLANNED = "move_out_planned"
    REMOVED = "removed"


class Reason(StrEnum):
    """異動事由."""

    CONVERSION = "conversion"
    MOVE_IN = "move_in"
    MOVE_WITHIN = "move_within"
    MOVE_OUT_PLANNED = "move_out_planned"
    MOVE_OUT = "move_out"
    MOVE_OUT_CANCELLED = "move_out_cancelled"
    BIRTH = "birth"
    DEATH = "death"
    HOUSEHOLD_SPLIT = "household_split"
    HOUSEHOLD_MERGE = "household_merge"
    HEAD_CHANGE = "head_change"
    HOUSEHOLD_CHANGE = "household_change"
    MARRIAGE = "marriage"
    DIVORCE = "divorce"
    ADOPTION = "adoption"
    NAME_CHANGE = "name_change"
    KANA_CONFIRMED = "kana_confirmed"
    DOMICILE_CHANGE = "domicile_change"
    FORMER_SURNAME = "former_surname"
    ALIAS = "alias"
    NATURALIZATION = "naturalization"
    RESIDENCE_CHANGE = "residence_change"
    EX_OFFICIO_ENTRY = "ex_officio_entry"
    EX_OFFICIO_REMOVAL = "ex_officio_removal"
    DISAPPEARANCE = "disappearance"
    NATIONALITY_LOSS = "nationality_loss"
    EX_OFFICIO_CORRECTION = "ex_officio_correction"
    RESTORATION = "restoration"
    REISSUE = "reissue"
    CANCELLATION = "cancellation"
    CORRECTION = "correction"


@dataclass(frozen=True)
class Transition:
    """What a reason does. `notice` names the parameter of its notice period."""

    label: str
    article: str
    sources: frozenset[Status]
    target: Status
    topic: str
    notice: str = ""
    counts_first_day: bool = False
    """The day of the event is the first of the notice period (戸籍法43条1項)."""
    is_announced_before: bool = False
    """The notice may come before the event."""
    is_plan: bool = False
    """The event lies in the future: until then only the plan is true."""
    is_ex_officio: bool = False
    """Done by the office: it always counts as 職権 and needs its ground (住基法施行令12条)."""


_LIVING_HERE = frozenset({Status.RESIDENT, Status.MOVE_OUT_PLANNED})
_HOUSEHOLD = "resident.household_changed"

TRANSITIONS: Mapping[Reason, Transition] = {
    Reason.CONVERSION: Transition("移行", "", frozenset({Status.ABSENT}), Status.RESIDENT, "resident.converted"),
    Reason.MOVE_IN: Transition(
        "転入",
        "住基法22条",
        frozenset({Status.ABSENT, Status.REMOVED}),
        Status.RESIDENT,
        "resident.moved_in",
        "notice_days.move_in",
    ),
    Reason.MOVE_WITHIN: Transition(
        "転居",
        "住基法23条",
        frozenset({Status.RESIDENT}),
        Status.RESIDENT,
        "resident.moved_within",
        "notice_days.move_within",
    ),
    Reason.MOVE_OUT_PLANNED: Transition(
        "転出予定",
        "住基法24条",
        frozenset({Status.RESIDENT}),
        Status.MOVE_OUT_PLANNED,
        "resident.move_out_planned",
        is_announced_before=True,
        is_plan=True,
    ),
    Reason.MOVE_OUT: Transition(
        "転出", "住基法24条", _LIVING_HERE, Status.REMOVED, "resident.moved_out", is_announced_before=True
    ),
    Reason.BIRTH: Transition(
        "出生",
        "戸籍法49条",
        frozenset({Status.ABSENT}),
        Status.RESIDENT,
        "resident.born",
        "notice_days.birth",
        counts_first_day=True,
    ),
    Reason.DEATH: Transition(
        "死亡",
        "戸籍法86条",
        _LIVING_HERE,
        Status.REMOVED,
        "resident.died",
        "notice_days.death",
        counts_first_day=True,
    ),
    Reason.MOVE_OUT_CANCELLED: Transition(
        "転出取消",
        "住基法24条",
        frozenset({Status.MOVE_OUT_PLANNED, Status.REMOVED}),
        Status.RESIDENT,
        "resident.move_out_cancelled",
    ),
    **{
        reason: Transition(label, "住基法25条", _LIVING_HERE, Status.RESIDENT, _HOUSEHOLD, "notice_days.household")
        for reason, label in (
            (Reason.HOUSEHOLD_SPLIT, "世帯分離"),
            (Reason.HOUSEHOLD_MERGE, "世帯合併"),
            (Reason.HEAD_CHANGE, "世帯主変更"),
            (Reason.HOUSEHOLD_CHANGE, "世帯構成変更"),
        )
    },
    **{
        reason: Transition(label, article, _LIVING_HERE, Status.RESIDENT, "resident.family_register_changed")
        for reason, label, article in (
            (Reason.MARRIAGE, "婚姻", "住基法施行令12条"),
            (Reason.DIVORCE, "離婚", "住基法施行令12条"),
            (Reason.ADOPTION, "養子縁組・離縁", "住基法施行令12条"),
            (Reason.NAME_CHANGE, "氏名変更", "住基法施行令12条"),
            (Reason.KANA_CONFIRMED, "振り仮名の確認", "住基法7条1号の2"),
            (Reason.DOMICILE_CHANGE, "転籍", "住基法施行令12条"),
            (Reason.FORMER_SURNAME, "旧氏の記載・変更", "住基法施行令30条の14"),
            (Reason.ALIAS, "通称の記載・変更", "住基法施行令30条の16"),
            (Reason.NATURALIZATION, "帰化・国籍取得", "住基法施行令12条"),
        )
    },
    Reason.RESIDENCE_CHANGE: Transition(
        "在留情報の変更", "住基法30条の50", _LIVING_HERE, Status.RESIDENT, "resident.residence_changed"
    ),
    Reason.EX_OFFICIO_ENTRY: Transition(
        "職権記載",
        "住基法施行令12条",
        frozenset({Status.ABSENT, Status.REMOVED}),
        Status.RESIDENT,
        "resident.moved_in",
        is_ex_officio=True,
    ),
    **{
        reason: Transition(label, article, _LIVING_HERE, Status.REMOVED, "resident.removed", is_ex_officio=True)
        for reason, label, article in (
            (Reason.EX_OFFICIO_REMOVAL, "職権消除", "住基法施行令12条"),
            (Reason.DISAPPEARANCE, "失踪宣告", "住基法施行令12条"),
            (Reason.NATIONALITY_LOSS, "国籍喪失", "住基法施行令12条"),
        )
    },
    Reason.EX_OFFICIO_CORRECTION: Transition(
        "職権修正", "住基法施行令12条", _LIVING_HERE, Status.RESIDENT, "resident.corrected", is_ex_officio=True
    ),
    Reason.RESTORATION: Transition(
        "職権回復",
        "住基法施行令12条",
        frozenset({Status.REMOVED}),
        Status.RESIDENT,
        "resident.restored",
        is_ex_officio=True,
    ),
    Reason.REISSUE: Transition(
        "改製", "住基法施行令16条", _LIVING_HERE, Status.RESIDENT, "resident.reissued", is_ex_officio=True
    ),
    # What they take back decides the state that follows; the guard is that it was the last movement of everybody in it.
    Reason.CANCELLATION: Transition(
        "異動取消", "", frozenset(Status) - {Status.ABSENT}, Status.RESIDENT, "resident.cancelled", is_ex_officio=True
    ),
    Reason.CORRECTION: Transition(
        "異動訂正", "", frozenset(Status) - {Status.ABSENT}, Status.RESIDENT, "resident.corrected", is_ex_officio=True
    ),
}

REMOVALS = (Reason.EX_OFFICIO_REMOVAL, Reason.DISAPPEARANCE, Reason.NATIONALITY_LOSS)
FAMILY_REGISTER = (
    Reason.MARRIAGE,
    Reason.DIVORCE,
    Reason.ADOPTION,
    Reason.NAME_CHANGE,
    Reason.KANA_CONFIRMED,
    Reason.DOMICILE_CHANGE,
    Reason.FORMER_SURNAME,
    Reason.ALIAS,
    Reason.NATURALIZATION,
)

_REFUSALS: Mapping[Status, str] = {
    Status.ABSENT: "住民票がありません",
    Status.RESIDENT: "すでに住民として登録されています",
    Status.MOVE_OUT_PLANNED: "転出予定です。先に転出の取消か確定をしてください",
    Status.REMOVED: "すでに除票になっています",
}


def refusal(reason: Reason, status: Status) -> str:
    """Why a person in that state cannot make the movement, in words for the clerk; empty when it is allowed."""
    transition = TRANSITIONS[reason]
    return "" if status in transition.sources else f"{transition.label}できません。{_REFUSALS[status]}。"


def parameters() -> BusinessParameters:
    """The statutory figures of the register."""
    return load_definitions("resident", Path(__file__).parents[1] / "parameters")
