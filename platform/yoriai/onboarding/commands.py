"""`yoriai migrate`: take over an old system's data. Nothing is dropped in silence, nothing is half loaded."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from yoriai import registry
from yoriai.clock import now
from yoriai.commands.output import REFUSED, Json, emit, refusing
from yoriai.commands.terminal import find_account, terminal_user
from yoriai.errors import FieldError, Invalid, NotFound
from yoriai.onboarding.catalogue import all_tables
from yoriai.onboarding.exporting import export
from yoriai.onboarding.layout import Context, Table
from yoriai.onboarding.reporting import write_report
from yoriai.onboarding.settings import read_settings, schema
from yoriai.onboarding.tenant_models import KINDS
from yoriai.onboarding.work import Done, Work
from yoriai.settings import Settings, load_settings
from yoriai.tenancy.apply import list_applied
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig

commands = typer.Typer(no_args_is_help=True, help="taking over an old system's data")
Code = Annotated[str, typer.Argument(help="municipality code")]
Folder = Annotated[Path, typer.Option("--folder", help="where the CSV files (and pictures) are")]
Staff = Annotated[
    str,
    typer.Option("--by", help="login of who is responsible: an account of the municipality or of the shared centre"),
]
Report = Annotated[Path | None, typer.Option("--report", help="where the report goes; default: var/onboarding")]
Accept = Annotated[str, typer.Option("--accept", help="number of the report whose refused records are accepted")]


@commands.command("check")
@refusing
def run_check(code: Code, folder: Folder, by: Staff, report: Report = None, as_json: Json = False) -> None:
    """List every bad or unneeded record; exit code 2 when there is any that would not be loaded."""
    settings = load_settings()
    with _work(settings, code, folder, by) as (work, progress):
        done = work.check(progress)
    _tell(done, work, report or settings.var / "onboarding", as_json=as_json)
    if not done.checked.is_clean:
        raise typer.Exit(REFUSED)


@commands.command("rehearse")
@refusing
def run_rehearse(
    code: Code,
    folder: Folder,
    by: Staff,
    accept: Accept = "",
    keep: Annotated[bool, typer.Option("--keep", help="leave the practice copy for looking at it")] = False,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Load what passed into a practice copy of the municipality and compare; the municipality itself is not touched."""
    settings = load_settings()
    with _work(settings, code, folder, by) as (work, progress):
        done = work.rehearse(accept, progress, keep=keep)
    _tell(done, work, report or settings.var / "onboarding", as_json=as_json)


@commands.command("load")
@refusing
def run_load(
    code: Code, folder: Folder, by: Staff, accept: Accept = "", report: Report = None, as_json: Json = False
) -> None:
    """Load all of what passed, or nothing; what is refused or set aside must have been accepted by its report."""
    settings = load_settings()
    with _work(settings, code, folder, by) as (work, progress):
        done = work.load(accept, progress)
    _tell(done, work, report or settings.var / "onboarding", as_json=as_json)


@commands.command("export")
@refusing
def run_export(
    code: Code,
    folder: Folder,
    by: Staff,
    purpose: Annotated[str, typer.Option(help="why; stands in the audit trail")],
    as_json: Json = False,
) -> None:
    """Write the municipality's data as files of the layout, 個人番号 included: for the next system or a practice."""
    settings = load_settings()
    if not purpose.strip():
        raise Invalid(fields=[FieldError("purpose", "目的を書いてください。", "missing")])
    config = _config(settings, code)
    context = Context(config, settings.sealer, now().date(), now(), *_responsible(settings, config, by, folder))
    with _showing() as progress:
        counts = export(BulkDatabase(settings.app_dsn), context, purpose, progress)
    emit(counts, as_json=as_json, lines=lambda: [f"{name}: {count:,}件" for name, count in counts.items()])


@commands.command("layout")
def show_layout(as_json: Json = False) -> None:
    """The tables and items that are taken over, with official names as far as they are known, types, lengths, codes."""
    tables = list(all_tables().values())
    emit([_layout(table) for table in tables], as_json=as_json, lines=lambda: [*_layout_lines(tables)])


@commands.command("schema")
def show_schema() -> None:
    """The JSON Schema of `tenants/<code>/onboarding.yaml`."""
    typer.echo(json.dumps(schema(), ensure_ascii=False, indent=2))


@contextmanager
def _work(settings: Settings, code: str, folder: Path, by: str) -> Iterator[tuple[Work, Callable[[str], None]]]:
    config = _config(settings, code)
    declared = read_settings(settings.tenants, code)
    context = Context(config, settings.sealer, declared.as_of, now(), *_responsible(settings, config, by, folder))
    database = BulkDatabase(settings.app_dsn, keep=True)
    try:
        with _showing() as progress:
            yield Work(database, registry.migrator(settings.admin_dsn), declared, context, now), progress
    finally:
        database.close()


@contextmanager
def _showing() -> Iterator[Callable[[str], None]]:
    """A line that says what is being done; on no terminal, a line for each."""
    console = Console(stderr=True)
    with console.status("準備しています") as status:

        def progress(text: str) -> None:
            status.update(text)
            if not console.is_terminal:
                console.print(text)

        yield progress


def _responsible(settings: Settings, config: TenantConfig, login: str, folder: Path) -> tuple[str, Path, str]:
    """Who stands in the audit trail, and who typed it. Raises Invalid."""
    user = terminal_user()
    return find_account(settings, config.tenant, login), folder, f"yoriai migrate {user.login}@{user.terminal}"


def _config(settings: Settings, code: str) -> TenantConfig:
    found = next((item.config for item in list_applied(settings.admin_dsn) if item.config.code == code), None)
    if found is None:
        raise NotFound(f"{code} という市町村は適用されていません。先に yoriai tenants apply をしてください。")
    return found


def _tell(done: Done, work: Work, folder: Path, *, as_json: bool) -> None:
    paths = write_report(done, work.context.config, work.settings.system, folder)
    emit(done.to_json() | {"reports": paths}, as_json=as_json, lines=lambda: _lines(done, paths))


def _lines(done: Done, paths: dict[str, str]) -> list[str]:
    lines = [f"{KINDS[done.kind]} 第{done.run_no}回　報告番号 {done.checked.digest}"]
    for result in done.checked.tables:
        lines.append(
            f"  {result.table.label}: 読込 {result.records:,} = 取込 {result.loaded:,} + 保留 {result.set_aside:,}"
            f" + 拒否 {result.refused:,}"
        )
    if done.items:
        lines.append(f"  突合: {len(done.items)}項目すべて一致")
    return [*lines, *(f"  {form.upper()}: {path}" for form, path in paths.items())]


def _layout(table: Table) -> dict[str, Any]:
    items = [
        {
            "key": column.key,
            "label": column.label,
            "kind": str(column.kind),
            "length": column.length,
            "required": column.is_required,
            "codes": dict(column.codes),
            "official": column.official,
        }
        for column in table.columns
    ]
    return {"name": table.name, "label": table.label, "file": table.file_name, "note": table.note, "items": items}


def _layout_lines(tables: list[Table]) -> Iterator[str]:
    for table in tables:
        yield f"{table.label}（{table.file_name}）{table.note}"
        for column in table.columns:
            needed = "必須" if column.is_required else ""
            codes = "、".join(f"{code}={word}" for code, word in column.codes.items())
            yield f"  {column.label}\t{column.kind}\t{column.length or ''}\t{needed}\t{codes}\t{column.official}"
