"""What the screens and the API send."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from yoriai.extraction.definition import Condition, Definition, Join, Sorting
from yoriai.web.fields import Day

Sharing = Literal["own", "section", "all"]
Format = Literal["csv", "parquet"]


class Composed(BaseModel):
    """A definition as the composing screen sends it, with what is to become of it. Lines left empty count as not there."""

    model_config = ConfigDict(extra="forbid")
    base: str = Field(min_length=1, max_length=120, title="もとの表")
    joins: list[Join] = Field(default_factory=list, title="結ぶ表")
    items: list[str] = Field(default_factory=list, max_length=200, title="出力する項目")
    order: dict[str, int] = Field(default_factory=dict, title="並び順")
    conditions: list[Condition] = Field(default_factory=list, title="条件")
    sort: list[Sorting] = Field(default_factory=list, title="並べ替え")
    count: bool = Field(default=False, title="件数を数える")
    sums: list[str] = Field(default_factory=list, title="合計する項目")
    base_date: Day | None = Field(default=None, title="基準日")
    template_no: int | None = Field(default=None, ge=1, title="ひな形番号")
    version: int | None = Field(default=None, ge=1, title="版")
    name: str = Field(default="", max_length=80, title="名称")
    note: str = Field(default="", max_length=400, title="説明")
    sharing: Sharing = Field(default="own", title="共有")
    purpose: str = Field(default="", max_length=200, title="利用目的")
    format: Format = Field(default="csv", title="形式")
    reveals: bool = Field(default=False, title="支援措置対象者の住所を含める")

    @model_validator(mode="before")
    @classmethod
    def _without_empty_lines(cls, values: Any) -> Any:
        """A repeated group whose first field is empty is a line that was not used."""
        if not isinstance(values, dict):
            return values
        kept = dict(values)
        for name, first in (("joins", "view"), ("conditions", "item"), ("sort", "item")):
            lines = kept.get(name)
            if isinstance(lines, list):
                kept[name] = [line for line in lines if not isinstance(line, dict) or line.get(first)]
        return kept

    @property
    def definition(self) -> Definition:
        """What is extracted; the columns in the order of the numbers beside them, then as on the screen."""
        ranked = sorted(self.items, key=lambda item: self.order.get(item.replace(".", "__"), 999))
        return Definition(
            base=self.base,
            joins=self.joins,
            items=ranked,
            conditions=self.conditions,
            sort=self.sort,
            count=self.count,
            sums=self.sums,
            base_date=self.base_date,
        )


class Decision(BaseModel):
    """What the second person says to a run with 個人番号."""

    model_config = ConfigDict(extra="forbid")
    decision: Literal["approve", "refuse"] = Field(title="決定")
    note: str = Field(default="", max_length=200, title="理由・条件")


class Nothing(BaseModel):
    """An act that needs no more than its address."""


class Imported(BaseModel):
    """A definition's file (Base64 from a form, or the text itself)."""

    model_config = ConfigDict(extra="forbid")
    file: str = Field(min_length=1, max_length=400_000, title="定義ファイル")


class Publication(BaseModel):
    """What goes to the shared shelf."""

    model_config = ConfigDict(extra="forbid")
    template_no: int = Field(ge=1, title="ひな形番号")
    note: str = Field(default="", max_length=400, title="使い方の説明")


class Saved(BaseModel):
    """A template's number."""

    template_no: int


class Requested(BaseModel):
    """A run's number."""

    run_no: int
