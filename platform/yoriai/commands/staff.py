"""`yoriai staff`: accounts of a municipality's staff."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Any

import typer

from yoriai.audit import SYSTEM, AuditEvent
from yoriai.clock import now
from yoriai.commands.output import Json, emit, refusing
from yoriai.errors import FieldError, Invalid
from yoriai.security.factors import add_totp, reset_factors
from yoriai.security.registration import Issued, issue_code
from yoriai.security.totp import new_secret
from yoriai.security.vault import Vault
from yoriai.settings import Settings, load_settings
from yoriai.tenancy.apply import list_applied
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import Center, read_deployment
from yoriai.tenancy.ref import CENTER, TenantRef, place_of
from yoriai.tenancy.session import Database, WriteSession
from yoriai.web.identity import hash_password

commands = typer.Typer(no_args_is_help=True, help="accounts of staff")
_SHORTEST_REASON = 2
Label = Annotated[str, typer.Option(help="which token or app it is for")]
Reason = Annotated[str, typer.Option(help="why; it stands in the audit trail")]
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
    config = _applied(settings, tenant)
    password = secrets.token_urlsafe(12)
    asyncio.run(_add(settings.app_dsn, config, login, name, section, password, role))
    result = {"tenant": tenant, "login": login, "password": password}
    emit(result, as_json=as_json, lines=lambda: [f"{login} / {password}"])


@commands.command("token")
@refusing
def run_token(
    tenant: str,
    login: str,
    label: Label = "配付したトークン",
    as_json: Json = False,
) -> None:
    """Register a one-time password token for an account and print its secret once: for tokens that the office hands out."""
    settings = load_settings()
    _hand_out_token(settings, _applied(settings, tenant).tenant, login, label, as_json=as_json)


@commands.command("reset-factor")
@refusing
def run_reset_factor(
    tenant: str,
    login: str,
    reason: Reason,
    as_json: Json = False,
) -> None:
    """End all second factors of an account, for the day on which no administrator can: it has to register again."""
    settings = load_settings()
    _reset(settings, _applied(settings, tenant).tenant, login, reason, as_json=as_json)


@commands.command("registration-code")
@refusing
def run_registration_code(tenant: str, login: str, reason: Reason, as_json: Json = False) -> None:
    """A code for an account's first second factor, printed once: for the first administrator, whom no other can give one."""
    settings = load_settings()
    _issue(settings, _applied(settings, tenant).tenant, login, reason, as_json=as_json)


def _refuse_no_reason(reason: str) -> None:
    if len(reason.strip()) < _SHORTEST_REASON:
        raise Invalid(fields=[FieldError("reason", "理由を書いてください。")])


def _hand_out_token(settings: Settings, tenant: TenantRef | None, login: str, label: str, *, as_json: bool) -> None:
    secret = asyncio.run(_with_database(settings, lambda it: give_token(it, settings, tenant, login, label)))
    result = {"tenant": place_of(tenant), "login": login, "secret": secret}
    emit(result, as_json=as_json, lines=lambda: [f"{login} / {secret}"])


def _reset(settings: Settings, tenant: TenantRef | None, login: str, reason: str, *, as_json: bool) -> None:
    _refuse_no_reason(reason)

    async def reset(database: Database) -> int:
        async with _writing(database, tenant) as session:
            return await reset_factors(session, Vault(tenant, settings.sealer), login, reason.strip(), now())

    ended = asyncio.run(_with_database(settings, reset))
    result = {"tenant": place_of(tenant), "login": login, "ended": ended}
    emit(result, as_json=as_json, lines=lambda: [f"{login}: {ended}件"])


def _issue(settings: Settings, tenant: TenantRef | None, login: str, reason: str, *, as_json: bool) -> None:
    _refuse_no_reason(reason)

    async def issue(database: Database) -> Issued:
        async with _writing(database, tenant) as session:
            return await issue_code(session, Vault(tenant, settings.sealer), login, reason.strip(), now())

    issued = asyncio.run(_with_database(settings, issue))
    until = issued.expires_at.isoformat()
    result = {"tenant": place_of(tenant), "login": login, "code": issued.code, "expires_at": until}
    emit(result, as_json=as_json, lines=lambda: [f"{login} / {issued.code}"])


def _writing(database: Database, tenant: TenantRef | None) -> AbstractAsyncContextManager[WriteSession]:
    return database.write(tenant, SYSTEM) if tenant else database.platform_write(SYSTEM)


async def give_token(database: Database, settings: Settings, tenant: TenantRef | None, login: str, label: str) -> str:
    """Register a new secret for an account of the municipality (None: of the centre), not yet proved by its holder; gives it.

    Raises Invalid, Conflict.
    """
    secret, vault = new_secret(), Vault(tenant, settings.sealer)
    async with _writing(database, tenant) as session:
        if not await session.fetch(vault.of("SELECT login FROM {accounts} WHERE login = $1"), login):
            raise Invalid(fields=[FieldError("login", f"{login} という利用者はいません。", rule="unknown")])
        await add_totp(session, vault, login, secret, label, now(), is_handed_out=True)
    return secret


async def _with_database(settings: Settings, work: Callable[[Database], Awaitable[Any]]) -> Any:
    database = Database(settings.app_dsn, size=1)
    try:
        return await work(database)
    finally:
        await database.close()


def _applied(settings: Settings, tenant: str) -> TenantConfig:
    config = next((item.config for item in list_applied(settings.admin_dsn) if item.config.code == tenant), None)
    if config is None:
        raise Invalid(fields=[FieldError("tenant", f"{tenant} という市町村は適用されていません。")])
    return config


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


@operator_commands.command("token")
@refusing
def run_operator_token(login: str, label: Label = "配付したトークン", as_json: Json = False) -> None:
    """Register a one-time password token for an operator and print its secret once."""
    _hand_out_token(load_settings(), None, login, label, as_json=as_json)


@operator_commands.command("reset-factor")
@refusing
def run_operator_reset(login: str, reason: Reason, as_json: Json = False) -> None:
    """End all second factors of an operator, who has to register again."""
    _reset(load_settings(), None, login, reason, as_json=as_json)


@operator_commands.command("registration-code")
@refusing
def run_operator_code(login: str, reason: Reason, as_json: Json = False) -> None:
    """A code for an operator's first second factor, printed once."""
    _issue(load_settings(), None, login, reason, as_json=as_json)


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
