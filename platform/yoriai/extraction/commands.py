"""`yoriai extraction`: work off what waits, by hand or by a timer."""

from typing import Annotated

import typer

from yoriai.commands.output import Json, emit, refusing
from yoriai.extraction.work import drain
from yoriai.settings import load_settings

commands = typer.Typer(no_args_is_help=True, help="extractions (EUC)")


@commands.callback()
def _group() -> None:
    """Extractions (EUC)."""


@commands.command("work")
@refusing
def run_work(tenants: Annotated[list[str], typer.Argument(help="municipality codes")], as_json: Json = False) -> None:
    """Make the files that wait in these municipalities and remove those whose days are over."""
    settings = load_settings()
    counts = {code: drain(settings, code) for code in tenants}
    emit(counts, as_json=as_json, lines=lambda: [f"{code}: {count}件" for code, count in counts.items()])
