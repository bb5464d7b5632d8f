"""日次運用報告: the facts of a night put into words, and printed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from batch.reads.curves import CounterSample, NightCurves, ResourceCurve, highest_between, read_curves
from batch.reads.jobs import act_label
from batch.reads.nights import (
    RESOURCE_LABELS,
    Night,
    NightOfCenter,
    get_night_of_center,
    read_names,
    shown_moment,
    shown_span,
)
from batch.reads.report import NightReport, marks_of, read_report
from yoriai.dates import format_wareki
from yoriai.documents import render_pdf
from yoriai.tenancy.session import Reader

TEMPLATE = Path(__file__).parent / "night_report.typ"
_SPANS = 160
_SEVERITIES = {"critical": "重大", "warning": "警告", "info": "情報"}


async def report_of_center(session: Reader, night: Night, at: datetime) -> dict[str, Any]:
    """The report of all municipalities, with peaks, curves and counters."""
    facts = await get_night_of_center(session, night.night_key)
    names = await read_names(session)
    rows = await read_report(session, night, at)
    curves = await read_curves(session, night, facts)
    return {**_common(night, rows, names, at, title="日次運用報告"), **_of_center(night, facts, curves, rows, at)}


async def report_of_municipality(session: Reader, night: Night, code: str, name: str, at: datetime) -> dict[str, Any]:
    """The report of one municipality: its own jobs, acts and alerts."""
    rows = await read_report(session, night, at, code)
    return {**_common(night, rows, {code: name}, at, title=f"日次運用報告 {name}"), "center": None}


def print_report(data: Mapping[str, Any], *, made_at: datetime, practice: bool) -> bytes:
    """The report as PDF/A. Blocks; raises FontMissing."""
    values = {**data, "made": shown_moment(made_at), "practice": practice}
    return render_pdf(TEMPLATE, values, made_at=made_at)


def _common(night: Night, rows: NightReport, names: Mapping[str, str], at: datetime, *, title: str) -> dict[str, Any]:
    def name(row: Mapping[str, Any]) -> str:
        return names.get(row["municipality_code"], row["municipality_code"])

    totals: Counter[str] = Counter()
    for row in rows.municipalities:
        totals.update({key: int(row[key]) for key in ("jobs", "good", "warned", "stopped", "skipped", "open")})
    marked = [(row, marks_of(row, at)) for row in rows.exceptions]
    late = [row for row, marks in marked if {"打切時刻超過", "終了遅延", "開始遅延"} & set(marks)]
    return {
        "title": title,
        "business_date": format_wareki(night.business_date),
        "rerun_no": night.rerun_no,
        "status": night.label,
        "started": night.clock(night.started_at),
        "ended": night.clock(night.ended_at),
        "took": shown_span(_milliseconds(night.started_at, night.ended_at)),
        "totals": dict(totals),
        "late": len(late),
        "reruns": sum(row["generation"] > 0 for row in rows.exceptions),
        "forced": sum(row["is_forced"] for row in rows.exceptions),
        "municipalities": [
            {
                "name": name(row),
                "jobs": row["jobs"],
                "good": row["good"],
                "warned": row["warned"],
                "stopped": row["stopped"],
                "skipped": row["skipped"],
                "open": row["open"],
                "started": night.clock(row["started_at"]),
                "ended": night.clock(row["ended_at"]),
                "planned": night.clock(row["planned_end"]),
                "rows_out": row["rows_out"],
                "rows_error": row["rows_error"],
            }
            for row in rows.municipalities
        ],
        "exceptions": [
            {
                "name": name(row),
                "label": row["label"],
                "marks": "、".join(marks),
                "planned": night.clock(row["planned_end"]),
                "ended": night.clock(row["ended_at"]),
                "message": row["message"],
                "is_bad": row["state"] in ("failed", "cutoff", "killed"),
            }
            for row, marks in marked
            if marks
        ],
        "acts": [
            {
                "at": night.clock(row["at"]),
                "act": act_label(row["act"]),
                "name": name(row),
                "label": row["label"],
                "actor": row["actor"],
                "message": row["message"],
            }
            for row in rows.acts
        ],
        "alerts": [
            {
                "at": night.clock(row["raised_at"]),
                "severity": _SEVERITIES[row["severity"]],
                "name": name(row),
                "message": row["message"],
                "affected": row["affected"],
                "by": row["acknowledged_by"] or "",
                "note": row["note"],
                "cleared": night.clock(row["cleared_at"]),
            }
            for row in rows.alerts
        ],
        "differences": [
            {
                "name": name(row),
                "label": row["label"],
                "rows_out": row["rows_out"],
                "last_rows_out": row["last_rows_out"],
                "control_total": row["control_total"],
                "last_control_total": row["last_control_total"],
                "last": f"{shown_moment(row['last_ended_at'])[:10]}",
            }
            for row in rows.differences
        ],
    }


def _of_center(
    night: Night, facts: NightOfCenter, curves: NightCurves, rows: NightReport, at: datetime
) -> dict[str, Any]:
    plan = facts.plan
    ends = [moment for curve in curves.resources for moment, _ in (*curve.planned[-1:], *curve.reserved[-1:])]
    starts = [moment for curve in curves.resources for moment, _ in (*curve.planned[:1], *curve.reserved[:1])]
    first, last = min(starts, default=night.begins), max(ends, default=night.begins)
    edges = [first + max(last - first, timedelta(seconds=1)) * number / _SPANS for number in range(_SPANS + 1)]
    until = at if night.status == "running" else None
    first_start = min((row["started_at"] for row in rows.municipalities if row["started_at"]), default=None)
    last_end = max((row["ended_at"] for row in rows.municipalities if row["ended_at"]), default=None)
    return {
        "center": {
            "makespan": shown_span(_milliseconds(first_start, last_end)),
            "planned_makespan": shown_span(plan.get("makespan_ms")),
            "bound": shown_span(plan.get("bound_ms")),
            "planned_end": plan.get("expected_end", ""),
            "first": night.clock(first),
            "last": night.clock(last),
            "resources": [_resource(curve, edges, plan, until) for curve in curves.resources],
            "counters": _counters(curves.counters, facts),
        }
    }


def _resource(
    curve: ResourceCurve, edges: Sequence[datetime], plan: Mapping[str, Any], until: datetime | None
) -> dict[str, Any]:
    unit = 1000 if curve.name == "cpu" else 1
    passed = [edge for edge in edges if until is None or edge <= until]
    measured = f"{curve.measured_peak // unit}" + (f".{curve.measured_peak % 1000 // 100}" if unit == 1000 else "")
    return {
        "label": RESOURCE_LABELS[curve.name],
        "capacity": max((units for _, units in curve.capacity), default=0),
        "planned_peak": curve.planned_peak,
        "reserved_peak": curve.reserved_peak,
        "measured_peak": measured if curve.measured else "-",
        "unstaggered": (plan.get("unstaggered_peak") or {}).get(curve.name),
        "top": max(curve.top, 1),
        "planned": highest_between(curve.planned, edges),
        "reserved": highest_between(curve.reserved, passed),
        "measured": highest_between(curve.measured, passed) if curve.measured else [],
        "measured_top": max(curve.top, 1) * unit,
        "line": highest_between(curve.capacity, edges),
    }


def _counters(samples: Sequence[CounterSample], facts: NightOfCenter) -> dict[str, Any] | None:
    if not samples:
        return None
    ordered = sorted(sample.p95_us for sample in samples)
    slowed = sum(sample.pace < 100 for sample in samples)
    return {
        "median_ms": ordered[len(ordered) // 2] // 1000,
        "highest_ms": ordered[-1] // 1000,
        "quiet_ms": facts.counter_quiet_us // 1000 if facts.counter_quiet_us is not None else None,
        "limit_ms": facts.counter_limit_ms,
        "slowed_percent": slowed * 100 // len(samples),
    }


def _milliseconds(start: datetime | None, end: datetime | None) -> int | None:
    return int((end - start) / timedelta(milliseconds=1)) if start and end else None
