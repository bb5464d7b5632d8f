"""Typst templates become PDF files whose text can be found again."""

import io
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pypdf
import pytest

from yoriai.clock import JAPAN
from yoriai.documents import DocumentError, render_pdf
from yoriai.documents.fonts import SANS, find_family
from yoriai.documents.letters import Letter, render_letters

MADE = datetime(2026, 6, 2, 8, 30, tzinfo=JAPAN)
TEMPLATE = """#import "@local/yoriai:1.0.0": *
#show: sheet.with(title: "試験", made: "6月2日", practice: true)
= 証明
#name(data.name) #amount(data.yen)
#list-table((1fr, 1fr), ("氏名", "金額"), data.rows.map(row => ([#row.name], amount(row.yen))))
"""
DATA = {"name": "佐々木 花子", "yen": 1234567, "rows": [{"name": "渡邉", "yen": -3000}]}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A small template."""
    path = tmp_path / "sheet.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def _text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_japanese_can_be_printed_on_this_machine() -> None:
    assert find_family(SANS)


def test_a_pdf_has_the_text_of_its_data(template: Path) -> None:
    text = _text(render_pdf(template, DATA, made_at=MADE))
    for part in ("証明", "佐々木 花子", "1,234,567", "渡邉", "▲3,000", "練習環境・架空データ"):
        assert part in text


def test_a_pdf_is_archival_unless_asked_otherwise(template: Path) -> None:
    assert b"pdfaid" in render_pdf(template, DATA, made_at=MADE)
    assert b"pdfaid" not in render_pdf(template, DATA, made_at=MADE, standard=None)


def test_the_same_data_give_the_same_file(template: Path) -> None:
    assert render_pdf(template, DATA, made_at=MADE) == render_pdf(template, DATA, made_at=MADE)
    other = {**DATA, "name": "別の人"}
    assert "別の人" in _text(render_pdf(template, other, made_at=MADE))


def test_text_of_the_data_is_never_taken_for_markup(template: Path) -> None:
    hostile = {**DATA, "name": '#read("/etc/passwd") *太字* "引用" \\ $x$'}
    assert '#read("/etc/passwd") *太字*' in _text(render_pdf(template, hostile, made_at=MADE))


def test_a_wrong_template_says_where(tmp_path: Path) -> None:
    path = tmp_path / "wrong.typ"
    path.write_text("= x\n#no-such-function()\n", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"wrong\.typ.*no-such-function"):
        render_pdf(path, {}, made_at=MADE)


def test_a_naive_moment_is_refused(template: Path) -> None:
    with pytest.raises(ValueError, match="aware"):
        render_pdf(template, DATA, made_at=MADE.replace(tzinfo=None))


def test_letters_of_one_file_do_not_number_each_others_pages() -> None:
    """Of 500 letters nobody gets one that is marked 12 / 500: the first page has no number, a further one has its own."""
    plain = Letter("通知書", "甲", "1234567", "ためし町1番", "", "本文", "令和8年11月26日", "市長", "窓口")
    long = replace(plain, head=("番号", "内容"), rows=tuple((str(number), "内容") for number in range(90)))
    made = render_letters([plain, long, plain], made_at=MADE, practice=False)
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages]
    numbers = [re.findall(r"作成 令和8年6月2日\s*([\d /]*)\s*$", page, re.MULTILINE)[0].strip() for page in pages]
    assert numbers == ["", "", *(str(number) for number in range(2, len(pages) - 1)), ""]
    assert len(pages) > 3
