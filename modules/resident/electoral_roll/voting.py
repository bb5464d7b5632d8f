"""投票の受付: early and on election day. A voter's second ballot is stopped by the database, wherever it is received."""

from datetime import date, datetime

from sqlalchemy import select

from modules.resident.electoral_roll.election_models import BALLOT_KINDS, Election, ElectoralBallot, ElectoralVoter
from modules.resident.electoral_roll.inputs import BallotCancel, BallotInput, BallotResult
from modules.resident.electoral_roll.judging import figures_of
from modules.resident.electoral_roll.protection import sealed_among
from modules.resident.electoral_roll.states import REASONS, State
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import attained_on, format_wareki
from yoriai.errors import Conflict, NotFound
from yoriai.findings import Findings
from yoriai.rules import Use
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, WriteSession

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))"
_INSERT = """
INSERT INTO electoral_ballot (election_no, entry_no, kind, place_code, reason, received_at, staff_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (election_no, entry_no) WHERE cancelled_at IS NULL DO NOTHING RETURNING id
"""
_VOTED = """
SELECT kind, place_code, received_at FROM electoral_ballot WHERE election_no = $1 AND entry_no = $2 AND cancelled_at IS NULL
"""
_ABSENTEE = """
SELECT status FROM absentee_vote WHERE election_no = $1 AND entry_no = $2 AND status NOT IN ('refused', 'returned')
"""
_STANDING = """
SELECT status, removal_reason, moved_out_on, destination, elsewhere_on FROM electoral_entry WHERE entry_no = $1
"""
_SUSPENDED = """
SELECT count(*) FROM electoral_suspension
 WHERE addressee_no = $1 AND superseded_at IS NULL AND from_on <= $2 AND (until_on IS NULL OR until_on >= $2)
"""


async def receive_ballot(
    session: WriteSession, election_no: int, body: BallotInput, config: TenantConfig, now: datetime
) -> BallotResult:
    """期日前 or 当日 reception. Raises Conflict when the person has voted, Invalid with everything that forbids it, or
    NeedsConfirmation (`residence_proof`) for who moved within the prefecture.
    """
    election = await get_election(session, election_no)
    await lock_voter(session, election_no, body.entry_no)
    voter = await find_voter(session, election_no, body.entry_no)
    if told := await tell_voted(session, election_no, body.entry_no):
        raise Conflict(told)
    findings = Findings()
    if body.kind == "early":
        _check_early(findings, election, voter, body, config, now.date())
    else:
        sealed = await sealed_among(session, [voter.addressee_no], "electoral_roll.district")
        _check_day(findings, election, voter, body, now.date(), names_district=not sealed)
    await check_standing(session, findings, election, voter, config.prefecture, now.date())
    if status := await session.fetchval(_ABSENTEE, election_no, body.entry_no):
        message = "不在者投票の請求があります。" + (
            "投票用紙と投票用封筒を返還してもらってから受け付けてください。"
            if status == "sent"
            else "請求の取下げが必要です。"
        )
        findings.refuse("entry_no", message, "公職選挙法施行令64条", rule="absentee")
    findings.settle(body.confirmed)
    reason = body.reason if body.kind == "early" else None
    ballot_id = await insert_ballot(session, election_no, body.entry_no, body.kind, body.place_code, reason, now)
    detail = {"election_no": election_no, "kind": body.kind, "place": body.place_code}
    session.audit(AuditEvent("electoral_roll.ballot", f"addressee:{voter.addressee_no}", detail=detail))
    return BallotResult(
        ballot_id=ballot_id,
        election_no=election_no,
        entry_no=body.entry_no,
        kind=body.kind,
        place_code=body.place_code,
    )


async def cancel_ballot(session: WriteSession, ballot_id: int, body: BallotCancel, now: datetime) -> BallotResult:
    """Undo a reception; the row stays with who undid it and why. Raises NotFound or Conflict."""
    ballot = await session.get(ElectoralBallot, ballot_id, with_for_update=True)
    if ballot is None:
        raise NotFound("この受付はありません。")
    if ballot.cancelled_at:
        raise Conflict("この受付はすでに取り消されています。")
    if ballot.kind == "absentee":
        raise Conflict("不在者投票の受理は、不在者投票の画面で取り消してください。")
    ballot.cancelled_at, ballot.cancelled_by = now, session.principal.login
    ballot.cancel_reason = body.cancel_reason
    await session.flush()
    voter = await find_voter(session, ballot.election_no, ballot.entry_no)
    detail = {"election_no": ballot.election_no, "ballot": ballot_id}
    event = AuditEvent("electoral_roll.ballot_cancel", f"addressee:{voter.addressee_no}", body.cancel_reason, detail)
    session.audit(event)
    return BallotResult(
        ballot_id=ballot_id,
        election_no=ballot.election_no,
        entry_no=ballot.entry_no,
        kind=ballot.kind,
        place_code=ballot.place_code,
    )


async def get_election(session: WriteSession, election_no: int) -> Election:
    """The election, held against a closing meanwhile; raises NotFound."""
    query = select(Election).where(Election.election_no == election_no).with_for_update(read=True)
    election = await session.scalar(query)
    if election is None:
        raise NotFound("この選挙はありません。")
    return election


async def find_voter(session: WriteSession, election_no: int, entry_no: int) -> ElectoralVoter:
    """The voter on the election's list; raises NotFound."""
    voter = await session.get(ElectoralVoter, (election_no, entry_no))
    if voter is None:
        raise NotFound("この選挙の名簿に登録されていません。")
    return voter


async def lock_voter(session: WriteSession, election_no: int, entry_no: int) -> None:
    """Let one act on a voter of an election wait for another, to the end of the transaction."""
    await session.fetchval(_LOCK, f":electoral_voter:{election_no}:{entry_no}")


async def insert_ballot(
    session: WriteSession,
    election_no: int,
    entry_no: int,
    kind: str,
    place_code: str,
    reason: str | None,
    now: datetime,
) -> int:
    """Write the ballot; raises Conflict saying where and when the person has voted already."""
    who = session.principal.login
    number: int | None = await session.fetchval(_INSERT, election_no, entry_no, kind, place_code, reason, now, who)
    if number is None:
        raise Conflict(await tell_voted(session, election_no, entry_no))
    return number


async def tell_voted(session: Reader, election_no: int, entry_no: int) -> str:
    """When, and in early voting where, the voter has voted, in words; empty when not. Other places are the voter's own district."""
    row = await session.fetchrow(_VOTED, election_no, entry_no)
    if row is None:
        return ""
    at = row["received_at"].astimezone(JAPAN)
    place = f"、投票所 {row['place_code']}" if row["kind"] == "early" else ""
    return f"すでに{BALLOT_KINDS[row['kind']]}を済ませています ({at.month}月{at.day}日 {at:%H:%M}{place})。"


async def check_standing(
    session: Reader, findings: Findings, election: Election, voter: ElectoralVoter, prefecture: str, today: date
) -> None:
    """What has happened to the registration and the right to vote since the list was fixed."""
    row = await session.fetchrow(_STANDING, voter.entry_no)
    if row is None or row["status"] == State.REMOVED:
        why = REASONS.get(row["removal_reason"], "") if row else ""
        findings.refuse("entry_no", f"名簿から抹消されています ({why})。", "公職選挙法28条", rule="removed")
        return
    if await session.fetchval(_SUSPENDED, voter.addressee_no, today):
        findings.refuse("entry_no", "公民権が停止されています。", "公職選挙法11条、252条", rule="suspended")
    if row["elsewhere_on"]:
        findings.refuse("entry_no", "転出先の市区町村で登録されています。", "公職選挙法29条", rule="elsewhere")
    if row["status"] == State.MOVED_OUT and row["moved_out_on"] <= today:
        if election.kind == "municipal":
            findings.refuse(
                "entry_no", "転出したため、この選挙の選挙権がありません。", "公職選挙法9条2項", rule="moved_out"
            )
        elif election.kind == "prefectural" and row["destination"] and not row["destination"].startswith(prefecture):
            message = "都道府県の区域外へ転出したため、この選挙の選挙権がありません。"
            findings.refuse("entry_no", message, "公職選挙法9条3項", rule="moved_out")
        elif election.kind == "prefectural":
            message = "転出しています。引き続き県内に住所があることの確認をしてください。"
            findings.warn("residence_proof", "entry_no", message, "公職選挙法9条3項、44条3項")


def voting_age_day(config: TenantConfig, birth: date, on: date) -> date:
    """The day on which somebody may vote for the first time."""
    return attained_on(birth, Use(figures_of(config, on)).count("age.voting"))


def _check_early(
    findings: Findings,
    election: Election,
    voter: ElectoralVoter,
    body: BallotInput,
    config: TenantConfig,
    today: date,
) -> None:
    article = "公職選挙法48条の2"
    if election.status != "fixed" or not election.early_from <= today <= election.early_until:
        span = f"{format_wareki(election.early_from)}から{format_wareki(election.early_until)}まで"
        findings.refuse("kind", f"期日前投票の期間 ({span}) ではありません。", article, rule="period")
    places = {place["code"] for place in config.settings("electoral_roll").get("early_voting") or ()}
    if body.place_code not in places:
        findings.refuse("place_code", "期日前投票所を選んでください。", article, rule="unknown")
    if body.reason is None:
        findings.refuse("reason", "宣誓書の事由を選んでください。", "公職選挙法施行令49条の8", rule="required")
    first = voting_age_day(config, voter.birth_date, election.vote_on)
    if first > today:
        message = f"選挙権を有するのは{format_wareki(first)}からです。それまでは不在者投票によります。"
        findings.refuse("entry_no", message, "公職選挙法48条の2、49条", rule="age")


def _check_day(
    findings: Findings,
    election: Election,
    voter: ElectoralVoter,
    body: BallotInput,
    today: date,
    *,
    names_district: bool,
) -> None:
    if today != election.vote_on or election.status == "planned":
        message = f"投票日は{format_wareki(election.vote_on)}です。"
        findings.refuse("kind", message, "公職選挙法44条", rule="period")
    if body.place_code != voter.district_code:
        message = (
            f"この選挙人の投票区は{voter.district_code}です。"
            if names_district
            else "この投票所の選挙人ではありません。入場券に書かれた投票所を確かめてもらってください。"
        )
        findings.refuse("place_code", message, "公職選挙法44条1項", rule="district")
