"""What the addresses of 口座振替 answer; amounts are yen."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field


class DebitFileRow(BaseModel):
    """A request file with its control totals and, once taken in, those of the result."""

    file_no: int
    debit_on: date
    bank_code: str
    bank_name: str
    count: int
    total: int
    made_at: datetime
    result_at: datetime | None
    paid_count: int | None
    paid_total: int | None
    unpaid_count: int | None
    unpaid_total: int | None


class DebitFiles(BaseModel):
    """The request files, the newest debit day first."""

    rows: list[DebitFileRow]
    open_counts: dict[str, int] = {}
    """What a clerk has to look at, by `Show` of the differences."""
    problems: list[dict[str, Any]]
    """Requests that could be put into no file, with the reason."""
    initial: dict[str, Any] = {}


class DebitRow(BaseModel):
    """A request and what became of it."""

    household_no: int
    fiscal_year: int
    instalment_no: int
    payer_no: int
    name: str
    amount: int
    result: str | None
    result_label: str
    kind_label: str
    next: str = ""
    """What comes next, in words."""


class DebitFileView(BaseModel):
    """A file; the unpaid ones are listed once the result is there."""

    file: DebitFileRow
    unpaid: list[DebitRow]
    by_result: list[dict[str, Any]]
    """Count and yen of each 振替結果コード."""
    by_kind: list[dict[str, Any]]
    """Count and yen of 納期の振替, 再振替 and 追加."""


class ResultUpload(BaseModel):
    """結果ファイル as it came from the bank, in Base64 (what a file field sends)."""

    file: str = Field(min_length=1, title="結果ファイル")


class ResultTaken(BaseModel):
    """What was taken in."""

    file_no: int
    paid_count: int
    paid_total: int
    unpaid_count: int
    unpaid_total: int


class Difference(BaseModel):
    """An instalment that is not simply settled; amounts are yen."""

    household_no: int
    fiscal_year: int
    year_label: str
    instalment_no: int
    due_date: date | None
    payer_no: int
    name: str
    due: int
    collected: int
    pending: int
    difference: int
    chip: tuple[str, str]
    reason: str
    next: str
    unsent: str = ""
    """Why its slip is not printed in bulk."""


class Differences(BaseModel):
    """What differs between what is owed and what banks were asked for, one list of three."""

    show: str
    tabs: list[dict[str, Any]]
    rows: list[Difference]
    count: int
    total: int
    """Yen of all in the list, also those beyond the rows shown."""
    printed_count: int = 0
    """Slips: how many, and of how many yen, are printed in bulk."""
    printed_total: int = 0
    parts: list[int] = []
    """The files they are printed in."""


class DebitEntry(BaseModel):
    """One request for an instalment."""

    debit_on: date
    kind_label: str
    amount: int
    told: str
    file_no: int | None


class HandlingEntry(BaseModel):
    """What a clerk did about a difference."""

    recorded_at: datetime
    handling: str
    amount: int
    note: str
    staff_id: str


class DifferenceView(BaseModel):
    """An instalment with all its requests, what comes next, and what a clerk may record of it."""

    household_no: int
    fiscal_year: int
    instalment_no: int
    year_label: str
    payer_no: int
    name: str
    due: int
    due_date: date | None
    difference: Difference | None
    is_handled: bool
    has_slip: bool
    entries: list[DebitEntry]
    handled: list[HandlingEntry]
    handlings: list[tuple[str, str]]
    initial: dict[str, Any]


class Handle(BaseModel):
    """What was done about a difference of so many yen, as the clerk saw it."""

    handling: str = Field(min_length=1, title="処理")
    difference: int = Field(title="差額")
    note: str = Field(default="", max_length=200, title="メモ")


class SlipsSent(BaseModel):
    """The slips printed in bulk were sent; they were so many and of so many yen when the clerk saw them."""

    count: int = Field(title="件数")
    total: int = Field(title="合計")
    confirmed: list[str] = []


class Handled(BaseModel):
    """How many instalments were seen to, and the list they stood in."""

    count: int
    show: str
