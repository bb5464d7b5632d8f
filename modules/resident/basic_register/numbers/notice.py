"""住民票コード通知票: the code in force, in a letter to the person (住基法30条の3第3項, 30条の4第4項)."""

from datetime import date
from typing import Any

from modules.resident.basic_register.numbers.kinds import KINDS, REASONS, RESIDENT_CODE
from modules.resident.basic_register.numbers.published import list_sealed_numbers
from modules.resident.basic_register.reads.person import get_row
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.errors import NotFound
from yoriai.office import certifier_on
from yoriai.sealing import Sealer
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

_CURRENT = """
SELECT valid_from, reason FROM person_number WHERE addressee_no = $1 AND kind = $2 AND superseded_at IS NULL"""
_HOME = "SELECT postcode, address, building FROM fact_mailing_address WHERE addressee_no = $1"
_SENTENCES = {
    "assigned": "住民基本台帳法第30条の3の規定により、あなたの住民票に次の住民票コードを記載したので通知します。",
    "requested": "住民基本台帳法第30条の4の規定による請求に基づき、あなたの住民票コードを次のとおり変更したので通知します。",
    "ex_officio": "あなたの住民票コードを次のとおり変更したので通知します。",
    "corrected": "あなたの住民票に記載した住民票コードを次のとおり訂正したので通知します。",
}


async def get_notice(
    session: Reader, sealer: Sealer, config: TenantConfig, addressee_no: int, purpose: str, today: date
) -> dict[str, Any]:
    """What the notice says, the code in digits. Audited with the purpose. Raises NotFound for who has none.

    Whose address is hidden from the clerk gets it without one: it is handed over, or somebody who may see addresses it.
    """
    row, veil = await get_row(session, addressee_no, "number_notice")
    current = await session.fetchrow(_CURRENT, addressee_no, RESIDENT_CODE)
    numbers = await list_sealed_numbers(session, [addressee_no], [RESIDENT_CODE], today)
    if current is None or not numbers:
        raise NotFound("この人に住民票コードはまだ記載されていません。先に付番を登録してください。")
    detail = {"kinds": [RESIDENT_CODE], "document": "notice"}
    session.audit(AuditEvent("number.view", f"addressee:{addressee_no}", reason=purpose, detail=detail))
    home = None if veil.covers(addressee_no) else await session.fetchrow(_HOME, addressee_no)
    certifier = certifier_on(config, today)
    return {
        "name": row["name"],
        "birth_date": format_wareki(row["birth_date"]),
        "postcode": (home["postcode"] or "") if home else "",
        "address": f"{config.full_name}{home['address']}" if home else "",
        "building": (home["building"] or "") if home else "",
        "sentence": _SENTENCES[current["reason"]],
        "label": KINDS[RESIDENT_CODE].label,
        "number": numbers[0].open(sealer, config.tenant),
        "day_label": "記載の日" if current["reason"] == "assigned" else "変更・訂正の日",
        "valid_from": format_wareki(current["valid_from"]),
        "reason": REASONS[current["reason"]],
        "made": format_wareki(today),
        "issuer": certifier.signature,
        "desk": certifier.desk,
    }
