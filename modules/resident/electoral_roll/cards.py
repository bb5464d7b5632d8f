"""投票所入場券 (公職選挙法施行令31条): which cards there are and what stands on each, from the municipality's settings alone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from modules.resident.basic_register.facts import HIDDEN_TEXT, find_mailing_address
from modules.resident.electoral_roll.barcode import bars, card_code
from modules.resident.electoral_roll.districts import District, commission_of, division_on
from modules.resident.electoral_roll.election_models import EARLY_REASONS, ElectoralCardPrint
from modules.resident.electoral_roll.following import follow
from modules.resident.electoral_roll.reads import SEX, address_of, roll_number
from modules.resident.non_resident.facts import list_diverted
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.documents import render_pdf
from yoriai.documents.customer_barcode import customer_bars
from yoriai.documents.letters import full_address
from yoriai.errors import Forbidden, NotFound
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, WriteSession

BY_HAND = "（宛先は印刷しません。本人に手渡してください。）"
DOCUMENTS = Path(__file__).parent / "documents"
PLAIN_CARD: Mapping[str, Any] = {"form": "postcard", "unit": "person", "order": "household", "shows": ["roll_number"]}
ELECTION = "SELECT name, kind, base_on, vote_on, early_from, early_until FROM election WHERE election_no = $1"
VOTERS = """
SELECT v.entry_no, v.card_no, v.addressee_no, v.household_no, v.name, v.sex, v.district_code, v.serial_no, v.is_added,
       v.postcode, v.address, v.building, c.sending_postcode, c.sending_address, h.addressee_no IS NOT NULL AS is_hidden
  FROM electoral_voter v
  JOIN electoral_entry e ON e.entry_no = v.entry_no
  LEFT JOIN fact_hidden_person h ON h.addressee_no = v.addressee_no
  LEFT JOIN electoral_care c ON c.addressee_no = v.addressee_no AND c.superseded_at IS NULL AND c.sending_address IS NOT NULL
        AND c.from_on <= $2 AND (c.until_on IS NULL OR c.until_on >= $2)
 WHERE v.election_no = $1 AND e.status <> 'removed' AND e.elsewhere_on IS NULL
"""
"""`$1` the election, `$2` the day of printing: the voters whose registration stands, with the address their card goes to.

`is_hidden`: by 支援措置; the card says no address then, whatever address stands here (`goes_to`).
"""
VOTER_COLUMNS = (
    "entry_no", "card_no", "addressee_no", "household_no", "name", "sex", "district_code", "serial_no", "is_added", "postcode",
    "address", "building", "sending_postcode", "sending_address", "is_hidden",
)  # fmt: skip
_VOTER = f"{VOTERS} AND v.entry_no = $3"

Voter = Mapping[str, Any]


def make_cards(
    voters: Sequence[Voter], protected: frozenset[int], settings: Mapping[str, Any]
) -> tuple[list[list[Voter]], list[Voter]]:
    """The cards as groups of voters, in their order, and those who are kept back from a bulk run: by the settings, by 支援措置,
    because letters do not reach them.

    A household shares a card up to `persons_per_card`; who is protected or has another sending address never shares one.
    """
    card = settings.get("card") or PLAIN_CARD
    holds = card.get("protected") == "hold"
    held = [
        voter
        for voter in voters
        if voter["is_hidden"] or voter.get("undelivered") or (voter["addressee_no"] in protected and holds)
    ]
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


async def print_one(
    session: WriteSession, config: TenantConfig, election_no: int, entry_no: int, now: datetime
) -> dict[str, Any]:
    """The data of one voter's card alone, for additions, losses and who was kept back; raises NotFound.

    Raises Forbidden for a protected voter's: the polling place on it narrows the address, as the address itself does.
    """
    voters = await session.fetch(_VOTER, election_no, now.date(), entry_no)
    if not voters:
        raise NotFound("この選挙の名簿に登録されていないか、抹消されています。")
    found = await _addressed(session, voters[0])
    if found["is_hidden"]:
        raise Forbidden("支援措置を受けている人の券です。住所を表示できる責任者に印刷を引き継いでください。")
    (voter,) = follow([found], await list_diverted(session, "electoral_roll", now.date()))
    return await _print(session, config, election_no, [[voter]], now)


def render_cards(data: Mapping[str, Any], now: datetime) -> bytes:
    """The cards as PDF; blocks for some milliseconds a card."""
    return render_pdf(DOCUMENTS / "polling_card.typ", data, made_at=now)


async def _addressed(session: Reader, voter: Voter) -> Voter:
    """The voter with the address of now where it is, or was when the list was fixed, hidden: for who may see it."""
    if not voter["is_hidden"] and voter["address"] != HIDDEN_TEXT:
        return voter
    home = await find_mailing_address(session, voter["addressee_no"])
    if home is None or home.address == HIDDEN_TEXT:
        return voter
    place = {"postcode": home.postcode, "address": home.address, "building": home.building}
    return {**dict(voter), **place, "is_hidden": False}


async def _print(
    session: WriteSession, config: TenantConfig, election_no: int, cards: Sequence[list[Voter]], now: datetime
) -> dict[str, Any]:
    election = await session.fetchrow(ELECTION, election_no)
    if election is None:
        raise NotFound("この選挙はありません。")
    voter = cards[0][0]
    session.add(
        ElectoralCardPrint(
            election_no=election_no,
            entry_no=voter["entry_no"],
            kind="single",
            printed_at=now,
            staff_id=session.principal.login,
        )
    )
    detail = {"election_no": election_no, "kind": "single", "card": voter["card_no"]}
    session.audit(AuditEvent("electoral_roll.card", f"addressee:{voter['addressee_no']}", detail=detail))
    return card_data(config, election_no, election, cards, now)


def card_data(
    config: TenantConfig, election_no: int, election: Mapping[str, Any], cards: Sequence[Sequence[Voter]], now: datetime
) -> dict[str, Any]:
    """All that the template needs; what a municipality does not show is not in it."""
    settings = config.settings("electoral_roll")
    card = settings.get("card") or PLAIN_CARD
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
        "commission": settings.get("commission") or {"name": commission_of(config)},
        "early": early if "early_voting" in shows else [],
        "oath": list(EARLY_REASONS.values()) if "oath" in shows else [],
        "note": card.get("note", ""),
        "made": format_wareki(now.date()),
        "maps": {
            code: district.map
            for code in sorted({str(group[0]["district_code"]) for group in cards})
            if "map" in shows and (district := division.districts.get(code)) and district.map
        },
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
        "code": first["district_code"],
        "name": district.place if district else "",
        "address": district.place_address if district else "",
        "directions": district.directions if district and "directions" in shows else "",
        "hours": f"{district.opens}から{district.closes}まで" if district and "hours" in shows else "",
    }
    postcode, address = goes_to(first, config)
    return {
        "postcode": postcode,
        "address": address,
        "mail": customer_bars(postcode, address) if "customer_barcode" in shows else "",
        "to": first["name"],
        "others": len(group) - 1,
        "place": place,
        "persons": list(_persons(group, config, election_no, shows)),
    }


def goes_to(voter: Voter, config: TenantConfig) -> tuple[str, str]:
    """Postcode and address on the card: another sending address where there is one; of a hidden voter that it is handed over."""
    if voter["is_hidden"] or (voter["address"] == HIDDEN_TEXT and not voter["sending_address"]):
        return "", BY_HAND
    if voter["sending_address"]:
        is_home = bool(voter.get("is_sent_home"))
        return voter["sending_postcode"] or "", full_address(config, voter["sending_address"], is_home=is_home)
    return voter["postcode"] or "", full_address(config, address_of(voter), is_home=True)


def _persons(
    group: Sequence[Voter], config: TenantConfig, election_no: int, shows: set[str]
) -> Iterator[dict[str, Any]]:
    for voter in group:
        code = card_code(election_no, voter["card_no"])
        yield {
            "name": voter["name"],
            "sex": SEX[voter["sex"]] if "sex" in shows else "",
            "roll_no": roll_number(config, voter) if "roll_number" in shows else "",
            "code": code if "barcode" in shows else "",
            "bars": bars(code) if "barcode" in shows else [],
        }


def _by_household(voters: Sequence[Voter]) -> list[Voter]:
    """Households together, in the order of their first cards."""
    first: dict[tuple[str, int], int] = {}
    for voter in voters:
        first.setdefault((voter["district_code"], voter["household_no"]), voter["card_no"])
    return sorted(voters, key=lambda v: (first[v["district_code"], v["household_no"]], v["card_no"]))
