"""What the screens and JSON answers hold. Rows are plain mappings as the template macro `data_table` takes them."""

from datetime import date
from typing import Any

from pydantic import BaseModel

Rows = list[dict[str, Any]]


class Listing(BaseModel):
    """A list with its columns' values; `total` counts all, of which `rows` are the first."""

    rows: Rows
    total: int = 0
    q: str = ""
    initial: dict[str, Any] = {}
    options: dict[str, list[tuple[str, str]]] = {}


class EntryView(BaseModel):
    """A registration with its history."""

    entry_no: int
    version: int
    addressee_no: int
    name: str
    is_listed: bool
    is_marked: bool
    facts: Rows
    acts: Rows


class PersonView(BaseModel):
    """One person before the roll: whether registrable, why, and what stands in the way."""

    addressee_no: int
    name: str
    is_known: bool
    is_registrable: bool
    base_on: date
    reason: str
    entry_no: int | None
    facts: Rows
    steps: Rows
    suspensions: Rows
    cares: Rows
    certificates: Rows
    elections: list[tuple[str, str]]
    initial: dict[str, Any]


class Matrix(BaseModel):
    """Counts by district, with a total."""

    columns: list[str]
    rows: Rows


class Absentees(Listing):
    """Requests of 不在者投票, and the day's register of them."""

    election_no: int
    name: str
    day: date
    daily: Matrix


class Statistics(BaseModel):
    """登録者数 by district and sex and by age, and the numbers of 直接請求."""

    as_of: date
    by_district: Matrix
    by_age: Matrix
    demands: Rows
    total: int


class ElectionView(BaseModel):
    """An election with its voters and votes."""

    election_no: int
    name: str
    kind: str
    status: str
    version: int
    facts: Rows
    voters: Matrix
    turnout_by_age: Matrix
    early_by_hour: Matrix
    early_by_day: Matrix
    early_day: date
    """The day of `early_by_hour`."""
    is_reopenable: bool
    """Whether early voting was closed and its last day is not over."""
    places: list[tuple[str, str]]
    districts: list[tuple[str, str]]
    pulled: Rows
    added: Rows
    run: dict[str, Any]
    """入場券の一括作成: its state, what was pulled and added, who is kept back, and the files (`card_runs.get_run`)."""
    initial: dict[str, Any]
    options: dict[str, list[tuple[str, str]]]


class Reception(BaseModel):
    """The counter of a polling place: who was looked for, who was received last."""

    election_no: int
    name: str
    kind: str
    place: str
    places: list[tuple[str, str]]
    reasons: list[tuple[str, str]]
    q: str
    match: str
    voters: Rows
    total: int
    recent: Rows


class PollingList(BaseModel):
    """名簿の抄本 of a district with the votes marked."""

    election_no: int
    name: str
    district: str
    title: str
    place: str
    """The 投票所 of the district; empty where none is set."""
    vote_on: date
    districts: list[tuple[str, str]]
    rows: Rows
    marked: int
    total: int
    is_whole: bool
    """False where the asker may not see everybody of the election's list; then it is no list for a polling place."""


class InspectionList(BaseModel):
    """The list that is shown to an applicant."""

    inspection_no: int
    applicant: str
    purpose: str
    detail: str
    districts: str
    """Their names."""
    status: str
    rows: Rows
    total: int
    left_out: int
