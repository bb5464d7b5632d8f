"""`yoriai audit`: prove that no event was changed or removed."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

import psycopg
import typer

from yoriai.audit import CHAIN, SYSTEM, ChainReport, verify_chain
from yoriai.clock import today
from yoriai.commands.output import FAILED, Json, emit, refusing
from yoriai.errors import NotFound
from yoriai.security.report import Finding, asked_of, list_findings
from yoriai.settings import load_settings
from yoriai.tenancy.apply import list_applied
from yoriai.tenancy.choice import PLATFORM_SCHEMA
from yoriai.tenancy.session import Database

commands = typer.Typer(no_args_is_help=True, help="the audit trail")
_HEAD = "SELECT seq, hash FROM audit_head WHERE id = 1"


@commands.command("verify")
@refusing
def run_verify(tenant: Annotated[str, typer.Option(help="one municipality only")] = "", as_json: Json = False) -> None:
    """Recompute every chain; exit code 1 when an event was changed, removed or put in between.

    Note the printed head elsewhere: a chain cut off at its end and closed again can only be told by comparing with it.
    """
    settings = load_settings()
    schemas = {item.config.code: item.config.tenant.schema for item in list_applied(settings.admin_dsn)}
    if tenant:
        if tenant not in schemas:
            raise NotFound(f"{tenant} という市町村は適用されていません。")
        schemas = {tenant: schemas[tenant]}
    else:
        schemas["platform"] = PLATFORM_SCHEMA
    reports = {name: verify_schema(settings.admin_dsn, schema) for name, schema in schemas.items()}
    emit({name: vars(report) for name, report in reports.items()}, as_json=as_json, lines=lambda: _lines(reports))
    if not all(report.is_intact for report in reports.values()):
        raise typer.Exit(FAILED)


@commands.command("report")
@refusing
def run_report(
    tenant: str,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day; a week back")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day; today")] = None,
    only_new: Annotated[bool, typer.Option("--new", help="only what nobody has seen to yet")] = False,
    as_json: Json = False,
) -> None:
    """What the administrator's report says (failed logins, refusals, unusual viewing): for a timer that sends it on."""
    settings = load_settings()
    config = next((item.config for item in list_applied(settings.admin_dsn) if item.config.code == tenant), None)
    if config is None:
        raise NotFound(f"{tenant} という市町村は適用されていません。")
    asked = asked_of(since.date() if since else None, until.date() if until else None, "", "", today())

    async def read() -> list[Finding]:
        database = Database(settings.app_dsn, size=1)
        try:
            async with database.read(config.tenant, SYSTEM) as session:
                return await list_findings(session, config, asked)
        finally:
            await database.close()

    found = [finding for finding in asyncio.run(read()) if finding.is_new or not only_new]
    emit([finding.model_dump(mode="json") for finding in found], as_json=as_json, lines=lambda: _findings(found))


def _findings(found: list[Finding]) -> list[str]:
    return [
        f"{finding.day} {finding.kind_label} {finding.staff} {finding.count}回"
        + (f" {finding.people}人" if finding.people else "")
        + (" 未確認" if finding.is_new else "")
        for finding in found
    ]


def verify_schema(admin_dsn: str, schema: str) -> ChainReport:
    """Verify the chain in a schema, streaming it; as the owner, for no role of the application may read the head."""
    with psycopg.connect(admin_dsn) as connection:
        # One snapshot for head and events: the chain grows while it is read.
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("SELECT set_config('search_path', %s, true), set_config('timezone', 'UTC', true)", (schema,))
        head: Any = connection.execute(_HEAD).fetchone()
        with connection.cursor(name="chain") as cursor:
            cursor.itersize = 5000
            report = verify_chain(cursor.execute(CHAIN))
    if report.is_intact and (report.events, report.head) != (head[0], bytes(head[1]).hex()):
        return ChainReport(
            report.events, report.head, f"the chain ends at event {report.events}, its head says {head[0]}"
        )
    return report


def _lines(reports: dict[str, ChainReport]) -> list[str]:
    return [
        f"{name}: {report.events} events, "
        + (f"intact, head {report.head}" if report.is_intact else f"BROKEN: {report.fault}")
        for name, report in reports.items()
    ]
