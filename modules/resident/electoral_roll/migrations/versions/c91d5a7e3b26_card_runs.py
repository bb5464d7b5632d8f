"""Card runs with their files, and the 登録日の変更 of a 定時登録."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c91d5a7e3b26"
down_revision: str | None = "6306f051f4de"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "electoral_regular_change",
        sa.Column("base_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("registered_on > base_on", name=op.f("ck_electoral_regular_change_days")),
        sa.PrimaryKeyConstraint("base_on", name=op.f("pk_electoral_regular_change")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "electoral_card_run",
        sa.Column("election_no", sa.BigInteger(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("sort in ('roll', 'postal')", name=op.f("ck_electoral_card_run_sort")),
        sa.CheckConstraint("status in ('open', 'listed', 'made')", name=op.f("ck_electoral_card_run_status")),
        sa.ForeignKeyConstraint(
            ["election_no"], ["election.election_no"], name=op.f("fk_electoral_card_run_election_no_election")
        ),
        sa.PrimaryKeyConstraint("election_no", name=op.f("pk_electoral_card_run")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (status, version, listed_at, made_at)")},
    )
    op.create_table(
        "electoral_card_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("election_no", sa.BigInteger(), nullable=False),
        sa.Column("entry_no", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("act in ('pull', 'add')", name=op.f("ck_electoral_card_change_act")),
        sa.ForeignKeyConstraint(
            ["election_no", "entry_no"],
            ["electoral_voter.election_no", "electoral_voter.entry_no"],
            name=op.f("fk_electoral_card_change_election_no_entry_no_electoral_voter"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_card_change")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        "uq_electoral_card_change_known",
        "electoral_card_change",
        ["election_no", "entry_no"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "electoral_card_part",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("election_no", sa.BigInteger(), nullable=False),
        sa.Column("part_no", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("sheets", sa.BigInteger(), nullable=False),
        sa.Column("persons", sa.BigInteger(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["election_no"],
            ["electoral_card_run.election_no"],
            name=op.f("fk_electoral_card_part_election_no_electoral_card_run"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_card_part")),
        info={"grants": ("SELECT", "INSERT", "UPDATE")},
    )
    op.create_index(
        op.f("ix_electoral_card_part_election_no_part_no"),
        "electoral_card_part",
        ["election_no", "part_no"],
        unique=True,
    )
    op.create_table(
        "electoral_card",
        sa.Column("election_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part_no", sa.BigInteger(), nullable=False),
        sa.Column("sheet_no", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["election_no", "entry_no"],
            ["electoral_voter.election_no", "electoral_voter.entry_no"],
            name=op.f("fk_electoral_card_election_no_entry_no_electoral_voter"),
        ),
        sa.PrimaryKeyConstraint("election_no", "entry_no", name=op.f("pk_electoral_card")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_electoral_card_election_no_part_no_sheet_no"),
        "electoral_card",
        ["election_no", "part_no", "sheet_no"],
        unique=False,
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_electoral_card_election_no_part_no_sheet_no"), table_name="electoral_card")
    op.drop_table("electoral_card")
    op.drop_index(op.f("ix_electoral_card_part_election_no_part_no"), table_name="electoral_card_part")
    op.drop_table("electoral_card_part")
    op.drop_index(
        "uq_electoral_card_change_known",
        table_name="electoral_card_change",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("electoral_card_change")
    op.drop_table("electoral_card_run")
    op.drop_table("electoral_regular_change")
