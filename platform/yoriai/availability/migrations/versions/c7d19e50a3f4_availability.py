"""Spans of probes, planned stops, notes on outages."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c7d19e50a3f4"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("availability",)
depends_on: str | Sequence[str] | None = "3ead2d740d65"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "availability_span",
        sa.Column("probe", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state in ('up', 'slow', 'no_answer', 'database', 'error', 'degraded')",
            name=op.f("ck_availability_span_state"),
        ),
        sa.CheckConstraint("until >= since", name=op.f("ck_availability_span_order")),
        sa.PrimaryKeyConstraint("probe", "code", "since", name=op.f("pk_availability_span")),
    )
    op.create_index(op.f("ix_availability_span_code_until"), "availability_span", ["code", "until"], unique=False)
    op.create_table(
        "planned_stop",
        sa.Column("stop_no", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.CheckConstraint("until > since", name=op.f("ck_planned_stop_order")),
        sa.CheckConstraint("announced_at < since", name=op.f("ck_planned_stop_announced")),
        sa.PrimaryKeyConstraint("stop_no", name=op.f("pk_planned_stop")),
    )
    op.create_index(op.f("ix_planned_stop_until"), "planned_stop", ["until"], unique=False)
    op.create_table(
        "outage_note",
        sa.Column("note_no", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "cause in ('hardware', 'network', 'software', 'operation', 'outside', 'unknown')",
            name=op.f("ck_outage_note_cause"),
        ),
        sa.PrimaryKeyConstraint("note_no", name=op.f("pk_outage_note")),
    )
    op.create_index(op.f("ix_outage_note_code_since"), "outage_note", ["code", "since"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    for name in ("outage_note", "planned_stop", "availability_span"):
        op.drop_table(name)
