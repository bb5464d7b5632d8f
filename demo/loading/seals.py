"""Seal registrations: some adults have one, with a drawn impression and a card."""

from datetime import date, timedelta
from typing import Any

import polars as pl

from demo.loading.numbers import ADDRESSEE_BASE, set_counter
from demo.loading.seal_drawing import draw_seal
from demo.population import Population
from modules.resident.seal_registration.imaging import read_impression
from modules.resident.seal_registration.rules import PersonNames, may_register_from, text_kind
from yoriai.dates import OPEN_END
from yoriai.tenancy.bulk import BulkWriteSession

_ONE_IN = 30
"""Of the adults: half of them have one in life, but each is a picture to draw."""
_REGISTRATION_BASE, _CARD_BASE = 60_000_000, 80_000_000
_ADULT = 18


def load_seals(session: BulkWriteSession, people: Population, as_of: date) -> int:
    """Write registrations with impression, state and card; returns their number."""
    chosen = people.residents.filter((pl.col("person_no") % _ONE_IN == 0) & (pl.col("nationality") == "JPN"))
    columns = ("person_no", "name", "birth_date", "became_resident_on")
    registrations: list[dict[str, Any]] = []
    images: list[dict[str, Any]] = []
    states: list[dict[str, Any]] = []
    cards: list[dict[str, Any]] = []
    seen: set[str] = set()
    for person_no, name, birth, since in chosen.select(columns).iter_rows():
        kind = text_kind(name.split()[0], PersonNames(name))
        registered_on = max(may_register_from(birth, _ADULT), since) + timedelta(days=person_no % 300)
        impression = read_impression(draw_seal(person_no), None)
        if kind is None or registered_on >= as_of or impression.digest in seen:
            continue
        seen.add(impression.digest)
        number = _REGISTRATION_BASE + len(registrations) + 1
        keys: dict[str, Any] = {"registration_no": number, "addressee_no": ADDRESSEE_BASE + person_no}
        registrations.append(
            {**keys, "applied_on": registered_on, "seal_text": name.split()[0], "text_kind": str(kind), "name": name}
        )
        sizes = {key: getattr(impression, key) for key in ("width", "height", "picture_width", "picture_height")}
        images.append({"registration_no": number, "png": impression.png, "likeness": impression.likeness, **sizes})
        states.append({**keys, "image_digest": impression.digest, "valid_from": registered_on})
        cards.append({"card_no": _CARD_BASE + len(cards) + 1, "registration_no": number, "issued_on": registered_on})
    if not registrations:
        return 0
    by = pl.lit("conversion")
    session.append(
        "seal_registration",
        pl.DataFrame(registrations).with_columns(material=pl.lit("hard"), identity_kind=by, staff_id=by),
    )
    session.append("seal_image", pl.DataFrame(images))
    session.append(
        "seal_registration_state",
        pl.DataFrame(states).with_columns(status=pl.lit("active"), valid_to=pl.lit(OPEN_END)),
    )
    session.append("seal_card", pl.DataFrame(cards).with_columns(staff_id=by))
    set_counter(session, "seal_registration", _REGISTRATION_BASE + len(registrations))
    set_counter(session, "seal_card", _CARD_BASE + len(cards))
    return len(registrations)
