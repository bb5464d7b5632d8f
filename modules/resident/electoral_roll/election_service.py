"""The use cases of an election: recorded, corrected or called off before its list of voters is made; the end of early voting."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from modules.resident.electoral_roll.election_models import Election
from modules.resident.electoral_roll.inputs import ElectionCancel, ElectionCorrection, ElectionInput, ElectionResult
from modules.resident.electoral_roll.judging import law_on
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.errors import Conflict, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.rules import Use
from yoriai.tenancy.session import WriteSession


async def create_election(session: WriteSession, body: ElectionInput, now: datetime) -> ElectionResult:
    """Record an election. The base day is the eve of the notice, early voting begins the day after it (48条の2)."""
    days = _days_of(body)
    election = Election(
        election_no=await allocate(session, "election"),
        status="planned",
        version=1,
        recorded_at=now,
        staff_id=session.principal.login,
        **days,
    )
    session.add(election)
    detail = {"election_no": election.election_no, "name": body.name}
    session.audit(AuditEvent("electoral_roll.election", detail=detail))
    await session.flush()
    return _result(election)


async def correct_election(session: WriteSession, election_no: int, body: ElectionCorrection) -> ElectionResult:
    """Put the name, kind or days of an election right while its list of voters is not made; raises NotFound, Conflict, Invalid."""
    election = await _planned(session, election_no, body.version)
    values = _days_of(body)
    before = {name: str(getattr(election, name)) for name, value in values.items() if getattr(election, name) != value}
    for name, value in values.items():
        setattr(election, name, value)
    election.version += 1
    detail = {"election_no": election_no, "before": before}
    session.audit(AuditEvent("electoral_roll.election_correct", detail=detail))
    await session.flush()
    return _result(election)


async def cancel_election(session: WriteSession, election_no: int, body: ElectionCancel) -> ElectionResult:
    """取りやめ; raises NotFound, Conflict once the list of voters is made."""
    election = await _planned(session, election_no, body.version)
    election.status, election.version = "cancelled", election.version + 1
    detail = {"election_no": election_no}
    session.audit(AuditEvent("electoral_roll.election_cancel", reason=body.reason, detail=detail))
    await session.flush()
    return _result(election)


async def close_early(session: WriteSession, election_no: int, version: int, now: datetime) -> ElectionResult:
    """Close early voting, so that the lists for the polling places can be made; raises Conflict."""
    election = await _open(session, election_no, version)
    if election.status != "fixed":
        raise Conflict("期日前投票の受付中の選挙ではありません。")
    if now.date() < election.early_until:
        raise Conflict(f"期日前投票は{format_wareki(election.early_until)}までです。")
    election.status, election.early_closed_at, election.version = "early_closed", now, election.version + 1
    await session.flush()
    session.audit(AuditEvent("electoral_roll.close_early", detail={"election_no": election_no}))
    return _result(election)


async def reopen_early(session: WriteSession, election_no: int, version: int, now: datetime) -> ElectionResult:
    """Take back a closing that came too soon, on the last day itself; raises Conflict afterwards."""
    election = await _open(session, election_no, version)
    if election.status != "early_closed" or now.date() > election.early_until:
        raise Conflict("期日前投票を再開できるのは、終わりの日のうちだけです。")
    election.status, election.early_closed_at, election.version = "fixed", None, election.version + 1
    await session.flush()
    session.audit(AuditEvent("electoral_roll.reopen_early", detail={"election_no": election_no}))
    return _result(election)


async def _open(session: WriteSession, election_no: int, version: int) -> Election:
    election = await session.get(Election, election_no, with_for_update=True)
    if election is None:
        raise NotFound("この選挙はありません。")
    if election.version != version:
        raise Conflict
    return election


async def _planned(session: WriteSession, election_no: int, version: int) -> Election:
    election = await _open(session, election_no, version)
    if election.status != "planned":
        raise Conflict("名簿が確定した選挙、取りやめた選挙は変えられません。")
    return election


def _days_of(body: ElectionInput) -> dict[str, str | date]:
    """Name, kind and all days, those left out filled in; raises Invalid with every contradiction."""
    law = law_on(body.vote_on)
    base_on = body.base_on or body.notice_on - _days(law, "election.base_days")
    first, last = body.notice_on + _days(law, "early.begin_days"), body.vote_on - _days(law, "early.end_days")
    days = {
        "notice_on": body.notice_on,
        "vote_on": body.vote_on,
        "base_on": base_on,
        "registered_on": body.registered_on or base_on,
        "early_from": body.early_from or first,
        "early_until": body.early_until or last,
    }
    findings = Findings()
    _check_days(findings, body, days, first, last)
    findings.settle()
    return {"name": body.name, "kind": body.kind, **days}


def _days(law: Use, key: str) -> timedelta:
    return timedelta(days=law.count(key))


def _check_days(findings: Findings, body: ElectionInput, days: Mapping[str, date], first: date, last: date) -> None:
    """`first` and `last` are the days between which the law lets early voting be."""
    if body.vote_on <= body.notice_on:
        findings.refuse("vote_on", "選挙期日は公示日・告示日より後の日です。", rule="order")
    if days["base_on"] >= body.vote_on:
        findings.refuse("base_on", "基準日は選挙期日より前の日です。", "公職選挙法22条3項", rule="order")
    if not days["base_on"] <= days["registered_on"] < body.vote_on:
        findings.refuse(
            "registered_on", "登録日は基準日から選挙期日の前日までの日です。", "公職選挙法22条3項", rule="order"
        )
    if days["early_from"] < first:
        message = f"期日前投票は公示日・告示日の翌日 ({format_wareki(first)}) からです。"
        findings.refuse("early_from", message, "公職選挙法48条の2第1項", rule="order")
    if not days["early_from"] <= days["early_until"] <= last:
        message = f"期日前投票は始まりの日から選挙期日の前日 ({format_wareki(last)}) までです。"
        findings.refuse("early_until", message, "公職選挙法48条の2第1項", rule="order")


def _result(election: Election) -> ElectionResult:
    return ElectionResult(election_no=election.election_no, status=election.status, version=election.version)
