"""引渡しファイル of the 学齢簿 for 就学援助 and 校務 systems: its form, its making, and the check a receiver makes.

A zip of three files: `school_register.csv` (UTF-8, the columns of `SCHEMA` in their order, ISO dates, absent values empty),
`schema.json` (that form, a JSON Schema of one row) and `manifest.json` (whose, as of when, how many rows, SHA-256 of the data).
`python -m modules.resident.school_age.handover FILE.zip` checks one without a database: exit code 0, or 2 with every mistake.
"""

import csv
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from modules.resident.school_age.codes import PLACEMENTS
from modules.resident.school_age.views import ChildLine
from yoriai.csv_text import csv_text

FORM = "yoriai.school_register/1"
DATA, SCHEMA_FILE, MANIFEST = "school_register.csv", "schema.json", "manifest.json"
_TEXT = {"type": "string", "minLength": 1, "maxLength": 100}
_MAYBE = {"type": "string", "maxLength": 300}
_DAY = {"type": "string", "format": "date"}
SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": FORM,
    "type": "object",
    "additionalProperties": False,
    "required": ["宛名番号", "氏名", "フリガナ", "生年月日", "性別", "国籍区分", "在籍区分", "学年", "在籍開始日"],
    "properties": {
        "宛名番号": {"type": "string", "pattern": "^([1-9][0-9]{0,14})?$", "description": "市外から受け入れた子は空"},
        "氏名": _TEXT,
        "フリガナ": _TEXT,
        "生年月日": _DAY,
        "性別": {"enum": ["男", "女", "-", ""]},
        "国籍区分": {"enum": ["日本国籍", "外国籍"]},
        "在籍区分": {"enum": list(PLACEMENTS.values())},
        "学校コード": {"type": "string", "pattern": "^([A-Z0-9]{1,8})?$"},
        "学校名": _MAYBE,
        "学年": {"enum": [str(grade) for grade in range(10)], "description": "1から9。0は入学前"},
        "住所": {**_MAYBE, "description": "支援措置の対象は、その旨の文だけ"},
        "保護者氏名": _MAYBE,
        "在籍開始日": {"anyOf": [{"const": ""}, _DAY], "description": "学校が決まっていない子は空"},
    },
    "if": {"properties": {"在籍区分": {"const": PLACEMENTS["municipal"]}}},
    "then": {"properties": {"学校コード": {"minLength": 1}, "学校名": {"minLength": 1}}},
}
"""One row. A child at a municipal school has the school's code and name."""
HANDOVER: tuple[str, ...] = tuple(SCHEMA["properties"])
_CHECK = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a file; `line` counts from 1 with the header, 0 for the file as such."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"{self.line}行目" if self.line else "ファイル"
        return f"{place} {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


def handover_rows(lines: Sequence[ChildLine]) -> list[list[str]]:
    """The rows in the order of `HANDOVER`."""
    return [
        [
            str(line.addressee_no or ""),
            line.name,
            line.kana,
            _iso(line.birth_date),
            line.sex,
            "外国籍" if line.is_foreign else "日本国籍",
            line.kind_label,
            line.school_code or "",
            line.school_name,
            str(line.grade),
            line.address,
            line.guardian_name,
            _iso(line.since),
        ]
        for line in lines
    ]


def pack(lines: Sequence[ChildLine], municipality_code: str, day: date, purpose: str, *, left_out: int = 0) -> bytes:
    """The zip for the children as of a day; the same children give the same bytes. `left_out`: protected children it lacks."""
    data = csv_text(HANDOVER, handover_rows(lines)).encode("utf-8")
    manifest = {
        "form": FORM,
        "municipality_code": municipality_code,
        "as_of": day.isoformat(),
        "purpose": purpose,
        "rows": len(lines),
        "left_out": left_out,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ((DATA, data), (SCHEMA_FILE, _json(SCHEMA)), (MANIFEST, _json(manifest))):
            archive.writestr(zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0)), content)
    return packed.getvalue()


def check(content: bytes) -> list[Mistake]:
    """Every mistake of a file as a receiver finds them; empty for one that can be taken in."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return [Mistake(0, "", "zip ファイルとして読めません。")]
    if missing := [name for name in (DATA, MANIFEST) if name not in files]:
        return [Mistake(0, name, "ありません。") for name in missing]
    return [*_check_manifest(files), *_check_rows(files[DATA])]


def _check_manifest(files: Mapping[str, bytes]) -> list[Mistake]:
    try:
        manifest = json.loads(files[MANIFEST])
    except ValueError:
        return [Mistake(0, MANIFEST, "JSON として読めません。")]
    found = []
    if manifest.get("form") != FORM:
        found.append(Mistake(0, "form", f"{FORM} ではありません: {manifest.get('form')}"))
    if manifest.get("sha256") != hashlib.sha256(files[DATA]).hexdigest():
        found.append(Mistake(0, "sha256", "データが引渡しの後に変わっています。"))
    rows = max(len(list(csv.reader(io.StringIO(files[DATA].decode("utf-8", "replace"))))) - 1, 0)
    if manifest.get("rows") != rows:
        found.append(Mistake(0, "rows", f"件数が違います: 記載 {manifest.get('rows')}、実際 {rows}"))
    return found


def _check_rows(data: bytes) -> list[Mistake]:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"))))
    except UnicodeDecodeError as error:
        return [Mistake(0, DATA, f"UTF-8 ではありません ({error.start}バイト目)。")]
    if not rows or tuple(rows[0]) != HANDOVER:
        return [Mistake(1, "", f"見出しは {','.join(HANDOVER)} です。")]
    found: list[Mistake] = []
    seen: dict[str, int] = {}
    for line, row in enumerate(rows[1:], 2):
        if len(row) != len(HANDOVER):
            found.append(Mistake(line, "", f"{len(HANDOVER)}列ではなく{len(row)}列です。"))
            continue
        values = dict(zip(HANDOVER, row, strict=True))
        for wrong in _CHECK.iter_errors(values):
            column = str(wrong.absolute_path[0]) if wrong.absolute_path else ""
            found.append(Mistake(line, column, f"決められた形ではありません: {values.get(column, '')!r}"))
        first = seen.setdefault(values["宛名番号"], line)
        if values["宛名番号"] and first != line:
            found.append(Mistake(line, "宛名番号", f"{first}行目と同じ番号です。"))
    return found


def main(arguments: Sequence[str]) -> int:
    """The command: checks each file named; 0 when all are good."""
    mistakes = [(name, mistake) for name in arguments for mistake in check(Path(name).read_bytes())]
    for name, mistake in mistakes:
        sys.stderr.write(f"{name}: {mistake}\n")
    return 2 if mistakes or not arguments else 0


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
