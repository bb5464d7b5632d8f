"""Who may ask for whose certificate (住基法12条, 12条の2, 12条の3, 15条の4)."""

from dataclasses import replace

import pytest

from modules.resident.certificates.kinds import Item, Kind
from modules.resident.certificates.rules import CAPACITIES, Ask, Asker, fold_address, list_refusals, lives_at

COMPLETE = Ask(
    Kind.INDIVIDUAL,
    Asker.THIRD_PARTY,
    frozenset(),
    has_proof=True,
    has_name=True,
    has_body=True,
    purpose="債権の保全",
    items_reason="相続人の確認",
)


def _fields(ask: Ask) -> list[str]:
    return [refusal.field for refusal in list_refusals(ask)]


@pytest.mark.parametrize("asker", list(Asker))
def test_everybody_who_shows_what_is_asked_for_gets_the_basic_items(asker: Asker) -> None:
    assert _fields(replace(COMPLETE, asker=asker)) == []


@pytest.mark.parametrize(
    ("asker", "fields"),
    [
        (Asker.SELF, []),
        (Asker.HOUSEHOLD, []),
        (Asker.LEGAL, ["asker_name", "has_proof"]),
        (Asker.PROXY, ["asker_name", "has_proof"]),
        (Asker.THIRD_PARTY, ["asker_name", "has_proof", "purpose"]),
        (Asker.PROFESSION, ["asker_name", "asker_body", "has_proof", "purpose"]),
        (Asker.PUBLIC, ["asker_name", "asker_body", "has_proof", "purpose"]),
    ],
)
def test_each_capacity_asks_for_its_own_papers(asker: Asker, fields: list[str]) -> None:
    assert _fields(Ask(Kind.INDIVIDUAL, asker, frozenset())) == fields


def test_another_person_gets_the_domicile_only_for_a_reason() -> None:
    with_domicile = replace(COMPLETE, items=frozenset({Item.DOMICILE}))
    assert _fields(with_domicile) == []
    assert _fields(replace(with_domicile, items_reason=" ")) == ["items_reason"]


@pytest.mark.parametrize("asker", [asker for asker in Asker if not CAPACITIES[asker].is_own])
@pytest.mark.parametrize("item", [Item.MY_NUMBER, Item.RESIDENT_CODE])
def test_no_number_for_anybody_but_the_person_and_who_stands_for_it(asker: Asker, item: Item) -> None:
    assert _fields(replace(COMPLETE, asker=asker, items=frozenset({item}))) == ["items"]


def test_former_members_of_the_household_have_no_right_to_a_removed_sheet() -> None:
    (refusal,) = list_refusals(replace(COMPLETE, kind=Kind.REMOVED, asker=Asker.HOUSEHOLD))
    assert (refusal.field, refusal.article) == ("asker", "住基法15条の4")


def test_an_item_that_the_kind_does_not_have_is_refused() -> None:
    asked = replace(COMPLETE, kind=Kind.ENTRIES, asker=Asker.SELF, items=frozenset({Item.MY_NUMBER}))
    assert _fields(asked) == ["items"]


@pytest.mark.parametrize(
    ("asked", "known", "same"),
    [
        ("ためし町一丁目2番3号", "ためし町1-2-3", True),
        ("ためし町１－２－３", "ためし町一丁目2番3号", True),
        ("広島県ためし市ためし町1番2号", "ためし町1番2号", True),
        ("ためし市ためし町1番2号", "ためし町1番2号", True),
        ("ためし町1番2号", "ためし町1番2号 コーポ見本 101号室", True),
        ("ためし町1番2号", "ためし町1番21号", False),
        ("ためし町1番20号", "ためし町1番2号", False),
        ("ためし町9番9号", "ためし町1番2号", False),
    ],
)
def test_addresses_are_compared_as_places_not_as_letters(asked: str, known: str, same: bool) -> None:
    assert lives_at(asked, [known], "広島県ためし市") is same


def test_an_address_folds_to_its_numbers() -> None:
    assert fold_address("ためし町三丁目４番地の５") == fold_address("ためし町3-4-5")
