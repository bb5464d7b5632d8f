"""What is printed: the certificate, the 照会書 with its 回答書, the 抹消通知書. Typst templates are in `documents/`."""

import asyncio
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from modules.resident.basic_register.facts import (
    HIDDEN_TEXT,
    find_mailing_address,
    find_resident,
    refuse_concealed,
)
from modules.resident.non_resident.facts import list_diverted
from modules.resident.seal_registration.issuing import content_of, standing_of
from modules.resident.seal_registration.models import IDENTITY_LABELS
from modules.resident.seal_registration.protection import may_print_address
from modules.resident.seal_registration.states import END_REASONS
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.documents import render_pdf
from yoriai.documents.letters import full_address
from yoriai.errors import Conflict, Forbidden, NotFound
from yoriai.office import certifier_on, find_seal_image
from yoriai.printing import find_terminal
from yoriai.rules import ParameterSet
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

_DOCUMENTS = Path(__file__).parent / "documents"
_CERTIFICATE = """
SELECT c.serial_no, c.addressee_no, c.content, c.fee, c.channel, c.terminal, c.reissue_of, c.voided_at,
       i.png, i.picture_width, i.picture_height
  FROM seal_certificate c JOIN seal_image i ON i.registration_no = c.registration_no WHERE c.serial_no = $1
"""
_REGISTRATION = """
SELECT r.registration_no, r.addressee_no, r.seal_text, r.text_kind, r.name, r.agent_name, r.identity_kind, s.status,
       s.end_reason, s.valid_from, i.png, i.picture_width, i.picture_height
  FROM seal_registration r JOIN seal_image i ON i.registration_no = r.registration_no
  JOIN seal_registration_state s ON s.registration_no = r.registration_no
   AND s.superseded_at IS NULL AND s.valid_to = '9999-12-31'
 WHERE r.registration_no = $1
"""
_INQUIRY = (
    "SELECT inquiry_no, sent_on, due_on FROM seal_inquiry WHERE registration_no = $1 ORDER BY inquiry_no DESC LIMIT 1"
)


async def print_certificate(
    session: Reader, serial_no: int, config: TenantConfig, now: datetime, *, practice: bool
) -> bytes:
    """The PDF of an issued copy as it was issued, the official seal as it was used then; a voided one says so.

    Audited. Raises NotFound.
    """
    row = await session.fetchrow(_CERTIFICATE, serial_no)
    if row is None:
        raise NotFound("この証明番号はありません。")
    if not await may_print_address(session, row["addressee_no"]):
        raise Forbidden("証明書の交付が抑止されています。担当者が確認します。")
    _audit(session, "certificate", row["addressee_no"], {"serial_no": serial_no})
    content = json.loads(row["content"])
    data = {
        **_official_seal(config, content),
        **_picture(row),
        "terminal": find_terminal(config, row["terminal"] or "").number,
        "serial_no": f"{serial_no:08d}",
        "fee": row["fee"],
        "reissue_of": f"{row['reissue_of']:08d}" if row["reissue_of"] else "",
        "watermark": "無効" if row["voided_at"] else "",
        "practice": practice,
    }
    return await _render("certificate.typ", data, now)


async def preview_certificate(
    session: Reader, registration_no: int, config: TenantConfig, figures: ParameterSet, now: datetime, *, practice: bool
) -> bytes:
    """The certificate as it would be printed now, marked as a sample and without a serial number. Audited."""
    row = await _registration(session, registration_no)
    standing = await standing_of(session, row, figures, now)
    _audit(session, "preview", row["addressee_no"], {"registration_no": registration_no})
    content = content_of(standing, config, now)
    data = {
        **_official_seal(config, content),
        **_picture(row),
        "terminal": find_terminal(config, session.principal.terminal).number,
        "serial_no": "",
        "fee": 0,
        "reissue_of": "",
        "watermark": "見本",
        "practice": practice,
    }
    return await _render("certificate.typ", data, now)


async def print_inquiry(
    session: Reader, registration_no: int, config: TenantConfig, now: datetime, *, practice: bool
) -> bytes:
    """照会書 with the 回答書 to send back, addressed to the person's own home. Audited."""
    row = await _registration(session, registration_no)
    inquiry = await session.fetchrow(_INQUIRY, registration_no)
    if inquiry is None:
        raise NotFound("この登録に照会書はありません。")
    _audit(session, "inquiry", row["addressee_no"], {"registration_no": registration_no})
    data = {
        **await _letter(session, row["addressee_no"], row["name"], config, now, practice=practice),
        "inquiry_no": inquiry["inquiry_no"],
        "registration_no": registration_no,
        "sent_on": format_wareki(inquiry["sent_on"]),
        "due_on": format_wareki(inquiry["due_on"]),
        "agent_name": row["agent_name"] or "",
        "seal_text": row["seal_text"],
    }
    return await _render("inquiry.typ", data, now)


async def print_end_notice(
    session: Reader, registration_no: int, config: TenantConfig, now: datetime, *, practice: bool
) -> bytes:
    """抹消通知書: that a registration has ended, when and why. Audited. Raises Conflict while it stands."""
    row = await _registration(session, registration_no)
    if row["status"] != "ended":
        raise Conflict("抹消されていない登録の通知書は作れません。")
    _audit(session, "end_notice", row["addressee_no"], {"registration_no": registration_no})
    data = {
        **await _letter(session, row["addressee_no"], row["name"], config, now, practice=practice, follows=True),
        "registration_no": registration_no,
        "ended_on": format_wareki(row["valid_from"]),
        "end_reason": END_REASONS[row["end_reason"]],
        "identity": IDENTITY_LABELS[row["identity_kind"]],
    }
    return await _render("end_notice.typ", data, now)


async def _letter(
    session: Reader,
    addressee_no: int,
    name: str,
    config: TenantConfig,
    now: datetime,
    *,
    practice: bool,
    follows: bool = False,
) -> dict[str, Any]:
    # A letter to the very person carries a hidden address when somebody makes it who may see it; somebody who has moved away has
    # none of ours.
    resident = await find_resident(session, addressee_no)
    home = await find_mailing_address(session, addressee_no) if resident else None
    if home and home.address == HIDDEN_TEXT:
        raise Forbidden("支援措置の対象者への通知です。住所を表示できる責任者に作成を引き継いでください。")
    certifier = certifier_on(config, now.date())
    to = {
        "name": resident.name if resident else name,
        "postcode": (home.postcode or "") if home else "",
        "address": full_address(config, home.address, is_home=True) if home else "",
        "building": (home.building or "") if home else "",
        "principal": "",
    }
    # 照会書 go to the registered home alone: that they arrive there is the proof of identity (印鑑登録証明事務処理要領 第2-2).
    if follows and (sent := (await list_diverted(session, "seal_registration", now.date())).get(addressee_no)):
        address = full_address(config, sent.address, is_home=sent.is_home)
        place = {"postcode": sent.postcode, "address": address, "building": sent.building}
        principal = f"{to['name']} 様の{sent.role}" if sent.principal else ""
        if sent.is_sent_elsewhere:
            to = {"name": sent.name if sent.principal else to["name"], **place, "principal": principal}
    return {
        **to,
        "issuer": certifier.signature,
        "contact": certifier.desk,
        "made": format_wareki(now.date()),
        "practice": practice,
    }


async def _registration(session: Reader, registration_no: int) -> Mapping[str, Any]:
    row = await session.fetchrow(_REGISTRATION, registration_no)
    if row is None:
        raise NotFound("この登録番号はありません。")
    await refuse_concealed(session, [row["addressee_no"]], "この登録番号はありません。")
    return row


def _official_seal(config: TenantConfig, content: Mapping[str, Any]) -> dict[str, Any]:
    """The registered picture of the official seal on the day of the issue, as bytes in numbers; words alone where there is none.

    Copies that were issued before the day was kept print the words, as they did.
    """
    day = content.get("issued_day")
    picture = find_seal_image(config, date.fromisoformat(day)) if day else None
    defaults = {"seal_mm": 22, "paper_note": ""}
    return {**defaults, **content, "seal_picture": list(picture) if picture else None}


def _picture(row: Mapping[str, Any]) -> dict[str, Any]:
    """The impression as the template takes it: bytes as numbers, lengths in hundredths of a millimetre."""
    return {"seal": list(row["png"]), "seal_width": row["picture_width"], "seal_height": row["picture_height"]}


async def _render(template: str, data: Mapping[str, Any], now: datetime) -> bytes:
    return await asyncio.to_thread(render_pdf, _DOCUMENTS / template, data, made_at=now)


def _audit(session: Reader, document: str, addressee_no: int, detail: Mapping[str, Any]) -> None:
    event = AuditEvent("seal_registration.print", f"addressee:{addressee_no}", detail={"document": document, **detail})
    session.audit(event)
