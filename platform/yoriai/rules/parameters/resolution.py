"""From layers and a date to one set of figures: national, then prefecture, then ordinance, the latest in force of
each."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Self

from yoriai.errors import FieldError, Invalid
from yoriai.rules.parameters.definition import (
    BusinessParameters,
    DatedValue,
    Definition,
    Moment,
    Since,
    Unit,
    pick,
    read_since,
)
from yoriai.rules.parameters.validation import Layer
from yoriai.rules.parameters.value import Value, read_value, write_value

SUPPLIED = "supplied"
"""The name of a layer given by hand (`yoriai calc --parameters`): it may set anything, and every use of it is
flagged."""

EVIDENCE_LABELS = {
    "V": "公式資料で確認",
    "S": "二次資料による(公式資料は未確認)",
    "K": "要確認(公式資料は未確認)",
    "?": "要確認(不確か)",
}


class MissingParameter(Invalid):
    """A figure the calculation needs is not known for the date."""

    code = "missing_parameter"


@dataclass(frozen=True)
class Resolved:
    """A figure as it holds on a date, with where it comes from: all that an explanation years later needs."""

    key: str
    label: str
    unit: Unit
    article: str
    value: Value
    layer: str
    since: Since | None
    source: str
    evidence: str
    note: str = ""
    columns: Mapping[str, Unit] = field(default_factory=dict)

    @property
    def is_confirmed(self) -> bool:
        """Whether the figure was seen in an official source."""
        return self.evidence.startswith("V") or self.layer in ("default", SUPPLIED)

    def to_json(self) -> dict[str, Any]:
        """The figure as stored with an assessment and shown in an explanation."""
        return {
            "key": self.key,
            "label": self.label,
            "unit": str(self.unit),
            "article": self.article,
            "value": write_value(self.value),
            "layer": self.layer,
            "from": self.since,
            "source": self.source,
            "evidence": self.evidence,
            "evidence_label": EVIDENCE_LABELS.get(self.evidence[:1], ""),
            "note": self.note,
            "columns": {name: str(unit) for name, unit in self.columns.items()},
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        columns = {name: Unit(unit) for name, unit in raw["columns"].items()}
        unit = Unit(raw["unit"])
        value = None if raw["value"] is None else read_value(unit, raw["value"], columns)
        names = ("key", "label", "article", "layer", "source", "evidence", "note")
        return cls(**{name: raw[name] for name in names}, unit=unit, value=value, since=raw["from"], columns=columns)


@dataclass(frozen=True)
class ParameterSet:
    """The figures in force for one municipality on one day. `absent` says why a declared figure has no value."""

    moment: Moment
    values: Mapping[str, Resolved]
    absent: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Resolved:
        """The figure; raises MissingParameter naming it."""
        try:
            return self.values[key]
        except KeyError:
            reason = self.absent.get(key, "宣言されていない項目です。")
            raise MissingParameter(
                f"計算に必要な値がありません: {key}", fields=[FieldError(f"parameters.{key}", reason, rule="missing")]
            ) from None

    def __contains__(self, key: str) -> bool:
        """Whether the figure has a value."""
        return key in self.values

    def __iter__(self) -> Iterator[Resolved]:
        """All figures, by key."""
        return iter(self.values[key] for key in sorted(self.values))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of everything resolved: equal digests mean equal figures and sources."""
        canonical = json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The set as stored once per digest."""
        return {
            "day": self.moment.day.isoformat(),
            "values": [figure.to_json() for figure in self],
            "absent": dict(sorted(self.absent.items())),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        figures = [Resolved.from_json(item) for item in raw["values"]]
        moment = Moment(date.fromisoformat(raw["day"]))
        return cls(moment, {figure.key: figure for figure in figures}, dict(raw["absent"]))


def resolve(parameters: BusinessParameters, moment: Moment, layers: Mapping[str, Layer] | None = None) -> ParameterSet:
    """The figures in force at the moment; `layers` in ascending precedence (`prefecture`, `ordinance`, `supplied`).

    Layers must have passed `validate_layer`; keys of other businesses in them are ignored.
    """
    values: dict[str, Resolved] = {}
    absent: dict[str, str] = {}
    for key, definition in parameters.definitions.items():
        layer, dated = _latest(definition, moment, layers or {})
        if dated is not None and dated.value is not None:
            values[key] = _resolved(definition, layer, dated)
        elif dated is not None and dated.note:
            absent[key] = f"{definition.label}: {dated.note}"
        elif definition.has_default:
            values[key] = _resolved(definition, "default", DatedValue(0, definition.default, "既定値", "-"))
        else:
            absent[key] = f"{definition.label}は{moment.on(definition.clock)}の値が登録されていません。"
    return ParameterSet(moment, values, absent)


def _latest(definition: Definition, moment: Moment, layers: Mapping[str, Layer]) -> tuple[str, DatedValue | None]:
    found: tuple[str, DatedValue | None] = ("national", definition.value_on(moment))
    for name, layer in layers.items():
        entries = [_dated(definition, entry) for entry in layer.get(definition.key, ())]
        if (dated := pick(entries, definition.clock, moment)) is not None:
            found = (name, dated)
    return found


def _dated(definition: Definition, entry: Mapping[str, Any]) -> DatedValue:
    raw = entry["value"]
    until = entry.get("until")
    return DatedValue(
        since=read_since(definition.clock, entry["from"]),
        value=None if raw is None else read_value(definition.unit, raw, definition.columns),
        source=str(entry.get("source", "")),
        evidence=str(entry.get("evidence", "")),
        note=str(entry.get("note", "")),
        until=None if until is None else read_since(definition.clock, until),
    )


def _resolved(definition: Definition, layer: str, dated: DatedValue) -> Resolved:
    return Resolved(
        key=definition.key,
        label=definition.label,
        unit=definition.unit,
        article=definition.article,
        value=dated.value,
        layer=layer,
        since=None if layer == "default" else dated.since,
        source=dated.source,
        evidence=dated.evidence,
        note=dated.note,
        columns=definition.columns,
    )


def normalise_layer(parameters: BusinessParameters, raw: Mapping[str, Any], moment: Moment) -> dict[str, Sequence[Any]]:
    """A layer written by hand, made regular: nested groups become dotted keys, bare values hold at the moment.

    Values that are already dated lists stay; nothing is checked here.
    """
    flat: dict[str, Sequence[Any]] = {}
    for key, value in _flatten(parameters, raw):
        definition = parameters.definitions.get(key)
        if _is_dated(value) or definition is None:
            flat[key] = value if isinstance(value, list) else [value]
        else:
            entry = {"from": moment.on(definition.clock), "value": value, "source": "入力", "evidence": "S:入力"}
            flat[key] = [entry | ({"note": "空"} if value is None else {})]
    return flat


def _is_dated(value: object) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) and "from" in item for item in value)
    )


def _flatten(parameters: BusinessParameters, raw: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in raw.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and key not in parameters.definitions:
            yield from _flatten(parameters, value, f"{key}.")
        else:
            yield key, value
