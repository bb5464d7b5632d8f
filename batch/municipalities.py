"""The municipalities as the batch sees them: applied configuration, operating calendar, adjustments of nets, sizes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from batch.calendar import OperatingCalendar
from batch.catalogue import Catalogue
from yoriai.jobs import CalendarRule, JobNet, annual
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import platform_connection

_ALL = "SELECT config FROM tenant WHERE is_active ORDER BY code"
_ONE = "SELECT config FROM tenant WHERE code = %s AND is_active"


@dataclass(frozen=True)
class NetAdjustment:
    """What a tenant file changes about a net (`batch.nets.<net>`)."""

    release: str | None = None
    deadline: str | None = None
    day: str | None = None
    hold: bool = False
    enabled: bool = True


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
    section = config.section("calendar")
    return OperatingCalendar(_days(section, "closing_days"), _days(section, "opening_days"))


def adjustment_of(config: TenantConfig, net: JobNet) -> NetAdjustment:
    """The municipality's changes to a net."""
    nets: Mapping[str, Mapping[str, Any]] = config.section("batch").get("nets") or {}
    return NetAdjustment(**nets.get(net.name, {}))


def nets_of_day(
    catalogue: Catalogue, config: TenantConfig, business_date: date, extra: frozenset[str] = frozenset()
) -> list[JobNet]:
    """The nets that run for the municipality on the business date; `extra` nets run whatever the calendar says."""
    calendar = operating_calendar(config)
    chosen = []
    for net in catalogue.nets:
        adjustment = adjustment_of(config, net)
        rule = _adjusted(net.calendar, adjustment)
        if adjustment.enabled and (net.name in extra or calendar.is_operating_day(rule, business_date)):
            chosen.append(net)
    return chosen


def count_sizes(dsn: str, tenant: TenantRef, drivers: Mapping[str, str]) -> dict[str, int]:
    """How many residents, taxpayers and so on the municipality has: the published counts, in one transaction."""
    with BulkDatabase(dsn).read(tenant) as session:
        return {name: int(session.read(sql).item(0, 0)) for name, sql in drivers.items()}


def _adjusted(rule: CalendarRule, adjustment: NetAdjustment) -> CalendarRule:
    return annual(adjustment.day).shifted(rule.shift) if adjustment.day else rule


def _days(section: Mapping[str, Any], name: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in section.get(name) or ())
