"""The tables of 印鑑登録: registrations with their states, impressions, cards, 照会書, certificates, what waits to be judged.

States are bitemporal: `valid_from`/`valid_to` say when one was true (half-open), `recorded_at`/`superseded_at` when we knew it.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.resident.seal_registration.rules import TextKind
from modules.resident.seal_registration.states import END_REASONS, OPEN, Act, State
from yoriai.database.metadata import APPEND, CLOCK, TenantBase, one_of, supersede_only

IDENTITY_LABELS = {
    "photo_document": "官公署発行の写真付き証明書",
    "guarantor": "登録者による保証",
    "inquiry": "照会書への回答",
    "conversion": "旧システムからの移行",
}
MATERIALS = {
    "hard": "木・角・石・金属など",
    "resin": "硬質の樹脂",
    "rubber": "ゴム印",
    "clay": "粘土など変形しやすいもの",
}
CARD_ENDS = {
    "lost": "亡失",
    "reissued": "再交付による失効",
    "exchanged": "引替え",
    "returned": "返納",
    "ended": "登録の抹消",
}
CHANNELS = {"counter": "窓口", "convenience": "コンビニ交付"}


_CURRENT = "superseded_at IS NULL AND valid_to = '9999-12-31'"
_OPEN_NOW = text(f"{_CURRENT} AND {one_of('status', OPEN)}")


class SealRegistration(TenantBase):
    """登録原票: an application for one seal of one person, as it was made. Its state is in `seal_registration_state`."""

    __tablename__ = "seal_registration"
    __table_args__ = (
        CheckConstraint(one_of("text_kind", TextKind), name="text_kind"),
        CheckConstraint(one_of("material", MATERIALS), name="material"),
        CheckConstraint(one_of("identity_kind", IDENTITY_LABELS), name="identity_kind"),
        CheckConstraint("applicant in ('self', 'agent')", name="applicant"),
        CheckConstraint("(applicant = 'agent') = (agent_name IS NOT NULL)", name="agent"),
        CheckConstraint("applicant = 'self' OR identity_kind = 'inquiry'", name="agent_inquiry"),
        CheckConstraint("(identity_kind = 'guarantor') = (guarantor_no IS NOT NULL)", name="guarantor"),
        Index(None, "addressee_no", "registration_no"),
        {"info": {"grants": supersede_only("version")}},
    )
    registration_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    addressee_no: Mapped[int]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    applied_on: Mapped[date]
    seal_text: Mapped[str]
    text_kind: Mapped[str]
    material: Mapped[str]
    name: Mapped[str]
    """氏名 at the application; the certificate prints the register's present one."""
    alias: Mapped[str | None]
    former_surname: Mapped[str | None]
    applicant: Mapped[str] = mapped_column(server_default=text("'self'"))
    agent_name: Mapped[str | None]
    representative_name: Mapped[str | None]
    """法定代理人 who came along with an adult ward."""
    identity_kind: Mapped[str]
    identity_document: Mapped[str] = mapped_column(server_default=text("''"))
    guarantor_no: Mapped[int | None]
    """The guarantor's own registration."""
    office: Mapped[str] = mapped_column(server_default=text("''"))
    note: Mapped[str] = mapped_column(server_default=text("''"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str] = mapped_column(server_default=text("'system'"))


class SealImage(TenantBase):
    """印影: the impression of a registration. Lengths are hundredths of a millimetre."""

    __tablename__ = "seal_image"
    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0", name="size"),
        CheckConstraint("length(likeness) = 256", name="likeness"),
        {"info": {"grants": APPEND}},
    )
    registration_no: Mapped[int] = mapped_column(ForeignKey("seal_registration.registration_no"), primary_key=True)
    png: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    picture_width: Mapped[int]
    """Of the whole picture, margins included: what a screen or a paper shows at original size."""
    picture_height: Mapped[int]
    likeness: Mapped[str]


class SealAct(TenantBase):
    """What happened to a registration, when, by whom and why."""

    __tablename__ = "seal_act"
    __table_args__ = (
        CheckConstraint(
            one_of("act", (*Act, "card_lost", "card_reissued", "card_exchanged", "card_returned")), name="act"
        ),
        Index(None, "registration_no", "id"),
        Index(None, "on", "act"),
        {"info": {"grants": APPEND}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    registration_no: Mapped[int] = mapped_column(ForeignKey("seal_registration.registration_no"))
    act: Mapped[str]
    state_before: Mapped[str | None]
    state_after: Mapped[str]
    on: Mapped[date]
    end_reason: Mapped[str | None]
    reason: Mapped[str] = mapped_column(server_default=text("''"))
    applicant: Mapped[str] = mapped_column(server_default=text("''"))
    """Who asked, when somebody did: the person or an agent, by name."""
    fee: Mapped[int] = mapped_column(server_default=text("0"))
    """Of a 登録証, yen."""
    event_id: Mapped[int | None]
    """The event of the register that an automatic ending followed from."""
    office: Mapped[str] = mapped_column(server_default=text("''"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class SealRegistrationState(TenantBase):
    """A period in which a registration stood so. The indexes hold the two rules: one seal a person, one person a seal."""

    __tablename__ = "seal_registration_state"
    __table_args__ = (
        CheckConstraint(one_of("status", State), name="status"),
        CheckConstraint(one_of("end_reason", END_REASONS), name="end_reason"),
        CheckConstraint("(status = 'ended') = (end_reason IS NOT NULL)", name="ended"),
        CheckConstraint("valid_from < valid_to", name="valid_period"),
        Index("uq_seal_registration_state_current", "registration_no", unique=True, postgresql_where=text(_CURRENT)),
        Index("uq_seal_registration_state_person", "addressee_no", unique=True, postgresql_where=_OPEN_NOW),
        Index("uq_seal_registration_state_image", "image_digest", unique=True, postgresql_where=_OPEN_NOW),
        Index(None, "status", "registration_no", postgresql_where=text(_CURRENT)),
        Index(None, "registration_no", "valid_from"),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    registration_no: Mapped[int] = mapped_column(ForeignKey("seal_registration.registration_no"))
    addressee_no: Mapped[int]
    image_digest: Mapped[str]
    status: Mapped[str]
    end_reason: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    act_id: Mapped[int | None] = mapped_column(ForeignKey("seal_act.id"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]


class SealCard(TenantBase):
    """印鑑登録証: a number is given once; the card is good while it has not ended and its registration is active."""

    __tablename__ = "seal_card"
    __table_args__ = (
        CheckConstraint(one_of("end_reason", CARD_ENDS), name="end_reason"),
        CheckConstraint("(ended_on IS NULL) = (end_reason IS NULL)", name="ended"),
        Index("uq_seal_card_good", "registration_no", unique=True, postgresql_where=text("ended_on IS NULL")),
        Index(None, "registration_no"),
        {"info": {"grants": supersede_only("ended_on", "end_reason", "ended_at", "ended_by")}},
    )
    card_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    registration_no: Mapped[int] = mapped_column(ForeignKey("seal_registration.registration_no"))
    issued_on: Mapped[date]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str] = mapped_column(server_default=text("'system'"))


class SealInquiry(TenantBase):
    """照会書: sent to the person's own address; the answer completes the registration."""

    __tablename__ = "seal_inquiry"
    __table_args__ = (
        CheckConstraint("outcome in ('answered', 'rejected', 'lapsed')", name="outcome"),
        CheckConstraint("(closed_on IS NULL) = (outcome IS NULL)", name="closed"),
        CheckConstraint("sent_on <= due_on", name="due_on"),
        Index(None, "registration_no"),
        Index(None, "due_on", postgresql_where=text("closed_on IS NULL")),
        {"info": {"grants": supersede_only("closed_on", "outcome", "answered_by", "answer_document")}},
    )
    inquiry_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    registration_no: Mapped[int] = mapped_column(ForeignKey("seal_registration.registration_no"))
    sent_on: Mapped[date]
    due_on: Mapped[date]
    closed_on: Mapped[date | None]
    outcome: Mapped[str | None]
    answered_by: Mapped[str | None]
    answer_document: Mapped[str | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class SealCertificate(TenantBase):
    """印鑑登録証明書: an issued copy with what stood on it. A reissue is a copy of its own and voids the one before."""

    __tablename__ = "seal_certificate"
    __table_args__ = (
        CheckConstraint(one_of("channel", CHANNELS), name="channel"),
        CheckConstraint("applicant in ('self', 'agent')", name="applicant"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="voided"),
        CheckConstraint("fee >= 0", name="fee"),
        Index("uq_seal_certificate_reissue_of", "reissue_of", unique=True),
        Index(None, "addressee_no", "serial_no"),
        Index(None, "registration_no", "serial_no"),
        Index(None, "issued_at"),
        {"info": {"grants": supersede_only("voided_at", "voided_by", "void_reason")}},
    )
    serial_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    registration_no: Mapped[int] = mapped_column(ForeignKey("seal_registration.registration_no"))
    addressee_no: Mapped[int]
    card_no: Mapped[int | None]
    """Empty for コンビニ交付, where the マイナンバーカード takes its place."""
    channel: Mapped[str]
    terminal: Mapped[str] = mapped_column(server_default=text("''"))
    applicant: Mapped[str]
    agent_name: Mapped[str | None]
    purpose: Mapped[str] = mapped_column(server_default=text("''"))
    fee: Mapped[int]
    """Yen."""
    fee_exempt_reason: Mapped[str] = mapped_column(server_default=text("''"))
    content: Mapped[str]
    """What is printed, as JSON, without the impression."""
    reissue_of: Mapped[int | None]
    issued_at: Mapped[datetime]
    office: Mapped[str] = mapped_column(server_default=text("''"))
    staff_id: Mapped[str]
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[str | None]
    void_reason: Mapped[str | None]


class SealGuardianship(TenantBase):
    """後見開始の通知 (登記所・家庭裁判所): who may register only together with the legal representative."""

    __tablename__ = "seal_guardianship"
    __table_args__ = (
        CheckConstraint("started_on <= notified_on", name="started_on"),
        CheckConstraint("ended_on >= started_on", name="ended_on"),
        Index("uq_seal_guardianship_open", "addressee_no", unique=True, postgresql_where=text("ended_on IS NULL")),
        Index(None, "addressee_no"),
        {"info": {"grants": supersede_only("ended_on")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    started_on: Mapped[date]
    notified_on: Mapped[date]
    source: Mapped[str]
    ended_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class SealReview(TenantBase):
    """判断を要するもの: the register changed a name and the seal no longer fits; somebody has to look at it."""

    __tablename__ = "seal_review"
    __table_args__ = (
        CheckConstraint("outcome in ('ended', 'kept')", name="outcome"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed"),
        Index("uq_seal_review_open", "registration_no", unique=True, postgresql_where=text("closed_at IS NULL")),
        {"info": {"grants": supersede_only("closed_at", "closed_by", "outcome", "close_reason")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    registration_no: Mapped[int] = mapped_column(ForeignKey("seal_registration.registration_no"))
    event_id: Mapped[int]
    effective_on: Mapped[date]
    name_before: Mapped[str]
    name_after: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None]
    close_reason: Mapped[str | None]


class SealEvent(TenantBase):
    """Events of the outbox that were looked at, so that each is looked at once."""

    __tablename__ = "seal_event"
    __table_args__ = ({"info": {"grants": APPEND}},)
    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
