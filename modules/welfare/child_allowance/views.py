"""What the screens and JSON answers of 児童手当 hold; amounts are yen."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, computed_field

from modules.welfare.child_allowance.letters import Unsent
from yoriai.dates import format_wareki_month


class Chip(BaseModel):
    """A state in words."""

    label: str
    kind: str


class PersonLine(BaseModel):
    """A recipient on top of a screen."""

    addressee_no: int
    name: str
    kana: str
    birth_date: date | None
    age: int
    sex: str
    address: str
    household_no: int | None
    href: str


class CaseRow(BaseModel):
    """A case in a list."""

    case_no: int
    recipient_no: int
    name: str
    claimed_on: date
    status: Chip
    first_month: date | None
    children: int
    amount: int | None

    @computed_field
    def first_month_label(self) -> str:
        """支給開始年月."""
        return format_wareki_month(self.first_month) if self.first_month else ""


class CaseList(BaseModel):
    """Cases of a state."""

    rows: list[CaseRow]
    total: int
    status: str
    counts: list[dict[str, Any]]


class ChildRow(BaseModel):
    """A child of a case with what the month gives it."""

    id: int
    child_no: int | None
    name: str
    birth_date: date
    is_cared: bool
    is_supported: bool
    lost_on: date | None
    amount: int
    reason: str


class DecisionRow(BaseModel):
    """A month as decided."""

    month: date
    amount: int
    eligible_children: int
    recorded_at: datetime
    superseded_at: datetime | None

    @computed_field
    def month_label(self) -> str:
        """令和8年10月."""
        return format_wareki_month(self.month)


class PaymentRow(BaseModel):
    """An entry of a payment list."""

    payment_no: int
    payment_month: date
    pay_on: date
    case_no: int
    recipient_no: int
    name: str
    status: Chip
    amount: int
    first_month: date
    last_month: date

    @computed_field
    def payment_label(self) -> str:
        """支払月."""
        return format_wareki_month(self.payment_month)

    @computed_field
    def period_label(self) -> str:
        """The months it pays for."""
        first, last = format_wareki_month(self.first_month), format_wareki_month(self.last_month)
        return f"{first}分" if first == last else f"{first}分〜{last}分"


class ActRow(BaseModel):
    """An entry of a case's history."""

    id: int
    has_letter: bool
    on: date
    label: str
    status: Chip
    reason: str
    recorded_at: datetime
    staff_id: str


class CaseView(BaseModel):
    """A case: people, the month's judgement with its steps, what was decided and paid, what may be done."""

    case_no: int
    version: int
    person: PersonLine
    representative_no: int
    """The number that payments and letters bear: another one after a 名寄せ."""
    mail_warnings: list[str]
    has_account: bool
    recipient_kind: str
    status: Chip
    claimed_on: date
    event: str
    event_on: date | None
    first_month: date | None
    first_month_label: str
    lost_on: date | None
    month: date
    month_label: str
    amount: int
    children: list[ChildRow]
    steps: list[dict[str, Any]]
    decisions: list[DecisionRow]
    payments: list[PaymentRow]
    history: list[ActRow]
    acts: list[tuple[str, str]]
    initial: dict[str, Any]

    def fill(self, child_no: int | None, act: str | None, on: date | None, reason: str) -> None:
        """Fill the forms for what was proposed: the child by 宛名番号, the act, its day, its reason."""
        gone = next((row.id for row in self.children if child_no and row.child_no == child_no), "")
        day = {name: on.isoformat() for name in ("on", "event_on", "lost_on")} if on else {}
        self.initial |= {"child_no": "" if gone else child_no or "", "child_id": gone, "act": act or "", **day}
        self.initial |= {"reason": reason if act else "", "loss_reason": reason}


class PaymentList(BaseModel):
    """支払一覧 of a month: what is paid, and apart from it what is not."""

    month: date
    month_label: str
    paid: list[PaymentRow]
    unpaid: list[PaymentRow]
    total: int
    count: int
    returned_count: int
    """Of those listed: how many, and how many yen, a bank returned and no later file has paid (振込不能)."""
    returned_total: int
    months: list[date]
    unsent: list[Unsent]
    parts: list[int]
    """The files of 支払通知."""


class ProposalRow(BaseModel):
    """An 案内 that waits."""

    event_id: int
    person_no: int
    kind: str
    label: str
    name: str
    birth_date: date | None
    household_no: int
    case_no: int | None
    reason: str
    effective_on: date
    due_on: date
    is_late: bool


class ProposalList(BaseModel):
    """The 案内 that wait, the most urgent first."""

    rows: list[ProposalRow]


class ClaimForm(BaseModel):
    """A blank claim for a household: who may claim, the children that come into question."""

    household_no: int | None
    candidates: list[dict[str, Any]]
    recipient_kinds: list[tuple[str, str]]
    events: list[tuple[str, str]]
    initial: dict[str, Any]
