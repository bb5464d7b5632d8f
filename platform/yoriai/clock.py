"""The one clock. Rules never import it: a date they need is an argument."""

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")


def in_japan(moment: datetime) -> datetime:
    """The moment, aware: one written without a zone is Japanese time."""
    return moment if moment.tzinfo else moment.replace(tzinfo=JAPAN)


class Clock(Protocol):
    """What tells the time; a test or a simulation passes its own."""

    def __call__(self) -> datetime:
        """The present moment, aware."""


def now() -> datetime:
    """The present moment in Japan, aware."""
    return datetime.now(JAPAN)


def today() -> date:
    """The present day in Japan."""
    return now().date()
