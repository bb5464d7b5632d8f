"""The layout's files from what is in the database: for the next system, for a practice, as a model for writers of files."""

from pathlib import Path
from typing import Any

import polars as pl

from yoriai.audit import APPEND, AuditEvent, Principal, to_argument, to_rows
from yoriai.onboarding.catalogue import all_tables
from yoriai.onboarding.checking import Progress
from yoriai.onboarding.layout import Context, Kind, Table
from yoriai.onboarding.reconciling import read_loaded
from yoriai.private_files import write_private
from yoriai.tenancy.bulk import BulkDatabase

_PERSONS_OF_EVENT = 5_000


def export(
    database: BulkDatabase, context: Context, purpose: str, progress: Progress = lambda _: None
) -> dict[str, int]:
    """Write a CSV (UTF-8) of each table into the folder; records by table. Sealed numbers are in them: audited person by person."""
    context.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    counts = {}
    tenant = context.config.tenant
    for name, table in all_tables().items():
        progress(f"{table.label}を書き出しています")
        with database.read(tenant) as session:
            frame = read_loaded(table, session, context)
            if table.beside:
                frame = frame.join(table.beside(session, context.folder), on=list(table.key), how="left")
        with database.write(tenant) as session:
            who = Principal(context.staff, terminal=context.terminal)
            session.read(APPEND, (to_argument(to_rows(who, _events(table, frame, purpose))),))
        write_csv(table, frame, context.folder / table.file_name)
        counts[name] = frame.height
    return counts


def write_csv(table: Table, frame: pl.DataFrame, path: Path) -> None:
    """The frame as a file of the layout, readable by its owner only."""
    items = [column for column in table.columns if column.key in frame.columns]
    written = frame.select(_as_text(column.key, column.kind).alias(column.label) for column in items)
    write_private(path, written.write_csv(line_terminator="\r\n").encode())


def _as_text(key: str, kind: Kind) -> pl.Expr:
    if kind is Kind.FLAG:
        return pl.when(pl.col(key)).then(pl.lit("1")).otherwise(pl.lit("0"))
    return pl.col(key)


def _events(table: Table, frame: pl.DataFrame, purpose: str) -> list[AuditEvent]:
    subject = f"onboarding:{table.name}"
    sealed = [column.label for column in table.columns if column.sealed]
    summary: dict[str, Any] = {"rows": frame.height, "sealed": sealed}
    events = [AuditEvent("onboarding.export.view", subject, purpose, summary)]
    people = frame[table.person].drop_nulls().unique().sort().to_list() if table.person else []
    action = "number.view" if sealed else "onboarding.export.view"
    for start in range(0, len(people), _PERSONS_OF_EVENT):
        persons = people[start : start + _PERSONS_OF_EVENT]
        events.append(AuditEvent(action, subject, purpose, {"persons": persons, "count": len(persons)}))
    return events
