"""resident tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_RESIDENT = """
CREATE VIEW fact_resident AS
SELECT addressee_no, household_no, name, name_kana, birth_date, birth_date_unknown, sex,
       relationship = '02' AS is_head, relationship, relationship_text, town_code, postcode, address, building,
       nationality, became_resident_on, address_since, status, planned_removal_on
  FROM resident_record
 WHERE superseded_at IS NULL AND valid_to = '9999-12-31' AND status <> 'removed'
"""
_RESIDENT_VERSION = """
CREATE VIEW fact_resident_version AS
SELECT addressee_no, household_no, birth_date, sex, relationship = '02' AS is_head, relationship, town_code,
       nationality, became_resident_on, status, removed_on, removal_reason, valid_from, valid_to
  FROM resident_record
 WHERE superseded_at IS NULL
"""

revision: str = "c14b3cf32bda"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("resident",)
depends_on: str | Sequence[str] | None = "b14ac9d642d3"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "household",
        sa.Column("household_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("household_no", name=op.f("pk_household")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (version)")},
    )
    op.create_table(
        "movement",
        sa.Column("movement_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=False),
        sa.Column(
            "processed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("notifier", sa.Text(), nullable=True),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("former_address", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("request_key", sa.Uuid(), nullable=True),
        sa.CheckConstraint("class in ('notified', 'ex_officio')", name=op.f("ck_movement_class")),
        sa.PrimaryKeyConstraint("movement_no", name=op.f("pk_movement")),
        sa.UniqueConstraint("request_key", name=op.f("uq_movement_request_key")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_movement_household_no_movement_no"), "movement", ["household_no", "movement_no"], unique=False
    )
    op.create_index(op.f("ix_movement_processed_at"), "movement", ["processed_at"], unique=False)
    op.create_table(
        "resident_daily_close",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "item", "key", name=op.f("pk_resident_daily_close")),
    )
    op.create_table(
        "resident_statistics",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("town_code", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("age_band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_foreign", sa.Boolean(), nullable=False),
        sa.Column("persons", sa.BigInteger(), nullable=False),
        sa.Column("heads", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "as_of", "town_code", "sex", "age_band", "is_foreign", name=op.f("pk_resident_statistics")
        ),
    )
    op.create_table(
        "town",
        sa.Column("town_code", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kana", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("town_code", name=op.f("pk_town")),
    )
    op.create_table(
        "movement_person",
        sa.Column("movement_no", sa.BigInteger(), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_record_id", sa.BigInteger(), nullable=True),
        sa.Column("after_record_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["movement_no"], ["movement.movement_no"], name=op.f("fk_movement_person_movement_no_movement")
        ),
        sa.PrimaryKeyConstraint("movement_no", "addressee_no", name=op.f("pk_movement_person")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_movement_person_addressee_no_movement_no"),
        "movement_person",
        ["addressee_no", "movement_no"],
        unique=False,
    )
    op.create_table(
        "planned_relationship",
        sa.Column("movement_no", sa.BigInteger(), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("relationship", sa.Text(), nullable=False),
        sa.Column("relationship_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["movement_no"], ["movement.movement_no"], name=op.f("fk_planned_relationship_movement_no_movement")
        ),
        sa.PrimaryKeyConstraint("movement_no", "addressee_no", name=op.f("pk_planned_relationship")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_planned_relationship_addressee_no"), "planned_relationship", ["addressee_no"], unique=False
    )
    op.create_table(
        "resident_record",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_kana", sa.Text(), nullable=False),
        sa.Column("name_fold", sa.Text(collation="C"), nullable=False),
        sa.Column("kana_fold", sa.Text(collation="C"), nullable=False),
        sa.Column("gram", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("other_fold", sa.Text(collation="C"), nullable=True),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("former_surname", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("birth_date_unknown", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("nationality", sa.Text(), server_default=sa.text("'JPN'"), nullable=False),
        sa.Column("relationship", sa.Text(), nullable=False),
        sa.Column("relationship_text", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("previous_address", sa.Text(), nullable=True),
        sa.Column("registered_domicile", sa.Text(), nullable=True),
        sa.Column("family_register_head", sa.Text(), nullable=True),
        sa.Column("became_resident_on", sa.Date(), nullable=False),
        sa.Column("address_since", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("removal_reason", sa.Text(), nullable=True),
        sa.Column("planned_removal_on", sa.Date(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("movement_no", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(status = 'removed') = (removed_on IS NOT NULL)", name=op.f("ck_resident_record_removed_on")
        ),
        sa.CheckConstraint("sex in ('1', '2', '9')", name=op.f("ck_resident_record_sex")),
        sa.CheckConstraint(
            "status in ('resident', 'move_out_planned', 'removed')", name=op.f("ck_resident_record_status")
        ),
        sa.CheckConstraint(
            "valid_from < valid_to and valid_to <= '9999-12-31'", name=op.f("ck_resident_record_valid_period")
        ),
        sa.ForeignKeyConstraint(
            ["household_no"],
            ["household.household_no"],
            name=op.f("fk_resident_record_household_no_household"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_record")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_resident_record_addressee_no_valid_from"),
        "resident_record",
        ["addressee_no", "valid_from"],
        unique=False,
    )
    op.create_index(
        op.f("ix_resident_record_birth_date_addressee_no"),
        "resident_record",
        ["birth_date", "addressee_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.create_index(
        op.f("ix_resident_record_gram"),
        "resident_record",
        ["gram"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        op.f("ix_resident_record_household_no"),
        "resident_record",
        ["household_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        op.f("ix_resident_record_kana_fold_addressee_no"),
        "resident_record",
        ["kana_fold", "addressee_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.create_index(
        op.f("ix_resident_record_planned_removal_on"),
        "resident_record",
        ["planned_removal_on"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL AND status = 'move_out_planned'"),
    )
    op.create_index(op.f("ix_resident_record_movement_no"), "resident_record", ["movement_no"], unique=False)
    op.create_index(
        op.f("ix_resident_record_town_code_addressee_no"),
        "resident_record",
        ["town_code", "addressee_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.create_index(
        "uq_resident_record_current",
        "resident_record",
        ["addressee_no"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.execute(_RESIDENT)
    op.execute(_RESIDENT_VERSION)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW fact_resident_version")
    op.execute("DROP VIEW fact_resident")
    op.drop_index(
        "uq_resident_record_current",
        table_name="resident_record",
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.drop_index(
        op.f("ix_resident_record_town_code_addressee_no"),
        table_name="resident_record",
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.drop_index(
        op.f("ix_resident_record_planned_removal_on"),
        table_name="resident_record",
        postgresql_where=sa.text("superseded_at IS NULL AND status = 'move_out_planned'"),
    )
    op.drop_index(
        op.f("ix_resident_record_kana_fold_addressee_no"),
        table_name="resident_record",
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.drop_index(
        op.f("ix_resident_record_household_no"),
        table_name="resident_record",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        op.f("ix_resident_record_gram"),
        table_name="resident_record",
        postgresql_using="gin",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        op.f("ix_resident_record_birth_date_addressee_no"),
        table_name="resident_record",
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.drop_index(op.f("ix_resident_record_addressee_no_valid_from"), table_name="resident_record")
    op.drop_index(op.f("ix_resident_record_movement_no"), table_name="resident_record")
    op.drop_table("resident_record")
    op.drop_index(op.f("ix_planned_relationship_addressee_no"), table_name="planned_relationship")
    op.drop_table("planned_relationship")
    op.drop_index(op.f("ix_movement_person_addressee_no_movement_no"), table_name="movement_person")
    op.drop_table("movement_person")
    op.drop_table("town")
    op.drop_table("resident_statistics")
    op.drop_table("resident_daily_close")
    op.drop_index(op.f("ix_movement_processed_at"), table_name="movement")
    op.drop_index(op.f("ix_movement_household_no_movement_no"), table_name="movement")
    op.drop_table("movement")
    op.drop_table("household")
