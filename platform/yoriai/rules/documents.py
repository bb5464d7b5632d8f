"""Checking a JSON document somebody supplied: every mistake at once, each naming its field, in Japanese."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from yoriai.errors import FieldError, Invalid

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


def check_document(schema: Mapping[str, Any], document: object) -> list[FieldError]:
    """Every breach of the JSON Schema as a field error with a dotted path (`members[0].age`) and the rule broken."""
    validator = Draft202012Validator(schema, format_checker=_FORMATS)
    errors = [field for error in validator.iter_errors(document) for field in _fields(error)]
    return sorted(errors, key=lambda field: field.field)


def require_valid(errors: Iterable[FieldError]) -> None:
    """Raise Invalid with all the errors, if there are any."""
    if found := tuple(errors):
        raise Invalid(fields=found)


def _fields(error: ValidationError) -> Iterable[FieldError]:
    place = _path(error.absolute_path)
    limit: Any = error.validator_value
    value: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "required":
            missing = [name for name in limit if name not in value]
            # jsonschema reports one error per missing name; its message starts with that name quoted.
            name = next((name for name in missing if error.message.startswith(repr(name))), missing[0])
            yield FieldError(_join(place, name), "必須の項目がありません。", rule="required")
        case "additionalProperties":
            known = schema.get("properties", {})
            for name in sorted(set(value) - set(known)):
                yield FieldError(_join(place, str(name)), "この項目はありません。", rule="unknown_key")
        case "oneOf" | "anyOf":
            yield FieldError(place, _one_of(error), rule="required")
        case rule:
            yield FieldError(place or "(全体)", _message(error), rule=str(rule))


def _message(error: ValidationError) -> str:
    limit: Any = error.validator_value
    value: Any = error.instance
    messages = {
        "type": f"型が違います ({_type_name(limit)}で書いてください): {value!r}",
        "minimum": f"{limit} 以上でなければなりません: {value}",
        "maximum": f"{limit} 以下でなければなりません: {value}",
        "minItems": f"{limit} 件以上必要です。",
        "maxItems": f"{limit} 件以下でなければなりません。",
        "enum": f"次のいずれかです: {'、'.join(map(str, limit)) if isinstance(limit, list) else limit}",
        "format": f"日付は 2026-04-01 の形で、実在する日を書いてください: {value!r}",
        "pattern": f"形式が違います: {value!r}",
        "maxLength": f"{limit} 文字以内で書いてください。",
        "minLength": "空にできません。",
    }
    return messages.get(str(error.validator), error.message)


def _one_of(error: ValidationError) -> str:
    options: Any = error.validator_value
    names = [name for option in options for name in option.get("required", ())]
    return f"{'、'.join(names)} のどれか一つを書いてください。" if names else "どの形にも合いません。"


def _type_name(kind: object) -> str:
    names = {"integer": "整数", "string": "文字列", "boolean": "true か false", "array": "並び", "object": "項目の組"}
    kinds = kind if isinstance(kind, list) else [kind]
    return "または".join(names.get(str(name), str(name)) for name in kinds)


def _path(parts: Iterable[str | int]) -> str:
    text = ""
    for part in parts:
        text = f"{text}[{part}]" if isinstance(part, int) else _join(text, part)
    return text


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
