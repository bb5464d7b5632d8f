"""Accounts, mergers of branches, 団体内統合宛名; what the nights of other businesses need of 宛名."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

_JOINED = """
CREATE VIEW fact_joined_addressee AS
SELECT from_no AS addressee_no, to_no AS representative_no FROM addressee_link WHERE superseded_at IS NULL
"""
_DESTINATION = """
CREATE VIEW fact_destination AS
SELECT d.id, d.addressee_no, d.business, d.valid_from, d.valid_to, d.kind <> 'mailing' AS is_agent,
       array_position(ARRAY['trustee', 'guardian', 'heir', 'tax_agent', 'mailing'], d.kind) AS rank,
       CASE d.kind WHEN 'trustee' THEN '破産管財人' WHEN 'guardian' THEN '成年後見人' WHEN 'heir' THEN '相続人代表'
                   WHEN 'tax_agent' THEN '納税管理人' ELSE '送付先' END AS role,
       coalesce(a.name, d.name) AS name, CASE WHEN a.addressee_no IS NULL THEN d.postcode ELSE a.postcode END AS postcode,
       CASE WHEN a.addressee_no IS NULL THEN d.address ELSE a.address END AS address,
       CASE WHEN a.addressee_no IS NULL THEN d.building ELSE a.building END AS building
  FROM mailing_destination d LEFT JOIN fact_addressee a ON a.addressee_no = d.agent_no
 WHERE d.superseded_at IS NULL
"""
_UNDELIVERED = """
CREATE VIEW fact_undelivered AS
SELECT addressee_no, business, CASE kind WHEN 'returned' THEN '返戻' ELSE '公示送達' END AS label, item, "on"
  FROM returned_mail WHERE superseded_at IS NULL
"""
_ACCOUNT = """
CREATE VIEW fact_bank_account AS
SELECT id, addressee_no, business, account_use, bank_code, bank_name, branch_code, branch_name, account_type, account_number,
       holder_kana, valid_from, valid_to
  FROM bank_account WHERE superseded_at IS NULL
"""

revision: str = "b7e2d90c4f13"
down_revision: str | None = "84d4ad661439"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = "a3c81f0d6e52"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "branch_merger",
        sa.Column("merger_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("branch_code", sa.Text(), nullable=False),
        sa.Column("to_bank_code", sa.Text(), nullable=False),
        sa.Column("to_bank_name", sa.Text(), nullable=False),
        sa.Column("to_branch_code", sa.Text(), nullable=False),
        sa.Column("to_branch_name", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(bank_code, branch_code) <> (to_bank_code, to_branch_code)", name=op.f("ck_branch_merger_two")
        ),
        sa.PrimaryKeyConstraint("merger_no", name=op.f("pk_branch_merger")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "bank_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("account_use", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("branch_code", sa.Text(), nullable=False),
        sa.Column("branch_name", sa.Text(), nullable=False),
        sa.Column("account_type", sa.Text(), nullable=False),
        sa.Column("account_number", sa.Text(), nullable=False),
        sa.Column("holder_kana", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("merger_no", sa.BigInteger(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("account_number ~ '^[0-9]{7}$'", name=op.f("ck_bank_account_account_number")),
        sa.CheckConstraint("account_type in ('1', '2', '4')", name=op.f("ck_bank_account_account_type")),
        sa.CheckConstraint("account_use in ('debit', 'refund', 'benefit')", name=op.f("ck_bank_account_account_use")),
        sa.CheckConstraint(
            "bank_code ~ '^[0-9]{4}$' and branch_code ~ '^[0-9]{3}$'", name=op.f("ck_bank_account_codes")
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_bank_account_period")),
        sa.ForeignKeyConstraint(
            ["merger_no"], ["branch_merger.merger_no"], name=op.f("fk_bank_account_merger_no_branch_merger")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_bank_account_addressee_no"),
        "bank_account",
        ["addressee_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        op.f("ix_bank_account_bank_code_branch_code"),
        "bank_account",
        ["bank_code", "branch_code"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "unified_addressee",
        sa.Column("unified_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unified_id", name=op.f("pk_unified_addressee")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(op.f("ix_unified_addressee_fingerprint"), "unified_addressee", ["fingerprint"], unique=True)
    op.create_table(
        "unified_my_number",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("unified_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unified_id"],
            ["unified_addressee.unified_id"],
            name=op.f("fk_unified_my_number_unified_id_unified_addressee"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unified_my_number")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(op.f("ix_unified_my_number_fingerprint"), "unified_my_number", ["fingerprint"], unique=True)
    op.create_index(
        "uq_unified_my_number_current",
        "unified_my_number",
        ["unified_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "unified_holder",
        sa.Column("addressee_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unified_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unified_id"],
            ["unified_addressee.unified_id"],
            name=op.f("fk_unified_holder_unified_id_unified_addressee"),
        ),
        sa.PrimaryKeyConstraint("addressee_no", name=op.f("pk_unified_holder")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(op.f("ix_unified_holder_unified_id"), "unified_holder", ["unified_id"], unique=False)
    for view in (_JOINED, _DESTINATION, _UNDELIVERED, _ACCOUNT):
        op.execute(view)


def downgrade() -> None:
    """Take the change back."""
    for name in ("fact_bank_account", "fact_undelivered", "fact_destination", "fact_joined_addressee"):
        op.execute(f"DROP VIEW {name}")
    op.drop_index(op.f("ix_unified_holder_unified_id"), table_name="unified_holder")
    op.drop_table("unified_holder")
    op.drop_index(
        "uq_unified_my_number_current",
        table_name="unified_my_number",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(op.f("ix_unified_my_number_fingerprint"), table_name="unified_my_number")
    op.drop_table("unified_my_number")
    op.drop_index(op.f("ix_unified_addressee_fingerprint"), table_name="unified_addressee")
    op.drop_table("unified_addressee")
    op.drop_index(
        op.f("ix_bank_account_bank_code_branch_code"),
        table_name="bank_account",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        op.f("ix_bank_account_addressee_no"),
        table_name="bank_account",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("bank_account")
    op.drop_table("branch_merger")
