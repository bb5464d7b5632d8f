"""Candidates follow what is taken back: a 転出 or 死亡 that was cancelled asks for nothing; 職権 and 世帯変更 ask too."""

from collections.abc import Sequence

from alembic import op

_FOLLOWING = """
CREATE OR REPLACE VIEW nhi_candidate AS
SELECT c.source, c.addressee_no, c.kind, c.household_no, c.reason, c.effective_on, c.proposed_at, c.birth_date, c.is_stored
  FROM (SELECT 'event:' || e.id AS source, p.addressee_no, k.kind, p.household_no, k.reason, e.recorded_at AS proposed_at,
               CASE WHEN k.reason = 'death' THEN e.effective_on + 1 ELSE e.effective_on END AS effective_on,
               p.birth_date, false AS is_stored
          FROM outbox_event e
          JOIN (VALUES ('resident.moved_in', 'acquire', 'move_in'), ('resident.born', 'acquire', 'birth'),
                       ('resident.moved_out', 'lose', 'move_out'), ('resident.move_out_planned', 'lose', 'move_out'),
                       ('resident.died', 'lose', 'death'), ('resident.removed', 'lose', 'ex_officio'),
                       ('resident.restored', 'acquire', 'ex_officio'),
                       ('resident.household_changed', 'transfer', 'household_change'),
                       ('resident.moved_within', 'transfer', 'household_change')) AS k (topic, kind, reason) ON k.topic = e.topic
         CROSS JOIN LATERAL jsonb_to_recordset(e.payload -> 'persons')
                 AS p (addressee_no bigint, household_no bigint, birth_date date)
         WHERE NOT EXISTS (SELECT FROM nhi_proposal s
                            WHERE s.source = 'event:' || e.id AND s.addressee_no = p.addressee_no AND s.kind = k.kind)
        UNION ALL
        SELECT source, addressee_no, kind, household_no, reason, proposed_at, effective_on, NULL, true
          FROM nhi_proposal WHERE closed_at IS NULL) AS c
 WHERE CASE c.kind
         WHEN 'acquire' THEN NOT EXISTS (SELECT FROM nhi_enrolment n
              WHERE n.addressee_no = c.addressee_no AND n.superseded_at IS NULL AND n.lost_on > c.effective_on)
         WHEN 'lose' THEN EXISTS (SELECT FROM nhi_enrolment n
              WHERE n.addressee_no = c.addressee_no AND n.superseded_at IS NULL AND n.lost_on > c.effective_on)
         ELSE EXISTS (SELECT FROM nhi_enrolment n
              WHERE n.addressee_no = c.addressee_no AND n.superseded_at IS NULL AND n.lost_on = '9999-12-31'
                AND n.household_no <> c.household_no)
       END
   AND (c.kind <> 'lose' OR c.reason NOT IN ('move_out', 'death', 'ex_officio')
        OR NOT EXISTS (SELECT FROM fact_resident r WHERE r.addressee_no = c.addressee_no AND r.status = 'resident'))
"""
_BEFORE = """
CREATE VIEW nhi_candidate AS
SELECT c.source, c.addressee_no, c.kind, c.household_no, c.reason, c.effective_on, c.proposed_at, c.birth_date, c.is_stored
  FROM (SELECT 'event:' || e.id AS source, p.addressee_no, k.kind, p.household_no, k.reason, e.recorded_at AS proposed_at,
               CASE WHEN k.reason = 'death' THEN e.effective_on + 1 ELSE e.effective_on END AS effective_on,
               p.birth_date, false AS is_stored
          FROM outbox_event e
          JOIN (VALUES ('resident.moved_in', 'acquire', 'move_in'), ('resident.born', 'acquire', 'birth'),
                       ('resident.moved_out', 'lose', 'move_out'), ('resident.move_out_planned', 'lose', 'move_out'),
                       ('resident.died', 'lose', 'death'),
                       ('resident.moved_within', 'transfer', 'household_change')) AS k (topic, kind, reason) ON k.topic = e.topic
         CROSS JOIN LATERAL jsonb_to_recordset(e.payload -> 'persons')
                 AS p (addressee_no bigint, household_no bigint, birth_date date)
         WHERE NOT EXISTS (SELECT FROM nhi_proposal s
                            WHERE s.source = 'event:' || e.id AND s.addressee_no = p.addressee_no AND s.kind = k.kind)
        UNION ALL
        SELECT source, addressee_no, kind, household_no, reason, proposed_at, effective_on, NULL, true
          FROM nhi_proposal WHERE closed_at IS NULL) AS c
 WHERE CASE c.kind
         WHEN 'acquire' THEN NOT EXISTS (SELECT FROM nhi_enrolment n
              WHERE n.addressee_no = c.addressee_no AND n.superseded_at IS NULL AND n.lost_on > c.effective_on)
         WHEN 'lose' THEN EXISTS (SELECT FROM nhi_enrolment n
              WHERE n.addressee_no = c.addressee_no AND n.superseded_at IS NULL AND n.lost_on > c.effective_on)
         ELSE EXISTS (SELECT FROM nhi_enrolment n
              WHERE n.addressee_no = c.addressee_no AND n.superseded_at IS NULL AND n.lost_on = '9999-12-31'
                AND n.household_no <> c.household_no)
       END
"""

revision: str = "7d04c2b95e18"
down_revision: str | None = "f3d93b484a1c"
branch_labels: str | Sequence[str] | None = None
# The view reads the residents the register publishes.
depends_on: str | Sequence[str] | None = "c14b3cf32bda"


def upgrade() -> None:
    """Make the change."""
    op.execute(_FOLLOWING)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW nhi_candidate")
    op.execute(_BEFORE)
