"""The municipalities as the batch sees them: applied configuration, operating calendar, adjustments of nets, sizes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from psycopg import Connection

from batch.catalogue import Catalogue
from yoriai.calendar import CalendarRule, OperatingCalendar, OperatingDay, annual, rule_of
from yoriai.jobs import JobNet, OutsideEvent
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import platform_connection

_ALL = "SELECT config FROM tenant WHERE is_active ORDER BY code"
_ONE = "SELECT config FROM tenant WHERE code = %s AND is_active"
_MOVED_FROM = timedelta(days=90)
"""How far from its regular date a net is moved at most."""


@dataclass(frozen=True)
class JobAdjustment:
    """What a tenant file changes about a job: the job's own entry over its net's."""

    release: str | None = None
    deadline: str | None = None
    hold: bool = False
    priority: int | None = None


@dataclass(frozen=True)
class NetAdjustment:
    """What a tenant file changes about a net (`batch.nets.<net>`)."""

    document: Mapping[str, Any]

    @property
    def is_enabled(self) -> bool:
        """Whether the municipality runs the net at all."""
        return bool(self.document.get("enabled", True))

    @property
    def start(self) -> str | None:
        """The time at which the net's first jobs are to begin, neither before nor after."""
        return self.document.get("start")

    def of_job(self, name: str) -> JobAdjustment:
        """What holds for one of the net's jobs."""
        own = (self.document.get("jobs") or {}).get(name) or {}
        merged = {key: own.get(key, self.document.get(key)) for key in ("release", "deadline", "priority")}
        return JobAdjustment(hold=bool(own.get("hold", self.document.get("hold", False))), **merged)

    def calendar_of(self, net: JobNet) -> CalendarRule:
        """The rule by which the municipality runs the net."""
        if "calendar" in self.document:
            return rule_of(self.document["calendar"])
        if "day" in self.document:
            return annual(self.document["day"]).shifted(net.calendar.shift)
        return net.calendar

    def waits_for(self, net: JobNet) -> tuple[OutsideEvent, ...]:
        """The outside events the net waits for: those declared, the municipality's own in their place or beside them."""
        own = [_event(entry) for entry in self.document.get("waits_for") or ()]
        replaced = {event.name for event in own}
        return (*(event for event in net.waits_for if event.name not in replaced), *own)


def list_configurations(connection: Connection) -> list[TenantConfig]:
    """The applied configuration of every municipality, by code."""
    return [TenantConfig(row[0]) for row in connection.execute(_ALL)]


def get_configuration(dsn: str, tenant: TenantRef) -> TenantConfig:
    """The applied configuration of one municipality. Raises LookupError when the installation does not serve it."""
    with platform_connection(dsn) as connection:
        row = connection.execute(_ONE, (tenant.code,)).fetchone()
    if row is None:
        raise LookupError(f"no municipality {tenant.code}")
    return TenantConfig(row[0])


def operating_calendar(config: TenantConfig) -> OperatingCalendar:
    """The municipality's calendar with its own closing and opening days."""
    return OperatingCalendar.of(config.section("calendar"))


def adjustment_of(config: TenantConfig, net: JobNet) -> NetAdjustment:
    """The municipality's changes to a net."""
    nets: Mapping[str, Mapping[str, Any]] = config.section("batch").get("nets") or {}
    return NetAdjustment(nets.get(net.name) or {})


def schedule_of(net: JobNet, config: TenantConfig, first: date, last: date) -> list[OperatingDay]:
    """The business dates from first to last on which the municipality runs the net (運用日), each with its due date.

    Raises CalendarYearMissing when the municipality's calendar has not been made for a year that counts.
    """
    adjustment = adjustment_of(config, net)
    if not adjustment.is_enabled:
        return []
    days = operating_calendar(config).operating_days(adjustment.calendar_of(net), first, last)
    skipped = _dates(adjustment.document, "skip_dates")
    found = {entry.day: entry for entry in days if entry.day not in skipped}
    for day in _dates(adjustment.document, "add_dates"):
        if first <= day <= last:
            found.setdefault(day, OperatingDay(day, day))
    return [found[day] for day in sorted(found)]


def nets_of_day(
    catalogue: Catalogue,
    config: TenantConfig,
    business_date: date,
    extra: frozenset[str] = frozenset(),
    moved: Mapping[str, date] | None = None,
) -> list[JobNet]:
    """The nets that run for the municipality on the business date.

    `extra` nets run whatever the calendar says. `moved` nets run on the date given instead of on their nearest regular one.
    Raises CalendarYearMissing.
    """
    chosen = []
    for net in catalogue.nets:
        if not adjustment_of(config, net).is_enabled:
            continue
        target = (moved or {}).get(net.name)
        days = {entry.day for entry in schedule_of(net, config, business_date, business_date)}
        if target is not None:
            days = (days - {_nearest_run(net, config, target)}) | {target}
        if net.name in extra or business_date in days:
            chosen.append(net)
    return chosen


def _nearest_run(net: JobNet, config: TenantConfig, target: date) -> date | None:
    around = schedule_of(net, config, target - _MOVED_FROM, target + _MOVED_FROM)
    return min((entry.day for entry in around), key=lambda day: abs(day - target), default=None)


def count_sizes(dsn: str, tenant: TenantRef, drivers: Mapping[str, str]) -> dict[str, int]:
    """How many residents, taxpayers and so on the municipality has: the published counts, in one transaction."""
    with BulkDatabase(dsn).read(tenant) as session:
        return {name: int(session.read(sql).item(0, 0)) for name, sql in drivers.items()}


def _event(entry: Mapping[str, Any]) -> OutsideEvent:
    return OutsideEvent(entry["name"], entry["label"], entry["expected"], tuple(entry.get("jobs") or ()))


def _dates(document: Mapping[str, Any], name: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in document.get(name) or ())
