"""When allowances are paid and for which months (児童手当法8条4項: in even months, for the two months before)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from yoriai.calendar import OperatingCalendar
from yoriai.dates import add_months
from yoriai.rules import ParameterSet, Use


def is_payment_month(month: date, figures: ParameterSet) -> bool:
    """Whether allowances are paid in the month."""
    return f"{month:%m}" in Use(figures).texts("payment.months")


def months_paid_in(month: date, figures: ParameterSet) -> list[date]:
    """The months (their first days) that a payment month pays for, the earlier first."""
    count = Use(figures).count("payment.covers")
    first = month.replace(day=1)
    return [add_months(first, -back) for back in range(count, 0, -1)]


def paid_in(month: date, figures: ParameterSet) -> date:
    """The payment month that pays for the month; raises ValueError when the figures have none."""
    for ahead in range(1, 13):
        candidate = add_months(month.replace(day=1), ahead)
        if is_payment_month(candidate, figures):
            return candidate
    raise ValueError("no payment month in the figures")


def pay_day(month: date, figures: ParameterSet, calendar: Mapping[str, Any]) -> date:
    """The day of payment in the month: the municipality's day, or the last day before it on which banks and counters open."""
    day = month.replace(day=Use(figures).count("payment.day"))
    # A counter that opens on a Sunday (月末日曜開庁) opens no bank.
    return replace(OperatingCalendar.of(calendar), opened=frozenset()).previous_business_day(day)
