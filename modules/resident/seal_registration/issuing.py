"""印鑑登録証明書: who may have one, the serial numbers, the fee, 無効 and 再交付. One function is one transaction."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modules.resident.basic_register.facts import (
    MailingAddress,
    Names,
    Resident,
    find_certificate_stop,
    find_mailing_address,
    find_names,
    find_resident,
)
from modules.resident.seal_registration.checks import person_names
from modules.resident.seal_registration.inputs import (
    CertificateRequest,
    ConvenienceRequest,
    Issuable,
    IssueResult,
    Reissue,
)
from modules.resident.seal_registration.models import SealCertificate
from modules.resident.seal_registration.protection import may_print_address
from modules.resident.seal_registration.rules import TextKind, text_kind
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.office import certifier_on
from yoriai.rules import ParameterSet, Use
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, Record, WriteSession

_SEX = {"1": "男", "2": "女", "9": "不明"}
_BY_CARD = """
SELECT c.card_no, c.ended_on, c.end_reason AS card_end, r.registration_no, r.addressee_no, r.seal_text, r.text_kind, s.status
  FROM seal_card c JOIN seal_registration r ON r.registration_no = c.registration_no
  JOIN seal_registration_state s ON s.registration_no = r.registration_no
   AND s.superseded_at IS NULL AND s.valid_to = '9999-12-31'
 WHERE c.card_no = $1
"""
_BY_PERSON = """
SELECT r.registration_no, r.addressee_no, r.seal_text, r.text_kind, s.status
  FROM seal_registration_state s JOIN seal_registration r ON r.registration_no = s.registration_no
 WHERE s.addressee_no = $1 AND s.superseded_at IS NULL AND s.valid_to = '9999-12-31'
 ORDER BY s.status NOT IN ('active', 'suspended', 'inquiring'), s.registration_no DESC LIMIT 1
"""
# Writers of the registration lock it too, so a stop or an ending that commits first is seen here.
_LOCK = "SELECT registration_no FROM seal_registration WHERE registration_no = $1 FOR SHARE"
_STATUS = """
SELECT status FROM seal_registration_state
 WHERE registration_no = $1 AND superseded_at IS NULL AND valid_to = '9999-12-31'
"""
_REVIEWED = "SELECT count(*) FROM seal_review WHERE registration_no = $1 AND closed_at IS NULL"
_REFUSALS = {
    "inquiring": ("inquiring", "照会中のため、まだ証明書を交付できません。"),
    "suspended": ("suspended", "証明書の交付が一時停止されています（登録証の亡失届など）。"),
    "ended": ("ended", "印鑑登録は抹消されています。"),
    "rejected": ("ended", "印鑑登録はありません。"),
}


@dataclass(frozen=True)
class Standing:
    """A registration of which a certificate is asked for, with the person as the register has them today."""

    registration_no: int
    text_kind: str
    resident: Resident
    names: Names
    home: MailingAddress


async def issue(
    session: WriteSession, body: CertificateRequest, config: TenantConfig, figures: ParameterSet, now: datetime
) -> IssueResult:
    """Issue copies at the counter against the card. Raises Invalid with the reason for a refusal; that one is audited too."""
    row = await session.fetchrow(_BY_CARD, body.card_no)
    if row is None:
        raise _refused("card_no", "この番号の登録証はありません。", "unknown")
    await session.fetchval(_LOCK, row["registration_no"])
    row = await session.fetchrow(_BY_CARD, body.card_no) or row
    findings = Findings()
    if row["ended_on"] is not None:
        findings.refuse("card_no", "この登録証は無効です（亡失・引替え・返納など）。", rule="card_ended")
    standing = await _standing(session, row, figures, now, findings, "card_no")
    if standing is not None and standing.resident.birth_date != body.birth_date:
        message = "登録証の番号と生年月日が合いません。申請書を確かめてください。"
        findings.refuse("birth_date", message, rule="mismatch")
    if body.applicant == "agent" and not body.agent_name:
        findings.refuse("agent_name", "代理人の氏名を入力してください。", rule="required")
    if findings.errors:
        _audit_refusal(session, row, findings)
    findings.settle(body.confirmed)
    if standing is None:
        raise Invalid
    fee = 0 if body.fee_exempt_reason.strip() else Use(figures).yen("fee.certificate")
    return await _issue(
        session, standing, config, now, body.copies, fee,
        card_no=body.card_no, channel="counter", applicant=body.applicant,
        agent_name=body.agent_name if body.applicant == "agent" else None,
        purpose=body.purpose, fee_exempt_reason=body.fee_exempt_reason, office=body.office,
        terminal=session.principal.terminal,
    )  # fmt: skip


async def issue_by_convenience(
    session: WriteSession, body: ConvenienceRequest, config: TenantConfig, figures: ParameterSet, now: datetime
) -> IssueResult:
    """コンビニ交付 of the person whom the chip has identified. Raises Invalid at once for what is ended or stopped."""
    row = await session.fetchrow(_BY_PERSON, body.addressee_no)
    if row is None:
        raise _refused("addressee_no", "印鑑登録はありません。", "unknown")
    await session.fetchval(_LOCK, row["registration_no"])
    row = await session.fetchrow(_BY_PERSON, body.addressee_no) or row
    findings = Findings()
    standing = await _standing(session, row, figures, now, findings, "addressee_no")
    if findings.errors:
        _audit_refusal(session, row, findings)
    findings.settle()
    if standing is None:
        raise Invalid
    fee = Use(figures).yen("fee.certificate_convenience")
    return await _issue(
        session, standing, config, now, body.copies, fee,
        card_no=None, channel="convenience", applicant="self", agent_name=None, terminal=body.terminal,
    )  # fmt: skip


async def find_issuable(session: Reader, addressee_no: int, figures: ParameterSet, now: datetime) -> Issuable:
    """What the convenience store's centre asks before it offers the certificate. Audited."""
    session.audit(AuditEvent("seal_registration.link", f"addressee:{addressee_no}"))
    row = await session.fetchrow(_BY_PERSON, addressee_no)
    if row is None:
        return Issuable(is_issuable=False, reason="印鑑登録はありません。", rule="unknown")
    findings = Findings()
    await _standing(session, row, figures, now, findings, "addressee_no")
    first = findings.errors[0] if findings.errors else None
    return Issuable(is_issuable=first is None, reason=first.message if first else "", rule=first.rule if first else "")


async def void(session: WriteSession, serial_no: int, body: Reissue, now: datetime) -> IssueResult:
    """Void a copy that was spoilt, and issue another in its place: of the same day and content, visibly a reissue.

    The fee that was paid goes over to the copy in its place; for a copy voided without one it is given back.
    """
    certificate = await session.get(SealCertificate, serial_no, with_for_update=True)
    if certificate is None:
        raise NotFound("この証明番号はありません。")
    if certificate.voided_at:
        raise Conflict("この証明書はすでに無効です。")
    if body.again and certificate.issued_at.astimezone(now.tzinfo).date() != now.date():
        raise _refused("again", "代わりの交付は交付した日に限ります。新しく申請を受けてください。", "day")
    await session.fetchval(_LOCK, certificate.registration_no)
    if body.again and await session.fetchval(_STATUS, certificate.registration_no) != "active":
        raise _refused("again", "登録が有効でないため、代わりを交付できません。", "ended")
    certificate.voided_at, certificate.voided_by = now, session.principal.login
    certificate.void_reason = body.void_reason
    await session.flush()
    subject = f"addressee:{certificate.addressee_no}"
    session.audit(
        AuditEvent("seal_registration.void", subject, reason=body.void_reason, detail={"serial_no": serial_no})
    )
    if not body.again:
        return IssueResult(serial_no=serial_no, serial_nos=[], fee=0)
    names = [column.name for column in SealCertificate.__table__.columns]
    dropped = ("serial_no", "voided_at", "voided_by", "void_reason", "issued_at", "staff_id", "reissue_of")
    kept: dict[str, Any] = {name: getattr(certificate, name) for name in names if name not in dropped}
    number = await allocate(session, "seal_certificate")
    again = SealCertificate(
        **kept, serial_no=number, reissue_of=serial_no, issued_at=now, staff_id=session.principal.login
    )
    session.add(again)
    detail = {"serial_no": number, "reissue_of": serial_no}
    session.audit(AuditEvent("seal_registration.issue", subject, reason=body.void_reason, detail=detail))
    await session.flush()
    return IssueResult(serial_no=number, serial_nos=[number], fee=0)


def content_of(standing: Standing, config: TenantConfig, now: datetime) -> dict[str, Any]:
    """What the certificate says, in the words that are printed; raises Invalid when no issuer is set for the day."""
    resident, names = standing.resident, standing.names
    certifier = certifier_on(config, now.date())
    settings = config.settings("seal_registration")
    # The paper is handed to the person or to whoever holds their card; hidden addresses were stopped before.
    address = f"{config.full_name}{standing.home.address}"
    return {
        "name": names.name,
        "alias": names.alias or "",
        "former_surname": names.former_surname or "",
        "kana": names.name_kana if standing.text_kind == TextKind.KANA else "",
        "birth_date": format_wareki(resident.birth_date),
        "sex": _SEX[resident.sex] if settings.get("prints_sex") else "",
        "address": " ".join(part for part in (address, standing.home.building) if part),
        "issued_on": format_wareki(now.date()),
        "issued_day": now.date().isoformat(),
        "issuer": certifier.signature,
        "official_seal": certifier.seal,
        "seal_mm": certifier.seal_mm,
        "paper_note": certifier.paper_note,
    }


async def standing_of(session: Reader, row: Record, figures: ParameterSet, now: datetime) -> Standing:
    """The registration and the person; raises Invalid with every reason why no certificate may be issued."""
    findings = Findings()
    standing = await _standing(session, row, figures, now, findings, "")
    findings.settle()
    if standing is None:
        raise Invalid
    return standing


async def _standing(
    session: Reader, row: Record, figures: ParameterSet, now: datetime, findings: Findings, place: str
) -> Standing | None:
    number, today = row["addressee_no"], now.date()
    if refusal := _REFUSALS.get(row["status"]):
        findings.refuse(place, refusal[1], rule=refusal[0])
    is_stopped = await find_certificate_stop(session, number, today) is not None
    if is_stopped or not await may_print_address(session, number):
        # The same words for every kind: whoever asks may be the one the person is protected from.
        article = "住民基本台帳事務処理要領 第5-10"
        findings.refuse(place, "証明書の交付が抑止されています。担当者が確認します。", article, rule="stopped")
    resident, names = await find_resident(session, number), await find_names(session, number)
    home = await find_mailing_address(session, number)
    if resident is None or names is None or home is None:
        findings.refuse(place, "住民票が消除されているため、証明書を交付できません。", rule="not_resident")
        return None
    if names.planned_removal_on and names.planned_removal_on <= today:
        findings.refuse(place, "転出予定日になったため、証明書を交付できません。", rule="leaving")
    if row["status"] in ("active", "suspended"):
        fits = text_kind(row["seal_text"], person_names(names), Use(figures).texts("text.suffixes"))
        reviewed = await session.fetchval(_REVIEWED, row["registration_no"])
        if not fits or reviewed:
            message = "氏名が変わり印影と合わないおそれがあるため、判断が済むまで交付できません。"
            findings.refuse(place, message, rule="name")
    return Standing(row["registration_no"], row["text_kind"], resident, names, home)


async def _issue(
    session: WriteSession, standing: Standing, config: TenantConfig, now: datetime, copies: int, fee: int, **values: Any
) -> IssueResult:
    content = json.dumps(content_of(standing, config, now), ensure_ascii=False, sort_keys=True)
    first = await allocate(session, "seal_certificate", copies)
    numbers = list(range(first, first + copies))
    number = standing.resident.addressee_no
    for serial_no in numbers:
        session.add(
            SealCertificate(
                serial_no=serial_no,
                registration_no=standing.registration_no,
                addressee_no=number,
                fee=fee,
                content=content,
                issued_at=now,
                staff_id=session.principal.login,
                **values,
            )
        )
    detail = {
        "serial_nos": numbers,
        "channel": values["channel"],
        "applicant": values["applicant"],
        "fee": fee * copies,
    }
    reason = values.get("purpose") or ""
    session.audit(AuditEvent("seal_registration.issue", f"addressee:{number}", reason=reason, detail=detail))
    await session.flush()
    return IssueResult(serial_no=first, serial_nos=numbers, fee=fee * copies)


def _audit_refusal(session: WriteSession, row: Record, findings: Findings) -> None:
    """Survives the rollback (`….view`): somebody has learnt how this registration stands."""
    detail = {"registration_no": row["registration_no"], "rules": [error.rule for error in findings.errors]}
    session.audit(AuditEvent("seal_registration.refused.view", f"addressee:{row['addressee_no']}", detail=detail))


def _refused(field: str, message: str, rule: str) -> Invalid:
    return Invalid(fields=[FieldError(field, message, rule=rule)])
