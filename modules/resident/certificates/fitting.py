"""Whether a page holds what it has to say: fields that overflow and characters the font lacks are told before the issue.

Nothing is ever cut: a value that is too long for one line of its field is set smaller and goes on in the next line.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from modules.resident.certificates.contents import lines_of
from yoriai.documents import MissingGlyph, list_missing
from yoriai.documents.glyphs import clusters
from yoriai.findings import Findings

CAPACITY = {("half", False): 28, ("half", True): 20, ("full", False): 80, ("full", True): 62}
"""Half-width characters that one line of a field holds, by its width and whether it is set large (see the template)."""


def width_of(text: str) -> int:
    """The width of a text in half-width characters; a variation selector takes no room."""
    return sum(2 if unicodedata.east_asian_width(cluster[0]) in "FWA" else 1 for cluster in clusters(text))


def fit(content: dict[str, Any]) -> list[str]:
    """Mark the lines that overflow as small; returns what has to be told of each."""
    found = []
    for line in lines_of(content):
        width, room = width_of(line["value"]), CAPACITY[line["width"], line["is_large"]]
        if width > room:
            line["is_small"] = True
            found.append(
                f"{line['label']}が印刷欄より長い文字です（全角{(width + 1) // 2}文字、欄は{room // 2}文字）。"
                f"小さい字で折り返して全文を印刷します: {line['value']}"
            )
    return found


def missing_in(content: Mapping[str, Any]) -> list[MissingGlyph]:
    """The characters of a page that will not be printed as written."""
    return list_missing(str(line["value"]) for line in lines_of(content))


def check_fit(findings: Findings, content: dict[str, Any], field: str) -> None:
    """Alerts for what overflows, and for each character that the font lacks."""
    for number, message in enumerate(fit(content)):
        findings.warn(f"overflow:{number}", field, message)
    for glyph in missing_in(content):
        findings.warn(f"glyph:{glyph.codes.replace(' ', '-')}", field, glyph.message)


def notes_of(content: dict[str, Any]) -> Iterable[str]:
    """The same as words for the list of a bulk run."""
    yield from fit(content)
    yield from (glyph.message for glyph in missing_in(content))
