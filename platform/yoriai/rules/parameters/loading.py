"""Reading a business's `parameters/*.yaml`. A mistake there is a programming error and raises ValueError with the
file's name."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from yoriai.rules.parameters.definition import (
    EVIDENCE,
    Bounds,
    BusinessParameters,
    Clock,
    DatedValue,
    Definition,
    Setter,
    read_since,
)
from yoriai.rules.parameters.value import Unit, Value, read_scalar, read_value


def read_yaml(path: Path) -> Any:
    """The content of a YAML 1.2 (hence also JSON) file as plain objects."""
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


@cache
def load_definitions(name: str, folder: Path) -> BusinessParameters:
    """All parameters declared in the YAML files of a folder, read once per process."""
    definitions: dict[str, Definition] = {}
    for path in sorted(folder.glob("*.yaml")):
        for raw in read_yaml(path)["parameters"]:
            try:
                definition = _read_definition(raw)
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path}: {raw.get('key', raw)}: {error}") from error
            if definition.key in definitions:
                raise ValueError(f"{path}: {definition.key} is declared twice")
            definitions[definition.key] = definition
    return BusinessParameters(name, definitions)


def _read_definition(raw: Mapping[str, Any]) -> Definition:
    unit, clock = Unit(raw["unit"]), Clock(raw["clock"])
    columns = {name: Unit(column) for name, column in raw.get("columns", {}).items()}
    return Definition(
        key=raw["key"],
        label=raw["label"],
        unit=unit,
        clock=clock,
        set_by=Setter(raw["set_by"]),
        article=raw["article"],
        bounds=_read_bounds(unit, raw.get("bounds", {})),
        columns=columns,
        values=tuple(_read_dated(unit, clock, columns, item) for item in raw.get("values", [])),
        required=raw.get("required", False),
        default=_read_optional(unit, columns, raw.get("default")),
        has_default="default" in raw,
    )


def _read_dated(unit: Unit, clock: Clock, columns: Mapping[str, Unit], raw: Mapping[str, Any]) -> DatedValue:
    if not EVIDENCE.match(raw["evidence"]):
        raise ValueError(f"evidence mark {raw['evidence']!r}")
    return DatedValue(
        since=read_since(clock, raw["from"]),
        value=_read_optional(unit, columns, raw["value"]),
        source=raw["source"],
        evidence=raw["evidence"],
        note=raw.get("note", ""),
        until=read_since(clock, raw["until"]) if "until" in raw else None,
    )


def _read_optional(unit: Unit, columns: Mapping[str, Unit], raw: object) -> Value:
    return None if raw is None else read_value(unit, raw, columns)


def _read_bounds(unit: Unit, raw: Mapping[str, Any]) -> Bounds:
    return Bounds(
        minimum=read_scalar(unit, raw["min"]) if "min" in raw else None,
        maximum=read_scalar(unit, raw["max"]) if "max" in raw else None,
        choices=tuple(read_scalar(unit, choice) for choice in raw.get("choices", ())),
        at_most_national=raw.get("at_most_national", False),
        length_from=raw.get("length_from", ""),
    )
