"""PostgreSQL's own programs for copies: from `YORIAI_PG_BIN` (those of your server's version), else from the wheel."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from yoriai.errors import YoriaiError
from yoriai.server.embedded import packaged_postgresql

_LINES = 12
_ABOUT_ROWS = ("CONTEXT:", "DETAIL:")


class ProgramFailed(YoriaiError):
    """A program of PostgreSQL ended with an error; the message has its last lines."""

    status = 500
    code = "program_failed"
    default_message = "PostgreSQLのプログラムが失敗しました。"


def path_of(name: str) -> str:
    """Where a program is."""
    folder = os.environ.get("YORIAI_PG_BIN")
    return str((Path(folder) if folder else packaged_postgresql() / "bin") / name)


def environment(dsn: str = "") -> dict[str, str]:
    """The environment by which a program finds the server of the DSN: arguments everybody on the machine can read."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    known: Mapping[str, object] = conninfo_to_dict(dsn) if dsn else {}
    return {
        "LC_ALL": "C.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.environ.get("HOME", "/"),
        **{variable: str(known[key]) for key, variable in names.items() if known.get(key)},
    }


def run(name: str, *arguments: str, dsn: str = "") -> str:
    """Run a program to its end and return what it said. Raises ProgramFailed."""
    done = subprocess.run(
        [path_of(name), *arguments], check=False, capture_output=True, text=True, env=environment(dsn), timeout=None
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        # Of a row that does not fit the server tells the values: no person's belong into a message.
        said = "\n".join([line for line in lines if not line.startswith(_ABOUT_ROWS)][-_LINES:])
        raise ProgramFailed(f"{name} が失敗しました({done.returncode}): {said}")
    return done.stdout
