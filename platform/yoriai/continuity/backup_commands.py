"""`yoriai backup`: copies of the whole database, kept at several sites, and proof that they can be used."""

import signal
import threading
from datetime import datetime
from typing import Annotated, Any

import typer

from yoriai.clock import JAPAN, now
from yoriai.commands.output import FAILED, Json, emit, refusing
from yoriai.commands.terminal import terminal_user
from yoriai.continuity.archive import carry, stream
from yoriai.continuity.drill import Drill, run_drill
from yoriai.continuity.records import record
from yoriai.continuity.rules import CopyRules
from yoriai.continuity.sites import Copy, verify
from yoriai.continuity.taking import take_copy
from yoriai.settings import Settings, load_settings
from yoriai.tenancy.files import read_deployment

commands = typer.Typer(no_args_is_help=True, help="copies of the database: take, keep, prove, try out")
SiteOption = Annotated[str, typer.Option("--site", help="name of a site in deployment.yaml; the first without it")]


def load_rules(settings: Settings) -> CopyRules:
    """The deployment file's section `backup`."""
    return CopyRules.of(read_deployment(settings.tenants).document, settings.var)


@commands.command("take")
@refusing
def run_take(as_json: Json = False) -> None:
    """Copy the running server, prove the copy, send it to the other sites, remove what is too old; exit code 1 if a site failed."""
    settings = load_settings()
    begun = now()
    taken = take_copy(settings, load_rules(settings), now)
    value = {
        "copy": taken.copy.copy_id,
        "bytes": taken.copy.bytes,
        "rows": _rows(taken.copy),
        "is_exact": taken.copy.mark.is_exact,
        "errors": taken.errors,
        "removed": taken.removed,
    }
    span = (begun, now())
    site, name = taken.copy.site, taken.copy.copy_id
    record(settings, "copy", span, by=terminal_user(), ok=not taken.errors, site=site, copy_id=name, detail=value)
    emit(value, as_json=as_json, lines=lambda: _taken_lines(value))
    if taken.errors:
        raise typer.Exit(FAILED)


@commands.command("stream")
@refusing
def run_stream() -> None:
    """Fetch the server's log as it is written and carry it to all sites; runs until it is ended (systemd)."""
    settings = load_settings()
    rules = load_rules(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stream(settings.backup_dsn, rules.near, rules.sites[1:], stop)


@commands.command("send")
@refusing
def run_send(as_json: Json = False) -> None:
    """Send copies and log again to sites that did not get them."""
    settings = load_settings()
    rules = load_rules(settings)
    errors = carry(rules.near.log, rules.sites[1:])
    sent: dict[str, list[str]] = {}
    for site in rules.sites[1:]:
        known = {copy.copy_id for copy in site.list_copies()}
        missing = [copy for copy in rules.near.list_copies() if copy.copy_id not in known]
        sent[site.name] = [site.take_in(copy).copy_id for copy in missing] if site.name not in errors else []
    value = {"sent": sent, "errors": errors}
    emit(value, as_json=as_json, lines=lambda: [f"{name}: {'、'.join(ids) or 'なし'}" for name, ids in sent.items()])
    if errors:
        raise typer.Exit(FAILED)


@commands.command("list")
@refusing
def show_list(as_json: Json = False) -> None:
    """The copies at every site, the newest first."""
    settings = load_settings()
    rows = [_row(copy) for site in load_rules(settings).sites for copy in site.list_copies()]
    emit(rows, as_json=as_json, lines=lambda: [_line(row) for row in rows] or ["写しはありません。"])


@commands.command("verify")
@refusing
def run_verify(
    copy_id: Annotated[str, typer.Argument(help="the newest without it")] = "", site: SiteOption = ""
) -> None:
    """Prove every file of a copy by its checksum."""
    copy = load_rules(load_settings()).site(site).get_copy(copy_id)
    verify(copy.data)
    typer.echo(f"{copy.site} {copy.copy_id}: 異常なし")


@commands.command("drill")
@refusing
def run_drill_command(
    copy_id: Annotated[str, typer.Argument(help="the newest without it")] = "",
    site: SiteOption = "",
    as_json: Json = False,
) -> None:
    """復旧訓練: restore a copy beside the running system, serve it read-only, compare all rows; exit code 1 unless all is well."""
    settings = load_settings()
    rules = load_rules(settings)
    copy = rules.site(site).get_copy(copy_id)
    begun = now()
    drill = run_drill(settings, copy, rules.restore_hours)
    value = drill.to_json()
    span = (begun, now())
    record(
        settings, "drill", span, by=terminal_user(), ok=drill.ok, site=drill.site, copy_id=drill.copy_id, detail=value
    )
    emit(value, as_json=as_json, lines=lambda: _drill_lines(drill))
    if not drill.ok:
        raise typer.Exit(FAILED)


def _rows(copy: Copy) -> int:
    return sum(count for tables in copy.figures.values() for count, _ in tables.values())


def _row(copy: Copy) -> dict[str, Any]:
    return {
        "site": copy.site,
        "copy": copy.copy_id,
        "finished_at": copy.finished,
        "bytes": copy.bytes,
        "rows": _rows(copy),
        "is_exact": copy.mark.is_exact,
        "folder": str(copy.folder),
    }


def _line(row: dict[str, Any]) -> str:
    finished: datetime = row["finished_at"]
    megabytes = row["bytes"] // 1_000_000
    return f"{row['site']}  {row['copy']}  {finished.astimezone(JAPAN):%Y-%m-%d %H:%M}  {megabytes:,} MB  {row['rows']:,} 行"


def _taken_lines(value: dict[str, Any]) -> list[str]:
    exact = "" if value["is_exact"] else "(作業中のため件数は概数)"
    lines = [f"写し {value['copy']}: {value['bytes'] // 1_000_000:,} MB、{value['rows']:,} 行{exact}"]
    lines += [f"{site}: 送れませんでした: {error}" for site, error in value["errors"].items()]
    return lines + [f"{site}: 古い写しを削除 {'、'.join(ids)}" for site, ids in value["removed"].items() if ids]


def _drill_lines(drill: Drill) -> list[str]:
    verdict = "内" if drill.fits else "超過"
    lines = [
        f"{drill.site} {drill.copy_id}({drill.moment} 時点)",
        f"復旧 {drill.recovered_seconds} 秒、ログイン画面まで {drill.login_seconds} 秒: 目標 {drill.limit_hours} 時間{verdict}",
        f"{drill.municipalities} 団体、{drill.tables} 表、{drill.rows:,} 行",
    ]
    lines += [f"件数または合計が違う表: {name}" for name in drill.differing] or ["件数と合計はすべて一致"]
    return lines + [f"監査証跡が壊れている: {name}" for name in drill.broken_chains]
