"""How commands speak: lines for people, JSON for machines, exit code 2 for input that was refused."""

import functools
import json
from collections.abc import Callable
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import psycopg
import sqlalchemy.exc
import typer

from yoriai.errors import Unavailable, YoriaiError

REFUSED = 2
FAILED = 1
Json = Annotated[bool, typer.Option("--json", help="write JSON for machines")]
P = ParamSpec("P")
R = TypeVar("R")


def emit(value: Any, *, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """Print the value as JSON, or the lines for people."""
    if as_json:
        typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
        return
    for line in lines():
        typer.echo(line)


def refuse(error: YoriaiError, *, as_json: bool, code: int = REFUSED) -> NoReturn:
    """Print what is wrong and where, and end with exit code 2 unless another is given."""
    if as_json:
        typer.echo(json.dumps(error.to_json(), ensure_ascii=False, indent=2))
    else:
        typer.echo(error.message, err=True)
        for field in error.fields:
            place = f"{field.file}:{field.line}: " if field.file else ""
            why = " ".join(part for part in (f"[{field.rule}]" if field.rule else "", field.article) if part)
            typer.echo(f"  {place}{field.field}: {field.message} {why}".rstrip(), err=True)
    raise typer.Exit(code)


def refusing(command: Callable[P, R]) -> Callable[P, R]:
    """Make a command with an `as_json` parameter refuse expected errors instead of showing a traceback."""

    @functools.wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except YoriaiError as error:
            refuse(error, as_json=bool(kwargs.get("as_json")))
        except (psycopg.OperationalError, sqlalchemy.exc.OperationalError) as failure:
            reason = str(failure).splitlines()[0]
            refuse(
                Unavailable(f"データベースに接続できません: {reason}"), as_json=bool(kwargs.get("as_json")), code=FAILED
            )

    return call
