"""The operating calendar (運用カレンダー): business days, the rules that go by them, the clock of a business date."""

from yoriai.calendar.night_clock import business_date_of, format_clock, is_clock, moment_of, parse_clock
from yoriai.calendar.operating import CalendarYearMissing, OperatingCalendar, OperatingDay
from yoriai.calendar.rules import (
    BUSINESS_DAYS,
    CLOSED_DAYS,
    DAILY,
    CalendarRule,
    Shift,
    annual,
    business_day_of_month,
    last_business_day,
    monthly,
    on_dates,
    rule_of,
    weekly,
)

__all__ = [
    "BUSINESS_DAYS",
    "CLOSED_DAYS",
    "DAILY",
    "CalendarRule",
    "CalendarYearMissing",
    "OperatingCalendar",
    "OperatingDay",
    "Shift",
    "annual",
    "business_date_of",
    "business_day_of_month",
    "format_clock",
    "is_clock",
    "last_business_day",
    "moment_of",
    "monthly",
    "on_dates",
    "parse_clock",
    "rule_of",
    "weekly",
]
