"""nhi tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

_ENROLMENT = """
CREATE VIEW fact_nhi_enrolment AS
SELECT addressee_no, household_no, acquired_on, lost_on, acquisition_reason, loss_reason
  FROM nhi_enrolment
 WHERE superseded_at IS NULL
"""
_LEVY = """
CREATE VIEW fact_nhi_levy AS
SELECT id AS assessment_id, household_no, fiscal_year, revision, payer_no, total, tier, has_undeclared, insured_count, decided_on
  FROM nhi_assessment
 WHERE superseded_at IS NULL
"""
# 資格異動の候補: stored by the night, and what came into the outbox since. One stays as long as the state it asks for has not come
# about, so that what was done by any way disappears by itself. Who is too old to join is left to the reader: the age is a figure.
_CANDIDATE = """
CREATE VIEW nhi_candidate AS
SELECT c.source, c.addressee_no, c.kind, c.household_no, c.reason, c.effective_on, c.proposed_at, c.birth_date, c.is_stored
  FROM (SELECT 'event:' || e.id AS source, p.addressee_no, k.kind, p.household_no, k.reason, e.recorded_at AS proposed_at,
               CASE WHEN k.reason = 'death' THEN e.effective_on + 1 ELSE e.effective_on END AS effective_on,
               p.birth_date, false AS is_stored
          FROM outbox_event e
          JOIN (VALUES ('resident.moved_in', 'acquire', 'move_in'), ('resident.born', 'acquire', 'birth'),
                       ('resident.moved_out', 'lose', 'move_out'), ('resident.move_out_planned', 'lose', 'move_out'),
                       ('resident.died', 'lose', 'death'),
                       ('resident.moved_within', 'transfer', 'household_change')) AS k (topic, kind, reason) ON k.topic = e.topic
         CROSS JOIN LATERAL jsonb_to_recordset(e.payload -> 'persons')
                 AS p (addressee_no bigint, household_no bigint, birth_date date)
         WHERE NOT EXISTS (SELECT FROM nhi_proposal s
                            WHERE s.source = 'event:' || e.id AND s.addressee_no = p.addressee_no AND s.kind = k.kind)
        UNION ALL
        SELECT source, addressee_no, kind, household_no, reason, proposed_at, effective_on, NULL, true
          FROM nhi_proposal WHERE closed_at IS NULL) AS c
 WHERE CASE c.kind
         WHEN 'acquire' THEN NOT EXISTS (SELECT FROM nhi_enrolment n
              WHERE n.addressee_no = c.addressee_no AND n.superseded_at IS NULL AND n.lost_on > c.effective_on)
         WHEN 'lose' THEN EXISTS (SELECT FROM nhi_enrolment n
              WHERE n.addressee_no = c.addressee_no AND n.superseded_at IS NULL AND n.lost_on > c.effective_on)
         ELSE EXISTS (SELECT FROM nhi_enrolment n
              WHERE n.addressee_no = c.addressee_no AND n.superseded_at IS NULL AND n.lost_on = '9999-12-31'
                AND n.household_no <> c.household_no)
       END
"""

revision: str = "f3d93b484a1c"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("nhi",)
depends_on: str | Sequence[str] | None = "b14ac9d642d3"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "nhi_assessment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("payer_no", sa.BigInteger(), nullable=True),
        sa.Column("is_nominal_head", sa.Boolean(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("insured_count", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.BigInteger(), nullable=False),
        sa.Column("has_undeclared", sa.Boolean(), nullable=False),
        sa.Column("judged_income", sa.BigInteger(), nullable=False),
        sa.Column("judged_people", sa.BigInteger(), nullable=False),
        sa.Column("medical_amount", sa.BigInteger(), nullable=True),
        sa.Column("medical_income_levy", sa.BigInteger(), nullable=True),
        sa.Column("medical_asset_levy", sa.BigInteger(), nullable=True),
        sa.Column("medical_per_capita", sa.BigInteger(), nullable=True),
        sa.Column("medical_per_household", sa.BigInteger(), nullable=True),
        sa.Column("medical_over_cap", sa.BigInteger(), nullable=True),
        sa.Column("elderly_support_amount", sa.BigInteger(), nullable=True),
        sa.Column("elderly_support_income_levy", sa.BigInteger(), nullable=True),
        sa.Column("elderly_support_asset_levy", sa.BigInteger(), nullable=True),
        sa.Column("elderly_support_per_capita", sa.BigInteger(), nullable=True),
        sa.Column("elderly_support_per_household", sa.BigInteger(), nullable=True),
        sa.Column("elderly_support_over_cap", sa.BigInteger(), nullable=True),
        sa.Column("care_amount", sa.BigInteger(), nullable=True),
        sa.Column("care_income_levy", sa.BigInteger(), nullable=True),
        sa.Column("care_asset_levy", sa.BigInteger(), nullable=True),
        sa.Column("care_per_capita", sa.BigInteger(), nullable=True),
        sa.Column("care_per_household", sa.BigInteger(), nullable=True),
        sa.Column("care_over_cap", sa.BigInteger(), nullable=True),
        sa.Column("child_support_amount", sa.BigInteger(), nullable=True),
        sa.Column("child_support_income_levy", sa.BigInteger(), nullable=True),
        sa.Column("child_support_asset_levy", sa.BigInteger(), nullable=True),
        sa.Column("child_support_per_capita", sa.BigInteger(), nullable=True),
        sa.Column("child_support_per_household", sa.BigInteger(), nullable=True),
        sa.Column("child_support_over_cap", sa.BigInteger(), nullable=True),
        sa.Column("input_digest", sa.Text(), nullable=False),
        sa.Column("parameter_digest", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cause in ('annual', 'counter', 'correction')", name=op.f("ck_nhi_assessment_cause")),
        sa.CheckConstraint("tier in (0, 2, 5, 7)", name=op.f("ck_nhi_assessment_tier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nhi_assessment")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        "uq_nhi_assessment_current",
        "nhi_assessment",
        ["fiscal_year", "household_no"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "uq_nhi_assessment_revision", "nhi_assessment", ["household_no", "fiscal_year", "revision"], unique=True
    )
    op.create_table(
        "nhi_assessment_input",
        sa.Column("assessment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_nhi_assessment_input")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "nhi_circumstance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=True),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), server_default=sa.text("'9999-12-31'"), nullable=False),
        sa.Column("is_multiple_birth", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("staff_id", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'head_changed') = (addressee_no IS NULL)", name=op.f("ck_nhi_circumstance_subject")
        ),
        sa.CheckConstraint(
            "kind in ('non_voluntary', 'delivery', 'care_exempt', 'head_changed')",
            name=op.f("ck_nhi_circumstance_kind"),
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_nhi_circumstance_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nhi_circumstance")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_nhi_circumstance_addressee_no"),
        "nhi_circumstance",
        ["addressee_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        op.f("ix_nhi_circumstance_household_no"),
        "nhi_circumstance",
        ["household_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "nhi_enrolment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("acquired_on", sa.Date(), nullable=False),
        sa.Column("lost_on", sa.Date(), server_default=sa.text("'9999-12-31'"), nullable=False),
        sa.Column("acquisition_reason", sa.Text(), nullable=False),
        sa.Column("loss_reason", sa.Text(), nullable=True),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("staff_id", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(lost_on = '9999-12-31') = (loss_reason IS NULL)", name=op.f("ck_nhi_enrolment_loss")),
        sa.CheckConstraint(
            "acquisition_reason in ('move_in', 'birth', 'employee_scheme_left', 'nhi_association_left', 'assistance_ended', 'elderly_medical_left', 'foreigner_covered', 'household_change', 'ex_officio', 'other')",
            name=op.f("ck_nhi_enrolment_acquisition_reason"),
        ),
        sa.CheckConstraint(
            "loss_reason in ('move_out', 'death', 'employee_scheme_joined', 'nhi_association_joined', 'assistance_started', 'elderly_medical', 'foreigner_excluded', 'household_change', 'ex_officio', 'other')",
            name=op.f("ck_nhi_enrolment_loss_reason"),
        ),
        sa.CheckConstraint("acquired_on <= lost_on", name=op.f("ck_nhi_enrolment_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nhi_enrolment")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_nhi_enrolment_household_no"),
        "nhi_enrolment",
        ["household_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "uq_nhi_enrolment_current",
        "nhi_enrolment",
        ["addressee_no"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL AND lost_on = '9999-12-31'"),
    )
    op.create_index(
        "uq_nhi_enrolment_known",
        "nhi_enrolment",
        ["addressee_no", "acquired_on"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "nhi_former_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), server_default=sa.text("'9999-12-31'"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("since <= until", name=op.f("ck_nhi_former_member_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nhi_former_member")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_nhi_former_member_household_no"),
        "nhi_former_member",
        ["household_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "uq_nhi_former_member_known",
        "nhi_former_member",
        ["addressee_no", "household_no", "since"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "nhi_instalment",
        sa.Column("assessment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("assessment_id", "no", name=op.f("pk_nhi_instalment")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "nhi_notice",
        sa.Column("assessment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("previous_total", sa.BigInteger(), nullable=True),
        sa.Column("instalments", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_nhi_notice")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_nhi_notice_household_no_fiscal_year"), "nhi_notice", ["household_no", "fiscal_year"], unique=False
    )
    op.create_table(
        "nhi_parameter_set",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_nhi_parameter_set")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "nhi_proposal",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column(
            "proposed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('acquire', 'lose', 'transfer')", name=op.f("ck_nhi_proposal_kind")),
        sa.CheckConstraint("outcome in ('done', 'not_applicable')", name=op.f("ck_nhi_proposal_outcome")),
        sa.CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_nhi_proposal_closed")),
        sa.PrimaryKeyConstraint("source", "addressee_no", "kind", name=op.f("pk_nhi_proposal")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (closed_at, closed_by, outcome)")},
    )
    op.create_index(op.f("ix_nhi_proposal_addressee_no"), "nhi_proposal", ["addressee_no"], unique=False)
    op.create_index(
        op.f("ix_nhi_proposal_effective_on"),
        "nhi_proposal",
        ["effective_on"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "nhi_statistics",
        sa.Column("fiscal_year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("tier", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("insured", sa.BigInteger(), nullable=False),
        sa.Column("nominal_heads", sa.BigInteger(), nullable=False),
        sa.Column("undeclared_households", sa.BigInteger(), nullable=False),
        sa.Column("capped_households", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("medical_amount", sa.BigInteger(), nullable=False),
        sa.Column("elderly_support_amount", sa.BigInteger(), nullable=False),
        sa.Column("care_amount", sa.BigInteger(), nullable=False),
        sa.Column("child_support_amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fiscal_year", "as_of", "tier", name=op.f("pk_nhi_statistics")),
    )
    op.execute(_ENROLMENT)
    op.execute(_LEVY)
    op.execute(_CANDIDATE)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW nhi_candidate")
    op.execute("DROP VIEW fact_nhi_levy")
    op.execute("DROP VIEW fact_nhi_enrolment")
    op.drop_table("nhi_statistics")
    op.drop_index(
        op.f("ix_nhi_proposal_effective_on"), table_name="nhi_proposal", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index(op.f("ix_nhi_proposal_addressee_no"), table_name="nhi_proposal")
    op.drop_table("nhi_proposal")
    op.drop_table("nhi_parameter_set")
    op.drop_index(op.f("ix_nhi_notice_household_no_fiscal_year"), table_name="nhi_notice")
    op.drop_table("nhi_notice")
    op.drop_table("nhi_instalment")
    op.drop_index(
        "uq_nhi_former_member_known", table_name="nhi_former_member", postgresql_where=sa.text("superseded_at IS NULL")
    )
    op.drop_index(
        op.f("ix_nhi_former_member_household_no"),
        table_name="nhi_former_member",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("nhi_former_member")
    op.drop_index(
        "uq_nhi_enrolment_known", table_name="nhi_enrolment", postgresql_where=sa.text("superseded_at IS NULL")
    )
    op.drop_index(
        "uq_nhi_enrolment_current",
        table_name="nhi_enrolment",
        postgresql_where=sa.text("superseded_at IS NULL AND lost_on = '9999-12-31'"),
    )
    op.drop_index(
        op.f("ix_nhi_enrolment_household_no"),
        table_name="nhi_enrolment",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("nhi_enrolment")
    op.drop_index(
        op.f("ix_nhi_circumstance_household_no"),
        table_name="nhi_circumstance",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        op.f("ix_nhi_circumstance_addressee_no"),
        table_name="nhi_circumstance",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("nhi_circumstance")
    op.drop_table("nhi_assessment_input")
    op.drop_index("uq_nhi_assessment_revision", table_name="nhi_assessment")
    op.drop_index(
        "uq_nhi_assessment_current", table_name="nhi_assessment", postgresql_where=sa.text("superseded_at IS NULL")
    )
    op.drop_table("nhi_assessment")
