"""The tables of the register.

A person's 住民票 is bitemporal: `valid_from`/`valid_to` say when a version was true (half-open), `recorded_at` and
`superseded_at` when we knew it. What is known now has `superseded_at IS NULL`; of that, the current version is the
open-ended one.
Nothing else is ever overwritten.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from modules.resident.basic_register import character_models as character_models
from modules.resident.basic_register import note_models as note_models
from modules.resident.basic_register import planned_models as planned_models
from modules.resident.basic_register import survey_models as survey_models
from yoriai.database.metadata import APPEND, CLOCK, KNOWN, SORTABLE, TenantBase, supersede_only

_CURRENT = text("superseded_at IS NULL AND valid_to = '9999-12-31'")


class Household(TenantBase):
    """世帯. Its head is the member with relationship `02`; `version` counts the movements that touched it."""

    __tablename__ = "household"
    __table_args__ = ({"info": {"grants": supersede_only("version")}},)
    household_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_on: Mapped[date]
    version: Mapped[int] = mapped_column(server_default=text("1"))


class ResidentRecord(TenantBase):
    """住民票: one version of one person."""

    __tablename__ = "resident_record"
    __table_args__ = (
        CheckConstraint("sex in ('1', '2', '9')", name="sex"),
        CheckConstraint("status in ('resident', 'move_out_planned', 'removed')", name="status"),
        CheckConstraint("valid_from < valid_to and valid_to <= '9999-12-31'", name="valid_period"),
        CheckConstraint("(status = 'removed') = (removed_on IS NOT NULL)", name="removed_on"),
        Index("uq_resident_record_current", "addressee_no", unique=True, postgresql_where=_CURRENT),
        Index(None, "addressee_no", "valid_from"),
        Index(None, "household_no", postgresql_where=KNOWN),
        Index(None, "gram", postgresql_using="gin", postgresql_where=KNOWN),
        Index(None, "kana_fold", "addressee_no", postgresql_where=_CURRENT),
        Index(None, "birth_date", "addressee_no", postgresql_where=_CURRENT),
        Index(None, "town_code", "addressee_no", postgresql_where=_CURRENT),
        Index(None, "movement_no"),
        Index(
            None, "planned_removal_on", postgresql_where=text("superseded_at IS NULL AND status = 'move_out_planned'")
        ),
        {"info": {"grants": supersede_only("superseded_at")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    household_no: Mapped[int] = mapped_column(
        ForeignKey("household.household_no", deferrable=True, initially="DEFERRED")
    )
    name: Mapped[str]
    name_kana: Mapped[str]
    name_fold: Mapped[str] = mapped_column(SORTABLE)
    kana_fold: Mapped[str] = mapped_column(SORTABLE)
    gram: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """The index terms of all names a person may be looked for by (`folding.folded_columns`)."""
    other_fold: Mapped[str | None] = mapped_column(SORTABLE)
    """Folded 通称 and 旧氏, joined by `|`."""
    alias: Mapped[str | None]
    former_surname: Mapped[str | None]
    birth_date: Mapped[date]
    birth_date_unknown: Mapped[bool] = mapped_column(server_default=text("false"))
    sex: Mapped[str]
    """1 男, 2 女, 9 不明."""
    nationality: Mapped[str] = mapped_column(server_default=text("'JPN'"))
    relationship: Mapped[str]
    """Up to four two-digit slots joined: 02 世帯主, 2012 子の妻."""
    relationship_text: Mapped[str]
    town_code: Mapped[str | None]
    postcode: Mapped[str | None]
    address: Mapped[str]
    """町字 and 番地, without the municipality's name."""
    building: Mapped[str | None]
    previous_address: Mapped[str | None]
    registered_domicile: Mapped[str | None]
    family_register_head: Mapped[str | None]
    kana_confirmed: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether the フリガナ were confirmed with the person (住基法7条1号の2)."""
    residence_class: Mapped[str | None]
    """Of foreign residents, 住基法30条の45: `mid_long`, `special_permanent`, `temporary`, `transitional`."""
    residence_status: Mapped[str | None]
    """在留資格."""
    residence_period: Mapped[str | None]
    """在留期間 as the card says it, such as 3年."""
    residence_until: Mapped[date | None]
    """在留期間の満了の日."""
    residence_card_no: Mapped[str | None]
    """在留カード番号 or 特別永住者証明書番号."""
    foreign_resident_since: Mapped[date | None]
    """外国人住民となった年月日."""
    sheet_no: Mapped[int] = mapped_column(server_default=text("1"))
    """Which 住民票 of the person it is: each 改製 begins the next, and those before it are 改製原住民票."""
    became_resident_on: Mapped[date]
    address_since: Mapped[date]
    """住所を定めた年月日 (住基法7条7号)."""
    status: Mapped[str]
    removed_on: Mapped[date | None]
    """When the person left or died; a plan to leave is in `planned_removal_on`."""
    removal_reason: Mapped[str | None]
    planned_removal_on: Mapped[date | None]
    destination: Mapped[str | None]
    """転出先."""
    version: Mapped[int] = mapped_column(server_default=text("1"))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    movement_no: Mapped[int]


class Movement(TenantBase):
    """異動: what was notified or found ex officio. Its consequences for persons are in `movement_person`."""

    __tablename__ = "movement"
    __table_args__ = (
        CheckConstraint("class in ('notified', 'ex_officio')", name="class"),
        Index(None, "processed_at"),
        Index(None, "household_no", "movement_no"),
        {"info": {"grants": APPEND}},
    )
    movement_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str]
    """A `movements.reasons.Reason`."""
    movement_class: Mapped[str] = mapped_column("class")
    event_date: Mapped[date]
    notified_on: Mapped[date]
    processed_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]
    household_no: Mapped[int]
    notifier: Mapped[str | None]
    office: Mapped[str | None]
    former_address: Mapped[str | None]
    note: Mapped[str | None]
    ground: Mapped[str | None]
    """On what a 職権 movement rests: the survey, the notice, the judgement."""
    approval_no: Mapped[str | None]
    """決裁番号."""
    cancels: Mapped[int | None] = mapped_column(unique=True)
    """The movement this one takes back; unique, so that none is taken back twice."""
    corrects: Mapped[int | None]
    """The movement this one corrects."""
    request_key: Mapped[UUID | None] = mapped_column(unique=True)


class MovementPerson(TenantBase):
    """One person's part in a movement: the version before and the version after, so that both stay readable."""

    __tablename__ = "movement_person"
    __table_args__ = (Index(None, "addressee_no", "movement_no"), {"info": {"grants": APPEND}})
    movement_no: Mapped[int] = mapped_column(ForeignKey("movement.movement_no"), primary_key=True)
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    before_record_id: Mapped[int | None]
    after_record_id: Mapped[int | None]


class PlannedRelationship(TenantBase):
    """The new 続柄 of somebody who stays when a planned 転出 becomes certain; `movement_no` is the plan's."""

    __tablename__ = "planned_relationship"
    __table_args__ = (Index(None, "addressee_no"), {"info": {"grants": APPEND}})
    movement_no: Mapped[int] = mapped_column(ForeignKey("movement.movement_no"), primary_key=True)
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    relationship: Mapped[str]
    relationship_text: Mapped[str]


class ArrivalNotice(TenantBase):
    """転入通知 received from the municipality somebody went to (住基法9条1項)."""

    __tablename__ = "arrival_notice"
    __table_args__ = (Index(None, "addressee_no"), {"info": {"grants": APPEND}})
    movement_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The 転出 it answers, planned or confirmed overnight."""
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    moved_in_on: Mapped[date]
    received_at: Mapped[datetime]
    staff_id: Mapped[str]


class HouseholdHold(TenantBase):
    """Who has a household open for a change: others are told and see it read-only until it ends or runs out."""

    __tablename__ = "household_hold"
    household_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    staff_id: Mapped[str]
    staff_name: Mapped[str]
    purpose: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]


class Protection(TenantBase):
    """支援措置 and other suppressions, one row per revision: renewing and releasing write the next one.

    A 支援措置 does not end by itself: past its day it goes on and reminds, until somebody with the right closes it.
    """

    __tablename__ = "protection"
    __table_args__ = (
        CheckConstraint(
            "kind in ('support', 'issue_stop', 'movement_stop', 'attention', 'guardianship', 'other')", name="kind"
        ),
        CheckConstraint("ends_on is null or starts_on <= ends_on", name="period"),
        Index("uq_protection_current", "protection_no", unique=True, postgresql_where=KNOWN),
        {"info": {"grants": supersede_only("superseded_at")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    protection_no: Mapped[int]
    kind: Mapped[str]
    category: Mapped[str | None]
    """Of 支援措置: `dv`, `stalking`, `child_abuse`, `similar` (住民基本台帳事務処理要領 第5の10)."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    applicant: Mapped[str | None]
    hides_address: Mapped[bool]
    hides_from_search: Mapped[bool]
    stops_issue: Mapped[bool]
    stops_movement: Mapped[bool]
    scope: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """対象事務: `view`, `copy`, `removed_copy`, `supplement`."""
    offender: Mapped[str | None]
    """加害者: from whom everything is hidden; name, birth, address as far as known."""
    opinion: Mapped[str | None]
    """相談機関の意見."""
    first_municipality: Mapped[str | None]
    forwarded_to: Mapped[str | None]
    note: Mapped[str | None]
    released_on: Mapped[date | None]
    reason: Mapped[str]
    """Why this revision was written."""
    staff_id: Mapped[str]
    recorded_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class ProtectionSubject(TenantBase):
    """Somebody a protection is about: the applicant and those protected together."""

    __tablename__ = "protection_subject"
    __table_args__ = (Index(None, "addressee_no"), {"info": {"grants": APPEND}})
    protection_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class ProtectionLift(TenantBase):
    """一時解除: until the moment, certificates of the subjects may be issued; who lifted it and why stays."""

    __tablename__ = "protection_lift"
    __table_args__ = (Index(None, "protection_no"), {"info": {"grants": APPEND}})
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    protection_no: Mapped[int]
    lifted_at: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str]
    staff_id: Mapped[str]


class PersonNumber(TenantBase):
    """個人番号 or 住民票コード, sealed; the fingerprint finds it without opening it. A change supersedes the row before."""

    __tablename__ = "person_number"
    __table_args__ = (
        CheckConstraint("kind in ('my_number', 'resident_code')", name="kind"),
        CheckConstraint("reason in ('assigned', 'requested', 'ex_officio', 'corrected')", name="reason"),
        Index(
            "uq_person_number_current",
            "addressee_no",
            "kind",
            unique=True,
            postgresql_where=KNOWN,
        ),
        Index(
            "uq_person_number_fingerprint",
            "kind",
            "fingerprint",
            unique=True,
            postgresql_where=KNOWN,
        ),
        Index(None, "kind", "fingerprint"),
        {"info": {"grants": supersede_only("superseded_at")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    kind: Mapped[str]
    sealed: Mapped[str]
    fingerprint: Mapped[str]
    valid_from: Mapped[date]
    reason: Mapped[str]
    note: Mapped[str | None]
    staff_id: Mapped[str]
    recorded_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class FollowUpDone(TenantBase):
    """A procedure that followed from a movement and is finished: ticked at the one-stop counter."""

    __tablename__ = "follow_up_done"
    movement_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
    staff_id: Mapped[str]


class MovementIntake(TenantBase):
    """A notification received: 転出証明書情報, or a 転出届 from マイナポータル, until a movement is recorded from it."""

    __tablename__ = "movement_intake"
    __table_args__ = (
        CheckConstraint("kind in ('special_move_in', 'online_move_out')", name="kind"),
        CheckConstraint("status in ('waiting', 'done', 'rejected')", name="status"),
        Index(None, "status", "received_at"),
        {"info": {"grants": supersede_only("status", "movement_no", "reason", "closed_at", "staff_id")}},
    )
    intake_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    source_id: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[str]
    """The message as JSON, as it was understood."""
    received_at: Mapped[datetime]
    status: Mapped[str]
    movement_no: Mapped[int | None]
    reason: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    staff_id: Mapped[str | None]


class Inspection(TenantBase):
    """閲覧 of the register: who saw how many people of where, and for what (住基法11条, 11条の2)."""

    __tablename__ = "inspection"
    __table_args__ = ({"info": {"grants": APPEND}},)
    inspection_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    requester: Mapped[str]
    purpose: Mapped[str]
    article: Mapped[str]
    town_code: Mapped[str]
    sex: Mapped[str]
    age_from: Mapped[int]
    age_to: Mapped[int]
    people: Mapped[int]
    recorded_at: Mapped[datetime]
    staff_id: Mapped[str]


class Town(TenantBase):
    """町字 of this municipality."""

    __tablename__ = "town"
    town_code: Mapped[str] = mapped_column(primary_key=True)
    postcode: Mapped[str | None]
    name: Mapped[str]
    kana: Mapped[str]


class ResidentDailyClose(TenantBase):
    """日次締め: the day's movements by reason and the population by sex and age band, as counted that night."""

    __tablename__ = "resident_daily_close"
    business_date: Mapped[date] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    """`movement`, `population` or `household`."""
    key: Mapped[str] = mapped_column(primary_key=True)
    """A reason, or sex and lower end of the age band (`1-060`)."""
    count: Mapped[int]


class ResidentStatistics(TenantBase):
    """Monthly population by 町字, sex and five-year age band; Japanese and foreign nationals apart."""

    __tablename__ = "resident_statistics"
    as_of: Mapped[date] = mapped_column(primary_key=True)
    town_code: Mapped[str] = mapped_column(primary_key=True)
    sex: Mapped[str] = mapped_column(primary_key=True)
    age_band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The lowest age of the band, in years."""
    is_foreign: Mapped[bool] = mapped_column(primary_key=True)
    persons: Mapped[int]
    heads: Mapped[int]


class PopulationReport(TenantBase):
    """A 住基月報 or 年報 whose figures are fixed (確定): a correction after that shows as a difference and changes nothing here."""

    __tablename__ = "population_report"
    __table_args__ = (
        CheckConstraint("kind in ('month', 'calendar_year', 'fiscal_year')", name="kind"),
        CheckConstraint("since <= until", name="period"),
        {"info": {"grants": APPEND}},
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[date] = mapped_column(primary_key=True)
    """The last day of the period."""
    since: Mapped[date]
    fixed_at: Mapped[datetime]
    fixed_by: Mapped[str]


class PopulationFigure(TenantBase):
    """A fixed figure: of a section (`population`, `age`, `town`, `movement` …) the persons of a key, by sex and origin."""

    __tablename__ = "population_figure"
    __table_args__ = (
        ForeignKeyConstraint(["kind", "until"], ["population_report.kind", "population_report.until"]),
        {"info": {"grants": APPEND}},
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[date] = mapped_column(primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    sex: Mapped[str] = mapped_column(primary_key=True)
    is_foreign: Mapped[bool] = mapped_column(primary_key=True)
    persons: Mapped[int]
    households: Mapped[int]
