"""The grades of the compulsory years, from the figures of the law: 小学校 first, then 中学校; a 義務教育学校 has them all."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from modules.resident.school_age.calc import PARAMETERS
from modules.resident.school_age.roll import entry_day
from yoriai.dates import fiscal_year_of
from yoriai.rules import Moment, Use, resolve


@dataclass(frozen=True)
class Grades:
    """How many grades each stage has (学校教育法32条、47条); they are counted on from the first of 小学校."""

    elementary: int
    junior_high: int

    @property
    def last(self) -> int:
        """The last grade of the compulsory years."""
        return self.elementary + self.junior_high

    def stage_of(self, grade: int) -> str:
        """The stage of a grade, also of one before the first."""
        return "elementary" if grade <= self.elementary else "junior_high"

    def label(self, grade: int) -> str:
        """小1 to 中3; before the first grade that it is before it."""
        if grade < 1:
            return "入学前"
        return f"小{grade}" if grade <= self.elementary else f"中{grade - self.elementary}"

    def labels(self) -> list[str]:
        """All of them in order."""
        return [self.label(grade) for grade in range(1, self.last + 1)]


def grades_on(day: date) -> Grades:
    """The grades by the figures of the law in force on the day; no municipality may set others."""
    return _of_year(fiscal_year_of(day))


@cache
def _of_year(fiscal_year: int) -> Grades:
    use = _figures(fiscal_year)
    return Grades(use.count("grades.elementary"), use.count("grades.junior_high"))


def _figures(fiscal_year: int) -> Use:
    return Use(resolve(PARAMETERS, Moment(entry_day(fiscal_year)), {}))


def stage_of(grade: int, day: date) -> str:
    """The stage of a grade as of the day."""
    return grades_on(day).stage_of(grade)


def grade_label(grade: int, day: date | None) -> str:
    """小1 to 中3 as of the day; before the first grade that it is before it."""
    return grades_on(day).label(grade) if grade and day else "入学前"


def teaches(kind: str, grade: int, day: date) -> bool:
    """Whether a school of the kind has the grade on the day: 小学校 and 中学校 those of their stage, a 義務教育学校 all."""
    if kind == "compulsory":
        return 1 <= grade <= _figures(fiscal_year_of(day)).count("grades.compulsory_school")
    grades = grades_on(day)
    return 1 <= grade <= grades.last and grades.stage_of(grade) == kind
