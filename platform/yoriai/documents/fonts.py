"""Fonts, found where packages have put them: the system's, or those of a font package of this Python. None is kept here."""

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import typst

from yoriai.errors import YoriaiError

SANS = ("Noto Sans CJK JP", "Noto Sans JP")
"""One of these prints text."""
SERIF = ("IPAmjMincho", "Noto Serif CJK JP", "Noto Serif JP")
"""These print names, in this order: IPAmj明朝 has the variants of 文字情報基盤."""
_FONT_PACKAGES = ("justmytype_intl_cjk",)
"""Python packages whose wheels carry fonts: for machines where nothing can be installed into the system."""


class FontMissing(YoriaiError):
    """No font that can print Japanese is installed."""

    status = 503
    code = "font_missing"
    default_message = "日本語のフォントがないため、文書を作れません。python tools/install_fonts.py を実行してください。"


def font_folders() -> list[Path]:
    """Folders of fonts beside the system's own."""
    found = []
    for name in _FONT_PACKAGES:
        spec = importlib.util.find_spec(name)
        found += [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    return found


@cache
def known_fonts() -> typst.Fonts:
    """All fonts of this machine; looking for them takes a while, so it is done once in a process."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=list(font_folders()))


def find_family(wanted: Sequence[str]) -> str | None:
    """The first of the families that is installed."""
    families = set(known_fonts().families())
    return next((name for name in wanted if name in families), None)


def require_fonts() -> None:
    """Raises FontMissing when no document could be printed in Japanese."""
    if find_family(SANS) is None:
        raise FontMissing
