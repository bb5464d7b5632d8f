"""What the centre records: stops that are announced beforehand, and what an outage came from."""

from datetime import datetime

from pydantic import BaseModel, Field

from yoriai.audit import AuditEvent
from yoriai.availability.states import Cause
from yoriai.calendar import moment_of, parse_clock
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.tenancy.session import WriteSession
from yoriai.web.fields import Day

_CODE = "^[0-9]{6}$"
_STOP = """
INSERT INTO planned_stop (code, since, until, reason, announced_at, announced_by) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING stop_no
"""
_WITHDRAW = """
UPDATE planned_stop SET withdrawn_at = $2, withdrawn_by = $3 WHERE stop_no = $1 AND withdrawn_at IS NULL AND since > $2
RETURNING stop_no
"""
_KNOWN = "SELECT 1 FROM planned_stop WHERE stop_no = $1"
_TENANT = "SELECT 1 FROM tenant WHERE code = $1"
_NOTE = "INSERT INTO outage_note (code, since, cause, note, noted_by, noted_at) VALUES ($1, $2, $3, $4, $5, $6)"


class StopEntry(BaseModel):
    """A stop to be announced; clocks go on after midnight (25:00)."""

    code: str = Field("", pattern=f"{_CODE}|^$", title="団体")
    day: Day = Field(title="日付")
    start: str = Field(pattern=r"^\d{2}:\d{2}$", title="開始時刻")
    end: str = Field(pattern=r"^\d{2}:\d{2}$", title="終了時刻")
    reason: str = Field(min_length=1, max_length=200, title="理由")


class Withdrawal(BaseModel):
    """A stop that will not be after all; why, where there is something to say."""

    reason: str = Field("", max_length=200, title="理由")


class CauseEntry(BaseModel):
    """What an outage came from; `since` names it together with the municipality."""

    code: str = Field(pattern=_CODE, title="団体")
    since: datetime = Field(title="停止の始まり")
    cause: Cause = Field(title="原因")
    note: str = Field("", max_length=400, title="内容")


class Recorded(BaseModel):
    """What was recorded: the month it belongs to."""

    month: str


async def announce(session: WriteSession, body: StopEntry, now: datetime) -> Recorded:
    """Announce a stop. Raises Invalid with all mistakes: one that has begun is an outage and cannot be announced any more."""
    errors = []
    try:
        since, until = moment_of(body.day, parse_clock(body.start)), moment_of(body.day, parse_clock(body.end))
    except ValueError as error:
        raise Invalid(fields=[FieldError("start", str(error), "clock")]) from None
    if since <= now:
        message = "始まった後の停止は、計画停止として届け出られません(停止時間に数えます)。"
        errors.append(FieldError("start", message, "late"))
    if until <= since:
        errors.append(FieldError("end", "終了時刻は開始時刻より後にしてください。翌日の1時は 25:00 です。", "order"))
    if body.code and await session.fetchval(_TENANT, body.code) is None:
        errors.append(FieldError("code", "この団体コードの団体はありません。", "unknown"))
    if errors:
        raise Invalid(fields=errors)
    who = session.principal.login
    number = await session.fetchval(_STOP, body.code, since, until, body.reason, now, who)
    detail = {"code": body.code, "since": since.isoformat(), "until": until.isoformat()}
    session.audit(AuditEvent("availability.announce", f"planned_stop:{number}", body.reason, detail))
    return Recorded(month=f"{body.day:%Y-%m}")


async def withdraw(session: WriteSession, stop_no: int, body: Withdrawal, now: datetime) -> None:
    """Take an announcement back before it begins. Raises NotFound, Conflict."""
    if await session.fetchval(_WITHDRAW, stop_no, now, session.principal.login) is None:
        if await session.fetchval(_KNOWN, stop_no) is None:
            raise NotFound("この計画停止はありません。")
        raise Conflict("始まった計画停止、取り消した計画停止は取り消せません。")
    session.audit(AuditEvent("availability.withdraw", f"planned_stop:{stop_no}", body.reason))


async def note_cause(session: WriteSession, body: CauseEntry, now: datetime) -> None:
    """Add what was found out; the notes before stay."""
    values = (body.code, body.since, body.cause, body.note, session.principal.login, now)
    await session.fetch(_NOTE, *values)
    detail = {"since": body.since.isoformat(), "cause": body.cause}
    session.audit(AuditEvent("availability.cause", f"tenant:{body.code}", body.note, detail))
