"""閲覧, 在外選挙人名簿 and 郵便等投票証明書 for the screens."""

from datetime import date, timedelta

from modules.resident.basic_register.facts import without_concealed
from modules.resident.electoral_roll.districts import Division, division_on
from modules.resident.electoral_roll.protection import HIDDEN, protected_among
from modules.resident.electoral_roll.reads import BASES, LIMIT, SEX, address_of, roll_number
from modules.resident.electoral_roll.shapes import InspectionList, Listing
from modules.resident.electoral_roll.states import REASONS
from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, NotFound
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

PURPOSES = {
    "check": "登録の確認 (28条の2第1項)",
    "political": "政治活動・選挙運動 (28条の2)",
    "survey": "統計調査・学術研究など (28条の3)",
}
_STATES = {"granted": ("承認", "ok"), "refused": ("拒否", "danger"), "done": ("閲覧済み", "neutral")}
_SOON = timedelta(days=90)
_INSPECTIONS = """
SELECT inspection_no, requested_on, applicant, purpose, detail, districts, status, inspected_on, shown FROM electoral_inspection
 ORDER BY inspection_no DESC LIMIT 200
"""
_ONE = "SELECT inspection_no, applicant, purpose, detail, districts, status FROM electoral_inspection WHERE inspection_no = $1"
_LISTED = """
SELECT addressee_no, name, birth_date, sex, address, building, district_code, serial_no FROM electoral_entry
 WHERE status <> 'removed' AND district_code = ANY($1::text[]) ORDER BY district_code, serial_no
"""
_OVERSEAS = """
SELECT overseas_no, addressee_no, name, name_kana, birth_date, sex, last_address, district_code, country,
       consulate, registered_on, returned_on, remove_on, removed_on, removal_reason
  FROM electoral_overseas ORDER BY removed_on IS NOT NULL, overseas_no DESC LIMIT 200
"""
_CERTIFICATES = """
SELECT c.certificate_no, c.addressee_no, coalesce(r.name, '') AS name, c.basis, c.issued_on, c.expires_on, c.is_proxy, c.proxy_name,
       c.returned_on
  FROM postal_voting_certificate c LEFT JOIN fact_resident r ON r.addressee_no = c.addressee_no
 WHERE c.returned_on IS NULL AND ($1::date IS NULL OR c.expires_on <= $1) ORDER BY c.expires_on, c.certificate_no LIMIT 201
"""
_REGULAR = """
SELECT c.base_on, c.registered_on, c.reason, r.recorded_at IS NOT NULL AS is_made FROM electoral_regular_change c
  LEFT JOIN electoral_run r ON r.run_key = 'regular:' || c.base_on::text ORDER BY c.base_on DESC LIMIT 100
"""


async def list_regular_changes(session: Reader) -> Listing:
    """登録日の変更, the newest first."""
    rows = [dict(row) for row in await session.fetch(_REGULAR)]
    return Listing(rows=rows, total=len(rows))


async def list_inspections(session: Reader, config: TenantConfig, today: date, base: str) -> Listing:
    """The newest 200 requests."""
    rows = await session.fetch(_INSPECTIONS)
    division = division_on(config, today)
    return Listing(
        rows=[
            {
                **dict(row),
                "purpose": PURPOSES[row["purpose"]],
                "districts": _names(division, row["districts"]),
                "status": dict(zip(("label", "kind"), _STATES[row["status"]], strict=True)),
                "href": f"{base}/inspections/{row['inspection_no']}/list" if row["status"] != "refused" else "",
            }
            for row in rows
        ],
        total=len(rows),
        options={
            "purposes": list(PURPOSES.items()),
            "districts": [(code, item.name) for code, item in division.districts.items()],
        },
    )


async def get_inspection(session: Reader, config: TenantConfig, inspection_no: int, today: date) -> InspectionList:
    """What is shown to the applicant: the districts without anybody who is protected. Raises NotFound or Conflict."""
    row = await session.fetchrow(_ONE, inspection_no)
    if row is None:
        raise NotFound("この閲覧の申出はありません。")
    if row["status"] == "refused":
        raise Conflict("閲覧を認めなかった申出です。")
    entries = await session.fetch(_LISTED, row["districts"].split(","))
    hidden = await protected_among(session, [entry["addressee_no"] for entry in entries], today)
    shown = [entry for entry in entries if entry["addressee_no"] not in hidden]
    detail = {"inspection_no": inspection_no, "applicant": row["applicant"], "count": len(shown)}
    session.audit(AuditEvent("electoral_roll.inspection_view", detail=detail))
    return InspectionList(
        inspection_no=inspection_no,
        applicant=row["applicant"],
        purpose=PURPOSES[row["purpose"]],
        detail=row["detail"],
        districts=_names(division_on(config, today), row["districts"]),
        status=row["status"],
        rows=[
            {
                "roll_no": roll_number(config, entry),
                "name": entry["name"],
                "address": address_of(entry),
                "sex": SEX[entry["sex"]],
                "birth_date": entry["birth_date"],
            }
            for entry in shown
        ],
        total=len(shown),
        left_out=len(entries) - len(shown),
    )


def _names(division: Division, codes: str) -> str:
    return "、".join(division.name_of(code) for code in codes.split(","))


async def list_overseas(session: Reader, config: TenantConfig, today: date) -> Listing:
    """The first 200 voters abroad, those removed last; protected persons without their last address."""
    rows = await without_concealed(session, await session.fetch(_OVERSEAS))
    hidden = await protected_among(session, [row["addressee_no"] for row in rows if row["addressee_no"]], today)
    session.audit(AuditEvent("electoral_roll.overseas_list", detail={"found": len(rows)}))
    division = division_on(config, today)
    return Listing(
        rows=[
            {
                **dict(row),
                "sex": SEX[row["sex"]],
                "reason": REASONS.get(row["removal_reason"] or "", ""),
                "last_address": HIDDEN if row["addressee_no"] in hidden else row["last_address"],
                "district": HIDDEN if row["addressee_no"] in hidden else division.name_of(row["district_code"]),
                "district_code": "" if row["addressee_no"] in hidden else row["district_code"],
            }
            for row in rows
        ],
        total=len(rows),
    )


async def list_certificates(session: Reader, today: date, *, is_expiring: bool) -> Listing:
    """郵便等投票証明書, those that expire first on top; only what ends within 90 days when asked so."""
    found = await session.fetch(_CERTIFICATES, today + _SOON if is_expiring else None)
    rows = (await without_concealed(session, found))[:LIMIT]
    session.audit(AuditEvent("electoral_roll.certificates", detail={"found": len(rows)}))
    return Listing(
        rows=[
            {
                **dict(row),
                "basis": BASES[row["basis"]],
                "proxy": f"代理記載 {row['proxy_name'] or ''}".strip() if row["is_proxy"] else "",
                "state": {"label": "期限切れ", "kind": "danger"} if row["expires_on"] < today else None,
            }
            for row in rows
        ],
        total=len(found),
        options={"bases": list(BASES.items())},
    )
