"""The use cases of 住登外管理: number, change, join and undo, destinations, returned mail. One function is one transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from modules.resident.non_resident.facts import find_addressee
from modules.resident.non_resident.inputs import (
    AddresseeResult,
    Change,
    Destination,
    Facts,
    Link,
    Migration,
    MigrationResult,
    Registration,
    Returned,
    Settled,
    Unlink,
)
from modules.resident.non_resident.matching import SURE, Looked, find_candidates
from modules.resident.non_resident.models import (
    AddresseeLink,
    MailingDestination,
    NonResident,
    NonResidentMember,
    NonResidentRecord,
    ReturnedMail,
)
from yoriai.audit import AuditEvent
from yoriai.dates import OPEN_END
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.japanese import fold_kana, fold_name, has_only_kana, to_katakana
from yoriai.numbering import allocate
from yoriai.numbers import check_digit_of_corporate_number, is_corporate_number
from yoriai.tenancy.session import Reader, WriteSession

_HIGHEST = """
INSERT INTO number_counter (kind, next) VALUES ('addressee', $1)
ON CONFLICT (kind) DO UPDATE SET next = greatest(number_counter.next, excluded.next)
"""
_TAKEN = "SELECT addressee_no FROM fact_addressee WHERE addressee_no = ANY($1::bigint[])"


async def register(session: WriteSession, body: Registration, now: datetime) -> AddresseeResult:
    """付番. A current resident is pointed to and never numbered again; a former one or a likely double has to be confirmed."""
    findings = Findings()
    _check(findings, body, body.kind, now)
    await _check_members(session, findings, body)
    await _check_known(session, findings, body)
    findings.settle(body.confirmed)
    number = await allocate(session, "addressee")
    await _add(session, number, body, now)
    session.audit(AuditEvent("non_resident.register", f"addressee:{number}", body.reason))
    return AddresseeResult(addressee_no=number)


async def change(session: WriteSession, addressee_no: int, body: Change, now: datetime) -> AddresseeResult:
    """A change from a day on: the version before ends there and stays, and what was known before stays readable too."""
    holder = await _open(session, addressee_no, body.version)
    findings = Findings()
    _check(findings, body, holder.kind, now)
    query = select(NonResidentRecord).where(
        NonResidentRecord.addressee_no == addressee_no,
        NonResidentRecord.superseded_at.is_(None),
        NonResidentRecord.valid_to == OPEN_END,
    )
    before = (await session.scalars(query)).one()
    if body.since < before.valid_from:
        findings.refuse("since", "今の記録の始まりより前の日付です。", rule="order")
    findings.settle(body.confirmed)
    before.superseded_at = now
    await session.flush()
    if before.valid_from < body.since:
        names = [column.name for column in NonResidentRecord.__table__.columns]
        kept = {name: getattr(before, name) for name in names if name not in ("id", "superseded_at")}
        session.add(NonResidentRecord(**{**kept, "valid_to": body.since, "recorded_at": now}))
    session.add(_record(session, addressee_no, body, now, before.owner_business))
    holder.version += 1
    session.audit(AuditEvent("non_resident.change", f"addressee:{addressee_no}", body.reason))
    await session.flush()
    return AddresseeResult(addressee_no=addressee_no, version=holder.version)


async def migrate(session: WriteSession, body: Migration, now: datetime) -> MigrationResult:
    """The former system's records with their numbers: no number is changed, doubles are refused by line, all or nothing."""
    numbers = [row.addressee_no for row in body.rows]
    taken = {row["addressee_no"] for row in await session.fetch(_TAKEN, numbers)}
    findings = Findings()
    for line, row in enumerate(body.rows, 1):
        found = Findings()
        if row.addressee_no in taken:
            found.refuse("addressee_no", f"宛名番号 {row.addressee_no} はすでに使われています。", rule="taken")
        if numbers.count(row.addressee_no) > 1:
            found.refuse("addressee_no", f"宛名番号 {row.addressee_no} が二度あります。", rule="duplicate")
        _check(found, row, row.kind, now)
        findings.errors += [
            FieldError(f"rows.{line - 1}.{error.field}", f"{line}行目: {error.message}", error.rule, error.article)
            for error in found.errors
        ]
    findings.settle()
    for row in body.rows:
        await _add(session, row.addressee_no, row, now)
    await session.fetch(_HIGHEST, max(numbers) + 1)
    session.audit(AuditEvent("non_resident.migrate", detail={"taken": len(numbers)}))
    return MigrationResult(taken=len(numbers))


async def link(session: WriteSession, from_no: int, body: Link, now: datetime) -> AddresseeResult:
    """名寄せ: `from_no` points to the 代表; a chain is refused, so that every number has one representative."""
    errors = []
    for place, number in (("from_no", from_no), ("to_no", body.to_no)):
        if await find_addressee(session, number) is None:
            errors.append(FieldError(place, f"宛名番号 {number} はありません。", rule="unknown"))
    if from_no == body.to_no:
        errors.append(FieldError("to_no", "同じ宛名番号です。", rule="same"))
    if errors:
        raise Invalid(fields=errors)
    # Both ends are locked by their links' key: two clerks that join in opposite directions must not make a ring.
    await session.fetch("SELECT pg_advisory_xact_lock(hashtext('addressee_link'))")
    for one in (
        await session.scalars(
            select(AddresseeLink).where(
                AddresseeLink.superseded_at.is_(None), AddresseeLink.from_no.in_([from_no, body.to_no])
            )
        )
    ).all():
        owner = "この宛名番号" if one.from_no == from_no else "代表にする宛名番号"
        errors.append(FieldError("to_no", f"{owner}はすでに {one.to_no} に名寄せされています。", rule="linked"))
    if await session.scalar(
        select(AddresseeLink.id).where(AddresseeLink.superseded_at.is_(None), AddresseeLink.to_no == from_no)
    ):
        errors.append(
            FieldError("to_no", "この宛名番号を代表とする名寄せがあります。先に取り消してください。", rule="chain")
        )
    if errors:
        raise Invalid(fields=errors)
    session.add(
        AddresseeLink(
            from_no=from_no,
            to_no=body.to_no,
            kind="duplicate",
            reason=body.reason,
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    detail = {"to_no": body.to_no}
    session.audit(AuditEvent("non_resident.link", f"addressee:{from_no}", body.reason, detail))
    await session.flush()
    return AddresseeResult(addressee_no=from_no)


async def unlink(session: WriteSession, from_no: int, body: Unlink, now: datetime) -> AddresseeResult:
    """取消し of a 名寄せ: both sides are as complete as before, the link stays in the history. Raises NotFound."""
    query = (
        select(AddresseeLink)
        .where(AddresseeLink.from_no == from_no, AddresseeLink.superseded_at.is_(None))
        .with_for_update()
    )
    known = await session.scalar(query)
    if known is None:
        raise NotFound("この宛名番号の名寄せはありません。")
    known.superseded_at, known.undone_by, known.undo_reason = now, session.principal.login, body.reason
    if known.kind == "moved_in" and (holder := await session.get(NonResident, from_no, with_for_update=True)):
        holder.state = "active"
        holder.version += 1
    session.audit(AuditEvent("non_resident.unlink", f"addressee:{from_no}", body.reason, {"to_no": known.to_no}))
    await session.flush()
    return AddresseeResult(addressee_no=from_no)


async def set_destination(
    session: WriteSession, addressee_no: int, body: Destination, now: datetime
) -> AddresseeResult:
    """送付先 or 管理人 for a business and a period."""
    findings = Findings()
    if await find_addressee(session, addressee_no) is None:
        raise NotFound("この宛名番号はありません。")
    name = body.name.strip()
    if body.agent_no is not None:
        agent = await find_addressee(session, body.agent_no)
        if agent is None:
            findings.refuse("agent_no", "この宛名番号はありません。", rule="unknown")
        elif body.agent_no == addressee_no:
            findings.refuse("agent_no", "本人と同じ宛名番号です。", rule="same")
        name = agent.name if agent else name
    elif not name or not body.address.strip():
        findings.refuse("name", "宛名番号か、宛名と住所を入力してください。", rule="required")
    until = body.valid_to or OPEN_END
    if until < body.valid_from:
        findings.refuse("valid_to", "終わりの日が始まりの日より前です。", rule="order")
    findings.settle()
    session.add(
        MailingDestination(
            addressee_no=addressee_no,
            kind=body.kind,
            business=body.business,
            agent_no=body.agent_no,
            name=name,
            postcode=(body.postcode or "").replace("-", "") or None,
            address=body.address.strip(),
            building=body.building.strip(),
            reason=body.reason,
            valid_from=body.valid_from,
            valid_to=until,
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    session.audit(AuditEvent("non_resident.destination", f"addressee:{addressee_no}", body.reason, {"kind": body.kind}))
    await session.flush()
    return AddresseeResult(addressee_no=addressee_no)


async def drop_destination(
    session: WriteSession, addressee_no: int, destination_id: int, now: datetime
) -> AddresseeResult:
    """A destination that was wrong or is no longer wanted; it stays in the history."""
    known = await session.get(MailingDestination, destination_id, with_for_update=True)
    if known is None or known.addressee_no != addressee_no:
        raise NotFound("この送付先はありません。")
    if known.superseded_at is not None:
        raise Conflict("この送付先はすでに取り消されています。")
    known.superseded_at = now
    session.audit(AuditEvent("non_resident.destination.drop", f"addressee:{addressee_no}"))
    await session.flush()
    return AddresseeResult(addressee_no=addressee_no)


async def mark_returned(session: WriteSession, addressee_no: int, body: Returned, now: datetime) -> AddresseeResult:
    """返戻 or 公示送達 of one item: from now on letters of the business are warned about."""
    if await find_addressee(session, addressee_no) is None:
        raise NotFound("この宛名番号はありません。")
    if body.on > now.date():
        raise Invalid(fields=[FieldError("on", "今日より後の日付です。", rule="order")])
    values: dict[str, Any] = body.model_dump()
    session.add(ReturnedMail(addressee_no=addressee_no, recorded_at=now, staff_id=session.principal.login, **values))
    session.audit(AuditEvent("non_resident.returned", f"addressee:{addressee_no}", body.item, {"kind": body.kind}))
    await session.flush()
    return AddresseeResult(addressee_no=addressee_no)


async def settle_returned(
    session: WriteSession, addressee_no: int, mail_id: int, body: Settled, now: datetime
) -> AddresseeResult:
    """The item has reached its addressee, or need not any more."""
    known = await session.get(ReturnedMail, mail_id, with_for_update=True)
    if known is None or known.addressee_no != addressee_no or known.superseded_at is not None:
        raise NotFound("この返戻の記録はありません。")
    known.superseded_at, known.settled_by, known.outcome = now, session.principal.login, body.outcome
    session.audit(AuditEvent("non_resident.settled", f"addressee:{addressee_no}", body.outcome))
    await session.flush()
    return AddresseeResult(addressee_no=addressee_no)


def _check(findings: Findings, body: Facts, kind: str, now: datetime) -> None:
    if not has_only_kana(body.name_kana):
        findings.refuse("name_kana", "フリガナはカタカナで入力してください。", rule="kana")
    if body.since > now.date():
        findings.refuse("since", "今日より後の日付です。", rule="order")
    if body.birth_date and body.birth_date > now.date():
        findings.refuse("birth_date", "生年月日が今日より後です。", rule="order")
    number = (body.corporate_number or "").strip()
    if kind in ("corporation", "body"):
        if body.birth_date or body.sex != "0":
            findings.refuse("birth_date", "法人・団体に生年月日と性別はありません。", rule="kind")
        if number and not is_corporate_number(number):
            message = "法人番号は13桁の数字です。"
            if len(number) == 13 and number.isascii() and number.isdigit():
                message = f"法人番号の検査数字が違います (下12桁からは {check_digit_of_corporate_number(number[1:])} になります)。"
            findings.refuse("corporate_number", message, "法人番号の指定等に関する省令2条", rule="check_digit")
    elif number:
        findings.refuse("corporate_number", "法人番号は法人・団体だけのものです。", rule="kind")


async def _check_members(session: Reader, findings: Findings, body: Registration) -> None:
    if body.kind != "co_owners":
        if body.members:
            findings.refuse("members", "共有者は「共有者」の宛名だけに登録します。", rule="kind")
        return
    if len(body.members) < 2:
        findings.refuse("members", "共有者を2人以上入力してください。", "民法249条", rule="required")
    numbers = [member.member_no for member in body.members]
    for index, member in enumerate(body.members):
        place = f"members.{index}.member_no"
        if numbers.count(member.member_no) > 1:
            findings.refuse(place, "同じ共有者が二度書かれています。", rule="duplicate")
        elif await find_addressee(session, member.member_no) is None:
            findings.refuse(place, f"宛名番号 {member.member_no} はありません。", rule="unknown")
        if member.numerator > member.denominator:
            findings.refuse(f"members.{index}.numerator", "持分が1を超えています。", rule="share")


async def _check_known(session: Reader, findings: Findings, body: Registration) -> None:
    looked = Looked(body.name, to_katakana(body.name_kana), body.birth_date, body.address, body.corporate_number)
    for found in await find_candidates(session, looked):
        if found.score < SURE:
            continue
        what = "、".join(found.agrees)
        if found.standing == "resident":
            message = f"住民の {found.name} さん (宛名番号 {found.addressee_no}) と{what}が同じです。その番号を使ってください。"
            findings.refuse("name", message, rule="resident")
        elif found.standing == "former":
            message = (
                f"除票の {found.name} さん (宛名番号 {found.addressee_no}) と{what}が同じです。その番号を使えます。"
            )
            findings.warn("former_resident", "name", message)
        else:
            message = (
                f"{found.name} (宛名番号 {found.addressee_no}) と{what}が同じです。二重の付番でないか確かめてください。"
            )
            findings.warn("duplicate", "name", message)


async def _add(session: WriteSession, number: int, body: Registration, now: datetime) -> None:
    session.add(
        NonResident(addressee_no=number, kind=body.kind, version=1, recorded_at=now, staff_id=session.principal.login)
    )
    await session.flush()
    session.add(_record(session, number, body, now, body.owner_business))
    session.add_all(
        [
            NonResidentMember(
                addressee_no=number,
                member_no=member.member_no,
                numerator=member.numerator,
                denominator=member.denominator,
            )
            for member in body.members
        ]
    )
    await session.flush()


def _record(session: WriteSession, number: int, body: Facts, now: datetime, owner_business: str) -> NonResidentRecord:
    kana = to_katakana(body.name_kana)
    return NonResidentRecord(
        addressee_no=number,
        name=body.name.strip(),
        name_kana=kana,
        name_fold=fold_name(body.name),
        kana_fold=fold_kana(kana),
        alias=body.alias,
        branch=body.branch,
        representative=body.representative,
        birth_date=body.birth_date,
        sex=body.sex,
        corporate_number=body.corporate_number or None,
        postcode=(body.postcode or "").replace("-", "") or None,
        address=body.address.strip(),
        building=body.building.strip(),
        source=body.source,
        is_restricted=body.is_restricted,
        owner_business=owner_business,
        reason=body.reason,
        valid_from=body.since,
        valid_to=OPEN_END,
        recorded_at=now,
        staff_id=session.principal.login,
    )


async def _open(session: WriteSession, addressee_no: int, version: int) -> NonResident:
    holder = await session.get(NonResident, addressee_no, with_for_update=True)
    if holder is None:
        raise NotFound("この宛名番号の住登外者はいません。")
    if holder.version != version:
        raise Conflict("この宛名は、ほかの操作で変わりました。最新の内容を確かめてください。")
    if holder.state != "active":
        raise Conflict("住民になった人の記録は変えられません。")
    return holder
