"""What a certificate says: sheets of the register become the lines of a page. Pure: no database, no clock."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from modules.resident.basic_register.facts import SealedNumber, Sheet, country_name
from modules.resident.certificates.kinds import CERTIFICATES, Item, Kind
from yoriai.dates import format_wareki
from yoriai.office import Certifier
from yoriai.rules.parameters import read_yaml
from yoriai.standings import Standing

JAPAN = "JPN"
OMITTED = "（省略）"
UNASSIGNED = "（未付番）"
SEALED = "（番号を記載）"
"""Stands in a stored content where a number is printed; the number itself lies beside it, sealed."""
_SEXES = {"1": "男", "2": "女", "9": "不詳"}
_REASONS = {
    "move_out": "転出",
    "death": "死亡",
    "ex_officio_removal": "職権消除",
    "disappearance": "失踪宣告",
    "nationality_loss": "国籍喪失",
}
_CLASSES = {
    "mid_long": "中長期在留者",
    "special_permanent": "特別永住者",
    "temporary": "一時庇護許可者または仮滞在許可者",
    "transitional": "出生または国籍喪失による経過滞在者",
}
_HALF, _FULL = "half", "full"
_TEXTS = Path(__file__).parent / "texts.yaml"
Line = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """A person on a certificate: the sheet in question, the sheets before it (newest first), the numbers when asked for, and how
    the person stands with the other businesses (転出証明書).
    """

    sheet: Sheet
    earlier: Sequence[Sheet] = ()
    numbers: Mapping[Item, SealedNumber] = field(default_factory=dict)
    standings: Sequence[Standing] = ()


def build(
    kind: Kind, subjects: Sequence[Subject], head: Sheet | None, items: frozenset[Item], place: str
) -> dict[str, Any]:
    """The page of the persons, without serial, day and certifier; `place` is written before addresses."""
    first = subjects[0].sheet
    head_name = head.name if head else "不明"
    shown_head = head_name if Item.RELATIONSHIP in items else OMITTED
    top = [_line("住所", f"{place}{first.full_address}", _FULL)]
    if kind is not Kind.DEPARTURE:
        top.append(_line("世帯主", shown_head, _FULL))
    persons = [_person(kind, subject, items, place, head_name) for subject in subjects]
    title = CERTIFICATES[kind].title
    if kind is Kind.REMOVED and not first.is_removed:
        title = "改製原住民票の写し"
    return {
        "kind": str(kind),
        "title": title,
        "top": top,
        "persons": persons,
        "addressee_nos": [subject.sheet.addressee_no for subject in subjects],
        "partial": "",
    }


def build_absence(name: str, address: str) -> dict[str, Any]:
    """The page that says that nobody of the name is registered at the address."""
    kind = Kind.ABSENCE
    lines = [_line("住所", address, _FULL), _line("氏名", name, _FULL)]
    return {
        "kind": str(kind),
        "title": CERTIFICATES[kind].title,
        "top": lines,
        "persons": [],
        "addressee_nos": [],
        "partial": "",
    }


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of a content: the same digest prints the same lines."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def certify(
    content: Mapping[str, Any], settings: Mapping[str, Any], certifier: Certifier, day: date, serial: int | None
) -> dict[str, Any]:
    """The content with the words of certification, the day, who certifies, and the serial once it has one."""
    return {
        **content,
        "text": text_of(Kind(content["kind"]), settings, day),
        "issued": format_wareki(day),
        "issued_day": day.isoformat(),
        "paper_note": certifier.paper_note,
        "serial": "" if serial is None else f"第{serial}号",
        "certifier": {"title": certifier.title, "name": certifier.name},
        "seal": certifier.seal,
        "seal_mm": certifier.seal_mm,
        "desk": certifier.desk,
    }


def text_of(kind: Kind, settings: Mapping[str, Any], day: date) -> str:
    """The words of certification on the day: the municipality's own, else the common ones."""
    for texts in (settings.get("texts") or (), _common_texts()):
        valid = [item for item in texts if item["kind"] == kind and str(item["from"]) <= day.isoformat()]
        if valid:
            return str(max(valid, key=lambda item: str(item["from"]))["text"])
    raise LookupError(f"no text of certification for {kind} on {day}")


def lines_of(content: Mapping[str, Any]) -> Iterable[Line]:
    """All lines of a content."""
    yield from content["top"]
    for person in content["persons"]:
        yield from person["lines"]


def _person(kind: Kind, subject: Subject, items: frozenset[Item], place: str, head_name: str) -> dict[str, Any]:
    sheet = subject.sheet
    lines = [
        _line("フリガナ", sheet.name_kana, _HALF),
        _line("生年月日", _birth(sheet), _HALF),
        _line("氏名", sheet.name, _HALF, is_large=True),
        _line("性別", _SEXES.get(sheet.sex, "不詳"), _HALF),
    ]
    if sheet.former_surname:
        lines.append(_line("旧氏", sheet.former_surname, _HALF))
    if sheet.alias:
        lines.append(_line("通称", sheet.alias, _HALF))
    relationship = sheet.relationship_text
    if kind is Kind.DEPARTURE:
        relationship = f"{relationship}（世帯主 {head_name}）"
    lines += [
        _line("続柄", relationship if Item.RELATIONSHIP in items else OMITTED, _HALF),
        _since(sheet),
        _line("住所を定めた年月日", format_wareki(sheet.address_since), _HALF),
        _line("届出の年月日", _day(sheet.notified_on), _HALF),
        *_domicile(sheet, shown=Item.DOMICILE in items),
        _line("転入前住所", sheet.previous_address or "", _FULL),
    ]
    if Item.HISTORY in items:
        lines += _history(subject, place)
    if sheet.is_removed or sheet.planned_removal_on:
        lines += _removal(sheet)
    lines += [_number(label, subject.numbers.get(item), is_asked=item in items) for item, label in _NUMBER_LABELS]
    lines += [_line(standing.label, standing.value, _HALF) for standing in subject.standings]
    return {"lines": lines, "is_removed": sheet.is_removed}


_NUMBER_LABELS = ((Item.RESIDENT_CODE, "住民票コード"), (Item.MY_NUMBER, "個人番号"))


def _number(label: str, number: SealedNumber | None, *, is_asked: bool) -> Line:
    """A number's line; its digits are not in it: what is stored and compared is the sealed text."""
    if number is None or not is_asked:
        return _line(label, UNASSIGNED if is_asked else OMITTED, _HALF)
    sealed = {"kind": number.kind, "addressee_no": number.addressee_no, "text": number.text}
    return {**_line(label, SEALED, _HALF), "sealed": sealed}


def _domicile(sheet: Sheet, *, shown: bool) -> list[Line]:
    if sheet.nationality != JAPAN:
        return (
            _residence(sheet) if shown else [_line("国籍・地域", OMITTED, _HALF), _line("在留資格など", OMITTED, _HALF)]
        )
    return [
        _line("本籍", (sheet.registered_domicile or "") if shown else OMITTED, _FULL),
        _line("筆頭者", (sheet.family_register_head or "") if shown else OMITTED, _FULL),
    ]


def _residence(sheet: Sheet) -> list[Line]:
    """The items of 住基法30条の45 for foreign residents."""
    values = (
        ("国籍・地域", country_name(sheet.nationality)),
        ("30条の45の区分", _CLASSES.get(sheet.residence_class or "", "")),
        ("在留資格", sheet.residence_status),
        ("在留期間", sheet.residence_period),
        ("在留期間の満了日", _day(sheet.residence_until)),
        ("在留カード等の番号", sheet.residence_card_no),
    )
    return [_line(label, value or "", _HALF) for label, value in values]


def _history(subject: Subject, place: str) -> list[Line]:
    """Earlier addresses and names in this municipality, the newest first; each as of the day on which it ended."""
    found: list[Line] = []
    later = subject.sheet
    for sheet in subject.earlier:
        if not sheet.is_removed and not later.is_removed:
            until = format_wareki(later.valid_from)
            if sheet.full_address != later.full_address:
                found.append(_line("異動前住所", f"{place}{sheet.full_address}（{until}まで）", _FULL))
            if sheet.name != later.name:
                found.append(_line("異動前氏名", f"{sheet.name}（{until}まで）", _FULL))
        later = sheet
    return found or [_line("異動前住所", "なし", _FULL)]


def _removal(sheet: Sheet) -> list[Line]:
    if not sheet.is_removed:
        planned = _day(sheet.planned_removal_on)
        return [_line("転出先", sheet.destination or "", _FULL), _line("転出予定年月日", planned, _FULL)]
    reason = _REASONS.get(sheet.removal_reason or "", sheet.removal_reason or "")
    lines = [
        _line("消除年月日", _day(sheet.removed_on), _HALF),
        _line("消除の事由", reason, _HALF),
    ]
    return [*lines, _line("転出先", sheet.destination, _FULL)] if sheet.destination else lines


def _since(sheet: Sheet) -> Line:
    if sheet.nationality != JAPAN:
        day = sheet.foreign_resident_since or sheet.became_resident_on
        return _line("外国人住民となった日", format_wareki(day), _HALF)
    return _line("住民となった年月日", format_wareki(sheet.became_resident_on), _HALF)


def _day(day: date | None) -> str:
    return format_wareki(day) if day else ""


def _birth(sheet: Sheet) -> str:
    """Japanese nationals' birth in 和暦, others' in the western calendar, as on the 住民票."""
    if sheet.birth_date_unknown:
        return "不詳"
    day = sheet.birth_date
    return format_wareki(day) if sheet.nationality == JAPAN else f"{day.year}年{day.month}月{day.day}日"


def _line(label: str, value: str, width: str, *, is_large: bool = False) -> Line:
    return {"label": label, "value": value, "width": width, "is_large": is_large, "is_small": False}


@cache
def _common_texts() -> tuple[dict[str, Any], ...]:
    return tuple(read_yaml(_TEXTS)["texts"])
