"""What the screens and JSON answers of 就学 hold."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel


class Chip(BaseModel):
    """A state in words."""

    label: str
    kind: str = "neutral"


class ChildLine(BaseModel):
    """A child in a list or on a roll. A protected address says only that it is hidden."""

    addressee_no: int | None
    name: str
    kana: str
    birth_date: date | None
    sex: str
    is_foreign: bool
    grade: int
    grade_label: str
    kind: str
    kind_label: str
    school_code: str | None
    school_name: str
    basis: str
    address: str
    guardian_name: str
    state: Chip
    wish: str
    is_missing: bool
    is_protected: bool
    is_masked: bool = False
    """Whether the school is hidden from the reader too."""
    since: date | None
    remark: str


class ChildList(BaseModel):
    """Children by school, grade and kind, as of a day."""

    day: date
    rows: list[ChildLine]
    total: int
    left_out: int
    """Protected children that the municipality's setting keeps off the list."""
    is_partial: bool = False
    """A school's roll for who may not see protected children: they are not on it."""
    schools: list[tuple[str, str]]
    grades: list[tuple[str, str]]
    school: str
    grade: int | None
    kind: str
    district: str = ""
    """The school whose 通学区域 the addresses lie in."""
    initial: dict[str, Any]


class EntrantList(BaseModel):
    """新入学 of a 年度: the list, its review, its letters."""

    entry_year: int
    label: str
    base_date: date | None
    extracted_at: datetime | None
    fixed_at: datetime | None
    rows: list[ChildLine]
    unmatched: list[ChildLine]
    health_check_by: date
    notice_by: date
    notices: list[dict[str, Any]]
    withheld: list[dict[str, Any]] = []
    """The letters that are in no bulk file."""
    left_out: int
    initial: dict[str, Any]


class ActLine(BaseModel):
    """An entry of a history."""

    on: date
    label: str
    before: str
    after: str
    reason: str
    recorded_at: datetime
    staff_id: str


class NoticeLine(BaseModel):
    """A letter that was made."""

    id: int
    label: str
    kind: str
    issued_on: date
    is_withheld: bool
    is_replaced: bool


class PlacementLine(BaseModel):
    """Where the child was in a period."""

    kind_label: str
    grade_label: str
    school_name: str
    basis: str
    valid_from: date
    valid_to: date
    is_corrected: bool


class CaseLine(BaseModel):
    """An application in a list."""

    case_no: int
    kind: str
    kind_label: str
    state: Chip
    addressee_no: int | None
    child_name: str
    school_name: str
    other_board: str
    applied_on: date
    valid_from: date
    valid_to: date


class ChildView(BaseModel):
    """A child's row of the 学齢簿 with all that happened."""

    line: ChildLine
    mail_warnings: list[str]
    """The open 返戻 and 公示送達 of the child and the guardian."""
    entry_year: int
    obliged_from: date
    obliged_until: date
    guardian_no: int | None
    alias: str | None
    held_years: int
    version: int
    placements: list[PlacementLine]
    acts: list[ActLine]
    notices: list[NoticeLine]
    cases: list[CaseLine]
    steps: list[dict[str, Any]]
    wishes: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    schools: list[tuple[str, str]]
    notice_kinds: list[tuple[str, str]]
    initial: dict[str, Any]


class CaseList(BaseModel):
    """Applications by state."""

    rows: list[CaseLine]
    state: str
    counts: list[dict[str, Any]]


class CaseView(CaseLine):
    """An application with its course."""

    version: int
    birth_date: date
    child_address: str
    guardian_name: str
    reason: str
    article: str
    consulted_on: date | None
    consented_on: date | None
    decided_on: date | None
    ended_on: date | None
    acts: list[ActLine]
    notices: list[NoticeLine]
    possible: list[tuple[str, str]]
    is_consulted: bool
    initial: dict[str, Any]


class CaseForm(BaseModel):
    """A blank application."""

    kinds: list[tuple[str, str]]
    schools: list[tuple[str, str]]
    initial: dict[str, Any]


class TransferForm(BaseModel):
    """A blank 転入学 at the counter."""

    name: str
    grade_label: str
    school_name: str
    initial: dict[str, Any]


class TransferDone(BaseModel):
    """A 転入学 as recorded."""

    addressee_no: int
    name: str
    school_name: str
    grade_label: str
    notice_id: int


class TurnLine(BaseModel):
    """What the turn of the year would do with a child."""

    addressee_no: int
    name: str
    act: str
    act_label: str
    before: str
    after: str
    school_before: str
    school_after: str


class TurnTrial(BaseModel):
    """The trial list of the turn of the year: exceptions first."""

    year: int
    rows: list[TurnLine]
    counts: list[dict[str, Any]]


class Statistics(BaseModel):
    """Counts as of a day."""

    day: date
    by_school: list[dict[str, Any]]
    of_schools: dict[str, Any]
    """The sums of `by_school`: of those who live here and attend, and of `incoming`."""
    by_kind: list[dict[str, Any]]
    by_district: list[dict[str, Any]]
    grade_labels: list[str]
    total: int
    """Children of the school age who live here, as `by_kind` and `by_district` add up to."""
    incoming: int
    """Pupils taken in from other municipalities."""


class Forecast(BaseModel):
    """Entrants of the coming years by designated school, as the register stands; with a trial district, before and after."""

    years: list[int]
    header: list[dict[str, str]]
    rows: list[dict[str, Any]]
    births: list[int]
    trial: dict[str, Any] | None
    schools: list[tuple[str, str]]
    initial: dict[str, Any]
