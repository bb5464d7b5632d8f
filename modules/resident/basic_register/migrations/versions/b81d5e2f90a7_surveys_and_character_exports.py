"""Surveys of residence, and names handed over in fewer characters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b81d5e2f90a7"
down_revision: str | None = "a3c81f0d6e52"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "residence_survey",
        sa.Column("survey_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status in ('open', 'present', 'removed', 'moved', 'withdrawn')", name=op.f("ck_residence_survey_status")
        ),
        sa.CheckConstraint("(status = 'open') = (closed_on IS NULL)", name=op.f("ck_residence_survey_closed")),
        sa.PrimaryKeyConstraint("survey_no", name=op.f("pk_residence_survey")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (status, next_on, closed_on, outcome, version)")},
    )
    op.create_index(
        "uq_residence_survey_open",
        "residence_survey",
        ["addressee_no"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(op.f("ix_residence_survey_status_next_on"), "residence_survey", ["status", "next_on"], unique=False)
    op.create_table(
        "residence_survey_visit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("survey_no", sa.BigInteger(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "result in ('met', 'absent', 'vacant', 'other_lives', 'heard_left', 'answered')",
            name=op.f("ck_residence_survey_visit_result"),
        ),
        sa.ForeignKeyConstraint(
            ["survey_no"],
            ["residence_survey.survey_no"],
            name=op.f("fk_residence_survey_visit_survey_no_residence_survey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residence_survey_visit")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(op.f("ix_residence_survey_visit_survey_no"), "residence_survey_visit", ["survey_no"], unique=False)
    op.create_table(
        "character_export",
        sa.Column("export_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("repertoire", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.Column("persons", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("export_no", name=op.f("pk_character_export")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "character_replacement",
        sa.Column("export_no", sa.BigInteger(), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("original_text", sa.Text(), nullable=False),
        sa.Column("shrunk_text", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_no"],
            ["character_export.export_no"],
            name=op.f("fk_character_replacement_export_no_character_export"),
        ),
        sa.PrimaryKeyConstraint("export_no", "addressee_no", "item", "place", name=op.f("pk_character_replacement")),
        info={"grants": ("SELECT", "INSERT")},
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("character_replacement")
    op.drop_table("character_export")
    op.drop_index(op.f("ix_residence_survey_visit_survey_no"), table_name="residence_survey_visit")
    op.drop_table("residence_survey_visit")
    op.drop_index(op.f("ix_residence_survey_status_next_on"), table_name="residence_survey")
    op.drop_index(
        "uq_residence_survey_open", table_name="residence_survey", postgresql_where=sa.text("status = 'open'")
    )
    op.drop_table("residence_survey")
