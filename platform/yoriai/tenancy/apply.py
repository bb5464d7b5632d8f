"""Configuration is desired state: what would change, and making it so. All or nothing per municipality."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from yoriai import registry
from yoriai.clock import now
from yoriai.database.migrate import Migrator, owner_connection
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.choice import PLATFORM_SCHEMA
from yoriai.tenancy.config import TenantConfig

_APPLIED = "SELECT code, config, applied_at FROM tenant WHERE is_active"
_SAVE = text(
    "INSERT INTO tenant (code, name, config, config_digest, applied_at)"
    " VALUES (:code, :name, CAST(:config AS jsonb), :digest, :at)"
    " ON CONFLICT (code) DO UPDATE SET name = excluded.name, config = excluded.config,"
    " config_digest = excluded.config_digest, applied_at = excluded.applied_at, is_active = true"
)
_KEEP = text(
    "INSERT INTO tenant_config_history (code, config_digest, config, applied_at)"
    " VALUES (:code, :digest, CAST(:config AS jsonb), :at)"
)


@dataclass(frozen=True)
class Change:
    """One difference: `old` or `new` is None where the path is missing on that side."""

    path: str
    old: Any
    new: Any

    def to_json(self) -> dict[str, Any]:
        """The change as JSON."""
        return {"path": self.path, "old": self.old, "new": self.new}

    def __str__(self) -> str:
        def show(value: Any) -> str:
            return json.dumps(value, ensure_ascii=False)

        if self.old is None:
            return f"+ {self.path}: {show(self.new)}"
        if self.new is None:
            return f"- {self.path}: {show(self.old)}"
        return f"~ {self.path}: {show(self.old)} → {show(self.new)}"


@dataclass(frozen=True)
class TenantPlan:
    """What applying a file would do to one municipality: `create`, `change` or `keep`."""

    config: TenantConfig
    action: str
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON."""
        changes = [change.to_json() for change in self.changes]
        return {"code": self.config.code, "name": self.config.name, "action": self.action, "changes": changes}


@dataclass(frozen=True)
class Applied:
    """A configuration in force."""

    config: TenantConfig
    applied_at: datetime


def list_applied(admin_dsn: str) -> list[Applied]:
    """The municipalities in force, by code."""
    with owner_connection(admin_dsn, PLATFORM_SCHEMA) as connection:
        rows = connection.exec_driver_sql(f"{_APPLIED} ORDER BY code").all()
    return [Applied(TenantConfig(row.config), row.applied_at) for row in rows]


def plan(admin_dsn: str, configs: Sequence[TenantConfig]) -> list[TenantPlan]:
    """What applying the files would change. A file that is gone changes nothing: a municipality is never dropped."""
    applied = {item.config.code: item.config for item in list_applied(admin_dsn)}
    return [_plan_one(applied.get(config.code), config) for config in configs]


def apply(
    migrator: Migrator, app_dsn: str, plans: Sequence[TenantPlan], done: Callable[[TenantPlan], None] = lambda _: None
) -> None:
    """Carry out the plans: role and schema from the template, the businesses' own preparation, then the configuration.

    The configuration comes last and is what makes a municipality known to the application, so one that is cut off half-way
    is simply not there yet, and the next run completes it.
    """
    for item in plans:
        if item.action != "keep":
            with owner_connection(migrator.dsn, PLATFORM_SCHEMA) as connection:
                # Two operators at once: the second finds everything made and only repeats what is harmless to repeat.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('yoriai apply'))")
                if not migrator.make_tenant(item.config.tenant) and migrator.behind([item.config.tenant]):
                    migrator.upgrade_tenant(item.config.tenant)
                _prepare(app_dsn, item.config)
                _save(connection, item.config)
        done(item)


def differences(old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """The leaves that differ between two documents."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from differences(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif old != new:
        yield Change(path, old, new)


def _plan_one(old: TenantConfig | None, new: TenantConfig) -> TenantPlan:
    if old is None:
        return TenantPlan(new, "create", tuple(differences({}, new.document)))
    changes = tuple(differences(old.document, new.document))
    return TenantPlan(new, "change" if changes else "keep", changes)


def _prepare(app_dsn: str, config: TenantConfig) -> None:
    with BulkDatabase(app_dsn).write(config.tenant) as session:
        for business in registry.businesses():
            if business.prepare:
                registry.load(business.prepare)(session, config)


def _save(connection: Connection, config: TenantConfig) -> None:
    body = json.dumps(config.document, ensure_ascii=False)
    values = {"code": config.code, "name": config.name, "config": body, "digest": config.digest, "at": now()}
    connection.execute(_SAVE, values)
    connection.execute(_KEEP, {key: values[key] for key in ("code", "digest", "config", "at")})
