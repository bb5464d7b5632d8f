"""One municipality is taken back to a moment from a copy; nobody else's rows are touched, and what it had until now is kept.

The copy is started beside the running server, the municipality's schema dumped from it, and put into the running database in one
transaction: either all of it is there, proven by counts and control sums, or nothing has changed. The former schema stays under
another name that no role of the application can enter.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from yoriai import registry
from yoriai.audit import APPEND, AuditEvent, Principal, to_argument, to_rows
from yoriai.clock import JAPAN
from yoriai.continuity.programs import run
from yoriai.continuity.restoring import Target, restore_server, settings_of
from yoriai.continuity.sites import Copy
from yoriai.database.control import Figures, reading_all, sum_up
from yoriai.database.migrate import owner_connection
from yoriai.errors import Conflict, Invalid, NotFound
from yoriai.settings import Settings
from yoriai.tenancy.choice import PLATFORM_SCHEMA
from yoriai.tenancy.kept import check_rows, list_kept, move_aside, read_since
from yoriai.tenancy.ref import TenantRef

_MIGRATED = "SELECT heads FROM tenant_migration WHERE code = %s"
_LOCKED = "lock timeout"


@dataclass(frozen=True)
class TakenBack:
    """What was done: the former schema's new name, rows put back, and what had been done since the moment, by kind of act."""

    kept_schema: str
    rows: int
    since: dict[str, int]


def take_back(
    settings: Settings, copy: Copy, tenant: TenantRef, target: Target, *, by: Principal, reason: str, now: datetime
) -> TakenBack:
    """Put the municipality's rows of the target moment in place of the present ones.

    Other municipalities and the installation's own tables (nights, shelf, operators) stay as they are. Raises Invalid without a
    reason, NotFound where the copy does not have the municipality, Conflict while somebody works in it, NotRestored.
    """
    if not reason.strip():
        raise Invalid("理由を入れてください。記録に残ります。")
    with tempfile.TemporaryDirectory(prefix="yoriai-restore-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = restore_server(copy, folder / "server", target, lasting=False)
        try:
            there = settings_of(settings, server)
            figures = _figures(there, tenant)
            # Everybody on the machine may enter the folder of the server, whose user is another; what is dumped is for nobody.
            private = folder / "private"
            private.mkdir(mode=0o700)
            script = private / "schema.sql"
            run("pg_dump", "--schema", tenant.schema, "--no-owner", "--file", str(script), dsn=there.admin)
            heads = _heads(there, tenant)
        finally:
            server.remove()
        kept = f"{tenant.schema}_kept_{now.astimezone(JAPAN):%Y%m%d%H%M%S}"
        # Before anything changes: whoever is cut off after the change must not have made it unseen.
        begun = AuditEvent("restore.begin", f"tenant:{tenant}", reason, {"copy": copy.copy_id, "kept": kept})
        with owner_connection(settings.admin_dsn, PLATFORM_SCHEMA) as connection:
            _append(connection, by, begun)
        _put(settings, tenant, private, [move_aside(tenant, kept), script, check_rows(tenant, figures, heads)])
    # Grants, and what has been changed in the tables since the moment.
    registry.migrator(settings.admin_dsn).upgrade_tenant(tenant)
    done = TakenBack(
        kept, sum(count for count, _ in figures[tenant.schema].values()), read_since(settings, tenant, kept)
    )
    _record(settings, tenant, copy, target, done, by, reason)
    return done


def drop_kept(settings: Settings, schema: str, *, by: Principal) -> None:
    """Remove a schema that was put aside, with the part of the audit trail that only it has; both trails tell of it.

    Raises NotFound: nothing else can be removed by this.
    """
    if schema not in list_kept(settings):
        raise NotFound(f"{schema} という退避した領域はありません。あるもの: {'、'.join(list_kept(settings)) or 'なし'}")
    tenant = TenantRef(schema.split("_")[1])
    event = AuditEvent("restore.drop_kept", f"tenant:{tenant}", detail={"kept": schema})
    with owner_connection(settings.admin_dsn, tenant.schema) as connection:
        _append(connection, by, event)
    with owner_connection(settings.admin_dsn, PLATFORM_SCHEMA) as connection:
        _append(connection, by, event)
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")


def _figures(there: Settings, tenant: TenantRef) -> Figures:
    with reading_all(there.admin) as connection:
        figures = sum_up(connection, [tenant.schema])
    if not figures[tenant.schema]:
        raise NotFound(f"写しの時点では、{tenant} はまだありません。")
    return figures


def _heads(there: Settings, tenant: TenantRef) -> str:
    with owner_connection(there.admin, PLATFORM_SCHEMA) as connection:
        return str(connection.exec_driver_sql(_MIGRATED, (tenant.code,)).scalar_one())


def _put(settings: Settings, tenant: TenantRef, folder: Path, parts: Sequence[str | Path]) -> None:
    arguments: list[str] = []
    for number, part in enumerate(parts):
        path = part if isinstance(part, Path) else folder / f"{number}.sql"
        if isinstance(part, str):
            path.write_text(part, encoding="utf-8")
        arguments += ["--file", str(path)]
    always = ("--no-psqlrc", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1")
    try:
        run("psql", *always, *arguments, dsn=settings.admin_dsn)
    except Exception as error:
        if _LOCKED in str(error):
            raise Conflict(f"{tenant} で作業が続いているため、戻せませんでした。何も変えていません。") from error
        raise


def _record(
    settings: Settings, tenant: TenantRef, copy: Copy, target: Target, done: TakenBack, by: Principal, reason: str
) -> None:
    """In both chains: the municipality's, which begins again where the copy's ended, and the installation's."""
    moment = target.moment.isoformat() if target.moment else target.mark
    detail = {"copy": copy.copy_id, "site": copy.site, "moment": moment, "kept": done.kept_schema, "since": done.since}
    event = AuditEvent("restore.municipality", f"tenant:{tenant}", reason, detail)
    for schema in (tenant.schema, PLATFORM_SCHEMA):
        with owner_connection(settings.admin_dsn, schema) as connection:
            _append(connection, by, event)


def _append(connection: Connection, by: Principal, event: AuditEvent) -> None:
    connection.exec_driver_sql(APPEND.replace("$1", "%s"), (to_argument(to_rows(by, [event])),))
