"""The demo's own installation under `var/`: server, roles, municipalities, accounts."""

import asyncio
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from yoriai import registry
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.commands.staff import give_token, save_account, save_operator
from yoriai.database.bootstrap import bootstrap, make_backup_role
from yoriai.database.migrate import Migrator, owner_connection
from yoriai.errors import Unavailable
from yoriai.security.factors import reset_factors
from yoriai.security.totp import code_at
from yoriai.security.vault import Vault
from yoriai.server import EmbeddedServer
from yoriai.settings import Settings, connection_file, load_settings, var_folder
from yoriai.tenancy.apply import TenantPlan, apply, plan
from yoriai.tenancy.choice import PLATFORM_SCHEMA
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import Center, read_deployment, read_tenants
from yoriai.tenancy.ref import CENTER
from yoriai.tenancy.session import Database

DATABASE = "yoriai"
_PRACTICE = "練習用（架空の職員）"


def server() -> EmbeddedServer:
    """The demo's PostgreSQL."""
    return EmbeddedServer(var_folder() / "postgres")


def start_server() -> Settings:
    """Start PostgreSQL, make roles and database the first time, and give the settings to reach them.

    `YORIAI_ADMIN_DSN` and `YORIAI_DSN`, when set, name a server of somebody else's, which is used as it is.
    """
    if not (os.environ.get("YORIAI_ADMIN_DSN") and os.environ.get("YORIAI_DSN")):
        own = server()
        own.start()
        known = _connection()
        if f":{own.port}/" not in known.get("admin_dsn", ""):
            _logins_file().unlink(missing_ok=True)
            admin, app = bootstrap(own.dsn(), DATABASE)
            known = {"admin_dsn": admin, "app_dsn": app}
        if f":{own.port}/" not in known.get("backup_dsn", ""):
            known["backup_dsn"] = make_backup_role(own.dsn(), DATABASE)
            _write_private(connection_file(), json.dumps(known))
    return replace(load_settings(), practice=True)


def stop_server() -> None:
    """Stop PostgreSQL and remove everything it made, wherever it is."""
    server().remove()
    connection_file().unlink(missing_ok=True)
    _logins_file().unlink(missing_ok=True)


def apply_tenants(settings: Settings, folder: Path) -> tuple[Migrator, list[TenantPlan]]:
    """Make the installation what the tenant files say."""
    configs = read_tenants(folder)
    migrator = registry.migrator(settings.admin_dsn)
    migrator.upgrade_platform()
    plans = plan(settings.admin_dsn, configs)
    apply(migrator, settings.app_dsn, plans)
    migrator.upgrade_tenants([config.tenant for config in configs])
    return migrator, plans


def make_accounts(settings: Settings, configs: Sequence[TenantConfig]) -> list[dict[str, str]]:
    """A login per role of the centre and of each municipality; passwords are drawn once per installation and kept in `var/`.

    So are the secrets of the one-time passwords of the municipalities' staff, who are all invented (`totp`).
    """
    path = _logins_file()
    if path.exists():
        known: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        is_whole = all(item.get("totp") for item in known)
        if is_whole and {item["tenant"] for item in known} == {CENTER, *(config.code for config in configs)}:
            return known
    logins = asyncio.run(_make_accounts(settings, configs, read_deployment(settings.tenants).center))
    _write_private(path, json.dumps(logins, ensure_ascii=False, indent=2))
    return logins


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Let no second demo work on the same installation at the same time; it waits for the first."""
    with owner_connection(settings.admin_dsn, PLATFORM_SCHEMA) as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('yoriai demo'))")
        yield


def practice_codes() -> list[dict[str, str]]:
    """The demo's logins with the code that an authenticator app of theirs would show now (`code`)."""
    path = _logins_file()
    if not path.exists():
        raise Unavailable("練習用の利用者がまだありません。先に yoriai demo を動かしてください。")
    known: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    moment = now()
    return [{**item, "code": code_at(item["totp"], moment)} for item in known if item.get("totp")]


async def _make_accounts(settings: Settings, configs: Sequence[TenantConfig], center: Center) -> list[dict[str, str]]:
    database = Database(settings.app_dsn, size=1)
    logins = []
    try:
        for login, role in center.roles.items():
            password, name, section = _draw(role)
            await save_operator(database, center, login, name, section, password, [login])
            async with database.platform_write(SYSTEM) as session:
                await reset_factors(session, Vault(None, settings.sealer), login, "練習環境の作り直し", now())
            totp = await give_token(database, settings, None, login, _PRACTICE)
            logins.append({**_entry(CENTER, center.name, role, login, password), "totp": totp})
        for config in configs:
            for login, role in config.document["roles"].items():
                password, name, section = _draw(role)
                await save_account(database, config, login, name, section, password, [login])
                async with database.write(config.tenant, SYSTEM) as session:
                    await reset_factors(
                        session, Vault(config.tenant, settings.sealer), login, "練習環境の作り直し", now()
                    )
                totp = await give_token(database, settings, config.tenant, login, _PRACTICE)
                logins.append({**_entry(config.code, config.name, role, login, password), "totp": totp})
    finally:
        await database.close()
    return logins


def _draw(role: Mapping[str, Any]) -> tuple[str, str, str]:
    """A password, a shown name and a section for somebody with the role."""
    return secrets.token_urlsafe(9), f"{role['label']} 担当", role.get("section", role["label"])


def _entry(place: str, name: str, role: Mapping[str, Any], login: str, password: str) -> dict[str, str]:
    return {"tenant": place, "name": name, "role": role["label"], "login": login, "password": password}


def _logins_file() -> Path:
    return var_folder() / "demo-logins.json"


def _connection() -> dict[str, str]:
    path = connection_file()
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return known


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
