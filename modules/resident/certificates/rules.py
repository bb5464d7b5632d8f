"""Who may ask for whose certificate, and for which items.

住基法12条 (本人・同一世帯), 12条の2 (公用), 12条の3 (第三者, 特定事務受任者), 15条の4 (除票).
Evidence of the articles: K (not compared with the text of the law in force); they are shown to staff with each refusal.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from modules.resident.certificates.kinds import CERTIFICATES, ITEM_LABELS, NUMBERS, Item, Kind


class Asker(StrEnum):
    """In what capacity somebody asks."""

    SELF = "self"
    HOUSEHOLD = "household"
    LEGAL = "legal"
    PROXY = "proxy"
    THIRD_PARTY = "third_party"
    PROFESSION = "profession"
    PUBLIC = "public"


@dataclass(frozen=True)
class Capacity:
    """What has to be shown by somebody who asks in this capacity."""

    label: str
    article: str
    is_own: bool
    """Asks for himself, for the household, or in the person's place: no reason has to be given."""
    needs_name: bool = True
    needs_proof: str = ""
    """The paper that has to have been seen."""
    needs_body: str = ""
    """What the name of the body or the qualification is called."""


CAPACITIES: Mapping[Asker, Capacity] = {
    Asker.SELF: Capacity("本人", "住基法12条1項", is_own=True, needs_name=False),
    Asker.HOUSEHOLD: Capacity("同じ世帯の人", "住基法12条1項", is_own=True, needs_name=False),
    Asker.LEGAL: Capacity("法定代理人", "住基法12条3項", is_own=True, needs_proof="戸籍謄本・登記事項証明書など"),
    Asker.PROXY: Capacity("任意代理人", "住基法12条3項", is_own=True, needs_proof="委任状"),
    Asker.THIRD_PARTY: Capacity(
        "第三者（自己の権利の行使など）", "住基法12条の3第1項", is_own=False, needs_proof="利害関係を示す資料"
    ),
    Asker.PROFESSION: Capacity(
        "特定事務受任者（弁護士・司法書士など）",
        "住基法12条の3第2項",
        is_own=False,
        needs_proof="統一請求書・資格を示す書類",
        needs_body="資格と事務所",
    ),
    Asker.PUBLIC: Capacity(
        "国・地方公共団体の機関（公用）", "住基法12条の2", is_own=False, needs_proof="公用請求書", needs_body="機関名"
    ),
}
ASKER_LABELS: Mapping[str, str] = {asker: capacity.label for asker, capacity in CAPACITIES.items()}
_BESIDE_BASICS = frozenset({Item.RELATIONSHIP, Item.DOMICILE, Item.HISTORY})
"""Items outside the 基礎証明事項: another person gets them only when they are needed (住基法12条の3第8項)."""


@dataclass(frozen=True)
class Ask:
    """What decides whether an application may be met."""

    kind: Kind
    asker: Asker
    items: frozenset[Item]
    has_proof: bool = False
    has_name: bool = False
    has_body: bool = False
    purpose: str = ""
    items_reason: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why an application may not be met, at which field, and by which article."""

    field: str
    message: str
    article: str


def list_refusals(ask: Ask) -> Iterator[Refusal]:
    """All reasons why the application may not be met as it stands."""
    capacity = CAPACITIES[ask.asker]
    article = article_of(ask.kind, ask.asker)
    if not may_ask(ask.kind, ask.asker):
        label = CERTIFICATES[ask.kind].label
        yield Refusal("asker", f"{label}は「{capacity.label}」としては請求できません。", article)
        return
    if capacity.needs_name and not ask.has_name:
        yield Refusal("asker_name", f"{capacity.label}の氏名と住所を入力してください。", article)
    if capacity.needs_body and not ask.has_body:
        yield Refusal("asker_body", f"{capacity.needs_body}を入力してください。", article)
    if capacity.needs_proof and ask.kind is not Kind.ABSENCE and not ask.has_proof:
        yield Refusal("has_proof", f"{capacity.needs_proof}を確かめてから印を付けてください。", article)
    if not capacity.is_own and not ask.purpose.strip():
        yield Refusal("purpose", f"{capacity.label}の請求には、利用の目的を具体的に入力してください。", article)
    yield from _item_refusals(ask, capacity, article)


def _item_refusals(ask: Ask, capacity: Capacity, article: str) -> Iterator[Refusal]:
    for item in sorted(ask.items - CERTIFICATES[ask.kind].items):
        message = f"{CERTIFICATES[ask.kind].label}に{ITEM_LABELS[item]}は記載できません。"
        yield Refusal("items", message, CERTIFICATES[ask.kind].article)
    if ask.items & NUMBERS and ask.kind is not Kind.DEPARTURE and not ask.purpose.strip():
        message = "住民票コード・個人番号を記載する場合は、利用の目的（提出先と使い道）を入力してください。"
        yield Refusal("purpose", message, "番号法19条、住基法12条")
    if capacity.is_own:
        return
    for item in sorted(ask.items & NUMBERS):
        yield Refusal("items", f"{ITEM_LABELS[item]}は{capacity.label}には記載できません。", article)
    if ask.items & _BESIDE_BASICS and not ask.items_reason.strip():
        labels = "、".join(ITEM_LABELS[item] for item in Item if item in ask.items & _BESIDE_BASICS)
        message = f"{labels}は基礎証明事項ではありません。記載が必要な理由を入力するか、省略してください。"
        yield Refusal("items_reason", message, article)


def article_of(kind: Kind, asker: Asker) -> str:
    """The article under which it is asked for."""
    if kind in (Kind.ABSENCE, Kind.DEPARTURE):
        return CERTIFICATES[kind].article
    return "住基法15条の4" if kind is Kind.REMOVED else CAPACITIES[asker].article


def may_ask(kind: Kind, asker: Asker) -> bool:
    """Whether somebody in this capacity may ask for the kind.

    A 除票 gives no right to those who once shared the household; a 転出証明書 is for those who move.
    """
    if kind is Kind.REMOVED:
        return asker is not Asker.HOUSEHOLD
    if kind is Kind.DEPARTURE:
        return CAPACITIES[asker].is_own
    if kind is Kind.ABSENCE:
        return asker in (Asker.THIRD_PARTY, Asker.PROFESSION, Asker.PUBLIC)
    return True


_BLOCK = re.compile(r"(丁目|番地|番|号|[-‐‑‒–—―−ー－の])+")
_DIGITS = str.maketrans("一二三四五六七八九", "123456789")
_CHOME = re.compile(r"([一二三四五六七八九])丁目")


def fold_address(text: str) -> str:
    """An address for comparing: `ためし町一丁目2番地3号` and `ためし町１－２－３` are the same."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    plain = _CHOME.sub(lambda match: match[0].translate(_DIGITS), plain)
    return _BLOCK.sub("-", plain).strip("-")


def lives_at(asked: str, addresses: Collection[str], place: str) -> bool:
    """Whether one of the addresses (without the municipality's name, `place`) is the one asked about, or lies in its building."""
    wanted = fold_address(asked)
    for prefix in (fold_address(place), *(fold_address(place[index:]) for index in range(1, len(place)))):
        if prefix and wanted.startswith(prefix):
            wanted = wanted.removeprefix(prefix)
            break
    return any(_is_same(wanted, fold_address(address)) for address in addresses)


def _is_same(one: str, other: str) -> bool:
    """Equal, or one goes on where the other ends: with a branch number, a building or a room, but not with another digit."""
    short, long = sorted((one, other), key=len)
    rest = long.removeprefix(short)
    return bool(short) and long.startswith(short) and (not rest or not rest[0].isdigit())
