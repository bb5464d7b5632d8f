"""The operating calendar of a municipality, and the clock of a night that counts on past midnight."""

import calendar as months
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import jpholiday

from yoriai.clock import JAPAN
from yoriai.jobs import CalendarRule

_CLOCK = re.compile(r"^([0-4][0-9]):([0-5][0-9])$")
_LAST_HOUR = 47
_YEAR_END = ((12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3))
_SATURDAY = 5


@dataclass(frozen=True)
class OperatingCalendar:
    """Business days: no weekend, national holiday, 12/29 to 1/3 (地方自治法 4条の2) or closing day of its own.

    `opened` are days on which it opens although the rule would close it (月末日曜開庁).
    """

    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """Whether the counters open that day."""
        if day in self.opened:
            return True
        if day.weekday() >= _SATURDAY or day in self.closed or (day.month, day.day) in _YEAR_END:
            return False
        return not jpholiday.is_holiday(day)

    def next_business_day(self, day: date) -> date:
        """The day itself, or the first business day after it."""
        while not self.is_business_day(day):
            day += timedelta(days=1)
        return day

    def previous_business_day(self, day: date) -> date:
        """The day itself, or the last business day before it."""
        while not self.is_business_day(day):
            day -= timedelta(days=1)
        return day

    def is_operating_day(self, rule: CalendarRule, day: date) -> bool:
        """Whether a net with this rule runs on that business date (運用日)."""
        if rule.kind == "daily":
            return True
        if rule.kind == "business_days":
            return self.is_business_day(day)
        return any(self._shifted(rule, due) == day for due in _due_dates_near(rule, day))

    def _shifted(self, rule: CalendarRule, due: date) -> date:
        if rule.shift == "next":
            return self.next_business_day(due)
        if rule.shift == "previous":
            return self.previous_business_day(due)
        return due


def _due_dates_near(rule: CalendarRule, day: date) -> list[date]:
    """The rule's dates of the months around the day: a closed day moves it over the end of a month or year at most."""
    first = day.replace(day=1)
    around = (first - timedelta(days=1), first, first + timedelta(days=31))
    return [
        date(month.year, month.month, min(rule.day, months.monthrange(month.year, month.month)[1]))
        for month in around
        if rule.kind == "monthly" or month.month == rule.month
    ]


def is_clock(text: str) -> bool:
    """Whether the text is a time from 00:00 to 47:59."""
    match = _CLOCK.match(text)
    return match is not None and int(match[1]) <= _LAST_HOUR


def parse_clock(text: str) -> timedelta:
    """`25:00` as the time since the business date's midnight; up to 47:59. Raises ValueError."""
    match = _CLOCK.match(text)
    if not match or not is_clock(text):
        raise ValueError(f"時刻として読めません（00:00～47:59）: {text}")
    return timedelta(hours=int(match[1]), minutes=int(match[2]))


def moment_of(business_date: date, clock: timedelta) -> datetime:
    """The moment of a night's clock time, aware."""
    return datetime(business_date.year, business_date.month, business_date.day, tzinfo=JAPAN) + clock


def format_clock(business_date: date, moment: datetime) -> str:
    """A moment on the business date's clock: one in the morning after is `25:00`."""
    minutes = int((moment - moment_of(business_date, timedelta())).total_seconds()) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
