"""`yoriai demo`: from nothing to a served application with a night behind it; `--no-serve` ends after the night."""

import json
import sys
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from batch.pool import resident_workers
from batch.queue import find_night
from batch.run import night_summary
from batch.tonight import execute_night, make_request, resume_night
from demo.installation import apply_tenants, make_accounts, only_one, practice_codes, start_server, stop_server
from demo.loading.population import load_all
from yoriai.clock import today
from yoriai.commands.output import FAILED, refusing
from yoriai.settings import Settings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import CENTER
from yoriai.tenancy.session import platform_connection

commands = typer.Typer(invoke_without_command=True, help="four municipalities, a night, the application")
_console = Console(stderr=True)
_DATE_HELP = "business date; the latest in a payment month"


@commands.callback()
@refusing
def run_demo(
    scale: Annotated[str, typer.Option(help="part of the population, for example 0.02")] = "1",
    port: int = 8000,
    serve: Annotated[bool, typer.Option(help="serve the application after the night")] = True,
    workers: Annotated[int, typer.Option(help="worker processes of the night")] = 2,
    seed: int = 20261122,
    date_: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help=_DATE_HELP),
    ] = None,
    tenants: Annotated[Path | None, typer.Option(help="folder of the tenant files")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="stop the demo's PostgreSQL and delete its data")] = False,
    codes: Annotated[
        bool, typer.Option("--codes", help="print the second factor's codes of the practice staff")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = False,
) -> None:
    """Start PostgreSQL, apply `tenants/`, load invented residents, run a night, serve. Safe to start again: what is done stays.

    With `--no-serve` a JSON summary goes to standard output; what happens meanwhile is on standard error.
    """
    if stop:
        stop_server()
        return
    if codes:
        _print_codes()
        return
    business_date = date_.date() if date_ else latest_payment_day(today())
    begun = time.monotonic()
    settings = start_server()
    with only_one(settings):
        _, plans = apply_tenants(settings, tenants or settings.tenants)
        configs = [item.config for item in plans]
        loaded = load_all(settings, configs, Fraction(scale), seed, business_date, _console)
        logins = make_accounts(settings, configs)
        night = _night(settings, business_date, workers)
    if not serve:
        summary = {"seconds": round(time.monotonic() - begun), "residents": loaded, "night": night}
        typer.echo(json.dumps(summary, ensure_ascii=False, indent=2, default=str))
    if not night["ok"]:
        _console.print("夜間処理に終わっていないジョブがあります。yoriai batch status で確かめてください。")
        raise typer.Exit(FAILED)
    if serve:
        _serve(settings, port, workers, logins, configs)


def latest_payment_day(day: date) -> date:
    """The latest day in an even month, so that the demo's one night has a payment list of 児童手当 in it."""
    return day if day.month % 2 == 0 else day.replace(day=1) - timedelta(days=1)


def _night(settings: Settings, business_date: date, workers: int) -> dict[str, Any]:
    """Run the night with the annual levy in it, go on with one that was cut off, or give the summary of the one that ran."""
    with platform_connection(settings.app_dsn) as connection:
        night_key = find_night(connection, business_date)
        summary = night_summary(connection, night_key) if night_key else None
    if summary is not None and summary["ok"]:
        return summary
    if summary is not None and summary["status"] == "running":
        return resume_night(business_date, workers=workers)
    request = make_request(business_date, nets=_all_nets())
    return execute_night(request, workers=workers, rerun=summary is not None)


def _all_nets() -> frozenset[str]:
    """Every net there is: the demo's one night shows what a year has."""
    from batch.catalogue import load_catalogue

    return frozenset(net.name for net in load_catalogue().nets)


def _print_codes() -> None:
    """The codes of the invented staff, each good for half a minute and once; nobody real has any of these secrets."""
    found = practice_codes()
    for place in dict.fromkeys(item["name"] for item in found):
        typer.echo(f"{place}（練習用。今から30秒ほど、1回だけ使えます）")
        for item in found:
            if item["name"] == place:
                typer.echo(f"  {item['login']:<18}\t{item['code']}")


def _serve(
    settings: Settings, port: int, workers: int, logins: Sequence[dict[str, str]], configs: Sequence[TenantConfig]
) -> None:
    import uvicorn

    from yoriai.web.app import create_app

    print(file=sys.stderr)
    places = [(CENTER, "共同センター"), *((config.code, config.name) for config in configs)]
    for place, name in places:
        print(f"  {name}", file=sys.stderr)
        for item in logins:
            if item["tenant"] == place:
                line = f"    {item['role']:<8}\t{item['login']:<18}\t{item['password']:<12}\t{item.get('totp', '')}"
                print(line.rstrip(), file=sys.stderr)
    print(
        "\n  右端は二要素認証の練習用の鍵（架空の職員のもの）です。認証アプリに入れるか、今の認証コードを次の命令で見てください。"
        "\n    yoriai demo --codes",
        file=sys.stderr,
    )
    print(
        f"\n  http://127.0.0.1:{port}/   (Ctrl-C ends the application; `make clean` removes everything)\n",
        file=sys.stderr,
    )
    with resident_workers(settings.app_dsn, workers):
        uvicorn.run(
            create_app(settings),
            host="127.0.0.1",
            port=port,
            log_level="warning",
            server_header=False,
            access_log=False,
        )
