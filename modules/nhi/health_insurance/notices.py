"""納税通知書 on paper: the letters of a year in bulk, one alone, and those that are withheld with the reason."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel

from modules.nhi.health_insurance.figures import levy_name
from modules.nhi.health_insurance.rules import COMPONENT_LABELS
from modules.resident.basic_register.facts import HIDDEN_TEXT, refuse_concealed, without_concealed
from modules.resident.non_resident.facts import find_mailing, hidden_among
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki, format_wareki_year
from yoriai.documents.letters import LETTERS_AT_ONCE, Letter, full_address, sender_of
from yoriai.errors import Forbidden, NotFound
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, Record

KINDS = {"initial": "納税通知書", "revised": "更正決定通知書"}
_AMOUNTS = ", ".join(f"a.{name}_amount" for name in COMPONENT_LABELS)
_NOTICE = f"""
SELECT n.assessment_id, n.household_no, n.fiscal_year, n.kind, n.addressee_no, n.name, n.postcode, n.address, n.building,
       n.principal, n.role, n.total, n.previous_total, n.instalments, n.problem, n.made_on,
       n.role = '' AND EXISTS (SELECT FROM fact_resident r WHERE r.addressee_no = n.addressee_no) AS is_home, {_AMOUNTS}
  FROM nhi_notice n JOIN nhi_assessment a ON a.id = n.assessment_id
"""  # noqa: S608  the components' columns
_BULK = f"""{_NOTICE}
 WHERE n.fiscal_year = $1 AND n.kind = $2 AND n.problem IS NULL AND a.superseded_at IS NULL
 ORDER BY n.postcode NULLS LAST, n.address, n.household_no LIMIT $3 OFFSET $4
"""
_ONE = f"{_NOTICE} WHERE n.household_no = $1 AND n.fiscal_year = $2 ORDER BY n.assessment_id DESC LIMIT 1"
_COUNTS = """
SELECT n.kind, count(*) AS made, count(n.problem) AS withheld FROM nhi_notice n JOIN nhi_assessment a ON a.id = n.assessment_id
 WHERE n.fiscal_year = $1 AND a.superseded_at IS NULL GROUP BY n.kind ORDER BY n.kind
"""
_WITHHELD = """
SELECT n.household_no, n.fiscal_year, n.kind, n.addressee_no, coalesce(r.name, '') AS name, n.total,
       coalesce(n.problem, '支援措置のため、一括の印刷に入りません。個別に印刷してください。') AS problem
  FROM nhi_notice n JOIN nhi_assessment a ON a.id = n.assessment_id
  LEFT JOIN fact_addressee r ON r.addressee_no = n.addressee_no
 WHERE n.fiscal_year = $1 AND a.superseded_at IS NULL
   AND (n.problem IS NOT NULL OR EXISTS (SELECT FROM fact_hidden_person h WHERE h.addressee_no = n.addressee_no))
 ORDER BY n.kind, n.household_no LIMIT 1000
"""


class NoticeList(BaseModel):
    """The notices of a 年度: how many were made, in which files they print, who is withheld and why."""

    fiscal_year: int
    year_label: str
    levy_name: str
    counts: list[dict[str, Any]]
    withheld: list[dict[str, Any]]


async def list_notices(session: Reader, config: TenantConfig, fiscal_year: int) -> NoticeList:
    """The notices of a 年度; who is withheld is audited."""
    counts = [
        {
            "kind": row["kind"],
            "label": KINDS[row["kind"]],
            "made": row["made"],
            "withheld": row["withheld"],
            "parts": list(range(1, -(-(row["made"] - row["withheld"]) // LETTERS_AT_ONCE) + 1)),
        }
        for row in await session.fetch(_COUNTS, fiscal_year)
    ]
    withheld = await without_concealed(session, await session.fetch(_WITHHELD, fiscal_year))
    for row in withheld:
        session.audit(AuditEvent("nhi.notice_view", f"household:{row['household_no']}"))
    return NoticeList(
        fiscal_year=fiscal_year,
        year_label=format_wareki_year(fiscal_year),
        levy_name=levy_name(config, fiscal_year),
        counts=counts,
        withheld=[dict(row) | {"kind": KINDS[row["kind"]]} for row in withheld],
    )


async def bulk_letters(session: Reader, config: TenantConfig, fiscal_year: int, kind: str, part: int) -> list[Letter]:
    """The letters of a file, 500 each, by postcode; none to protected people but for who may see their place.

    Raises NotFound for none.
    """
    rows = await session.fetch(_BULK, fiscal_year, kind, LETTERS_AT_ONCE, (part - 1) * LETTERS_AT_ONCE)
    rows = await without_concealed(session, rows)
    hidden = await hidden_among(session, [row["addressee_no"] for row in rows], "nhi.notice")
    rows = [row for row in rows if row["addressee_no"] not in hidden]
    if not rows:
        raise NotFound("印刷する通知書がありません。")
    detail = {"fiscal_year": fiscal_year, "kind": kind, "part": part, "letters": len(rows)}
    session.audit(AuditEvent("nhi.notice_print", detail=detail))
    return [_letter(row, config, dict(row)) for row in rows]


async def one_letter(session: Reader, config: TenantConfig, household_no: int, fiscal_year: int, today: date) -> Letter:
    """The newest notice of a household, to where its letters go today, also one withheld in bulk; audited. Raises NotFound, or
    Forbidden for a protected payer when the reader may not see the address.
    """
    row = await session.fetchrow(_ONE, household_no, fiscal_year)
    if row is None or row["addressee_no"] is None:
        raise NotFound("この世帯のその年度の通知書はありません。")
    await refuse_concealed(session, [row["addressee_no"]], "この世帯のその年度の通知書はありません。")
    session.audit(AuditEvent("nhi.notice_print", f"household:{household_no}", detail={"fiscal_year": fiscal_year}))
    to = await find_mailing(session, row["addressee_no"], "nhi", today)
    if to is None:
        raise NotFound("納税義務者の宛名がありません。")
    if to.address == HIDDEN_TEXT:
        raise Forbidden("支援措置の対象者への通知です。住所を表示できる責任者に作成を引き継いでください。")
    place = {"name": to.name, "postcode": to.postcode, "address": to.address, "building": to.building}
    return _letter(row, config, {**place, "principal": to.principal, "role": to.role, "is_home": to.is_home})


def _letter(row: Record, config: TenantConfig, to: dict[str, Any]) -> Letter:
    year, kind = row["fiscal_year"], KINDS[row["kind"]]
    name = levy_name(config, year).replace("国保", "国民健康保険")
    parts = [(label, row[f"{key}_amount"]) for key, label in COMPONENT_LABELS.items()]
    before = [("更正前の年額", _yen(row["previous_total"]))] if row["previous_total"] is not None else []
    fields = [
        ("年度", format_wareki_year(year)),
        ("世帯番号", str(row["household_no"])),
        *before,
        ("年額", _yen(row["total"])),
        *((label, _yen(amount)) for label, amount in parts if amount is not None),
    ]
    instalments: Sequence[dict[str, Any]] = json.loads(row["instalments"])
    texts = config.settings("nhi").get("notice_texts") or {}
    title = kind if "税" in name else kind.replace("納税", "納入")
    return Letter(
        title=f"{name} {title}",
        name=to["name"] or "",
        postcode=to["postcode"] or "",
        address=full_address(config, to["address"] or "", is_home=to["is_home"]),
        building=to["building"] or "",
        principal=f"{to['principal']} 様の{to['role']}" if to["principal"] else "",
        body=f"{format_wareki_year(year)}の{name}を次のとおり決定しましたので、通知します。",
        issued_on=format_wareki(row["made_on"]),
        number=f"宛名番号 {row['addressee_no']}",
        fields=tuple(fields),
        head=("期", "納期限", "金額"),
        rows=tuple(
            (f"第{item['no']}期", format_wareki(date.fromisoformat(item["due_date"])), _yen(item["amount"]))
            for item in instalments
            if item["amount"]
        ),
        note=texts.get(row["kind"], ""),
        **sender_of(config, row["made_on"]),
    )


def _yen(amount: int) -> str:
    return f"{amount:,}円"
