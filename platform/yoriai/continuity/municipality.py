"""One municipality is taken back to a moment from a copy; nobody else's rows are touched, and what it had until now is kept.

The copy is started beside the running server, the municipality's schema dumped from it, and put into the running database in one
transaction: either all of it is there, proven by counts and control sums, or nothing has changed. The former schema stays under
another name that no role of the application can enter. What then has to be carried over of it: `restoration`.
"""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yoriai.audit import AuditEvent, Principal
from yoriai.clock import JAPAN
from yoriai.continuity.programs import run
from yoriai.continuity.records import append
from yoriai.continuity.restoration import Restored, begin, find_restored, go_on, put_and_close
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
    """What was done: the former schema's new name, rows put back, what had been done since the moment (by kind of act), and what of
    it was carried over or is to be decided.
    """

    kept_schema: str
    rows: int
    since: dict[str, int]
    restored: Restored


def take_back(
    settings: Settings, copy: Copy, tenant: TenantRef, target: Target, *, by: Principal, reason: str, now: datetime
) -> TakenBack:
    """Put the municipality's rows of the target moment in place of the present ones.

    Other municipalities and the installation's own tables (nights, shelf, operators) stay as they are. Nobody enters until what
    needs a decision was decided. Raises Invalid without a reason, NotFound where the copy does not have the municipality,
    Conflict while somebody works in it or the time before is undecided, NotRestored.
    """
    if not reason.strip():
        raise Invalid("理由を入れてください。記録に残ります。")
    _refuse_undecided(settings, tenant)
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
            append(connection, by, begun)
            number = begin(connection, tenant, copy.copy_id, kept, reason, by.login, now)
        checked = check_rows(tenant, figures, heads)
        _put(settings, tenant, private, [move_aside(tenant, kept), script, checked, put_and_close(tenant, number)])
    rows = sum(count for count, _ in figures[tenant.schema].values())
    since = read_since(settings, tenant, kept)
    _record(settings, tenant, copy, target, kept, since, by, reason)
    return TakenBack(kept, rows, since, go_on(settings, tenant, by=by, now=now))


def drop_kept(settings: Settings, schema: str, *, by: Principal) -> None:
    """Remove a schema that was put aside, with the part of the audit trail that only it has; both trails tell of it.

    Raises NotFound: nothing else can be removed by this; Conflict while the municipality waits for decisions.
    """
    if schema not in list_kept(settings):
        raise NotFound(f"{schema} という退避した領域はありません。あるもの: {'、'.join(list_kept(settings)) or 'なし'}")
    tenant = TenantRef(schema.split("_")[1])
    _refuse_undecided(settings, tenant)
    event = AuditEvent("restore.drop_kept", f"tenant:{tenant}", detail={"kept": schema})
    with owner_connection(settings.admin_dsn, tenant.schema) as connection:
        append(connection, by, event)
    with owner_connection(settings.admin_dsn, PLATFORM_SCHEMA) as connection:
        append(connection, by, event)
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")


def _refuse_undecided(settings: Settings, tenant: TenantRef) -> None:
    """What the present state still has to give must not be put aside or removed before it has given it."""
    with suppress(NotFound):
        if find_restored(settings, tenant).opened_at is None:
            raise Conflict(
                f"{tenant} は前回戻したあとの確認が終わっていません。yoriai restore differences {tenant} で確かめてください。"
            )


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
    settings: Settings,
    tenant: TenantRef,
    copy: Copy,
    target: Target,
    kept: str,
    since: dict[str, int],
    by: Principal,
    reason: str,
) -> None:
    """In both chains: the municipality's, which begins again where the copy's ended, and the installation's."""
    moment = target.moment.isoformat() if target.moment else target.mark
    detail = {"copy": copy.copy_id, "site": copy.site, "moment": moment, "kept": kept, "since": since}
    event = AuditEvent("restore.municipality", f"tenant:{tenant}", reason, detail)
    for schema in (tenant.schema, PLATFORM_SCHEMA):
        with owner_connection(settings.admin_dsn, schema) as connection:
            append(connection, by, event)
