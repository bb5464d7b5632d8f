"""Running a calculation: the same steps over one household at the counter and over a million rows at night."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from yoriai.errors import FieldError, Invalid
from yoriai.rules.expressions import VALUE_LIMIT
from yoriai.rules.parameters import ParameterSet, Resolved
from yoriai.rules.steps import Frames, Gather, Level, Open, Row, Spread, Step, Use

_BOUND_CACHE_SIZE = 64


class RulesError(Exception):
    """A calculation is written wrongly: a programming error, not a user's."""


@dataclass(frozen=True)
class BoundStep:
    """A step with its expression built for one set of parameters."""

    step: Step
    expression: pl.Expr | None
    used: tuple[Resolved, ...]
    operands: tuple[tuple[str, str], ...]
    use: Use

    @property
    def target(self) -> tuple[str, str]:
        """The (level, column) the step fills."""
        return self.step.on, self.step.key

    @property
    def family(self) -> tuple[str, ...]:
        """Steps of one family in a row can be computed in one pass."""
        if isinstance(self.step, Gather):
            return "gather", self.step.on, self.step.of
        if isinstance(self.step, Spread):
            return "spread", self.step.on, self.step.source
        return type(self.step).__name__, self.step.on


class Calculation:
    """An ordered list of named steps over the columns of levels.

    Levels are listed parents first. Steps run in order; a step may read input columns and the results of earlier
    steps only.
    """

    def __init__(self, key: str, label: str, levels: Sequence[Level], steps: Sequence[Step]) -> None:
        self.key = key
        self.label = label
        self.levels = {level.name: level for level in levels}
        self.steps = tuple(steps)
        self._bound: OrderedDict[str, tuple[BoundStep, ...]] = OrderedDict()
        self._check_shape()

    def bind(self, parameters: ParameterSet) -> tuple[BoundStep, ...]:
        """The steps with their expressions built; raises MissingParameter. Kept for the last few parameter sets."""
        digest = parameters.digest
        if digest not in self._bound:
            self._bound[digest] = tuple(self._bind(step, parameters) for step in self.steps)
            if len(self._bound) > _BOUND_CACHE_SIZE:
                self._bound.popitem(last=False)
        return self._bound[digest]

    def run(
        self, frames: Frames, parameters: ParameterSet, keep: Mapping[str, Sequence[str]] | None = None
    ) -> dict[str, pl.DataFrame]:
        """Compute on all rows. With `keep` (level to columns) only what those columns need is computed, and only they,
        the level's key and the row numbers of its parents are returned; without it every step's column is."""
        bound = self.bind(parameters)
        if keep is not None:
            bound = _needed_for(bound, keep)
        results = self._prepare(frames)
        for family in _families(bound):
            self._apply(family, results)
        if keep is None:
            return results
        return {name: self._only_kept(name, results[name], columns) for name, columns in keep.items()}

    def _check_shape(self) -> None:
        known = {(level.name, column.key) for level in self.levels.values() for column in level.inputs}
        known |= {(level.name, level.key) for level in self.levels.values()}
        for step in self.steps:
            if step.on not in self.levels:
                raise RulesError(f"{self.key}: step {step.key} is on unknown level {step.on}")
            if not isinstance(step, Open) and (step.on, step.key) in known:
                raise RulesError(f"{self.key}: {step.on}.{step.key} is computed or given twice")
            known.add((step.on, step.key))

    def _bind(self, step: Step, parameters: ParameterSet) -> BoundStep:
        use = Use(parameters)
        expression: pl.Expr | None = None
        operands: tuple[tuple[str, str], ...]
        match step:
            case Row():
                expression, source = step.value(use), step.on
                operands = tuple((source, name) for name in _roots(expression))
            case Gather():
                expression, source = step.value(use), step.of
                operands = tuple((source, name) for name in _roots(expression))
            case Spread():
                operands = ((step.source, step.column),)
            case Open():
                operands = tuple(step.needs)
            case _:
                raise RulesError(f"unknown kind of step: {step!r}")
        return BoundStep(step, expression, tuple(use.used.values()), operands, use)

    def _prepare(self, frames: Frames) -> dict[str, pl.DataFrame]:
        opened = {step.on for step in self.steps if isinstance(step, Open)}
        results: dict[str, pl.DataFrame] = {}
        for level in self.levels.values():
            if level.name in frames:
                results[level.name] = _link(_complete(frames[level.name], level), level, results, self.levels)
            elif level.name not in opened:
                raise RulesError(f"{self.key}: no frame for level {level.name}")
        return results

    def _apply(self, family: Sequence[BoundStep], frames: dict[str, pl.DataFrame]) -> None:
        first = family[0].step
        on = first.on
        match first:
            case Row():
                frames[on] = frames[on].with_columns(_named(item) for item in family)
            case Gather():
                frames[on] = _gather(frames[on], frames[first.of], on, family)
            case Spread():
                frames[on] = _spread(frames[on], frames[first.source], first.source, family)
            case Open():
                frames[on] = _complete(first.rows(frames, family[0].use), self.levels[on])
                return
        frames[on] = _exact(frames[on], [item.step.key for item in family])

    def _only_kept(self, name: str, frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        level = self.levels[name]
        links = [f"_{parent}" for parent in level.parents if f"_{parent}" in frame.columns]
        names = [level.key] if level.key in frame.columns else []
        return frame.select(list(dict.fromkeys([*names, *links, *columns])))


def _roots(expression: pl.Expr) -> tuple[str, ...]:
    return tuple(dict.fromkeys(expression.meta.root_names()))


def _named(item: BoundStep) -> pl.Expr:
    if item.expression is None:
        raise RulesError(f"step {item.step.key} has no expression")
    return item.expression.alias(item.step.key)


def _needed_for(bound: Sequence[BoundStep], keep: Mapping[str, Sequence[str]]) -> tuple[BoundStep, ...]:
    wanted = {(level, column) for level, columns in keep.items() for column in columns}
    levels = set(keep)
    chosen: list[BoundStep] = []
    for item in reversed(bound):
        if item.target in wanted or (isinstance(item.step, Open) and item.step.on in levels):
            chosen.append(item)
            wanted.update(item.operands)
            levels.update({item.step.on}, (level for level, _ in item.operands))
    return tuple(reversed(chosen))


def _families(bound: Iterable[BoundStep]) -> list[list[BoundStep]]:
    """Neighbouring steps that read nothing of each other, so that one pass over the rows computes them together."""
    families: list[list[BoundStep]] = []
    for item in bound:
        last = families[-1] if families else []
        filled = {member.target for member in last}
        together = (
            last
            and not isinstance(item.step, Open)
            and last[0].family == item.family
            and filled.isdisjoint(item.operands)
        )
        if together:
            last.append(item)
        else:
            families.append([item])
    return families


def _complete(frame: pl.DataFrame, level: Level) -> pl.DataFrame:
    given = set(frame.columns)
    return frame.with_columns(
        pl.col(column.key).cast(column.dtype).fill_null(column.default)
        if column.key in given and column.default is not None
        else (pl.col(column.key) if column.key in given else pl.lit(column.default))
        .cast(column.dtype)
        .alias(column.key)
        for column in level.inputs
    )


def _link(frame: pl.DataFrame, level: Level, frames: Frames, levels: Mapping[str, Level]) -> pl.DataFrame:
    for parent in level.parents:
        if f"_{parent}" in frame.columns:
            continue
        key = levels[parent].key
        numbers = frames[parent].select(key).with_row_index(f"_{parent}")
        frame = frame.join(numbers, on=key, how="left", maintain_order="left")
        if frame[f"_{parent}"].null_count():
            orphan = frame.filter(pl.col(f"_{parent}").is_null())[key][0]
            message = f"{levels[parent].label}がない{level.label}があります: {orphan}"
            raise Invalid(message, fields=[FieldError(f"{level.name}.{key}", message, rule="orphan")])
    amounts = [column.key for column in level.inputs if column.unit == "yen"]
    return _exact(frame, amounts)


def _gather(frame: pl.DataFrame, child: pl.DataFrame, on: str, family: Sequence[BoundStep]) -> pl.DataFrame:
    link = f"_{on}"
    sums = child.group_by(link).agg(_named(item) for item in family)
    index = pl.int_range(frame.height, dtype=pl.get_index_type(), eager=True).alias(link).to_frame()
    joined = index.join(sums, on=link, how="left", maintain_order="left")
    columns = [item.step for item in family if isinstance(item.step, Gather)]
    filled = joined.with_columns(pl.col(step.key).fill_null(step.empty) for step in columns if step.empty is not None)
    return frame.with_columns(filled[step.key] for step in columns)


def _spread(frame: pl.DataFrame, parent: pl.DataFrame, source: str, family: Sequence[BoundStep]) -> pl.DataFrame:
    rows = frame[f"_{source}"]
    return frame.with_columns(
        parent[item.step.column].gather(rows).alias(item.step.key) for item in family if isinstance(item.step, Spread)
    )


def _exact(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Whole numbers as Int64 inside the limit; a float anywhere is a mistake in the rules."""
    numbers = []
    for name in columns:
        dtype = frame.schema[name]
        if dtype.is_float() or dtype.is_decimal():
            raise RulesError(f"step {name} produced {dtype}; money and rates are integers and fractions")
        if dtype.is_integer():
            numbers.append(name)
    if not numbers:
        return frame
    frame = frame.with_columns(pl.col(name).cast(pl.Int64) for name in numbers if frame.schema[name] != pl.Int64)
    largest = frame.select(pl.max_horizontal(pl.col(name).abs().max() for name in numbers)).item()
    if largest is not None and largest > VALUE_LIMIT:
        raise Invalid(
            "金額が大きすぎて計算できません。",
            fields=[FieldError(name, f"{VALUE_LIMIT:,}円を超えています。", rule="overflow") for name in numbers],
        )
    return frame
