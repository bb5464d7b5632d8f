"""Who stays in a household that a protected person has left is no longer hidden: the address is theirs alone by then."""

from collections.abc import Sequence

from alembic import op

# Who is hidden, by which protection: its subjects; whoever is or was known in the household they live in; and of a household they
# have left those who left with them, whose 除票 name the same destination.
_SUBJECT = """
SELECT s.addressee_no, p.hides_from_search, p.protection_no,
       coalesce((SELECT max(l.until) FROM protection_lift l WHERE l.protection_no = p.protection_no) > now(), false) AS is_lifted
  FROM protection p JOIN protection_subject s ON s.protection_no = p.protection_no
 WHERE p.superseded_at IS NULL AND p.released_on IS NULL AND p.hides_address"""
_WENT_ALONG = """
           AND (own.status <> 'removed' OR EXISTS (
                SELECT FROM resident_record gone WHERE gone.addressee_no = mate.addressee_no AND gone.superseded_at IS NULL
                   AND gone.valid_to = '9999-12-31' AND gone.status = 'removed' AND gone.removed_on = own.removed_on))"""
_HIDDEN = """
CREATE OR REPLACE VIEW fact_hidden_person AS
SELECT hidden.addressee_no, bool_or(hidden.is_concealed) AS is_concealed, bool_and(hidden.is_lifted) AS is_lifted
  FROM (SELECT addressee_no, hides_from_search AS is_concealed, is_lifted FROM ({subject}) subject
         UNION ALL
        SELECT mate.addressee_no, subject.hides_from_search AND mate.valid_to = '9999-12-31' AND mate.status <> 'removed',
               subject.is_lifted
          FROM ({subject}) subject
          JOIN resident_record own ON own.addressee_no = subject.addressee_no AND own.superseded_at IS NULL
           AND own.valid_to = '9999-12-31'
          JOIN resident_record mate ON mate.household_no = own.household_no AND mate.superseded_at IS NULL{along}) hidden
 GROUP BY hidden.addressee_no
"""

revision: str = "d8b3a5c07e42"
down_revision: str | None = "c2f9d4e81b36"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.execute(_HIDDEN.format(subject=_SUBJECT, along=_WENT_ALONG))


def downgrade() -> None:
    """Take the change back."""
    op.execute(_HIDDEN.format(subject=_SUBJECT, along=""))
