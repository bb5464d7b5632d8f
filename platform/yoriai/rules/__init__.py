"""The rules engine: a calculation is written once, as named steps, and runs on one row or a million with the same
code."""

from yoriai.rules.calculation import Calculation, RulesError
from yoriai.rules.explanation import ExplainedStep, Explanation, explain
from yoriai.rules.expressions import (
    Rounding,
    at_least_zero,
    bracket,
    divide,
    either,
    floor_by_row,
    floor_to,
    larger_of,
    piecewise,
    smaller_of,
    times,
)
from yoriai.rules.parameters import Moment, ParameterSet, load_definitions, resolve
from yoriai.rules.steps import Frames, Gather, Input, Level, Open, Row, Spread, Step, Use

__all__ = [
    "Calculation",
    "ExplainedStep",
    "Explanation",
    "Frames",
    "Gather",
    "Input",
    "Level",
    "Moment",
    "Open",
    "ParameterSet",
    "Rounding",
    "Row",
    "RulesError",
    "Spread",
    "Step",
    "Use",
    "at_least_zero",
    "bracket",
    "divide",
    "either",
    "explain",
    "floor_by_row",
    "floor_to",
    "larger_of",
    "load_definitions",
    "piecewise",
    "resolve",
    "smaller_of",
    "times",
]
