"""The 学齢簿: every child within the school age at the school of its address, some elsewhere; next April's first grade."""

from datetime import date, datetime, time

import polars as pl

from modules.resident.school_age.batch.entrants import run_entrants
from modules.resident.school_age.placing import Place, designated, figures_of, judge
from modules.resident.school_age.roll import entry_day
from modules.resident.school_age.settings import read_settings
from yoriai.clock import JAPAN
from yoriai.dates import OPEN_END, fiscal_year_of
from yoriai.jobs import Chunk, JobContext
from yoriai.tenancy.bulk import BulkWriteSession
from yoriai.tenancy.config import TenantConfig

_CHILDREN = """
SELECT r.addressee_no, r.birth_date, r.nationality, m.address
  FROM fact_resident r JOIN sealed_mailing_address m ON m.addressee_no = r.addressee_no WHERE r.birth_date >= $1 ORDER BY 1
"""
_OLDEST = 17
_ELSEWHERE = {
    11: Place("private", None, "私立の小中学校"),
    23: Place("national", None, "国立大学附属学校"),
    37: Place("special_needs", None, "県立特別支援学校"),
}
"""Of a hundred children (by the end of their number), those who attend elsewhere."""
_STAFF = "conversion"


def load_schooling(session: BulkWriteSession, config: TenantConfig, as_of: date) -> int:
    """Write the 学齢簿 as the old system left it; returns the number of children."""
    year = fiscal_year_of(as_of)
    settings = read_settings(config)
    people = session.read(_CHILDREN, (date(year - _OLDEST, 1, 1),)).to_dicts()
    judged = judge(people, as_of, figures_of(config, as_of))
    pupils = [person for person in people if judged[person["addressee_no"]]["grade"]]
    children, placements = [], []
    for person in pupils:
        number = person["addressee_no"]
        its = judged[number]
        is_japanese = person["nationality"] == "JPN"
        place = _ELSEWHERE.get(number % 100) or designated(person["address"], its["grade"], as_of, settings)
        children.append(
            {
                "addressee_no": number,
                "entry_year": its["entry_year"],
                "state": "enrolled",
                "wish": "none" if is_japanese else "wishes",
                "made_on": entry_day(its["entry_year"]),
                "staff_id": _STAFF,
            }
        )
        placements.append(
            {
                "addressee_no": number,
                "kind": place.kind,
                "grade": its["grade"],
                "school_code": place.school_code,
                "school_name": place.school_name,
                "basis": "進級" if its["grade"] > 1 else "指定",
                "valid_from": entry_day(year),
                "valid_to": OPEN_END,
                "staff_id": _STAFF,
            }
        )
    session.append("school_age_child", pl.DataFrame(children, infer_schema_length=None))
    session.append("school_age_placement", pl.DataFrame(placements, infer_schema_length=None))
    _extract_entrants(session, config, as_of, year)
    return len(pupils)


def _extract_entrants(session: BulkWriteSession, config: TenantConfig, as_of: date, year: int) -> None:
    base = date(year, 10, 1)
    if as_of < base:
        return
    now = datetime.combine(base, time(22), JAPAN)
    run_entrants(session, JobContext(config.tenant, config, base, year, _STAFF, now), Chunk(1, 0, 1))
