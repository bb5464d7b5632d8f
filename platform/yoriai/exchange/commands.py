"""`yoriai exchange`: system accounts and their scopes, files sent and received; by hand or by a timer."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from yoriai.audit import SYSTEM, Principal
from yoriai.clock import now
from yoriai.commands.output import REFUSED, Json, emit, refusing
from yoriai.commands.staff import save_account
from yoriai.errors import Conflict, NotFound
from yoriai.exchange import receiving
from yoriai.exchange.accounts import refuse_staff, role_for_systems, set_scopes
from yoriai.exchange.area import area_of
from yoriai.exchange.data_sets import all_data_sets, get_data_set
from yoriai.exchange.manifests import describe
from yoriai.exchange.receivers import Taken, all_receivers, get_receiver
from yoriai.exchange.sending import send
from yoriai.settings import Settings, load_settings
from yoriai.tenancy.apply import list_applied
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database

commands = typer.Typer(no_args_is_help=True, help="data exchange with other systems")
Code = Annotated[str, typer.Argument(help="municipality code")]
Purpose = Annotated[str, typer.Option(help="why others get the data; stands in the audit trail")]


@commands.command("account")
@refusing
def run_account(
    code: Code,
    login: str,
    name: Annotated[str, typer.Option(help="the system's name")],
    data_set: Annotated[list[str], typer.Option(help="a data set it may pull; several")],
    purpose: Purpose,
    as_json: Json = False,
) -> None:
    """Make a system account, or renew its secret and scopes; the secret is printed once."""

    async def act(database: Database, settings: Settings, config: TenantConfig) -> dict[str, Any]:
        secret = secrets.token_urlsafe(32)
        role = role_for_systems(config)
        async with database.write(config.tenant, _operator()) as session:
            await refuse_staff(session, login, role)
            revoked = await set_scopes(session, login, data_set, purpose, now())
        await save_account(database, config, login, name, "他システム", secret, [role])
        return {"tenant": code, "login": login, "secret": secret, "data_sets": data_set, "revoked": revoked}

    result = _run(code, act)
    emit(
        result,
        as_json=as_json,
        lines=lambda: [f"{login} / {result['secret']}", f"取得できるデータ: {'、'.join(data_set)}"],
    )


@commands.command("send")
@refusing
def run_send(
    code: Code,
    purpose: Purpose,
    data_set: Annotated[list[str] | None, typer.Option(help="a data set; all when none is given")] = None,
    full: Annotated[bool, typer.Option("--full", help="everything instead of what has changed")] = False,
    as_json: Json = False,
) -> None:
    """Lay files into the exchange area: what has changed since the file before, or everything where there is none."""

    async def act(database: Database, settings: Settings, config: TenantConfig) -> list[dict[str, Any]]:
        sent = []
        for name in data_set or list(all_data_sets()):
            kind = "full" if full else "difference"
            area = area_of(settings, config.tenant)
            try:
                async with database.write(config.tenant, _operator()) as session:
                    done = await send(session, area, get_data_set(name), kind, now(), purpose)
            except Conflict:
                async with database.write(config.tenant, _operator()) as session:
                    done = await send(session, area, get_data_set(name), "full", now(), purpose)
            sent.append(asdict(done))
        return sent

    result = _run(code, act)
    emit(
        result,
        as_json=as_json,
        lines=lambda: [f"{each['path']}: {each['rows']:,}行、削除{each['gone']:,}行" for each in result],
    )


@commands.command("receive")
@refusing
def run_receive(
    code: Code,
    receiver: Annotated[list[str] | None, typer.Option(help="a kind of file; all when none is given")] = None,
    as_json: Json = False,
) -> None:
    """Take the files that lie in the exchange area with their manifests; rows with errors are set aside for the screen."""

    async def act(database: Database, settings: Settings, config: TenantConfig) -> list[dict[str, Any]]:
        area = area_of(settings, config.tenant)
        taken = []
        for name in receiver or list(all_receivers()):
            kind = get_receiver(name)
            for path, done in await receiving.take_waiting(
                lambda: database.write(config.tenant, _operator()), area, kind, config, now()
            ):
                if isinstance(done, Taken):
                    taken.append(done.model_dump())
                else:
                    taken.append({"path": path, **done.to_json()})
        return taken

    result = _run(code, act)
    emit(
        result,
        as_json=as_json,
        lines=lambda: [
            " ".join([f"{each['path']}:", each["message"], *(error["message"] for error in each["errors"])])
            if "code" in each
            else f"{each['path']}: {each['rows']:,}行のうち{each['recorded']:,}行を登録、{each['set_aside']:,}行を保留"
            for each in result
        ],
    )
    if any(each.get("code", Conflict.code) != Conflict.code for each in result):
        raise typer.Exit(REFUSED)


@commands.command("manifest")
@refusing
def run_manifest(file: Annotated[Path, typer.Argument(help="a CSV file that will be sent", exists=True)]) -> None:
    """Print what has to lie beside a file that we shall take (FILE.manifest.json): for whoever lays files into the area."""
    content = file.read_bytes()
    charset, rows = receiving.count_rows(content)
    typer.echo(json.dumps(describe(file.name, rows, charset, content), ensure_ascii=False, indent=1))


def _operator() -> Principal:
    return replace(SYSTEM, login="exchange", terminal="yoriai exchange")


def _run(code: str, act: Callable[[Database, Settings, TenantConfig], Awaitable[Any]]) -> Any:
    settings = load_settings()
    config = next((each.config for each in list_applied(settings.admin_dsn) if each.config.code == code), None)
    if config is None:
        raise NotFound(f"{code} という市町村は適用されていません。")

    async def run() -> Any:
        database = Database(settings.app_dsn, size=2)
        try:
            return await act(database, settings, config)
        finally:
            await database.close()

    return asyncio.run(run())
