"""`yoriai availability`: look at the service from outside, and the month's figures."""

import signal
import socket
import threading
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from psycopg.conninfo import make_conninfo

from yoriai.availability.probe import Spool, probe_for_ever
from yoriai.availability.rules import MeasuringRules
from yoriai.clock import now
from yoriai.commands.output import Json, emit, refusing
from yoriai.database.bootstrap import make_probe_login
from yoriai.errors import Invalid
from yoriai.private_files import write_environment
from yoriai.settings import load_settings
from yoriai.tenancy.files import read_deployment

commands = typer.Typer(no_args_is_help=True, help="availability: a probe that looks at the service from outside")
_WAIT_SECONDS = 5


@commands.callback()
def choose() -> None:
    """Availability in service hours."""


@commands.command("login")
@refusing
def run_login(
    into: Annotated[Path, typer.Option("--into", help="a new file for the connection and its password")],
    as_json: Json = False,
) -> None:
    """Let probes log in with a new password; their role can write down what they saw and nothing else. Run with the owner's DSN."""
    if into.exists():
        raise Invalid(f"{into} はもうあります。新しいファイル名を指定してください。")
    write_environment(into, {"YORIAI_PROBE_DSN": make_probe_login(load_settings().admin_dsn)})
    line = f"{into} に監視用の接続先(YORIAI_PROBE_DSN)を書きました。所有者だけが読めます。これまでのパスワードは使えません。"
    emit({"connections": str(into.resolve())}, as_json=as_json, lines=lambda: [line])


@commands.command("probe")
@refusing
def run_probe(
    url: Annotated[str, typer.Option(help="address of the service, as the clerks' browsers use it")],
    name: Annotated[str, typer.Option(help="name of the probe; the machine's without it")] = "",
    spool: Annotated[Path | None, typer.Option(help="its own file, for while the database is away")] = None,
) -> None:
    """Look at every municipality's service again and again until ended (systemd); best on another machine than the service."""
    settings = load_settings()
    rules = MeasuringRules.of(read_deployment(settings.tenants).document)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    kept = Spool.load(spool or settings.var / "availability.json", timedelta(seconds=rules.probe_seconds))
    # A server that does not answer must not keep the probe from looking.
    dsn = make_conninfo(settings.probe_dsn, connect_timeout=_WAIT_SECONDS)
    probe_for_ever(url.rstrip("/"), dsn, name or socket.gethostname(), kept, rules.slow_seconds, now, stop)
