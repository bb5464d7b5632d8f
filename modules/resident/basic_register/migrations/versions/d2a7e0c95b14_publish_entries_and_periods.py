"""Publish when a 住民票 was made and what each of its periods said: the electoral roll counts its three months from that."""

from collections.abc import Sequence

from alembic import op

# A 住民票 begins where there was none before, or a 除票 that is not merely restored; a conversion tells nothing of when that was.
_ENTRY = """
CREATE VIEW fact_resident_entry AS
SELECT p.addressee_no, m.movement_no, m.reason, m.class, m.event_date, m.notified_on,
       (m.processed_at AT TIME ZONE 'Asia/Tokyo')::date AS processed_on
  FROM movement_person p
  JOIN movement m ON m.movement_no = p.movement_no
  JOIN resident_record n ON n.id = p.after_record_id
  LEFT JOIN resident_record o ON o.id = p.before_record_id
 WHERE m.reason NOT IN ('conversion', 'move_out_cancelled', 'restoration', 'cancellation', 'correction', 'reissue')
   AND n.status <> 'removed' AND (o.id IS NULL OR o.status = 'removed')
"""
_PERIOD = """
CREATE VIEW fact_resident_period AS
SELECT addressee_no, household_no, name, name_kana, birth_date, sex, nationality, relationship = '02' AS is_head, town_code,
       postcode, address, building, became_resident_on, address_since, status, removed_on, removal_reason, planned_removal_on,
       destination, valid_from, valid_to
  FROM resident_record
 WHERE superseded_at IS NULL
"""

revision: str = "d2a7e0c95b14"
down_revision: str | None = "5b1e0a7c92d4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.execute(_ENTRY)
    op.execute(_PERIOD)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW fact_resident_period")
    op.execute("DROP VIEW fact_resident_entry")
