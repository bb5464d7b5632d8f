"""Checking an ordinance's figures against what the law lets a municipality say. All mistakes are returned at once."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from yoriai.errors import FieldError
from yoriai.rules.parameters.definition import (
    EVIDENCE,
    BusinessParameters,
    DatedValue,
    Definition,
    Setter,
    Since,
    read_since,
)
from yoriai.rules.parameters.value import Value, read_value, write_value

Layer = Mapping[str, Sequence[Mapping[str, Any]]]
"""One authority's figures as written in a file: key to dated entries `{from, value, source, evidence, note}`."""

_ENTRY_KEYS = {"from", "until", "value", "source", "evidence", "note"}
_RANK = {Setter.NATIONAL: 0, Setter.PREFECTURE: 1, Setter.ORDINANCE: 2}
_NAMES = {Setter.NATIONAL: "国", Setter.PREFECTURE: "都道府県", Setter.ORDINANCE: "市町村の条例"}


def validate_layer(
    parameters: BusinessParameters, layer: Layer, setter: Setter = Setter.ORDINANCE, *, complete: bool = True
) -> list[FieldError]:
    """Every mistake in a layer: `field` is `key[index].member`, `rule` a stable word, `article` the law behind
    the rule.

    `complete` also asks for the figures every municipality must give. Rules: unknown_key, fixed_by_law, bad_type,
    missing,
    bad_date, bad_evidence, duplicate, out_of_bounds, above_national, length, unexplained_blank.
    """
    errors: list[FieldError] = []
    for key, entries in layer.items():
        definition = parameters.definitions.get(key)
        if definition is None:
            errors.append(FieldError(key, f"「{key}」という項目はありません。", rule="unknown_key"))
        elif _RANK[definition.set_by] < _RANK[setter]:
            message = f"{definition.label}は{_NAMES[definition.set_by]}が定めるもので、ここでは変えられません。"
            errors.append(FieldError(key, message, rule="fixed_by_law", article=definition.article))
        else:
            errors.extend(_check_entries(definition, layer, parameters, entries))
    if complete:
        errors.extend(_check_required(parameters, layer, setter))
    return errors


def _check_required(parameters: BusinessParameters, layer: Layer, setter: Setter) -> Iterator[FieldError]:
    for key, definition in parameters.definitions.items():
        if definition.required and definition.set_by is setter and not layer.get(key):
            yield FieldError(key, f"{definition.label}を定めてください。", rule="missing", article=definition.article)


def _check_entries(
    definition: Definition, layer: Layer, parameters: BusinessParameters, entries: object
) -> list[FieldError]:
    if not isinstance(entries, list | tuple) or not entries:
        message = "[{from, value, source, evidence}] の並びで書いてください。"
        return [FieldError(definition.key, message, rule="bad_type", article=definition.article)]
    errors: list[FieldError] = []
    seen: set[Since] = set()
    for index, entry in enumerate(entries):
        place = f"{definition.key}[{index}]"
        if not isinstance(entry, Mapping):
            errors.append(FieldError(place, "{from, value, source, evidence} の組で書いてください。", rule="bad_type"))
            continue
        errors.extend(_check_members(definition, place, entry, seen))
        errors.extend(_check_value(definition, place, entry, layer, parameters))
    return errors


def _check_members(
    definition: Definition, place: str, entry: Mapping[str, Any], seen: set[Since]
) -> Iterator[FieldError]:
    for name in ("from", "source", "evidence"):
        if entry.get(name) in (None, ""):
            yield FieldError(f"{place}.{name}", f"{name} がありません。", rule="missing", article=definition.article)
    for name in sorted(set(map(str, entry)) - _ENTRY_KEYS):
        yield FieldError(f"{place}.{name}", f"「{name}」という項目はありません。", rule="unknown_key")
    evidence = entry.get("evidence")
    if evidence not in (None, "") and not EVIDENCE.match(str(evidence)):
        message = f"根拠の印は V:出典、S:出典、K、? のいずれかです: {evidence!r}"
        yield FieldError(f"{place}.evidence", message, rule="bad_evidence")
    for name in ("from", "until"):
        if entry.get(name) in (None, ""):
            continue
        try:
            since = read_since(definition.clock, entry[name])
        except ValueError as error:
            yield FieldError(f"{place}.{name}", str(error), rule="bad_date")
            continue
        if name == "from":
            if since in seen:
                yield FieldError(f"{place}.from", f"{since} からの値が二つあります。", rule="duplicate")
            seen.add(since)


def _check_value(
    definition: Definition, place: str, entry: Mapping[str, Any], layer: Layer, parameters: BusinessParameters
) -> Iterator[FieldError]:
    field, article = f"{place}.value", definition.article
    if "value" not in entry:
        yield FieldError(field, "value がありません。", rule="missing", article=article)
        return
    if entry["value"] is None:
        if not entry.get("note"):
            message = "値を空にするときは、その理由を note に書いてください。"
            yield FieldError(field, message, rule="unexplained_blank", article=article)
        return
    try:
        value = read_value(definition.unit, entry["value"], definition.columns)
    except ValueError as error:
        yield FieldError(field, f"{definition.label}: {error}", rule="bad_type", article=article)
        return
    for rule, message in _broken_bounds(definition, value, entry):
        yield FieldError(field, f"{definition.label}: {message}", rule=rule, article=article)
    if definition.bounds.length_from:
        yield from _check_length(definition, field, value, entry, layer, parameters)


def _broken_bounds(definition: Definition, value: Value, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    bounds = definition.bounds
    if bounds.choices and value not in bounds.choices:
        choices = "、".join(str(write_value(choice)) for choice in bounds.choices)
        yield "out_of_bounds", f"{choices} のいずれかです: {write_value(value)}"
    if bounds.minimum is not None and _less(value, bounds.minimum):
        yield "out_of_bounds", f"{write_value(bounds.minimum)} 以上でなければなりません: {write_value(value)}"
    if bounds.maximum is not None and _less(bounds.maximum, value):
        yield "out_of_bounds", f"{write_value(bounds.maximum)} 以下でなければなりません: {write_value(value)}"
    national = _national_at(definition, entry)
    if bounds.at_most_national and national is not None and _less(national.value, value):
        yield (
            "above_national",
            f"{national.since}からの法定額 {write_value(national.value)} を超えています: {write_value(value)}",
        )


def _less(one: Value, other: Value) -> bool:
    return isinstance(one, int | Fraction) and isinstance(other, int | Fraction) and one < other


def _national_at(definition: Definition, entry: Mapping[str, Any]) -> DatedValue | None:
    try:
        since = read_since(definition.clock, entry.get("from"))
    except ValueError:
        return None
    begun = [value for value in definition.values if str(value.since) <= str(since)]
    return max(begun, key=lambda value: str(value.since), default=None)


def _check_length(
    definition: Definition,
    field: str,
    value: Value,
    entry: Mapping[str, Any],
    layer: Layer,
    parameters: BusinessParameters,
) -> Iterator[FieldError]:
    counter = parameters.definitions[definition.bounds.length_from]
    wanted = [
        other["value"]
        for other in layer.get(counter.key, ())
        if isinstance(other, Mapping)
        and isinstance(other.get("value"), int)
        and str(other.get("from")) <= str(entry.get("from"))
    ]
    if wanted and isinstance(value, tuple) and len(value) != wanted[-1]:
        message = f"{counter.label}は{wanted[-1]}ですが、{definition.label}が{len(value)}件あります。"
        yield FieldError(field, message, rule="length", article=definition.article)
