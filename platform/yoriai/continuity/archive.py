"""The archived log: fetched from the running server as it is written, so that a copy can be recovered to any moment since.

A replication slot makes the server keep what has not been fetched; while the fetching process runs, at most some seconds are lost
with the server.
"""

import logging
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from yoriai.continuity.programs import environment, path_of, run
from yoriai.continuity.sites import Site
from yoriai.database.control import server_connection

SLOT = "yoriai_archive"
_PARTIAL = ".partial"
_CARRY_SECONDS = 10.0
_RETRY_SECONDS = 5.0
_log = logging.getLogger(__name__)
_STATE = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
_FILE = "SELECT pg_walfile_name(%s::pg_lsn)"
_SWITCH = "SELECT pg_switch_wal()"


def ensure_slot(dsn: str, log: Path) -> None:
    """Make the slot where there is none: from now on the server keeps the log until it has been fetched."""
    log.mkdir(parents=True, exist_ok=True, mode=0o700)
    with server_connection(dsn) as connection:
        if connection.execute(_STATE, (SLOT,)).fetchone() is None:
            run("pg_receivewal", "--directory", str(log), "--slot", SLOT, "--create-slot", "--if-not-exists", dsn=dsn)


def fetch_until(dsn: str, log: Path, lsn: str, *, patience_seconds: float = 600) -> None:
    """Return when the log up to the position is in the archive: fetched here, or by the resident process where that runs.

    Raises ProgramFailed, TimeoutError.
    """
    with server_connection(dsn) as connection:
        row = connection.execute(_STATE, (SLOT,)).fetchone()
        is_resident = bool(row and row[0])
        if is_resident:
            # A segment is durable in the archive when it is whole: this one is ended now.
            connection.execute(_SWITCH)
        name = connection.execute(_FILE, (lsn,)).fetchone()
    if not is_resident:
        run("pg_receivewal", "--directory", str(log), "--slot", SLOT, "--endpos", lsn, "--no-loop", dsn=dsn)
    elif name and not _appears(log / str(name[0]), patience_seconds):
        raise TimeoutError(f"the archive has not reached {lsn}")


def _appears(path: Path, patience_seconds: float) -> bool:
    pause = threading.Event()
    for _ in range(int(patience_seconds * 10)):
        if path.exists():
            return True
        pause.wait(0.1)
    return path.exists()


def carry(source: Path, sites: Sequence[Site]) -> dict[str, str]:
    """Bring the sites' logs up to date; returns what went wrong by site, and goes on with the others.

    A segment appears under its name only when it is whole there; the unfinished one is renewed each time.
    """
    errors: dict[str, str] = {}
    for site in sites:
        try:
            site.log.mkdir(parents=True, exist_ok=True, mode=0o700)
            for path in sorted(source.iterdir()):
                if path.suffix == ".new":
                    continue
                target = site.log / path.name
                if not target.exists() or path.suffix == _PARTIAL:
                    whole = target.with_name(f"{target.name}.new")
                    shutil.copy2(path, whole)
                    whole.replace(target)
                if path.suffix != _PARTIAL:
                    target.with_name(f"{target.name}{_PARTIAL}").unlink(missing_ok=True)
        except OSError as error:
            errors[site.name] = str(error)
    return errors


def stream(dsn: str, near: Site, others: Sequence[Site], stop: threading.Event) -> None:
    """Fetch the log for ever and carry it to the other sites every ten seconds; until `stop` is set.

    Whatever ends in between (the server, the network, a site) is tried again; nothing is lost, since the slot keeps it.
    """
    while not stop.is_set():
        try:
            ensure_slot(dsn, near.log)
            command = [path_of("pg_receivewal"), "--directory", str(near.log), "--slot", SLOT, "--no-loop"]
            with subprocess.Popen(command, env=environment(dsn), stdin=subprocess.DEVNULL) as receiver:
                try:
                    while receiver.poll() is None and not stop.wait(_CARRY_SECONDS):
                        _carry_all(near, others)
                finally:
                    receiver.terminate()
        except Exception as error:
            _log.warning("the log is not being fetched: %s", error)
        _carry_all(near, others)
        stop.wait(_RETRY_SECONDS)


def _carry_all(near: Site, others: Sequence[Site]) -> None:
    for name, error in carry(near.log, others).items():
        _log.warning("site %s: %s", name, error)


def collect(log: Path, start_segment: str, target: Path) -> int:
    """Put the log from a segment on where a recovering server reads it; the unfinished one under its final name. How many files."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    count = 0
    for path in sorted(log.iterdir()):
        name = path.name.removesuffix(_PARTIAL)
        # Names are timeline, then position: the position decides what is old.
        is_needed = name.endswith(".history") or (len(name) == len(start_segment) and name[8:] >= start_segment[8:])
        if is_needed and path.suffix != ".new" and not (path.suffix == _PARTIAL and (log / name).exists()):
            shutil.copy2(path, target / name)
            count += 1
    return count
