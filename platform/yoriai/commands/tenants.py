"""`yoriai tenants`: what would change, making it so, and looking at what is in force."""

import json
from pathlib import Path
from typing import Annotated

import typer

from yoriai import registry
from yoriai.commands.output import Json, emit, refusing
from yoriai.errors import NotFound
from yoriai.settings import load_settings
from yoriai.tenancy import apply as applying
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_tenants
from yoriai.tenancy.schema import deployment_schema, tenant_schema

commands = typer.Typer(no_args_is_help=True, help="municipalities as configuration")
Folder = Annotated[Path | None, typer.Option("--tenants", help="folder of the tenant files")]


@commands.command("plan")
@refusing
def show_plan(tenants: Folder = None, as_json: Json = False) -> None:
    """Show what `apply` would change; exit code 2 and all errors when a file is wrong."""
    settings = load_settings()
    plans = applying.plan(settings.admin_dsn, read_tenants(tenants or settings.tenants))
    emit([item.to_json() for item in plans], as_json=as_json, lines=lambda: _plan_lines(plans))


@commands.command("apply")
@refusing
def run_apply(tenants: Folder = None, as_json: Json = False) -> None:
    """Make the installation what the files say; nothing is applied when any file is wrong."""
    settings = load_settings()
    configs = read_tenants(tenants or settings.tenants)
    migrator = registry.migrator(settings.admin_dsn)
    migrator.upgrade_platform()
    plans = applying.plan(settings.admin_dsn, configs)
    applying.apply(migrator, settings.app_dsn, plans)
    emit([item.to_json() for item in plans], as_json=as_json, lines=lambda: _plan_lines(plans))


@commands.command("list")
@refusing
def show_list(as_json: Json = False) -> None:
    """The municipalities in force."""
    applied = applying.list_applied(load_settings().admin_dsn)
    rows = [
        {
            "code": item.config.code,
            "name": item.config.name,
            "digest": item.config.digest,
            "applied_at": item.applied_at,
        }
        for item in applied
    ]
    emit(
        rows,
        as_json=as_json,
        lines=lambda: [f"{row['code']}  {row['name']}  {row['applied_at']:%Y-%m-%d %H:%M}" for row in rows],
    )


@commands.command("show")
@refusing
def show_one(code: str, as_json: Json = False) -> None:
    """The configuration in force of one municipality."""
    config = _find(code)
    emit(config.document, as_json=as_json, lines=lambda: [json.dumps(config.document, ensure_ascii=False, indent=2)])


@commands.command("diff")
@refusing
def show_diff(a: str, b: str, as_json: Json = False) -> None:
    """In what two municipalities differ: all there is, for there is no other code."""
    changes = list(applying.differences(_find(a).document, _find(b).document))
    emit([change.to_json() for change in changes], as_json=as_json, lines=lambda: [str(change) for change in changes])


@commands.command("schema")
def show_schema(deployment: Annotated[bool, typer.Option("--deployment", help="of deployment.yaml")] = False) -> None:
    """The JSON Schema of a tenant file."""
    typer.echo(json.dumps(deployment_schema() if deployment else tenant_schema(), ensure_ascii=False, indent=2))


def _find(code: str) -> TenantConfig:
    applied = {item.config.code: item.config for item in applying.list_applied(load_settings().admin_dsn)}
    if code not in applied:
        raise NotFound(f"{code} という市町村は適用されていません。適用済み: {', '.join(applied) or 'なし'}")
    return applied[code]


def _plan_lines(plans: list[applying.TenantPlan]) -> list[str]:
    lines = []
    for item in plans:
        lines.append(f"{item.config.code} {item.config.name}: {item.action}")
        if item.action == "change":
            lines += [f"  {change}" for change in item.changes]
    return lines
