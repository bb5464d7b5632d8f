"""From a checked definition to one SELECT with placeholders.

Names of relations and columns come from the businesses' declarations only; what a clerk typed is bound. Each view is first a masked
relation of its own: the places of protected people are NULL in it and the concealed are not there, so conditions, joins, counts and
order see no more than the list shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yoriai.extraction.catalogue import find_item
from yoriai.extraction.definition import Condition, Definition, Join
from yoriai.extraction.operators import CASTS, OPERATORS, read_values
from yoriai.extraction.views import Item, Kind, Time, Veil, View

PERSON = "person_of_row_"
"""The beginning of the names of the columns, not for output, that say whom a row is about."""
MASKED = "is_masked_row"
COUNT = "rows_of_group"


@dataclass(frozen=True)
class Column:
    """A column of the result, in the order of the output."""

    name: str
    label: str
    item: Item | None
    """None for 件数; of a total, the item that is summed."""
    person: str = ""
    """Of a sealed value, the column of the person it belongs to."""


@dataclass(frozen=True)
class Statement:
    """A SELECT and its arguments in the order of the placeholders; `persons` are the columns that say whom a row is about."""

    sql: str
    arguments: tuple[Any, ...]
    columns: tuple[Column, ...]
    persons: tuple[str, ...]

    def counting(self) -> str:
        """The statement that counts its rows and, of a list, the rows with masked places."""
        masked = f"count(*) FILTER (WHERE {MASKED})" if self.persons else "0::bigint"
        return f"SELECT count(*) AS found, {masked} AS masked FROM ({self.sql}) counted"


class _Builder:
    def __init__(self, definition: Definition, veil: Veil | None, day: date, *, reveals: bool) -> None:
        self._definition = definition
        self._veil = None if reveals else veil
        self._guard = veil
        self._reveals = reveals
        self._arguments: list[Any] = [day]
        self._aliases = {view.name: f"v{place}" for place, view in enumerate(definition.views())}

    def build(self) -> Statement:
        views = self._definition.views()
        source = f"{self._masked(views[0])} {self._aliases[views[0].name]}"
        # The base date is the first argument of every statement, also of one that has no use for it.
        conditions = ["$1::date IS NOT NULL"]
        for join, view in zip(self._definition.joins, views[1:], strict=True):
            alias, keys = self._aliases[view.name], self._keys(views[0], view, join)
            match join.how:
                case "none":
                    conditions.append(f"NOT EXISTS (SELECT FROM {self._masked(view)} {alias} WHERE {keys})")
                case _:
                    kind = "JOIN" if join.how == "inner" else "LEFT JOIN"
                    source += f" {kind} {self._masked(view)} {alias} ON {keys}"
        if blocks := self._blocks():
            conditions.append(blocks)
        where = f" WHERE {' AND '.join(conditions)}"
        return self._counted(source, where) if self._definition.count else self._listed(source, where)

    def _listed(self, source: str, where: str) -> Statement:
        shown = [view for view in self._definition.views() if self._has_rows(view)]
        keys = [(self._aliases[view.name], key) for view in shown for key in _person_keys(view)]
        persons = [f"{PERSON}{alias}{key.removeprefix('person_key')}" for alias, key in keys]
        columns, parts = [], []
        for place, (view, item) in enumerate(self._definition.listed()):
            name = f"c{place}"
            of = f"{PERSON}{self._aliases[view.name]}" if item.kind is Kind.SEALED else ""
            columns.append(Column(name, self._label(view, item), item, of))
            parts.append(f"{self._column(view, item)} AS {name}")
        parts += [f"{alias}.{key} AS {name}" for (alias, key), name in zip(keys, persons, strict=True)]
        if persons:
            masked = " OR ".join(f"coalesce({self._aliases[v.name]}.is_masked, false)" for v in shown if v.person)
            parts.append(f"({masked}) AS {MASKED}")
        sql = f"SELECT {', '.join(parts)} FROM {source}{where}{self._order()}"
        return Statement(sql, tuple(self._arguments), tuple(columns), tuple(persons))

    def _counted(self, source: str, where: str) -> Statement:
        groups = [(view, item, f"c{place}") for place, (view, item) in enumerate(self._definition.listed())]
        columns = [Column(name, self._label(view, item), item) for view, item, name in groups]
        parts = [f"{self._column(view, item)} AS {name}" for view, item, name in groups]
        columns.append(Column(COUNT, "件数", None))
        parts.append(f"count(*) AS {COUNT}")
        for place, reference in enumerate(self._definition.sums):
            found = find_item(reference)
            if found:
                columns.append(Column(f"s{place}", f"{found[1].label}の合計", found[1]))
                parts.append(f"coalesce(sum({self._column(*found)}), 0)::bigint AS s{place}")
        grouped = f" GROUP BY {', '.join(self._column(view, item) for view, item, _ in groups)}" if groups else ""
        sql = f"SELECT {', '.join(parts)} FROM {source}{where}{grouped}{self._order(groups)}"
        return Statement(sql, tuple(self._arguments), tuple(columns), ())

    def _masked(self, view: View) -> str:
        """The view as a relation in which nothing can be found that may not be seen."""
        veil = self._veil if view.person else None
        used = {reference for reference in self._references() if reference.rpartition(".")[0] == view.name}
        parts = []
        for item in view.items:
            if f"{view.name}.{item.key}" in used:
                value = (item.column or item.key).replace("{day}", "$1::date")
                if veil and item.is_place:
                    value = f"CASE WHEN hidden_no IS NULL THEN {value} END"
                parts.append(f"{value} AS i_{item.key}")
        people = (view.person, *view.others) if view.person else ()
        parts += [f"{column} AS {key}" for column, key in zip(people, _person_keys(view), strict=True)]
        if view.household:
            household = f"CASE WHEN hidden_no IS NULL THEN {view.household} END" if veil else view.household
            parts.append(f"{household} AS household_key")
        conditions = [f"({view.condition})"] if view.condition else []
        if view.time is Time.DAY:
            conditions.append(f"{view.valid_from} <= $1::date AND coalesce({view.valid_to}, 'infinity') > $1::date")
        source = view.relation
        guard = self._guard if view.person else None
        if guard:
            source += f" LEFT JOIN (SELECT {guard.person} AS hidden_no, {guard.concealed} AS hidden_wholly FROM {guard.relation})"
            source += f" veil ON hidden_no = {view.person}"
            concealed = f"(SELECT {guard.person} FROM {guard.relation} WHERE {guard.concealed})"
            others = [f"coalesce({column} IN {concealed}, false)" for column in view.others]
            parts.append(f"({' OR '.join(['hidden_no IS NOT NULL', *others])}) AS is_masked")
            if veil:
                conditions += ["hidden_wholly IS NOT TRUE", *(f"NOT {other}" for other in others)]
        elif view.person:
            parts.append("false AS is_masked")
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"(SELECT {', '.join(parts)} FROM {source}{where})"

    def _references(self) -> set[str]:
        definition = self._definition
        return {
            *definition.items,
            *definition.sums,
            *(condition.item for condition in definition.conditions),
            *(order.item for order in definition.sort),
        }

    def _keys(self, base: View, view: View, join: Join) -> str:
        key = "person_key" if join.by == "person" else "household_key"
        return f"{self._aliases[view.name]}.{key} = {self._aliases[base.name]}.{key}"

    def _blocks(self) -> str:
        blocks: dict[int, list[str]] = {}
        for condition in self._definition.conditions:
            blocks.setdefault(condition.block, []).append(self._condition(condition))
        joined = [f"({' AND '.join(parts)})" for _, parts in sorted(blocks.items())]
        return f"({' OR '.join(joined)})" if joined else ""

    def _condition(self, condition: Condition) -> str:
        found = find_item(condition.item)
        if found is None:
            raise LookupError(condition.item)
        view, item = found
        operator = OPERATORS[condition.operator]
        placeholders = []
        for value in read_values(item, operator, condition.value):
            self._arguments.append(value)
            placeholders.append(f"${len(self._arguments)}::{CASTS[item.kind]}")
        values = (" AND " if operator.values == 2 else ", ").join(placeholders)
        return operator.sql.format(c=self._column(view, item), v=values)

    def _order(self, groups: Sequence[tuple[View, Item, str]] = ()) -> str:
        parts = []
        for order in self._definition.sort:
            found = find_item(order.item)
            if found:
                parts.append(f"{self._column(*found)}{' DESC' if order.descending else ''} NULLS LAST")
        if not parts and self._definition.count:
            parts = [self._column(view, item) for view, item, _ in groups]
        elif not parts and (base := self._definition.views()[0]).person:
            parts = [f"{self._aliases[base.name]}.person_key"]
        return f" ORDER BY {', '.join(parts)}" if parts else ""

    def _column(self, view: View, item: Item) -> str:
        return f"{self._aliases[view.name]}.i_{item.key}"

    def _label(self, view: View, item: Item) -> str:
        labels = [each.label for _, each in self._definition.listed()]
        return f"{item.label}（{view.label}）" if labels.count(item.label) > 1 else item.label

    def _has_rows(self, view: View) -> bool:
        return all(join.view != view.name or join.how != "none" for join in self._definition.joins)


def _person_keys(view: View) -> list[str]:
    """The names the columns of a view's people go by in its masked relation, the person its rows are about first."""
    return ["person_key", *(f"person_key_{place}" for place, _ in enumerate(view.others))] if view.person else []


def compile_statement(definition: Definition, veil: Veil | None, day: date, *, reveals: bool = False) -> Statement:
    """The statement of a checked definition as of `day`. With `reveals` nothing is masked: for who holds the veil's right."""
    return _Builder(definition, veil, day, reveals=reveals).build()
