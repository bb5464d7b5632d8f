"""不在者投票 (49条): the states of a request, and the use cases that lead from one to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select

from modules.resident.electoral_roll.card_runs import find_entry
from modules.resident.electoral_roll.election_models import METHODS, AbsenteeVote, Election, ElectoralBallot
from modules.resident.electoral_roll.inputs import AbsenteeAct, AbsenteeInput, AbsenteeResult, AbsenteeUndo
from modules.resident.electoral_roll.judging import law_on
from modules.resident.electoral_roll.models import PostalVotingCertificate
from modules.resident.electoral_roll.voting import (
    check_standing,
    find_voter,
    get_election,
    insert_ballot,
    lock_voter,
    tell_voted,
)
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

STATE_LABELS: Mapping[str, tuple[str, str]] = {
    "requested": ("請求", "info"),
    "sent": ("交付済み", "info"),
    "arrived": ("送致済み", "info"),
    "accepted": ("受理", "ok"),
    "refused": ("不受理", "danger"),
    "returned": ("返還", "neutral"),
}


@dataclass(frozen=True)
class Step:
    """An act: from which states, to which, and the column of its day."""

    label: str
    sources: frozenset[str]
    target: str
    day: str
    needs_note: bool = False


STEPS: Mapping[str, Step] = {
    "send": Step("投票用紙の交付", frozenset({"requested"}), "sent", "sent_on"),
    "arrive": Step("送致", frozenset({"sent"}), "arrived", "arrived_on"),
    "accept": Step("受理", frozenset({"arrived"}), "accepted", "closed_on"),
    "refuse": Step("不受理", frozenset({"requested", "arrived"}), "refused", "closed_on", needs_note=True),
    "return": Step("投票用紙の返還・請求の取下げ", frozenset({"requested", "sent"}), "returned", "closed_on"),
}
_DAYS: Mapping[str, str] = {step.target: step.day for step in STEPS.values()}
"""The column of the day on which a state was reached."""
UNDONE: Mapping[str, str] = {
    "sent": "交付の取消し",
    "arrived": "送致の取消し",
    "accepted": "受理の取消し",
    "refused": "不受理の取消し",
    "returned": "返還・取下げの取消し",
}
"""What takes back the step that led to a state; a request itself is taken back by 取下げ."""


async def request_absentee(
    session: WriteSession, election_no: int, body: AbsenteeInput, config: TenantConfig, now: datetime
) -> AbsenteeResult:
    """Accept a request; raises Conflict for who has voted or has asked already, Invalid for a wrong certificate or one too late."""
    election = await get_election(session, election_no)
    if election.status in ("planned", "cancelled"):
        raise Conflict("選挙人名簿がまだ確定していません。")
    entry_no = await find_entry(session, election_no, body.card)
    await lock_voter(session, election_no, entry_no)
    voter = await find_voter(session, election_no, entry_no)
    if told := await tell_voted(session, election_no, entry_no):
        raise Conflict(told)
    findings = Findings()
    await check_standing(session, findings, election, voter, config.prefecture, now.date())
    _check_request(findings, election, body, now.date())
    if body.method == "postal":
        await _check_certificate(session, findings, election, voter.addressee_no, body.certificate_no)
    findings.settle()
    if await session.scalar(_open_request(election_no, entry_no)):
        raise Conflict("この選挙人の不在者投票の請求はすでに受け付けています。")
    vote = AbsenteeVote(
        election_no=election_no,
        entry_no=entry_no,
        method=body.method,
        place=body.place.strip() or METHODS[body.method],
        certificate_no=body.certificate_no if body.method == "postal" else None,
        status="requested",
        requested_on=body.requested_on,
        note="",
        version=1,
        recorded_at=now,
        staff_id=session.principal.login,
    )
    session.add(vote)
    await session.flush()
    _audit(session, vote, voter.addressee_no, "request")
    return _result(vote)


async def act_on_absentee(session: WriteSession, absentee_id: int, body: AbsenteeAct, now: datetime) -> AbsenteeResult:
    """交付, 送致, 受理, 不受理 or 返還; the acceptance is the vote. Raises NotFound, Conflict or Invalid."""
    vote, election = await _held(session, absentee_id, body.version)
    step = STEPS[body.act]
    if vote.status not in step.sources:
        raise Conflict(f"「{STATE_LABELS[vote.status][0]}」の状態では「{step.label}」はできません。")
    errors = []
    earlier = max(day for day in (vote.requested_on, vote.sent_on, vote.arrived_on) if day)
    if not earlier <= body.on <= now.date():
        errors.append(FieldError("on", "前の処理の日から今日までの日を入力してください。", rule="order"))
    if step.needs_note and not body.note.strip():
        errors.append(FieldError("note", "理由を入力してください。", rule="required"))
    last = election.vote_on - timedelta(days=law_on(election.vote_on).count("absentee.accept_days"))
    if body.act == "accept" and body.on > last:
        # 投票管理者に選挙期日の投票所を閉じる時刻までに送致されなかったものは、投票にならない.
        errors.append(FieldError("on", "選挙期日を過ぎて届いた投票は受理できません。", "late", "公職選挙法施行令65条"))
    if errors:
        raise Invalid(fields=errors)
    voter = await find_voter(session, vote.election_no, vote.entry_no)
    if body.act == "accept":
        await insert_ballot(session, vote.election_no, vote.entry_no, "absentee", voter.district_code, None, now)
    vote.status, vote.note, vote.version = step.target, body.note, vote.version + 1
    setattr(vote, step.day, body.on)
    await session.flush()
    _audit(session, vote, voter.addressee_no, body.act)
    return _result(vote)


async def undo_absentee(session: WriteSession, absentee_id: int, body: AbsenteeUndo, now: datetime) -> AbsenteeResult:
    """Take the last step of a request back; it keeps its number and its earlier steps.

    The ballot of an acceptance stays as a cancelled one with the reason. Raises NotFound, or Conflict: for a new request, for who
    has asked anew or voted otherwise since.
    """
    vote, _ = await _held(session, absentee_id, body.version)
    if vote.status not in UNDONE:
        raise Conflict("取り消す処理がありません。請求をやめるときは「取下げ」を記録してください。")
    label, was = UNDONE[vote.status], vote.status
    if was in ("refused", "returned"):
        await _check_free(session, vote)
    if was == "accepted":
        await _cancel_ballot(session, vote, body.undo_reason, now)
    setattr(vote, _DAYS[was], None)
    vote.status = "arrived" if vote.arrived_on else "sent" if vote.sent_on else "requested"
    vote.note, vote.version = f"{label}: {body.undo_reason}", vote.version + 1
    await session.flush()
    voter = await find_voter(session, vote.election_no, vote.entry_no)
    _audit(session, vote, voter.addressee_no, f"undo:{was}", body.undo_reason)
    return _result(vote)


async def _held(session: WriteSession, absentee_id: int, version: int) -> tuple[AbsenteeVote, Election]:
    """The request and its election, while nobody else acts on its voter; raises NotFound, or Conflict for another version.

    Election, voter, request, in this order everywhere: two acts at once then wait for one another instead of both failing.
    """
    vote = await session.get(AbsenteeVote, absentee_id)
    if vote is None:
        raise NotFound("この不在者投票の請求はありません。")
    election = await get_election(session, vote.election_no)
    await lock_voter(session, vote.election_no, vote.entry_no)
    await session.refresh(vote, with_for_update=True)
    if vote.version != version:
        raise Conflict
    return vote, election


async def _check_free(session: WriteSession, vote: AbsenteeVote) -> None:
    """A closed request can be opened again only where nothing has come in its place."""
    if told := await tell_voted(session, vote.election_no, vote.entry_no):
        raise Conflict(told)
    if await session.scalar(_open_request(vote.election_no, vote.entry_no)):
        raise Conflict("この選挙人には新しい請求があるため、取り消せません。")


async def _cancel_ballot(session: WriteSession, vote: AbsenteeVote, reason: str, now: datetime) -> None:
    counted = (
        ElectoralBallot.election_no == vote.election_no,
        ElectoralBallot.entry_no == vote.entry_no,
        ElectoralBallot.cancelled_at.is_(None),
    )
    ballot = (await session.scalars(select(ElectoralBallot).where(*counted).with_for_update())).one()
    ballot.cancelled_at, ballot.cancelled_by, ballot.cancel_reason = now, session.principal.login, reason


def _open_request(election_no: int, entry_no: int) -> Select[int]:
    return select(AbsenteeVote.id).where(
        AbsenteeVote.election_no == election_no,
        AbsenteeVote.entry_no == entry_no,
        AbsenteeVote.status.not_in(("refused", "returned")),
    )


def _check_request(findings: Findings, election: Election, body: AbsenteeInput, today: date) -> None:
    if body.requested_on > today:
        findings.refuse("requested_on", "請求日が今日より後です。", rule="order")
    days = law_on(election.vote_on).count("absentee.postal_days" if body.method == "postal" else "absentee.days")
    last = election.vote_on - timedelta(days=days)
    if body.requested_on > last:
        article = "公職選挙法施行令59条の4第1項" if body.method == "postal" else "公職選挙法施行令50条1項"
        findings.refuse("requested_on", f"この方法の請求は{format_wareki(last)}までです。", article, rule="late")
    if body.method != "own" and not body.place.strip():
        findings.refuse("place", "滞在地・施設・送付先を入力してください。", rule="required")


async def _check_certificate(
    session: WriteSession, findings: Findings, election: Election, addressee_no: int, certificate_no: int | None
) -> None:
    article = "公職選挙法49条2項、施行令59条の3"
    if certificate_no is None:
        findings.refuse("certificate_no", "郵便等投票証明書の番号を入力してください。", article, rule="required")
        return
    certificate = await session.get(PostalVotingCertificate, certificate_no)
    if certificate is None or certificate.addressee_no != addressee_no or certificate.returned_on:
        findings.refuse("certificate_no", "この選挙人の有効な証明書ではありません。", article, rule="unknown")
    elif certificate.expires_on < election.vote_on:
        findings.refuse("certificate_no", "選挙期日までに証明書の有効期限が切れます。", article, rule="expired")


def _audit(session: WriteSession, vote: AbsenteeVote, addressee_no: int, act: str, reason: str = "") -> None:
    detail = {"election_no": vote.election_no, "act": act, "method": vote.method}
    session.audit(AuditEvent("electoral_roll.absentee", f"addressee:{addressee_no}", reason, detail))


def _result(vote: AbsenteeVote) -> AbsenteeResult:
    return AbsenteeResult(absentee_id=vote.id, election_no=vote.election_no, status=vote.status, version=vote.version)
