"""Numbers at rest: they open where they were sealed and nowhere else, and are found without being opened."""

from dataclasses import replace

import pytest

from yoriai.sealing import Sealed, Sealer, Unsealable, new_key
from yoriai.tenancy.ref import TenantRef

PLACE = Sealed(TenantRef("342157"), "my_number", "addressee:1")
NUMBER = "123456789018"


def test_a_sealed_number_opens_and_does_not_show() -> None:
    sealer = Sealer(new_key())
    first, second = sealer.seal(PLACE, NUMBER), sealer.seal(PLACE, NUMBER)
    assert NUMBER not in first
    assert first != second
    assert sealer.open(PLACE, first) == sealer.open(PLACE, second) == NUMBER


@pytest.mark.parametrize(
    "place",
    [
        replace(PLACE, tenant=TenantRef("343684")),
        replace(PLACE, kind="resident_code"),
        replace(PLACE, subject="addressee:2"),
    ],
)
def test_it_does_not_open_in_another_place(place: Sealed) -> None:
    sealer = Sealer(new_key())
    with pytest.raises(Unsealable):
        sealer.open(place, sealer.seal(PLACE, NUMBER))


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-4] + "AAAA", lambda text: "x" + text, lambda _: "", lambda _: "k"]
)
def test_a_damaged_or_foreign_text_is_refused_in_words(damage: object) -> None:
    sealer = Sealer(new_key())
    with pytest.raises(Unsealable, match="システム担当"):
        sealer.open(PLACE, damage(sealer.seal(PLACE, NUMBER)))  # type: ignore[operator]


def test_a_new_key_seals_and_the_old_one_still_opens_and_finds() -> None:
    old, new = new_key(), new_key()
    before, after = Sealer(old), Sealer(f"{new},{old}")
    sealed, print_ = before.seal(PLACE, NUMBER), before.fingerprints(PLACE.tenant, PLACE.kind, NUMBER)[0]
    assert after.open(PLACE, sealed) == NUMBER
    assert print_ in after.fingerprints(PLACE.tenant, PLACE.kind, NUMBER)
    with pytest.raises(Unsealable):
        before.open(PLACE, after.seal(PLACE, NUMBER))


def test_fingerprints_are_of_one_municipality_and_kind() -> None:
    sealer = Sealer(new_key())
    prints = {
        sealer.fingerprints(tenant, kind, NUMBER)[0]
        for tenant in (TenantRef("342157"), TenantRef("343684"))
        for kind in ("my_number", "resident_code")
    }
    assert len(prints) == 4


@pytest.mark.parametrize("keys", ["", "k1:AAAA", "no-key", "k 1:" + "A" * 44])
def test_what_is_no_key_is_refused(keys: str) -> None:
    with pytest.raises(ValueError):
        Sealer(keys)
