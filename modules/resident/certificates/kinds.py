"""The certificates there are, and what may stand on them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A kind of certificate."""

    HOUSEHOLD = "household"
    INDIVIDUAL = "individual"
    REMOVED = "removed"
    ENTRIES = "entries"
    ABSENCE = "absence"
    DEPARTURE = "departure"


class Item(StrEnum):
    """An item that is printed only when it was asked for (住基法12条5項)."""

    RELATIONSHIP = "relationship"
    DOMICILE = "domicile"
    HISTORY = "history"
    RESIDENT_CODE = "resident_code"
    MY_NUMBER = "my_number"


ITEM_LABELS: Mapping[Item, str] = {
    Item.RELATIONSHIP: "世帯主・続柄",
    Item.DOMICILE: "本籍・筆頭者（外国人は国籍・在留資格など）",
    Item.HISTORY: "異動前の住所・氏名の履歴",
    Item.RESIDENT_CODE: "住民票コード",
    Item.MY_NUMBER: "個人番号",
}
NUMBERS = frozenset({Item.RESIDENT_CODE, Item.MY_NUMBER})
"""Items for which an own permission and the limits of the law hold."""


@dataclass(frozen=True)
class Certificate:
    """A kind: the title on paper, its fee's key, the items that may be asked for."""

    label: str
    title: str
    fee: str
    article: str
    items: frozenset[Item]
    needs_resident: bool = True
    """Whether the person has to be a resident now; a 除票 is of somebody who no longer is."""


_SHOWN = frozenset({Item.RELATIONSHIP, Item.DOMICILE, Item.HISTORY})
CERTIFICATES: Mapping[Kind, Certificate] = {
    Kind.HOUSEHOLD: Certificate(
        "住民票の写し（世帯連記式）", "住民票の写し", "fee.resident", "住基法12条1項", _SHOWN | NUMBERS
    ),
    Kind.INDIVIDUAL: Certificate(
        "住民票の写し（個人票）", "住民票の写し", "fee.resident", "住基法12条1項", _SHOWN | NUMBERS
    ),
    Kind.REMOVED: Certificate(
        "除票・改製原住民票の写し",
        "住民票の除票の写し",
        "fee.removed",
        "住基法15条の4",
        _SHOWN | NUMBERS,
        needs_resident=False,
    ),
    Kind.ENTRIES: Certificate("住民票記載事項証明書", "住民票記載事項証明書", "fee.entries", "住基法12条1項", _SHOWN),
    Kind.ABSENCE: Certificate(
        "不在住証明書", "不在住証明書", "fee.absence", "市町村の手数料条例", frozenset(), needs_resident=False
    ),
    Kind.DEPARTURE: Certificate(
        "転出証明書",
        "転出証明書",
        "fee.departure",
        "住基法施行令23条",
        frozenset({Item.RELATIONSHIP, Item.DOMICILE}) | NUMBERS,
        needs_resident=False,
    ),
}


def items_of(kind: Kind, asked: Collection[Item]) -> frozenset[Item]:
    """What stands on a certificate of the kind: what was asked for; on a 転出証明書 all that the law names (施行令23条). Pure."""
    return CERTIFICATES[kind].items if kind is Kind.DEPARTURE else frozenset(asked)


KIND_LABELS: Mapping[str, str] = {kind: certificate.label for kind, certificate in CERTIFICATES.items()}
