"""The night's log."""

from collections.abc import Sequence

from psycopg import Connection

from batch.states import Act

_LOG = """
INSERT INTO batch_event (night_key, job_id, act, from_status, to_status, actor, message)
SELECT night_key, id, %(act)s, old_status, status, %(actor)s, %(message)s
FROM batch_job JOIN unnest(%(ids)s::bigint[], %(olds)s::text[]) AS changed (job_id, old_status) ON changed.job_id = id
"""


def log_changes(
    connection: Connection, act: Act, changed: Sequence[tuple[int, str]], *, actor: str, message: str = ""
) -> None:
    """Log what an act did: (job, status before) of each job; the status after is read from the queue."""
    if changed:
        ids, olds = [job for job, _ in changed], [old for _, old in changed]
        connection.execute(_LOG, {"act": act.value, "actor": actor, "message": message, "ids": ids, "olds": olds})
