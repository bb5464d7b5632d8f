"""School letters and polling cards follow 宛名: 送付先, returned mail, one number after 名寄せ (ATENA-009, ATENA-016)."""

import io
from datetime import date
from typing import Any

import pypdf

from modules.resident.electoral_roll.cards import goes_to, make_cards
from modules.resident.electoral_roll.following import follow
from modules.resident.non_resident.documents import print_address
from modules.resident.non_resident.facts import Diverted, find_mailing, list_diverted
from modules.resident.school_age.bulk_letters import letters_for
from modules.resident.school_age.settings import parse_settings
from tests.resident.people import FATHER, MOTHER, NOW, add_town, record_move_in
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

DAY = date(2026, 11, 20)
_LINK = "INSERT INTO addressee_link (from_no, to_no, kind, reason, staff_id) VALUES (2, 1, 'duplicate', '同一人', 'c') RETURNING 1"
_GUARDIAN = """
INSERT INTO mailing_destination (addressee_no, kind, business, name, postcode, address, reason, valid_from, valid_to, staff_id)
VALUES ($1, 'guardian', $2, '代理 人', '7300001', '広島市中区白島1番', '届出', '2026-04-01', '2026-12-31', 'clerk') RETURNING 1
"""
_RETURNED = """
INSERT INTO returned_mail (addressee_no, kind, business, item, "on", staff_id)
VALUES ($1, 'public_notice', 'school_age', '入学通知書', '2026-11-01', 'clerk') RETURNING 1
"""
AWAY = Diverted(1, True, 1, "代理 人", "7300001", "広島市中区白島1番", "", "渡邉 太郎", "成年後見人", "")
LOST = Diverted(2, False, 2, "渡邉 花子", "", "", "", "", "", "返戻 入場券")


_AGENT_HERE = """
INSERT INTO mailing_destination (addressee_no, kind, business, name, address, agent_no, reason, valid_from, valid_to, staff_id)
VALUES (1, 'tax_agent', 'nhi', '', '', 2, '届出', '2026-04-01', '2026-12-31', 'clerk') RETURNING 1
"""


async def test_who_is_diverted_is_found_by_every_number_and_only_for_the_business_and_the_day(
    write_session: WriteSession,
) -> None:
    session = write_session
    await add_town(session)
    await record_move_in(session, FATHER, MOTHER)
    assert await list_diverted(session, "school_age", DAY) == {}
    await session.fetchval(_GUARDIAN, 1, "school_age")
    await session.fetchval(_RETURNED, 2)
    found = await list_diverted(session, "school_age", DAY)
    assert (found[1].is_sent_elsewhere, found[1].address, found[1].told) == (True, "広島市中区白島1番", "")
    assert (found[2].is_sent_elsewhere, found[2].told) == (False, "公示送達 入学通知書")
    assert await list_diverted(session, "nhi", DAY) == {}
    assert set(await list_diverted(session, "school_age", date(2027, 1, 1))) == {2}, "the guardianship is over"
    await session.fetchval(_LINK)
    joined = await list_diverted(session, "school_age", DAY)
    assert {(item.no, item.told, item.is_sent_elsewhere) for item in joined.values()} == {
        (1, "公示送達 入学通知書", True)
    }, "one addressee under both numbers"


async def test_the_address_of_an_agent_who_lives_here_gets_the_municipality_and_one_elsewhere_does_not(
    write_session: WriteSession, config: TenantConfig
) -> None:
    """ATENA-015: a letter to an agent has to arrive from wherever it is posted."""
    session = write_session
    await add_town(session)
    await record_move_in(session, FATHER, MOTHER)
    await session.fetchval(_AGENT_HERE)
    at_night = (await list_diverted(session, "nhi", DAY))[1]
    at_counter = await find_mailing(session, 1, "nhi", DAY)
    assert at_counter is not None
    here = f"{config.full_name}ためし町1番2号"
    for found in (at_night, at_counter):
        assert (found.name, found.address, found.is_home) == ("渡邉　花子", "ためし町1番2号", True)
    pdf = print_address(at_counter, config, made_at=NOW, practice=False)
    assert here in "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    sent = {1: at_night, 2: AWAY}
    (by_agent, away) = (goes_to(item, config)[1] for item in follow([voter(1), voter(2)], sent))
    assert by_agent.startswith(here)
    assert away == "広島市中区白島1番 代理 人 様方"


def voter(number: int, **values: Any) -> dict[str, Any]:
    return {
        "entry_no": number, "card_no": number, "addressee_no": number, "household_no": 1, "district_code": "01",
        "sending_address": None, "sending_postcode": None, "is_hidden": False,
        "address": "家", "building": None, "postcode": None,
    } | values  # fmt: skip


def test_a_card_goes_where_letters_go_and_stays_out_of_the_run_while_they_come_back() -> None:
    own = voter(3, sending_address="投票人の届けた送付先")
    voters = follow([voter(1), voter(2), own], {1: AWAY, 2: LOST, 3: AWAY})
    assert voters[0]["sending_address"] == "広島市中区白島1番 代理 人 様方"
    assert voters[2]["sending_address"] == "投票人の届けた送付先", "what was given to the commission goes first"
    groups, held = make_cards(voters, frozenset(), {})
    assert [item["entry_no"] for item in held] == [2]
    assert sorted(item["entry_no"] for group in groups for item in group) == [1, 3]


def test_a_school_letter_goes_to_the_guardians_agent_and_is_withheld_while_mail_comes_back() -> None:
    row = {
        "addressee_no": 9, "guardian_no": 1, "guardian_name": "渡邉 太郎", "guardian_postcode": "9990001", "guardian_place": "家",
        "guardian_place_building": "", "postcode": None, "mail_address": None, "mail_building": None, "entry_year": 2027,
        "valid_from": None, "name": "渡邉 桜", "alias": None, "name_choice": "name", "birth_date": date(2020, 6, 1),
        "school_name": "大古小学校", "kind": "municipal", "grade": 1, "nationality": "JPN", "wish": "", "is_hidden": False,
        "is_missing": False, "address": "家", "building": "", "school_code": "1",
    }  # fmt: skip
    settings = parse_settings({})
    (sent,) = letters_for("enrolment", [row], settings, DAY, {1: AWAY})
    assert sent["content"]["to"]["address"] == "広島市中区白島1番"
    assert sent["content"]["to"]["principal"] == "渡邉 太郎 様の成年後見人"
    assert not sent["is_withheld"]
    (held,) = letters_for("enrolment", [row | {"guardian_no": 2}], settings, DAY, {2: LOST})
    assert (held["is_withheld"], held["content"]["undelivered"]) == (True, "返戻 入場券")
    (hidden,) = letters_for("enrolment", [row | {"is_hidden": True}], settings, DAY, {1: AWAY})
    assert "広島市" not in str(hidden["content"]), "of a protected child no place is kept"
