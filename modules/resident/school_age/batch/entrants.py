"""学齢簿の編製: who starts school next April, as the register stood on 1 October (学校教育法施行令2条、施行規則31条)."""

from datetime import date

import polars as pl

from modules.resident.school_age.placing import designated, figures_of, judge
from modules.resident.school_age.roll import entry_day
from modules.resident.school_age.settings import read_settings
from yoriai.dates import OPEN_END
from yoriai.jobs import Chunk, ChunkResult, JobContext, RowError
from yoriai.rules import Use
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession

_RESIDENTS = """
SELECT p.addressee_no, p.birth_date, p.nationality, CASE WHEN p.is_hidden THEN m.address ELSE p.address END AS address
  FROM fact_resident_period p LEFT JOIN sealed_mailing_address m ON m.addressee_no = p.addressee_no
 WHERE p.valid_from <= $1 AND p.valid_to > $1 AND p.status <> 'removed' AND p.birth_date >= $2 AND p.birth_date <= $3
 ORDER BY p.addressee_no
"""
_KNOWN = "SELECT addressee_no FROM school_age_child"
_UNMATCHED = """
SELECT c.addressee_no FROM school_age_child c JOIN school_age_placement p ON p.addressee_no = c.addressee_no
 WHERE c.entry_year = $1 AND c.state = 'planned' AND p.superseded_at IS NULL AND p.kind = 'unassigned' AND p.valid_to = '9999-12-31'
 ORDER BY c.addressee_no
"""
_COUNT = "SELECT count(*) FROM school_age_child WHERE entry_year = $1 AND state = 'planned'"
_YEAR = """
INSERT INTO school_age_year (entry_year, base_date, extracted_at, entrants, unmatched) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (entry_year) DO UPDATE SET extracted_at = excluded.extracted_at, entrants = excluded.entrants,
  unmatched = excluded.unmatched WHERE school_age_year.fixed_at IS NULL
"""
_FIXED = "SELECT count(*) FROM school_age_year WHERE entry_year = $1 AND fixed_at IS NOT NULL"


def plan_whole(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """One chunk for the whole municipality."""
    return [Chunk(1, 0, 1)]


def run_entrants(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Extract the coming 1st grade with its 指定校; a fixed list is left alone. Addresses without a district are errors."""
    year = context.fiscal_year + 1
    if session.read(_FIXED, (year,)).item():
        return ChunkResult(rows_in=0, rows_out=0)
    settings = read_settings(context.config)
    month, day = map(int, Use(figures_of(context.config, context.business_date)).texts("days.base")[0].split("-"))
    base = date(context.fiscal_year, month, day)
    candidates = session.read(_RESIDENTS, (base, date(year - 8, 1, 1), date(year - 5, 12, 31))).to_dicts()
    known = set(session.read(_KNOWN)["addressee_no"])
    judged = judge(candidates, entry_day(year), figures_of(context.config, entry_day(year)))
    coming = [person for person in candidates if judged[person["addressee_no"]]["entry_year"] == year]
    new = [person for person in coming if person["addressee_no"] not in known]
    who = f"batch:{context.run_key}"
    children = [
        {
            "addressee_no": person["addressee_no"],
            "entry_year": year,
            "state": "planned",
            "wish": "none" if person["nationality"] == "JPN" else "unknown",
            "name_choice": "alias"
            if person["nationality"] != "JPN" and settings.document.get("alias_first")
            else "name",
            "made_on": context.business_date,
            "staff_id": who,
        }
        for person in new
    ]
    places = [designated(person["address"], 1, entry_day(year), settings) for person in new]
    placements = [
        {
            "addressee_no": person["addressee_no"],
            "kind": place.kind,
            "grade": 1,
            "school_code": place.school_code,
            "school_name": place.school_name,
            "basis": "指定",
            "valid_from": entry_day(year),
            "valid_to": OPEN_END,
            "staff_id": who,
        }
        for person, place in zip(new, places, strict=True)
    ]
    acts = [
        {
            "addressee_no": person["addressee_no"],
            "act": "compile",
            "on": base,
            "after": place.school_name or "指定校未定",
            "staff_id": who,
        }
        for person, place in zip(new, places, strict=True)
    ]
    for table, rows in (
        ("school_age_child", children),
        ("school_age_placement", placements),
        ("school_age_act", acts),
    ):
        session.append(table, pl.DataFrame(rows, infer_schema_length=None))
    unmatched = session.read(_UNMATCHED, (year,))["addressee_no"].to_list()
    total = session.read(_COUNT, (year,)).item()
    session.execute(_YEAR, (year, base, context.now, total, len(unmatched)))
    errors = tuple(RowError(f"addressee:{number}", "住所に合う通学区域がありません。") for number in unmatched)
    return ChunkResult(len(coming), len(new), len(errors), total, errors)
