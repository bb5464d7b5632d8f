"""住民基本台帳の閲覧 (住基法11条, 11条の2): lists by area, sex and age without anybody protected; requests are kept."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from modules.resident.basic_register.labels import SEX_LABELS
from yoriai.addresses import address_order
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import age_at_end_of, format_wareki_time
from yoriai.errors import NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.tenancy.session import Reader, WriteSession

_MOST = 2_000
_OLDEST = 150
# 閲覧 shows the four basic items and nothing else. Whoever is hidden is not in it for anybody, whatever right the clerk holds.
_LIST = """
SELECT r.addressee_no, r.name, r.name_kana, r.birth_date, r.sex, r.address, r.building FROM resident_record r
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31' AND r.status <> 'removed' AND r.town_code = $1
   AND ($2 = '' OR r.sex = $2) AND r.addressee_no NOT IN (SELECT addressee_no FROM fact_hidden_person)
   AND r.addressee_no NOT IN (
       SELECT s.addressee_no FROM protection_subject s JOIN protection p ON p.protection_no = s.protection_no
        WHERE p.superseded_at IS NULL AND p.released_on IS NULL AND 'view' = ANY(p.scope))
"""
_KEEP = """
INSERT INTO inspection (inspection_no, requester, purpose, article, town_code, sex, age_from, age_to, people, recorded_at, staff_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING inspection_no"""
_REQUESTS = """
SELECT i.inspection_no, i.requester, i.purpose, i.article, i.town_code, t.name AS town, i.sex, i.age_from, i.age_to, i.people,
       i.recorded_at, coalesce(s.display_name, i.staff_id) AS staff
  FROM inspection i LEFT JOIN town t ON t.town_code = i.town_code LEFT JOIN staff s ON s.login = i.staff_id
 WHERE $1::bigint IS NULL OR i.inspection_no = $1
 ORDER BY i.inspection_no DESC LIMIT 200"""
_TOWN = "SELECT town_code FROM town WHERE town_code = $1 OR name = $1 ORDER BY town_code LIMIT 2"


class InspectionBody(BaseModel):
    """Who wants to see whom, and for what (住基法11条 1項, 11条の2 1項)."""

    article: Literal["11", "11-2"] = Field(default="11-2", title="根拠")
    requester: str = Field(min_length=1, max_length=200, title="申出者")
    purpose: str = Field(min_length=1, max_length=200, title="利用目的")
    town_code: str = Field(min_length=1, max_length=50, title="町字")
    sex: Literal["", "1", "2"] = Field(default="", title="性別")
    age_from: int = Field(default=0, ge=0, le=_OLDEST, title="年齢から")
    age_to: int = Field(default=_OLDEST, ge=0, le=_OLDEST, title="年齢まで")


class Inspected(BaseModel):
    """A person in the list: the four basic items."""

    name: str
    kana: str
    birth_date: date
    sex: str
    address: str


class InspectionRow(BaseModel):
    """A request that was answered."""

    inspection_no: int
    requester: str
    purpose: str
    article: str
    town: str
    people: int
    at: str
    staff: str


class InspectionView(BaseModel):
    """The requests so far, and the list just made."""

    requests: list[InspectionRow]
    people: list[Inspected]
    inspection_no: int | None = None


class InspectionPrint(BaseModel):
    """A request with its list as it is printed for the place of inspection."""

    row: InspectionRow
    conditions: str
    """町字, sex and ages in words."""
    people: list[Inspected]


async def inspect(session: WriteSession, body: InspectionBody, now: datetime) -> InspectionView:
    """Make a list and keep the request; raises Invalid."""
    findings = Findings()
    towns = await session.fetch(_TOWN, body.town_code)
    if len(towns) != 1:
        findings.refuse("town_code", "町字を一覧から選んでください。")
    if body.age_to < body.age_from:
        findings.refuse("age_to", "年齢の範囲が逆です。")
    findings.settle()
    rows = await _list_people(session, towns[0]["town_code"], body.sex, (body.age_from, body.age_to), now.date())
    if len(rows) > _MOST:
        findings.refuse("town_code", f"対象が{_MOST:,}人を超えます。年齢や性別で絞り込んでください。")
        findings.settle()
    number = await allocate(session, "inspection")
    values = (body.requester, body.purpose, body.article, towns[0]["town_code"], body.sex, body.age_from, body.age_to)
    await session.fetchval(_KEEP, number, *values, len(rows), now, session.principal.login)
    people = _shown(session, rows, number, body.purpose)
    return InspectionView(requests=await list_requests(session), people=people, inspection_no=number)


async def get_print(session: Reader, inspection_no: int) -> InspectionPrint:
    """The list of a request to be printed; raises NotFound.

    Made anew by what was asked for, ages as of the day of the request: who has come under protection since is not in it.
    """
    found = await session.fetch(_REQUESTS, inspection_no)
    if not found:
        raise NotFound("この閲覧の申出はありません。")
    row = found[0]
    ages = (row["age_from"], row["age_to"])
    on = row["recorded_at"].astimezone(JAPAN).date()
    rows = await _list_people(session, row["town_code"], row["sex"], ages, on)
    told = [row["town"] or row["town_code"], SEX_LABELS[row["sex"]] if row["sex"] else "", _ages(*ages)]
    return InspectionPrint(
        row=_request(row),
        conditions="　".join(filter(None, told)),
        people=_shown(session, rows, inspection_no, row["purpose"]),
    )


async def _list_people(
    session: Reader, town_code: str, sex: str, ages: tuple[int, int], on: date
) -> list[Mapping[str, Any]]:
    rows = await session.fetch(_LIST, town_code, sex)
    asked = [row for row in rows if ages[0] <= age_at_end_of(on, row["birth_date"]) <= ages[1]]
    return sorted(asked, key=lambda row: (address_order(row["address"]), row["name_kana"], row["addressee_no"]))


def _shown(session: Reader, rows: Sequence[Mapping[str, Any]], number: int, purpose: str) -> list[Inspected]:
    for row in rows:
        session.audit(
            AuditEvent("inspection.view", f"addressee:{row['addressee_no']}", purpose, {"inspection_no": number})
        )
    return [
        Inspected(
            name=row["name"],
            kana=row["name_kana"],
            birth_date=row["birth_date"],
            sex=SEX_LABELS[row["sex"]],
            address=" ".join(filter(None, (row["address"], row["building"]))),
        )
        for row in rows
    ]


def _ages(first: int, last: int) -> str:
    """The range of ages in words; empty for everybody."""
    least = f"{first}歳以上" if first else ""
    return least + (f"{last}歳以下" if last < _OLDEST else "")


async def list_requests(session: Reader) -> list[InspectionRow]:
    """The requests answered, the newest first."""
    return [_request(row) for row in await session.fetch(_REQUESTS, None)]


def _request(row: Mapping[str, Any]) -> InspectionRow:
    return InspectionRow(
        inspection_no=row["inspection_no"],
        requester=row["requester"],
        purpose=row["purpose"],
        article="住基法11条" if row["article"] == "11" else "住基法11条の2",
        town=row["town"] or "",
        people=row["people"],
        at=format_wareki_time(row["recorded_at"].astimezone(JAPAN)),
        staff=row["staff"],
    )
