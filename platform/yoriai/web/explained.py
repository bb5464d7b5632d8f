"""An explanation as the screens' macro `explanation` takes it: each step with its numbers, people and figures in words."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from yoriai.dates import format_wareki_month
from yoriai.money import Rate, format_rate
from yoriai.rules import ExplainedStep, Explanation
from yoriai.rules.explanation import show
from yoriai.rules.parameters import Resolved

_LAYERS = {"national": "国", "prefecture": "県", "ordinance": "条例", "default": "既定", "supplied": "入力"}
_MONTH = 7
"""Length of `2026-08`."""

Shown = dict[tuple[str, str], dict[int, str]]


def shown_steps(explanation: Explanation, totals: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """The steps in order, as plain values; those whose key is in `totals` stand out."""
    values: Shown = {}
    columns = [(given.level, given.key, given.values) for given in explanation.inputs]
    columns += [(step.level, step.key, step.values) for step in explanation.steps]
    for level, key, found in columns:
        values[level, key] = {value.row: value.display for value in found}
    return [_shown(step, values) | {"is_total": step.key in totals} for step in explanation.steps]


def _shown(step: ExplainedStep, values: Shown) -> dict[str, Any]:
    one = step.values[0] if len(step.values) == 1 else None
    return {
        "key": f"{step.level}.{step.key}",
        "label": step.label,
        "group": step.group,
        "formula": step.formula,
        "article": step.article,
        "rounding": step.rounding,
        "working": _working(step, values, one.row) if one else "",
        "value": one.display if one else None,
        "unit": "",
        "people": [
            {"name": value.title, "value": value.display, "working": _working(step, values, value.row)}
            for value in step.values
            if one is None
        ],
        "parameters": [_figure(figure) for figure in step.parameters],
    }


def _working(step: ExplainedStep, values: Shown, row: int) -> str:
    return "、".join(_operands(step, values, row))


def _operands(step: ExplainedStep, values: Shown, row: int) -> Iterator[str]:
    for operand in step.operands:
        found = values.get((operand.level, operand.key), {})
        # Of another level there may be many rows; only what stands on this row, or once, is part of the sum shown.
        text = found.get(row) if operand.level == step.level else next(iter(found.values()), None)
        if text is not None and (operand.level == step.level or len(found) == 1):
            yield f"{operand.label} {text}"


def _figure(figure: Resolved) -> dict[str, Any]:
    since = figure.since
    is_date = isinstance(since, str)
    layer = _LAYERS.get(figure.layer, figure.layer)
    return {
        "label": figure.label,
        "value": _value(figure),
        "layer": layer if is_date or since is None else f"{layer} {since}年から",
        "effective_from": (f"{since}-01" if len(str(since)) == _MONTH else since) if is_date else None,
        "article": figure.article,
        "source": figure.source,
        "evidence": figure.evidence,
    }


def _value(figure: Resolved) -> str:
    value = figure.value
    if isinstance(value, Rate):
        return format_rate(value)
    if figure.unit == "month":
        return format_wareki_month(date.fromisoformat(f"{value}-01"))
    if figure.unit == "month_days" and isinstance(value, tuple):
        return "、".join("{}月{}日".format(*map(int, str(day).split("-"))) for day in value)
    if isinstance(value, tuple):
        return f"{len(value)}行の表"
    return show("yen", value) if figure.unit == "yen" else str(value)
