"""The tables of 住登外管理. A record is bitemporal like a 住民票: superseded, never overwritten."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.resident.non_resident import account_models as account_models
from modules.resident.non_resident import unified_models as unified_models
from modules.resident.non_resident.codes import DESTINATIONS, KINDS, MAIL_FLAGS, STATES
from yoriai.database.metadata import APPEND, CLOCK, KNOWN, SORTABLE, TenantBase, one_of, supersede_only

_CURRENT = text("superseded_at IS NULL AND valid_to = '9999-12-31'")


class NonResident(TenantBase):
    """住登外者: a 宛名番号 given to somebody who is not on the register, from the same counter as the residents'."""

    __tablename__ = "non_resident"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("state", STATES), name="state"),
        {"info": {"grants": supersede_only("state", "version")}},
    )
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'active'"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class NonResidentRecord(TenantBase):
    """What was true of them in a period, and since when we know it."""

    __tablename__ = "non_resident_record"
    __table_args__ = (
        CheckConstraint("sex in ('0', '1', '2')", name="sex"),
        CheckConstraint("valid_from < valid_to and valid_to <= '9999-12-31'", name="period"),
        Index("uq_non_resident_record_current", "addressee_no", unique=True, postgresql_where=_CURRENT),
        Index(None, "kana_fold", postgresql_where=_CURRENT),
        Index(None, "name_fold", postgresql_where=_CURRENT),
        Index(None, "birth_date", postgresql_where=_CURRENT),
        Index(None, "corporate_number", postgresql_where=_CURRENT),
        Index(None, "addressee_no", "valid_from"),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int] = mapped_column(ForeignKey("non_resident.addressee_no"))
    name: Mapped[str]
    name_kana: Mapped[str]
    name_fold: Mapped[str] = mapped_column(SORTABLE)
    kana_fold: Mapped[str] = mapped_column(SORTABLE)
    alias: Mapped[str] = mapped_column(server_default=text("''"))
    branch: Mapped[str] = mapped_column(server_default=text("''"))
    """支店・部署 of a corporation."""
    representative: Mapped[str] = mapped_column(server_default=text("''"))
    """代表者 of a corporation, a body or a group of owners."""
    birth_date: Mapped[date | None]
    sex: Mapped[str] = mapped_column(server_default=text("'0'"))
    corporate_number: Mapped[str | None]
    postcode: Mapped[str | None]
    address: Mapped[str]
    building: Mapped[str] = mapped_column(server_default=text("''"))
    source: Mapped[str]
    """Where it is known from: 申告書, 登記, 住基ネット …"""
    is_restricted: Mapped[bool] = mapped_column(server_default=text("false"))
    """他業務参照不可: from 住基ネット, hidden from other businesses."""
    owner_business: Mapped[str] = mapped_column(server_default=text("''"))
    reason: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str]


class NonResidentMember(TenantBase):
    """A member of a group of co-owners with the share."""

    __tablename__ = "non_resident_member"
    __table_args__ = (
        CheckConstraint("numerator > 0 and numerator <= denominator", name="share"),
        {"info": {"grants": APPEND}},
    )
    addressee_no: Mapped[int] = mapped_column(ForeignKey("non_resident.addressee_no"), primary_key=True)
    member_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    numerator: Mapped[int]
    denominator: Mapped[int]


class AddresseeLink(TenantBase):
    """名寄せ: `from_no` points to the 代表 `to_no`. Nothing of either side changes; an undone link stays readable."""

    __tablename__ = "addressee_link"
    __table_args__ = (
        CheckConstraint("from_no <> to_no", name="two"),
        CheckConstraint("kind in ('duplicate', 'moved_in')", name="kind"),
        Index("uq_addressee_link_open", "from_no", unique=True, postgresql_where=KNOWN),
        Index(None, "to_no", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only("superseded_at", "undone_by", "undo_reason")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    from_no: Mapped[int]
    to_no: Mapped[int]
    kind: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]
    superseded_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    undo_reason: Mapped[str | None]


class MailingDestination(TenantBase):
    """送付先, 納税管理人, 相続人代表, 成年後見人, 破産管財人 of any addressee, for a business and a period."""

    __tablename__ = "mailing_destination"
    __table_args__ = (
        CheckConstraint(one_of("kind", DESTINATIONS), name="kind"),
        CheckConstraint("valid_from <= valid_to", name="period"),
        Index(None, "addressee_no", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    kind: Mapped[str]
    business: Mapped[str]
    """The name of a business, or `all`."""
    agent_no: Mapped[int | None]
    name: Mapped[str]
    postcode: Mapped[str | None]
    address: Mapped[str]
    building: Mapped[str] = mapped_column(server_default=text("''"))
    reason: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str]


class ReturnedMail(TenantBase):
    """返戻 or 公示送達 of one item; while it is open, letters are warned about and held back."""

    __tablename__ = "returned_mail"
    __table_args__ = (
        CheckConstraint(one_of("kind", MAIL_FLAGS), name="kind"),
        Index(None, "addressee_no", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only("superseded_at", "settled_by", "outcome")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    kind: Mapped[str]
    business: Mapped[str]
    item: Mapped[str]
    """Which letter: 令和8年度 固定資産税 納税通知書 …"""
    on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]
    superseded_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    outcome: Mapped[str | None]


class NonResidentEvent(TenantBase):
    """Events of the outbox that were looked at, so that each is looked at once."""

    __tablename__ = "non_resident_event"
    __table_args__ = ({"info": {"grants": APPEND}},)
    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
