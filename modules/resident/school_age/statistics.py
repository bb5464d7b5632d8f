"""Counts by school, grade, sex, nationality and district; entrants of the coming years, and what a district more would do."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import hidden_from_reader
from modules.resident.school_age.codes import PLACEMENTS
from modules.resident.school_age.grades import Grades, grades_on
from modules.resident.school_age.placing import figures_of, judge
from modules.resident.school_age.reads import list_incoming
from modules.resident.school_age.roll import CHILDREN, entry_day, is_foreign, veil
from modules.resident.school_age.settings import District, SchoolSettings, read_settings
from modules.resident.school_age.views import ChildLine, Forecast, Statistics
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
_APART = "支援措置 (学校・通学区域を示さない)"
_NOT_ATTENDING = "外国籍 (就学の希望を確認中・希望しない)"
_SUMMED = ("male", "female", "other", "foreign", "incoming", "total")


async def get_statistics(session: Reader, config: TenantConfig, day: date) -> Statistics:
    """Children of the school age by school and grade with sex and nationality, by kind, and by the district they live in.

    By school those are counted who attend: not a foreign child that does not, or has not told whether it will, but pupils taken in
    from other municipalities. Who is protected is counted in no school and no district but apart, save for who may see where they
    live: a list of the school or district leaves them out, and the difference would tell.
    """
    settings = read_settings(config)
    rows = await veil(session, await session.fetch(_COUNTED, day), "school_age.statistics")
    grades, incoming = grades_on(day), await list_incoming(session, config, day)
    session.audit(AuditEvent("school_age.statistics", detail={"counted": len(rows)}))
    pupils = [*(_pupil(row) for row in rows if _attends(row)), *map(_taken_in, incoming)]
    by_school = _by_school(pupils, settings, grades)
    return Statistics(
        day=day,
        by_school=by_school,
        of_schools=_sums(by_school),
        by_kind=[{"label": kind, "count": count} for kind, count in Counter(map(_kind_of, rows)).most_common()],
        by_district=_by_district(rows, settings, grades, day),
        grade_labels=grades.labels(),
        total=len(rows),
        incoming=len(incoming),
    )


@dataclass(frozen=True)
class _Pupil:
    """Whoever attends a school of the municipality; `school_code` is None where it is not to be told."""

    school_code: str | None
    grade: int
    sex: str
    is_foreign: bool
    is_incoming: bool = False


def _attends(row: Mapping[str, Any]) -> bool:
    return bool(row["kind"] == "municipal" and row["wish"] not in ("unknown", "declines"))


def _pupil(row: Mapping[str, Any]) -> _Pupil:
    return _Pupil(row["school_code"], row["grade"], row["sex"], is_foreign(row))


def _taken_in(line: ChildLine) -> _Pupil:
    """Of a pupil of another municipality neither sex nor nationality is kept."""
    return _Pupil(line.school_code, line.grade, "", is_foreign=False, is_incoming=True)


def _kind_of(row: Mapping[str, Any]) -> str:
    return PLACEMENTS[row["kind"]] if row["kind"] != "municipal" or _attends(row) else _NOT_ATTENDING


def _by_school(pupils: Iterable[_Pupil], settings: SchoolSettings, grades: Grades) -> list[dict[str, Any]]:
    groups: dict[str | None, list[_Pupil]] = {code: [] for code in settings.schools}
    for pupil in pupils:
        groups.setdefault(pupil.school_code, []).append(pupil)
    return [
        {
            "code": code or "",
            "name": settings.name_of(code) or _APART,
            "grades": [sum(1 for pupil in group if pupil.grade == grade) for grade in range(1, grades.last + 1)],
            "male": sum(1 for pupil in group if pupil.sex == "1"),
            "female": sum(1 for pupil in group if pupil.sex == "2"),
            "other": sum(1 for pupil in group if pupil.sex not in ("1", "2")),
            "foreign": sum(1 for pupil in group if pupil.is_foreign),
            "incoming": sum(1 for pupil in group if pupil.is_incoming),
            "total": len(group),
        }
        for code, group in groups.items()
    ]


def _sums(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    grades = [sum(column) for column in zip(*(row["grades"] for row in rows), strict=True)]
    return {"grades": grades} | {name: sum(row[name] for row in rows) for name in _SUMMED}


def _by_district(
    rows: Iterable[Mapping[str, Any]], settings: SchoolSettings, grades: Grades, day: date
) -> list[dict[str, Any]]:
    counted = Counter(
        _APART if row["is_masked"] else settings.designate(row["place"] or "", grades.stage_of(row["grade"]), day)
        for row in rows
    )
    known = [{"name": settings.name_of(code), "count": counted[code]} for code in settings.schools]
    apart = [{"name": _APART, "count": counted[_APART]}] if counted[_APART] else []
    return [*known, {"name": "通学区域なし", "count": counted[None]}, *apart]


async def get_forecast(session: Reader, config: TenantConfig, today: date, trial: District | None = None) -> Forecast:
    """Who will start school in the coming years by the births the register has; the live districts never change by a trial.

    A trial leaves protected children in the district they have: a trial of one house would else tell whether they live there. But
    for who may see where they live they are counted apart, in no district.
    """
    settings = read_settings(config)
    first = fiscal_year_of(today) + 1
    years = list(range(first, first + _YEARS))
    children = [dict(row) for row in await session.fetch(_YOUNG, date(first - 7, 1, 1))]
    judged = judge(children, today, figures_of(config, today))
    hidden = [child["addressee_no"] for child in children if child["is_hidden"]]
    shut = await hidden_from_reader(session, hidden, "school_age.forecast") if hidden else frozenset()
    coming: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
    apart: list[tuple[int, str]] = []
    for child in children:
        year = judged[child["addressee_no"]]["entry_year"]
        if year in years:
            group = apart if child["addressee_no"] in shut else coming[child["is_hidden"]]
            group.append((year, child["address"] or ""))
    entering = [*coming[False], *coming[True], *apart]
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
    if apart:
        unplaced = Counter(year for year, _ in apart)
        counts = [unplaced[year] for year in years]
        rows.append({"code": "", "name": _APART, "counts": counts, "trial": counts if trial else []})
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
