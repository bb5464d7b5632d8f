"""The window of time that a Gantt shows: the whole night, or a part of it given on the 25:00 clock."""

from datetime import datetime, timedelta

from batch.reads.gantt import Extent
from batch.reads.nights import Night
from yoriai.calendar import is_clock, moment_of, parse_clock
from yoriai.errors import FieldError, Invalid

_LEAST = timedelta(seconds=4)


def window_of(night: Night, extent: Extent, since: str, until: str) -> tuple[datetime, datetime]:
    """First and last moment to show. Raises Invalid for what is no time, or an end before its start."""
    errors = [
        FieldError(field, f"「{text}」は時刻として読めません。例: 22:30、25:00", "clock")
        for field, text in (("since", since), ("until", until))
        if text and not is_clock(text)
    ]
    if errors:
        raise Invalid(fields=errors)
    margin = max((extent.last - extent.first) / 50, _LEAST / 4)
    first = moment_of(night.business_date, parse_clock(since)) if since else extent.first - margin
    last = moment_of(night.business_date, parse_clock(until)) if until else extent.last + margin
    if last <= first:
        raise Invalid(fields=[FieldError("until", "終わりの時刻は、始めの時刻より後にしてください。", "order")])
    return first, last
