"""異動予定: planned after a trial of all checks, recorded on the day after all of them again, taken back with a reason."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field, RootModel

from modules.resident.basic_register.movements.holding import free, refuse_held
from modules.resident.basic_register.movements.inputs import HouseholdMovement, HouseholdRef, MovementResult
from modules.resident.basic_register.planned.kinds import KINDS, Kind
from modules.resident.basic_register.protections.masking import refuse_concealed_household
from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, Invalid, NeedsConfirmation, NotFound, YoriaiError
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.tenancy.session import Record, WriteSession

_FAR = timedelta(days=366)
"""A plan for later than in a year is more often a slip of the pen."""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))"
_REPEATED = "SELECT plan_no FROM planned_movement WHERE request_key = $1"
_CURRENT = """
SELECT addressee_no, id FROM resident_record
 WHERE addressee_no = ANY($1::bigint[]) AND superseded_at IS NULL AND valid_to = '9999-12-31' ORDER BY addressee_no"""
_MEMBERS = """
SELECT addressee_no FROM resident_record
 WHERE household_no = $1 AND superseded_at IS NULL AND valid_to = '9999-12-31' AND status <> 'removed' ORDER BY addressee_no"""
_ADD = """
INSERT INTO planned_movement (plan_no, kind, reason, event_date, household_no, addressee_nos, basis, body, planned_at, planned_by,
       request_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING plan_no"""
_LOCK = """
SELECT plan_no, kind, event_date, household_no, addressee_nos, basis, body, status, planned_by
  FROM planned_movement WHERE plan_no = $1 FOR UPDATE"""
_VERSION = "SELECT version FROM household WHERE household_no = $1"
_APPLIED = """
UPDATE planned_movement SET status = 'applied', movement_no = $2, refusal = '', closed_at = $3, closed_by = $4
 WHERE plan_no = $1 RETURNING plan_no"""
_REFUSED = "UPDATE planned_movement SET status = 'refused', refusal = $2 WHERE plan_no = $1 RETURNING plan_no"
_CONFIRMED = """
UPDATE planned_movement SET status = 'planned', refusal = '', basis = $2, body = $3 WHERE plan_no = $1 RETURNING plan_no"""
_CANCELLED = """
UPDATE planned_movement SET status = 'cancelled', close_reason = $2, closed_at = $3, closed_by = $4
 WHERE plan_no = $1 RETURNING plan_no"""
_OPEN = ("planned", "refused")
_NO_PLAN = "この異動予定は見つかりません。"


class PlannedResult(BaseModel):
    """A plan that was written, and where the clerk goes on."""

    plan_no: int
    next_path: str


class OfficeAct(RootModel[MovementResult | PlannedResult]):
    """An act of the office as it was recorded, or as it waits for its day."""


class PlanCancellation(BaseModel):
    """Why a plan is taken back."""

    reason_text: str = Field(min_length=1, max_length=200, title="取り消す理由")


class PlanConfirmation(BaseModel):
    """A plan looked at again after somebody changed; `confirmed` lists the alerts accepted."""

    confirmed: list[str] = []


class _Tried(Exception):
    """A trial went well; what it wrote is undone."""


async def plan_movement(session: WriteSession, kind: str, body: HouseholdMovement, now: datetime) -> PlannedResult:
    """Keep an act of the office for its day, after a trial of all its checks as of that day.

    Raises Invalid, NeedsConfirmation or Conflict. The same request sent twice plans once.
    """
    way = KINDS[kind]
    if body.request_key is not None:
        await session.fetchval(_ONE_AT_A_TIME, str(body.request_key))
        if known := await session.fetchval(_REPEATED, body.request_key):
            return _result(known)
    findings = Findings()
    if body.notified_on > now.date():
        findings.refuse("notified_on", "届出日が未来の日付です。今日以前の日付を入力してください。")
    if body.event_date > now.date() + _FAR:
        findings.warn_at("far_ahead", "event_date", "1年より先の日付です。年を確かめてください。")
    await _try(session, way, body, _on(body, now), findings)
    number = await allocate(session, "planned_movement")
    subjects = way.subjects(body)
    people = subjects or [row["addressee_no"] for row in await session.fetch(_MEMBERS, body.household.household_no)]
    await session.fetchval(
        _ADD,
        number,
        kind,
        way.reason(body).value,
        body.event_date,
        body.household.household_no,
        people,
        await _basis(session, subjects),
        body.model_dump_json(exclude={"request_key"}),
        now,
        session.principal.login,
        body.request_key,
    )
    await free(session, [body.household.household_no])
    _audit(session, "resident.plan", number, people)
    return _result(number)


async def apply_plan(session: WriteSession, plan_no: int, now: datetime) -> str:
    """Record a plan whose day has come, after all checks; why it was refused, or empty.

    What cannot be recorded is kept with the reason, for a clerk. Done once: a plan that is no longer waiting is left alone.
    """
    plan = await session.fetchrow(_LOCK, plan_no)
    if plan is None or plan["status"] != "planned" or plan["event_date"] > now.date():
        return ""
    try:
        async with _savepoint(session):
            await _refuse_changed(session, plan)
            await refuse_held(session, plan["household_no"], now)
            result = await _record(session, plan, _body(plan), now)
    except YoriaiError as error:
        refusal = _told(error)
        await session.fetchval(_REFUSED, plan_no, refusal)
        _audit(session, "resident.plan.refuse", plan_no, plan["addressee_nos"], refusal)
        return refusal
    await session.fetchval(_APPLIED, plan_no, result.movement_no, now, session.principal.login)
    return ""


async def confirm_plan(session: WriteSession, plan_no: int, body: PlanConfirmation, now: datetime) -> PlannedResult:
    """A clerk has looked at a plan again: it stays for its day, or is recorded now when the day has come.

    Raises NotFound, Invalid, NeedsConfirmation or Conflict.
    """
    plan = await _open_plan(session, plan_no)
    await refuse_held(session, plan["household_no"], now)
    made = _body(plan)
    made = made.model_copy(update={"confirmed": [*made.confirmed, *body.confirmed]})
    if plan["event_date"] <= now.date():
        result = await _record(session, plan, made, now)
        await session.fetchval(_APPLIED, plan_no, result.movement_no, now, session.principal.login)
        return PlannedResult(plan_no=plan_no, next_path=f"/movements/{result.movement_no}/next")
    way = KINDS[plan["kind"]]
    made = made.model_copy(update={"household": await _household(session, plan["household_no"])})
    await _try(session, way, made, _on(made, now), Findings())
    basis = await _basis(session, way.subjects(made))
    await session.fetchval(_CONFIRMED, plan_no, basis, made.model_dump_json(exclude={"request_key"}))
    _audit(session, "resident.plan.confirm", plan_no, plan["addressee_nos"])
    return _result(plan_no)


async def cancel_plan(session: WriteSession, plan_no: int, body: PlanCancellation, now: datetime) -> PlannedResult:
    """Take a plan back; raises NotFound, or Conflict when it is no longer open."""
    plan = await _open_plan(session, plan_no)
    await session.fetchval(_CANCELLED, plan_no, body.reason_text, now, session.principal.login)
    _audit(session, "resident.plan.cancel", plan_no, plan["addressee_nos"], body.reason_text)
    return _result(plan_no)


async def _open_plan(session: WriteSession, plan_no: int) -> Record:
    plan = await session.fetchrow(_LOCK, plan_no)
    if plan is None:
        raise NotFound(_NO_PLAN)
    await refuse_concealed_household(session, plan["household_no"], _NO_PLAN)
    if plan["status"] not in _OPEN:
        raise Conflict("この異動予定は、すでに登録されたか取り消されています。")
    return plan


async def _try(session: WriteSession, way: Kind, body: HouseholdMovement, on: datetime, findings: Findings) -> None:
    """Record the movement as of its day and undo it: raises what recording raises, with the findings beside it."""
    try:
        async with _savepoint(session):
            await way.record(session, body, on)
            raise _Tried
    except _Tried:
        pass
    except Invalid as error:
        findings.errors += error.fields
    except NeedsConfirmation as error:
        findings.alerts += error.fields
    findings.settle(body.confirmed)


async def _record(session: WriteSession, plan: Record, body: HouseholdMovement, now: datetime) -> MovementResult:
    """Record what the plan says, on the household as it stands now."""
    household = await _household(session, plan["household_no"])
    told = f"異動予定{plan['plan_no']}（登録 {plan['planned_by']}）による"
    note = "。".join(filter(None, (body.note, told)))[:200]
    return await KINDS[plan["kind"]].record(
        session, body.model_copy(update={"household": household, "note": note}), now
    )


async def _household(session: WriteSession, household_no: int) -> HouseholdRef:
    return HouseholdRef(household_no=household_no, version=await session.fetchval(_VERSION, household_no) or 1)


async def _refuse_changed(session: WriteSession, plan: Record) -> None:
    """Whoever has changed since the plan was made may not be what the clerk had in mind: raises Conflict."""
    subjects = KINDS[plan["kind"]].subjects(_body(plan))
    if subjects and await _basis(session, subjects) != list(plan["basis"]):
        raise Conflict(
            "予定を登録した後に、対象の人に別の異動がありました。内容を確かめて、登録し直すか取り消してください。"
        )


async def _basis(session: WriteSession, subjects: Sequence[int]) -> list[int]:
    return [row["id"] for row in await session.fetch(_CURRENT, list(subjects))]


@asynccontextmanager
async def _savepoint(session: WriteSession) -> AsyncIterator[None]:
    """A part of the transaction that may be undone; its acts are then not in the audit trail, but what was seen is."""
    before = len(session.audit_events)
    try:
        async with session.begin_nested():
            yield
    except Exception:
        session.audit_events[before:] = [event for event in session.audit_events[before:] if event.is_sight]
        raise


def _body(plan: Record) -> Any:
    return KINDS[plan["kind"]].model.model_validate(json.loads(plan["body"]))


def _on(body: HouseholdMovement, now: datetime) -> datetime:
    """The moment as of which a plan is tried: its day, at this time of the day."""
    return datetime.combine(max(body.event_date, now.date()), now.timetz())


def _told(error: YoriaiError) -> str:
    """An error in words for the list."""
    return " ".join(field.message for field in error.fields) or error.message


def _result(plan_no: int) -> PlannedResult:
    return PlannedResult(plan_no=plan_no, next_path=f"/plans/{plan_no}")


def _audit(session: WriteSession, action: str, plan_no: int, people: Sequence[int], reason: str = "") -> None:
    for number in people:
        session.audit(AuditEvent(action, f"addressee:{number}", reason, {"plan_no": plan_no}))
