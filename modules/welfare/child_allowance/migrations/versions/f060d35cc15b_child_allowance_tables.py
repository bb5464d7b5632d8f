"""child_allowance tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

_RECIPIENT = """
CREATE VIEW fact_child_allowance AS
SELECT c.case_no, c.recipient_no, c.recipient_kind, c.status, c.first_month, k.child_no, k.birth_date, k.is_cared
  FROM child_allowance_case c JOIN child_allowance_child k ON k.case_no = c.case_no
 WHERE c.status IN ('approved', 'paying', 'held') AND k.superseded_at IS NULL AND k.lost_on IS NULL
"""

revision: str = "f060d35cc15b"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("child_allowance",)
depends_on: str | Sequence[str] | None = "b14ac9d642d3"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "child_allowance_case",
        sa.Column("case_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_no", sa.BigInteger(), nullable=False),
        sa.Column("recipient_kind", sa.Text(), server_default=sa.text("'parent'"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("claimed_on", sa.Date(), nullable=False),
        sa.Column("event", sa.Text(), server_default=sa.text("'other'"), nullable=False),
        sa.Column("event_on", sa.Date(), nullable=True),
        sa.Column("first_month", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("lost_on", sa.Date(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.CheckConstraint("(status = 'ended') = (lost_on IS NOT NULL)", name=op.f("ck_child_allowance_case_lost_on")),
        sa.CheckConstraint("event in ('birth', 'move_in', 'other')", name=op.f("ck_child_allowance_case_event")),
        sa.CheckConstraint(
            "recipient_kind in ('parent', 'guardian', 'designated', 'institution')",
            name=op.f("ck_child_allowance_case_recipient_kind"),
        ),
        sa.CheckConstraint(
            "status in ('claimed', 'approved', 'paying', 'held', 'rejected', 'ended')",
            name=op.f("ck_child_allowance_case_status"),
        ),
        sa.CheckConstraint("event_on <= claimed_on", name=op.f("ck_child_allowance_case_event_on")),
        sa.PrimaryKeyConstraint("case_no", name=op.f("pk_child_allowance_case")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (status, version, first_month, decided_on, lost_on)")},
    )
    op.create_index(
        op.f("ix_child_allowance_case_recipient_no"), "child_allowance_case", ["recipient_no"], unique=False
    )
    op.create_index(
        op.f("ix_child_allowance_case_status_case_no"), "child_allowance_case", ["status", "case_no"], unique=False
    )
    op.create_index(
        "uq_child_allowance_case_open",
        "child_allowance_case",
        ["recipient_no"],
        unique=True,
        postgresql_where=sa.text("status in ('claimed', 'approved', 'paying', 'held')"),
    )
    op.create_table(
        "child_allowance_event",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_child_allowance_event")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "child_allowance_figures",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_child_allowance_figures")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "child_allowance_proposal",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("case_no", sa.BigInteger(), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind in ('claim', 'add_child', 'lose_child', 'end')", name=op.f("ck_child_allowance_proposal_kind")
        ),
        sa.CheckConstraint("outcome in ('done', 'not_needed')", name=op.f("ck_child_allowance_proposal_outcome")),
        sa.CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_child_allowance_proposal_closed")),
        sa.PrimaryKeyConstraint("event_id", "person_no", "kind", name=op.f("pk_child_allowance_proposal")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (closed_at, closed_by, outcome)")},
    )
    op.create_index(
        op.f("ix_child_allowance_proposal_due_on"),
        "child_allowance_proposal",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        op.f("ix_child_allowance_proposal_person_no"), "child_allowance_proposal", ["person_no"], unique=False
    )
    op.create_table(
        "child_allowance_act",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_no", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=True),
        sa.Column("state_after", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "act in ('claim', 'add_child', 'lose_child', 'approve', 'reject', 'start', 'hold', 'resume', 'end')",
            name=op.f("ck_child_allowance_act_act"),
        ),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["child_allowance_case.case_no"],
            name=op.f("fk_child_allowance_act_case_no_child_allowance_case"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_allowance_act")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(op.f("ix_child_allowance_act_case_no_id"), "child_allowance_act", ["case_no", "id"], unique=False)
    op.create_table(
        "child_allowance_child",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_no", sa.BigInteger(), nullable=False),
        sa.Column("child_no", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("is_cared", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("is_supported", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("claimed_on", sa.Date(), nullable=True),
        sa.Column("event_on", sa.Date(), nullable=True),
        sa.Column("lost_on", sa.Date(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["child_allowance_case.case_no"],
            name=op.f("fk_child_allowance_child_case_no_child_allowance_case"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_allowance_child")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_child_allowance_child_case_no"),
        "child_allowance_child",
        ["case_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        op.f("ix_child_allowance_child_child_no"),
        "child_allowance_child",
        ["child_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "uq_child_allowance_child_known",
        "child_allowance_child",
        ["case_no", "child_no"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL AND child_no IS NOT NULL"),
    )
    op.create_table(
        "child_allowance_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_no", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("eligible_children", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("parameter_digest", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_child_allowance_decision_amount")),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["child_allowance_case.case_no"],
            name=op.f("fk_child_allowance_decision_case_no_child_allowance_case"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_allowance_decision")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_child_allowance_decision_month_case_no"),
        "child_allowance_decision",
        ["month", "case_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "uq_child_allowance_decision_known",
        "child_allowance_decision",
        ["case_no", "month"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "child_allowance_payment",
        sa.Column("payment_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payment_month", sa.Date(), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("case_no", sa.BigInteger(), nullable=False),
        sa.Column("recipient_no", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False),
        sa.Column("last_month", sa.Date(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("(status = 'overpaid') = (amount < 0)", name=op.f("ck_child_allowance_payment_amount")),
        sa.CheckConstraint("status in ('listed', 'held', 'overpaid')", name=op.f("ck_child_allowance_payment_status")),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["child_allowance_case.case_no"],
            name=op.f("fk_child_allowance_payment_case_no_child_allowance_case"),
        ),
        sa.PrimaryKeyConstraint("payment_no", name=op.f("pk_child_allowance_payment")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(op.f("ix_child_allowance_payment_case_no"), "child_allowance_payment", ["case_no"], unique=False)
    op.create_index(
        op.f("ix_child_allowance_payment_payment_month_case_no"),
        "child_allowance_payment",
        ["payment_month", "case_no"],
        unique=False,
    )
    op.create_table(
        "child_allowance_payment_month",
        sa.Column("payment_no", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("case_no", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_no"],
            ["child_allowance_payment.payment_no"],
            name=op.f("fk_child_allowance_payment_month_payment_no_child_allowance_payment"),
        ),
        sa.PrimaryKeyConstraint("payment_no", "month", name=op.f("pk_child_allowance_payment_month")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_child_allowance_payment_month_case_no_month"),
        "child_allowance_payment_month",
        ["case_no", "month"],
        unique=False,
    )
    op.execute(_RECIPIENT)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW fact_child_allowance")
    op.drop_index(op.f("ix_child_allowance_payment_month_case_no_month"), table_name="child_allowance_payment_month")
    op.drop_table("child_allowance_payment_month")
    op.drop_index(op.f("ix_child_allowance_payment_payment_month_case_no"), table_name="child_allowance_payment")
    op.drop_index(op.f("ix_child_allowance_payment_case_no"), table_name="child_allowance_payment")
    op.drop_table("child_allowance_payment")
    op.drop_index(
        "uq_child_allowance_decision_known",
        table_name="child_allowance_decision",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        op.f("ix_child_allowance_decision_month_case_no"),
        table_name="child_allowance_decision",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("child_allowance_decision")
    op.drop_index(
        "uq_child_allowance_child_known",
        table_name="child_allowance_child",
        postgresql_where=sa.text("superseded_at IS NULL AND child_no IS NOT NULL"),
    )
    op.drop_index(
        op.f("ix_child_allowance_child_child_no"),
        table_name="child_allowance_child",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        op.f("ix_child_allowance_child_case_no"),
        table_name="child_allowance_child",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("child_allowance_child")
    op.drop_index(op.f("ix_child_allowance_act_case_no_id"), table_name="child_allowance_act")
    op.drop_table("child_allowance_act")
    op.drop_index(op.f("ix_child_allowance_proposal_person_no"), table_name="child_allowance_proposal")
    op.drop_index(
        op.f("ix_child_allowance_proposal_due_on"),
        table_name="child_allowance_proposal",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("child_allowance_proposal")
    op.drop_table("child_allowance_figures")
    op.drop_table("child_allowance_event")
    op.drop_index(
        "uq_child_allowance_case_open",
        table_name="child_allowance_case",
        postgresql_where=sa.text("status in ('claimed', 'approved', 'paying', 'held')"),
    )
    op.drop_index(op.f("ix_child_allowance_case_status_case_no"), table_name="child_allowance_case")
    op.drop_index(op.f("ix_child_allowance_case_recipient_no"), table_name="child_allowance_case")
    op.drop_table("child_allowance_case")
