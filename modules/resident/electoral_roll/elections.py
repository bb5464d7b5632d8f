"""What is read of an election: its page, the reception of a polling place, the list of a district."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import find_concealed, without_concealed
from modules.resident.electoral_roll.barcode import card_code, card_number
from modules.resident.electoral_roll.card_runs import get_run
from modules.resident.electoral_roll.districts import division_on
from modules.resident.electoral_roll.election_models import BALLOT_KINDS, EARLY_REASONS, KINDS
from modules.resident.electoral_roll.protection import (
    HIDDEN,
    HIDDEN_NO,
    may_find_concealed,
    protected_among,
    sealed_among,
    shut_from,
)
from modules.resident.electoral_roll.reads import LIMIT, SEX, address_of, patterns, roll_number
from modules.resident.electoral_roll.shapes import ElectionView, Listing, PollingList, Reception
from modules.resident.electoral_roll.states import REASONS
from modules.resident.electoral_roll.statistics import get_early, get_turnout
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import format_wareki
from yoriai.errors import NotFound
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

STATUS = {
    "planned": ("予定", "info"),
    "fixed": ("名簿確定", "ok"),
    "early_closed": ("期日前投票終了", "ok"),
    "cancelled": ("取りやめ", "neutral"),
}
_CORRECTED = ("name", "kind", "notice_on", "vote_on", "base_on", "registered_on", "early_from", "early_until")
MARKS = {"early": "期", "absentee": "不", "day": "投"}
ABSENTEE_NOTES = {"requested": "請求中", "sent": "用紙交付済", "arrived": "送致済"}
_ELECTION = """
SELECT election_no, name, kind, notice_on, base_on, registered_on, vote_on, early_from, early_until, status, version, fixed_at
  FROM election
"""
_COUNTS = "SELECT election_no, count(*) AS count FROM electoral_voter GROUP BY election_no"
# Who may not vote any more although the list has them: their cards are pulled out (引抜き).
PULLED = """
SELECT v.entry_no, v.addressee_no, v.card_no, v.name, v.district_code, v.serial_no,
       CASE WHEN e.status = 'removed' THEN coalesce(e.removal_reason, '') WHEN e.elsewhere_on IS NOT NULL THEN 'elsewhere'
            WHEN s.id IS NOT NULL THEN 'suspended' ELSE 'moved_out' END AS why,
       EXISTS (SELECT 1 FROM electoral_card_print p WHERE p.election_no = v.election_no AND p.entry_no = v.entry_no) AS is_printed
  FROM electoral_voter v
  JOIN electoral_entry e ON e.entry_no = v.entry_no
  JOIN election x ON x.election_no = v.election_no
  LEFT JOIN LATERAL (
    SELECT id FROM electoral_suspension s WHERE s.addressee_no = v.addressee_no AND s.superseded_at IS NULL
       AND s.from_on <= x.vote_on AND (s.until_on IS NULL OR s.until_on >= x.vote_on) LIMIT 1
  ) AS s ON true
 WHERE v.election_no = $1 AND (e.status = 'removed' OR e.elsewhere_on IS NOT NULL OR s.id IS NOT NULL
        OR (e.status = 'moved_out' AND (x.kind = 'municipal'
            OR (x.kind = 'prefectural' AND e.destination IS NOT NULL AND NOT starts_with(e.destination, $2)))))
 ORDER BY v.card_no
"""
_ADDED = """
SELECT v.entry_no, v.addressee_no, v.card_no, v.name FROM electoral_voter v
 WHERE v.election_no = $1 AND v.is_added ORDER BY v.card_no
"""
_VOTER = """
SELECT v.entry_no, v.card_no, v.addressee_no, v.name, v.name_kana, v.birth_date, v.sex, v.address, v.building, v.district_code,
       v.serial_no, v.is_former_address, b.id AS ballot_id, b.kind, b.place_code, b.received_at, a.status AS absentee
  FROM electoral_voter v
  LEFT JOIN electoral_ballot b ON b.election_no = v.election_no AND b.entry_no = v.entry_no AND b.cancelled_at IS NULL
  LEFT JOIN absentee_vote a ON a.election_no = v.election_no AND a.entry_no = v.entry_no
        AND a.status NOT IN ('refused', 'returned')
 WHERE v.election_no = $1
"""
_BY_CARD = f"{_VOTER} AND v.card_no = $2"
_NAMED = """ (v.name_fold LIKE $2 OR v.kana_fold LIKE ANY($3::text[]))
   AND ($4 OR NOT EXISTS (SELECT 1 FROM fact_hidden_person h WHERE h.addressee_no = v.addressee_no AND h.is_concealed))"""
_BY_NAME = f"{_VOTER} AND {_NAMED} ORDER BY v.kana_fold, v.birth_date LIMIT {LIMIT}"
_COUNT_NAME = f"SELECT count(*) FROM electoral_voter v WHERE v.election_no = $1 AND {_NAMED}"  # noqa: S608 - constants
_BY_DISTRICT = f"{_VOTER} AND v.district_code = $2 ORDER BY v.serial_no"
_IS_WHOLE = """
SELECT NOT EXISTS (SELECT 1 FROM electoral_voter v JOIN fact_hidden_person h ON h.addressee_no = v.addressee_no
                    WHERE v.election_no = $1)
"""
_RECENT = """
SELECT b.id, b.kind, b.place_code, b.received_at, b.cancelled_at, b.cancel_reason, v.addressee_no, v.name, v.card_no
  FROM electoral_ballot b JOIN electoral_voter v ON v.election_no = b.election_no AND v.entry_no = b.entry_no
 WHERE b.election_no = $1 AND b.place_code = $2 ORDER BY b.id DESC LIMIT 10
"""


async def list_elections(session: Reader, base: str) -> Listing:
    """All elections, the latest first."""
    counts = {row["election_no"]: row["count"] for row in await session.fetch(_COUNTS)}
    rows = await session.fetch(f"{_ELECTION} ORDER BY vote_on DESC, election_no DESC LIMIT 100")
    return Listing(
        rows=[
            {
                "name": row["name"],
                "kind": KINDS[row["kind"]],
                "notice_on": row["notice_on"],
                "vote_on": row["vote_on"],
                "status": _chip(row["status"]),
                "voters": counts.get(row["election_no"], 0),
                "href": f"{base}/elections/{row['election_no']}",
            }
            for row in rows
        ],
        total=len(rows),
        options={"kinds": list(KINDS.items())},
    )


async def get_election(
    session: Reader, config: TenantConfig, election_no: int, today: date, day: date | None = None
) -> ElectionView:
    """An election with its counts as they are at this moment, early votes by hour of the day asked for; raises NotFound."""
    row = await find_election(session, election_no)
    barred = await session.fetch(PULLED, election_no, config.prefecture)
    gone = [item["entry_no"] for item in barred]
    turnout, by_age = await get_turnout(session, config, election_no, row["vote_on"], gone)
    places = early_places(config)
    shown = day or today
    early, early_days = await get_early(session, election_no, dict(places), shown)
    pulled = await without_concealed(session, barred)
    added = await without_concealed(session, await session.fetch(_ADDED, election_no))
    run = await get_run(session, config, election_no, today)
    shut = await _shut(session, pulled, today)
    session.audit(AuditEvent("electoral_roll.election_view", detail={"election_no": election_no}))
    return ElectionView(
        election_no=election_no,
        name=row["name"],
        kind=row["kind"],
        status=row["status"],
        version=row["version"],
        facts=_facts(row),
        voters=turnout,
        turnout_by_age=by_age,
        early_by_hour=early,
        early_by_day=early_days,
        early_day=shown,
        is_reopenable=row["status"] == "early_closed" and today <= row["early_until"],
        places=places,
        districts=districts_of(config, row["base_on"]),
        pulled=[
            {
                "card": card_code(election_no, item["card_no"]),
                "entry_no": item["entry_no"],
                "name": item["name"],
                "roll_no": HIDDEN_NO if item["addressee_no"] in shut else roll_number(config, item),
                "why": "公民権停止" if item["why"] == "suspended" else REASONS.get(item["why"], ""),
                "printed": {"label": "印刷済み", "kind": "warn"} if item["is_printed"] else None,
            }
            for item in pulled
        ],
        added=[
            {"entry_no": item["entry_no"], "name": item["name"], "card": card_code(election_no, item["card_no"])}
            for item in added
        ],
        run=run,
        initial={
            "on": max(today, row["registered_on"]).isoformat(),
            "act": "pull",
            "day": format_wareki(shown),
            **{name: row[name] if name in ("name", "kind") else format_wareki(row[name]) for name in _CORRECTED},
        },
        options={"kinds": list(KINDS.items())},
    )


async def get_reception(
    session: Reader,
    config: TenantConfig,
    election_no: int,
    today: date,
    *,
    kind: str,
    place: str,
    q: str,
    match: str = "prefix",
) -> Reception:
    """Who is looked for at a polling place, by the barcode of the card, its number, or a name; raises NotFound."""
    election = await find_election(session, election_no)
    found, total = await _find(session, election_no, q, match) if q.strip() else ([], 0)
    hidden = await protected_among(session, [row["addressee_no"] for row in found], today)
    shut = shut_from(session, hidden, "electoral_roll.district")
    for row in found[:LIMIT]:
        session.audit(AuditEvent("electoral_roll.view", f"addressee:{row['addressee_no']}"))
    places = early_places(config) if kind == "early" else districts_of(config, election["base_on"])
    recent = await session.fetch(_RECENT, election_no, place)
    gone = await find_concealed(session, [row["addressee_no"] for row in recent])
    if kind == "day":
        # The place of the day is the voter's own district.
        gone |= await _shut(session, recent, today)
    return Reception(
        election_no=election_no,
        name=election["name"],
        kind=kind,
        place=place,
        places=places,
        reasons=list(EARLY_REASONS.items()),
        q=q,
        match=match,
        voters=[
            _voter(
                row,
                config,
                election_no,
                is_hidden=row["addressee_no"] in hidden,
                is_shut=row["addressee_no"] in shut,
            )
            for row in found
        ],
        total=total,
        recent=[
            {
                "ballot_id": row["id"],
                "at": f"{row['received_at'].astimezone(JAPAN):%H:%M}",
                "card": card_code(election_no, row["card_no"]),
                "name": HIDDEN if row["addressee_no"] in gone else row["name"],
                "is_cancelled": row["cancelled_at"] is not None,
                "reason": row["cancel_reason"] or "",
            }
            for row in recent
        ],
    )


async def place_of_ballot(session: Reader, ballot_id: int) -> tuple[int, str, str]:
    """The election of a ballot, its kind and place; raises NotFound."""
    row = await session.fetchrow(
        "SELECT election_no, kind, place_code FROM electoral_ballot WHERE id = $1 AND kind <> 'absentee'", ballot_id
    )
    if row is None:
        raise NotFound("この受付はありません。")
    return row["election_no"], row["kind"], row["place_code"]


async def get_polling_list(
    session: Reader, config: TenantConfig, election_no: int, district: str, today: date
) -> PollingList:
    """名簿の抄本 of a district, early and absentee votes marked; raises NotFound.

    Who is protected stands on it only for who may see where they live: the district would tell it.
    """
    election = await find_election(session, election_no)
    division = division_on(config, election["base_on"])
    districts = [(code, item.name) for code, item in division.districts.items()]
    listed = await session.fetch(_BY_DISTRICT, election_no, district)
    numbers = [row["addressee_no"] for row in listed]
    sealed = await sealed_among(session, numbers, "electoral_roll.polling_list")
    rows = [row for row in listed if row["addressee_no"] not in sealed]
    hidden = await protected_among(session, numbers, today)
    pulled = {row["entry_no"] for row in await session.fetch(PULLED, election_no, config.prefecture)}
    detail = {"election_no": election_no, "district": district, "count": len(rows)}
    session.audit(AuditEvent("electoral_roll.polling_list", detail=detail))
    lines = [
        {
            "roll_no": roll_number(config, row),
            "name": row["name"],
            "kana": row["name_kana"],
            "birth_date": row["birth_date"],
            "sex": SEX[row["sex"]],
            "address": HIDDEN if row["addressee_no"] in hidden else address_of(row),
            "mark": MARKS[row["kind"]] if row["kind"] else "不" if row["absentee"] else "",
            "note": _note_of(row, is_pulled=row["entry_no"] in pulled),
        }
        for row in rows
    ]
    return PollingList(
        election_no=election_no,
        name=election["name"],
        district=district,
        title=division.name_of(district),
        place=division.districts[district].place if district in division.districts else "",
        vote_on=election["vote_on"],
        districts=districts,
        rows=lines,
        marked=sum(1 for line in lines if line["mark"]),
        total=len(lines),
        # Of the whole election, not of the district: else the answer would tell where somebody protected lives.
        is_whole=may_find_concealed(session) or await session.fetchval(_IS_WHOLE, election_no),
    )


def _note_of(row: Mapping[str, Any], *, is_pulled: bool) -> str:
    """What the polling place has to know of a voter beside the vote."""
    told = "表示・抹消" if is_pulled else "旧住所" if row["is_former_address"] else ""
    # Whoever has ballot papers at home may vote on the day only after giving them back (施行令64条).
    asked = ABSENTEE_NOTES.get(row["absentee"], "") if not row["kind"] else ""
    return "、".join(filter(None, (told, asked)))


async def _shut(session: Reader, rows: Sequence[Mapping[str, Any]], today: date) -> frozenset[int]:
    hidden = await protected_among(session, [row["addressee_no"] for row in rows], today)
    return shut_from(session, hidden, "electoral_roll.district")


async def find_election(session: Reader, election_no: int) -> Mapping[str, Any]:
    """The election's row; raises NotFound."""
    row = await session.fetchrow(f"{_ELECTION} WHERE election_no = $1", election_no)
    if row is None:
        raise NotFound("この選挙はありません。")
    return row


def early_places(config: TenantConfig) -> list[tuple[str, str]]:
    """期日前投票所: code and name."""
    return [(place["code"], place["name"]) for place in config.settings("electoral_roll").get("early_voting") or ()]


def districts_of(config: TenantConfig, day: date) -> list[tuple[str, str]]:
    """投票区 on a day: code and name."""
    return [(code, item.name) for code, item in division_on(config, day).districts.items()]


async def _find(session: Reader, election_no: int, q: str, match: str) -> tuple[Sequence[Mapping[str, Any]], int]:
    card = card_number(q, election_no)
    if card is not None:
        rows = await session.fetch(_BY_CARD, election_no, card)
        return rows, len(rows)
    name, kana = patterns(q, match)
    arguments = (election_no, name, kana, may_find_concealed(session))
    rows = await session.fetch(_BY_NAME, *arguments)
    total = len(rows) if len(rows) < LIMIT else await session.fetchval(_COUNT_NAME, *arguments)
    return rows, total


def _voter(
    row: Mapping[str, Any], config: TenantConfig, election_no: int, *, is_hidden: bool, is_shut: bool
) -> dict[str, Any]:
    voted = None
    if row["kind"]:
        at = row["received_at"].astimezone(JAPAN)
        voted = {"label": f"{BALLOT_KINDS[row['kind']]}済み {at.month}/{at.day} {at:%H:%M}", "kind": "danger"}
    elif row["absentee"]:
        voted = {"label": "不在者投票の請求あり", "kind": "warn"}
    return {
        "entry_no": row["entry_no"],
        "card": card_code(election_no, row["card_no"]),
        "roll_no": HIDDEN_NO if is_shut else roll_number(config, row),
        "name": row["name"],
        "kana": row["name_kana"],
        "birth_date": row["birth_date"],
        "sex": SEX[row["sex"]],
        "address": HIDDEN if is_hidden else address_of(row),
        "voted": voted,
        "can_vote": voted is None,
    }


def _facts(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"label": "状態", "value": _chip(row["status"]), "kind": "chip"},
        {"label": "種類", "value": KINDS[row["kind"]]},
        {"label": "公示日・告示日", "value": row["notice_on"], "kind": "date"},
        {"label": "選挙期日", "value": row["vote_on"], "kind": "date"},
        {"label": "基準日", "value": row["base_on"], "kind": "date"},
        {"label": "登録日", "value": row["registered_on"], "kind": "date"},
        {"label": "期日前投票の始まり", "value": row["early_from"], "kind": "date"},
        {"label": "期日前投票の終わり", "value": row["early_until"], "kind": "date"},
    ]


def _chip(status: str) -> dict[str, str]:
    label, kind = STATUS[status]
    return {"label": label, "kind": kind}
