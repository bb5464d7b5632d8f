"""The window of time that a Gantt shows: the whole night, or a part of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from batch.reads.gantt import Extent
from batch.reads.nights import Night
from yoriai.calendar import is_clock, moment_of, parse_clock
from yoriai.clock import JAPAN, in_japan
from yoriai.errors import FieldError, Invalid

_LEAST = timedelta(seconds=4)


@dataclass(frozen=True)
class Move:
    """A link to another window."""

    label: str
    since: str
    until: str


def window_of(night: Night, extent: Extent, since: str, until: str) -> tuple[datetime, datetime]:
    """First and last moment to show. What is typed is a time of the night (`25:00`) or a moment (`2026-06-01T20:15`).

    Raises Invalid for what is neither, or for an end before its start.
    """
    margin = max((extent.last - extent.first) / 50, _LEAST / 4)
    errors: list[FieldError] = []
    first = _moment(night, "since", since, errors) or extent.first - margin
    last = _moment(night, "until", until, errors) or extent.last + margin
    if errors:
        raise Invalid(fields=errors)
    if last <= first:
        raise Invalid(fields=[FieldError("until", "終わりの時刻は、始めの時刻より後にしてください。", "order")])
    return first, last


def moves_of(first: datetime, last: datetime, at: datetime) -> tuple[Move, ...]:
    """Earlier, later, closer (around the present where it is in sight) and wider."""
    span = last - first
    middle = at if first < at < last else first + span / 2
    return (
        _move("前へ", first - span / 2, last - span / 2),
        _move("次へ", first + span / 2, last + span / 2),
        _move("拡大", middle - span / 4, middle + span / 4),
        _move("縮小", first - span / 2, last + span / 2),
    )


def _move(label: str, since: datetime, until: datetime) -> Move:
    until = max(until, since + _LEAST)
    return Move(label, _text(since), _text(until))


def _text(moment: datetime) -> str:
    return moment.astimezone(JAPAN).replace(tzinfo=None).isoformat(timespec="seconds")


def _moment(night: Night, field: str, text: str, errors: list[FieldError]) -> datetime | None:
    if not text:
        return None
    if is_clock(text):
        return moment_of(night.business_date, parse_clock(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        errors.append(FieldError(field, f"「{text}」は時刻として読めません。例: 22:30、25:00", "clock"))
        return None
    return in_japan(moment)
