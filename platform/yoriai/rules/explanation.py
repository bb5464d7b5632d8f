"""The explanation of a result: the list of its steps with values and the figures each step used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from yoriai.dates import format_wareki
from yoriai.rules.calculation import BoundStep, Calculation
from yoriai.rules.parameters import ParameterSet, Resolved
from yoriai.rules.steps import Frames, Level, Open

_SCHOOL_MONTHS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)


@dataclass(frozen=True)
class StepValue:
    """What a step came to on one row: `row` is the row number of the level, `title` who or what it is."""

    row: int
    title: str
    value: Any
    display: str


@dataclass(frozen=True)
class Operand:
    """A column a step was computed from."""

    key: str
    level: str
    label: str


@dataclass(frozen=True)
class ExplainedStep:
    """One step of the explanation, in the order of the calculation."""

    key: str
    level: str
    level_label: str
    group: str
    label: str
    formula: str
    article: str
    rounding: str
    unit: str
    values: tuple[StepValue, ...]
    operands: tuple[Operand, ...]
    parameters: tuple[Resolved, ...]

    def to_json(self) -> dict[str, Any]:
        """The step as JSON."""
        return {
            "key": self.key,
            "level": self.level,
            "level_label": self.level_label,
            "group": self.group,
            "label": self.label,
            "formula": self.formula,
            "article": self.article,
            "rounding": self.rounding,
            "unit": self.unit,
            "values": [vars(value) for value in self.values],
            "operands": [vars(operand) for operand in self.operands],
            "parameters": [figure.to_json() for figure in self.parameters],
        }


@dataclass(frozen=True)
class GivenInput:
    """A column the calculation was given and used, unless it was left at its default everywhere."""

    key: str
    level: str
    level_label: str
    label: str
    unit: str
    values: tuple[StepValue, ...]

    def to_json(self) -> dict[str, Any]:
        """The input as JSON."""
        return vars(self) | {"values": [vars(value) for value in self.values]}


@dataclass(frozen=True)
class Explanation:
    """All steps of one unit's result with the digest of the figures they used."""

    calculation: str
    label: str
    digest: str
    inputs: tuple[GivenInput, ...]
    steps: tuple[ExplainedStep, ...]

    @property
    def parameters(self) -> tuple[Resolved, ...]:
        """Every figure used, once."""
        return tuple({figure.key: figure for step in self.steps for figure in step.parameters}.values())

    @property
    def unconfirmed(self) -> tuple[Resolved, ...]:
        """The figures used that were not seen in an official source: staff must be told."""
        return tuple(figure for figure in self.parameters if not figure.is_confirmed)

    def to_json(self) -> dict[str, Any]:
        """The explanation as JSON."""
        return {
            "calculation": self.calculation,
            "label": self.label,
            "parameter_digest": self.digest,
            "inputs": [given.to_json() for given in self.inputs],
            "steps": [step.to_json() for step in self.steps],
            "unconfirmed": [figure.key for figure in self.unconfirmed],
        }


def explain(calculation: Calculation, frames: Frames, parameters: ParameterSet) -> Explanation:
    """Run the calculation on the rows of one unit and say of every step what it came to and why."""
    results = calculation.run(frames, parameters)
    labels = _labels(calculation)
    steps = tuple(_explained(item, calculation.levels, results, labels) for item in calculation.bind(parameters))
    return Explanation(calculation.key, calculation.label, parameters.digest, _inputs(calculation, results), steps)


def show(unit: str, value: Any) -> str:
    """A value in the words staff read."""
    match value, unit:
        case None, _:
            return "―"
        case bool(), _:
            return "該当" if value else "非該当"
        case int(), "yen":
            return f"{value:,}円"
        case int(), "count":
            return f"{value}人"
        case int(), "months":
            return f"{value}か月"
        case int(), "age":
            return f"{value}歳"
        case int(), "tier":
            return f"{value}割軽減" if value else "軽減なし"
        case int(), "yen_months":
            return f"{value:,}円・月"
        case int(), "month_no":
            return f"{_SCHOOL_MONTHS[value % 12]}月" if value < len(_SCHOOL_MONTHS) else "年度末"
        case date(), _:
            return format_wareki(value)
        case _:
            return str(value)


def _labels(calculation: Calculation) -> dict[tuple[str, str], str]:
    labels = {(level.name, item.key): item.label for level in calculation.levels.values() for item in level.inputs}
    labels |= {(step.on, step.key): step.label for step in calculation.steps}
    # A level opened by the calculation carries columns of its parents under their own names.
    return {("", key): label for (_, key), label in reversed(labels.items())} | labels


def _inputs(calculation: Calculation, results: Frames) -> tuple[GivenInput, ...]:
    given = []
    for level in calculation.levels.values():
        for item in level.inputs:
            column = results[level.name][item.key]
            if item.key != level.title and any(value != item.default for value in column.to_list()):
                values = _values(results[level.name], item.key, level, item.unit)
                given.append(GivenInput(item.key, level.name, level.label, item.label, item.unit, values))
    return tuple(given)


def _explained(
    item: BoundStep, levels: Mapping[str, Level], results: Frames, labels: Mapping[tuple[str, str], str]
) -> ExplainedStep:
    step = item.step
    level = levels[step.on]
    frame = results[step.on]
    column = level.title if isinstance(step, Open) else step.key
    operands = () if isinstance(step, Open) else item.operands
    return ExplainedStep(
        key=step.key,
        level=level.name,
        level_label=level.label,
        group=step.group,
        label=step.label,
        formula=step.formula,
        article=step.article,
        rounding=step.rounding,
        unit=step.unit,
        values=_values(frame, column, level, step.unit),
        operands=tuple(Operand(key, on, labels.get((on, key)) or labels.get(("", key), key)) for on, key in operands),
        parameters=item.used,
    )


def _values(frame: pl.DataFrame, column: str, level: Level, unit: str) -> tuple[StepValue, ...]:
    titles = frame[level.title].to_list() if level.title in frame.columns else [""] * frame.height
    values = frame[column].to_list()
    return tuple(
        StepValue(row, str(title), value.isoformat() if isinstance(value, date) else value, show(unit, value))
        for row, (title, value) in enumerate(zip(titles, values, strict=True))
    )
