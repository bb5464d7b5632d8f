"""The tables of National Health Insurance: who is insured, what was assessed and from what, and what was sent.

Nothing is overwritten: a correction ends a row by `superseded_at` and adds another. An assessment keeps the exact input and figures
of its calculation, so that it can be explained when both have long changed.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.nhi.health_insurance.codes import ACQUISITION_REASONS, CIRCUMSTANCES, LOSS_REASONS
from modules.nhi.health_insurance.debits.models import NhiDebit as NhiDebit
from modules.nhi.health_insurance.debits.models import NhiDebitFile as NhiDebitFile
from modules.nhi.health_insurance.debits.models import NhiDebitHandling as NhiDebitHandling
from yoriai.database.metadata import APPEND, CLOCK, KNOWN, TenantBase, one_of, supersede_only

_OPEN = text("'9999-12-31'")


class NhiEnrolment(TenantBase):
    """資格: a person's time in NHI in one household; `lost_on` is the first day without cover (国保法7条、8条)."""

    __tablename__ = "nhi_enrolment"
    __table_args__ = (
        CheckConstraint("acquired_on <= lost_on", name="period"),
        CheckConstraint(one_of("acquisition_reason", ACQUISITION_REASONS), name="acquisition_reason"),
        CheckConstraint(one_of("loss_reason", LOSS_REASONS), name="loss_reason"),
        CheckConstraint("(lost_on = '9999-12-31') = (loss_reason IS NULL)", name="loss"),
        Index(
            "uq_nhi_enrolment_current",
            "addressee_no",
            unique=True,
            postgresql_where=text("superseded_at IS NULL AND lost_on = '9999-12-31'"),
        ),
        Index("uq_nhi_enrolment_known", "addressee_no", "acquired_on", unique=True, postgresql_where=KNOWN),
        Index(None, "household_no", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    household_no: Mapped[int]
    acquired_on: Mapped[date]
    lost_on: Mapped[date] = mapped_column(server_default=_OPEN)
    acquisition_reason: Mapped[str]
    loss_reason: Mapped[str | None]
    notified_on: Mapped[date | None]
    staff_id: Mapped[str] = mapped_column(server_default=text("'system'"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]


class NhiFormerMember(TenantBase):
    """特定同一世帯所属者: left NHI for 後期高齢者医療 and stayed in the household; `since` is the day of the change."""

    __tablename__ = "nhi_former_member"
    __table_args__ = (
        CheckConstraint("since <= until", name="period"),
        Index(
            "uq_nhi_former_member_known", "addressee_no", "household_no", "since", unique=True, postgresql_where=KNOWN
        ),
        Index(None, "household_no", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    household_no: Mapped[int]
    since: Mapped[date]
    until: Mapped[date] = mapped_column(server_default=_OPEN)
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]


class NhiCircumstance(TenantBase):
    """What else the levy depends on, by notice: a person's (非自発的失業、出産、介護適用除外) or the household's (世帯主変更)."""

    __tablename__ = "nhi_circumstance"
    __table_args__ = (
        CheckConstraint(one_of("kind", CIRCUMSTANCES), name="kind"),
        CheckConstraint("starts_on <= ends_on", name="period"),
        CheckConstraint("(kind = 'head_changed') = (addressee_no IS NULL)", name="subject"),
        Index(None, "addressee_no", postgresql_where=KNOWN),
        Index(None, "household_no", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    addressee_no: Mapped[int | None]
    household_no: Mapped[int]
    starts_on: Mapped[date]
    """The day after the job was lost, the (expected) day of birth, or the first day of the exemption or of the new head."""
    ends_on: Mapped[date] = mapped_column(server_default=_OPEN)
    is_multiple_birth: Mapped[bool] = mapped_column(server_default=text("false"))
    code: Mapped[str | None]
    """離職理由コード."""
    notified_on: Mapped[date | None]
    staff_id: Mapped[str] = mapped_column(server_default=text("'system'"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]


class NhiProposal(TenantBase):
    """資格異動の候補: what a movement of the register, or an age, asks NHI to do; `source` is `event:<id>` or `age`."""

    __tablename__ = "nhi_proposal"
    __table_args__ = (
        CheckConstraint("kind in ('acquire', 'lose', 'transfer')", name="kind"),
        CheckConstraint("outcome in ('done', 'not_applicable')", name="outcome"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed"),
        Index(None, "addressee_no"),
        Index(None, "effective_on", postgresql_where=text("closed_at IS NULL")),
        {"info": {"grants": supersede_only("closed_at", "closed_by", "outcome")}},
    )
    source: Mapped[str] = mapped_column(primary_key=True)
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    household_no: Mapped[int]
    reason: Mapped[str]
    effective_on: Mapped[date]
    proposed_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None]


class NhiAssessment(TenantBase):
    """賦課: the levy of a household for a 年度, in yen. The parts are yearly amounts of the year's last period; the amounts are
    what is owed for the months insured. A component the law does not have that year is null.
    """

    __tablename__ = "nhi_assessment"
    __table_args__ = (
        CheckConstraint("cause in ('annual', 'counter', 'correction')", name="cause"),
        CheckConstraint("tier in (0, 2, 5, 7)", name="tier"),
        Index(
            "uq_nhi_assessment_current",
            "fiscal_year",
            "household_no",
            unique=True,
            postgresql_where=KNOWN,
        ),
        Index("uq_nhi_assessment_revision", "household_no", "fiscal_year", "revision", unique=True),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    household_no: Mapped[int]
    fiscal_year: Mapped[int]
    revision: Mapped[int]
    cause: Mapped[str]
    decided_on: Mapped[date]
    payer_no: Mapped[int | None]
    """納税義務者: the head of the household, insured or not (地方税法703条の4第1項)."""
    is_nominal_head: Mapped[bool]
    """擬制世帯主: the payer is not insured."""
    total: Mapped[int]
    months: Mapped[int]
    insured_count: Mapped[int]
    tier: Mapped[int]
    has_undeclared: Mapped[bool]
    judged_income: Mapped[int]
    judged_people: Mapped[int]
    medical_amount: Mapped[int | None]
    medical_income_levy: Mapped[int | None]
    medical_asset_levy: Mapped[int | None]
    medical_per_capita: Mapped[int | None]
    medical_per_household: Mapped[int | None]
    medical_over_cap: Mapped[int | None]
    elderly_support_amount: Mapped[int | None]
    elderly_support_income_levy: Mapped[int | None]
    elderly_support_asset_levy: Mapped[int | None]
    elderly_support_per_capita: Mapped[int | None]
    elderly_support_per_household: Mapped[int | None]
    elderly_support_over_cap: Mapped[int | None]
    care_amount: Mapped[int | None]
    care_income_levy: Mapped[int | None]
    care_asset_levy: Mapped[int | None]
    care_per_capita: Mapped[int | None]
    care_per_household: Mapped[int | None]
    care_over_cap: Mapped[int | None]
    child_support_amount: Mapped[int | None]
    child_support_income_levy: Mapped[int | None]
    child_support_asset_levy: Mapped[int | None]
    child_support_per_capita: Mapped[int | None]
    child_support_per_household: Mapped[int | None]
    child_support_over_cap: Mapped[int | None]
    input_digest: Mapped[str]
    parameter_digest: Mapped[str]
    run_key: Mapped[str]
    created_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class NhiAssessmentInput(TenantBase):
    """The input of an assessment's calculation, as JSON of `stored_input`; written with its assessment or not at all."""

    __tablename__ = "nhi_assessment_input"
    __table_args__ = ({"info": {"grants": APPEND}},)
    assessment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    input: Mapped[str]


class NhiParameterSet(TenantBase):
    """The figures assessments were made with, once per digest, as JSON of `ParameterSet`."""

    __tablename__ = "nhi_parameter_set"
    __table_args__ = ({"info": {"grants": APPEND}},)
    digest: Mapped[str] = mapped_column(primary_key=True)
    figures: Mapped[str]
    created_at: Mapped[datetime]


class NhiInstalment(TenantBase):
    """期割: what falls due when, in yen; the instalments of an assessment add up to its total."""

    __tablename__ = "nhi_instalment"
    __table_args__ = ({"info": {"grants": APPEND}},)
    assessment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_date: Mapped[date]
    amount: Mapped[int]


class NhiNotice(TenantBase):
    """納税通知書: the data of a notice as on the day it was made. With a `problem` it cannot be sent and says why."""

    __tablename__ = "nhi_notice"
    __table_args__ = (Index(None, "household_no", "fiscal_year"), {"info": {"grants": APPEND}})
    assessment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    household_no: Mapped[int]
    fiscal_year: Mapped[int]
    kind: Mapped[str]
    """`initial` 納税通知書 or `revised` 更正決定通知書."""
    addressee_no: Mapped[int | None]
    """The payer's number; where it was joined with another, that of the 代表 (名寄せ)."""
    name: Mapped[str | None]
    """Who gets the letter."""
    postcode: Mapped[str | None]
    address: Mapped[str | None]
    building: Mapped[str | None]
    principal: Mapped[str] = mapped_column(server_default=text("''"))
    """In whose matter, where it goes to a 納税管理人 or somebody else."""
    role: Mapped[str] = mapped_column(server_default=text("''"))
    total: Mapped[int]
    previous_total: Mapped[int | None]
    instalments: Mapped[str]
    """JSON: `[{"no": 1, "due_date": "2026-07-31", "amount": 12300}, …]`."""
    problem: Mapped[str | None]
    made_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(server_default=CLOCK)


class NhiStatistics(TenantBase):
    """賦課状況: households, insured people and amounts by reduction tier, counted anew on each day they are made."""

    __tablename__ = "nhi_statistics"
    fiscal_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    as_of: Mapped[date] = mapped_column(primary_key=True)
    tier: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    households: Mapped[int]
    insured: Mapped[int]
    nominal_heads: Mapped[int]
    undeclared_households: Mapped[int]
    capped_households: Mapped[int]
    total: Mapped[int]
    medical_amount: Mapped[int]
    elderly_support_amount: Mapped[int]
    care_amount: Mapped[int]
    child_support_amount: Mapped[int]
