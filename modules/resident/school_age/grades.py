"""The grades of the compulsory years, from the figures of the law: 小学校 first, then 中学校; a 義務教育学校 has them all."""

from dataclasses import dataclass
from datetime import date

from modules.resident.school_age.calc import PARAMETERS
from yoriai.rules import Moment, Use
from yoriai.tenancy.config import TenantConfig


@dataclass(frozen=True)
class Grades:
    """How many grades each stage has (学校教育法32条、47条、49条の4); they are counted on from the first of 小学校."""

    elementary: int
    junior_high: int
    compulsory_school: int

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


def grades_on(config: TenantConfig, day: date) -> Grades:
    """The grades by the figures in force on the day."""
    use = Use(config.figures(PARAMETERS, Moment(day)))
    names = ("elementary", "junior_high", "compulsory_school")
    return Grades(**{name: use.count(f"grades.{name}") for name in names})
