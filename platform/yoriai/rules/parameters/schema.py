"""The JSON Schema of what a municipality may write: published, used by editors and by the tenant loader."""

from typing import Any

from yoriai.rules.parameters.definition import BusinessParameters, Clock, Definition, Setter
from yoriai.rules.parameters.value import Unit, write_value

_RATE = {"type": ["string", "integer"], "pattern": r"^-?\d+(\.\d+)?%?$|^-?\d+/[1-9]\d*$"}
_SINCE: dict[Clock, dict[str, Any]] = {
    Clock.MONTH: {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
    Clock.DAY: {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
}
_YEAR: dict[str, Any] = {"type": "integer", "minimum": 1900, "maximum": 2199}


def layer_schema(parameters: BusinessParameters, setter: Setter = Setter.ORDINANCE) -> dict[str, Any]:
    """The schema of `businesses.<name>.parameters` in a tenant file: ordinance figures only, all required ones
    required."""
    own = [definition for definition in parameters.definitions.values() if definition.set_by is setter]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {definition.key: _entries(definition) for definition in own},
        "required": [definition.key for definition in own if definition.required],
    }


def _entries(definition: Definition) -> dict[str, Any]:
    since = _SINCE.get(definition.clock, _YEAR)
    entry = {
        "type": "object",
        "additionalProperties": False,
        "required": ["from", "value", "source", "evidence"],
        "properties": {
            "from": since,
            "until": since,
            "value": _value(definition),
            "source": {"type": "string", "minLength": 1},
            "evidence": {"type": "string", "pattern": r"^(V:.+|S(:.+)?|K|\?)$"},
            "note": {"type": "string"},
        },
    }
    description = f"{definition.article}" if definition.article else ""
    return {"title": definition.label, "description": description, "type": "array", "minItems": 1, "items": entry}


def _value(definition: Definition) -> dict[str, Any]:
    unit, bounds = definition.unit, definition.bounds
    if unit is Unit.TABLE:
        row = {name: _nullable(_scalar(column)) for name, column in definition.columns.items()}
        return _nullable(
            {
                "type": "array",
                "minItems": 1,
                "items": {"type": "object", "additionalProperties": False, "properties": row},
            }
        )
    schema = _scalar(unit)
    if bounds.choices:
        schema = {"enum": [*(write_value(choice) for choice in bounds.choices), None]}
    elif unit in (Unit.YEN, Unit.COUNT):
        schema |= {
            name: value
            for name, value in (("minimum", bounds.minimum), ("maximum", bounds.maximum))
            if isinstance(value, int)
        }
    return _nullable(schema)


def _scalar(unit: Unit) -> dict[str, Any]:
    match unit:
        case Unit.YEN | Unit.COUNT:
            return {"type": "integer"}
        case Unit.RATE:
            return dict(_RATE)
        case Unit.FLAG:
            return {"type": "boolean"}
        case Unit.MONTH:
            return {"type": "string", "pattern": r"^\d{4}-\d{2}$"}
        case Unit.MONTH_DAYS:
            return {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": r"^\d{2}-\d{2}$"}}
        case Unit.TEXTS:
            return {"type": "array", "minItems": 1, "items": {"type": "string"}}
        case _:
            return {"type": "string"}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if kind is None:
        return schema
    return schema | {"type": [*([kind] if isinstance(kind, str) else kind), "null"]}
