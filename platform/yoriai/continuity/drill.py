"""復旧訓練: the newest copy of a site is restored beside the running system, served, and compared; the result is how long it
took until somebody could log in.
"""

import socket
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yoriai.commands.audit import verify_schema
from yoriai.continuity.degraded import make_read_only, moment_of, serving
from yoriai.continuity.restoring import NotRestored, Target, restore_server, settings_of
from yoriai.continuity.sites import Copy
from yoriai.database.control import differences, list_schemas, reading_all, sum_up
from yoriai.settings import Settings

_LOGIN_SECONDS = 120


@dataclass(frozen=True)
class Drill:
    """What a drill found. Seconds are measured from its beginning; `login_seconds` until the login screen of the copy answered."""

    copy_id: str
    site: str
    recovered_seconds: int
    login_seconds: int
    total_seconds: int
    limit_hours: int
    moment: str
    municipalities: int
    tables: int
    rows: int
    is_exact: bool
    """Whether the figures of the copy were made at the very moment it was recovered to."""
    differing: tuple[str, ...]
    broken_chains: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether service would have been back within the limit."""
        return self.login_seconds <= self.limit_hours * 3600

    @property
    def ok(self) -> bool:
        """Whether it fits and everything was there. Without exact figures tables in which somebody was at work may differ."""
        return self.fits and not self.broken_chains and not (self.is_exact and self.differing)

    def to_json(self) -> dict[str, Any]:
        """The result for machines."""
        return {**asdict(self), "fits": self.fits, "ok": self.ok}


def run_drill(
    settings: Settings, copy: Copy, limit_hours: int, *, look: Callable[[Settings, str], None] = lambda *_: None
) -> Drill:
    """Restore, serve and compare; nothing of the running system is touched, and nothing is left behind.

    `look(settings, address)` is called while the copy is being served. Raises NotRestored.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yoriai-drill-") as name:
        Path(name).chmod(0o755)
        server = restore_server(copy, Path(name) / "server", Target(mark=copy.mark.name), lasting=False)
        try:
            recovered = time.monotonic() - begun
            there = settings_of(settings, server)
            with reading_all(there.admin_dsn) as connection:
                schemas = list_schemas(connection)
                figures = sum_up(connection, schemas)
            reports = {schema: verify_schema(there.admin_dsn, schema) for schema in schemas}
            # Comparing is the drill's own work; whoever waits for the service does not wait for it.
            compared = time.monotonic() - begun - recovered
            moment = moment_of(there, copy)
            make_read_only(there)
            address = f"http://127.0.0.1:{_free_port()}"
            with serving(there, moment, int(address.rpartition(":")[2])):
                _wait_for_login(address)
                login = time.monotonic() - begun - compared
                look(there, address)
        finally:
            server.remove()
    return Drill(
        copy_id=copy.copy_id,
        site=copy.site,
        recovered_seconds=round(recovered),
        login_seconds=round(login),
        total_seconds=round(time.monotonic() - begun),
        limit_hours=limit_hours,
        moment=moment.isoformat(timespec="seconds"),
        municipalities=len(schemas) - 1,
        tables=sum(len(tables) for tables in figures.values()),
        rows=sum(count for tables in figures.values() for count, _ in tables.values()),
        is_exact=copy.mark.is_exact,
        differing=tuple(differences(copy.figures, figures)),
        broken_chains=tuple(schema for schema, report in reports.items() if not report.is_intact),
    )


def _wait_for_login(address: str) -> None:
    deadline = time.monotonic() + _LOGIN_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{address}/login", timeout=10) as answer:  # noqa: S310 - our own process
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                raise NotRestored(f"写しのログイン画面が応答しません: {error}") from error
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
