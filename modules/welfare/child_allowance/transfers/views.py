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
    """A listed payment that is in no file, or in one that the bank returned it from."""

    payment_no: int
    case_no: int
    recipient_no: int
    name: str
    amount: int
    has_account: bool
    returned_on: date | None
    return_reason: str


class TransferList(BaseModel):
    """The files of a payment month, and what waits: without an account, or with one that came later."""

    month: date
    months: list[date]
    files: list[TransferFileRow]
    without_account: list[WaitingRow]
    returned: list[WaitingRow]
    """振込不能, while the account is still the same or there is none."""
    returned_elsewhere: list[tuple[date, int]]
    """Other payment months with 振込不能 that is unpaid: month and count."""
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


class SentPayment(BaseModel):
    """A payment in a file, with what the bank returned."""

    payment_no: int
    file_no: int
    pay_on: date
    payment_month: date
    case_no: int
    recipient_no: int
    payee_no: int
    name: str
    amount: int
    returned_on: date | None
    return_reason: str
    returned_by: str | None


class TransferFileView(BaseModel):
    """A file and its payments, as far as asked for."""

    file: TransferFileRow
    q: str
    rows: list[SentPayment]
    returned_count: int
    returned_total: int


class TransferView(BaseModel):
    """A payment of a file: where it was sent, what became of it, and the form for 振込不能."""

    payment: SentPayment
    account: dict[str, Any]
    transfers: list[SentPayment]
    reasons: list[tuple[str, str]]
    is_newest: bool
    """Whether it is in no later file."""
    initial: dict[str, Any]


class TransferReturn(BaseModel):
    """振込不能 as the bank's notice says."""

    on: Day = Field(title="返却日")
    return_reason: str = Field(min_length=1, title="理由")


class ReturnBack(BaseModel):
    """Why a recorded 振込不能 was a mistake."""

    reason: str = Field(default="", max_length=200, title="取り消す理由")


class Returned(BaseModel):
    """The payment and its month."""

    payment_no: int
    month: str
