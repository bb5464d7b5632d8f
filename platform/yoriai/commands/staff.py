"""`yoriai staff`: accounts of a municipality's staff."""

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from yoriai.audit import SYSTEM, AuditEvent
from yoriai.commands.output import Json, emit, refusing
from yoriai.errors import FieldError, Invalid
from yoriai.settings import load_settings
from yoriai.tenancy.apply import list_applied
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import Center, read_deployment
from yoriai.tenancy.session import Database
from yoriai.web.identity import CENTER, hash_password

commands = typer.Typer(no_args_is_help=True, help="accounts of staff")
_SAVE = """
INSERT INTO staff (login, display_name, section, password_hash) VALUES ($1, $2, $3, $4)
ON CONFLICT (login) DO UPDATE SET display_name = excluded.display_name, section = excluded.section,
  password_hash = excluded.password_hash, session_epoch = staff.session_epoch + 1, failed_logins = 0, locked_until = NULL
RETURNING login
"""


@commands.command("add")
@refusing
def run_add(
    tenant: str,
    login: str,
    name: Annotated[str, typer.Option(help="shown name")],
    role: Annotated[list[str], typer.Option(help="a role of the tenant file")],
    section: str = "",
    as_json: Json = False,
) -> None:
    """Make an account, or give an existing one new roles and a new password, which is printed once."""
    settings = load_settings()
    config = next((item.config for item in list_applied(settings.admin_dsn) if item.config.code == tenant), None)
    if config is None:
        raise Invalid(fields=[FieldError("tenant", f"{tenant} という市町村は適用されていません。")])
    password = secrets.token_urlsafe(12)
    asyncio.run(_add(settings.app_dsn, config, login, name, section, password, role))
    result = {"tenant": tenant, "login": login, "password": password}
    emit(result, as_json=as_json, lines=lambda: [f"{login} / {password}"])


operator_commands = typer.Typer(no_args_is_help=True, help="accounts of the shared centre's operators")
_SAVE_OPERATOR = _SAVE.replace("INTO staff", "INTO operator").replace("staff.session_epoch", "operator.session_epoch")


@operator_commands.command("add")
@refusing
def run_add_operator(
    login: str,
    name: Annotated[str, typer.Option(help="shown name")],
    role: Annotated[list[str], typer.Option(help="a role of the centre in tenants/deployment.yaml")],
    section: str = "",
    as_json: Json = False,
) -> None:
    """Make an operator's account, or give an existing one new roles and a new password, which is printed once."""
    settings = load_settings()
    password = secrets.token_urlsafe(12)
    asyncio.run(_add_operator(settings.app_dsn, settings.tenants, login, name, section, password, role))
    result = {"tenant": CENTER, "login": login, "password": password}
    emit(result, as_json=as_json, lines=lambda: [f"{login} / {password}"])


async def _add_operator(
    dsn: str, tenants: Path, login: str, name: str, section: str, password: str, roles: list[str]
) -> None:
    database = Database(dsn, size=1)
    try:
        await save_operator(database, read_deployment(tenants).center, login, name, section, password, roles)
    finally:
        await database.close()


async def save_operator(
    database: Database, center: Center, login: str, name: str, section: str, password: str, roles: list[str]
) -> None:
    """Store an operator's account with its roles; raises `Invalid` for a role the centre does not have."""
    _refuse_unknown(roles, center.roles)
    async with database.platform_write(SYSTEM) as session:
        await session.fetch(_SAVE_OPERATOR, login, name, section, hash_password(password))
        await session.fetch("DELETE FROM operator_role WHERE login = $1 RETURNING role", login)
        for role in roles:
            await session.fetch("INSERT INTO operator_role (login, role) VALUES ($1, $2) RETURNING role", login, role)
        session.audit(AuditEvent("operator.saved", f"operator:{login}", detail={"roles": roles}))


def _refuse_unknown(roles: list[str], known: Mapping[str, Any]) -> None:
    unknown = [role for role in roles if role not in known]
    if unknown:
        message = "「{}」という役割はありません。役割: {}"
        raise Invalid(fields=[FieldError("role", message.format(role, ", ".join(known))) for role in unknown])


async def _add(
    dsn: str, config: TenantConfig, login: str, name: str, section: str, password: str, roles: list[str]
) -> None:
    database = Database(dsn, size=1)
    try:
        await save_account(database, config, login, name, section, password, roles)
    finally:
        await database.close()


async def save_account(
    database: Database, config: TenantConfig, login: str, name: str, section: str, password: str, roles: list[str]
) -> None:
    """Store an account with its roles; raises `Invalid` for a role the municipality does not have."""
    _refuse_unknown(roles, config.document["roles"])
    async with database.write(config.tenant, SYSTEM) as session:
        await session.fetch(_SAVE, login, name, section, hash_password(password))
        await session.fetch("DELETE FROM staff_role WHERE login = $1 RETURNING role", login)
        for role in roles:
            await session.fetch("INSERT INTO staff_role (login, role) VALUES ($1, $2) RETURNING role", login, role)
        session.audit(AuditEvent("staff.saved", f"staff:{login}", detail={"roles": roles}))
