"""What the addresses of 口座振替 answer; amounts are yen."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field


class DebitFileRow(BaseModel):
    """A request file with its control totals and, once taken in, those of the result."""

    file_no: int
    due_date: date
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
    """The request files, the newest due date first."""

    rows: list[DebitFileRow]
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


class DebitFileView(BaseModel):
    """A file; the unpaid ones are listed once the result is there."""

    file: DebitFileRow
    unpaid: list[DebitRow]
    by_result: list[dict[str, Any]]
    """Count and yen of each 振替結果コード."""


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
