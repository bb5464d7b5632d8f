"""`yoriai restore`: a copy becomes a server again, whole or for one municipality, or serves for looking only."""

import signal
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from yoriai.clock import in_japan, now
from yoriai.commands.output import Json, emit, refusing
from yoriai.commands.terminal import terminal_user
from yoriai.continuity.backup_commands import SiteOption, load_rules
from yoriai.continuity.degraded import environment_of, make_read_only, moment_of, serving
from yoriai.continuity.municipality import drop_kept, take_back
from yoriai.continuity.records import record
from yoriai.continuity.restoration import Restored, decide, find_restored, go_on
from yoriai.continuity.restoring import NotRestored, Target, restore_server, settings_of
from yoriai.continuity.rules import CopyRules
from yoriai.continuity.sites import Copy
from yoriai.errors import FieldError, Invalid
from yoriai.private_files import write_environment
from yoriai.settings import load_settings
from yoriai.tenancy.kept import list_kept
from yoriai.tenancy.ref import TenantRef

commands = typer.Typer(
    no_args_is_help=True, help="copies become servers again: whole, one municipality, for looking only"
)
At = Annotated[
    str, typer.Option("--at", help="moment in Japanese time, like 2026-07-10T14:05; the end of the log without it")
]
CopyOption = Annotated[str, typer.Option("--copy", help="name of the copy; the newest that serves without it")]
Into = Annotated[Path, typer.Option("--into", help="a new folder for the restored server")]


@commands.command("server")
@refusing
def run_server(into: Into, at: At = "", copy_id: CopyOption = "", site: SiteOption = "", as_json: Json = False) -> None:
    """The whole server as it was at a moment, in a new folder, running; the former one is not touched."""
    settings = load_settings()
    copy, target = _choose(load_rules(settings), site, copy_id, at)
    server = restore_server(copy, into, target)
    there = settings_of(settings, server)
    dsns = {"YORIAI_ADMIN_DSN": there.admin, "YORIAI_DSN": there.app, "YORIAI_BACKUP_DSN": there.backup}
    connections = _keep_connections(into, dsns)
    value = {"copy": copy.copy_id, "data": str(server.data), "port": server.port, "connections": str(connections)}
    lines = [
        f"{copy.site} の写し {copy.copy_id} を {server.data} に復旧し、127.0.0.1:{server.port} で動かしています。",
        _where(connections),
    ]
    emit(value, as_json=as_json, lines=lambda: lines)


@commands.command("municipality")
@refusing
def run_municipality(
    code: str,
    reason: Annotated[str, typer.Option(help="why; kept in both audit trails")],
    at: At = "",
    copy_id: CopyOption = "",
    site: SiteOption = "",
    as_json: Json = False,
) -> None:
    """Take one municipality back to a moment; its present rows are put aside under another name, no other is touched."""
    tenant = _tenant(code)
    settings = load_settings()
    copy, target = _choose(load_rules(settings), site, copy_id, at)
    begun = now()
    done = take_back(settings, copy, tenant, target, by=terminal_user(), reason=reason, now=begun)
    value = {"code": code, "copy": copy.copy_id, "kept": done.kept_schema, "rows": done.rows, "since": done.since}
    told = _told(done.restored)
    span = (begun, now())
    detail = {**value, "reason": reason, "to_decide": len(done.restored.open_items)}
    record(
        settings, "municipality", span, by=terminal_user(), ok=True, site=copy.site, copy_id=copy.copy_id, detail=detail
    )
    lines = [
        f"{code} を写し {copy.copy_id} から戻しました({done.rows:,} 行)。これまでの内容は {done.kept_schema} にあります。"
    ]
    lines += [f"戻した時点の後の操作 {action}: {count}" for action, count in done.since.items()]
    emit(value | told, as_json=as_json, lines=lambda: [*lines, *_told_lines(done.restored)])


@commands.command("differences")
@refusing
def show_differences(code: str, as_json: Json = False) -> None:
    """What was carried over when the municipality was last taken back, and what needs a decision before it is opened."""
    restored = find_restored(load_settings(), _tenant(code))
    emit(_told(restored), as_json=as_json, lines=lambda: _told_lines(restored))


@commands.command("decide")
@refusing
def run_decision(
    code: str,
    note: Annotated[str, typer.Option(help="who has looked at what; kept in both audit trails")],
    item: Annotated[list[int] | None, typer.Option(help="number in the list; several")] = None,
    everything: Annotated[bool, typer.Option("--all", help="everything that is open")] = False,
    as_json: Json = False,
) -> None:
    """Note a decision on the list's items; with the last one the municipality is opened."""
    if bool(item) == everything:
        raise Invalid(
            fields=[FieldError("item", "--item で項目の番号を、すべてなら --all を指定してください。", "which")]
        )
    restored = decide(load_settings(), _tenant(code), item or [], note, by=terminal_user(), now=now())
    emit(_told(restored), as_json=as_json, lines=lambda: _told_lines(restored))


@commands.command("resume")
@refusing
def run_resume(code: str, as_json: Json = False) -> None:
    """Go on with a restoration that was cut off after the rows had been put in place; harmless where it was not."""
    restored = go_on(load_settings(), _tenant(code), by=terminal_user(), now=now())
    emit(_told(restored), as_json=as_json, lines=lambda: _told_lines(restored))


@commands.command("kept")
@refusing
def run_kept(drop: Annotated[str, typer.Option(help="remove this one for good")] = "", as_json: Json = False) -> None:
    """What was put aside when municipalities were taken back; with --drop one of them is removed."""
    settings = load_settings()
    if drop:
        drop_kept(settings, drop, by=terminal_user())
    kept = list_kept(settings)
    emit(kept, as_json=as_json, lines=lambda: kept or ["退避した領域はありません。"])


@commands.command("degraded")
@refusing
def run_degraded(
    into: Into, port: int = 8000, host: str = "127.0.0.1", copy_id: CopyOption = "", site: SiteOption = ""
) -> None:
    """縮退運転: serve a copy for looking only, until it is ended; its server goes on running in the folder."""
    settings = load_settings()
    copy, target = _choose(load_rules(settings), site, copy_id, "")
    begun = now()
    server = restore_server(copy, into, target)
    there = settings_of(settings, server)
    moment = moment_of(there, copy)
    make_read_only(there)
    detail = {"moment": moment, "folder": str(server.home)}
    span = (begun, now())
    # In the copy itself too: the running database may be gone.
    for place in (settings, there):
        record(
            place, "degraded", span, by=terminal_user(), ok=True, site=copy.site, copy_id=copy.copy_id, detail=detail
        )
    served = {name: text for name, text in environment_of(there, moment).items() if "DSN" in name or "COPY" in name}
    typer.echo(_where(_keep_connections(into, served)))
    with serving(there, moment, port, host) as process:
        # A service manager ends this process only: the one that serves must not go on without it.
        ended = threading.Event()

        def end(*_: object) -> None:
            ended.set()
            process.terminate()

        signal.signal(signal.SIGTERM, end)
        typer.echo(f"{moment:%Y-%m-%d %H:%M} 時点の写しを http://{host}:{port}/ で表示しています(照会のみ)。")
        process.wait()
    if not ended.is_set():
        raise NotRestored(f"写しの表示が終わりました。ポート {port} がほかで使われていないか確かめてください。")


def _tenant(code: str) -> TenantRef:
    try:
        return TenantRef(code)
    except ValueError:
        raise Invalid(fields=[FieldError("code", "団体コード(6桁)を指定してください。", "code")]) from None


def _told(restored: Restored) -> dict[str, Any]:
    opened = restored.opened_at.isoformat() if restored.opened_at else None
    return {
        "restoration": restored.restoration_no,
        "opened_at": opened,
        "items": [asdict(item) for item in restored.items],
    }


def _told_lines(restored: Restored) -> list[str]:
    """What needs a decision first, then what was decided and what was carried over."""
    waiting = restored.open_items
    decided = [item for item in restored.items if item.needs_decision and not item.is_open]
    carried = [item for item in restored.items if not item.needs_decision]
    lines = [f"要判断 {len(waiting)}件:"] if waiting else []
    lines += [f"  [{item.item_no}] {item.part} {item.text}" for item in waiting]
    lines += [f"判断済み {len(decided)}件:"] if decided else []
    lines += [f"  [{item.item_no}] {item.part} {item.text} → {item.decision}" for item in decided]
    lines += [f"引き継いだもの {len(carried)}件:"] if carried else []
    lines += [f"  [{item.item_no}] {item.part} {item.text}" for item in carried]
    code = restored.tenant.code
    if restored.opened_at:
        return [*lines, f"{code} は再開しています(ログインはすべてやり直しです)。"]
    if restored.carried_at is None:
        return [*lines, f"引継ぎの途中です。yoriai restore resume {code} で続けてください。{code} は止まっています。"]
    return [
        *lines,
        f"{code} は止めたままです(窓口・夜間処理・他システム)。担当課と確かめ、yoriai restore decide {code} --item 番号 --note …"
        " で記録してください。すべて済むと再開します。",
    ]


def _keep_connections(into: Path, values: Mapping[str, str]) -> Path:
    """Lay the connections into the folder that was named; returns the file, which is for its owner's eyes only."""
    path = into.resolve() / "connections.env"
    write_environment(path, values)
    return path


def _where(connections: Path) -> str:
    return (
        f"接続先(パスワードを含む)は {connections} にあります。所有者だけが読めます(systemd の EnvironmentFile= の形)。"
    )


def _choose(rules: CopyRules, site: str, copy_id: str, at: str) -> tuple[Copy, Target]:
    moment = _moment(at) if at else None
    return rules.site(site).get_copy(copy_id, until=moment), Target(moment=moment)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(fields=[FieldError("at", "日時は 2026-07-10T14:05 の形で指定してください。", "date")]) from None
    return in_japan(moment)
