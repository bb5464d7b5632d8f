"""What 就学 prints: letters to guardians and boards, and rolls."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from modules.resident.basic_register.facts import HIDDEN_TEXT
from modules.resident.school_age.roll import HIDDEN
from yoriai.dates import format_wareki
from yoriai.documents import render_pdf
from yoriai.documents.customer_barcode import customer_bars

_HERE = Path(__file__).parent


def print_letters(letters: Sequence[Mapping[str, Any]], *, place: str, made_at: datetime, practice: bool) -> bytes:
    """The letters as PDF/A, one page each; `place` is what an address here begins with. Blocks; raises FontMissing."""
    addressed = [{**letter, "to": _to(letter["to"], place), "mail": _mail(letter)} for letter in letters]
    data = {"letters": addressed, "made": format_wareki(made_at.date()), "practice": practice}
    return render_pdf(_HERE / "letters.typ", data, made_at=made_at)


def _to(to: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The addressee as the post needs it: a home here with `place` before it, also where its postcode is not known."""
    is_home = to.get("is_home", True) and to["address"] not in ("", HIDDEN, HIDDEN_TEXT)
    return {**to, "address": f"{place}{to['address']}" if is_home else to["address"]}


def _mail(letter: Mapping[str, Any]) -> str:
    """The カスタマバーコード of the addressee; none where the address is not shown."""
    to = letter["to"]
    return customer_bars(to["postcode"], f"{to['address']} {to['building']}")


def print_roll(title: str, rows: Sequence[Mapping[str, Any]], *, made_at: datetime, practice: bool) -> bytes:
    """A roll as PDF/A. Blocks; raises FontMissing."""
    data = {"title": title, "rows": list(rows), "made": format_wareki(made_at.date()), "practice": practice}
    return render_pdf(_HERE / "roll.typ", data, made_at=made_at)
