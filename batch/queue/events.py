"""The night's log, and the audit of what people do in it."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from batch.states import Act
from yoriai.audit import AuditEvent, Principal, to_argument, to_rows

_LOG = """
INSERT INTO batch_event (night_key, job_id, municipality_code, act, from_status, to_status, actor, message)
SELECT night_key, id, municipality_code, %(act)s, old_status, status, %(actor)s, %(message)s
FROM batch_job JOIN unnest(%(ids)s::bigint[], %(olds)s::text[]) AS changed (job_id, old_status) ON changed.job_id = id
"""


def log_changes(
    connection: Connection, act: Act, changed: Sequence[tuple[int, str]], *, actor: str, message: str = ""
) -> None:
    """Log what an act did: (job, status before) of each job; the status after is read from the queue."""
    if changed:
        ids, olds = [job for job, _ in changed], [old for _, old in changed]
        connection.execute(_LOG, {"act": act.value, "actor": actor, "message": message, "ids": ids, "olds": olds})


def audit_act(
    connection: Connection, by: Principal, action: str, subject: str, reason: str, detail: dict[str, Any]
) -> None:
    """Put a person's act into the installation's audit chain, in the transaction of the act. Call it last: it locks the chain."""
    event = AuditEvent(action, subject, reason, {key: value for key, value in detail.items() if value is not None})
    connection.execute("SELECT audit_append(%s::jsonb)", (to_argument(to_rows(by, [event])),))
