"""A received notification is closed by the movement recorded from it, once."""

from datetime import datetime

from yoriai.audit import AuditEvent
from yoriai.errors import Conflict
from yoriai.tenancy.session import WriteSession

_CLOSE = """
UPDATE movement_intake SET status = $2, movement_no = $3, reason = $4, closed_at = $5, staff_id = $6
 WHERE intake_no = $1 AND status = 'waiting' RETURNING intake_no"""


async def close_intake(
    session: WriteSession, intake_no: int, movement_no: int | None, reason: str, now: datetime
) -> None:
    """Mark a message as recorded by a movement, or as rejected; raises Conflict when it was closed before."""
    status = "done" if movement_no else "rejected"
    who = session.principal.login
    if not await session.fetchval(_CLOSE, intake_no, status, movement_no, reason, now, who):
        raise Conflict("この届出はすでに処理されています。一覧を表示し直してください。")
    session.audit(
        AuditEvent("intake.close", reason=reason, detail={"intake_no": intake_no, "movement_no": movement_no})
    )
