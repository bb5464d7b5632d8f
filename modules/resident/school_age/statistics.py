"""Counts by school, grade, sex, nationality and district; entrants of the coming years, and what a district more would do."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from modules.resident.school_age.codes import PLACEMENTS
from modules.resident.school_age.placing import figures_of, judge
from modules.resident.school_age.roll import CHILDREN, entry_day, is_foreign, stage_of
from modules.resident.school_age.settings import District, SchoolSettings, read_settings
from modules.resident.school_age.views import Forecast, Statistics
from yoriai.audit import AuditEvent
from yoriai.dates import fiscal_year_of
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

_COUNTED = f"{CHILDREN} WHERE c.state = 'enrolled' AND p.valid_from <= $1"
_YOUNG = """
SELECT r.addressee_no, r.birth_date, m.address, m.is_hidden
  FROM fact_resident r JOIN sealed_mailing_address m ON m.addressee_no = r.addressee_no
 WHERE r.birth_date >= $1
"""
_YEARS = 6
_GRADES = range(1, 10)


async def get_statistics(session: Reader, config: TenantConfig, day: date) -> Statistics:
    """Children of the school age by school and grade with sex and nationality, by kind, and by the district they live in.

    By school those are counted who attend: not a foreign child that does not, or has not told whether it will.
    """
    settings = read_settings(config)
    rows = [dict(row) for row in await session.fetch(_COUNTED, day)]
    session.audit(AuditEvent("school_age.statistics", detail={"counted": len(rows)}))
    return Statistics(
        day=day,
        by_school=_by_school(rows, settings),
        by_kind=[
            {"label": PLACEMENTS[kind], "count": count}
            for kind, count in Counter(row["kind"] for row in rows).most_common()
        ],
        by_district=_by_district(rows, settings, day),
        total=len(rows),
    )


def _by_school(rows: Iterable[Mapping[str, Any]], settings: SchoolSettings) -> list[dict[str, Any]]:
    groups: dict[str, list[Mapping[str, Any]]] = {code: [] for code in settings.schools}
    for row in rows:
        if row["kind"] == "municipal" and row["wish"] not in ("unknown", "declines"):
            groups.setdefault(row["school_code"], []).append(row)
    return [
        {
            "code": code,
            "name": settings.name_of(code),
            "grades": [sum(1 for row in group if row["grade"] == grade) for grade in _GRADES],
            "male": sum(1 for row in group if row["sex"] == "1"),
            "female": sum(1 for row in group if row["sex"] == "2"),
            "foreign": sum(1 for row in group if is_foreign(row)),
            "total": len(group),
        }
        for code, group in groups.items()
    ]


def _by_district(rows: Iterable[Mapping[str, Any]], settings: SchoolSettings, day: date) -> list[dict[str, Any]]:
    counted = Counter(settings.designate(row["place"] or "", stage_of(row["grade"] or 1), day) for row in rows)
    known = [{"name": settings.name_of(code), "count": counted[code]} for code in settings.schools]
    return [*known, {"name": "通学区域なし", "count": counted[None]}]


async def get_forecast(session: Reader, config: TenantConfig, today: date, trial: District | None = None) -> Forecast:
    """Who will start school in the coming years by the births the register has; the live districts never change by a trial.

    A trial leaves protected children in the district they have: a trial of one house would else tell whether they live there.
    """
    settings = read_settings(config)
    first = fiscal_year_of(today) + 1
    years = list(range(first, first + _YEARS))
    children = [dict(row) for row in await session.fetch(_YOUNG, date(first - 7, 1, 1))]
    judged = judge(children, today, figures_of(config, today))
    coming: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
    for child in children:
        year = judged[child["addressee_no"]]["entry_year"]
        if year in years:
            coming[child["is_hidden"]].append((year, child["address"] or ""))
    entering = [*coming[False], *coming[True]]
    fixed = _entrants(coming[True], settings)
    now = _entrants(coming[False], settings) + fixed
    after = _entrants(coming[False], settings.with_district(trial)) + fixed if trial else now
    codes = [code for code, school in settings.schools.items() if "elementary" in school.stages]
    rows = [
        {
            "code": code or "",
            "name": settings.name_of(code) or "通学区域なし",
            "counts": [now[year, code] for year in years],
            "trial": [after[year, code] for year in years] if trial else [],
        }
        for code in [*codes, None]
    ]
    session.audit(AuditEvent("school_age.forecast", detail={"counted": len(entering), "is_trial": trial is not None}))
    births = Counter(year for year, _ in entering)
    shown = {"school": trial.school, "towns": list(trial.towns), "numbers": trial.numbers} if trial else None
    return Forecast(
        years=years,
        header=[{"key": str(year), "label": f"{year}年度", "kind": "number"} for year in years],
        rows=rows,
        births=[births[year] for year in years],
        trial=shown,
        schools=[(code, settings.name_of(code)) for code in codes],
        initial={"school": trial.school, "town": trial.towns[0]} if trial else {},
    )


def _entrants(entering: Iterable[tuple[int, str]], settings: SchoolSettings) -> Counter[tuple[int, str | None]]:
    counted: Counter[tuple[int, str | None]] = Counter()
    found: dict[tuple[int, str], str | None] = {}
    for year, address in entering:
        if (year, address) not in found:
            found[year, address] = settings.designate(address, "elementary", entry_day(year))
        counted[year, found[year, address]] += 1
    return counted
