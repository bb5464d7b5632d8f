"""Dates as Japanese administration counts them: fiscal years, legal ages, 和暦."""

import calendar
import re
import unicodedata
from datetime import date, datetime, timedelta

OPEN_START = date(1, 1, 1)
OPEN_END = date(9999, 12, 31)
"""The open end of a period (interchange specification: `9999-12-31`)."""

_FISCAL_START_MONTH = 4
_LEAP_DAY = (2, 29)
_ERAS = (
    ("令和", "R", date(2019, 5, 1)),
    ("平成", "H", date(1989, 1, 8)),
    ("昭和", "S", date(1926, 12, 25)),
    ("大正", "T", date(1912, 7, 30)),
    ("明治", "M", date(1868, 1, 25)),
)
_ERA_DATE = re.compile(
    r"^(令和|平成|昭和|大正|明治|[RHSTMrhstm])\s*(元|\d{1,2})(?:[年./-])(\d{1,2})(?:[月./-])(\d{1,2})日?$"
)
_ERA_DIGITS = re.compile(r"^([RHSTMrhstm])(\d{2})(\d{2})(\d{2})$")
_WESTERN = re.compile(r"^(\d{4})(?:[年./-])(\d{1,2})(?:[月./-])(\d{1,2})日?$|^(\d{4})(\d{2})(\d{2})$")


def fiscal_year_of(day: date) -> int:
    """The 年度 a day belongs to: April to March, named after the year of its April."""
    return day.year if day.month >= _FISCAL_START_MONTH else day.year - 1


def fiscal_year_start(fiscal_year: int) -> date:
    """1 April of the 年度."""
    return date(fiscal_year, _FISCAL_START_MONTH, 1)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def birthday_in(birth: date, year: int) -> date:
    """The day of that year on which the birth date recurs; 29 February recurs on 1 March in a common year."""
    if (birth.month, birth.day) == _LEAP_DAY and not calendar.isleap(year):
        return date(year, 3, 1)
    return birth.replace(year=year)


def attained_on(birth: date, age: int) -> date:
    """The day at whose end the age is attained: the day before the birthday (年齢計算ニ関スル法律)."""
    return birthday_in(birth, birth.year + age) - timedelta(days=1)


def age_at_end_of(day: date, birth: date) -> int:
    """The age attained at the end of the day (年齢計算ニ関スル法律: a birthday counts from its eve)."""
    age = day.year - birth.year + 1
    while age >= 0 and attained_on(birth, age) > day:
        age -= 1
    return age


def format_wareki(day: date) -> str:
    """`令和8年4月1日`; a year before 明治 is written in the western calendar."""
    for era, _, start in _ERAS:
        if day >= start:
            year = day.year - start.year + 1
            return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"


def format_wareki_time(at: datetime) -> str:
    """A moment, already in the zone to be shown: `令和8年4月1日 9:05`."""
    return f"{format_wareki(at.date())} {at.hour}:{at:%M}"


def format_wareki_month(day: date) -> str:
    """The month of a day: `令和8年4月`."""
    return format_wareki(day).partition("月")[0] + "月"


def format_wareki_year(fiscal_year: int) -> str:
    """The name of a 年度: `令和8年度`."""
    return format_wareki(date(fiscal_year, 12, 31)).split("年")[0] + "年度"


def parse_date(text: str) -> date:
    """Read `2026-04-01`, `20260401`, `令和8年4月1日`, `R8.4.1` or `R080401`, full or half width; raises ValueError."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if match := _ERA_DATE.match(plain) or _ERA_DIGITS.match(plain):
        era, year, month, day = match.groups()
        return _from_era(era, 1 if year == "元" else int(year), int(month), int(day))
    if match := _WESTERN.match(plain):
        year, month, day = (part for part in match.groups() if part)
        return _day(int(year), int(month), int(day), plain)
    raise ValueError(f"日付として読めません: {text}")


def _day(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"{text}という日はありません") from None


def _from_era(mark: str, year: int, month: int, day: int) -> date:
    for index, (era, letter, start) in enumerate(_ERAS):
        if mark in (era, letter, letter.lower()):
            value = _day(start.year + year - 1, month, day, f"{era}{year}年{month}月{day}日")
            end = _ERAS[index - 1][2] if index else date.max
            # Old papers go on with the past era to the end of its last year; before its first day there is no such date.
            if value < start or value.year > end.year:
                raise ValueError(f"{era}{year}年{month}月{day}日という日はありません")
            return value
    raise ValueError(f"元号が分かりません: {mark}")
