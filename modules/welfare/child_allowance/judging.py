"""The monthly judgement of many cases: what was stored becomes the frames of the rules, the results become decisions."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from modules.welfare.child_allowance.calc import PARAMETERS
from modules.welfare.child_allowance.rules import CHILD, CHILD_ALLOWANCE, JUDGEMENT
from yoriai.dates import add_months
from yoriai.rules import Explanation, Frames, Moment, ParameterSet, explain
from yoriai.tenancy.config import TenantConfig

CASES = """
SELECT case_no, claimed_on, event_on, lost_on FROM child_allowance_case
 WHERE status = ANY($1::text[]) AND case_no >= $2 AND case_no < $3 ORDER BY case_no
"""
CHILDREN = """
SELECT k.case_no, k.id, k.name, k.birth_date, k.is_cared, k.is_supported, k.claimed_on, k.event_on, k.lost_on
  FROM child_allowance_child k WHERE k.superseded_at IS NULL AND k.case_no >= $1 AND k.case_no < $2 ORDER BY k.case_no, k.id
"""
_CASE_INPUT = ("claimed_on", "event_on", "lost_on")
_CHILD_INPUT = ("name", "birth_date", "is_cared", "is_supported", "claimed_on", "event_on", "lost_on")
_CHILD_TYPES: Mapping[str, Any] = {
    "case_no": pl.Int64(),
    "id": pl.Int64(),
    "name": pl.String(),
    **{column.key: column.dtype for column in CHILD.inputs if column.key != "age"},
}
_CASE_TYPES: Mapping[str, Any] = {
    "case_no": pl.Int64(),
    **{column.key: column.dtype for column in JUDGEMENT.inputs if column.key != "month"},
}
_KEEP = {"judgement": ("amount", "eligible_children"), "child": ("birth_order", "monthly_amount")}


def figures_of(config: TenantConfig, month: date) -> ParameterSet:
    """The figures in force in the month."""
    return config.figures(PARAMETERS, Moment(month.replace(day=1)))


def case_frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Cases as a frame: `case_no` and the days the rules ask for."""
    return pl.DataFrame([{name: row[name] for name in _CASE_TYPES} for row in rows], schema=dict(_CASE_TYPES))


def child_frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Children of cases as a frame."""
    return pl.DataFrame([{name: row[name] for name in _CHILD_TYPES} for row in rows], schema=dict(_CHILD_TYPES))


def frames_of(cases: pl.DataFrame, children: pl.DataFrame, month: date) -> Frames:
    """The frames of the rules for one month of the cases."""
    first = month.replace(day=1)
    judgements = cases.with_columns(
        judgement_no="case_no", month=pl.lit(first), title=pl.lit(f"{first:%Y-%m}", pl.String)
    )
    return {
        "judgement": judgements.drop("case_no"),
        "child": children.rename({"case_no": "judgement_no", "id": "child_no", "name": "title"}),
    }


def judge(cases: pl.DataFrame, children: pl.DataFrame, month: date, figures: ParameterSet) -> pl.DataFrame:
    """A decision per case: `case_no`, `month`, `amount` and `eligible_children`, `detail`, `parameter_digest`."""
    results = CHILD_ALLOWANCE.run(frames_of(cases, children, month), figures, keep=_KEEP)
    parts = pl.concat_str("child_no", "birth_order", "monthly_amount", separator=":")
    details = results["child"].group_by("_judgement", maintain_order=True).agg(detail=parts.str.join(","))
    return (
        results["judgement"]
        .with_row_index("_judgement")
        .join(details, on="_judgement", how="left", maintain_order="left")
        .select(
            pl.col("judgement_no").alias("case_no"),
            pl.lit(month.replace(day=1)).alias("month"),
            "amount",
            "eligible_children",
            pl.col("detail").fill_null(""),
            pl.lit(figures.digest).alias("parameter_digest"),
        )
    )


def explain_case(
    case: Mapping[str, Any], children: Sequence[Mapping[str, Any]], month: date, figures: ParameterSet
) -> Explanation:
    """The steps of one case's month."""
    return explain(CHILD_ALLOWANCE, frames_of(case_frame([case]), child_frame(children), month), figures)


def stored_input(case: Mapping[str, Any], children: Sequence[Mapping[str, Any]], month: date) -> str:
    """The input of one case's month as `yoriai calc child_allowance` takes it, as canonical JSON."""
    document = {
        "month": f"{month:%Y-%m}",
        "recipient": _given(case, _CASE_INPUT),
        "children": [_given(child, _CHILD_INPUT) for child in children],
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def months_back(month: date, count: int) -> list[date]:
    """The month and the ones before it, the earliest first, `count` in all."""
    return [add_months(month.replace(day=1), -back) for back in range(count - 1, -1, -1)]


def _given(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    values = {name: row[name] for name in names if row[name] is not None}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
