"""Where things are: read from the environment once, with the embedded server of the checkout as the default."""

import json
import os
import re
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from yoriai.errors import Unavailable
from yoriai.sealing import Sealer, new_key

ROOT = Path(__file__).resolve().parent.parent.parent
"""The checkout: `tenants/`, `modules/` and `var/` are under it."""
_DSN = re.compile(r"postgresql://([^@/\s]*@)?[^@/\s]*/[^@/\s?]+(\?\S*)?")


@dataclass(frozen=True)
class Settings:
    """Where data and configuration are; `admin` and `app` are DSNs, empty when no database is known."""

    admin: str
    app: str
    secret: str
    data_keys: str
    """Keys that seal 個人番号 and the like, see `yoriai.sealing`."""
    var: Path
    tenants: Path
    practice: bool
    """Whether the data are invented: every page then says so."""
    backup: str = ""
    """The DSN that takes copies of the whole server."""
    probe: str = ""
    """The DSN of an availability probe: on its own machine the only one."""
    copy_of: str = ""
    """Of which moment the data are a copy (ISO 8601): then everything can be looked at and nothing changed (縮退運転)."""

    @cached_property
    def sealer(self) -> Sealer:
        """What seals and opens with these keys."""
        return Sealer(self.data_keys)

    @property
    def admin_dsn(self) -> str:
        """The DSN that migrates and applies tenants; raises `Unavailable` when there is none."""
        return _known("YORIAI_ADMIN_DSN", self.admin)

    @property
    def app_dsn(self) -> str:
        """The DSN that serves, which by itself can read nothing; raises `Unavailable` when there is none."""
        return _known("YORIAI_DSN", self.app)

    @property
    def backup_dsn(self) -> str:
        """The DSN that takes copies; raises `Unavailable` when there is none."""
        return _known("YORIAI_BACKUP_DSN", self.backup, "yoriai db bootstrap")

    @property
    def probe_dsn(self) -> str:
        """The DSN by which a probe writes down what it saw; raises `Unavailable` when there is none."""
        return _known("YORIAI_PROBE_DSN", self.probe, "yoriai availability login")


def var_folder() -> Path:
    """The folder for everything made at run time."""
    return Path(os.environ.get("YORIAI_VAR", ROOT / "var"))


def connection_file() -> Path:
    """Where a started embedded server leaves its two DSNs."""
    return var_folder() / "connection.json"


def load_settings() -> Settings:
    """Settings from `YORIAI_ADMIN_DSN`, `YORIAI_DSN`, `YORIAI_BACKUP_DSN`, `YORIAI_PROBE_DSN`, `YORIAI_SECRET`, `YORIAI_DATA_KEYS`,
    `YORIAI_TENANTS`, `YORIAI_PRACTICE` and `YORIAI_COPY_OF`.

    What is not set is the embedded server's.
    """
    var = var_folder()
    known = json.loads(connection_file().read_text(encoding="utf-8")) if connection_file().exists() else {}
    return Settings(
        admin=os.environ.get("YORIAI_ADMIN_DSN", known.get("admin_dsn", "")),
        app=os.environ.get("YORIAI_DSN", known.get("app_dsn", "")),
        secret=os.environ.get("YORIAI_SECRET") or _own_secret(var, "session.key", lambda: secrets.token_hex(32)),
        data_keys=os.environ.get("YORIAI_DATA_KEYS") or _own_secret(var, "data.keys", new_key),
        var=var,
        tenants=Path(os.environ.get("YORIAI_TENANTS", ROOT / "tenants")),
        practice=os.environ.get("YORIAI_PRACTICE", "1" if known else "0") == "1",
        probe=os.environ.get("YORIAI_PROBE_DSN", ""),
        backup=os.environ.get("YORIAI_BACKUP_DSN", known.get("backup_dsn", "")),
        copy_of=os.environ.get("YORIAI_COPY_OF", ""),
    )


def _known(name: str, dsn: str, command: str = "") -> str:
    """The DSN; raises Unavailable where there is none (the command, if any, has written one into a file), or it cannot be read."""
    if not dsn and command:
        raise Unavailable(f"{name} がありません。{command} がファイルに書いた接続先を設定してください。")
    if not dsn:
        raise Unavailable(
            "データベースの場所が分かりません。make demo か、YORIAI_ADMIN_DSN と YORIAI_DSN の設定をしてください。"
        )
    # The drivers quote what they cannot read, with its password.
    if not _DSN.fullmatch(dsn):
        raise Unavailable(
            f"{name} を接続先として読めません。postgresql://利用者:パスワード@ホスト:ポート/データベース の形で、"
            "記号は %40 のように書いてください(値は表示しません)。"
        )
    return dsn


def _own_secret(var: Path, name: str, make: Callable[[], str]) -> str:
    """A key of this checkout, made once and readable by its owner only."""
    path = var / name
    if not path.exists() or not path.stat().st_size:
        var.mkdir(parents=True, exist_ok=True)
        # Written whole under another name first: several processes start at once, and none may sign with an empty key.
        descriptor, whole = tempfile.mkstemp(dir=var, prefix=f"{name}.", suffix=".new")
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make())
        if path.exists() and not path.stat().st_size:
            path.unlink(missing_ok=True)
        with suppress(FileExistsError):
            os.link(whole, path)
        Path(whole).unlink()
    return path.read_text(encoding="ascii")
