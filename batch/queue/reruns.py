"""リラン in its five ways. A job that had ended well gets a new run key; one that had stopped goes on after its last chunk."""

from collections.abc import Sequence

from psycopg import Connection

from batch.queue.acts import Subject, conclude, lock_subject, read_subject, set_status
from batch.queue.events import log_changes
from batch.states import DONE, ENDED, STOPPED, Act, Rerun, Status, next_status, sources_of
from yoriai.audit import Principal
from yoriai.errors import Conflict

_OF_NET = (
    "SELECT id FROM batch_job WHERE night_key = %s AND municipality_code = %s AND net = %s ORDER BY planned_start, id"
)
_AFTER = """
WITH RECURSIVE later (id) AS (
  SELECT job_id FROM batch_job_predecessor WHERE predecessor_id = ANY(%s)
  UNION SELECT d.job_id FROM batch_job_predecessor d JOIN later l ON l.id = d.predecessor_id
)
SELECT id FROM later ORDER BY id
"""
# What was free to start has to wait again for a job before it.
_WAIT_AGAIN = """
UPDATE batch_job s SET status = %(target)s
WHERE s.id IN (SELECT job_id FROM batch_job_predecessor WHERE predecessor_id = ANY(%(ids)s)) AND s.status = ANY(%(sources)s)
RETURNING s.id
"""
_DIRECTLY_AFTER = "SELECT job_id FROM batch_job_predecessor WHERE predecessor_id = %s ORDER BY job_id"
# The marks of the chunks belong to the run key: under a new one everything is done anew, under the old one only the rest.
_AGAIN = """
UPDATE batch_job SET status = %(status)s, fence = fence + 1, lease_until = NULL, ended_at = NULL, started_at = NULL,
  attempts = 1 - %(anew)s, is_forced = false, message = %(message)s, not_before = least(not_before, clock_timestamp()),
  generation = generation + %(anew)s, chunks_done = CASE WHEN %(anew)s = 1 THEN 0 ELSE chunks_done END,
  run_key = CASE WHEN %(anew)s = 1 THEN split_part(run_key, '+', 1) || '+' || (generation + 1) ELSE run_key END,
  deadline_at = CASE WHEN deadline_at > clock_timestamp() THEN deadline_at ELSE clock_timestamp() + interval '1 day' END
WHERE id = %(id)s
"""
_LATER_NIGHT = """
SELECT l.night_key FROM batch_night n JOIN batch_night l ON l.business_date = n.business_date AND l.rerun_no > n.rerun_no
WHERE n.night_key = %s AND l.status NOT IN ('planned', 'cancelled') ORDER BY l.rerun_no DESC LIMIT 1
"""


def rerun_job(connection: Connection, job_id: int, way: Rerun, *, by: Principal, reason: str = "") -> list[int]:
    """Run again, and return the jobs that do; raises Conflict when the way does not suit the job's state, or something runs.

    Also when the whole business date was begun anew in a later night: its runs have fenced those of this one off.

    - `top`: every job of the job's net in its municipality, from the beginning;
    - `failed`: the stopped job, from its last committed chunk, and all that follows it, whatever net they are in;
    - `after`: the stopped job counts as skipped, what follows it goes on;
    - `only`: this job and no other: what waits for it is held;
    - `warned`: the jobs of the net that ended with a warning, from their beginning.

    A deadline that has passed is put off by a day, else the job would be cut off at once. What was ready behind a job that runs
    again waits again. What goes on where it stopped counts as a further attempt: its time says nothing about a whole run's.
    """
    subject = lock_subject(connection, job_id)
    if later := connection.execute(_LATER_NIGHT, (subject.night_key,)).fetchone():
        raise Conflict(f"この業務日付は夜間処理{later[0]}でやり直しています。そちらのジョブを実行し直してください。")
    match way:
        case Rerun.TOP:
            again = _run_again(connection, _net_of(connection, subject), from_top=True, by=by, reason=reason)
        case Rerun.WARNED:
            warned = [item for item in _net_of(connection, subject) if item.status == Status.WARNED]
            again = _run_again(connection, warned, from_top=True, by=by, reason=reason)
        case Rerun.ONLY:
            _require(subject, ENDED, way)
            _hold_successors(connection, subject, by=by, reason=reason)
            again = _run_again(connection, [subject], from_top=subject.status in DONE, by=by, reason=reason)
        case Rerun.FAILED:
            _require(subject, STOPPED, way)
            ended = [item for item in _later(connection, [job_id]) if Status(item.status) in ENDED]
            again = _run_again(connection, [subject, *ended], from_top=False, by=by, reason=reason)
        case Rerun.AFTER:
            _require(subject, STOPPED, way)
            set_status(connection, subject, Act.SKIP, Status.SKIPPED, actor=by.login, message=reason)
            again = [row[0] for row in connection.execute(_DIRECTLY_AFTER, (job_id,))]
    if not again:
        raise Conflict(f"「{way.label}」で実行し直すジョブがありません。")
    conclude(connection, subject, f"rerun.{way.value}", by=by, reason=reason, detail={"jobs": again})
    return again


def _net_of(connection: Connection, subject: Subject) -> list[Subject]:
    key = (subject.night_key, subject.municipality_code, subject.net)
    found = [read_subject(connection, row[0]) for row in connection.execute(_OF_NET, key).fetchall()]
    _refuse_running(found)
    return found


def _run_again(
    connection: Connection, subjects: Sequence[Subject], *, from_top: bool, by: Principal, reason: str
) -> list[int]:
    """Put those that have ended back, first to waiting and then, in their order, to what their predecessors say."""
    ended = [item for item in subjects if Status(item.status) in ENDED]
    ids = [item.id for item in ended]
    _refuse_running(_later(connection, ids))
    for item in ended:
        is_anew = from_top or Status(item.status) in DONE
        values = {"id": item.id, "status": Status.WAITING.value, "message": reason, "anew": 1 if is_anew else 0}
        connection.execute(_AGAIN, values)
    for item in ended:
        # Read again: a predecessor of the same list waits by now.
        left = read_subject(connection, item.id).predecessors_left
        status = next_status(Act.RERUN, item.facts.with_predecessors(left))
        if status is not Status.WAITING:
            connection.execute("UPDATE batch_job SET status = %s WHERE id = %s", (status.value, item.id))
        log_changes(connection, Act.RERUN, [(item.id, item.status)], actor=by.login, message=reason)
    values = {"ids": ids, "target": Status.WAITING.value, "sources": sources_of(Act.WAIT_AGAIN, Status.WAITING)}
    waiting = [(row[0], Status.READY.value) for row in connection.execute(_WAIT_AGAIN, values)]
    log_changes(connection, Act.WAIT_AGAIN, waiting, actor=by.login, message=reason)
    return ids


def _later(connection: Connection, ids: Sequence[int]) -> list[Subject]:
    """What waits for any of the jobs, over any number of steps and whatever net it is in."""
    return [read_subject(connection, row[0]) for row in connection.execute(_AFTER, (list(ids),)).fetchall()]


def _hold_successors(connection: Connection, subject: Subject, *, by: Principal, reason: str) -> None:
    """Only this job: what waits for it must not start when it has ended."""
    for (job_id,) in connection.execute(_DIRECTLY_AFTER, (subject.id,)).fetchall():
        successor = read_subject(connection, job_id)
        if successor.status in sources_of(Act.HOLD, Status.HELD):
            set_status(connection, successor, Act.HOLD, Status.HELD, actor=by.login, message=reason)


def _require(subject: Subject, statuses: frozenset[Status], way: Rerun) -> None:
    if Status(subject.status) not in statuses:
        label = Status(subject.status).label
        raise Conflict(f"状態が「{label}」のジョブは、「{way.label}」で実行し直せません。")


def _refuse_running(subjects: Sequence[Subject]) -> None:
    running = [item.label for item in subjects if item.status == Status.RUNNING]
    if running:
        raise Conflict(f"実行中のジョブ（{'、'.join(running)}）が終わってから実行してください。")
