"""投票区 (公職選挙法17条): which district an address belongs to, from the municipality's settings.

An area is a 町字, or a range of its numbers. The settings hold one division for each day from which it counts, so
that a new one can be written for a coming election while the present one is in use.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from yoriai.errors import FieldError
from yoriai.tenancy.config import TenantConfig

UNASSIGNED = "00"
"""The district of addresses that no area covers: they are reported, and registered all the same."""
_NUMBER = re.compile(r"\d+")
_SVG = "{http://www.w3.org/2000/svg}"
# Lines, shapes and words only: nothing that loads, links or runs.
_DRAWN = {f"{_SVG}{name}" for name in (
    "svg", "g", "path", "line", "polyline", "polygon", "rect", "circle", "ellipse", "text", "tspan", "title", "defs", "pattern",
)}  # fmt: skip
_NO_LIMIT = 10**9


@dataclass(frozen=True)
class District:
    """A polling district with its polling place."""

    code: str
    name: str
    place: str
    place_address: str
    directions: str
    opens: str
    closes: str
    map: str
    """The 案内図 as SVG; empty without one."""


@dataclass(frozen=True)
class Area:
    """The numbers [first, last] of a 町字, and their district."""

    first: int
    last: int
    code: str
    field: str


@dataclass(frozen=True)
class Division:
    """One division of the municipality into districts."""

    since: date
    districts: Mapping[str, District]
    areas: Mapping[str, tuple[Area, ...]]

    def district_of(self, address: str) -> str:
        """The district's code of an address that begins with the 町字; `UNASSIGNED` where none covers it."""
        text = unicodedata.normalize("NFKC", address)
        for end in range(len(text), 0, -1):
            if (areas := self.areas.get(text[:end])) is not None:
                return _within(areas, text[end:])
        return UNASSIGNED

    def name_of(self, code: str) -> str:
        """The district's name."""
        return self.districts[code].name if code in self.districts else "投票区未定"


def commission_of(config: TenantConfig) -> str:
    """What the 選挙管理委員会 of the municipality is called."""
    return str(
        (config.settings("electoral_roll").get("commission") or {}).get("name") or f"{config.name}選挙管理委員会"
    )


def division_on(config: TenantConfig, day: date) -> Division:
    """The division in use on a base day: the newest that has begun, or the first there is; empty without settings."""
    listed = divisions(config)
    begun = [division for division in listed if division.since <= day]
    if begun or listed:
        return begun[-1] if begun else listed[0]
    return Division(day, {}, {})


def divisions(config: TenantConfig) -> list[Division]:
    """All divisions, the earliest first."""
    written = config.settings("electoral_roll").get("polling_districts") or ()
    return sorted((_division(item, index) for index, item in enumerate(written)), key=lambda division: division.since)


def check_settings(settings: Mapping[str, Any]) -> Iterator[FieldError]:
    """Districts that contradict each other: numbers written twice, ranges that overlap or are turned round."""
    for index, item in enumerate(settings.get("polling_districts") or ()):
        codes = [district["code"] for district in item["districts"]]
        for place, code in enumerate(codes):
            if code in codes[:place] or code == UNASSIGNED:
                yield FieldError(f"{_at(index, place)}.code", f"投票区番号{code}は使えません。", rule="duplicate")
            drawing = item["districts"][place]["place"].get("map", "")
            if drawing and (mistake := svg_mistake(drawing)):
                yield FieldError(f"{_at(index, place)}.place.map", f"案内図を印刷できません: {mistake}", rule="map")
        yield from _mistakes(_division(item, index))


def svg_mistake(text: str) -> str:
    """What keeps a 案内図 from being printed, in words; empty for a drawing that stands by itself."""
    if "<!" in text:
        return "宣言 (<!DOCTYPE など) は書けません。"
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without declarations there are no entities
    except ElementTree.ParseError as error:
        return f"SVG として読めません ({error})。"
    if root.tag != f"{_SVG}svg" or not root.get("viewBox"):
        return 'xmlns="http://www.w3.org/2000/svg" と viewBox のある svg 要素で始めてください。'
    for element in root.iter():
        if element.tag not in _DRAWN:
            return f"要素 {element.tag.removeprefix(_SVG)} は使えません。"
    return ""


def _mistakes(division: Division) -> Iterator[FieldError]:
    for town, areas in division.areas.items():
        for before, area in pairwise(areas):
            if area.first <= before.last:
                message = f"{town}の番地の範囲が投票区{before.code}と{area.code}で重なっています。"
                yield FieldError(area.field, message, rule="overlap", article="公職選挙法17条")
        for area in areas:
            if area.first > area.last:
                yield FieldError(area.field, f"{town}の番地の範囲が逆です。", rule="order")


def _division(item: Mapping[str, Any], index: int) -> Division:
    areas: dict[str, list[Area]] = {}
    for place, district in enumerate(item["districts"]):
        for number, area in enumerate(district["areas"]):
            town = unicodedata.normalize("NFKC", area["town"])
            field = f"{_at(index, place)}.areas[{number}]"
            entry = Area(area.get("from", 0), area.get("until", _NO_LIMIT), district["code"], field)
            areas.setdefault(town, []).append(entry)
    districts = {district["code"]: _district(district) for district in item["districts"]}
    ordered = {town: tuple(sorted(listed, key=lambda area: area.first)) for town, listed in areas.items()}
    return Division(date.fromisoformat(item["from"]), districts, ordered)


def _at(index: int, place: int) -> str:
    return f"polling_districts[{index}].districts[{place}]"


def _district(item: Mapping[str, Any]) -> District:
    place = item["place"]
    return District(
        item["code"],
        item["name"],
        place["name"],
        place["address"],
        place.get("directions", ""),
        place.get("opens", "07:00"),
        place.get("closes", "20:00"),
        place.get("map", ""),
    )


def _within(areas: tuple[Area, ...], rest: str) -> str:
    found = _NUMBER.search(rest)
    number = int(found[0]) if found else 0
    return next((area.code for area in areas if area.first <= number <= area.last), UNASSIGNED)
