"""書かない窓口: what a movement asks for of the school, for each child it concerns."""

from datetime import date

from modules.resident.school_age.calc import PARAMETERS
from modules.resident.school_age.placing import judge
from yoriai.dates import fiscal_year_of, format_wareki
from yoriai.proposals import Happening, Proposal
from yoriai.rules import Moment, resolve
from yoriai.tenancy.session import Reader

_PEOPLE = """
SELECT DISTINCT ON (p.addressee_no) p.addressee_no, p.name, p.birth_date, p.nationality, p.is_hidden, c.state, s.school_name
  FROM fact_resident_period p
  LEFT JOIN school_age_child c ON c.addressee_no = p.addressee_no
  LEFT JOIN school_age_placement s ON s.addressee_no = p.addressee_no AND s.superseded_at IS NULL AND s.valid_to = '9999-12-31'
 WHERE p.addressee_no = ANY($1::bigint[]) ORDER BY p.addressee_no, p.valid_from DESC
"""
_ISSUED = """
SELECT addressee_no FROM school_age_notice
 WHERE kind = 'transfer' AND superseded_at IS NULL AND issued_on >= $2 AND addressee_no = ANY($1::bigint[])
"""
_PAPERS = ("在学証明書", "教科用図書給与証明書")


async def propose(session: Reader, happening: Happening) -> list[Proposal]:
    """転入学 after 転入, the school after 転居, 転学 before 転出, and for a newborn the year it will start."""
    if happening.kind not in ("move_in", "move_within", "move_out", "birth"):
        return []
    rows = [dict(row) for row in await session.fetch(_PEOPLE, list(happening.addressee_nos))]
    if not rows:
        return []
    issued = {
        row["addressee_no"]
        for row in await session.fetch(_ISSUED, list(happening.addressee_nos), happening.effective_on)
    }
    figures = resolve(PARAMETERS, Moment(happening.effective_on), {"ordinance": {}})
    judged = judge(rows, happening.effective_on, figures)
    found = []
    for row in rows:
        number = row["addressee_no"]
        its = judged[number]
        is_pupil = bool(its["grade"])
        is_coming = its["entry_year"] == fiscal_year_of(happening.effective_on) + 1
        key = f"school_age:{happening.movement_no}:{number}"
        if happening.kind == "birth":
            found.append(_birth(key, number, its["entry_year"]))
        elif happening.kind == "move_out":
            if is_pupil and row["state"] == "enrolled":
                school = "" if row["is_hidden"] else row["school_name"]
                found.append(_leaving(key, number, school or "在籍する学校"))
        elif is_pupil:
            found.append(_arriving(key, number, row, happening, is_done=number in issued))
        elif is_coming:
            because = f"{its['entry_year']}年4月に小学校へ入学するお子さんです。入学通知を新しい住所へお送りします。"
            found.append(Proposal(key, "入学の案内", number, because, article="学校教育法施行令5条", is_done=True))
    return found


def _arriving(key: str, number: int, row: dict[str, object], happening: Happening, *, is_done: bool) -> Proposal:
    is_new = happening.kind == "move_in"
    label = "転入学の手続き" if is_new else "転校の確認"
    because = (
        "小・中学校に通う年齢のお子さんが転入したため、通う学校を指定します。"
        if is_new
        else "転居により通学区域が変わることがあるため、通う学校を確かめます。"
    )
    if row["nationality"] != "JPN":
        because = "小・中学校に通う年齢のお子さんです。希望すれば日本の学校に通えます。"
    return Proposal(
        key,
        label,
        number,
        because,
        bring=_PAPERS if is_new else (),
        href=f"/school_age/transfers/new?addressee_no={number}",
        article="学校教育法施行令6条",
        is_done=is_done,
    )


def _leaving(key: str, number: int, school: str) -> Proposal:
    because = f"{school}から転学するため、学校で在学証明書と教科用図書給与証明書を受け取ってください。"
    return Proposal(key, "転学の手続き", number, because, bring=(), article="学校教育法施行令4条")


def _birth(key: str, number: int, entry_year: int) -> Proposal:
    because = f"小学校への入学は{format_wareki(date(entry_year, 4, 1))}です。前の年の10月に学齢簿を作り、1月までに通知します。"
    return Proposal(key, "就学の予定 (案内のみ)", number, because, article="学校教育法17条1項", is_done=True)
