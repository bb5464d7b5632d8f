"""What people tell the night: that they have seen an alert, that an outside delivery has arrived."""

from datetime import date

from psycopg import Connection

from batch.queue.events import audit_act
from yoriai.audit import Principal
from yoriai.errors import Conflict, FieldError, Invalid, NotFound

_ACKNOWLEDGE = """
UPDATE batch_alert SET acknowledged_by = %s, acknowledged_at = clock_timestamp(), note = %s
WHERE id = %s AND acknowledged_at IS NULL RETURNING night_key, message
"""
_ARRIVED = """
INSERT INTO batch_arrival (business_date, municipality_code, event, noted_by) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_AWAITED = """
SELECT 1 FROM batch_job j JOIN batch_night n USING (night_key)
WHERE n.business_date = %s AND j.municipality_code = %s AND %s = ANY(j.waits_for) LIMIT 1
"""


def acknowledge_alert(connection: Connection, alert_id: int, *, by: Principal, note: str = "") -> None:
    """Say that somebody sees to it: it is not escalated any more. Raises NotFound, or Conflict when another was first."""
    row = connection.execute(_ACKNOWLEDGE, (by.login, note, alert_id)).fetchone()
    if row is None:
        if connection.execute("SELECT 1 FROM batch_alert WHERE id = %s", (alert_id,)).fetchone():
            raise Conflict("この通知は、すでに確認されています。")
        raise NotFound(f"通知{alert_id}はありません。")
    audit_act(
        connection, by, "batch.alert.acknowledged", f"alert:{alert_id}", note, {"night": row[0], "message": row[1]}
    )


def note_arrival(
    connection: Connection, business_date: date, municipality_code: str, event: str, *, by: Principal
) -> None:
    """An outside event (a file, a delivery) has arrived: what waits for it may start. Noting it twice changes nothing.

    Raises Invalid when no job of that date and municipality waits for such an event.
    """
    if not connection.execute(_AWAITED, (business_date, municipality_code, event)).fetchone():
        message = f"業務日付{business_date}に「{event}」を待つジョブはありません。"
        raise Invalid(fields=[FieldError("event", message, "unknown_event")])
    if connection.execute(_ARRIVED, (business_date, municipality_code, event, by.login)).rowcount:
        facts = {"business_date": business_date.isoformat(), "municipality": municipality_code}
        audit_act(connection, by, "batch.arrived", f"event:{event}", "", facts)
