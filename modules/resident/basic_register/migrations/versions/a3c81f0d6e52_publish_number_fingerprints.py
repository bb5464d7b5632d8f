"""Publish by which keyed fingerprint a number is found, for 団体内統合宛名; the number itself stays sealed."""

from collections.abc import Sequence

from alembic import op

_NUMBER = """
CREATE VIEW fact_person_number AS
SELECT addressee_no, kind, fingerprint, superseded_at IS NULL AS is_current FROM person_number
"""

revision: str = "a3c81f0d6e52"
down_revision: str | None = "f3a9c1d70b52"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.execute(_NUMBER)


def downgrade() -> None:
    """Undo it."""
    op.execute("DROP VIEW fact_person_number")
