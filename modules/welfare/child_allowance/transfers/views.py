"""What the addresses of 振込データ answer; amounts are yen."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field, computed_field

from yoriai.dates import format_wareki_month
from yoriai.web.fields import Day


class TransferFileRow(BaseModel):
    """A file with its control totals."""

    file_no: int
    payment_month: date
    pay_on: date
    count: int
    total: int
    made_at: datetime
    staff_id: str


class WaitingRow(BaseModel):
    """A listed payment that is in no file yet."""

    payment_no: int
    case_no: int
    recipient_no: int
    name: str
    amount: int
    has_account: bool


class TransferList(BaseModel):
    """The files of a payment month, and what waits: without an account, or with one that came later."""

    month: date
    months: list[date]
    files: list[TransferFileRow]
    without_account: list[WaitingRow]
    ready: list[WaitingRow]
    is_sent: bool
    """Whether the municipality has an originator for such files."""
    initial: dict[str, Any]

    @computed_field
    def month_label(self) -> str:
        """令和8年12月."""
        return format_wareki_month(self.month)


class TransferPlan(BaseModel):
    """A further file of a month: its 振込指定日."""

    month: Day = Field(title="支払月")
    pay_on: Day = Field(title="振込指定日")


class TransferMade(BaseModel):
    """The file made."""

    file_no: int
    month: str
    count: int
    total: int
