"""What other systems may have: published views with a key, in the form of the extraction's masked relation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from yoriai import registry
from yoriai.errors import NotFound
from yoriai.extraction.catalogue import all_views, find_veil
from yoriai.extraction.definition import Definition
from yoriai.extraction.statement import Statement, compile_statement
from yoriai.extraction.views import Item, Kind, View

_TYPES: Mapping[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.CODE: {"type": "string"},
    Kind.NUMBER: {"type": "integer"},
    Kind.YEN: {"type": "integer"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.FLAG: {"type": "boolean"},
}


@dataclass(frozen=True)
class DataSet:
    """A published view that other systems may have; `key` are the items that name a row, the first one the view's person."""

    view: str
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in addresses and files: the view's."""
        return self.view

    @property
    def source(self) -> View:
        """The view."""
        return all_views()[self.view]

    @property
    def label(self) -> str:
        """What staff call it."""
        return self.source.label

    @property
    def items(self) -> tuple[Item, ...]:
        """What is given: no sealed number, and nothing that changes by the passing of days alone, such as an age."""
        return tuple(item for item in self.source.items if item.kind is not Kind.SEALED and "{day}" not in item.column)

    def statement(self, day: date) -> Statement:
        """Its rows of a day, masked and without the concealed, as `c0`, `c1` … in the order of `items`."""
        names = [f"{self.view}.{item.key}" for item in self.items]
        return compile_statement(Definition(base=self.view, items=names), find_veil(), day)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The statement's columns that are the key."""
        keys = [item.key for item in self.items]
        return tuple(f"c{keys.index(key)}" for key in self.key)

    def row_schema(self) -> dict[str, Any]:
        """JSON Schema of a row's `values`; a place that is masked is null."""
        properties = {}
        for item in self.items:
            schema: dict[str, Any] = {"title": item.label, "anyOf": [_TYPES[item.kind], {"type": "null"}]}
            if item.codes:
                schema["description"] = "、".join(f"{code}={word}" for code, word in item.codes.items())
            if item.official:
                schema["$comment"] = item.official
            properties[item.key] = schema
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.label,
            "type": "object",
            "additionalProperties": False,
            "required": list(properties),
            "properties": properties,
        }


@cache
def all_data_sets() -> Mapping[str, DataSet]:
    """The data sets by name, in the order of the businesses. Raises ValueError for one that is not the business's own."""
    found: dict[str, DataSet] = {}
    for business in registry.businesses():
        for data_set in registry.load(business.exchanged) if business.exchanged else ():
            person = data_set.source.find(data_set.key[0])
            if not data_set.name.startswith(f"{business.name}.") or person is None or person.kind is not Kind.NUMBER:
                raise ValueError(f"{business.name}: {data_set.name} is not its own or has no number for its key")
            found[data_set.name] = data_set
    return found


def get_data_set(name: str) -> DataSet:
    """The data set of that name. Raises NotFound."""
    if name not in all_data_sets():
        raise NotFound("このデータはありません。")
    return all_data_sets()[name]
