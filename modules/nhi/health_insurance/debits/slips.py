"""口座振替不能のお知らせ with its 納付書: the letters of the list in bulk, one alone, and those withheld with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from modules.nhi.health_insurance.debits.positions import Standing, list_standings
from modules.nhi.health_insurance.debits.rules import StepKind
from modules.nhi.health_insurance.debits.telling import shown
from modules.nhi.health_insurance.figures import levy_name
from modules.resident.basic_register.facts import HIDDEN_TEXT, SEE, refuse_concealed, without_concealed
from modules.resident.non_resident.facts import LETTER, find_mailing, hidden_among
from yoriai.audit import AuditEvent
from yoriai.banking import RESULT_CODES
from yoriai.dates import format_wareki, format_wareki_year
from yoriai.documents.letters import LETTERS_AT_ONCE, Letter, Slip, full_address, sender_of
from yoriai.errors import Forbidden, NotFound
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

_PLACES = f"""
SELECT a.place, a.addressee_no, letter.name, letter.own_name, letter.postcode, letter.address, letter.building, letter.principal,
       letter.role, letter.is_home, letter.problem,
       EXISTS (SELECT FROM fact_hidden_addressee h WHERE h.addressee_no = letter.no) AS is_hidden
  FROM unnest($3::bigint[]) WITH ORDINALITY AS a (addressee_no, place)
  {LETTER}
 ORDER BY letter.postcode NULLS LAST, letter.address, a.place
"""  # noqa: S608  the join of 宛名
_HIDDEN = "支援措置のため、一括の印刷に入りません。個別に印刷してください。"
_NONE = "この期の納付書はありません。"


@dataclass(frozen=True)
class AddressedSlip:
    """An instalment that goes by slip, and where its letter goes."""

    standing: Standing
    to: Mapping[str, Any]


@dataclass(frozen=True)
class Bulk:
    """What is printed in bulk, in the order of the post, and what is not, with the reason by its key."""

    printed: list[AddressedSlip] = field(default_factory=list)
    withheld: dict[tuple[int, int, int], str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Yen of what is printed."""
        return sum(slip.standing.step.amount for slip in self.printed)

    @property
    def parts(self) -> list[int]:
        """The files, 500 letters each."""
        return list(range(1, -(-len(self.printed) // LETTERS_AT_ONCE) + 1))


NONE = Bulk()


async def sort_out(session: Reader, standings: Sequence[Standing], today: date) -> Bulk:
    """Which of the list print in bulk. Protected people do not, but for who may see their place; the concealed are nowhere."""
    numbers = [standing.row["payer_no"] for standing in standings]
    found = await session.fetch(_PLACES, "nhi", today, numbers)
    bulk = Bulk()
    for row in await without_concealed(session, found):
        standing = standings[row["place"] - 1]
        problem = _HIDDEN if row["is_hidden"] and not session.principal.may(SEE) else row["problem"]
        if problem:
            bulk.withheld[standing.key] = problem
        else:
            bulk.printed.append(AddressedSlip(standing, dict(row)))
    return bulk


async def bulk_slips(session: Reader, config: TenantConfig, part: int, today: date) -> list[Letter]:
    """The letters of a file; audited with their number. Raises NotFound for none."""
    standings = shown(await list_standings(session, config, today), "slip")
    bulk = await sort_out(session, standings, today)
    printed = bulk.printed[(part - 1) * LETTERS_AT_ONCE : part * LETTERS_AT_ONCE]
    if not printed:
        raise NotFound("印刷する納付書がありません。")
    await hidden_among(session, [slip.standing.row["payer_no"] for slip in printed], "nhi.debit_slip")
    session.audit(AuditEvent("nhi.debit_slip", detail={"part": part, "letters": len(printed)}))
    for slip in printed:
        session.audit(AuditEvent("nhi.debit_slip", f"addressee:{slip.standing.row['payer_no']}"))
    return [_letter(slip.standing, config, slip.to, today) for slip in printed]


async def one_slip(session: Reader, config: TenantConfig, key: tuple[int, int, int], today: date) -> Letter:
    """The letter of an instalment that goes by slip, also one withheld in bulk or sent before; audited. Raises NotFound, or
    Forbidden for a protected payer when the reader may not see the address.
    """
    standings = await list_standings(session, config, today, key[0])
    standing = next((each for each in standings if each.key == key and each.step.kind is StepKind.SLIP), None)
    if standing is None:
        raise NotFound(_NONE)
    payer_no = standing.row["payer_no"]
    await refuse_concealed(session, [payer_no], _NONE)
    session.audit(AuditEvent("nhi.debit_slip", f"addressee:{payer_no}", detail={"household_no": key[0]}))
    to = await find_mailing(session, payer_no, "nhi", today)
    if to is None:
        raise NotFound("納税義務者の宛名がありません。")
    if to.address == HIDDEN_TEXT:
        raise Forbidden("支援措置の対象者への通知です。住所を表示できる責任者に作成を引き継いでください。")
    place = {"name": to.name, "postcode": to.postcode, "address": to.address, "building": to.building}
    own = {"principal": to.principal, "role": to.role, "is_home": to.is_home, "own_name": to.principal or to.name}
    return _letter(standing, config, place | own, today)


def _letter(standing: Standing, config: TenantConfig, to: Mapping[str, Any], today: date) -> Letter:
    row, step = standing.row, standing.step
    household_no, fiscal_year, instalment_no = standing.key
    name = levy_name(config, fiscal_year).replace("国保", "国民健康保険")
    year, amount = format_wareki_year(fiscal_year), f"{step.amount:,}円"
    due = format_wareki(row["due_date"]) if row["due_date"] else "-"
    has_failed = row["last_result"] not in (None, "0")
    reason = RESULT_CODES[row["last_result"]] if has_failed else step.reason
    debited = [("引落日", format_wareki(row["last_on"]))] if has_failed else []
    texts = config.settings("nhi").get("notice_texts") or {}
    return Letter(
        title="口座振替不能のお知らせ",
        name=to["name"] or "",
        postcode=to["postcode"] or "",
        address=full_address(config, to["address"] or "", is_home=to["is_home"]),
        building=to["building"] or "",
        principal=f"{to['principal']} 様の{to['role']}" if to["principal"] else "",
        body=f"{name}の次の期は、口座から振り替えられませんでした。下の納付書で納めてください。",
        issued_on=format_wareki(today),
        number=f"宛名番号 {row['payer_no']}",
        fields=(
            ("年度・期", f"{year} 第{instalment_no}期"),
            ("納期限", due),
            *debited,
            ("理由", reason),
            ("金額", amount),
        ),
        note=texts.get("unpaid", ""),
        slip=Slip(
            account=name,
            payer=to["own_name"] or "",
            payee=f"{config.name} 会計管理者",
            amount=amount,
            fields=(
                ("年度", year),
                ("期別", f"第{instalment_no}期"),
                ("世帯番号", str(household_no)),
                ("宛名番号", str(row["payer_no"])),
                ("納期限", due),
            ),
        ),
        **sender_of(config, today),
    )
