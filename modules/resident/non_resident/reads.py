"""What the screens of 住登外管理 show. A protected person's address is as the register publishes it: not at all."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.facts import HIDDEN_TEXT, refuse_concealed, without_concealed
from modules.resident.non_resident.businesses import business_choices, business_label
from modules.resident.non_resident.codes import DESTINATIONS, KINDS, MAIL_FLAGS, SEXES, STATES
from modules.resident.non_resident.facts import find_addressee, list_same
from modules.resident.non_resident.matching import Candidate, Looked, find_candidates, list_pairs
from modules.resident.non_resident.veil import concealed_among, hidden_among
from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.japanese import fold_kana_ways, fold_name, to_katakana
from yoriai.numbers import is_corporate_number
from yoriai.tenancy.session import Reader
from yoriai.web.panels import Panel

_STANDINGS = {"resident": ("住民", "ok"), "former": ("除票", "neutral"), "non_resident": ("住登外", "info")}
_SEARCH = """
SELECT n.addressee_no, r.name, r.name_kana, r.birth_date, r.address, n.kind, coalesce(l.to_no, n.addressee_no) AS representative_no
  FROM non_resident_record r JOIN non_resident n ON n.addressee_no = r.addressee_no
  LEFT JOIN addressee_link l ON l.from_no = n.addressee_no AND l.superseded_at IS NULL
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
   AND (r.name_fold LIKE $1 OR r.kana_fold LIKE ANY($2::text[]) OR r.corporate_number = $3 OR n.addressee_no = $4)
 ORDER BY r.kana_fold, n.addressee_no LIMIT 101
"""
_RECORDS = """
SELECT name, name_kana, alias, branch, representative, birth_date, sex, corporate_number, postcode, address, building, source,
       reason, is_restricted, valid_from, valid_to, recorded_at, superseded_at, staff_id
  FROM non_resident_record WHERE addressee_no = $1 ORDER BY superseded_at IS NOT NULL, valid_from DESC, id DESC
"""
_HOLDER = "SELECT kind, state, version FROM non_resident WHERE addressee_no = $1"
_LINKS = """
SELECT from_no, to_no, kind, reason, recorded_at, staff_id, superseded_at, undone_by, undo_reason FROM addressee_link
 WHERE from_no = ANY($1::bigint[]) OR to_no = ANY($1::bigint[]) ORDER BY id DESC
"""
_DESTINATIONS = """
SELECT id, kind, business, agent_no, name, address, valid_from, valid_to, reason, superseded_at IS NOT NULL AS is_dropped
  FROM mailing_destination WHERE addressee_no = ANY($1::bigint[]) ORDER BY superseded_at IS NOT NULL, id DESC
"""
_RETURNED = """
SELECT id, addressee_no, kind, business, item, "on", outcome FROM returned_mail
 WHERE addressee_no = ANY($1::bigint[]) ORDER BY superseded_at IS NOT NULL, id DESC
"""
_OPEN_RETURNED = """
SELECT m.id, m.addressee_no, m.kind, m.business, m.item, m."on", m.outcome, a.name FROM returned_mail m
  JOIN fact_addressee a ON a.addressee_no = m.addressee_no WHERE m.superseded_at IS NULL ORDER BY m."on" LIMIT 500
"""
_MEMBERS = """
SELECT m.member_no, m.numerator, m.denominator, a.name FROM non_resident_member m
  JOIN fact_addressee a ON a.addressee_no = m.member_no WHERE m.addressee_no = $1 ORDER BY m.member_no
"""


class Found(BaseModel):
    """An addressee in a list; `agrees` says what of the four items is equal."""

    addressee_no: int
    representative_no: int
    name: str
    name_kana: str
    birth_date: date | None
    address: str
    standing: dict[str, str]
    agrees: str = ""
    score: int = 0


class SearchResult(BaseModel):
    """What a search or a check before numbering found."""

    q: str
    rows: list[Found]
    is_capped: bool
    initial: dict[str, Any]


class Pairs(BaseModel):
    """Suspected duplicates."""

    rows: list[dict[str, Any]]


class ReturnedList(BaseModel):
    """Open 返戻 and 公示送達: letters to these are held back."""

    rows: list[dict[str, Any]]


class AddresseeView(BaseModel):
    """An addressee with versions, 名寄せ, destinations and returned mail."""

    addressee_no: int
    representative_no: int
    name: str
    name_kana: str
    kind: str
    standing: dict[str, str]
    address: str
    version: int
    is_own: bool
    same: list[int]
    records: list[dict[str, Any]]
    members: list[dict[str, Any]]
    links: list[dict[str, Any]]
    destinations: list[dict[str, Any]]
    returned: list[dict[str, Any]]
    kinds: list[tuple[str, str]]
    businesses: list[tuple[str, str]]
    act: str = ""
    """Which form is open: destination, returned, record, link or unlink."""
    panels: list[Panel] = []
    """What the businesses keep of the same person, under whichever number."""
    initial: dict[str, Any]


async def search(session: Reader, q: str, birth_date: date | None) -> SearchResult:
    """Non-residents by name, kana, 法人番号 or 宛名番号; with a birth date or without a hit also the residents in question."""
    text = q.strip()
    rows: list[Found] = []
    if text:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        name, kana = _like(fold_name(text)), [_like(way) for way in fold_kana_ways(text)]
        corporate = text if is_corporate_number(text) else None
        for row in await session.fetch(_SEARCH, name, kana, corporate, number):
            shown = {
                key: row[key]
                for key in ("addressee_no", "representative_no", "name", "name_kana", "birth_date", "address")
            }
            rows.append(Found(**shown, standing=_chip("non_resident")))
    if text and (birth_date or not rows):
        known = {row.addressee_no for row in rows}
        candidates = await find_candidates(session, Looked(text, text, birth_date))
        rows += [_found(item) for item in candidates if item.addressee_no not in known]
    gone = await concealed_among(session, [row.addressee_no for row in rows])
    rows = [row for row in rows if row.addressee_no not in gone]
    hidden = await hidden_among(session, [row.addressee_no for row in rows], "non_resident.search")
    rows = [row.model_copy(update={"address": HIDDEN_TEXT}) if row.addressee_no in hidden else row for row in rows]
    session.audit(AuditEvent("non_resident.search", detail={"found": len(rows)}))
    initial = {"q": q, "birth_date": birth_date.isoformat() if birth_date else ""}
    return SearchResult(q=q, rows=rows[:100], is_capped=len(rows) > 100, initial=initial)


async def list_candidates(session: Reader, name: str, kana: str, birth_date: date | None) -> SearchResult:
    """Who may be meant by what stands on the form, the likeliest first (ATENA-004)."""
    found = await find_candidates(session, Looked(name, to_katakana(kana), birth_date)) if name or kana else []
    session.audit(AuditEvent("non_resident.search", detail={"found": len(found)}))
    return SearchResult(q=name, rows=[_found(item) for item in found], is_capped=False, initial={})


async def get_addressee(session: Reader, addressee_no: int, today: date) -> AddresseeView:
    """An addressee, resident or not; raises NotFound for a number nobody has."""
    found = await find_addressee(session, addressee_no)
    if found is None:
        raise NotFound("この宛名番号はありません。")
    session.audit(AuditEvent("non_resident.view", f"addressee:{addressee_no}"))
    holder = await session.fetchrow(_HOLDER, addressee_no)
    same = await list_same(session, addressee_no)
    await refuse_concealed(session, same, "この宛名番号はありません。")
    records = [dict(row) | {"sex_label": SEXES[row["sex"]]} for row in await session.fetch(_RECORDS, addressee_no)]
    destinations = [dict(row) for row in await session.fetch(_DESTINATIONS, same)]
    is_hidden = bool(await hidden_among(session, [addressee_no], "non_resident.view"))
    if is_hidden:
        records, destinations = [_hide(row) for row in records], [_hide(row) for row in destinations]
    newest = records[0] if records else {}
    keep = (
        "name",
        "name_kana",
        "alias",
        "branch",
        "representative",
        "corporate_number",
        "postcode",
        "address",
        "building",
        "source",
    )
    initial = {key: newest.get(key) or "" for key in keep} | {
        "birth_date": newest["birth_date"].isoformat() if newest.get("birth_date") else "",
        "sex": newest.get("sex", "0"), "since": today.isoformat(), "valid_from": today.isoformat(), "on": today.isoformat(),
        "business": "all",
    }  # fmt: skip
    if is_hidden:
        initial |= {"postcode": "", "address": "", "building": ""}
    return AddresseeView(
        addressee_no=addressee_no,
        representative_no=found.representative_no,
        name=found.name,
        name_kana=found.name_kana,
        kind=KINDS[found.kind],
        standing=_chip(found.standing)
        if not holder
        else dict(zip(("label", "kind"), STATES[holder["state"]], strict=True)),
        address=HIDDEN_TEXT if is_hidden else " ".join(part for part in (found.address, found.building) if part),
        version=holder["version"] if holder else 1,
        is_own=bool(holder and holder["state"] == "active"),
        same=[number for number in same if number != addressee_no],
        records=records,
        members=[dict(row) for row in await session.fetch(_MEMBERS, addressee_no)],
        links=[dict(row) for row in await session.fetch(_LINKS, same)],
        destinations=[
            row | {"label": DESTINATIONS[row["kind"]], "business_label": business_label(row["business"])}
            for row in destinations
        ],
        returned=[dict(row) | {"label": MAIL_FLAGS[row["kind"]]} for row in await session.fetch(_RETURNED, same)],
        kinds=list(DESTINATIONS.items()),
        businesses=business_choices(),
        initial=initial,
    )


async def get_pairs(session: Reader) -> Pairs:
    """Suspected duplicates with both sides' names."""
    rows = []
    for pair in await list_pairs(session):
        one = await find_addressee(session, pair["addressee_no"])
        other = await find_addressee(session, pair["other_no"])
        if one and other:
            hidden = await hidden_among(session, [one.addressee_no, other.addressee_no], "non_resident.duplicates")
            rows.append({"one": _pair(one, hidden), "other": _pair(other, hidden)})
    session.audit(AuditEvent("non_resident.duplicates", detail={"found": len(rows)}))
    return Pairs(rows=rows)


async def list_returned(session: Reader) -> ReturnedList:
    """Whom letters do not reach."""
    found = await without_concealed(session, await session.fetch(_OPEN_RETURNED))
    rows = [
        dict(row) | {"label": MAIL_FLAGS[row["kind"]], "business_label": business_label(row["business"])}
        for row in found
    ]
    session.audit(AuditEvent("non_resident.returned.list", detail={"found": len(rows)}))
    return ReturnedList(rows=rows)


def _found(item: Candidate) -> Found:
    keys = ("addressee_no", "name", "name_kana", "birth_date", "address", "score")
    return Found(
        **{key: getattr(item, key) for key in keys},
        representative_no=item.addressee_no,
        standing=_chip(item.standing),
        agrees="、".join(item.agrees),
    )


def _pair(person: Any, hidden: frozenset[int]) -> dict[str, Any]:
    keys = ("addressee_no", "name", "name_kana", "birth_date", "address")
    shown = {key: getattr(person, key) for key in keys} | {"standing": _chip(person.standing)}
    return _hide(shown) if person.addressee_no in hidden else shown


def _hide(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        key: HIDDEN_TEXT if key == "address" else None for key in ("postcode", "address", "building") if key in row
    }


def _chip(standing: str) -> dict[str, str]:
    label, kind = _STANDINGS[standing]
    return {"label": label, "kind": kind}


def _like(folded: str) -> str:
    plain = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"
