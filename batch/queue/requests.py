"""強制正常 by two people: one asks with a reason, another decides."""

from psycopg import Connection
from psycopg.errors import UniqueViolation

from batch.queue.acts import conclude, lock_subject, set_status
from batch.queue.events import audit_act
from batch.states import Act, Status, next_status
from yoriai.audit import Principal
from yoriai.errors import Conflict, FieldError, Forbidden, Invalid, NotFound

_ASK = """
INSERT INTO batch_request (night_key, job_id, municipality_code, reason, asked_by)
VALUES (%s, %s, %s, %s, %s) RETURNING id
"""
_FIND = "SELECT job_id, asked_by, reason, status FROM batch_request WHERE id = %s"
_DECIDE = """
UPDATE batch_request SET status = %(status)s, decided_by = %(by)s, decided_at = clock_timestamp(), decision = %(reason)s
WHERE id = %(id)s AND status = 'open'
"""


def ask_force(connection: Connection, job_id: int, *, by: Principal, reason: str) -> int:
    """Ask that a stopped job be declared done; the request's number.

    Raises Invalid without a reason, Conflict when the job's state does not allow it or a request is open already.
    """
    _require_reason(reason)
    subject = lock_subject(connection, job_id)
    next_status(Act.FORCE, subject.facts)
    values = (subject.night_key, job_id, subject.municipality_code, reason, by.login)
    try:
        row = connection.execute(_ASK, values).fetchone()
    except UniqueViolation as error:
        raise Conflict("このジョブの強制正常は、すでに申請されています。") from error
    facts = {"night": subject.night_key, "municipality": subject.municipality_code, "label": subject.label}
    audit_act(connection, by, "batch.force.asked", f"job:{job_id}", reason, facts)
    return int(row[0]) if row else 0


def decide_force(connection: Connection, request_id: int, *, approve: bool, by: Principal, reason: str = "") -> Status:
    """Approve or refuse a request; the job's status after it.

    Raises Forbidden to whoever asked (a second person has to decide), Conflict when it was decided or the job has gone on.
    """
    row = connection.execute(_FIND, (request_id,)).fetchone()
    if row is None:
        raise NotFound(f"申請{request_id}はありません。")
    job_id, asked_by, asked_reason, _ = row
    if asked_by.casefold() == by.login.casefold():
        raise Forbidden("強制正常は、申請した人とは別の人が承認してください。")
    if not approve:
        _require_reason(reason)
    subject = lock_subject(connection, job_id)
    status = next_status(Act.FORCE, subject.facts) if approve else Status(subject.status)
    values = {"id": request_id, "status": "approved" if approve else "refused", "by": by.login, "reason": reason}
    if connection.execute(_DECIDE, values).rowcount == 0:
        raise Conflict("この申請は、すでに処理されています。")
    detail = {"request": request_id, "asked_by": asked_by, "asked_reason": asked_reason}
    if approve:
        message = f"強制正常（申請 {asked_by}、承認 {by.login}）: {asked_reason}"
        set_status(connection, subject, Act.FORCE, status, actor=by.login, message=message)
    act = "force.approved" if approve else "force.refused"
    conclude(connection, subject, act, by=by, reason=reason or asked_reason, detail=detail)
    return status


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(fields=[FieldError("reason", "理由を入力してください。", "missing")])
