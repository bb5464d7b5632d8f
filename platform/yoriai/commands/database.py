"""`yoriai db`: roles, migrations and where they stand."""

import os
from pathlib import Path
from typing import Annotated

import typer

from yoriai import registry
from yoriai.commands.output import FAILED, Json, emit, refusing
from yoriai.database import bootstrap as bootstrapping
from yoriai.database.migrate import Standing
from yoriai.database.revise import write_revision
from yoriai.errors import Invalid
from yoriai.private_files import write_environment
from yoriai.settings import load_settings
from yoriai.tenancy.apply import list_applied

commands = typer.Typer(no_args_is_help=True, help="schemas and migrations")
_SUPERUSER = "YORIAI_SUPERUSER_DSN"


@commands.command("bootstrap")
@refusing
def run_bootstrap(
    into: Annotated[Path, typer.Option("--into", help="a new file for the connections and their passwords")],
    database: str = "yoriai",
    as_json: Json = False,
) -> None:
    """Make roles and database on a PostgreSQL of your own, whose superuser's DSN is in YORIAI_SUPERUSER_DSN or asked for.

    A password among the arguments could be read by everybody on the machine, and one on the screen stays there: the three
    connections go into a file for its owner only, from which they are handed to the machines that need them.
    """
    if into.exists():
        raise Invalid(f"{into} はもうあります。中の接続先を失わないよう、新しいファイル名を指定してください。")
    superuser_dsn = os.environ.get(_SUPERUSER) or typer.prompt("管理者(superuser)の接続先", hide_input=True)
    if not superuser_dsn.startswith(("postgresql://", "postgres://")) or "@" not in superuser_dsn:
        raise Invalid(f"{_SUPERUSER} は postgresql://利用者:パスワード@ホスト:ポート/postgres の形で指定してください。")
    admin, app = bootstrapping.bootstrap(superuser_dsn, database)
    backup = bootstrapping.make_backup_role(superuser_dsn, database)
    dsns = {"YORIAI_ADMIN_DSN": admin, "YORIAI_DSN": app, "YORIAI_BACKUP_DSN": backup}
    write_environment(into, dsns)
    lines = [f"{into} に接続先({'、'.join(dsns)})を書きました。読めるのは所有者だけです。"]
    emit({"database": database, "connections": str(into.resolve())}, as_json=as_json, lines=lambda: lines)


@commands.command("upgrade")
@refusing
def run_upgrade(parallel: int = 2, as_json: Json = False) -> None:
    """Bring all schemas to the newest revision: those already there are skipped, a run that was cut off goes on."""
    settings = load_settings()
    migrator = registry.migrator(settings.admin_dsn)
    migrator.upgrade_platform()
    tenants = [item.config.tenant for item in list_applied(settings.admin_dsn)]
    waiting = migrator.behind(tenants)
    errors = migrator.upgrade_tenants(
        tenants,
        parallel=parallel,
        done=lambda tenant, error: typer.echo(f"{tenant}: {error or 'done'}", err=True),
    )
    result = {"tenants": len(tenants), "skipped": len(tenants) - len(waiting), "errors": errors}
    emit(
        result, as_json=as_json, lines=lambda: [f"{len(waiting)} upgraded, {len(tenants) - len(waiting)} already there"]
    )
    if errors:
        raise typer.Exit(FAILED)


@commands.command("status")
@refusing
def show_status(as_json: Json = False) -> None:
    """Where every municipality's schema stands."""
    migrator = registry.migrator(load_settings().admin_dsn)
    heads, standing = migrator.tenant.heads(), migrator.standing()
    rows = [{**vars(item), "at_head": item.status == "done" and item.heads == heads} for item in standing]
    emit({"heads": heads, "tenants": rows}, as_json=as_json, lines=lambda: [_line(item, heads) for item in standing])


@commands.command("revision")
def run_revision(branch: str, message: Annotated[str, typer.Option("-m", "--message")]) -> None:
    """Write a business's next migration by comparing its models with the migrated template (for developers)."""
    migrator = registry.migrator(load_settings().admin_dsn)
    migrator.upgrade_platform()
    for path in write_revision(migrator, branch, message):
        typer.echo(path)


def _line(item: Standing, heads: str) -> str:
    state = "at head" if item.heads == heads and item.status == "done" else item.status
    return f"{item.code}  {state}  {item.error or ''}".rstrip()
