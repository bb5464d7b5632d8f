"""業務日付 and its clock, which counts on past midnight: 25:00 is one in the morning after, 47:59 the last minute."""

import re
from datetime import date, datetime, timedelta

from yoriai.clock import JAPAN

_CLOCK = re.compile(r"^([0-4][0-9]):([0-5][0-9])$")
_LAST_HOUR = 47


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


def business_date_of(moment: datetime, turns_at: timedelta) -> date:
    """The business date a moment belongs to: before the hour at which the day turns (日変わり時刻) it is still the day before."""
    return (moment.astimezone(JAPAN) - turns_at).date()
