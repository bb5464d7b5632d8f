"""`yoriai batch report`: the morning report as a PDF file, for a timer on the machine."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from batch.documents.report import print_report, report_of_center, report_of_municipality
from batch.reads.nights import find_night, find_night_of, read_names
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.commands.output import Json, refusing
from yoriai.errors import FieldError, Invalid, NotFound
from yoriai.settings import Settings, load_settings
from yoriai.tenancy.session import Database


@refusing
def run_report(
    date_: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="business date; the last night")
    ] = None,
    pdf: Annotated[Path | None, typer.Option(help="the file to write")] = None,
    municipality: Annotated[str, typer.Option(help="of one municipality only")] = "",
    as_json: Json = False,
) -> None:
    """日次運用報告: write the PDF of a night's report, or with --json its facts to standard output."""
    if pdf is None and not as_json:
        raise Invalid(fields=[FieldError("pdf", "--pdf FILE か --json を指定してください。", "missing")])
    settings = load_settings()
    data = asyncio.run(_read(settings, date_, municipality))
    if pdf is not None:
        pdf.write_bytes(print_report(data, made_at=now(), practice=settings.practice))
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2) if as_json else str(pdf))


async def _read(settings: Settings, day: datetime | None, municipality: str) -> dict[str, Any]:
    database = Database(settings.app_dsn, size=1)
    try:
        async with database.platform_read(SYSTEM) as session:
            night = await find_night_of(session, day.date()) if day else await find_night(session)
            if night is None:
                raise NotFound("報告する夜間処理がありません。")
            if not municipality:
                return await report_of_center(session, night, now())
            names = await read_names(session)
            if municipality not in names:
                raise NotFound(f"団体コード{municipality}の団体はありません。")
            return await report_of_municipality(session, night, municipality, names[municipality], now())
    finally:
        await database.close()
