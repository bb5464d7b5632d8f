"""electoral roll tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

_ELECTOR = """
CREATE VIEW fact_elector AS
SELECT addressee_no, district_code, status, registered_on FROM electoral_entry WHERE status <> 'removed'
"""

revision: str = "6306f051f4de"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("electoral_roll",)
depends_on: str | Sequence[str] | None = "b14ac9d642d3"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "election",
        sa.Column("election_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("notice_on", sa.Date(), nullable=False),
        sa.Column("base_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("vote_on", sa.Date(), nullable=False),
        sa.Column("early_from", sa.Date(), nullable=False),
        sa.Column("early_until", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("early_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('national', 'prefectural', 'municipal')", name=op.f("ck_election_kind")),
        sa.CheckConstraint("status in ('planned', 'fixed', 'early_closed')", name=op.f("ck_election_status")),
        sa.CheckConstraint("base_on < vote_on AND notice_on < vote_on", name=op.f("ck_election_days")),
        sa.CheckConstraint(
            "early_from <= early_until AND early_until < vote_on", name=op.f("ck_election_early_voting")
        ),
        sa.PrimaryKeyConstraint("election_no", name=op.f("pk_election")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (status, version, fixed_at, early_closed_at)")},
    )
    op.create_index(op.f("ix_election_status_base_on"), "election", ["status", "base_on"], unique=False)
    op.create_table(
        "electoral_care",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("is_protected", sa.Boolean(), nullable=False),
        sa.Column("sending_postcode", sa.Text(), nullable=True),
        sa.Column("sending_address", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("is_protected OR sending_address IS NOT NULL", name=op.f("ck_electoral_care_purpose")),
        sa.CheckConstraint("until_on IS NULL OR from_on <= until_on", name=op.f("ck_electoral_care_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_care")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_electoral_care_addressee_no"),
        "electoral_care",
        ["addressee_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "electoral_entry",
        sa.Column("entry_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_kana", sa.Text(), nullable=False),
        sa.Column("name_fold", sa.Text(collation="C"), nullable=False),
        sa.Column("kana_fold", sa.Text(collation="C"), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("serial_no", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("moved_out_on", sa.Date(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("remove_on", sa.Date(), nullable=True),
        sa.Column("elsewhere_on", sa.Date(), nullable=True),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("removal_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "(status = 'removed') = (removed_on IS NOT NULL)", name=op.f("ck_electoral_entry_removed_on")
        ),
        sa.CheckConstraint(
            "registered_by in ('regular', 'election', 'correction')", name=op.f("ck_electoral_entry_registered_by")
        ),
        sa.CheckConstraint(
            "status <> 'moved_out' OR moved_out_on IS NOT NULL", name=op.f("ck_electoral_entry_moved_out_on")
        ),
        sa.CheckConstraint("status in ('registered', 'moved_out', 'removed')", name=op.f("ck_electoral_entry_status")),
        sa.PrimaryKeyConstraint("entry_no", name=op.f("pk_electoral_entry")),
        info={"grants": ("SELECT", "INSERT", "UPDATE")},
    )
    op.create_index(op.f("ix_electoral_entry_addressee_no"), "electoral_entry", ["addressee_no"], unique=False)
    op.create_index(
        op.f("ix_electoral_entry_district_code_serial_no"),
        "electoral_entry",
        ["district_code", "serial_no"],
        unique=True,
    )
    op.create_index(
        op.f("ix_electoral_entry_kana_fold_entry_no"),
        "electoral_entry",
        ["kana_fold", "entry_no"],
        unique=False,
        postgresql_where=sa.text("status <> 'removed'"),
    )
    op.create_index(
        op.f("ix_electoral_entry_remove_on"),
        "electoral_entry",
        ["remove_on"],
        unique=False,
        postgresql_where=sa.text("status = 'moved_out'"),
    )
    op.create_index(
        "uq_electoral_entry_listed",
        "electoral_entry",
        ["addressee_no"],
        unique=True,
        postgresql_where=sa.text("status <> 'removed'"),
    )
    op.create_table(
        "electoral_inspection",
        sa.Column("inspection_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("districts", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=True),
        sa.Column("shown", sa.BigInteger(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("purpose in ('check', 'political', 'survey')", name=op.f("ck_electoral_inspection_purpose")),
        sa.CheckConstraint("status in ('granted', 'refused', 'done')", name=op.f("ck_electoral_inspection_status")),
        sa.PrimaryKeyConstraint("inspection_no", name=op.f("pk_electoral_inspection")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (status, inspected_on, shown)")},
    )
    op.create_table(
        "electoral_overseas",
        sa.Column("overseas_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_kana", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("last_address", sa.Text(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("consulate", sa.Text(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("remove_on", sa.Date(), nullable=True),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("removal_reason", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(removed_on IS NULL) = (removal_reason IS NULL)", name=op.f("ck_electoral_overseas_removed_on")
        ),
        sa.PrimaryKeyConstraint("overseas_no", name=op.f("pk_electoral_overseas")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (returned_on, remove_on, removed_on, removal_reason)")},
    )
    op.create_index(
        "uq_electoral_overseas_listed",
        "electoral_overseas",
        ["addressee_no"],
        unique=True,
        postgresql_where=sa.text("removed_on IS NULL AND addressee_no IS NOT NULL"),
    )
    op.create_table(
        "electoral_run",
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("base_on", sa.Date(), nullable=False),
        sa.Column("age_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("kind in ('regular', 'election', 'correction')", name=op.f("ck_electoral_run_kind")),
        sa.PrimaryKeyConstraint("run_key", name=op.f("pk_electoral_run")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "electoral_suspension",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("until_on IS NULL OR from_on <= until_on", name=op.f("ck_electoral_suspension_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_suspension")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_electoral_suspension_addressee_no"),
        "electoral_suspension",
        ["addressee_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "postal_voting_certificate",
        sa.Column("certificate_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("is_proxy", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("proxy_name", sa.Text(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("basis in ('disability', 'war', 'care')", name=op.f("ck_postal_voting_certificate_basis")),
        sa.CheckConstraint("issued_on < expires_on", name=op.f("ck_postal_voting_certificate_period")),
        sa.PrimaryKeyConstraint("certificate_no", name=op.f("pk_postal_voting_certificate")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (returned_on)")},
    )
    op.create_index(
        op.f("ix_postal_voting_certificate_addressee_no"), "postal_voting_certificate", ["addressee_no"], unique=False
    )
    op.create_index(
        op.f("ix_postal_voting_certificate_expires_on"),
        "postal_voting_certificate",
        ["expires_on"],
        unique=False,
        postgresql_where=sa.text("returned_on IS NULL"),
    )
    op.create_table(
        "electoral_act",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_no", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "act in ('register', 'mark', 'unmark', 'remove', 'correct', 'transfer', 'elsewhere')",
            name=op.f("ck_electoral_act_act"),
        ),
        sa.CheckConstraint(
            "reason in ('regular', 'election', 'correction', 'moved_out', 'returned', 'death', 'nationality', 'four_months', 'mistake', 'overseas', 'changed', 'district', 'elsewhere')",
            name=op.f("ck_electoral_act_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_no"], ["electoral_entry.entry_no"], name=op.f("fk_electoral_act_entry_no_electoral_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_act")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(op.f("ix_electoral_act_entry_no_id"), "electoral_act", ["entry_no", "id"], unique=False)
    op.create_index(op.f("ix_electoral_act_on_id"), "electoral_act", ["on", "id"], unique=False)
    op.create_table(
        "electoral_voter",
        sa.Column("election_no", sa.BigInteger(), nullable=False),
        sa.Column("entry_no", sa.BigInteger(), nullable=False),
        sa.Column("card_no", sa.BigInteger(), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("serial_no", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_kana", sa.Text(), nullable=False),
        sa.Column("name_fold", sa.Text(collation="C"), nullable=False),
        sa.Column("kana_fold", sa.Text(collation="C"), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("is_former_address", sa.Boolean(), nullable=False),
        sa.Column("is_added", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["election_no"], ["election.election_no"], name=op.f("fk_electoral_voter_election_no_election")
        ),
        sa.ForeignKeyConstraint(
            ["entry_no"], ["electoral_entry.entry_no"], name=op.f("fk_electoral_voter_entry_no_electoral_entry")
        ),
        sa.PrimaryKeyConstraint("election_no", "entry_no", name=op.f("pk_electoral_voter")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_electoral_voter_election_no_card_no"), "electoral_voter", ["election_no", "card_no"], unique=True
    )
    op.create_index(
        op.f("ix_electoral_voter_election_no_district_code_serial_no"),
        "electoral_voter",
        ["election_no", "district_code", "serial_no"],
        unique=False,
    )
    op.create_index(
        op.f("ix_electoral_voter_election_no_kana_fold"), "electoral_voter", ["election_no", "kana_fold"], unique=False
    )
    op.create_table(
        "absentee_vote",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("election_no", sa.BigInteger(), nullable=False),
        sa.Column("entry_no", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("certificate_no", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("arrived_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("method in ('elsewhere', 'facility', 'postal')", name=op.f("ck_absentee_vote_method")),
        sa.CheckConstraint(
            "status in ('requested', 'sent', 'arrived', 'accepted', 'refused', 'returned')",
            name=op.f("ck_absentee_vote_status"),
        ),
        sa.ForeignKeyConstraint(
            ["election_no", "entry_no"],
            ["electoral_voter.election_no", "electoral_voter.entry_no"],
            name=op.f("fk_absentee_vote_election_no_entry_no_electoral_voter"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absentee_vote")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (status, version, sent_on, arrived_on, closed_on, note)")},
    )
    op.create_index(
        "uq_absentee_vote_open",
        "absentee_vote",
        ["election_no", "entry_no"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('refused', 'returned')"),
    )
    op.create_table(
        "electoral_ballot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("election_no", sa.BigInteger(), nullable=False),
        sa.Column("entry_no", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(kind = 'early') = (reason IS NOT NULL)", name=op.f("ck_electoral_ballot_oath")),
        sa.CheckConstraint("kind in ('early', 'absentee', 'day')", name=op.f("ck_electoral_ballot_kind")),
        sa.CheckConstraint(
            "reason IS NULL OR reason in ('work', 'travel', 'illness', 'island', 'moved', 'weather')",
            name=op.f("ck_electoral_ballot_reason"),
        ),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancel_reason IS NULL)", name=op.f("ck_electoral_ballot_cancelled")
        ),
        sa.ForeignKeyConstraint(
            ["election_no", "entry_no"],
            ["electoral_voter.election_no", "electoral_voter.entry_no"],
            name=op.f("fk_electoral_ballot_election_no_entry_no_electoral_voter"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_ballot")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (cancelled_at, cancelled_by, cancel_reason)")},
    )
    op.create_index(
        op.f("ix_electoral_ballot_election_no_received_at"),
        "electoral_ballot",
        ["election_no", "received_at"],
        unique=False,
    )
    op.create_index(
        "uq_electoral_ballot_counts",
        "electoral_ballot",
        ["election_no", "entry_no"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_table(
        "electoral_card_print",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("election_no", sa.BigInteger(), nullable=False),
        sa.Column("entry_no", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('bulk', 'single')", name=op.f("ck_electoral_card_print_kind")),
        sa.ForeignKeyConstraint(
            ["election_no", "entry_no"],
            ["electoral_voter.election_no", "electoral_voter.entry_no"],
            name=op.f("fk_electoral_card_print_election_no_entry_no_electoral_voter"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_card_print")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_electoral_card_print_election_no_entry_no"),
        "electoral_card_print",
        ["election_no", "entry_no"],
        unique=False,
    )
    op.execute(_ELECTOR)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW fact_elector")
    op.drop_index(op.f("ix_electoral_card_print_election_no_entry_no"), table_name="electoral_card_print")
    op.drop_table("electoral_card_print")
    op.drop_index(
        "uq_electoral_ballot_counts", table_name="electoral_ballot", postgresql_where=sa.text("cancelled_at IS NULL")
    )
    op.drop_index(op.f("ix_electoral_ballot_election_no_received_at"), table_name="electoral_ballot")
    op.drop_table("electoral_ballot")
    op.drop_index(
        "uq_absentee_vote_open",
        table_name="absentee_vote",
        postgresql_where=sa.text("status NOT IN ('refused', 'returned')"),
    )
    op.drop_table("absentee_vote")
    op.drop_index(op.f("ix_electoral_voter_election_no_kana_fold"), table_name="electoral_voter")
    op.drop_index(op.f("ix_electoral_voter_election_no_district_code_serial_no"), table_name="electoral_voter")
    op.drop_index(op.f("ix_electoral_voter_election_no_card_no"), table_name="electoral_voter")
    op.drop_table("electoral_voter")
    op.drop_index(op.f("ix_electoral_act_on_id"), table_name="electoral_act")
    op.drop_index(op.f("ix_electoral_act_entry_no_id"), table_name="electoral_act")
    op.drop_table("electoral_act")
    op.drop_index(
        op.f("ix_postal_voting_certificate_expires_on"),
        table_name="postal_voting_certificate",
        postgresql_where=sa.text("returned_on IS NULL"),
    )
    op.drop_index(op.f("ix_postal_voting_certificate_addressee_no"), table_name="postal_voting_certificate")
    op.drop_table("postal_voting_certificate")
    op.drop_index(
        op.f("ix_electoral_suspension_addressee_no"),
        table_name="electoral_suspension",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("electoral_suspension")
    op.drop_table("electoral_run")
    op.drop_index(
        "uq_electoral_overseas_listed",
        table_name="electoral_overseas",
        postgresql_where=sa.text("removed_on IS NULL AND addressee_no IS NOT NULL"),
    )
    op.drop_table("electoral_overseas")
    op.drop_table("electoral_inspection")
    op.drop_index(
        "uq_electoral_entry_listed", table_name="electoral_entry", postgresql_where=sa.text("status <> 'removed'")
    )
    op.drop_index(
        op.f("ix_electoral_entry_remove_on"),
        table_name="electoral_entry",
        postgresql_where=sa.text("status = 'moved_out'"),
    )
    op.drop_index(
        op.f("ix_electoral_entry_kana_fold_entry_no"),
        table_name="electoral_entry",
        postgresql_where=sa.text("status <> 'removed'"),
    )
    op.drop_index(op.f("ix_electoral_entry_district_code_serial_no"), table_name="electoral_entry")
    op.drop_index(op.f("ix_electoral_entry_addressee_no"), table_name="electoral_entry")
    op.drop_table("electoral_entry")
    op.drop_index(
        op.f("ix_electoral_care_addressee_no"),
        table_name="electoral_care",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("electoral_care")
    op.drop_index(op.f("ix_election_status_base_on"), table_name="election")
    op.drop_table("election")
