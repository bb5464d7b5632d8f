"""Where things are: read from the environment once, with the embedded server of the checkout as the default."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
"""The checkout: `tenants/`, `modules/` and `var/` are under it."""


@dataclass(frozen=True)
class Settings:
    """`admin_dsn` migrates and applies tenants, `app_dsn` serves; neither holds a tenant by itself."""

    admin_dsn: str
    app_dsn: str
    secret: str
    var: Path
    tenants: Path
    practice: bool
    """Whether the data are invented: every page then says so."""

    @property
    def deployment(self) -> Path:
        """The file with what is one for all municipalities: capacity, placement, login."""
        return self.tenants / "deployment.yaml"


def var_folder() -> Path:
    """The folder for everything made at run time."""
    return Path(os.environ.get("YORIAI_VAR", ROOT / "var"))


def connection_file() -> Path:
    """Where a started embedded server leaves its two DSNs."""
    return var_folder() / "connection.json"


def load_settings() -> Settings:
    """Settings from `YORIAI_ADMIN_DSN`, `YORIAI_DSN`, `YORIAI_SECRET`, `YORIAI_TENANTS` and `YORIAI_PRACTICE`.

    What is not set is the embedded server's.
    """
    var = var_folder()
    known = json.loads(connection_file().read_text(encoding="utf-8")) if connection_file().exists() else {}
    return Settings(
        admin_dsn=os.environ.get("YORIAI_ADMIN_DSN", known.get("admin_dsn", "")),
        app_dsn=os.environ.get("YORIAI_DSN", known.get("app_dsn", "")),
        secret=os.environ.get("YORIAI_SECRET") or _own_secret(var),
        var=var,
        tenants=Path(os.environ.get("YORIAI_TENANTS", ROOT / "tenants")),
        practice=os.environ.get("YORIAI_PRACTICE", "1" if known else "0") == "1",
    )


def _own_secret(var: Path) -> str:
    """The key that signs sessions, made once per checkout and readable by its owner only."""
    path = var / "session.key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")
