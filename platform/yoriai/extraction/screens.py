"""What the screens of an extraction are made of: the views and items to choose from, and the form as it stands."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from yoriai.audit import Principal
from yoriai.extraction.catalogue import all_views, find_veil, views_for
from yoriai.extraction.operators import ALLOWED, OPERATORS
from yoriai.extraction.preview import Preview
from yoriai.extraction.views import KIND_LABELS, Item, Time, View

_MOST_CODES, _BEGINNING = 40, 8
_TIMES = {Time.DAY: "基準日の状態", Time.OWN: "年度・発生日ごとの記録", Time.PRESENT: "現在の状態だけ"}


class ItemView(BaseModel):
    """An item to choose."""

    reference: str
    field: str
    """The reference as part of a form's field name."""
    label: str
    kind: str
    kind_label: str
    length: int
    codes: str
    official: str
    is_place: bool
    is_summable: bool
    operators: str


class ViewView(BaseModel):
    """A view to choose, with its items."""

    name: str
    label: str
    note: str
    time: str
    keys: str
    items: list[ItemView]


class Composing(BaseModel):
    """The composing screen: the views there are, the items of the chosen ones, a preview when one was asked for."""

    views: list[ViewView]
    view_options: list[tuple[str, str]]
    chosen: list[ViewView]
    operators: list[tuple[str, str]]
    may_reveal: bool
    template_no: int | None = None
    version: int | None = None
    preview: Preview | None = None
    initial: dict[str, Any] = {}


def view_of(view: View) -> ViewView:
    """A view as the screens and the API show it."""
    numbers = [label for key, label in ((view.person, "宛名番号"), (view.household, "世帯番号")) if key]
    return ViewView(
        name=view.name,
        label=view.label,
        note=view.note,
        time=_TIMES[view.time],
        keys="・".join(numbers),
        items=[_item(view, item) for item in view.items],
    )


def composing(principal: Principal, raw: Mapping[str, Any], preview: Preview | None = None) -> Composing:
    """The screen for a form as it stands: nested values of `Composed`, wrong ones included."""
    usable = views_for(principal)
    veil = find_veil()
    return Composing(
        views=[view_of(view) for view in usable],
        view_options=[(view.name, view.label) for view in usable],
        chosen=[view_of(view) for view in _chosen(usable, raw)],
        operators=[(name, operator.label) for name, operator in OPERATORS.items()],
        may_reveal=bool(veil and principal.may(veil.permission)),
        template_no=_number(raw.get("template_no")),
        version=_number(raw.get("version")),
        preview=preview,
        initial=dict(raw),
    )


def _chosen(usable: list[View], raw: Mapping[str, Any]) -> list[View]:
    joins = raw.get("joins")
    lines = joins if isinstance(joins, list) else []
    names = [raw.get("base"), *(line.get("view") for line in lines if isinstance(line, Mapping))]
    known = {view.name for view in usable}
    return [all_views()[name] for name in dict.fromkeys(names) if isinstance(name, str) and name in known]


def _item(view: View, item: Item) -> ItemView:
    return ItemView(
        reference=f"{view.name}.{item.key}",
        field=f"{view.name}.{item.key}".replace(".", "__"),
        label=item.label,
        kind=item.kind,
        kind_label=KIND_LABELS[item.kind],
        length=item.length,
        codes=_codes(item),
        official=item.official,
        is_place=item.is_place,
        is_summable=item.is_summable,
        operators="、".join(OPERATORS[name].label for name in ALLOWED[item.kind]),
    )


def _codes(item: Item) -> str:
    """The codes with their words; of a long list its beginning, for any of them may be typed by its name as well."""
    known = [f"{code} {label}" for code, label in item.codes.items()]
    if len(known) <= _MOST_CODES:
        return "、".join(known)
    return f"{'、'.join(known[:_BEGINNING])} など{len(known)}件（名称でも指定できます）"


def _number(value: Any) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
