"""案内: a birth, a move or a death in the register as something that has to be claimed, added or ended here."""

from datetime import date, timedelta

from modules.welfare.child_allowance.judging import figures_of
from yoriai.dates import fiscal_year_of
from yoriai.jobs import Chunk, ChunkResult, JobContext
from yoriai.rules import Use
from yoriai.tenancy.bulk import BulkWriteSession

_TOPICS = ["resident.born", "resident.moved_in", "resident.moved_out", "resident.died"]
_LOOK_BACK = timedelta(days=60)
_NEW = """
SELECT e.id FROM outbox_event e
 WHERE e.topic = ANY($1::text[]) AND e.recorded_at >= $2
   AND NOT EXISTS (SELECT 1 FROM child_allowance_event seen WHERE seen.event_id = e.id)
"""
# Taken back: the movement was cancelled, or the person who had left came back by 転出取消.
TAKEN_BACK = """
EXISTS (SELECT FROM outbox_event x
         WHERE x.id > e.id AND (
               (x.topic = 'resident.cancelled' AND x.payload->>'cancels' = e.payload->>'movement_no')
            OR (x.topic = 'resident.move_out_cancelled' AND e.topic = 'resident.moved_out'
                AND x.payload->'persons' @> jsonb_build_array(jsonb_build_object('addressee_no', p.person_no)))))
"""
_CLOSE = """
UPDATE child_allowance_proposal p SET closed_at = $1, closed_by = 'batch', outcome = 'not_needed'
  FROM outbox_event e WHERE e.id = p.event_id AND p.closed_at IS NULL
"""
_WITHDRAW = f"{_CLOSE} AND {TAKEN_BACK}"
# Who comes: a child within the age. Its household's open case decides between a new claim and a child more.
_COMING = """
INSERT INTO child_allowance_proposal (event_id, person_no, kind, household_no, case_no, event, effective_on, due_on)
SELECT e.id, p.addressee_no, CASE WHEN c.case_no IS NULL THEN 'claim' ELSE 'add_child' END, p.household_no, c.case_no,
       CASE e.topic WHEN 'resident.born' THEN 'birth' ELSE 'move_in' END, e.effective_on, e.effective_on + $3::int
  FROM outbox_event e
  CROSS JOIN LATERAL jsonb_to_recordset(e.payload->'persons') AS p(addressee_no bigint, household_no bigint, birth_date date)
  LEFT JOIN LATERAL (
    SELECT c.case_no FROM child_allowance_case c JOIN fact_resident r ON r.addressee_no = c.recipient_no
     WHERE r.household_no = p.household_no AND c.status IN ('claimed', 'approved', 'paying', 'held') ORDER BY c.case_no LIMIT 1
  ) AS c ON true
 WHERE e.topic IN ('resident.born', 'resident.moved_in') AND e.id = ANY($1::bigint[]) AND p.birth_date >= $2
   AND NOT EXISTS (SELECT 1 FROM child_allowance_child k WHERE k.child_no = p.addressee_no AND k.superseded_at IS NULL
                     AND k.lost_on IS NULL)
ON CONFLICT DO NOTHING
"""
_LEAVING = """
INSERT INTO child_allowance_proposal (event_id, person_no, kind, household_no, case_no, event, effective_on, due_on)
SELECT e.id, p.addressee_no, CASE WHEN c.recipient_no = p.addressee_no THEN 'end' ELSE 'lose_child' END, p.household_no,
       c.case_no, 'other', e.effective_on, e.effective_on + $2::int
  FROM outbox_event e
  CROSS JOIN LATERAL jsonb_to_recordset(e.payload->'persons') AS p(addressee_no bigint, household_no bigint)
  JOIN child_allowance_case c ON c.status IN ('claimed', 'approved', 'paying', 'held') AND (
       c.recipient_no = p.addressee_no OR EXISTS (
         SELECT 1 FROM child_allowance_child k WHERE k.case_no = c.case_no AND k.child_no = p.addressee_no
            AND k.superseded_at IS NULL AND k.lost_on IS NULL))
 WHERE e.topic IN ('resident.moved_out', 'resident.died') AND e.id = ANY($1::bigint[])
ON CONFLICT DO NOTHING
"""
_SEEN = "INSERT INTO child_allowance_event (event_id) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING"


def youngest_school_leaver(day: date, age: int) -> date:
    """Who is born on or after this day is still within the school year of the age: born on 2 April, since 1 April is older."""
    return date(fiscal_year_of(day) - age, 4, 2)


def run_proposals(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Look at the events nobody has looked at yet and propose what they ask for; what was taken back asks for nothing any more."""
    p = Use(figures_of(context.config, context.business_date))
    days = p.count("claim.grace_days")
    born_from = youngest_school_leaver(context.business_date, p.count("age.eligible"))
    # The numbers are read once: an event that commits in the meantime is left to the next night, not marked unread.
    new = session.read(_NEW, (_TOPICS, context.now - _LOOK_BACK))["id"].to_list()
    if not new:
        session.execute(_WITHDRAW, (context.now,))
        return ChunkResult(rows_in=0, rows_out=0)
    proposed = session.execute(_COMING, (new, born_from, days)) + session.execute(_LEAVING, (new, days))
    session.execute(_SEEN, (new,))
    session.execute(_WITHDRAW, (context.now,))
    return ChunkResult(rows_in=len(new), rows_out=proposed, control_total=proposed)
