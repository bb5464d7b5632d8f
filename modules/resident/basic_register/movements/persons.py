"""The columns of a 住民票 made from what a clerk entered."""

from collections.abc import Mapping
from typing import Any

from modules.resident.basic_register.folding import fold_names
from modules.resident.basic_register.labels import relationship_text
from modules.resident.basic_register.models import ResidentRecord, Town
from modules.resident.basic_register.movements.inputs import AddressInput, Birth, ForeignItems, PersonInput
from modules.resident.basic_register.movements.transitions import Status
from yoriai.japanese import to_katakana

NOBODY_LEAVES: dict[str, Any] = {
    "status": Status.RESIDENT,
    "removed_on": None,
    "removal_reason": None,
    "planned_removal_on": None,
    "destination": None,
}
FOREIGN_ITEMS = tuple(ForeignItems.model_fields)
"""The columns only foreign residents have."""
_NAMES = ("name", "name_kana", "alias", "former_surname")
_ADDRESS = ("town_code", "postcode", "address", "building")


def identity_columns(person: PersonInput | Birth) -> dict[str, Any]:
    """Names with their folded copies, sex, nationality, 本籍 and 続柄."""
    name, kana = "　".join(person.name.split()), to_katakana(person.name_kana)
    alias = getattr(person, "alias", None)
    former_surname = getattr(person, "former_surname", None)
    folded = fold_names(name, kana, alias, former_surname)
    return {
        "name": name,
        "name_kana": kana,
        "name_fold": folded.name_fold,
        "kana_fold": folded.kana_fold,
        "other_fold": folded.other_fold,
        "gram": folded.gram,
        "alias": alias,
        "former_surname": former_surname,
        "kana_confirmed": getattr(person, "kana_confirmed", False),
        **{name: getattr(person, name, None) for name in FOREIGN_ITEMS},
        "sex": person.sex,
        "nationality": person.nationality,
        "registered_domicile": person.registered_domicile,
        "family_register_head": person.family_register_head,
        "relationship": person.relationship,
        "relationship_text": relationship_text(person.relationship),
    }


def address_columns(town: Town, address: AddressInput) -> dict[str, Any]:
    """The address entered, written out."""
    return {
        "town_code": town.town_code,
        "postcode": town.postcode,
        "address": f"{town.name}{address.block}",
        "building": address.building,
    }


def address_of(record: ResidentRecord) -> dict[str, Any]:
    """The address of somebody living there."""
    return {name: getattr(record, name) for name in _ADDRESS}


def folded_changes(record: ResidentRecord, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, names in their stored form and with their searchable copies made anew."""
    made = dict(changes)
    if "name" in made:
        made["name"] = "　".join(made["name"].split())
    if "name_kana" in made:
        made["name_kana"] = to_katakana(made["name_kana"])
    if not made.keys() & set(_NAMES):
        return made
    folded = fold_names(*(made.get(name, getattr(record, name)) for name in _NAMES))
    return made | {
        "name_fold": folded.name_fold,
        "kana_fold": folded.kana_fold,
        "other_fold": folded.other_fold,
        "gram": folded.gram,
    }
