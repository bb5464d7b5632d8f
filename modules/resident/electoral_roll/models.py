"""The tables of the roll: registrations and what happened to them, and what stops, protects or redirects a person.

What belongs to one election is in `election_models`.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.resident.electoral_roll import card_models as card_models
from modules.resident.electoral_roll import election_models as election_models
from modules.resident.electoral_roll.states import REASONS, Act, State
from yoriai.database.metadata import APPEND, CLOCK, KNOWN, SORTABLE, TenantBase, one_of, supersede_only


class ElectoralEntry(TenantBase):
    """選挙人名簿の登録: one registration of one person, with the items of 20条 as they were last corrected.

    Each change is also an `electoral_act` with what stood before.
    """

    __tablename__ = "electoral_entry"
    __table_args__ = (
        CheckConstraint(one_of("status", State), name="status"),
        CheckConstraint("(status = 'removed') = (removed_on IS NOT NULL)", name="removed_on"),
        CheckConstraint("status <> 'moved_out' OR moved_out_on IS NOT NULL", name="moved_out_on"),
        CheckConstraint(one_of("registered_by", ("regular", "election", "correction")), name="registered_by"),
        Index(
            "uq_electoral_entry_listed",
            "addressee_no",
            unique=True,
            postgresql_where=text("status <> 'removed'"),
        ),
        Index(None, "addressee_no"),
        Index(None, "district_code", "serial_no", unique=True),
        Index(None, "kana_fold", "entry_no", postgresql_where=text("status <> 'removed'")),
        Index(None, "remove_on", postgresql_where=text("status = 'moved_out'")),
        {"info": {"grants": ("SELECT", "INSERT", "UPDATE")}},
    )
    entry_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    addressee_no: Mapped[int]
    household_no: Mapped[int]
    name: Mapped[str]
    name_kana: Mapped[str]
    name_fold: Mapped[str] = mapped_column(SORTABLE)
    kana_fold: Mapped[str] = mapped_column(SORTABLE)
    birth_date: Mapped[date]
    sex: Mapped[str]
    postcode: Mapped[str | None]
    address: Mapped[str]
    building: Mapped[str | None]
    district_code: Mapped[str]
    serial_no: Mapped[int]
    """The running number within the district; page and line of the 名簿番号 come from it."""
    status: Mapped[str]
    registered_on: Mapped[date]
    registered_by: Mapped[str]
    run_key: Mapped[str]
    moved_out_on: Mapped[date | None]
    destination: Mapped[str | None]
    remove_on: Mapped[date | None]
    """抹消予定日: the day after the four months."""
    elsewhere_on: Mapped[date | None]
    """When another municipality told that it has registered the person (29条)."""
    removed_on: Mapped[date | None]
    removal_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)


class ElectoralAct(TenantBase):
    """異動: what happened to a registration, when, why, by whom, and what stood before."""

    __tablename__ = "electoral_act"
    __table_args__ = (
        CheckConstraint(one_of("act", Act), name="act"),
        CheckConstraint(one_of("reason", REASONS), name="reason"),
        Index(None, "entry_no", "id"),
        Index(None, "on", "id"),
        {"info": {"grants": APPEND}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    entry_no: Mapped[int] = mapped_column(ForeignKey("electoral_entry.entry_no"))
    act: Mapped[str]
    on: Mapped[date]
    reason: Mapped[str]
    detail: Mapped[str] = mapped_column(server_default=text("''"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class ElectoralRun(TenantBase):
    """登録の調製: one regular, election or single registration with the day it was made as of and the figures it used."""

    __tablename__ = "electoral_run"
    __table_args__ = (
        CheckConstraint(one_of("kind", ("regular", "election", "correction")), name="kind"),
        {"info": {"grants": APPEND}},
    )
    run_key: Mapped[str] = mapped_column(primary_key=True)
    """`regular:2026-09-01`, `election:3`, `correction:2026-11`."""
    kind: Mapped[str]
    base_on: Mapped[date]
    age_on: Mapped[date]
    registered_on: Mapped[date]
    figures: Mapped[str]
    """`ParameterSet.to_json` of the judgement."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)


class ElectoralSuspension(TenantBase):
    """公民権停止 (11条1項、252条): without an end where it is not known yet."""

    __tablename__ = "electoral_suspension"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR from_on <= until_on", name="period"),
        Index(None, "addressee_no", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    article: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str]


class ElectoralCare(TenantBase):
    """配慮: a person left out of inspections (支援措置の申出), or whose card goes to another address."""

    __tablename__ = "electoral_care"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR from_on <= until_on", name="period"),
        CheckConstraint("is_protected OR sending_address IS NOT NULL", name="purpose"),
        Index(None, "addressee_no", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    is_protected: Mapped[bool]
    sending_postcode: Mapped[str | None]
    sending_address: Mapped[str | None]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str]


class ElectoralInspection(TenantBase):
    """閲覧 (28条の2、28条の3): who asked to see which districts, for what, and how many persons were shown."""

    __tablename__ = "electoral_inspection"
    __table_args__ = (
        CheckConstraint(one_of("purpose", ("check", "political", "survey")), name="purpose"),
        CheckConstraint(one_of("status", ("granted", "refused", "done")), name="status"),
        {"info": {"grants": supersede_only("status", "inspected_on", "shown")}},
    )
    inspection_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    requested_on: Mapped[date]
    applicant: Mapped[str]
    purpose: Mapped[str]
    detail: Mapped[str]
    districts: Mapped[str]
    """Codes joined by commas."""
    status: Mapped[str]
    inspected_on: Mapped[date | None]
    shown: Mapped[int | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class ElectoralOverseas(TenantBase):
    """在外選挙人名簿 (30条の2以下): a voter abroad, kept by the municipality of the last address."""

    __tablename__ = "electoral_overseas"
    __table_args__ = (
        CheckConstraint("(removed_on IS NULL) = (removal_reason IS NULL)", name="removed_on"),
        Index(
            "uq_electoral_overseas_listed",
            "addressee_no",
            unique=True,
            postgresql_where=text("removed_on IS NULL AND addressee_no IS NOT NULL"),
        ),
        {"info": {"grants": supersede_only("returned_on", "remove_on", "removed_on", "removal_reason")}},
    )
    overseas_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    addressee_no: Mapped[int | None]
    name: Mapped[str]
    name_kana: Mapped[str]
    birth_date: Mapped[date]
    sex: Mapped[str]
    last_address: Mapped[str]
    district_code: Mapped[str]
    country: Mapped[str]
    consulate: Mapped[str]
    applied_on: Mapped[date]
    registered_on: Mapped[date]
    returned_on: Mapped[date | None]
    remove_on: Mapped[date | None]
    removed_on: Mapped[date | None]
    removal_reason: Mapped[str | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class PostalVotingCertificate(TenantBase):
    """郵便等投票証明書 (施行令59条の3): with its expiry and whether a proxy may write (代理記載)."""

    __tablename__ = "postal_voting_certificate"
    __table_args__ = (
        CheckConstraint(one_of("basis", ("disability", "war", "care")), name="basis"),
        CheckConstraint("issued_on < expires_on", name="period"),
        Index(None, "expires_on", postgresql_where=text("returned_on IS NULL")),
        Index(None, "addressee_no"),
        {"info": {"grants": supersede_only("returned_on")}},
    )
    certificate_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    addressee_no: Mapped[int]
    basis: Mapped[str]
    issued_on: Mapped[date]
    expires_on: Mapped[date]
    is_proxy: Mapped[bool] = mapped_column(server_default=text("false"))
    proxy_name: Mapped[str | None]
    returned_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]
