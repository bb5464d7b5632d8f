"""What an operator does to a job: hold, release, skip, kill, rerun, where the table of transitions allows it."""

from psycopg import Connection
from psycopg.errors import UniqueViolation

from batch.queue.admission import lock_night
from batch.queue.claims import free_successors, settle_night
from batch.queue.events import log_changes
from batch.states import DONE, ENDED, Act, JobFacts, Status, next_status
from yoriai.errors import Conflict, NotFound

OPERATOR_ACTS = (Act.HOLD, Act.RELEASE, Act.SKIP, Act.KILL, Act.RERUN)

_NIGHT_OF = "SELECT night_key FROM batch_job WHERE id = %s"
_FACTS = """
SELECT j.status, j.attempts, j.max_attempts, (
  SELECT count(*) FROM batch_job_predecessor d JOIN batch_job p ON p.id = d.predecessor_id
  WHERE d.job_id = j.id AND p.status <> ALL(%s))
FROM batch_job j WHERE j.id = %s
"""
# The fence rises with every act, so a worker that still holds the job cannot finish it.
_APPLY = """
UPDATE batch_job SET status = %(status)s, fence = fence + 1, lease_until = NULL, message = %(message)s,
  attempts = CASE WHEN %(again)s THEN 0 ELSE attempts END,
  ended_at = CASE WHEN %(ended)s THEN clock_timestamp() ELSE NULL END
WHERE id = %(id)s
"""
_REOPEN = """
UPDATE batch_night n SET status = 'running', ended_at = NULL
WHERE n.night_key = %s AND n.status = 'ended' AND EXISTS (
  SELECT 1 FROM batch_job j WHERE j.night_key = n.night_key AND j.status IN ('planned', 'ready', 'held'))
"""


def act_on_job(connection: Connection, job_id: int, act: Act, *, actor: str, reason: str = "") -> Status:
    """Do it and return the new status. Raises NotFound, or Conflict when the job's state does not allow the act."""
    row = connection.execute(_NIGHT_OF, (job_id,)).fetchone()
    if row is None:
        raise NotFound(f"ジョブ{job_id}はありません。")
    night_key = str(row[0])
    lock_night(connection, night_key)
    facts = _read_facts(connection, job_id)
    status = next_status(act, facts)
    values = {
        "id": job_id,
        "status": status.value,
        "message": reason,
        "again": act is Act.RERUN,
        "ended": status in ENDED,
    }
    connection.execute(_APPLY, values)
    log_changes(connection, act, [(job_id, facts.status.value)], actor=actor, message=reason)
    if status in DONE:
        free_successors(connection, job_id, actor=actor)
    _reopen_night(connection, night_key)
    settle_night(connection, night_key)
    return status


def _reopen_night(connection: Connection, night_key: str) -> None:
    """The act may have given an ended night something to do again."""
    try:
        connection.execute(_REOPEN, (night_key,))
    except UniqueViolation as error:
        raise Conflict("別の夜間処理が実行中です。終わってから操作してください。") from error


def _read_facts(connection: Connection, job_id: int) -> JobFacts:
    done = sorted(status.value for status in DONE)
    row = connection.execute(_FACTS, (done, job_id)).fetchone()
    if row is None:
        raise NotFound(f"ジョブ{job_id}はありません。")
    return JobFacts(Status(row[0]), attempts=row[1], max_attempts=row[2], predecessors_left=row[3])
