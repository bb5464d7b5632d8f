"""The municipality's own part: `tenants/<code>/onboarding.yaml` says which file holds which table, how its headings are called
and what its codes mean. Validated against the JSON Schema that is made of the businesses' layouts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from yoriai.errors import FieldError, Invalid
from yoriai.onboarding.catalogue import all_tables
from yoriai.onboarding.layout import Kind, Table

FILE = "onboarding.yaml"
SAME = "same"
"""In place of a table of codes: the file already has our codes."""
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}


@dataclass(frozen=True)
class Source:
    """What a municipality declares of one table; all by the layout's labels."""

    document: Mapping[str, Any]
    table: Table

    @property
    def file(self) -> str:
        """The file's name in the folder."""
        return str(self.document.get("file", self.table.file_name))

    @property
    def headings(self) -> Mapping[str, str]:
        """The file's headings, where they are other than the layout's labels."""
        headings: Mapping[str, str] = self.document.get("headings") or {}
        return headings

    @property
    def unneeded(self) -> Mapping[str, str]:
        """Headings of the file that are not taken over, with the reason."""
        unneeded: Mapping[str, str] = self.document.get("unneeded") or {}
        return unneeded

    @property
    def drop(self) -> tuple[Mapping[str, Any], ...]:
        """Records that are not taken over: a heading, values, the reason."""
        return tuple(self.document.get("drop") or ())

    def codes(self, label: str) -> Mapping[str, str] | None:
        """The old codes and ours; None where they are the same."""
        given = (self.document.get("codes") or {}).get(label, {})
        return None if given == SAME else given


@dataclass(frozen=True)
class Settings:
    """The declaration of one municipality."""

    document: Mapping[str, Any]

    @property
    def system(self) -> str:
        """What the old system is called."""
        return str(self.document["source"]["system"])

    @property
    def encoding(self) -> str:
        """The character set of the files, as Python calls it."""
        return str(self.document["source"].get("encoding", "utf-8"))

    @property
    def as_of(self) -> date:
        """The day on which the old system was read out (移行基準日)."""
        return date.fromisoformat(str(self.document["source"]["as_of"]))

    @property
    def characters(self) -> Mapping[str, str]:
        """外字 of the old system and what they are in Unicode."""
        characters: Mapping[str, str] = self.document.get("characters") or {}
        return characters

    def source(self, table: Table) -> Source | None:
        """What is declared of a table; None where the municipality does not take it over."""
        tables = self.document["tables"]
        return Source(tables[table.name] or {}, table) if table.name in tables else None


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `tenants/<code>/onboarding.yaml`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "データ移行の設定",
        "type": "object",
        "additionalProperties": False,
        "required": ["source", "tables"],
        "properties": {
            "source": {
                "type": "object",
                "additionalProperties": False,
                "required": ["system", "as_of"],
                "description": "移行元",
                "properties": {
                    "system": {"type": "string", "minLength": 1, "description": "移行元システムの名称"},
                    "as_of": {"type": "string", "format": "date", "description": "移行基準日（YYYY-MM-DD）"},
                    "encoding": {
                        "enum": ["utf-8", "cp932"],
                        "description": "ファイルの文字コード（utf-8 または cp932）",
                    },
                },
            },
            "characters": {**_TEXTS, "description": "移行元の外字と、それに当てるUnicodeの文字"},
            "tables": {
                "type": "object",
                "additionalProperties": False,
                "minProperties": 1,
                "description": "移行する表",
                "properties": {table.name: _table(table) for table in all_tables().values()},
            },
        },
    }


def _table(table: Table) -> dict[str, Any]:
    labels = [column.label for column in table.columns]
    codes = {column.label: _codes(column.codes) for column in table.columns if column.kind is Kind.CODE}
    return {
        "type": ["object", "null"],
        "description": table.label,
        "additionalProperties": False,
        "properties": {
            "file": {"type": "string", "pattern": "^[^/\\\\]+$", "description": "ファイル名"},
            "headings": {
                "type": "object",
                "additionalProperties": {"enum": labels, "description": "レイアウトの項目名にしてください"},
                "description": "ファイルの見出しと、レイアウトの項目名",
            },
            "unneeded": {**_TEXTS, "description": "移行しない見出しと、その理由"},
            "drop": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["heading", "values", "reason"],
                    "properties": {
                        "heading": {"type": "string"},
                        "values": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                        "reason": {"type": "string", "minLength": 1},
                    },
                },
                "description": "移行しない記録（見出し・値・理由）",
            },
            "codes": {
                "type": "object",
                "additionalProperties": False,
                "properties": codes,
                "description": "項目ごとのコード変換表（移行元のコード: 当システムのコード。同じときは same）",
            },
        },
    }


def _codes(codes: Mapping[str, str]) -> dict[str, Any]:
    target: dict[str, Any] = {"type": "string"}
    if codes:
        words = "、".join(f"{code}={word}" for code, word in codes.items())
        target = {"enum": list(codes), "description": f"次のコードのどれかにしてください: {words}"}
    return {
        "if": {"type": "object"},
        "then": {"additionalProperties": target},
        "else": {"const": SAME, "description": "コード変換表か same にしてください"},
    }


def read_settings(folder: Path, code: str) -> Settings:
    """The declaration of a municipality in `tenants/`; raises Invalid with every mistake, its file and line."""
    from yoriai.tenancy.files import read_source, schema_errors

    path = folder / code / FILE
    source = read_source(path)
    errors = [*schema_errors(source, schema())] or [*_check(source.document)]
    if errors:
        placed = [_placed(source, error) for error in errors]
        raise Invalid(f"{code}/{FILE} に誤りがあります。", fields=placed)
    return Settings(source.document)


def _placed(source: Any, error: FieldError) -> FieldError:
    line = error.line or source.line_of(error.field)
    return FieldError(error.field, error.message, error.rule, error.article, f"{source.path.parent.name}/{FILE}", line)


def _check(document: Mapping[str, Any]) -> Iterator[FieldError]:
    """What the schema cannot say: a code of a free table must be ours; one label for one heading."""
    for name, table in all_tables().items():
        given = document["tables"].get(name) or {}
        headings = list((given.get("headings") or {}).values())
        for label in sorted({label for label in headings if headings.count(label) > 1}):
            message = f"「{label}」に2つの見出しが当てられています。"
            yield FieldError(f"tables.{name}.headings", message, "heading_twice")
        for column in table.columns:
            codes = (given.get("codes") or {}).get(column.label)
            if column.is_code is None or not isinstance(codes, dict):
                continue
            for old, new in codes.items():
                if not column.is_code(new):
                    place = f"tables.{name}.codes.{column.label}.{old}"
                    yield FieldError(place, f"「{new}」は{column.label}のコードにありません。", "unknown_code")
