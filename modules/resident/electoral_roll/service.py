"""The use cases of the roll itself: single registrations and removals, suspensions, care. One function is one transaction.

Elections are in `election_service`, votes in `voting` and `absentee`, everything around the roll in `side_service`.
"""

import json
from datetime import date, datetime, timedelta

from modules.resident.electoral_roll.batch.plan import base_day
from modules.resident.electoral_roll.districts import division_on
from modules.resident.electoral_roll.election_models import Election, ElectoralVoter
from modules.resident.electoral_roll.inputs import (
    CareInput,
    CorrectionInput,
    EntryAct,
    EntryResult,
    Recorded,
    SuspensionInput,
    Withdrawal,
)
from modules.resident.electoral_roll.judging import PEOPLE, figures_of, judge, one
from modules.resident.electoral_roll.models import ElectoralAct, ElectoralCare, ElectoralEntry, ElectoralSuspension
from modules.resident.electoral_roll.reasons import reason_of
from modules.resident.electoral_roll.states import Act, State, next_state
from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.japanese import fold_kana, fold_name
from yoriai.numbering import allocate
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, WriteSession

ONE_DAY = timedelta(days=1)
_LISTED = "SELECT entry_no FROM electoral_entry WHERE addressee_no = $1 AND status <> 'removed'"
_CARE = """
SELECT bool_or(is_protected) AS is_protected, bool_or(sending_address IS NOT NULL) AS has_address FROM electoral_care
 WHERE addressee_no = $1 AND superseded_at IS NULL AND (until_on IS NULL OR until_on >= $2)
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))"
_KNOWN = "SELECT count(*) FROM fact_resident_period WHERE addressee_no = $1"
_RUN = """
INSERT INTO electoral_run (run_key, kind, base_on, age_on, registered_on, figures) VALUES ($1, 'correction', $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""


async def register_one(
    session: WriteSession, body: CorrectionInput, config: TenantConfig, now: datetime
) -> EntryResult:
    """補正登録 (26条): raises Invalid with the reason for who was not registrable as of the last base day."""
    today = now.date()
    election = await session.get(Election, body.election_no) if body.election_no else None
    if body.election_no and (election is None or election.status == "cancelled"):
        raise Invalid(fields=[FieldError("election_no", "この選挙はありません。", rule="unknown")])
    if election and election.vote_on < today:
        raise Invalid(fields=[FieldError("election_no", "投票の終わった選挙の名簿には加えられません。", rule="over")])
    base_on, age_on = (election.base_on, election.vote_on) if election else (base_day(today), base_day(today))
    await lock_person(session, body.addressee_no)
    if await session.fetchval(_LISTED, body.addressee_no):
        raise Invalid(fields=[FieldError("addressee_no", "すでに名簿に登録されています。", rule="duplicate")])
    person = await read_person(session, body.addressee_no, base_on)
    if person is None:
        message = "基準日に住民基本台帳に記録されていません。"
        raise Invalid(fields=[FieldError("addressee_no", message, "unknown", "公職選挙法21条")])
    figures = figures_of(config, base_on)
    row = judge(one(person), base_on, age_on, figures).row(0, named=True)
    if not row["is_registrable"]:
        raise Invalid(
            fields=[FieldError("addressee_no", f"{reason_of(row)}。", "qualification", "公職選挙法21条、26条")]
        )
    if election and election.kind == "municipal" and row["is_former"]:
        message = "旧住所地で登録される人には、市町村の選挙の選挙権がありません。選挙を選ばずに登録してください。"
        raise Invalid(fields=[FieldError("election_no", message, "moved_out", "公職選挙法9条2項")])
    run_key = f"correction:{today:%Y-%m}:{base_on}"
    content = json.dumps(figures.to_json(), ensure_ascii=False, sort_keys=True)
    await session.fetch(_RUN, run_key, base_on, age_on, today, content)
    district = division_on(config, base_on).district_of(row["place"])
    entry = ElectoralEntry(
        entry_no=await allocate(session, "electoral_entry"),
        **{name: row[name] for name in _COPIED},
        name_fold=fold_name(row["name"]),
        kana_fold=fold_kana(row["name_kana"]),
        district_code=district,
        serial_no=await allocate(session, f"electoral_serial:{district}"),
        status=State.MOVED_OUT if row["is_former"] else State.REGISTERED,
        registered_on=today,
        registered_by="correction",
        run_key=run_key,
        moved_out_on=row["removed_on"] if row["is_former"] else None,
        destination=row["destination"] if row["is_former"] else None,
        remove_on=row["former_until"] + ONE_DAY if row["is_former"] else None,
        version=1,
        recorded_at=now,
    )
    session.add(entry)
    await session.flush()
    _note(session, entry, Act.REGISTER, today, "correction", body.note, now)
    if election and election.status != "planned":
        await _add_voter(session, election, entry)
    await session.flush()
    return _result(entry)


async def act_on_entry(session: WriteSession, entry_no: int, body: EntryAct, now: datetime) -> EntryResult:
    """誤載の抹消 (28条4号), 在外選挙人名簿への移替え, or 転出先での登録の通知 (29条); raises NotFound, Conflict or Invalid."""
    entry = await session.get(ElectoralEntry, entry_no, with_for_update=True)
    if entry is None:
        raise NotFound("この登録はありません。")
    if entry.version != body.version:
        raise Conflict
    if not entry.registered_on <= body.on <= now.date():
        message = "登録日から今日までの日を入力してください。"
        raise Invalid(fields=[FieldError("on", message, rule="order")])
    act = Act.ELSEWHERE if body.act == "elsewhere" else Act.REMOVE
    entry.status = next_state(State(entry.status), act)
    if act is Act.ELSEWHERE:
        entry.elsewhere_on = body.on
    else:
        entry.removed_on, entry.removal_reason = body.on, body.act
    entry.version += 1
    _note(session, entry, act, body.on, body.act, body.note, now)
    await session.flush()
    return _result(entry)


async def record_suspension(session: WriteSession, body: SuspensionInput, now: datetime) -> Recorded:
    """公民権停止: a new record takes the place of an overlapping one on the same ground; other grounds stand beside it.

    Raises Invalid.
    """
    findings = Findings()
    await check_person(session, findings, body.addressee_no)
    _check_period(findings, body.from_on, body.until_on)
    findings.settle()
    await session.fetch(
        "UPDATE electoral_suspension SET superseded_at = $2 WHERE addressee_no = $1 AND superseded_at IS NULL"
        " AND article = $5 AND from_on <= $4 AND (until_on IS NULL OR until_on >= $3)",
        body.addressee_no,
        now,
        body.from_on,
        body.until_on or date.max,
        body.article,
    )
    row = ElectoralSuspension(**body.model_dump(), recorded_at=now, staff_id=session.principal.login)
    session.add(row)
    await session.flush()
    detail = {"from": str(body.from_on), "until": str(body.until_on or ""), "article": body.article}
    session.audit(AuditEvent("electoral_roll.suspension", f"addressee:{body.addressee_no}", detail=detail))
    return Recorded(number=row.id, addressee_no=body.addressee_no)


async def withdraw_suspension(session: WriteSession, body: Withdrawal, now: datetime) -> Recorded:
    """Take a suspension back that was recorded by mistake; the row stays as superseded. Raises NotFound."""
    row = await session.get(ElectoralSuspension, body.number, with_for_update=True)
    if row is None or row.addressee_no != body.addressee_no or row.superseded_at is not None:
        raise NotFound("この停止の記録はありません。")
    row.superseded_at = now
    detail = {"withdrawn": row.id, "from": str(row.from_on), "until": str(row.until_on or ""), "article": row.article}
    event = AuditEvent("electoral_roll.suspension", f"addressee:{row.addressee_no}", body.withdraw_reason, detail)
    session.audit(event)
    await session.flush()
    return Recorded(number=row.id, addressee_no=row.addressee_no)


async def record_care(session: WriteSession, body: CareInput, now: datetime) -> Recorded:
    """支援措置の申出 or another address for the card; it replaces what was recorded before.

    Raises Invalid, or NeedsConfirmation when a protection or an address that stands would end by it.
    """
    findings = Findings()
    await check_person(session, findings, body.addressee_no)
    _check_period(findings, body.from_on, body.until_on)
    if not body.is_protected and not body.sending_address:
        findings.refuse("sending_address", "支援措置か、送付先を入力してください。", rule="required")
    known = await session.fetchrow(_CARE, body.addressee_no, now.date())
    if known and known["is_protected"] and not body.is_protected:
        message = "閲覧・名簿から除く記録 (支援措置) がいまあります。このまま記録すると、除かれなくなります。"
        findings.warn("protection_ends", "is_protected", message)
    if known and known["has_address"] and not body.sending_address:
        findings.warn("address_ends", "sending_address", "いまの送付先の記録は、このまま記録するとなくなります。")
    findings.settle(body.confirmed)
    await session.fetch(
        "UPDATE electoral_care SET superseded_at = $2 WHERE addressee_no = $1 AND superseded_at IS NULL",
        body.addressee_no,
        now,
    )
    values = body.model_dump(exclude={"confirmed"})
    values["sending_postcode"] = (body.sending_postcode or "").replace("-", "") or None
    row = ElectoralCare(**values, recorded_at=now, staff_id=session.principal.login)
    session.add(row)
    await session.flush()
    session.audit(AuditEvent("electoral_roll.care", f"addressee:{body.addressee_no}"))
    return Recorded(number=row.id, addressee_no=body.addressee_no)


async def lock_person(session: WriteSession, addressee_no: int) -> None:
    """Let one record about a person wait for another, to the end of the transaction: a form sent twice at once is recorded once."""
    await session.fetchval(_LOCK, f":electoral_person:{addressee_no}")


async def check_person(session: Reader, findings: Findings, addressee_no: int) -> None:
    """Refuse a number that nobody of the register has."""
    if not await session.fetchval(_KNOWN, addressee_no):
        findings.refuse("addressee_no", "この宛名番号の人はいません。", rule="unknown")


async def read_person(session: Reader, addressee_no: int, base_on: date) -> dict[str, object] | None:
    """One person as the rules ask for, as of a day; None for who was on no 住民票 then."""
    row = await session.fetchrow(f"{PEOPLE} AND p.addressee_no = $2", base_on, addressee_no)
    return dict(row) if row else None


_COPIED = ("addressee_no", "household_no", "name", "name_kana", "birth_date", "sex", "postcode", "address", "building")
_VOTER = (*_COPIED, "entry_no", "district_code", "serial_no", "name_fold", "kana_fold")


async def _add_voter(session: WriteSession, election: Election, entry: ElectoralEntry) -> None:
    session.add(
        ElectoralVoter(
            election_no=election.election_no,
            card_no=await allocate(session, f"electoral_card:{election.election_no}"),
            is_former_address=entry.status == State.MOVED_OUT,
            is_added=True,
            **{name: getattr(entry, name) for name in _VOTER},
        )
    )


def _check_period(findings: Findings, from_on: date, until_on: date | None) -> None:
    if until_on and until_on < from_on:
        findings.refuse("until_on", "終わりの日が始まりの日より前です。", rule="order")


def _note(
    session: WriteSession, entry: ElectoralEntry, act: Act, on: date, reason: str, detail: str, now: datetime
) -> None:
    who = session.principal.login
    session.add(
        ElectoralAct(
            entry_no=entry.entry_no, act=act, on=on, reason=reason, detail=detail, recorded_at=now, staff_id=who
        )
    )
    content = {"entry_no": entry.entry_no, "act": str(act), "reason": reason}
    session.audit(AuditEvent("electoral_roll.act", f"addressee:{entry.addressee_no}", detail, content))


def _result(entry: ElectoralEntry) -> EntryResult:
    return EntryResult(entry_no=entry.entry_no, status=entry.status, version=entry.version)
