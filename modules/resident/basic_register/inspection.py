"""住民基本台帳の閲覧 (住基法11条, 11条の2): lists by area, sex and age without anybody protected; requests are kept."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from modules.resident.basic_register.labels import SEX_LABELS
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import age_at_end_of, format_wareki_time
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.tenancy.session import Reader, WriteSession

_MOST = 2_000
# 閲覧 shows the four basic items and nothing else. Whoever is hidden is not in it for anybody, whatever right the clerk holds.
_LIST = """
SELECT r.addressee_no, r.name, r.name_kana, r.birth_date, r.sex, r.address, r.building FROM resident_record r
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31' AND r.status <> 'removed' AND r.town_code = $1
   AND ($2 = '' OR r.sex = $2) AND r.addressee_no NOT IN (SELECT addressee_no FROM fact_hidden_person)
   AND r.addressee_no NOT IN (
       SELECT s.addressee_no FROM protection_subject s JOIN protection p ON p.protection_no = s.protection_no
        WHERE p.superseded_at IS NULL AND p.released_on IS NULL AND 'view' = ANY(p.scope))
 ORDER BY r.address, r.name_kana, r.addressee_no"""
_KEEP = """
INSERT INTO inspection (inspection_no, requester, purpose, article, town_code, sex, age_from, age_to, people, recorded_at, staff_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING inspection_no"""
_REQUESTS = """
SELECT i.inspection_no, i.requester, i.purpose, i.article, t.name AS town, i.people, i.recorded_at,
       coalesce(s.display_name, i.staff_id) AS staff
  FROM inspection i LEFT JOIN town t ON t.town_code = i.town_code LEFT JOIN staff s ON s.login = i.staff_id
 ORDER BY i.inspection_no DESC LIMIT 200"""
_TOWN = "SELECT town_code FROM town WHERE town_code = $1 OR name = $1 ORDER BY town_code LIMIT 2"


class InspectionBody(BaseModel):
    """Who wants to see whom, and for what (住基法11条 1項, 11条の2 1項)."""

    article: Literal["11", "11-2"] = Field(default="11-2", title="根拠")
    requester: str = Field(min_length=1, max_length=200, title="申出者")
    purpose: str = Field(min_length=1, max_length=200, title="利用目的")
    town_code: str = Field(min_length=1, max_length=50, title="町字")
    sex: Literal["", "1", "2"] = Field(default="", title="性別")
    age_from: int = Field(default=0, ge=0, le=150, title="年齢から")
    age_to: int = Field(default=150, ge=0, le=150, title="年齢まで")


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


async def inspect(session: WriteSession, body: InspectionBody, now: datetime) -> InspectionView:
    """Make a list and keep the request; raises Invalid."""
    findings = Findings()
    towns = await session.fetch(_TOWN, body.town_code)
    if len(towns) != 1:
        findings.refuse("town_code", "町字を一覧から選んでください。")
    if body.age_to < body.age_from:
        findings.refuse("age_to", "年齢の範囲が逆です。")
    findings.settle()
    today = now.date()
    rows = [
        row
        for row in await session.fetch(_LIST, towns[0]["town_code"], body.sex)
        if body.age_from <= age_at_end_of(today, row["birth_date"]) <= body.age_to
    ]
    if len(rows) > _MOST:
        findings.refuse("town_code", f"対象が{_MOST:,}人を超えます。年齢や性別で絞り込んでください。")
        findings.settle()
    number = await allocate(session, "inspection")
    values = (body.requester, body.purpose, body.article, towns[0]["town_code"], body.sex, body.age_from, body.age_to)
    await session.fetchval(_KEEP, number, *values, len(rows), now, session.principal.login)
    for row in rows:
        detail = {"inspection_no": number}
        session.audit(AuditEvent("inspection.view", f"addressee:{row['addressee_no']}", body.purpose, detail))
    people = [
        Inspected(
            name=row["name"],
            kana=row["name_kana"],
            birth_date=row["birth_date"],
            sex=SEX_LABELS[row["sex"]],
            address=" ".join(filter(None, (row["address"], row["building"]))),
        )
        for row in rows
    ]
    return InspectionView(requests=await list_requests(session), people=people, inspection_no=number)


async def list_requests(session: Reader) -> list[InspectionRow]:
    """The requests answered, the newest first."""
    return [
        InspectionRow(
            inspection_no=row["inspection_no"],
            requester=row["requester"],
            purpose=row["purpose"],
            article="住基法11条" if row["article"] == "11" else "住基法11条の2",
            town=row["town"] or "",
            people=row["people"],
            at=format_wareki_time(row["recorded_at"].astimezone(JAPAN)),
            staff=row["staff"],
        )
        for row in await session.fetch(_REQUESTS)
    ]
