"""What the screens and JSON answers of 印鑑登録 hold. Lengths are hundredths of a millimetre, amounts yen."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, computed_field

_DOTS = 96
"""CSS pixels in an inch: at that width a picture shows at its original size."""
_INCH = 2540
"""Hundredths of a millimetre."""


class Chip(BaseModel):
    """A state in words."""

    label: str
    kind: str


class PersonLine(BaseModel):
    """The person on top of a screen; `address` None: it may not be shown."""

    addressee_no: int
    name: str
    kana: str
    birth_date: date | None
    age: int
    sex: str
    address: str | None
    household_no: int | None
    href: str


class Picture(BaseModel):
    """An impression with the size it had on paper."""

    registration_no: int
    width: int
    height: int
    picture_width: int
    picture_height: int

    @computed_field
    def screen_width(self) -> int:
        """CSS pixels at which the picture has its original size."""
        return max(1, self.picture_width * _DOTS // _INCH)

    @computed_field
    def screen_height(self) -> int:
        """CSS pixels, see `screen_width`."""
        return max(1, self.picture_height * _DOTS // _INCH)

    @computed_field
    def size_label(self) -> str:
        """12.0×12.1mm."""
        return f"{_mm(self.width)}×{_mm(self.height)}mm"


class RegistrationRow(BaseModel):
    """A registration in a list."""

    registration_no: int
    addressee_no: int
    name: str
    seal_text: str
    identity: str
    status: Chip
    since: date
    card_no: int | None
    end_reason: str
    due_on: date | None
    is_overdue: bool


class RegistrationList(BaseModel):
    """Registrations of a state."""

    rows: list[RegistrationRow]
    total: int
    page: int
    pages: int
    status: str
    q: str
    counts: list[dict[str, Any]]
    initial: dict[str, Any]


class StateRow(BaseModel):
    """A period in which a registration stood so, as known at a time."""

    status: Chip
    end_reason: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    superseded_at: datetime | None


class ActRow(BaseModel):
    """An entry of the history."""

    on: date
    label: str
    status: Chip
    reason: str
    applicant: str
    fee: int
    recorded_at: datetime
    staff_id: str


class CardRow(BaseModel):
    """A 登録証."""

    card_no: int
    issued_on: date
    ended_on: date | None
    end_reason: str


class InquiryRow(BaseModel):
    """A 照会書."""

    inquiry_no: int
    sent_on: date
    due_on: date
    closed_on: date | None
    outcome: str
    answered_by: str
    answer_document: str
    is_overdue: bool


class CertificateRow(BaseModel):
    """An issued copy."""

    serial_no: int
    registration_no: int
    addressee_no: int
    name: str
    issued_at: datetime
    channel: str
    applicant: str
    purpose: str
    fee: int
    office: str
    staff_id: str
    card_no: int | None
    reissue_of: int | None
    reissued_as: int | None
    void_reason: str
    status: Chip


class RegistrationView(BaseModel):
    """登録原票: all that is known of a registration, and what may be done."""

    registration_no: int
    version: int
    person: PersonLine
    status: Chip
    status_code: str
    since: date
    end_reason: str
    applied_on: date
    seal_text: str
    text_kind: str
    material: str
    name: str
    applicant: str
    representative_name: str
    identity: str
    identity_document: str
    guarantor_no: int | None
    office: str
    note: str
    alerts: list[str]
    picture: Picture
    cards: list[CardRow]
    inquiries: list[InquiryRow]
    certificates: list[CertificateRow]
    states: list[StateRow]
    history: list[ActRow]
    acts: list[tuple[str, str]]
    end_reasons: list[tuple[str, str]]
    card_acts: list[tuple[str, str]]
    initial: dict[str, Any]


class ApplicationForm(BaseModel):
    """A blank application for a person, with what already speaks for or against it."""

    person: PersonLine | None
    names: list[str]
    open_no: int | None
    is_ward: bool
    figures: list[dict[str, Any]]
    materials: list[tuple[str, str]]
    identities: list[tuple[str, str]]
    initial: dict[str, Any]


class CertificateForm(BaseModel):
    """A blank request for certificates; `fee` in yen a copy."""

    fee: int
    initial: dict[str, Any]


class CertificateView(BaseModel):
    """One issued copy, and the copies issued with it."""

    row: CertificateRow
    siblings: list[int]
    content: dict[str, Any]
    terminal: str
    fee_exempt_reason: str
    agent_name: str
    can_reissue: bool
    initial: dict[str, Any]
    printers: list[tuple[str, str]] = []
    """(value, label) of the printers and trays of the caller's section."""
    usual_printer: str = ""


class Sent(BaseModel):
    """Where a copy was printed."""

    serial_no: int
    destination: str


class CertificateList(BaseModel):
    """The issue log of a period."""

    rows: list[CertificateRow]
    total: int
    fees: int
    page: int
    pages: int
    since: date
    until: date
    initial: dict[str, Any]


class ReviewRow(BaseModel):
    """A seal that no longer fits a name."""

    id: int
    registration_no: int
    addressee_no: int
    seal_text: str
    name_before: str
    name_after: str
    effective_on: date
    picture: Picture


class ReviewList(BaseModel):
    """What waits for a judgement, and the 照会書 whose time is over."""

    rows: list[ReviewRow]
    overdue: list[RegistrationRow]


class Comparison(BaseModel):
    """The impressions registered in one household, side by side."""

    household_no: int
    rows: list[dict[str, Any]]


class CountRow(BaseModel):
    """A count of the month by office and channel."""

    label: str
    office: str
    channel: str
    count: int
    fee: int


class Statistics(BaseModel):
    """Counts of a month: registrations, endings by reason, cards, certificates; and who is registered at its end."""

    month: date
    month_label: str
    previous: str
    following: str
    registered: int
    rows: list[CountRow]


class GuardianshipForm(BaseModel):
    """A blank 後見開始の通知 and those that stand."""

    rows: list[dict[str, Any]]
    initial: dict[str, Any]


def _mm(length: int) -> str:
    tenths = (length + 5) // 10
    return f"{tenths // 10}.{tenths % 10}"
