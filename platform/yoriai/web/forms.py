"""One body for a screen's form and for JSON: fields named `members.0.name` become nested objects, files become Base64 text."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from yoriai.errors import FieldError, Invalid, TooLarge

Body = TypeVar("Body", bound=BaseModel)

_MESSAGES = {
    "missing": "入力してください。",
    "string_too_short": "入力してください。",
    "string_too_long": "文字数が多すぎます({max_length}文字まで)。",
    "string_pattern_mismatch": "決まった形で入力してください。",
    "int_parsing": "数字で入力してください。",
    "int_type": "数字で入力してください。",
    "int_from_float": "小数は使えません。",
    "greater_than_equal": "{ge}以上で入力してください。",
    "greater_than": "{gt}より大きい値を入力してください。",
    "less_than_equal": "{le}以下で入力してください。",
    "less_than": "{lt}より小さい値を入力してください。",
    "literal_error": "選択肢の中から選んでください。",
    "enum": "選択肢の中から選んでください。",
    "date_from_datetime_parsing": "日付として読めません。例: R8.4.1、令和8年4月1日、2026-04-01",
    "date_parsing": "日付として読めません。例: R8.4.1、令和8年4月1日、2026-04-01",
    "bool_parsing": "はい・いいえで答えてください。",
    "extra_forbidden": "この項目は使えません。",
    "too_short": "{min_length}件以上必要です。",
    "too_long": "{max_length}件までです。",
    "list_type": "一覧の形で送ってください。",
    "model_attributes_type": "項目の組の形で送ってください。",
    "uuid_parsing": "受付番号の形が正しくありません。",
    "json_invalid": "JSONとして読めません。",
    "form_invalid": "フォームとして読めません。",
    "field_name": "この項目名は使えません。",
    "character": "使えない文字が含まれています。",
    "depth": "入れ子が深すぎます。",
}
_MAX_BYTES = 2 * 1024 * 1024
_MAX_DEPTH = 16
_NAME = re.compile(r"[A-Za-z_]\w{0,63}(\.\w{1,64}){0,7}(\[\])?", re.ASCII)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_BUTTON = "action"
"""The name of a form's buttons: which one was pressed is no part of the body."""


class Form:
    """What a form page shows: the values as they were typed, and the errors by field.

    `posted_to` is the address an answer with errors belongs to. A page with several forms takes a `part` of each, so that no id
    stands twice and a mistake is told at one field only.
    """

    def __init__(
        self,
        raw: Mapping[str, Any] | None = None,
        errors: Sequence[FieldError] = (),
        posted_to: str = "",
        scope: str = "",
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self._raw = raw or {}
        self._initial = initial or {}
        self.errors = list(errors)
        self.posted_to = posted_to
        self.scope = scope
        self.error_scope = scope

    def part(self, action: str) -> "Form":
        """The form of the page that is sent to `action`; after an error elsewhere on the page it stands as it was at first.

        Its first values are the page's, and over them those that the page's `initial` has under the last step of the address.
        Take the parts before the summary of errors is drawn: its links then lead into the part that was sent.
        """
        scope = action.rpartition("/")[2]
        if self.posted_to != action:
            first = self._initial if self.posted_to else self._raw
            own = first.get(scope)
            return Form({**first, **own} if isinstance(own, Mapping) else first, scope=scope)
        self.error_scope = scope
        return Form(self._raw, self.errors, self.posted_to, scope)

    def value(self, name: str) -> str:
        """The typed text of a field like `members.0.name`; empty when there is none."""
        place: Any = self._raw
        for step in name.removesuffix("[]").split("."):
            place = place.get(step) if isinstance(place, Mapping) else _item(place, step)
        return "" if place is None or isinstance(place, Mapping | list) else str(place)

    def errors_for(self, name: str) -> list[FieldError]:
        """The errors of one field."""
        return [error for error in self.errors if error.field == name]

    def indexes(self, prefix: str) -> list[int]:
        """The numbers of a repeated group's members; one member when there is none yet."""
        members = self._raw.get(prefix)
        return list(range(len(members))) if isinstance(members, list) and members else [0]


def _item(place: Any, step: str) -> Any:
    return place[int(step)] if isinstance(place, list) and step.isdigit() and int(step) < len(place) else None


class BodyOf:
    """The marker a handler's parameter gets from `form_or_json`."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model


def form_or_json(model: type[Body]) -> Body:
    """Declare that a handler's parameter is this model, read from a form or from JSON."""
    return cast(Body, BodyOf(model))


async def read_raw(request: Request) -> dict[str, Any]:
    """The request's body as nested plain values; raises `Invalid` for what is not an object or cannot be stored as text."""
    if not hasattr(request.state, "raw"):
        # A body can be read once; what was refused counts as empty when the form page asks for it again.
        request.state.raw = {}
        await _receive(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        raw = await _read_json(request) if kind == "application/json" else nest(await read_pairs(request))
        refuse_unstorable(raw)
        request.state.raw = raw
    return dict(request.state.raw)


async def read_pairs(request: Request) -> list[tuple[str, str]]:
    """A form's fields as they were sent, in their order; which button was pressed is not among them. Raises `Invalid`."""
    if not hasattr(request.state, "pairs"):
        if not hasattr(request, "_body"):
            await _receive(request)
        request.state.pairs = await _read_form(request)
    pairs: list[tuple[str, str]] = request.state.pairs
    return pairs


def refuse_unstorable(value: Any, path: str = "", depth: int = 0) -> None:
    """Raise `Invalid` for a text PostgreSQL cannot store (NUL, half of a character), or values nested too deeply."""
    if depth > _MAX_DEPTH:
        raise _refused("", "depth")
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise _refused(_UNSTORABLE.sub("\ufffd", path), "character")
    if isinstance(value, Mapping | list):
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            place = f"{path}.{key}" if path else str(key)
            refuse_unstorable(key, place, depth)
            refuse_unstorable(item, place, depth + 1)


async def _read_json(request: Request) -> dict[str, Any]:
    try:
        raw = await request.json()
    except (ValueError, RecursionError):
        raise _refused("", "json_invalid") from None
    if not isinstance(raw, dict):
        raise _refused("", "model_attributes_type")
    return raw


async def _read_form(request: Request) -> list[tuple[str, str]]:
    try:
        form = await request.form()
    except (HTTPException, ValueError, KeyError):
        raise _refused("", "form_invalid") from None
    try:
        return [(name, await _text_of(value)) for name, value in form.multi_items() if name != _BUTTON]
    finally:
        await form.close()


async def _text_of(value: UploadFile | str) -> str:
    """A typed value as it is; a file as JSON carries it, in Base64 (empty when none was chosen)."""
    return value if isinstance(value, str) else base64.b64encode(await value.read()).decode()


async def _receive(request: Request) -> None:
    """Take the whole body in, as `request.body()` does, but no more of it than a form of ours can hold."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > _MAX_BYTES:
            request._body = b""
            raise TooLarge
        parts.append(part)
    request._body = b"".join(parts)


def _refused(field: str, rule: str) -> Invalid:
    return Invalid(fields=[FieldError(field, _MESSAGES[rule], rule=rule)])


def nest(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`[("members.0.name", "山田"), …]` as `{"members": [{"name": "山田"}]}`; empty fields are left out, repeats become lists.

    Raises `Invalid` for a name of another shape, and for names that contradict each other, like `a` and `a.b`.
    """
    root: dict[str, Any] = {}
    for name, value in pairs:
        if value == "":
            continue
        if not _NAME.fullmatch(name):
            raise _refused("", "field_name")
        *path, last = name.removesuffix("[]").split(".")
        place: Any = root
        for part in path:
            place = place.setdefault(part, {}) if isinstance(place, dict) else None
        kind = list if name.endswith("[]") else str
        if not isinstance(place, dict) or not isinstance(place.get(last, kind()), kind):
            raise _refused(name, "field_name")
        if kind is list:
            place.setdefault(last, []).append(value)
        else:
            place[last] = value
    return cast(dict[str, Any], _listed(root))


def validate(model: type[Body], raw: dict[str, Any]) -> Body:
    """The model, or `Invalid` with a Japanese message for every field that is wrong."""
    try:
        return model.model_validate(raw)
    except ValidationError as failure:
        raise Invalid(fields=[field_error(error) for error in failure.errors(include_url=False)]) from None


def field_error(error: Any) -> FieldError:
    """A pydantic error in Japanese, at its dotted path."""
    path = ".".join(str(part) for part in error["loc"])
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return FieldError(path, str(context.get("error", error["msg"])), rule="value")
    message = _MESSAGES.get(error["type"], "正しい値を入力してください。")
    return FieldError(path, message.format(**context) if "{" in message else message, rule=error["type"])


def _listed(value: Any) -> Any:
    """Turn objects whose keys are all numbers into lists, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(item) for key, item in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
