"""Who is hidden by whatever number they go by: a protected person, and every number 名寄せ joins to theirs."""

from collections.abc import Sequence

from alembic import op

_HIDDEN = """
CREATE VIEW fact_hidden_addressee AS
SELECT hidden.addressee_no, bool_or(hidden.is_concealed) AS is_concealed
  FROM (SELECT addressee_no, is_concealed FROM fact_hidden_person
         UNION ALL
        SELECT unnest(ARRAY[joined.to_no, other.from_no]), h.is_concealed
          FROM fact_hidden_person h
          JOIN addressee_link joined ON joined.superseded_at IS NULL AND h.addressee_no IN (joined.from_no, joined.to_no)
          JOIN addressee_link other ON other.superseded_at IS NULL AND other.to_no = joined.to_no) hidden
 GROUP BY hidden.addressee_no
"""

revision: str = "c4a81e60d2f7"
down_revision: str | None = "b7e2d90c4f13"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = "d8b3a5c07e42"


def upgrade() -> None:
    """Make the change."""
    op.execute(_HIDDEN)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW fact_hidden_addressee")
