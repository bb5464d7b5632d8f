"""A copy becomes a server of its own, beside the running one, at the end of the log, at a moment, or at the copy's own mark."""

import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from yoriai.continuity.archive import collect
from yoriai.continuity.sites import Copy
from yoriai.errors import Invalid, YoriaiError
from yoriai.server import EmbeddedServer
from yoriai.server.embedded import ServerError
from yoriai.settings import Settings

_RECOVERY_SECONDS = 12 * 3600
_NOT_REACHED = "recovery ended before configured recovery target was reached"
# Nothing of the place the copy comes from may work here: no fetching from a primary, no archiving, no certificates it has not.
_OVERRIDES = {
    "restore_command": '\'cp "{log}/%f" "%p"\'',
    "recovery_target_action": "'promote'",
    "hot_standby": "off",
    "primary_conninfo": "''",
    "archive_mode": "off",
    "archive_command": "''",
    "ssl": "off",
    "shared_preload_libraries": "''",
    "max_connections": "200",
}
_WHO_MAY = """local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
"""


class NotRestored(YoriaiError):
    """A copy could not be made a server; the message says why."""

    status = 500
    code = "not_restored"
    default_message = "写しから復旧できませんでした。"


@dataclass(frozen=True)
class Target:
    """How far to go: to `mark`, to `moment` (aware), or, with neither, as far as the log goes."""

    mark: str = ""
    moment: datetime | None = None

    def settings(self) -> dict[str, str]:
        """PostgreSQL's settings for it."""
        if self.moment:
            return {"recovery_target_time": f"'{self.moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"}
        return {"recovery_target_name": f"'{self.mark}'"} if self.mark else {}


def restore_server(copy: Copy, folder: Path, target: Target, *, lasting: bool = True) -> EmbeddedServer:
    """Make `folder` a server of the copy, start it and let it recover; it answers when this returns.

    One that is not `lasting` gives up crash safety for speed: it is only looked at and removed. The copy and its log are
    only read. Raises Invalid where the folder is in use, NotRestored with the server's own words.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Invalid(f"{folder} は空ではありません。復旧先には新しいフォルダを指定してください。")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    server = EmbeddedServer(folder, durable=lasting)
    try:
        server.adopt(copy.data)
        _prepare(server, copy, target)
        server.start()
        server.wait_for_recovery(_RECOVERY_SECONDS)
    except ServerError as error:
        server.remove()
        if _NOT_REACHED in str(error):
            raise NotRestored(
                f"{copy.site} の記録は、指定の時点まで届いていません。もっと前の時点を指定してください。"
            ) from error
        raise NotRestored(f"写し {copy.copy_id} を起動できませんでした。\n{error}") from error
    except (NotRestored, OSError, shutil.Error):
        # Half of a copy must not stay where nobody looks for it, nor keep the next try from the folder.
        server.remove()
        raise
    shutil.rmtree(server.home / "wal", ignore_errors=True)
    return server


def settings_of(settings: Settings, server: EmbeddedServer) -> Settings:
    """The same logins on the restored server."""
    return replace(
        settings,
        admin=_moved(settings.admin_dsn, server.port),
        app=_moved(settings.app_dsn, server.port),
        backup=_moved(settings.backup, server.port) if settings.backup else "",
    )


def _prepare(server: EmbeddedServer, copy: Copy, target: Target) -> None:
    log = server.home / "wal"
    if collect(copy.log, copy.start_segment, log) == 0 and (target.moment or target.mark):
        raise NotRestored(f"{copy.site} に写し {copy.copy_id} の後の記録(wal)がありません。")
    for path in (log, *log.iterdir()):
        server.own(path)
    values = {name: text.format(log=log) for name, text in _OVERRIDES.items()} | target.settings()
    # Where the original keeps its configuration elsewhere (Debian), the copy has none.
    for name in ("postgresql.conf", "pg_ident.conf"):
        (server.data / name).touch()
        server.own(server.data / name)
    with (server.data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.writelines(f"{name} = {value}\n" for name, value in values.items())
    (server.data / "pg_hba.conf").write_text(_WHO_MAY, encoding="utf-8")
    (server.data / "recovery.signal").touch()
    for name in ("pg_hba.conf", "postgresql.auto.conf", "recovery.signal"):
        server.own(server.data / name)


def _moved(dsn: str, port: int) -> str:
    """The DSN with the restored server's place."""
    return re.sub(r"@[^/]*/", f"@127.0.0.1:{port}/", dsn, count=1)
