"""Publish what a 住民票 says, period by period, addresses of protected people too: certificates are written from it."""

from collections.abc import Sequence

from alembic import op

_SHEET = """
CREATE VIEW fact_resident_sheet AS
SELECT r.addressee_no, r.household_no, r.name, r.name_kana, r.name_fold, r.gram, r.alias, r.former_surname, r.birth_date,
       r.birth_date_unknown, r.sex, r.nationality, r.relationship, r.relationship_text, r.town_code, r.postcode, r.address,
       r.building, r.previous_address, r.registered_domicile, r.family_register_head, r.became_resident_on, r.address_since,
       r.status, r.removed_on, r.removal_reason, r.planned_removal_on, r.destination, r.valid_from, r.valid_to, r.movement_no,
       m.reason AS movement_reason, m.class AS movement_class, m.event_date, m.notified_on, r.sheet_no, r.kana_confirmed,
       r.residence_class, r.residence_status, r.residence_period, r.residence_until, r.residence_card_no,
       r.foreign_resident_since
  FROM resident_record r
  LEFT JOIN movement m ON m.movement_no = r.movement_no
 WHERE r.superseded_at IS NULL
"""

revision: str = "e7c4b8f21a63"
down_revision: str | None = "41de467b046c"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.execute(_SHEET)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW fact_resident_sheet")
