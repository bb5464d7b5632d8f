"""縮退運転: the application on a copy. Everything can be looked at, with its audit; nothing can be changed, and the
database itself says so.

Certificates are not issued: an issue has to be recorded where it lasts, and a 支援措置 that came after the copy's moment
would not be known to it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from yoriai.clock import JAPAN
from yoriai.continuity.sites import Copy
from yoriai.database.control import list_schemas, reading_all
from yoriai.database.grants import revoke_writing
from yoriai.database.migrate import owner_connection
from yoriai.settings import Settings
from yoriai.tenancy.choice import PLATFORM_ROLE, PLATFORM_SCHEMA, TENANT_GROUP

_LAST = "SELECT pg_last_xact_replay_timestamp()"


def make_read_only(there: Settings) -> None:
    """Take the right to change anything from all roles of the application on the restored server."""
    with reading_all(there.admin_dsn) as connection:
        schemas = list_schemas(connection)
    for schema in schemas:
        with owner_connection(there.admin_dsn, schema) as connection:
            if schema == PLATFORM_SCHEMA:
                revoke_writing(connection, schema, PLATFORM_ROLE, *_kept("operator"))
                connection.exec_driver_sql(
                    f"REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} FROM {TENANT_GROUP}"
                )
            else:
                revoke_writing(connection, schema, schema, *_kept("staff"))


def _kept(accounts: str) -> tuple[str, ...]:
    """What a login writes, on a copy too: failures are counted, a second factor and a recovery code used up."""
    return accounts, f"{accounts}_factor", f"{accounts}_recovery_code"


def moment_of(there: Settings, copy: Copy) -> datetime:
    """Of which moment the restored data are: the last commit that was recovered."""
    with reading_all(there.admin_dsn) as connection:
        row = connection.execute(_LAST).fetchone()
    last: datetime | None = row[0] if row else None
    return (last or copy.finished).astimezone(JAPAN)


def environment_of(there: Settings, moment: datetime) -> dict[str, str]:
    """What `yoriai serve` has to be told to serve the copy."""
    return {
        "YORIAI_ADMIN_DSN": there.admin,
        "YORIAI_DSN": there.app,
        "YORIAI_SECRET": there.secret,
        "YORIAI_DATA_KEYS": there.data_keys,
        "YORIAI_PRACTICE": "1" if there.practice else "0",
        "YORIAI_COPY_OF": moment.isoformat(timespec="seconds"),
    }


@contextmanager
def serving(
    there: Settings, moment: datetime, port: int, host: str = "127.0.0.1"
) -> Iterator["subprocess.Popen[bytes]"]:
    """The application on the copy as a process of its own, ended with the block."""
    command = [
        sys.executable,
        "-c",
        "from yoriai.cli import main; main()",
        "serve",
        "--host",
        host,
        "--port",
        str(port),
    ]
    environment = {**os.environ, **environment_of(there, moment)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()
