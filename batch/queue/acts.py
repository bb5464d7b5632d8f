"""What an operator does to a job, where the table of transitions allows it. Each act is logged and audited where it happens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from batch.queue.admission import lock_night
from batch.queue.claims import free_successors, settle_night
from batch.queue.events import audit_act, log_changes
from batch.states import DONE, ENDED, NOT_STARTED, STOPPED, Act, JobFacts, Rerun, Status, may, next_status
from yoriai.audit import Principal
from yoriai.errors import Conflict, FieldError, Invalid, NotFound

OPERATOR_ACTS = (
    Act.HOLD,
    Act.RELEASE,
    Act.SKIP,
    Act.SKIP_WARNED,
    Act.SKIP_FAILED,
    Act.KILL,
    Act.START_NOW,
)
"""Acts of one person on one job that need nothing but a reason."""

_NIGHT_OF = "SELECT night_key FROM batch_job WHERE id = %s"
_SUBJECT = """
SELECT j.id, j.night_key, j.municipality_code, j.net, j.label, j.status, j.attempts, j.max_attempts, (
  SELECT count(*) FROM batch_job_predecessor d JOIN batch_job p ON p.id = d.predecessor_id
  WHERE d.job_id = j.id AND p.status <> ALL(%(done)s)) AS predecessors_left
FROM batch_job j WHERE j.id = %(id)s
"""
# The fence rises with every act, so a worker that still holds the job cannot finish it. What a person ended has no worker: the
# time until then is no duration.
_APPLY = """
UPDATE batch_job SET status = %(status)s, fence = fence + 1, lease_until = NULL, worker = NULL, message = %(message)s,
  is_forced = %(forced)s, ended_at = CASE WHEN %(ended)s THEN clock_timestamp() ELSE NULL END
WHERE id = %(id)s
"""
# Before all that is free to start: in a night that is behind its plan, the present alone would be the end of the line.
_START_NOW = """
UPDATE batch_job j SET not_before = clock_timestamp(), planned_start = first.start,
  planned_end = first.start + (j.planned_end - j.planned_start), priority = 0, is_changed = true
FROM (
  SELECT least(clock_timestamp(), min(o.planned_start)) AS start FROM batch_job o JOIN batch_job one USING (night_key)
  WHERE one.id = %(id)s AND o.status = 'ready'
) AS first WHERE j.id = %(id)s
"""
_CHANGE = """
UPDATE batch_job SET not_before = coalesce(%(start)s, not_before),
  planned_end = CASE WHEN %(start)s::timestamptz IS NULL THEN planned_end ELSE %(start)s + (planned_end - planned_start) END,
  planned_start = coalesce(%(start)s, planned_start), deadline_at = coalesce(%(deadline)s, deadline_at),
  priority = coalesce(%(priority)s, priority), is_changed = true
WHERE id = %(id)s RETURNING not_before, deadline_at, %(deadline)s <= clock_timestamp()
"""
_REOPEN = """
UPDATE batch_night n SET status = 'running', ended_at = NULL
WHERE n.night_key = %s AND n.status = 'ended' AND EXISTS (
  SELECT 1 FROM batch_job j WHERE j.night_key = n.night_key AND j.status IN ('planned', 'ready', 'held'))
"""
# While the night was over nobody cut off what waited in it: that has to be given the time it would have had.
_PUT_OFF = """
UPDATE batch_job SET deadline_at = clock_timestamp() + interval '1 day'
WHERE night_key = %s AND status = ANY(%s) AND deadline_at <= clock_timestamp()
"""
_PRIORITIES = range(10)


@dataclass(frozen=True)
class Subject:
    """The job an act is about, read under the lock of its night."""

    id: int
    night_key: str
    municipality_code: str
    net: str
    label: str
    status: str
    attempts: int
    max_attempts: int
    predecessors_left: int

    @property
    def facts(self) -> JobFacts:
        """What the guards look at."""
        return JobFacts(Status(self.status), self.predecessors_left, self.attempts, self.max_attempts)


def act_on_job(connection: Connection, job_id: int, act: Act, *, by: Principal, reason: str = "") -> Status:
    """Do one of `OPERATOR_ACTS` and return the new status. Raises NotFound, or Conflict when the job's state does not allow it."""
    if act not in OPERATOR_ACTS:
        raise Invalid(fields=[FieldError("act", f"「{act.label}」は一人の操作ではできません。", "choice")])
    subject = lock_subject(connection, job_id)
    status = next_status(act, subject.facts)
    if act is Act.START_NOW:
        connection.execute(_START_NOW, {"id": job_id})
        log_changes(connection, act, [(job_id, subject.status)], actor=by.login, message=reason)
    else:
        set_status(connection, subject, act, status, actor=by.login, message=reason)
    conclude(connection, subject, act.value, by=by, reason=reason)
    return status


def change_tonight(
    connection: Connection,
    job_id: int,
    *,
    start: datetime | None = None,
    deadline: datetime | None = None,
    priority: int | None = None,
    by: Principal,
    reason: str = "",
) -> None:
    """今夜限りの変更: another earliest start, cut-off or priority (0 first, 9 last) for this night; the definition stays.

    Raises Conflict for a job that has begun or ended, Invalid when the times contradict each other.
    """
    subject = lock_subject(connection, job_id)
    next_status(Act.CHANGE, subject.facts)
    if start is None and deadline is None and priority is None:
        raise Invalid(fields=[FieldError("start", "変更する項目を入力してください。", "missing")])
    if priority is not None and priority not in _PRIORITIES:
        raise Invalid(fields=[FieldError("priority", "優先度は0から9までです。", "range")])
    values = {"id": job_id, "start": start, "deadline": deadline, "priority": priority}
    row = connection.execute(_CHANGE, values).fetchone()
    if row and row[0] >= row[1]:
        raise Invalid(fields=[FieldError("deadline", "打切時刻は開始時刻より後にしてください。", "order")])
    if row and row[2]:
        message = "打切時刻がすでに過ぎています。翌朝の時刻は、29:00のように入力してください。"
        raise Invalid(fields=[FieldError("deadline", message, "passed")])
    log_changes(connection, Act.CHANGE, [(job_id, subject.status)], actor=by.login, message=reason)
    detail = {"start": start, "deadline": deadline, "priority": priority}
    conclude(connection, subject, Act.CHANGE.value, by=by, reason=reason, detail=detail)


def allowed_acts(connection: Connection, job_id: int) -> list[Act | Rerun]:
    """What the table lets an operator do to the job now, `Act.FORCE` (for two) and `Act.CHANGE` among it. Raises NotFound."""
    subject = read_subject(connection, job_id)
    acts: list[Act | Rerun] = [act for act in (*OPERATOR_ACTS, Act.CHANGE, Act.FORCE) if may(act, subject.facts)]
    status = Status(subject.status)
    if status in ENDED:
        acts += [Rerun.TOP, Rerun.ONLY]
    if status in STOPPED:
        acts += [Rerun.FAILED, Rerun.AFTER]
    if status is Status.WARNED:
        acts.append(Rerun.WARNED)
    return acts


def lock_subject(connection: Connection, job_id: int) -> Subject:
    """The job under the lock of its night. Raises NotFound."""
    row = connection.execute(_NIGHT_OF, (job_id,)).fetchone()
    if row is None:
        raise NotFound(f"ジョブ{job_id}はありません。")
    lock_night(connection, str(row[0]))
    return read_subject(connection, job_id)


def read_subject(connection: Connection, job_id: int) -> Subject:
    """The job as it stands. Raises NotFound."""
    done = sorted(status.value for status in DONE)
    with connection.cursor(row_factory=class_row(Subject)) as cursor:
        subject = cursor.execute(_SUBJECT, {"id": job_id, "done": done}).fetchone()
    if subject is None:
        raise NotFound(f"ジョブ{job_id}はありません。")
    return subject


def set_status(
    connection: Connection, subject: Subject, act: Act, status: Status, *, actor: str, message: str = ""
) -> None:
    """Apply what the table said, log it, and free the successors of a job that now counts as done."""
    values = {
        "id": subject.id,
        "status": status.value,
        "message": message,
        "forced": act is Act.FORCE,
        "ended": status in ENDED,
    }
    connection.execute(_APPLY, values)
    log_changes(connection, act, [(subject.id, subject.status)], actor=actor, message=message)
    if status in DONE:
        free_successors(connection, subject.id, actor=actor)


def conclude(
    connection: Connection,
    subject: Subject,
    act: str,
    *,
    by: Principal,
    reason: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """What ends every act: the night opens again or closes, and the act goes into the audit chain."""
    _reopen_night(connection, subject.night_key)
    settle_night(connection, subject.night_key)
    facts = {"night": subject.night_key, "municipality": subject.municipality_code, "label": subject.label}
    audit_act(connection, by, f"batch.{act}", f"job:{subject.id}", reason, {**facts, **(detail or {})})


def _reopen_night(connection: Connection, night_key: str) -> None:
    """The act may have given an ended night something to do again. Passed deadlines are put off by a day then."""
    try:
        if connection.execute(_REOPEN, (night_key,)).rowcount:
            connection.execute(_PUT_OFF, (night_key, sorted(NOT_STARTED)))
    except UniqueViolation as error:
        raise Conflict("別の夜間処理が実行中です。終わってから操作してください。") from error
