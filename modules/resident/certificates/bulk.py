"""一括発行: many persons, one purpose. The list may be changed until it is issued; nothing is left out in silence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from modules.resident.basic_register.facts import find_certificate_stops
from modules.resident.certificates.contents import digest_of
from modules.resident.certificates.fitting import notes_of
from modules.resident.certificates.inputs import BulkChange, BulkPlan, BulkResult
from modules.resident.certificates.kinds import CERTIFICATES, ITEM_LABELS, NUMBERS, Item, Kind
from modules.resident.certificates.models import CertificateBulk, CertificateBulkEntry, CertificateRequest
from modules.resident.certificates.rules import Asker
from modules.resident.certificates.service import join, place_of, write_issues
from modules.resident.certificates.sources import Snapshot, Target, content_of_resident, take_snapshot
from modules.resident.certificates.states import BulkState, EntryState, RequestState, change
from yoriai.audit import AuditEvent
from yoriai.errors import FieldError, Invalid, NotFound
from yoriai.numbering import allocate
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Record, WriteSession
from yoriai.web.fields import is_number

_OF_TOWN = """
SELECT addressee_no, household_no, name, is_head FROM fact_resident WHERE town_code = $1 AND NOT is_hidden
 ORDER BY postcode, address, household_no, NOT is_head, addressee_no"""
_NAMES = """
SELECT addressee_no, name FROM fact_resident_sheet WHERE addressee_no = ANY($1::bigint[]) AND valid_to = '9999-12-31'"""
_PLANNED = """
SELECT id, position, addressee_no FROM certificate_bulk_entry WHERE bulk_no = $1 AND status = 'planned' ORDER BY position, id
 FOR UPDATE"""
_ENTRY = "SELECT id FROM certificate_bulk_entry WHERE bulk_no = $1 AND addressee_no = $2 ORDER BY id DESC LIMIT 1"
_LAST = "SELECT coalesce(max(position), 0) FROM certificate_bulk_entry WHERE bulk_no = $1"
_RESULT = """
UPDATE certificate_bulk_entry e SET status = v.status, note = v.note, serial = v.serial
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) AS v(id, status, note, serial) WHERE e.id = v.id"""
MAX_PERSONS = 20_000


async def plan_bulk(session: WriteSession, body: BulkPlan, now: datetime) -> BulkResult:
    """Make the list: numbers as written, or a 町字's residents (of 世帯連記式, its heads). Raises Invalid with every wrong line."""
    entries = await _listed(session, body)
    bulk = CertificateBulk(
        bulk_no=await allocate(session, "certificate_bulk"),
        label=body.label.strip(),
        kind=body.kind,
        items=join(body.items),
        asker_body=body.asker_body.strip(),
        purpose=body.purpose.strip(),
        status=BulkState.OPEN,
        made_at=now,
        staff_id=session.principal.login,
    )
    session.add(bulk)
    await session.flush()
    rows = [
        {"bulk_no": bulk.bulk_no, "position": place, "addressee_no": number, "name": name}
        for place, (number, name) in enumerate(entries, 1)
    ]
    await session.execute(insert(CertificateBulkEntry), rows)
    detail = {"persons": len(rows), "kind": body.kind}
    session.audit(AuditEvent("certificate.bulk_plan", f"bulk:{bulk.bulk_no}", body.purpose, detail))
    return BulkResult(bulk_no=bulk.bulk_no)


async def change_bulk(session: WriteSession, bulk_no: int, body: BulkChange) -> BulkResult:
    """引抜, back again, or one person more, while the run is open."""
    bulk = await _bulk(session, bulk_no)
    change(BulkState(bulk.status), BulkState.ISSUED)
    known = await session.fetchval(_ENTRY, bulk_no, body.addressee_no)
    if body.act == "add":
        await _add(session, bulk_no, body, known)
    else:
        entry = await session.get(CertificateBulkEntry, known) if known else None
        if entry is None:
            message = f"宛名番号{body.addressee_no}の人はこの一括発行の対象にいません。"
            raise Invalid(message, fields=[FieldError("addressee_no", message, "missing")])
        after = EntryState.PULLED if body.act == "pull" else EntryState.PLANNED
        entry.status = change(EntryState(entry.status), after)
        entry.note, entry.decided_by = body.note.strip(), session.principal.login
    session.audit(AuditEvent(f"certificate.bulk_{body.act}", f"addressee:{body.addressee_no}", body.note))
    await session.flush()
    return BulkResult(bulk_no=bulk_no)


async def issue_bulk(session: WriteSession, config: TenantConfig, bulk_no: int, now: datetime) -> BulkResult:
    """Issue the whole list in one transaction; who may not be issued stays on it with the reason. Raises Conflict when done."""
    bulk = await _bulk(session, bulk_no)
    bulk.status = change(BulkState(bulk.status), BulkState.ISSUED)
    bulk.finished_at = now
    planned = await session.fetch(_PLANNED, bulk_no)
    numbers = [row["addressee_no"] for row in planned]
    snapshot = await take_snapshot(session, numbers, now.date())
    items = frozenset(Item(code) for code in bulk.items.split(",") if code)
    shown = {member.addressee_no for members in snapshot.households.values() for member in members} | set(numbers)
    stopped = set(await find_certificate_stops(session, sorted(shown), now.date()))
    results: list[tuple[Record, str, dict[str, Any] | None]] = []
    for row in planned:
        target = Target(Kind(bulk.kind), items, row["addressee_no"])
        results.append((row, *_judged(snapshot, target, stopped, place_of(config))))
    contents = [content for _, _, content in results if content]
    serials = iter(await _write(session, config, bulk, contents, now))
    ids, states, notes, given = [], [], [], []
    for row, note, content in results:
        ids.append(row["id"])
        states.append(str(EntryState.ISSUED if content else EntryState.LEFT_OUT))
        notes.append(note)
        given.append(next(serials) if content else None)
    await session.fetch(_RESULT, ids, states, notes, given)
    session.audit(
        AuditEvent("certificate.bulk_issue", f"bulk:{bulk_no}", bulk.purpose, {"certificates": len(contents)})
    )
    return BulkResult(bulk_no=bulk_no)


def _judged(snapshot: Snapshot, target: Target, stopped: set[int], place: str) -> tuple[str, dict[str, Any] | None]:
    """The content with what has to be told of it, or why there is none."""
    content = content_of_resident(snapshot, target, place)
    if content is None:
        return "住民ではありません（除票か、宛名番号の誤り）", None
    if stopped & set(content["addressee_nos"]):
        return "支援措置または発行停止", None
    return " / ".join(notes_of(content)), content


async def _write(
    session: WriteSession, config: TenantConfig, bulk: CertificateBulk, contents: list[dict[str, Any]], now: datetime
) -> list[int]:
    """One application for all: a 公用 request without fee."""
    if not contents:
        return []
    request = CertificateRequest(
        request_no=await allocate(session, "certificate_request"),
        status=RequestState.ISSUED,
        kind=bulk.kind,
        addressee_no=contents[0]["addressee_nos"][0],
        items=bulk.items,
        asker=Asker.PUBLIC,
        asker_name="",
        asker_body=bulk.asker_body,
        has_proof=True,
        purpose=bulk.purpose,
        items_reason=bulk.purpose,
        identity="staff",
        copies=1,
        exemption="public",
        content_digest=digest_of(contents[0]),
        bulk_no=bulk.bulk_no,
        received_at=bulk.made_at,
        staff_id=session.principal.login,
        closed_at=now,
        closed_by=session.principal.login,
    )
    session.add(request)
    await session.flush()
    return await write_issues(session, config, request, contents, 0, now)


async def _listed(session: WriteSession, body: BulkPlan) -> list[tuple[int, str]]:
    errors = [
        FieldError("items", f"{ITEM_LABELS[item]}は一括では記載できません。", "right")
        for item in body.items
        if item in NUMBERS or item not in CERTIFICATES[body.kind].items
    ]
    found: list[tuple[int, str]] = []
    if body.numbers.strip():
        found, wrong = await _numbered(session, body.numbers)
        errors += wrong
    elif body.town_code.strip():
        rows = await session.fetch(_OF_TOWN, body.town_code.strip())
        found = [(row["addressee_no"], row["name"]) for row in rows if row["is_head"] or body.kind != Kind.HOUSEHOLD]
    if not found and not errors:
        errors.append(FieldError("numbers", "対象の人がいません。宛名番号か町字コードを入力してください。", "empty"))
    if len(found) > MAX_PERSONS:
        errors.append(FieldError("numbers", f"一度に{MAX_PERSONS:,}人までです。", "too_many"))
    if errors:
        raise Invalid(fields=errors)
    return found


async def _numbered(session: WriteSession, text: str) -> tuple[list[tuple[int, str]], list[FieldError]]:
    lines = [(place, line.strip()) for place, line in enumerate(text.splitlines(), 1) if line.strip()]
    numbers = [int(line) for _, line in lines if is_number(line)]
    names = {row["addressee_no"]: row["name"] for row in await session.fetch(_NAMES, numbers)}
    found: dict[int, str] = {}
    errors = []
    for place, line in lines:
        number = int(line) if is_number(line) else 0
        if number not in names:
            errors.append(
                FieldError("numbers", f"{place}行目「{line[:20]}」は、ある人の宛名番号ではありません。", "number")
            )
        elif number in found:
            errors.append(FieldError("numbers", f"{place}行目の宛名番号{number}は重複しています。", "twice"))
        else:
            found[number] = names[number]
    return list(found.items()), errors


async def _add(session: WriteSession, bulk_no: int, body: BulkChange, known: int | None) -> None:
    names: Sequence[Record] = await session.fetch(_NAMES, [body.addressee_no])
    if known or not names:
        reason = "もう対象に入っています" if known else "見つかりません"
        message = f"宛名番号{body.addressee_no}の人は{reason}。"
        raise Invalid(message, fields=[FieldError("addressee_no", message, "add")])
    session.add(
        CertificateBulkEntry(
            bulk_no=bulk_no,
            position=1 + int(await session.fetchval(_LAST, bulk_no)),
            addressee_no=body.addressee_no,
            name=names[0]["name"],
            status=EntryState.PLANNED,
            note=body.note.strip(),
            decided_by=session.principal.login,
        )
    )


async def _bulk(session: WriteSession, bulk_no: int) -> CertificateBulk:
    bulk = await session.get(CertificateBulk, bulk_no, with_for_update=True)
    if bulk is None:
        raise NotFound("この一括発行はありません。")
    return bulk
