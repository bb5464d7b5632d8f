"""Letters to people in one look: to whom, in whose name, what is told; for businesses whose letters need no form of their own."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from yoriai.dates import format_wareki
from yoriai.documents.pdf import render_pdf
from yoriai.office import certifier_on
from yoriai.tenancy.config import TenantConfig

_TEMPLATE = Path(__file__).parent / "letter.typ"
LETTERS_AT_ONCE = 500


@dataclass(frozen=True)
class Slip:
    """納付書 at the foot of a letter, in as many parts as there are `parts`: for what (`account`) who pays whom how many yen."""

    account: str
    payer: str
    payee: str
    amount: str
    fields: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...] = (
        ("納付書", "上記のとおり納付します。"),
        ("領収済通知書", "上記のとおり領収済みです。"),
        ("領収証書", "上記のとおり領収しました。"),
    )
    """Title of each part, and what it says."""


@dataclass(frozen=True)
class Letter:
    """One letter. `fields` are label and value, `rows` a table below them under `head`; `principal` says in whose matter it is."""

    title: str
    name: str
    postcode: str
    address: str
    building: str
    body: str
    issued_on: str
    sender: str
    contact: str
    principal: str = ""
    number: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    article: str = ""
    slip: Slip | None = None


def render_letters(letters: Sequence[Letter], *, made_at: datetime, practice: bool) -> bytes:
    """The letters as one PDF/A, each on a page of its own; at most 500. Blocks for some milliseconds a letter."""
    shown = [asdict(letter) for letter in letters[:LETTERS_AT_ONCE]]
    title = letters[0].title if letters else ""
    data = {"title": title, "made": format_wareki(made_at.date()), "practice": practice, "letters": shown}
    return render_pdf(_TEMPLATE, data, made_at=made_at)


def full_address(config: TenantConfig, address: str, *, is_home: bool) -> str:
    """The address as the post needs it: of a home in the municipality with 都道府県, 郡 and 市区町村 before it."""
    return f"{config.full_name}{address}" if is_home else address


def sender_of(config: TenantConfig, on: date) -> dict[str, Any]:
    """`sender` and `contact` of a letter: who signs on the day, 職務代理者 included, and the desk of the configuration."""
    certifier = certifier_on(config, on)
    return {"sender": certifier.signature, "contact": certifier.desk}
