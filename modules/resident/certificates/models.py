"""The tables of the certificates: applications, the papers issued, whose they are, each print, the bulk runs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.resident.certificates.kinds import Kind
from modules.resident.certificates.rules import Asker
from modules.resident.certificates.states import BulkState, EntryState, IssueState, RequestState
from yoriai.database.metadata import APPEND, CLOCK, TenantBase, one_of, supersede_only


class CertificateRequest(TenantBase):
    """申請: who asks for what of whom, on what ground, and how the clerk made sure. Kept whatever becomes of it."""

    __tablename__ = "certificate_request"
    __table_args__ = (
        CheckConstraint(one_of("kind", Kind), name="kind"),
        CheckConstraint(one_of("asker", Asker), name="asker"),
        CheckConstraint(one_of("status", RequestState), name="status"),
        CheckConstraint("copies between 1 and 100", name="copies"),
        CheckConstraint("(kind = 'absence') = (addressee_no IS NULL)", name="addressee_no"),
        Index(None, "received_at"),
        Index(None, "addressee_no"),
        {"info": {"grants": supersede_only("status", "closed_at", "closed_by", "close_reason")}},
    )
    request_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(server_default=text("'draft'"))
    kind: Mapped[str]
    addressee_no: Mapped[int | None]
    members: Mapped[str] = mapped_column(server_default=text("''"))
    """宛名番号 of the members to be printed, joined by commas; empty for all."""
    sheet_from: Mapped[date | None]
    """Of a 除票: the day its period begins."""
    items: Mapped[str] = mapped_column(server_default=text("''"))
    """`kinds.Item` joined by commas."""
    asked_name: Mapped[str] = mapped_column(server_default=text("''"))
    asked_address: Mapped[str] = mapped_column(server_default=text("''"))
    """Of a 不在住証明: whose absence from where."""
    asker: Mapped[str]
    asker_no: Mapped[int | None]
    asker_name: Mapped[str]
    asker_address: Mapped[str] = mapped_column(server_default=text("''"))
    asker_body: Mapped[str] = mapped_column(server_default=text("''"))
    has_proof: Mapped[bool] = mapped_column(server_default=text("false"))
    purpose: Mapped[str] = mapped_column(server_default=text("''"))
    items_reason: Mapped[str] = mapped_column(server_default=text("''"))
    identity: Mapped[str]
    identity_note: Mapped[str] = mapped_column(server_default=text("''"))
    copies: Mapped[int]
    exemption: Mapped[str] = mapped_column(server_default=text("''"))
    override_reason: Mapped[str] = mapped_column(server_default=text("''"))
    content_digest: Mapped[str]
    """SHA-256 of what was previewed: what is issued is the same, or it is not issued."""
    bulk_no: Mapped[int | None]
    request_key: Mapped[UUID | None] = mapped_column(unique=True)
    received_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    close_reason: Mapped[str | None]


class CertificateIssue(TenantBase):
    """A certificate that was issued. Its content stays as printed; a void one stays in the log with the reason."""

    __tablename__ = "certificate_issue"
    __table_args__ = (
        CheckConstraint(one_of("kind", Kind), name="kind"),
        CheckConstraint(one_of("status", IssueState), name="status"),
        CheckConstraint("(status = 'void') = (voided_at IS NOT NULL)", name="voided"),
        CheckConstraint("fee >= 0 and refund >= 0 and refund <= fee", name="fee"),
        Index(None, "issued_on", "serial"),
        Index(None, "request_no"),
        Index(None, "voided_on", postgresql_where=text("voided_on IS NOT NULL")),
        {"info": {"grants": supersede_only("status", "voided_at", "voided_on", "voided_by", "void_reason", "refund")}},
    )
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    request_no: Mapped[int] = mapped_column(ForeignKey("certificate_request.request_no"))
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'issued'"))
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    staff_id: Mapped[str]
    fee: Mapped[int]
    replaces: Mapped[int | None] = mapped_column(unique=True)
    """The void certificate this one was issued for; its fee had been paid then, so this one costs nothing."""
    content: Mapped[str]
    """What it says, as JSON of the template: it can be printed again as it was."""
    voided_at: Mapped[datetime | None]
    voided_on: Mapped[date | None]
    voided_by: Mapped[str | None]
    void_reason: Mapped[str | None]
    refund: Mapped[int] = mapped_column(server_default=text("0"))
    """Yen given back when it was made void without another in its place."""


class CertificatePerson(TenantBase):
    """Whose data stand on a certificate."""

    __tablename__ = "certificate_person"
    __table_args__ = (Index(None, "addressee_no", "serial"), {"info": {"grants": APPEND}})
    serial: Mapped[int] = mapped_column(ForeignKey("certificate_issue.serial"), primary_key=True)
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class CertificatePrint(TenantBase):
    """Each time a certificate was sent to a printer; every one after the first says so on the paper."""

    __tablename__ = "certificate_print"
    __table_args__ = (
        CheckConstraint("print_no = 1 or reason <> ''", name="reason"),
        {"info": {"grants": APPEND}},
    )
    serial: Mapped[int] = mapped_column(ForeignKey("certificate_issue.serial"), primary_key=True)
    print_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    printed_at: Mapped[datetime]
    staff_id: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default=text("''"))
    destination: Mapped[str] = mapped_column(server_default=text("''"))
    """The printer and its job; empty for a file that was opened on the screen."""


class CertificateNoticeRegistration(TenantBase):
    """本人通知の登録: somebody who wants to hear when others obtain a copy (the municipality's 要綱)."""

    __tablename__ = "certificate_notice_registration"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="period"),
        CheckConstraint("(closed_at IS NULL) = (close_reason IS NULL)", name="closed"),
        Index(None, "addressee_no"),
        {"info": {"grants": supersede_only("ends_on", "closed_at", "closed_by", "close_reason")}},
    )
    registration_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    addressee_no: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """The last day; 9999-12-31 where the 要綱 knows no end."""
    identity: Mapped[str]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    recorded_at: Mapped[datetime]
    staff_id: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    close_reason: Mapped[str | None]


class CertificateNotice(TenantBase):
    """A notice that is due: a copy with a registered person's data went to somebody else."""

    __tablename__ = "certificate_notice"
    __table_args__ = (
        CheckConstraint("(sent_at IS NULL) = (sent_by IS NULL)", name="sent"),
        Index(None, "sent_at", "serial"),
        {"info": {"grants": supersede_only("sent_at", "sent_by")}},
    )
    serial: Mapped[int] = mapped_column(ForeignKey("certificate_issue.serial"), primary_key=True)
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    registration_no: Mapped[int] = mapped_column(ForeignKey("certificate_notice_registration.registration_no"))
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str | None]


class CertificateBulk(TenantBase):
    """一括発行: certificates of many persons for one purpose."""

    __tablename__ = "certificate_bulk"
    __table_args__ = (
        CheckConstraint(one_of("kind", Kind), name="kind"),
        CheckConstraint(one_of("status", BulkState), name="status"),
        {"info": {"grants": supersede_only("status", "finished_at")}},
    )
    bulk_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    label: Mapped[str]
    kind: Mapped[str]
    items: Mapped[str]
    asker_body: Mapped[str]
    purpose: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'open'"))
    made_at: Mapped[datetime]
    staff_id: Mapped[str]
    finished_at: Mapped[datetime | None]


class CertificateBulkEntry(TenantBase):
    """A person of a bulk run: planned, pulled out, issued, or left out with the reason."""

    __tablename__ = "certificate_bulk_entry"
    __table_args__ = (
        CheckConstraint(one_of("status", EntryState), name="status"),
        Index(None, "bulk_no", "status", "position"),
        {"info": {"grants": supersede_only("status", "note", "serial", "decided_by")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bulk_no: Mapped[int] = mapped_column(ForeignKey("certificate_bulk.bulk_no"))
    position: Mapped[int]
    addressee_no: Mapped[int]
    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'planned'"))
    note: Mapped[str] = mapped_column(server_default=text("''"))
    serial: Mapped[int | None]
    decided_by: Mapped[str] = mapped_column(server_default=text("''"))
