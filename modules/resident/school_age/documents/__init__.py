"""What 就学 prints: letters to guardians and boards, and rolls."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from yoriai.dates import format_wareki
from yoriai.documents import render_pdf
from yoriai.documents.customer_barcode import customer_bars

_HERE = Path(__file__).parent


def print_letters(letters: Sequence[Mapping[str, Any]], *, place: str, made_at: datetime, practice: bool) -> bytes:
    """The letters as PDF/A, one page each; `place` is what an address here begins with. Blocks; raises FontMissing."""
    addressed = [{**letter, "mail": _mail(letter)} for letter in letters]
    data = {"letters": addressed, "place": place, "made": format_wareki(made_at.date()), "practice": practice}
    return render_pdf(_HERE / "letters.typ", data, made_at=made_at)


def _mail(letter: Mapping[str, Any]) -> str:
    """The カスタマバーコード of the addressee; none where the address is not shown."""
    to = letter["to"]
    return customer_bars(to["postcode"], f"{to['address']} {to['building']}")


def print_roll(title: str, rows: Sequence[Mapping[str, Any]], *, made_at: datetime, practice: bool) -> bytes:
    """A roll as PDF/A. Blocks; raises FontMissing."""
    data = {"title": title, "rows": list(rows), "made": format_wareki(made_at.date()), "practice": practice}
    return render_pdf(_HERE / "roll.typ", data, made_at=made_at)
