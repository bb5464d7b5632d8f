"""`yoriai`, the command. Only the group that is asked for is imported: the others' libraries take longer than most commands."""

import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from yoriai import registry

_GROUPS = {
    "tenants": "yoriai.commands.tenants:commands",
    "db": "yoriai.commands.database:commands",
    "audit": "yoriai.commands.audit:commands",
    "staff": "yoriai.commands.staff:commands",
    "operator": "yoriai.commands.staff:operator_commands",
    "keys": "yoriai.commands.keys:commands",
    "availability": "yoriai.availability.commands:commands",
    "backup": "yoriai.continuity.backup_commands:commands",
    "restore": "yoriai.continuity.restore_commands:commands",
    "extraction": "yoriai.extraction.commands:commands",
    "migrate": "yoriai.onboarding.commands:commands",
    "exchange": "yoriai.exchange.commands:commands",
}


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: Annotated[int, typer.Option(help="processes")] = 1,
    tls_cert: Annotated[Path | None, typer.Option(help="certificate with its chain (PEM): serve over TLS")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="its private key (PEM)")] = None,
    tls_client_ca: Annotated[
        Path | None, typer.Option(help="admit only clients with a certificate of these CAs (PEM)")
    ] = None,
) -> None:
    """Serve the application on any PostgreSQL named by YORIAI_DSN, or on the embedded one; over TLS 1.2 or newer when given."""
    import uvicorn

    from yoriai.web.tls import secured

    uvicorn.run(
        "yoriai.web.main:app",
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        server_header=False,
        access_log=False,
        **secured(tls_cert, tls_key, tls_client_ca),
    )


def make_app(wanted: str = "") -> typer.Typer:
    """The command line with the group `wanted`, or with all of them where that is none (for the help)."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Yoriai: many municipalities, one system",
    )
    groups = {**_GROUPS, **{name: f"{name}.commands:commands" for name in registry.companions()}}
    for name, reference in groups.items():
        if wanted in (name, "") or wanted not in {*groups, "calc", "serve"}:
            app.add_typer(registry.load(reference), name=name)
    if wanted not in groups:
        app.command("calc")(importlib.import_module("yoriai.rules.command").calc)
    app.command("serve")(serve)
    return app


def main() -> None:
    """Run the command line."""
    make_app(sys.argv[1] if len(sys.argv) > 1 else "")()
