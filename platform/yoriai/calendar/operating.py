"""Business days of a municipality, and the dates on which a rule runs there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import jpholiday

from yoriai.calendar.rules import CalendarRule, months_between
from yoriai.dates import fiscal_year_of
from yoriai.errors import Invalid

_YEAR_END = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})
_SATURDAY = 5
_HOLIDAYS_FROM, _HOLIDAYS_UNTIL = 1949, 2099
"""The years for which the holiday library has a rule for the equinoxes, from the first full year of the law of 1948."""
_LONGEST_CLOSURE = 14
_ONE_DAY = timedelta(days=1)


class CalendarYearMissing(Invalid):
    """A day was asked about whose year the calendar has not been made for."""

    default_message = "暦が定められていない年度の日付です。"


@dataclass(frozen=True)
class OperatingDay:
    """A date on which a net runs, and the date it was due before closed days moved it."""

    day: date
    due: date

    @property
    def is_shifted(self) -> bool:
        """Whether it was moved (振替)."""
        return self.day != self.due


@dataclass(frozen=True)
class OperatingCalendar:
    """Business days: no weekend, national holiday, 12/29 to 1/3 (地方自治法 4条の2) or closing day of its own.

    `opened` are days on which it opens although the rule would close it (月末日曜開庁). `fiscal_years` are those (年度) for
    which the municipality has settled its calendar; empty: every year whose national holidays can be told. Asking about
    another year raises CalendarYearMissing: a night planned without its holidays would run on the wrong days unnoticed.
    """

    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    fiscal_years: frozenset[int] = frozenset()

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> "OperatingCalendar":
        """The calendar of a configuration's section `calendar`."""
        return cls(
            frozenset(_days(section, "closing_days")),
            frozenset(_days(section, "opening_days")),
            frozenset(section.get("fiscal_years") or ()),
        )

    def covers(self, day: date) -> bool:
        """Whether the calendar has been made for the day's year."""
        if self.fiscal_years:
            return fiscal_year_of(day) in self.fiscal_years
        return _HOLIDAYS_FROM <= day.year <= _HOLIDAYS_UNTIL

    def is_business_day(self, day: date) -> bool:
        """Whether the counters open that day. Raises CalendarYearMissing."""
        if not self.covers(day):
            raise CalendarYearMissing(f"{fiscal_year_of(day)}年度の暦がありません（{day}）。")
        if day in self.opened:
            return True
        if day.weekday() >= _SATURDAY or day in self.closed or (day.month, day.day) in _YEAR_END:
            return False
        return day not in _national_holidays(day.year)

    def next_business_day(self, day: date) -> date:
        """The day itself, or the first business day after it."""
        while not self.is_business_day(day):
            day += _ONE_DAY
        return day

    def previous_business_day(self, day: date) -> date:
        """The day itself, or the last business day before it."""
        while not self.is_business_day(day):
            day -= _ONE_DAY
        return day

    def business_days_away(self, day: date, offset: int) -> date:
        """The business day that comes so many after the day, or before it where negative."""
        step = _ONE_DAY if offset > 0 else -_ONE_DAY
        for _ in range(abs(offset)):
            day += step
            while not self.is_business_day(day):
                day += step
        return day

    def is_operating_day(self, rule: CalendarRule, day: date) -> bool:
        """Whether a net with this rule runs on that business date (運用日)."""
        return bool(self.operating_days(rule, day, day))

    def operating_days(self, rule: CalendarRule, first: date, last: date) -> list[OperatingDay]:
        """The dates from first to last on which a net with this rule runs, in order, each once."""
        if rule.kind in ("daily", "business_days", "closed_days"):
            return [OperatingDay(day, day) for day in _each_day(first, last) if self._is_plain_day(rule, day)]
        if rule.kind == "nth_business_day":
            return [OperatingDay(day, day) for day in self._nth_days(rule, first, last) if first <= day <= last]
        before, after = _reach(rule)
        found: dict[date, OperatingDay] = {}
        for due in rule.due_dates(first - before, last + after):
            day = self._placed(rule, due)
            if day is not None and first <= day <= last:
                found.setdefault(day, OperatingDay(day, due))
        return [found[day] for day in sorted(found)]

    def _is_plain_day(self, rule: CalendarRule, day: date) -> bool:
        return rule.kind == "daily" or self.is_business_day(day) is (rule.kind == "business_days")

    def _nth_days(self, rule: CalendarRule, first: date, last: date) -> Iterator[date]:
        for year, month in months_between(first, last):
            if rule.months and month not in rule.months:
                continue
            start = date(year, month, 1)
            days = [day for day in _each_day(start, _end_of_month(start)) if self.is_business_day(day)]
            if abs(rule.nth) <= len(days):
                yield days[rule.nth - 1 if rule.nth > 0 else rule.nth]

    def _placed(self, rule: CalendarRule, due: date) -> date | None:
        day = due
        if rule.shift == "next":
            day = self.next_business_day(due)
        elif rule.shift == "previous":
            day = self.previous_business_day(due)
        elif rule.shift == "skip" and not self.is_business_day(due):
            return None
        return self.business_days_away(day, rule.offset)


NATIONAL = OperatingCalendar()
"""Weekends, national holidays and the turn of the year, without anybody's own days: what due dates move by."""


@lru_cache(maxsize=256)
def _national_holidays(year: int) -> frozenset[date]:
    return frozenset(day for day, _ in jpholiday.year_holidays(year))


def _reach(rule: CalendarRule) -> tuple[timedelta, timedelta]:
    """How far before and after a run its due date can be: no further than looked for, lest a year be missed in vain."""
    away = timedelta(days=2 * abs(rule.offset) + _LONGEST_CLOSURE) if rule.offset else timedelta()
    closure = timedelta(days=_LONGEST_CLOSURE)
    before = (closure if rule.shift == "next" else timedelta()) + (away if rule.offset > 0 else timedelta())
    after = (closure if rule.shift == "previous" else timedelta()) + (away if rule.offset < 0 else timedelta())
    return before, after


def _each_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _end_of_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - _ONE_DAY


def _days(section: Mapping[str, Any], name: str) -> Iterator[date]:
    return (date.fromisoformat(str(text)) for text in section.get(name) or ())
