"""`yoriai`, the command."""

import importlib
from typing import Annotated

import typer

from yoriai import registry
from yoriai.commands import audit, database, staff, tenants
from yoriai.rules.command import calc

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Yoriai: many municipalities, one system",
)
app.add_typer(tenants.commands, name="tenants")
app.add_typer(database.commands, name="db")
app.add_typer(audit.commands, name="audit")
app.add_typer(staff.commands, name="staff")
app.add_typer(staff.operator_commands, name="operator")
app.command("calc")(calc)


@app.command("serve")
def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: Annotated[int, typer.Option(help="processes")] = 1,
) -> None:
    """Serve the application on any PostgreSQL named by YORIAI_DSN, or on the embedded one."""
    import uvicorn

    uvicorn.run(
        "yoriai.web.main:app",
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        server_header=False,
        access_log=False,
    )


def main() -> None:
    """Run the command line with the companions' commands added."""
    for name in registry.companions():
        app.add_typer(importlib.import_module(f"{name}.commands").commands, name=name)
    app()
