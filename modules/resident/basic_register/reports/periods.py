"""The periods that are reported on: months, calendar years, fiscal years, and a single day."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from yoriai.dates import (
    add_months,
    fiscal_year_of,
    fiscal_year_start,
    format_wareki,
    format_wareki_month,
    format_wareki_year,
)


class PeriodKind(StrEnum):
    """What a report is about."""

    MONTH = "month"
    CALENDAR_YEAR = "calendar_year"
    FISCAL_YEAR = "fiscal_year"
    DAY = "day"
    """A day's population without movements of note; it is counted whenever it is asked for and never fixed."""


TITLES = {
    PeriodKind.MONTH: "住民基本台帳月報",
    PeriodKind.CALENDAR_YEAR: "住民基本台帳年報（暦年）",
    PeriodKind.FISCAL_YEAR: "住民基本台帳年報（年度）",
    PeriodKind.DAY: "基準日の人口",
}


@dataclass(frozen=True)
class Period:
    """A period from its first day `since` to its last day `until`."""

    kind: PeriodKind
    since: date
    until: date

    @property
    def label(self) -> str:
        """`令和8年10月`, `令和8年`, `令和8年度`, or the day."""
        match self.kind:
            case PeriodKind.MONTH:
                return format_wareki_month(self.until)
            case PeriodKind.CALENDAR_YEAR:
                return format_wareki(self.until).split("年")[0] + "年"
            case PeriodKind.FISCAL_YEAR:
                return format_wareki_year(fiscal_year_of(self.until))
            case PeriodKind.DAY:
                return format_wareki(self.until)

    @property
    def before(self) -> "Period":
        """The period of the same kind that ends on the day before."""
        return period_of(self.kind, self.since - timedelta(days=1))


def period_of(kind: PeriodKind, day: date) -> Period:
    """The period of the kind in which the day lies."""
    match kind:
        case PeriodKind.MONTH:
            first = day.replace(day=1)
            return Period(kind, first, add_months(first, 1) - timedelta(days=1))
        case PeriodKind.CALENDAR_YEAR:
            return Period(kind, date(day.year, 1, 1), date(day.year, 12, 31))
        case PeriodKind.FISCAL_YEAR:
            year = fiscal_year_of(day)
            return Period(kind, fiscal_year_start(year), fiscal_year_start(year + 1) - timedelta(days=1))
        case PeriodKind.DAY:
            return Period(kind, day, day)


def ended_before(day: date) -> list[Period]:
    """The periods that had ended on the eve of the day: its last month always, its last year when no later one has begun."""
    month = period_of(PeriodKind.MONTH, day).before
    years = [period_of(kind, day).before for kind in (PeriodKind.CALENDAR_YEAR, PeriodKind.FISCAL_YEAR)]
    return [month, *(year for year in years if year.until == month.until)]
