"""資格: who joins, who leaves, who changes household, and what the levy depends on besides. One function is one transaction.

A late notice does not move the day of acquisition: the levy goes back to it (国保法7条、76条). The result says which years are
to be assessed anew.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from modules.nhi.health_insurance.codes import ACQUISITION_REASONS
from modules.nhi.health_insurance.inputs import Circumstance, Dismissal, Enrol, EnrolmentResult, Notice, Withdraw
from modules.nhi.health_insurance.models import NhiCircumstance, NhiEnrolment, NhiFormerMember, NhiProposal
from modules.resident.basic_register.facts import Resident, find_resident
from yoriai.audit import AuditEvent
from yoriai.dates import birthday_in, fiscal_year_of, format_wareki
from yoriai.errors import Conflict, FieldError, Invalid, NeedsConfirmation, NotFound
from yoriai.outbox import DomainEvent, publish
from yoriai.rules import ParameterSet, Use
from yoriai.tenancy.session import Reader, WriteSession

_ARTICLE = "国保法9条"
_ELDERLY = "elderly_medical"
_KNOWN = """
SELECT id, addressee_no, household_no, acquired_on, lost_on, acquisition_reason, loss_reason, notified_on,
       lost_on = '9999-12-31' AS is_open
  FROM nhi_enrolment WHERE addressee_no = $1 AND superseded_at IS NULL ORDER BY acquired_on DESC
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':nhi:' || $1::text, 0))"
_END_ENROLMENT = "UPDATE nhi_enrolment SET superseded_at = $2 WHERE id = $1 AND superseded_at IS NULL RETURNING id"
_END_FORMER = """
UPDATE nhi_former_member SET superseded_at = $2 WHERE addressee_no = $1 AND superseded_at IS NULL
RETURNING household_no, since
"""
_OTHERS = """
SELECT count(*) FROM nhi_enrolment
 WHERE household_no = $1 AND addressee_no <> $2 AND superseded_at IS NULL AND lost_on > $3
"""
_CANDIDATE = """
SELECT household_no, reason, effective_on, is_stored FROM nhi_candidate WHERE source = $1 AND addressee_no = $2 AND kind = $3
"""
_CLOSE = """
UPDATE nhi_proposal SET closed_at = $4, closed_by = $5, outcome = 'not_applicable'
 WHERE source = $1 AND addressee_no = $2 AND kind = $3 AND closed_at IS NULL
"""


async def list_enrolments(session: Reader, addressee_no: int) -> list[dict[str, Any]]:
    """A person's time in NHI as known now, the latest first."""
    return [dict(row) for row in await session.fetch(_KNOWN, addressee_no)]


async def enrol(session: WriteSession, body: Enrol, figures: ParameterSet, now: datetime) -> EnrolmentResult:
    """資格の取得; raises Invalid, NeedsConfirmation (late notice) or Conflict."""
    await session.fetchval(_LOCK, str(body.addressee_no))
    person = await _get_person(session, body.addressee_no)
    known = await list_enrolments(session, body.addressee_no)
    errors = [
        *_date_errors(body, body.acquired_on, "acquired_on", now.date()),
        *_acquisition_errors(body, person, figures),
    ]
    if any(row["lost_on"] > body.acquired_on for row in known):
        errors.append(
            _error("acquired_on", "その日にはすでに資格があります。資格の履歴を確かめてください。", "overlap")
        )
    _refuse(errors)
    _confirm(body, body.acquired_on, figures)
    session.add(
        NhiEnrolment(
            addressee_no=body.addressee_no,
            household_no=person.household_no,
            acquired_on=body.acquired_on,
            acquisition_reason=body.reason,
            notified_on=body.notified_on,
            staff_id=session.principal.login,
            recorded_at=now,
        )
    )
    return await _finish(session, "nhi.enrolled", body, person.household_no, body.acquired_on, now)


async def withdraw(session: WriteSession, body: Withdraw, figures: ParameterSet, now: datetime) -> EnrolmentResult:
    """資格の喪失; raises Invalid, NeedsConfirmation, NotFound (not insured) or Conflict.

    Who leaves for 後期高齢者医療 while others of the household stay insured becomes 特定同一世帯所属者.
    """
    await session.fetchval(_LOCK, str(body.addressee_no))
    row = await _get_open(session, body.addressee_no)
    errors = _date_errors(body, body.lost_on, "lost_on", now.date())
    if body.lost_on < row["acquired_on"]:
        errors.append(
            _error("lost_on", f"資格取得日 ({format_wareki(row['acquired_on'])}) より前の日付です。", "order")
        )
    _refuse(errors)
    _confirm(body, body.lost_on, figures)
    await _end(session, row, body.lost_on, body.reason, body.notified_on, now)
    household_no = row["household_no"]
    if body.reason == _ELDERLY and await session.fetchval(_OTHERS, household_no, body.addressee_no, body.lost_on):
        former = NhiFormerMember(
            addressee_no=body.addressee_no, household_no=household_no, since=body.lost_on, recorded_at=now
        )
        session.add(former)
    return await _finish(session, "nhi.withdrawn", body, household_no, body.lost_on, now)


async def transfer(session: WriteSession, body: Notice, on: date, now: datetime) -> EnrolmentResult:
    """Carry a person's enrolment over to the household the person lives in since that day; raises NotFound or Invalid."""
    await session.fetchval(_LOCK, str(body.addressee_no))
    person = await _get_person(session, body.addressee_no)
    row = await _get_open(session, body.addressee_no)
    if row["household_no"] == person.household_no:
        _refuse([_error("addressee_no", "資格の世帯はすでに住民票の世帯と同じです。", "same_household")])
    if not row["acquired_on"] <= on <= now.date():
        _refuse([_error("on", "資格取得日から今日までの日付を入力してください。", "order")])
    if row["acquired_on"] == on:
        await _supersede(session, row["id"], now)
        acquisition = row["acquisition_reason"]
    else:
        await _end(session, row, on, "household_change", body.notified_on, now)
        acquisition = "household_change"
    session.add(
        NhiEnrolment(
            addressee_no=body.addressee_no,
            household_no=person.household_no,
            acquired_on=on,
            acquisition_reason=acquisition,
            notified_on=body.notified_on,
            staff_id=session.principal.login,
            recorded_at=now,
        )
    )
    return await _finish(session, "nhi.transferred", body, person.household_no, on, now)


async def end_former_member(session: WriteSession, addressee_no: int, on: date, now: datetime) -> int:
    """特定同一世帯所属者でなくなる: the household changed or its head did; returns the household. Raises NotFound."""
    row = await session.fetchrow(_END_FORMER, addressee_no, now)
    if row is None:
        raise NotFound("特定同一世帯所属者ではありません。")
    household_no, since = row["household_no"], row["since"]
    session.add(
        NhiFormerMember(
            addressee_no=addressee_no, household_no=household_no, since=since, until=max(on, since), recorded_at=now
        )
    )
    session.audit(AuditEvent("nhi.former_member_ended", f"addressee:{addressee_no}"))
    return int(household_no)


async def record_circumstance(session: WriteSession, body: Circumstance, now: datetime) -> EnrolmentResult:
    """What the levy depends on besides 資格 and income; raises Invalid or NotFound."""
    person = await _get_person(session, body.addressee_no)
    errors = []
    if body.notified_on > now.date():
        errors.append(_error("notified_on", "届出日が未来の日付です。", "future"))
    if body.ends_on is not None and body.ends_on < body.starts_on:
        errors.append(_error("ends_on", "終わる日が始まる日より前です。", "order"))
    _refuse(errors)
    is_of_household = body.kind == "head_changed"
    values = {"ends_on": body.ends_on} if body.ends_on else {}
    session.add(
        NhiCircumstance(
            kind=body.kind,
            addressee_no=None if is_of_household else body.addressee_no,
            household_no=person.household_no,
            starts_on=body.starts_on,
            is_multiple_birth=body.is_multiple_birth,
            code=body.code,
            notified_on=body.notified_on,
            staff_id=session.principal.login,
            recorded_at=now,
            **values,
        )
    )
    return await _finish(session, "nhi.circumstance", body, person.household_no, body.starts_on, now)


async def dismiss_candidate(session: WriteSession, body: Dismissal, now: datetime) -> int:
    """Note that a candidate asks for nothing; returns its household. Raises NotFound when it is not open."""
    key = (body.source, body.addressee_no, body.kind)
    row = await session.fetchrow(_CANDIDATE, *key)
    if row is None:
        raise NotFound("この候補はすでに処理されています。")
    login = session.principal.login
    if row["is_stored"]:
        await session.fetchval(_CLOSE, *key, now, login)
    else:
        closed = {"proposed_at": now, "closed_at": now, "closed_by": login, "outcome": "not_applicable"}
        known = {name: row[name] for name in ("household_no", "reason", "effective_on")}
        session.add(NhiProposal(source=body.source, addressee_no=body.addressee_no, kind=body.kind, **known, **closed))
    detail = {"source": body.source, "kind": body.kind}
    session.audit(AuditEvent("nhi.candidate_dismissed", f"addressee:{body.addressee_no}", detail=detail))
    return int(row["household_no"])


async def _get_person(session: Reader, addressee_no: int) -> Resident:
    person = await find_resident(session, addressee_no)
    if person is None:
        raise NotFound("この宛名番号の住民はいません。")
    return person


async def _get_open(session: WriteSession, addressee_no: int) -> Mapping[str, Any]:
    row = next((row for row in await list_enrolments(session, addressee_no) if row["is_open"]), None)
    if row is None:
        raise NotFound("国民健康保険の資格がありません。")
    return row


async def _supersede(session: WriteSession, enrolment_id: int, now: datetime) -> None:
    if await session.fetchval(_END_ENROLMENT, enrolment_id, now) is None:
        raise Conflict


async def _end(
    session: WriteSession, row: Mapping[str, Any], lost_on: date, reason: str, notified_on: date, now: datetime
) -> None:
    """The same enrolment with its end; the row without one stays readable."""
    await _supersede(session, row["id"], now)
    session.add(
        NhiEnrolment(
            addressee_no=row["addressee_no"],
            household_no=row["household_no"],
            acquired_on=row["acquired_on"],
            lost_on=lost_on,
            acquisition_reason=row["acquisition_reason"],
            loss_reason=reason,
            notified_on=notified_on,
            staff_id=session.principal.login,
            recorded_at=now,
        )
    )


async def _finish(
    session: WriteSession, topic: str, body: Notice, household_no: int, day: date, now: datetime
) -> EnrolmentResult:
    subject = f"addressee:{body.addressee_no}"
    detail = body.model_dump(mode="json", exclude={"confirmed", "addressee_no"})
    session.audit(AuditEvent(topic, subject, detail=detail))
    publish(session, DomainEvent(topic, subject, day, {"household_no": household_no}))
    await session.flush()
    current = fiscal_year_of(now.date())
    years = list(range(fiscal_year_of(day), current + 1)) or [current]
    return EnrolmentResult(
        addressee_no=body.addressee_no, household_no=household_no, fiscal_year=years[-1], fiscal_years=years
    )


def _date_errors(body: Notice, day: date, field: str, today: date) -> list[FieldError]:
    errors = []
    if body.notified_on > today:
        errors.append(_error("notified_on", "届出日が未来の日付です。今日以前の日付を入力してください。", "future"))
    if day > today:
        errors.append(_error(field, "未来の日付です。事実のあった日を入力してください。", "future"))
    return errors


def _acquisition_errors(body: Enrol, person: Resident, figures: ParameterSet) -> list[FieldError]:
    errors = []
    if body.acquired_on < person.became_resident_on:
        since = format_wareki(person.became_resident_on)
        errors.append(_error("acquired_on", f"住民となった日 ({since}) より前の日付です。", "order", "国保法7条"))
    age = Use(figures).count("elderly_medical.age")
    if birthday_in(person.birth_date, person.birth_date.year + age) <= body.acquired_on:
        errors.append(
            _error("acquired_on", f"{age}歳以上の人は後期高齢者医療の被保険者です。", "elderly", "国保法6条8号")
        )
    if body.reason == "birth" and body.acquired_on != person.birth_date:
        label = ACQUISITION_REASONS["birth"]
        errors.append(_error("acquired_on", f"取得の理由が{label}のときは生年月日を入力してください。", "birth"))
    return errors


def _confirm(body: Notice, day: date, figures: ParameterSet) -> None:
    """A notice after the 14 days is accepted once the clerk has seen it."""
    days = Use(figures).count("notice.days")
    last = day + timedelta(days=days)
    if body.notified_on > last and "late_notice" not in body.confirmed:
        message = (
            f"届出期間 ({days}日以内) を過ぎています。期限は{format_wareki(last)}でした。"
            "資格と保険税(料)は事実のあった日にさかのぼります。"
        )
        raise NeedsConfirmation(fields=[_error("notified_on", message, "late_notice", _ARTICLE)])


def _error(field: str, message: str, rule: str, article: str = "") -> FieldError:
    return FieldError(field, message, rule=rule, article=article)


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise Invalid(fields=errors)
