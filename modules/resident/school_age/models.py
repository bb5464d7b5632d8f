"""The tables of 就学: the register of children, where each attends, what was applied for, what was sent."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.resident.school_age.codes import ACTS, CASE_KINDS, CASE_STATES, CHILD_STATES, NOTICES, PLACEMENTS, WISHES
from yoriai.database.metadata import APPEND, CLOCK, KNOWN, TenantBase, one_of, supersede_only


class SchoolAgeYear(TenantBase):
    """新入学 of a 年度: when the children were extracted, and when the list was fixed after its review."""

    __tablename__ = "school_age_year"
    __table_args__ = (
        {"info": {"grants": supersede_only("extracted_at", "entrants", "unmatched", "fixed_at", "fixed_by")}},
    )
    entry_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    base_date: Mapped[date]
    extracted_at: Mapped[datetime]
    entrants: Mapped[int]
    unmatched: Mapped[int]
    fixed_at: Mapped[datetime | None]
    fixed_by: Mapped[str | None]


class SchoolAgeChild(TenantBase):
    """学齢簿: one child. Every change is also a `school_age_act` with what stood before."""

    __tablename__ = "school_age_child"
    __table_args__ = (
        CheckConstraint(one_of("state", CHILD_STATES), name="state"),
        CheckConstraint(one_of("wish", WISHES), name="wish"),
        CheckConstraint("name_choice in ('name', 'alias')", name="name_choice"),
        Index(None, "entry_year", "state"),
        {
            "info": {
                "grants": supersede_only(
                    "state", "entry_year", "wish", "name_choice", "is_missing", "held_years", "guardian_no", "remark", "version"
                )
            }
        },
    )  # fmt: skip
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_year: Mapped[int]
    """The 年度 of the first grade by the rules."""
    state: Mapped[str]
    wish: Mapped[str] = mapped_column(server_default=text("'none'"))
    """Of a foreign child, whether it wishes to attend."""
    name_choice: Mapped[str] = mapped_column(server_default=text("'name'"))
    is_missing: Mapped[bool] = mapped_column(server_default=text("false"))
    """居所不明."""
    held_years: Mapped[int] = mapped_column(server_default=text("0"))
    guardian_no: Mapped[int | None]
    """Where the guardian is not whom the household suggests."""
    remark: Mapped[str] = mapped_column(server_default=text("''"))
    """在学証明書・教科書給与証明書 and other notes."""
    version: Mapped[int] = mapped_column(server_default=text("1"))
    made_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class SchoolAgePlacement(TenantBase):
    """Where a child attends in a period; a new one follows, a wrong one is superseded."""

    __tablename__ = "school_age_placement"
    __table_args__ = (
        CheckConstraint(one_of("kind", PLACEMENTS), name="kind"),
        CheckConstraint("valid_from <= valid_to", name="period"),
        CheckConstraint("grade between 0 and 9", name="grade"),
        Index(
            "uq_school_age_placement_open",
            "addressee_no",
            unique=True,
            postgresql_where=text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
        ),
        Index(None, "addressee_no", "valid_from"),
        Index(None, "school_code", "grade", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int] = mapped_column(ForeignKey("school_age_child.addressee_no"))
    kind: Mapped[str]
    grade: Mapped[int]
    """1 to 9; 0 before the first grade."""
    school_code: Mapped[str | None]
    school_name: Mapped[str]
    basis: Mapped[str]
    """指定, 指定校変更, 届出 …, as the act that led here is called."""
    case_no: Mapped[int | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str]


class SchoolAgeCase(TenantBase):
    """指定校変更, 区域外就学, 就学猶予・免除: one application and what became of it."""

    __tablename__ = "school_age_case"
    __table_args__ = (
        CheckConstraint(one_of("kind", CASE_KINDS), name="kind"),
        CheckConstraint(one_of("state", CASE_STATES), name="state"),
        CheckConstraint("valid_from <= valid_to", name="period"),
        Index(None, "addressee_no"),
        Index(None, "state", "case_no"),
        {"info": {"grants": supersede_only("state", "version", "consulted_on", "consented_on", "decided_on", "ended_on")}},
    )  # fmt: skip
    case_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    state: Mapped[str]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    addressee_no: Mapped[int | None]
    """Empty for a child of another municipality."""
    child_name: Mapped[str]
    birth_date: Mapped[date]
    child_address: Mapped[str]
    guardian_name: Mapped[str]
    school_code: Mapped[str | None]
    school_name: Mapped[str]
    other_board: Mapped[str]
    """The board of education of the other municipality."""
    reason: Mapped[str]
    applied_on: Mapped[date]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    consulted_on: Mapped[date | None]
    consented_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class SchoolAgeHold(TenantBase):
    """原級留置: a child that stays in its grade at the end of a 年度."""

    __tablename__ = "school_age_hold"
    __table_args__ = (
        Index("uq_school_age_hold_known", "addressee_no", "fiscal_year", unique=True, postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int] = mapped_column(ForeignKey("school_age_child.addressee_no"))
    fiscal_year: Mapped[int]
    reason: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str]


class SchoolAgeNotice(TenantBase):
    """A letter as it was made: its words are kept, so that it can be printed again as it went out."""

    __tablename__ = "school_age_notice"
    __table_args__ = (
        CheckConstraint(one_of("kind", NOTICES), name="kind"),
        Index(None, "addressee_no", "id"),
        Index(None, "kind", "entry_year", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    entry_year: Mapped[int]
    addressee_no: Mapped[int | None]
    case_no: Mapped[int | None]
    school_code: Mapped[str | None]
    issued_on: Mapped[date]
    content: Mapped[str]
    """JSON of what the document's template takes."""
    is_withheld: Mapped[bool] = mapped_column(server_default=text("false"))
    """Left out of the bulk printing: 支援措置 by setting, or 居所不明."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str]


class SchoolAgeAct(TenantBase):
    """What happened to a child or a case, when, by whom and why; `before` is what stood before."""

    __tablename__ = "school_age_act"
    __table_args__ = (
        CheckConstraint(one_of("act", ACTS), name="act"),
        Index(None, "addressee_no", "id"),
        Index(None, "case_no", "id"),
        {"info": {"grants": APPEND}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int | None]
    case_no: Mapped[int | None]
    act: Mapped[str]
    on: Mapped[date]
    before: Mapped[str] = mapped_column(server_default=text("''"))
    after: Mapped[str] = mapped_column(server_default=text("''"))
    reason: Mapped[str] = mapped_column(server_default=text("''"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class SchoolAgeEvent(TenantBase):
    """Events of the outbox that were looked at, so that each is looked at once."""

    __tablename__ = "school_age_event"
    __table_args__ = ({"info": {"grants": APPEND}},)
    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
