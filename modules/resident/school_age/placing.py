"""Where children go, planned without writing: by the district of an address, at the turn of the school year."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from modules.resident.school_age.calc import PARAMETERS, child_frame
from modules.resident.school_age.grades import grades_on, stage_of
from modules.resident.school_age.roll import entry_day
from modules.resident.school_age.rules import SCHOOL_AGE
from modules.resident.school_age.settings import SchoolSettings
from yoriai.rules import Moment, ParameterSet
from yoriai.tenancy.config import TenantConfig

_STAYS = ("deferred", "exempt", "not_attending")
_KEPT = ("grade", "stage", "entry_year", "obliged_until")


@dataclass(frozen=True)
class Place:
    """A school for a child, or `unassigned` where no district has the address."""

    kind: str
    school_code: str | None
    school_name: str


@dataclass(frozen=True)
class Turn:
    """What the turn of the year does with a child: 入学, 進級, 卒業 or 原級留置, and where it goes."""

    addressee_no: int
    act: str
    grade: int
    """The grade of the new year; 0 for those who have finished."""
    before: int
    place: Place | None
    """None where the placement goes on (原級留置, 入学) or ends (卒業)."""


def figures_of(config: TenantConfig, day: date) -> ParameterSet:
    """The figures in force on the day."""
    return config.figures(PARAMETERS, Moment(day))


def judge(people: Iterable[Mapping[str, Any]], day: date, figures: ParameterSet) -> dict[int, dict[str, Any]]:
    """Grade, stage, year of entry and last day of the obligation, by `addressee_no`, as of the day."""
    rows = [
        {
            "child_no": person["addressee_no"],
            "title": "",
            "birth_date": person["birth_date"],
            "day": day,
            "held_years": person.get("held_years", 0),
        }
        for person in people
    ]
    judged = SCHOOL_AGE.run({"child": child_frame(rows)}, figures, keep={"child": _KEPT})["child"]
    return {row["child_no"]: row for row in judged.select("child_no", *_KEPT).iter_rows(named=True)}


def designated(address: str, grade: int, on: date, settings: SchoolSettings) -> Place:
    """The 指定校 of an address for a grade."""
    code = settings.designate(address, stage_of(max(grade, 1), on), on)
    return Place("municipal", code, settings.name_of(code)) if code else Place("unassigned", None, "")


def plan_turn(
    rows: Iterable[Mapping[str, Any]],
    held: Collection[int],
    year: int,
    settings: SchoolSettings,
    figures: ParameterSet,
) -> list[Turn]:
    """What 1 April of `year` does with each row of `roll.CHILDREN` as of the day before.

    Who is held stays; from the last grade of 小学校 the way leads to the 中学校 (in a 義務教育学校 to the same school).
    Who does not attend (猶予, 免除, 不就学) grows with the years until the obligation ends.
    """
    people = list(rows)
    april = entry_day(year)
    ages = judge(people, april - timedelta(days=1), figures)
    return [_turn(row, row["addressee_no"] in held, year, settings, ages[row["addressee_no"]]) for row in people]


def _turn(
    row: Mapping[str, Any], is_held: bool, year: int, settings: SchoolSettings, judged: Mapping[str, Any]
) -> Turn:
    number, grade = row["addressee_no"], row["grade"]
    if row["state"] == "planned":
        return Turn(number, "enrol", grade, 0, None)
    if row["kind"] in _STAYS:
        ended = judged["obliged_until"] < entry_day(year)
        return Turn(number, "graduate" if ended else "hold", 0 if ended else grade, grade, None)
    if is_held:
        return Turn(number, "hold", grade, grade, None)
    grades = grades_on(entry_day(year))
    if grade >= grades.last:
        return Turn(number, "graduate", 0, grade, None)
    place = Place(row["kind"], row["school_code"], row["school_name"])
    if grade == grades.elementary:
        place = _after_elementary(row, year, settings)
    return Turn(number, "promote", grade + 1, grade, place)


def _after_elementary(row: Mapping[str, Any], year: int, settings: SchoolSettings) -> Place:
    """Whoever attended elsewhere is designated a 中学校 too, until a new notice says otherwise; 特別支援学校 leads on."""
    if row["kind"] in ("special_needs", "foreign_school"):
        return Place(row["kind"], row["school_code"], row["school_name"])
    code = settings.next_school(row["school_code"], row["place"] or "", entry_day(year))
    return Place("municipal", code, settings.name_of(code)) if code else Place("unassigned", None, "")
