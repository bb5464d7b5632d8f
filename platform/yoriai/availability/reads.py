"""The month's availability of each municipality, read from what probes delivered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from yoriai.availability.measure import Availability, Interval, Outage, Span, measure
from yoriai.availability.rules import MeasuringRules, service_windows
from yoriai.availability.states import Cause, Seen
from yoriai.calendar.operating import CalendarYearMissing
from yoriai.clock import JAPAN
from yoriai.errors import Invalid
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

_SPANS = """
SELECT code, since, until, state FROM availability_span
WHERE since < $2 AND until > $1 AND ($3::text = '' OR code = $3) ORDER BY code, since
"""
_STOPS = """
SELECT stop_no, code, since, until, reason, announced_at, announced_by, withdrawn_at FROM planned_stop
WHERE since < $2 AND until > $1 AND ($3::text = '' OR code IN ('', $3)) ORDER BY since, stop_no
"""
_NOTES = """
SELECT DISTINCT ON (code, since) code, since, cause, note FROM outage_note
WHERE since >= $1 AND since < $2 AND ($3::text = '' OR code = $3) ORDER BY code, since, note_no DESC
"""


@dataclass(frozen=True)
class Stop:
    """An announced stop; an empty `code` is everybody's."""

    stop_no: int
    code: str
    since: datetime
    until: datetime
    reason: str
    announced_at: datetime
    announced_by: str
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class NotedOutage:
    """An outage with what was found out about it."""

    code: str
    name: str
    outage: Outage
    cause: Cause | None
    note: str


@dataclass(frozen=True)
class MonthOf:
    """One municipality's month."""

    code: str
    name: str
    availability: Availability


@dataclass(frozen=True)
class Month:
    """A month of all municipalities, or of one: the worst first."""

    first: date
    rules: MeasuringRules
    months: tuple[MonthOf, ...]
    outages: tuple[NotedOutage, ...]
    stops: tuple[Stop, ...]
    without_calendar: tuple[str, ...]
    """Names of municipalities whose calendar does not cover the month."""

    @property
    def causes(self) -> list[tuple[str, int, int]]:
        """By cause as found out, else as seen: label, number of outages, seconds; the longest first."""
        counts: Counter[str] = Counter()
        seconds: Counter[str] = Counter()
        for item in self.outages:
            label = item.cause.label if item.cause else f"{item.outage.state.label}(原因未記入)"
            counts[label] += 1
            seconds[label] += item.outage.seconds
        return [(label, counts[label], total) for label, total in seconds.most_common()]


def month_of(text: str, now: datetime) -> date:
    """`2026-11` as its first day; without a text the present month. Raises Invalid."""
    try:
        return date.fromisoformat(f"{text}-01") if text else now.astimezone(JAPAN).date().replace(day=1)
    except ValueError:
        raise Invalid(f"「{text}」は月として読めません。2026-11 のように指定してください。") from None


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)


async def read_month(
    session: Reader, configs: Sequence[TenantConfig], rules: MeasuringRules, first: date, now: datetime, only: str = ""
) -> Month:
    """The month of the municipalities; `only` narrows it to one, whose rows are all that its own session shows."""
    begin = datetime(first.year, first.month, 1, tzinfo=JAPAN)
    last = next_month(first) - timedelta(days=1)
    end = begin + timedelta(days=last.day)
    spans: dict[str, list[Span]] = {}
    for row in await session.fetch(_SPANS, begin, end, only):
        spans.setdefault(row["code"], []).append(Span(row["since"], row["until"], Seen(row["state"])))
    stops = [Stop(**dict(row)) for row in await session.fetch(_STOPS, begin, end, only)]
    notes = {(row["code"], row["since"]): row for row in await session.fetch(_NOTES, begin, end, only)}
    months, outages, without = [], [], []
    for config in configs:
        try:
            windows = list(service_windows(config, rules, first, last))
        except CalendarYearMissing:
            without.append(config.name)
            continue
        planned = _planned(stops, config.code)
        found = measure(windows, spans.get(config.code, []), planned, rules.target, now)
        months.append(MonthOf(config.code, config.name, found))
        for outage in found.outages:
            noted = notes.get((config.code, outage.since))
            cause = Cause(noted["cause"]) if noted else None
            outages.append(NotedOutage(config.code, config.name, outage, cause, noted["note"] if noted else ""))
    months.sort(key=lambda item: (item.availability.rate is None, item.availability.rate or 0, item.code))
    outages.sort(key=lambda item: (item.outage.since, item.code))
    return Month(first, rules, tuple(months), tuple(outages), tuple(stops), tuple(without))


def _planned(stops: Sequence[Stop], code: str) -> list[Interval]:
    return [(stop.since, stop.until) for stop in stops if stop.withdrawn_at is None and stop.code in ("", code)]
