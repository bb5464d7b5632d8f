"""What the register itself proposes after a movement: cards, numbers, confirmations (書かない窓口)."""

from collections.abc import Sequence
from datetime import date

from modules.resident.basic_register.labels import NATIONALITY_JAPAN
from modules.resident.basic_register.movements.deadline import deadline_of
from modules.resident.basic_register.movements.transitions import Status, parameters
from yoriai.proposals import Happening, Proposal
from yoriai.rules.parameters import Moment, resolve
from yoriai.tenancy.session import Reader, Record

_PEOPLE = """
SELECT r.addressee_no, r.household_no, r.name, r.nationality, r.status, r.relationship, r.kana_confirmed,
       EXISTS (SELECT FROM person_number n WHERE n.addressee_no = r.addressee_no AND n.kind = 'my_number'
                  AND n.superseded_at IS NULL) AS has_number,
       EXISTS (SELECT FROM person_number n WHERE n.addressee_no = r.addressee_no AND n.kind = 'resident_code'
                  AND n.superseded_at IS NULL) AS has_code
  FROM resident_record r
 WHERE r.addressee_no = ANY($1::bigint[]) AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31' ORDER BY r.addressee_no"""
_HEADLESS = """
SELECT r.household_no, min(r.addressee_no) AS addressee_no, min(r.name) AS name FROM fact_resident r
 WHERE r.household_no = ANY($1::bigint[]) GROUP BY r.household_no HAVING NOT bool_or(r.is_head)"""
_CARD = "マイナンバーカード（暗証番号）"


async def propose(session: Reader, happening: Happening) -> list[Proposal]:
    """The register's own procedures for each person of the movement."""
    people = await session.fetch(_PEOPLE, list(happening.addressee_nos))
    found: list[Proposal] = []
    for person in people:
        if person["status"] == Status.REMOVED or happening.kind == "move_out":
            found += _of_leaving(person, happening)
        else:
            found += _of_present(person, happening)
    return [*found, *await _of_households(session, happening)]


def _of_present(person: Record, happening: Happening) -> Sequence[Proposal]:
    number, found = person["addressee_no"], []
    is_new = happening.kind in ("move_in", "birth")
    if is_new:
        kind = "転入" if happening.kind == "move_in" else "出生"
        found.append(
            Proposal(
                "resident.code",
                "住民票コードの記載・個人番号の付番",
                number,
                f"{kind}により住民票が作られたため、番号を記載します。",
                href=f"/resident/persons/{number}/numbers",
                article="住基法30条の3、番号法7条",
                is_done=person["has_code"] and person["has_number"],
            )
        )
    if is_new and not person["kana_confirmed"]:
        href = f"/resident/households/{person['household_no']}/family-register"
        because = "氏名の振り仮名が本人に確認されていません。"
        found.append(Proposal("resident.kana", "振り仮名の確認", number, because, ("本人確認書類",), href))
    if happening.kind in ("move_in", "move_within"):
        found.append(_card(person, happening))
        if person["nationality"] != NATIONALITY_JAPAN:
            found.append(_residence_card(person, happening))
    return found


def _card(person: Record, happening: Happening) -> Proposal:
    is_new = happening.kind == "move_in"
    return Proposal(
        "resident.card",
        "マイナンバーカードの継続利用" if is_new else "マイナンバーカードの券面の書換え",
        person["addressee_no"],
        "住所が変わったため、持っているカードの住所を書き換えます。",
        (_CARD,),
        due_on=_due("card.continue_days" if is_new else "card.rewrite_days", happening.effective_on),
        article="番号法17条",
    )


def _residence_card(person: Record, happening: Happening) -> Proposal:
    return Proposal(
        "resident.residence_card",
        "在留カード等への住居地の記載",
        person["addressee_no"],
        "外国人住民の住居地の届出は、転入・転居の届出とあわせて行います。",
        ("在留カードまたは特別永住者証明書",),
        due_on=_due("residence_card.days", happening.effective_on),
        article="入管法19条の9、30条の46",
    )


def _of_leaving(person: Record, happening: Happening) -> Sequence[Proposal]:
    number = person["addressee_no"]
    if happening.kind == "death":
        because = "亡くなった方のカードは使えなくなります。"
        return [
            Proposal("resident.card_return", "マイナンバーカードの返納", number, because, ("亡くなった方のカード",))
        ]
    return []


async def _of_households(session: Reader, happening: Happening) -> list[Proposal]:
    """A household whose head has gone needs its next one (住基法25条)."""
    rows = await session.fetch(_HEADLESS, list(happening.household_nos))
    return [
        Proposal(
            f"resident.head.{row['household_no']}",
            "世帯主変更届",
            row["addressee_no"],
            "世帯主がいなくなったため、新しい世帯主を決めます。",
            href=f"/resident/households/{row['household_no']}/relations",
            due_on=_due("notice_days.household", happening.effective_on),
            article="住基法25条",
        )
        for row in rows
    ]


def _due(key: str, day: date) -> date | None:
    figures = resolve(parameters(), Moment(day))
    days = figures[key].value if key in figures else None
    return deadline_of(day, days) if isinstance(days, int) else None
