"""本人通知: who registered hears when a copy with their data went to somebody else (the municipality's 要綱; no statute).

The notice names the day, the kind and the number of copies, and whether it was a proxy or another: never who it was.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from modules.resident.basic_register.facts import (
    MailingAddress,
    Sheet,
    find_concealed,
    find_mailing_address,
    is_hidden_from_reader,
    list_sheets,
)
from modules.resident.certificates.inputs import IDENTITIES
from modules.resident.certificates.kinds import KIND_LABELS
from modules.resident.certificates.models import CertificateNotice, CertificateNoticeRegistration
from modules.resident.certificates.rules import ASKER_LABELS
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import OPEN_END, format_wareki
from yoriai.errors import Conflict, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.office import certifier_on
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, WriteSession
from yoriai.web.fields import Day

_IN_FORCE = """
SELECT addressee_no, registration_no FROM certificate_notice_registration
 WHERE addressee_no = ANY($1::bigint[]) AND closed_at IS NULL AND starts_on <= $2 AND ends_on >= $2"""
_OPEN = """
SELECT registration_no FROM certificate_notice_registration WHERE addressee_no = $1 AND closed_at IS NULL AND ends_on >= $2"""
_REGISTRATIONS = """
SELECT r.registration_no, r.addressee_no, r.starts_on, r.ends_on, r.close_reason, s.name
  FROM certificate_notice_registration r
  LEFT JOIN fact_resident_sheet s ON s.addressee_no = r.addressee_no AND s.valid_to = '9999-12-31'
 WHERE NOT EXISTS (SELECT FROM fact_hidden_person h WHERE h.addressee_no = r.addressee_no AND h.is_concealed AND NOT $1)
 ORDER BY r.closed_at IS NOT NULL, r.registration_no DESC LIMIT 500"""
_NOTICES = """
SELECT n.serial, n.addressee_no, n.sent_at, i.kind, i.issued_on, q.asker, s.name
  FROM certificate_notice n JOIN certificate_issue i ON i.serial = n.serial
  JOIN certificate_request q ON q.request_no = i.request_no
  LEFT JOIN fact_resident_sheet s ON s.addressee_no = n.addressee_no AND s.valid_to = '9999-12-31'
 WHERE NOT EXISTS (SELECT FROM fact_hidden_person h WHERE h.addressee_no = n.addressee_no AND h.is_concealed AND NOT $1)
 ORDER BY n.sent_at IS NOT NULL, n.serial DESC LIMIT 500"""
_NOTICE = """
SELECT i.kind, i.issued_on, q.asker FROM certificate_issue i JOIN certificate_request q ON q.request_no = i.request_no
 WHERE i.serial = $1"""
_SEE = "resident.protected.view"


class NoticeRegistration(BaseModel):
    """本人通知の登録の申込み."""

    addressee_no: int = Field(ge=1, title="宛名番号")
    starts_on: Day = Field(title="登録の日")
    ends_on: Day | None = Field(default=None, title="終わりの日")
    identity: str = Field(pattern="^(photo|two|asked|mail)$", title="本人確認")
    note: str = Field(default="", max_length=200, title="備考")


class NoticeResult(BaseModel):
    """A registration, or the end of one."""

    registration_no: int


class NoticeEnd(BaseModel):
    """The end of a registration."""

    reason: str = Field(min_length=1, max_length=200, title="廃止の理由")


class RegistrationRow(BaseModel):
    """A registration in the list."""

    registration_no: int
    addressee_no: int
    name: str
    starts_on: date
    ends_on: date | None
    close_reason: str
    is_ended: bool


class NoticeRow(BaseModel):
    """A notice that is due or was sent."""

    serial: int
    addressee_no: int
    name: str
    kind: str
    issued_on: date
    asker: str
    sent: str
    is_ended: bool


class NoticeList(BaseModel):
    """The registrations and the notices; what waits comes first."""

    registrations: list[RegistrationRow]
    notices: list[NoticeRow]
    waiting: int
    identities: list[tuple[str, str]]
    initial: dict[str, Any]


async def register_person(session: WriteSession, body: NoticeRegistration, now: datetime) -> NoticeResult:
    """Register somebody. Raises NotFound, or Invalid for wrong days and for who is registered already."""
    if not await list_sheets(session, [body.addressee_no]) or await find_concealed(session, [body.addressee_no]):
        raise NotFound("この宛名番号の人は見つかりません。")
    findings = Findings()
    ends_on = body.ends_on or OPEN_END
    if ends_on < body.starts_on:
        findings.refuse("ends_on", "終わりの日が登録の日より前です。")
    if await session.fetchval(_OPEN, body.addressee_no, body.starts_on):
        findings.refuse(
            "addressee_no", "この人はもう本人通知に登録されています。変えるときは廃止してから登録してください。"
        )
    findings.settle()
    number = await allocate(session, "certificate_notice_registration")
    session.add(
        CertificateNoticeRegistration(
            registration_no=number,
            addressee_no=body.addressee_no,
            starts_on=body.starts_on,
            ends_on=ends_on,
            identity=body.identity,
            note=body.note.strip(),
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    session.audit(AuditEvent("certificate.notice_register", f"addressee:{body.addressee_no}"))
    await session.flush()
    return NoticeResult(registration_no=number)


async def end_registration(session: WriteSession, registration_no: int, body: NoticeEnd, now: datetime) -> NoticeResult:
    """廃止. What was issued until then is still told. Raises NotFound or Conflict."""
    registration = await session.get(CertificateNoticeRegistration, registration_no, with_for_update=True)
    if registration is None:
        raise NotFound("この本人通知の登録はありません。")
    if registration.closed_at is not None:
        raise Conflict("この登録はもう廃止されています。")
    registration.closed_at, registration.closed_by = now, session.principal.login
    registration.close_reason = body.reason.strip()
    subject = f"addressee:{registration.addressee_no}"
    session.audit(AuditEvent("certificate.notice_end", subject, registration.close_reason))
    await session.flush()
    return NoticeResult(registration_no=registration_no)


async def find_registrations(session: Reader, addressee_nos: Sequence[int], day: date) -> dict[int, int]:
    """Of these people, who is registered on the day: 宛名番号 to the registration's number."""
    rows = await session.fetch(_IN_FORCE, list(addressee_nos), day)
    return {row["addressee_no"]: row["registration_no"] for row in rows}


async def list_notices(session: Reader, addressee_no: int | None, today: date) -> NoticeList:
    """The registrations and notices. Audited. It shows no address."""
    may_see = session.principal.may(_SEE)
    session.audit(AuditEvent("certificate.notices", f"addressee:{addressee_no}" if addressee_no else ""))
    registrations = [
        RegistrationRow(
            registration_no=row["registration_no"],
            addressee_no=row["addressee_no"],
            name=row["name"] or "",
            starts_on=row["starts_on"],
            ends_on=None if row["ends_on"] == OPEN_END else row["ends_on"],
            close_reason=row["close_reason"] or "",
            is_ended=row["close_reason"] is not None or row["ends_on"] < today,
        )
        for row in await session.fetch(_REGISTRATIONS, may_see)
    ]
    notices = [
        NoticeRow(
            serial=row["serial"],
            addressee_no=row["addressee_no"],
            name=row["name"] or "",
            kind=KIND_LABELS[row["kind"]],
            issued_on=row["issued_on"],
            asker=_asker_in_words(row["asker"]),
            sent=format_wareki(row["sent_at"].astimezone(JAPAN).date()) if row["sent_at"] else "",
            is_ended=row["sent_at"] is not None,
        )
        for row in await session.fetch(_NOTICES, may_see)
    ]
    return NoticeList(
        registrations=registrations,
        notices=notices,
        waiting=sum(not notice.is_ended for notice in notices),
        identities=[(code, label) for code, label in IDENTITIES.items() if code != "staff"],
        initial={"addressee_no": addressee_no, "starts_on": today.isoformat(), "identity": "photo"},
    )


async def send_notice(
    session: WriteSession, config: TenantConfig, serial: int, addressee_no: int, now: datetime
) -> dict[str, Any]:
    """The letter of a notice, which is marked as sent; printing it again keeps the first day. Raises NotFound. Audited.

    Whose address is hidden from the clerk gets it without one, to be addressed by somebody who may see.
    """
    notice = await session.get(CertificateNotice, (serial, addressee_no), with_for_update=True)
    home = await find_mailing_address(session, addressee_no)
    sheets = await list_sheets(session, [addressee_no])
    if notice is None or home is None or not sheets:
        raise NotFound("この本人通知はありません。")
    row = (await session.fetch(_NOTICE, serial))[0]
    is_hidden = await is_hidden_from_reader(session, addressee_no)
    if notice.sent_at is None:
        notice.sent_at, notice.sent_by = now, session.principal.login
    session.audit(AuditEvent("certificate.notice_send", f"addressee:{addressee_no}", detail={"serial": serial}))
    certifier = certifier_on(config, now.date())
    await session.flush()
    return {
        "name": sheets[0].name,
        **_place(config, sheets[0], None if is_hidden else home),
        "made": format_wareki(now.date()),
        "issued_on": format_wareki(row["issued_on"]),
        "kind": KIND_LABELS[row["kind"]],
        "asker": _asker_in_words(row["asker"]),
        "issuer": certifier.signature,
        "desk": certifier.desk,
    }


def _place(config: TenantConfig, sheet: Sheet, home: MailingAddress | None) -> dict[str, str]:
    """Where the letter goes: to the place a person has left for, else home; nowhere when it is hidden."""
    if home is None:
        return {"postcode": "", "address": "", "building": ""}
    if sheet.is_removed:
        return {"postcode": "", "address": sheet.destination or "", "building": ""}
    address = f"{config.full_name}{home.address}"
    return {"postcode": home.postcode or "", "address": address, "building": home.building or ""}


def _asker_in_words(asker: str) -> str:
    """Proxy or other: the notice does not say more."""
    return ASKER_LABELS[asker] if asker == "proxy" else "本人・代理人以外の人または機関"
