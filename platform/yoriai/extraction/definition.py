"""A definition: what is listed from which views under which conditions. It holds no data and no SQL, only keys and typed values."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from yoriai.extraction.catalogue import all_views, find_item, label_of
from yoriai.extraction.operators import OPERATORS
from yoriai.extraction.views import Item, Kind, View
from yoriai.web.fields import Day

_KEY = r"^[a-z][a-z0-9_.]{0,120}$"
ASK = "？"
"""Stands in a shared definition for a value that could be somebody's: who takes the definition over types their own."""


class Join(BaseModel):
    """Another view beside the first: the rows that have a partner, all of them, or only those that have none."""

    model_config = ConfigDict(extra="forbid")
    view: str = Field(pattern=_KEY, title="表")
    how: Literal["inner", "left", "none"] = Field(default="inner", title="結び方")
    by: Literal["person", "household"] = Field(default="person", title="結ぶ番号")


class Condition(BaseModel):
    """A condition. Those of one block all hold; of several blocks any one."""

    model_config = ConfigDict(extra="forbid")
    item: str = Field(pattern=_KEY, title="項目")
    operator: str = Field(max_length=20, title="条件")
    value: str = Field(default="", max_length=4_000, title="値")
    block: int = Field(default=1, ge=1, le=9, title="組")


class Sorting(BaseModel):
    """An item the rows are ordered by."""

    model_config = ConfigDict(extra="forbid")
    item: str = Field(pattern=_KEY, title="項目")
    descending: bool = Field(default=False, title="大きい順")


class Definition(BaseModel):
    """What to extract. With `count` the rows are groups of equal `items`: 件数, and the totals of `sums`."""

    model_config = ConfigDict(extra="forbid")
    base: str = Field(pattern=_KEY, title="もとの表")
    joins: list[Join] = Field(default_factory=list, max_length=4, title="結ぶ表")
    items: list[str] = Field(default_factory=list, max_length=200, title="出力する項目")
    conditions: list[Condition] = Field(default_factory=list, max_length=40, title="条件")
    sort: list[Sorting] = Field(default_factory=list, max_length=8, title="並べ替え")
    count: bool = Field(default=False, title="件数を数える")
    sums: list[str] = Field(default_factory=list, max_length=20, title="合計する項目")
    base_date: Day | None = Field(default=None, title="基準日")

    def day(self, today: date) -> date:
        """The base date; the present day where none is fixed."""
        return self.base_date or today

    def views(self) -> list[View]:
        """The known views it uses, the first one first."""
        known = all_views()
        return [known[name] for name in (self.base, *(join.view for join in self.joins)) if name in known]

    def listed(self) -> list[tuple[View, Item]]:
        """The known items it lists."""
        return [found for reference in self.items if (found := find_item(reference))]

    @property
    def has_sealed(self) -> bool:
        """Whether it lists 個人番号 or the like."""
        return any(item.kind is Kind.SEALED for _, item in self.listed())

    @property
    def digest(self) -> str:
        """SHA-256 of its canonical form: an approval holds for this definition and no other."""
        text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_form(self) -> dict[str, Any]:
        """Its values as a form is filled in with them."""
        values = self.model_dump(mode="json", exclude_none=True)
        for name in ("count",):
            values[name] = "true" if values[name] else ""
        for order in values["sort"]:
            order["descending"] = "true" if order["descending"] else ""
        return values


def portable(definition: Definition) -> Definition:
    """The definition without anything that could be a person's: names, numbers and single days in its conditions become `ASK`."""
    conditions = [
        condition.model_copy(update={"value": ASK}) if _may_name_somebody(condition) else condition
        for condition in definition.conditions
    ]
    return definition.model_copy(update={"conditions": conditions})


def _may_name_somebody(condition: Condition) -> bool:
    found = find_item(condition.item)
    if not condition.value or found is None:
        return bool(condition.value)
    item = found[1]
    if item.kind is Kind.CODE and item.codes:
        return False
    is_range = condition.operator in ("ge", "le", "between")
    return item.is_numbering or item.is_place or not (item.kind in (Kind.NUMBER, Kind.YEN, Kind.FLAG) or is_range)


def describe(definition: Definition) -> Iterator[str]:
    """The definition in words, a line for each part: for who approves it, and for the record."""
    known = all_views()
    yield f"もとの表: {_view_label(definition.base)}"
    for join in definition.joins:
        how = {"inner": "ある行だけ", "left": "ない行も残す", "none": "ない行だけ"}[join.how]
        number = "宛名番号" if join.by == "person" else "世帯番号"
        yield f"結ぶ表: {_view_label(join.view)}（{number}で結び、{how}）"
    several = len(known) > 1 and len(definition.joins) > 0
    names = "、".join(label_of(reference, with_view=several) for reference in definition.items)
    yield f"{'数える区分' if definition.count else '出力する項目'}: {names or 'なし'}"
    if definition.count:
        yield "、".join(["件数", *(f"{label_of(reference)}の合計" for reference in definition.sums)])
    blocks = sorted({condition.block for condition in definition.conditions})
    for block in blocks:
        parts = [_condition_text(each, several) for each in definition.conditions if each.block == block]
        yield f"条件{f'（組{block}）' if len(blocks) > 1 else ''}: {' かつ '.join(parts)}"
    for order in definition.sort:
        yield f"並べ替え: {label_of(order.item)}（{'大きい順' if order.descending else '小さい順'}）"
    yield f"基準日: {definition.base_date.isoformat() if definition.base_date else '実行した日'}"


def _condition_text(condition: Condition, several: bool) -> str:
    operator = OPERATORS.get(condition.operator)
    words = operator.label if operator else condition.operator
    value = f"「{condition.value}」" if condition.value else ""
    return f"{label_of(condition.item, with_view=several)}が{value}{words}"


def _view_label(name: str) -> str:
    view = all_views().get(name)
    return view.label if view else name
