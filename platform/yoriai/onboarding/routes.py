"""The screens of data migrations: what was checked, rehearsed and loaded, in counts; no record is shown here."""

import json
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.onboarding.tenant_models import KINDS
from yoriai.tenancy.session import Record
from yoriai.web import BusinessRouter, Ctx

router = BusinessRouter("onboarding")
_VIEW = "onboarding.view"
_LIST = """
SELECT run_no, kind, system, as_of, digest, started_at, finished_at, staff_id, tables, rules, items
  FROM onboarding_run ORDER BY run_no DESC LIMIT 200"""
_ONE = """
SELECT run_no, kind, system, as_of, digest, started_at, finished_at, staff_id, tables, rules, items
  FROM onboarding_run WHERE run_no = $1"""
_OUTCOMES = {"refused": ("拒否", "danger"), "set_aside": ("保留", "warn"), "noted": ("注意", "info")}


class RunView(BaseModel):
    """A run in the list."""

    run_no: int
    kind: str
    kind_label: str
    system: str
    as_of: date
    digest: str
    started_at: datetime
    finished_at: datetime
    staff_id: str
    records: int
    loaded: int
    set_aside: int
    refused: int


class RunPage(RunView):
    """A run with its tables, its remarks by rule, and the comparison with the database."""

    tables: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    items: list[dict[str, Any]]
    totals: list[dict[str, Any]]


class Runs(BaseModel):
    """The newest runs."""

    runs: list[RunView]


@router.get("/", permission=_VIEW, summary="データ移行の一覧", screen="onboarding/runs.html")
async def show_runs(ctx: Ctx) -> Runs:
    """The newest checks, rehearsals and loads."""
    async with ctx.read() as session:
        return Runs(runs=[RunView(**_summary(row)) for row in await session.fetch(_LIST)])


@router.get("/{run_no}", permission=_VIEW, summary="データ移行の結果", screen="onboarding/run.html")
async def show_run(ctx: Ctx, run_no: int) -> RunPage:
    """One of them with its counts."""
    async with ctx.read() as session:
        row = await session.fetchrow(_ONE, run_no)
        if row is None:
            raise NotFound
        session.audit(AuditEvent("onboarding.view", f"onboarding_run:{run_no}"))
    tables = json.loads(row["tables"])
    labels = {table["table"]: table["label"] for table in tables}
    rules = [
        rule
        | {
            "table_label": labels.get(rule["table"], rule["table"]),
            "outcome_label": _OUTCOMES[rule["outcome"]][0],
            "outcome_kind": _OUTCOMES[rule["outcome"]][1],
        }
        for rule in json.loads(row["rules"])
    ]
    totals = [
        {"table": table["label"], "label": label, "total": total, "loaded": table["loaded_totals"][label]}
        for table in tables
        for label, total in table["totals"].items()
    ]
    return RunPage(**_summary(row), tables=tables, rules=rules, items=json.loads(row["items"]), totals=totals)


def _summary(row: Record) -> dict[str, Any]:
    tables = json.loads(row["tables"])
    names = ("run_no", "kind", "system", "as_of", "digest", "started_at", "finished_at", "staff_id")
    counts = {name: sum(table[name] for table in tables) for name in ("records", "loaded", "set_aside", "refused")}
    return {name: row[name] for name in names} | {"kind_label": KINDS[row["kind"]]} | counts
