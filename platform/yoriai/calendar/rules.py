"""On which business dates a net runs: a rule in data, which a calendar of business days turns into dates (運用日)."""

import calendar as months
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

_MONTH_DAY = re.compile(r"^(\d{2})-(\d{2})$")
_ANY_LEAP_YEAR = 2000
_DECEMBER = 12
_DAYS_OF_MONTH = 31
_MOST_BUSINESS_DAYS = 23
_MOST_OFFSET = 60
WEEKDAYS = "月火水木金土日"

Kind = Literal["daily", "business_days", "closed_days", "weekly", "monthly", "nth_business_day", "annual", "dates"]
Shift = Literal["next", "previous", "none", "skip"]
"""Where a due date that is no business day goes (振替): after, before, it stays, or that run falls away."""


@dataclass(frozen=True)
class CalendarRule:
    """A rule for run dates. Make it with the functions of this module, which refuse an impossible one.

    `offset` counts business days from the (shifted) due date: -3 is three business days before it.
    """

    kind: Kind
    shift: Shift = "next"
    offset: int = 0
    days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    nth: int = 0
    month_days: tuple[tuple[int, int], ...] = ()
    dates: tuple[date, ...] = ()

    def shifted(self, shift: Shift) -> "CalendarRule":
        """The same rule with another treatment of closed days."""
        return replace(self, shift=shift)

    def business_days_away(self, offset: int) -> "CalendarRule":
        """So many business days after (or, negative, before) the rule's date. Raises ValueError."""
        if abs(offset) > _MOST_OFFSET or self.kind in ("daily", "business_days", "closed_days", "nth_business_day"):
            raise ValueError(f"not an offset for a rule of this kind: {offset}")
        return replace(self, offset=offset)

    def due_dates(self, first: date, last: date) -> Iterator[date]:
        """The dates from first to last that the rule names, before closed days are looked at."""
        if self.kind == "dates":
            yield from (day for day in self.dates if first <= day <= last)
        elif self.kind == "weekly":
            yield from (day for day in _each_day(first, last) if day.weekday() in self.weekdays)
        elif self.kind == "monthly":
            yield from self._monthly(first, last)
        elif self.kind == "annual":
            for year in range(first.year, last.year + 1):
                days = (_in_month(year, month, day) for month, day in self.month_days)
                yield from (day for day in days if first <= day <= last)

    def _monthly(self, first: date, last: date) -> Iterator[date]:
        for year, month in months_between(first, last):
            if not self.months or month in self.months:
                days = sorted({_in_month(year, month, day) for day in self.days})
                yield from (day for day in days if first <= day <= last)


DAILY = CalendarRule("daily")
BUSINESS_DAYS = CalendarRule("business_days")
"""運用日: each day on which the counters open."""
CLOSED_DAYS = CalendarRule("closed_days")
"""休業日: each day on which they do not."""


def weekly(*weekdays: int, shift: Shift = "next") -> CalendarRule:
    """Each week on these days; 0 is Monday. Raises ValueError."""
    if not weekdays or any(not 0 <= day < len(WEEKDAYS) for day in weekdays):
        raise ValueError(f"not days of a week: {weekdays}")
    return CalendarRule("weekly", shift=shift, weekdays=weekdays)


def monthly(*days: int, months: tuple[int, ...] = ()) -> CalendarRule:
    """Each month (or only in `months`) on these days; 31 is the month's last. Raises ValueError."""
    if not days or any(not 1 <= day <= _DAYS_OF_MONTH for day in days):
        raise ValueError(f"not a day of a month: {days}")
    return CalendarRule("monthly", days=days, months=_real_months(months))


def business_day_of_month(nth: int, months: tuple[int, ...] = ()) -> CalendarRule:
    """The n-th business day of each month (or only of `months`), from the end where negative. Raises ValueError.

    A month with fewer business days has no such run.
    """
    if nth == 0 or abs(nth) > _MOST_BUSINESS_DAYS:
        raise ValueError(f"not a business day of a month: {nth}")
    return CalendarRule("nth_business_day", nth=nth, months=_real_months(months))


def last_business_day(months: tuple[int, ...] = ()) -> CalendarRule:
    """The last business day of each month (月末最終開庁日)."""
    return business_day_of_month(-1, months)


def annual(*month_days: str) -> CalendarRule:
    """Each year on each `MM-DD`; 02-29 is 02-28 in a common year. Raises ValueError."""
    parsed = []
    for text in month_days:
        match = _MONTH_DAY.match(text)
        if not match:
            raise ValueError(f"not MM-DD: {text!r}")
        month, day = int(match[1]), int(match[2])
        date(_ANY_LEAP_YEAR, month, day)
        parsed.append((month, day))
    if not parsed:
        raise ValueError("no day of the year")
    return CalendarRule("annual", month_days=tuple(parsed))


def on_dates(*dates: date) -> CalendarRule:
    """On these dates and no others. Raises ValueError."""
    if not dates:
        raise ValueError("no date")
    return CalendarRule("dates", dates=tuple(sorted(dates)))


def rule_of(document: Mapping[str, Any]) -> CalendarRule:
    """The rule a configuration file writes as an object (`yoriai.tenancy.batch_schema.RULE`). Raises ValueError, KeyError."""
    rule = _plain_rule(document["kind"], document)
    if "shift" in document:
        rule = rule.shifted(document["shift"])
    return rule.business_days_away(document["offset"]) if document.get("offset") else rule


def months_between(first: date, last: date) -> Iterator[tuple[int, int]]:
    """Year and month of every month that the dates touch."""
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield year, month
        year, month = (year, month + 1) if month < _DECEMBER else (year + 1, 1)


def _plain_rule(kind: str, document: Mapping[str, Any]) -> CalendarRule:
    limited = tuple(document.get("months") or ())
    simple = {"daily": DAILY, "business_days": BUSINESS_DAYS, "closed_days": CLOSED_DAYS}
    if kind in simple:
        return simple[kind]
    if kind == "weekly":
        return weekly(*(WEEKDAYS.index(day) for day in document["weekdays"]))
    if kind == "monthly":
        return monthly(*document["days"], months=limited)
    if kind == "nth_business_day":
        return business_day_of_month(document["nth"], limited)
    if kind == "annual":
        return annual(*document["month_days"])
    if kind == "dates":
        return on_dates(*(date.fromisoformat(text) for text in document["dates"]))
    raise ValueError(f"not a kind of rule: {kind!r}")


def _real_months(given: tuple[int, ...]) -> tuple[int, ...]:
    if any(not 1 <= month <= _DECEMBER for month in given):
        raise ValueError(f"not months: {given}")
    return given


def _each_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, months.monthrange(year, month)[1]))
