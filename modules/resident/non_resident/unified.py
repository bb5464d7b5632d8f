"""団体内統合宛名番号 (共通機能標準仕様書): obtained by matching the 個人番号, made only where none matches, read for a purpose.

Businesses keep the 宛名番号; only the exchange with the 中間サーバー needs this number. It and the 個人番号 are sealed,
found by keyed fingerprints, and every sight of them is audited with its purpose.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import select

from modules.resident.basic_register.facts import find_concealed, find_fingerprint, find_number_holders
from modules.resident.non_resident.facts import find_addressee, list_same
from modules.resident.non_resident.unified_models import UnifiedAddressee, UnifiedHolder, UnifiedMyNumber
from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.numbers import is_my_number
from yoriai.sealing import Sealed, Sealer
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Reader, WriteSession

DIGITS = 15
_NUMBER, _UNIFIED = "my_number", "unified_no"
_ARTICLE = "番号法7条、平成26年総務省令85号5条"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || 'unified_addressee', 0))"
_HELD = """
SELECT h.unified_id, a.sealed AS unified, n.sealed AS number FROM unified_holder h
  JOIN unified_addressee a ON a.unified_id = h.unified_id
  JOIN unified_my_number n ON n.unified_id = h.unified_id AND n.superseded_at IS NULL
 WHERE h.addressee_no = $1
"""
_OF_NUMBER = "SELECT unified_id FROM unified_my_number WHERE fingerprint = ANY($1::text[])"
_HOLDERS = "SELECT addressee_no FROM unified_holder WHERE unified_id = $1 ORDER BY addressee_no"
_FOUND = """
SELECT h.addressee_no FROM unified_addressee a JOIN unified_holder h ON h.unified_id = a.unified_id
 WHERE a.fingerprint = ANY($1::text[]) ORDER BY h.addressee_no
"""


class UnifiedRequest(BaseModel):
    """A request for the number of an addressee, with the 個人番号 shown by the person or told by 住基ネット."""

    my_number: str = Field(min_length=1, max_length=12, title="個人番号")
    purpose: str = Field(min_length=1, max_length=200, title="利用目的")
    is_changed: bool = Field(default=False, title="個人番号が変わった")
    confirmed: list[str] = []


class UnifiedSight(BaseModel):
    """A wish to read the numbers, and for what."""

    purpose: str = Field(min_length=1, max_length=200, title="利用目的")


class UnifiedQuery(UnifiedSight):
    """Whose number it is: from the 中間サーバー back to the 宛名番号."""

    unified_no: str = Field(min_length=1, max_length=DIGITS, title="団体内統合宛名番号")


class UnifiedView(BaseModel):
    """An addressee with the number: masked unless it was obtained or asked for with a purpose."""

    addressee_no: int
    name: str
    has_number: bool
    unified_no: str = ""
    my_number: str = ""
    outcome: str = ""
    """`new` or `existing` (処理区分) after a request."""
    holders: list[int] = []


class UnifiedFound(BaseModel):
    """To whom a number belongs: empty for an unknown one."""

    is_asked: bool
    addressee_nos: list[int]


async def get_unified(session: Reader, addressee_no: int) -> UnifiedView:
    """Whether the addressee has a number, and who shares it; no digit of either. Raises NotFound."""
    return await _view(session, addressee_no)


async def obtain(
    session: WriteSession, sealer: Sealer, tenant: TenantRef, addressee_no: int, body: UnifiedRequest, now: datetime
) -> UnifiedView:
    """The number of the 個人番号: the known one, or a new one where none matches. Raises NotFound, Invalid, NeedsConfirmation."""
    view = await _view(session, addressee_no)
    findings = Findings()
    if not is_my_number(body.my_number):
        findings.refuse("my_number", "個人番号は12桁で、検査用数字が合わなければなりません。", _ARTICLE)
    findings.settle()
    prints = sealer.fingerprints(tenant, _NUMBER, body.my_number)
    same = set(await list_same(session, addressee_no))
    await _check_register(session, findings, prints, addressee_no, same)
    await session.fetchval(_LOCK)
    held: int | None = await session.scalar(
        select(UnifiedHolder.unified_id).where(UnifiedHolder.addressee_no == addressee_no)
    )
    known: int | None = await session.fetchval(_OF_NUMBER, prints)
    await _check_known(session, findings, body, held, known, same)
    findings.settle(body.confirmed)
    who = session.principal.login
    unified_id = known or held or await _new(session, sealer, tenant, now)
    if known is None:
        await _bind(session, sealer, tenant, unified_id, body.my_number, prints[0], now)
    if held is None:
        session.add(UnifiedHolder(addressee_no=addressee_no, unified_id=unified_id, recorded_at=now, staff_id=who))
        await session.flush()
    outcome = "existing" if known or held else "new"
    session.audit(AuditEvent("unified.obtain", f"addressee:{addressee_no}", body.purpose, {"outcome": outcome}))
    opened = await _opened(session, sealer, tenant, view)
    return opened.model_copy(update={"outcome": outcome, "my_number": ""})


async def see(session: Reader, sealer: Sealer, tenant: TenantRef, addressee_no: int, purpose: str) -> UnifiedView:
    """Both numbers in plain digits, audited with the purpose. Raises NotFound."""
    view = await _opened(session, sealer, tenant, await _view(session, addressee_no))
    session.audit(AuditEvent("unified.view", f"addressee:{addressee_no}", reason=purpose))
    return view


async def find(session: Reader, sealer: Sealer, tenant: TenantRef, query: UnifiedQuery) -> UnifiedFound:
    """Whose number it is; who is concealed from the reader is not found. Audited with the purpose, without the number."""
    rows = await session.fetch(_FOUND, sealer.fingerprints(tenant, _UNIFIED, query.unified_no.strip()))
    numbers = [row["addressee_no"] for row in rows]
    concealed = await find_concealed(session, numbers)
    found = [number for number in numbers if number not in concealed]
    subject = f"addressee:{found[0]}" if found else ""
    session.audit(AuditEvent("unified.search", subject, reason=query.purpose))
    return UnifiedFound(is_asked=True, addressee_nos=found)


async def _view(session: Reader, addressee_no: int) -> UnifiedView:
    person = await find_addressee(session, addressee_no)
    if person is None or await find_concealed(session, [addressee_no]):
        raise NotFound("この宛名番号はありません。")
    if person.kind != "person":
        raise Conflict("個人番号は個人だけのものです。法人・団体に団体内統合宛名番号はありません。")
    row = await session.fetchrow(_HELD, addressee_no)
    holders = [item["addressee_no"] for item in await session.fetch(_HOLDERS, row["unified_id"])] if row else []
    return UnifiedView(addressee_no=addressee_no, name=person.name, has_number=row is not None, holders=holders)


async def _opened(session: Reader, sealer: Sealer, tenant: TenantRef, view: UnifiedView) -> UnifiedView:
    row = await session.fetchrow(_HELD, view.addressee_no)
    if row is None:
        return view
    holders = [item["addressee_no"] for item in await session.fetch(_HOLDERS, row["unified_id"])]
    return view.model_copy(
        update={
            "has_number": True,
            "unified_no": sealer.open(_place(tenant, _UNIFIED, row["unified_id"]), row["unified"]),
            "my_number": sealer.open(_place(tenant, _NUMBER, row["unified_id"]), row["number"]),
            "holders": holders,
        }
    )


async def _check_register(
    session: Reader, findings: Findings, prints: Sequence[str], addressee_no: int, same: set[int]
) -> None:
    """What the 住民票 says of the 個人番号: it is this person's, or nobody's."""
    others = await find_number_holders(session, _NUMBER, prints) - same
    if others:
        told = sorted(others - await find_concealed(session, sorted(others)))
        whom = f"宛名番号 {told[0]} の住民" if told else "別の宛名番号の人"
        message = f"この個人番号は{whom}のものです。番号を確かめ、同じ人なら先に名寄せしてください。"
        findings.refuse("my_number", message, _ARTICLE, rule="other_person")
    registered = await find_fingerprint(session, _NUMBER, addressee_no)
    if registered is not None and registered not in prints and not others:
        findings.refuse("my_number", "住民票の個人番号と違います。番号を確かめてください。", _ARTICLE, rule="register")


async def _check_known(
    session: Reader, findings: Findings, body: UnifiedRequest, held: int | None, known: int | None, same: set[int]
) -> None:
    """What is numbered already: the same number twice is the same person."""
    if known is not None and held is not None and known != held:
        message = "この個人番号には別の団体内統合宛名番号が付いています。番号か人を確かめてください。"
        findings.refuse("my_number", message, _ARTICLE, rule="other_person")
    elif known is not None and held is None:
        others = {row["addressee_no"] for row in await session.fetch(_HOLDERS, known)} - same
        for number in sorted(others - await find_concealed(session, sorted(others))):
            message = f"宛名番号 {number} と同じ個人番号です。同じ人なら名寄せもしてください。"
            findings.warn("same_number", "my_number", message)
    elif known is None and held is not None and not body.is_changed:
        message = "この宛名には別の個人番号で団体内統合宛名番号が付いています。個人番号が変わったときは、そのことを選んでください。"
        findings.refuse("my_number", message, "番号法7条2項", rule="changed")


async def _new(session: WriteSession, sealer: Sealer, tenant: TenantRef, now: datetime) -> int:
    unified_id = await allocate(session, "unified_addressee")
    while True:
        number = str(secrets.randbelow(9 * 10 ** (DIGITS - 1)) + 10 ** (DIGITS - 1))
        prints = sealer.fingerprints(tenant, _UNIFIED, number)
        taken = await session.scalar(
            select(UnifiedAddressee.unified_id).where(UnifiedAddressee.fingerprint.in_(prints))
        )
        if taken is None:
            break
    session.add(
        UnifiedAddressee(
            unified_id=unified_id,
            sealed=sealer.seal(_place(tenant, _UNIFIED, unified_id), number),
            fingerprint=prints[0],
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    await session.flush()
    return unified_id


async def _bind(
    session: WriteSession,
    sealer: Sealer,
    tenant: TenantRef,
    unified_id: int,
    my_number: str,
    fingerprint: str,
    now: datetime,
) -> None:
    """Let the number stand for the 個人番号 from now on."""
    before = await session.scalar(
        select(UnifiedMyNumber)
        .where(UnifiedMyNumber.unified_id == unified_id, UnifiedMyNumber.superseded_at.is_(None))
        .with_for_update()
    )
    if before is not None:
        before.superseded_at = now
        await session.flush()
    session.add(
        UnifiedMyNumber(
            unified_id=unified_id,
            sealed=sealer.seal(_place(tenant, _NUMBER, unified_id), my_number),
            fingerprint=fingerprint,
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    await session.flush()


def _place(tenant: TenantRef, kind: str, unified_id: int) -> Sealed:
    return Sealed(tenant, kind, f"unified:{unified_id}")
