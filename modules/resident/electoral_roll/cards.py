"""投票所入場券 (公職選挙法施行令31条): which cards there are and what stands on each, from the municipality's settings alone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from modules.resident.electoral_roll.barcode import bars, card_code
from modules.resident.electoral_roll.districts import District, division_on
from modules.resident.electoral_roll.election_models import EARLY_REASONS, ElectoralCardPrint
from modules.resident.electoral_roll.protection import protected_among
from modules.resident.electoral_roll.reads import SEX, address_of, roll_number
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.documents import render_pdf
from yoriai.errors import NotFound
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, WriteSession

CARDS_A_PART = 500
"""Pages are typeset together in parts of so many cards: larger documents take memory, smaller ones time."""
DOCUMENTS = Path(__file__).parent / "documents"
_PLAIN_CARD: Mapping[str, Any] = {"form": "postcard", "unit": "person", "order": "household", "shows": ["roll_number"]}
_ELECTION = "SELECT name, kind, base_on, vote_on, early_from, early_until FROM election WHERE election_no = $1"
_VOTERS = """
SELECT v.entry_no, v.card_no, v.addressee_no, v.household_no, v.name, v.sex, v.district_code, v.serial_no, v.is_added,
       coalesce(m.postcode, v.postcode) AS postcode, coalesce(m.address, v.address) AS address,
       CASE WHEN m.addressee_no IS NULL THEN v.building ELSE m.building END AS building, c.sending_postcode, c.sending_address
  FROM electoral_voter v
  JOIN electoral_entry e ON e.entry_no = v.entry_no
  LEFT JOIN fact_mailing_address m ON m.addressee_no = v.addressee_no AND m.is_hidden
  LEFT JOIN electoral_care c ON c.addressee_no = v.addressee_no AND c.superseded_at IS NULL AND c.sending_address IS NOT NULL
        AND c.from_on <= $2 AND (c.until_on IS NULL OR c.until_on >= $2)
 WHERE v.election_no = $1 AND ($3::bigint IS NULL OR v.entry_no = $3) AND ($4 = '' OR v.district_code = $4)
   AND e.status <> 'removed' AND e.elsewhere_on IS NULL
 ORDER BY v.card_no
"""

Voter = Mapping[str, Any]


def make_cards(
    voters: Sequence[Voter], protected: frozenset[int], settings: Mapping[str, Any]
) -> tuple[list[list[Voter]], list[Voter]]:
    """The cards as groups of voters, in their order, and those whom the settings keep back from a bulk run.

    A household shares a card up to `persons_per_card`; who is protected or has another sending address never shares one.
    """
    card = settings.get("card") or _PLAIN_CARD
    held = [voter for voter in voters if voter["addressee_no"] in protected and card.get("protected") == "hold"]
    kept = {voter["entry_no"] for voter in held}
    rest = [voter for voter in voters if voter["entry_no"] not in kept]
    if card["unit"] == "person":
        return [[voter] for voter in rest], held
    size = int(card.get("persons_per_card") or 1)
    groups: list[list[Voter]] = []
    for _, members in groupby(_by_household(rest), key=lambda voter: (voter["district_code"], voter["household_no"])):
        shared: list[Voter] = []
        for voter in members:
            if voter["addressee_no"] in protected or voter["sending_address"]:
                groups.append([voter])
            else:
                shared.append(voter)
        groups += [shared[start : start + size] for start in range(0, len(shared), size)]
    return sorted(groups, key=lambda group: group[0]["card_no"]), held


async def get_parts(
    session: Reader, config: TenantConfig, election_no: int, vote_on: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The parts in which a district's cards are printed in bulk, and the voters who are kept back."""
    voters = [row for row in await session.fetch(_VOTERS, election_no, vote_on, None, "") if not row["is_added"]]
    protected = await protected_among(session, [row["addressee_no"] for row in voters], vote_on)
    parts: list[dict[str, Any]] = []
    division = division_on(config, vote_on)
    kept: list[Voter] = []
    for code, members in groupby(sorted(voters, key=_district), key=_district):
        cards, held = make_cards(list(members), protected, config.settings("electoral_roll"))
        kept += held
        for number, start in enumerate(range(0, len(cards), CARDS_A_PART), 1):
            part = cards[start : start + CARDS_A_PART]
            counts = {"cards": len(part), "persons": sum(len(card) for card in part)}
            parts.append({"district": code, "name": division.name_of(code), "part": number, **counts})
    return parts, [
        {"entry_no": voter["entry_no"], "card": card_code(election_no, voter["card_no"]), "name": voter["name"]}
        for voter in kept
    ]


async def print_part(
    session: WriteSession, config: TenantConfig, election_no: int, district: str, part: int, now: datetime
) -> dict[str, Any]:
    """The data of one part of a district's cards, and a record that they were printed; raises NotFound."""
    voters = [
        row for row in await session.fetch(_VOTERS, election_no, now.date(), None, district) if not row["is_added"]
    ]
    protected = await protected_among(session, [row["addressee_no"] for row in voters], now.date())
    cards, _ = make_cards(voters, protected, config.settings("electoral_roll"))
    chosen = cards[(part - 1) * CARDS_A_PART : part * CARDS_A_PART]
    if not chosen:
        raise NotFound("この投票区の入場券はありません。")
    return await _print(session, config, election_no, chosen, "bulk", now)


async def print_one(
    session: WriteSession, config: TenantConfig, election_no: int, entry_no: int, now: datetime
) -> dict[str, Any]:
    """The data of one voter's card alone, for additions, losses and who was kept back; raises NotFound."""
    voters = await session.fetch(_VOTERS, election_no, now.date(), entry_no, "")
    if not voters:
        raise NotFound("この選挙の名簿に登録されていないか、抹消されています。")
    return await _print(session, config, election_no, [list(voters)], "single", now)


def render_cards(data: Mapping[str, Any], now: datetime) -> bytes:
    """The cards as PDF; blocks for some milliseconds a card."""
    return render_pdf(DOCUMENTS / "polling_card.typ", data, made_at=now)


async def _print(
    session: WriteSession,
    config: TenantConfig,
    election_no: int,
    cards: Sequence[list[Voter]],
    kind: str,
    now: datetime,
) -> dict[str, Any]:
    election = await session.fetchrow(_ELECTION, election_no)
    if election is None:
        raise NotFound("この選挙はありません。")
    for voter in (voter for card in cards for voter in card):
        session.add(
            ElectoralCardPrint(
                election_no=election_no,
                entry_no=voter["entry_no"],
                kind=kind,
                printed_at=now,
                staff_id=session.principal.login,
            )
        )
    detail = {"election_no": election_no, "kind": kind, "cards": len(cards), "first": cards[0][0]["card_no"]}
    subject = f"addressee:{cards[0][0]['addressee_no']}" if kind == "single" else ""
    session.audit(AuditEvent("electoral_roll.card", subject, detail=detail))
    return card_data(config, election_no, election, cards, now)


def card_data(
    config: TenantConfig, election_no: int, election: Mapping[str, Any], cards: Sequence[Sequence[Voter]], now: datetime
) -> dict[str, Any]:
    """All that the template needs; what a municipality does not show is not in it."""
    settings = config.settings("electoral_roll")
    card = settings.get("card") or _PLAIN_CARD
    shows = set(card["shows"])
    division = division_on(config, election["base_on"])
    early = [
        {"name": place["name"], "hours": place.get("hours", ""), "address": place.get("address", "")}
        for place in settings.get("early_voting") or ()
    ]
    return {
        "form": card["form"],
        "title": f"{election['name']} 投票所入場券",
        "election": election["name"],
        "vote_on": format_wareki(election["vote_on"]),
        "early_period": f"{format_wareki(election['early_from'])}から{format_wareki(election['early_until'])}まで",
        "commission": settings.get("commission") or {"name": f"{config.name}選挙管理委員会"},
        "early": early if "early_voting" in shows else [],
        "oath": list(EARLY_REASONS.values()) if "oath" in shows else [],
        "note": card.get("note", ""),
        "made": format_wareki(now.date()),
        "cards": [
            _card(group, config, election_no, division.districts.get(group[0]["district_code"]), shows)
            for group in cards
        ],
    }


def _card(
    group: Sequence[Voter], config: TenantConfig, election_no: int, district: District | None, shows: set[str]
) -> dict[str, Any]:
    first = group[0]
    place = {
        "name": district.place if district else "",
        "address": district.place_address if district else "",
        "directions": district.directions if district and "directions" in shows else "",
        "hours": f"{district.opens}から{district.closes}まで" if district and "hours" in shows else "",
    }
    return {
        "postcode": first["sending_postcode"] or first["postcode"] or "",
        "address": first["sending_address"] or f"{config.prefecture}{config.name}{address_of(first)}",
        "to": first["name"],
        "others": len(group) - 1,
        "place": place,
        "persons": list(_persons(group, config, election_no, shows)),
    }


def _persons(
    group: Sequence[Voter], config: TenantConfig, election_no: int, shows: set[str]
) -> Iterator[dict[str, Any]]:
    for voter in group:
        code = card_code(election_no, voter["card_no"])
        yield {
            "name": voter["name"],
            "sex": SEX[voter["sex"]] if "sex" in shows else "",
            "roll_no": roll_number(config, voter["district_code"], voter["serial_no"])
            if "roll_number" in shows
            else "",
            "code": code if "barcode" in shows else "",
            "bars": bars(code) if "barcode" in shows else [],
        }


def _by_household(voters: Sequence[Voter]) -> list[Voter]:
    """Households together, in the order of their first cards."""
    first: dict[tuple[str, int], int] = {}
    for voter in voters:
        first.setdefault((voter["district_code"], voter["household_no"]), voter["card_no"])
    return sorted(voters, key=lambda v: (first[v["district_code"], v["household_no"]], v["card_no"]))


def _district(voter: Voter) -> str:
    return str(voter["district_code"])
