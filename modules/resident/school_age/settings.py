"""What a municipality sets: its schools, its districts by 町字 and 番地, and how its letters look."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yoriai.dates import OPEN_END, OPEN_START
from yoriai.errors import FieldError
from yoriai.tenancy.config import TenantConfig

STAGE_LABELS = {"elementary": "小学校", "junior_high": "中学校"}
KIND_LABELS = {"elementary": "小学校", "junior_high": "中学校", "compulsory": "義務教育学校"}
_STAGES = {"elementary": ("elementary",), "junior_high": ("junior_high",), "compulsory": tuple(STAGE_LABELS)}
_CHOME = re.compile(r"^(?:[一二三四五六七八九十]+|\d+)丁目")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class School:
    """A school of the municipality."""

    code: str
    name: str
    kind: str
    is_small_special: bool = False
    next_code: str = ""
    health_check: str = ""
    """When and where its 就学時健康診断 is, in the words of the letter."""

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages it teaches: a 義務教育学校 both."""
        return _STAGES[self.kind]


@dataclass(frozen=True)
class District:
    """An area of a school: 町字 (or their beginnings) and, of one 町字, perhaps only a range of numbers."""

    school: str
    towns: tuple[str, ...]
    numbers: tuple[int, int] | None = None
    choices: tuple[str, ...] = ()
    since: date = OPEN_START
    until: date = OPEN_END

    def fit(self, address: str, on: date) -> int:
        """How well the address fits: 0 not at all, more for a longer 町字 name and for a range of numbers."""
        if not self.since <= on <= self.until:
            return 0
        town = max((town for town in self.towns if address.startswith(town)), key=len, default="")
        if not town:
            return 0
        if self.numbers is None:
            return 2 * len(town)
        number = block_number(address[len(town) :])
        inside = number is not None and self.numbers[0] <= number <= self.numbers[1]
        return 2 * len(town) + 1 if inside else 0


@dataclass(frozen=True)
class SchoolSettings:
    """The schools and districts of one municipality."""

    schools: Mapping[str, School]
    districts: Sequence[District]
    document: Mapping[str, Any]

    def district_of(self, address: str, stage: str, on: date) -> District | None:
        """The district an address belongs to on a day, for one stage; None where no district has it."""
        plain = unicodedata.normalize("NFKC", address)
        best = max(
            (district for district in self.districts if stage in self.schools[district.school].stages),
            key=lambda district: district.fit(plain, on),
            default=None,
        )
        return best if best and best.fit(plain, on) else None

    def designate(self, address: str, stage: str, on: date) -> str | None:
        """The code of the 指定校, or None."""
        district = self.district_of(address, stage, on)
        return district.school if district else None

    def next_school(self, code: str | None, address: str, on: date) -> str | None:
        """Where a child goes for 中学校: the same 義務教育学校, the school its school leads to, or its district's."""
        school = self.schools.get(code or "")
        if school and "junior_high" in school.stages:
            return school.code
        return (school.next_code if school else "") or self.designate(address, "junior_high", on)

    def name_of(self, code: str | None) -> str:
        """A school's name; a code no longer in use stays a code."""
        if not code:
            return ""
        return self.schools[code].name if code in self.schools else code

    def may_choose(self, code: str, address: str, stage: str, on: date) -> bool:
        """Whether a family may choose the school without a special reason (調整区域, 小規模特認校)."""
        school = self.schools[code]
        district = self.district_of(address, stage, on)
        return school.is_small_special or bool(district and code in district.choices)

    def with_district(self, district: District) -> "SchoolSettings":
        """The settings of a trial: the district goes before all others."""
        names = set(district.towns)
        numbered = district.numbers is not None
        kept = [
            other
            if numbered or other.school == district.school or not self._same_stage(other, district)
            else _without(other, names)
            for other in self.districts
        ]
        return SchoolSettings(self.schools, [district, *(other for other in kept if other.towns)], self.document)

    def _same_stage(self, one: District, other: District) -> bool:
        return bool(set(self.schools[one.school].stages) & set(self.schools[other.school].stages))


def _without(district: District, towns: set[str]) -> District:
    kept = tuple(town for town in district.towns if town not in towns)
    return District(district.school, kept, district.numbers, district.choices, district.since, district.until)


def read_settings(config: TenantConfig) -> SchoolSettings:
    """The municipality's schools; without settings there are none, and every address stays unmatched."""
    return parse_settings(config.settings("school_age"))


def parse_settings(document: Mapping[str, Any]) -> SchoolSettings:
    """The settings as objects."""
    schools = {
        item["code"]: School(
            item["code"],
            item["name"],
            item["kind"],
            bool(item.get("small_special")),
            item.get("next", ""),
            item.get("health_check", ""),
        )
        for item in document.get("schools", ())
    }
    return SchoolSettings(schools, [_district(item) for item in document.get("districts", ())], document)


def block_number(rest: str) -> int | None:
    """The first number after the 町字 (and 丁目) of an address: its 番地."""
    match = _NUMBER.search(_CHOME.sub("", unicodedata.normalize("NFKC", rest)))
    return int(match[0]) if match else None


def check_settings(document: Mapping[str, Any]) -> Iterator[FieldError]:
    """Schools named twice or not at all, ranges the wrong way round, one 町字 in two districts of a stage."""
    schools = document.get("schools") or []
    codes = Counter(school["code"] for school in schools)
    kinds = {school["code"]: school["kind"] for school in schools}
    for index, school in enumerate(schools):
        if codes[school["code"]] > 1:
            yield FieldError(f"schools[{index}].code", f"学校コード {school['code']} が二度あります。", "duplicate")
        if school.get("next") and kinds.get(school["next"]) not in ("junior_high", "compulsory"):
            yield FieldError(f"schools[{index}].next", f"進学先 {school['next']} という中学校はありません。", "unknown")
    taken: dict[tuple[str, str, str], int] = {}
    for index, district in enumerate(document.get("districts") or []):
        yield from _district_errors(district, index, kinds, taken)


def _district_errors(
    district: Mapping[str, Any], index: int, kinds: Mapping[str, str], taken: dict[tuple[str, str, str], int]
) -> Iterator[FieldError]:
    place = f"districts[{index}]"
    for key, codes in (("school", [district["school"]]), ("choices", district.get("choices", []))):
        for code in codes:
            if code not in kinds:
                yield FieldError(f"{place}.{key}", f"学校コード {code} の学校がありません。", "unknown_school")
    numbers = district.get("numbers")
    if numbers and numbers[0] > numbers[1]:
        yield FieldError(f"{place}.numbers", "番地の終わりが始まりより前です。", "order")
    if str(district.get("from", "")) > str(district.get("until", "9999-12-31")):
        yield FieldError(f"{place}.until", "終わりの日が始まりの日より前です。", "order")
    if numbers or "from" in district or "until" in district or district["school"] not in kinds:
        return
    for stage in _STAGES[kinds[district["school"]]]:
        for town in district["towns"]:
            first = taken.setdefault((stage, town, ""), index)
            if first != index:
                message = f"町字 {town} は {STAGE_LABELS[stage]}の通学区域 districts[{first}] にもあります。"
                yield FieldError(f"{place}.towns", message, "duplicate")


def _district(item: Mapping[str, Any]) -> District:
    numbers = item.get("numbers")
    return District(
        school=item["school"],
        towns=tuple(unicodedata.normalize("NFKC", town) for town in item["towns"]),
        numbers=(numbers[0], numbers[1]) if numbers else None,
        choices=tuple(item.get("choices", ())),
        since=date.fromisoformat(item["from"]) if "from" in item else OPEN_START,
        until=date.fromisoformat(item["until"]) if "until" in item else OPEN_END,
    )
