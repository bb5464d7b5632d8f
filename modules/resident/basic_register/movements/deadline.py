"""The last day on which a movement is notified in time."""

from datetime import date, timedelta

from yoriai.calendar.operating import NATIONAL, CalendarYearMissing


def deadline_of(event_date: date, days: int, *, counts_first_day: bool = False) -> date:
    """The last of so many days: the day of the event is not counted (民法140条), but is for 戸籍の届出 (戸籍法43条1項).

    A closed day moves it to the next open one (地方自治法4条の2第4項, 行政機関の休日に関する法律2条). Pure.
    """
    last = event_date + timedelta(days=days - (1 if counts_first_day else 0))
    try:
        return last if NATIONAL.is_business_day(last) else NATIONAL.next_business_day(last)
    except CalendarYearMissing:
        # No calendar of closed days is published for years so far away.
        return last
