"""Publish the names a resident may go by."""

from collections.abc import Sequence

from alembic import op

_NAME = """
CREATE VIEW fact_resident_name AS
SELECT addressee_no, name, name_kana, alias, former_surname, nationality, planned_removal_on
  FROM resident_record
 WHERE superseded_at IS NULL AND valid_to = '9999-12-31' AND status <> 'removed'
"""

revision: str = "5b1e0a7c92d4"
down_revision: str | None = "c14b3cf32bda"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.execute(_NAME)


def downgrade() -> None:
    """Undo it."""
    op.execute("DROP VIEW fact_resident_name")
