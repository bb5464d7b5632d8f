"""選挙時登録, the fixed list, reception without double votes, absentee votes, cards: on real PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import pytest_asyncio

from modules.resident.basic_register.protections.inputs import ProtectionEntry
from modules.resident.basic_register.protections.service import protect
from modules.resident.electoral_roll import (
    cards,
    election_service,
    elections,
    reads,
    service,
    side_reads,
    side_service,
    voting,
)
from modules.resident.electoral_roll.barcode import card_code, read_card_code
from modules.resident.electoral_roll.batch.cards import sheets_of
from modules.resident.electoral_roll.inputs import (
    BallotCancel,
    BallotInput,
    CareInput,
    CorrectionInput,
    ElectionCancel,
    ElectionCorrection,
    ElectionInput,
    EntryAct,
    InspectionInput,
    SuspensionInput,
    Withdrawal,
)
from modules.resident.electoral_roll.judging import figures_of
from modules.resident.electoral_roll.statistics import get_statistics, signatures_needed
from tests.resident.voters import (
    NORTH,
    SETTINGS,
    SOUTH,
    die,
    leave,
    night,
    person,
    rows,
    settle,
    with_settings,
)
from yoriai.audit import SYSTEM
from yoriai.clock import JAPAN
from yoriai.errors import Conflict, Forbidden, Invalid, NeedsConfirmation, NotFound
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

EARLY = datetime(2026, 11, 17, 10, 15, tzinfo=JAPAN)
VOTE = datetime(2026, 11, 22, 9, 0, tzinfo=JAPAN)
VOTERS = "SELECT name FROM electoral_voter ORDER BY card_no"


@pytest.fixture
def roll(config: TenantConfig, tenant: TenantRef) -> TenantConfig:
    return with_settings(config)


class Poll:
    """An election of the tests: announced on 15 November 2026, voted on the 22nd."""

    def __init__(self, database: Database, bulk: BulkDatabase, config: TenantConfig) -> None:
        self.database, self.bulk, self.config = database, bulk, config
        self.number = 0

    async def announce(self, kind: str = "municipal", **values: Any) -> None:
        body = {"name": "ためし町長選挙", "kind": kind, "notice_on": "2026-11-15", "vote_on": "2026-11-22", **values}
        async with self.database.write(self.config.tenant, SYSTEM) as session:
            made = await election_service.create_election(session, ElectionInput.model_validate(body), EARLY)
        self.number = made.election_no

    def fix(self, day: str = "2026-11-14") -> int:
        """The night of the registration; the number of voters."""
        night(self.bulk, self.config, "follow", day, f"follow-{self.number}-{day}")
        night(self.bulk, self.config, "election", day, f"election-{self.number}-{day}")
        return night(self.bulk, self.config, "fix", day, f"fix-{self.number}-{day}").control_total

    def entry(self, name: str) -> int:
        query = f"SELECT entry_no FROM electoral_entry WHERE replace(name, '　', '') = '{name}' ORDER BY entry_no DESC"
        return int(rows(self.bulk, self.config, query)[0][0])

    async def vote(self, name: str, now: datetime = EARLY, login: str = "clerk", **values: Any) -> int:
        body = {"entry_no": self.entry(name), "kind": "early", "place_code": "A1", "reason": "work", **values}
        async with self.database.write(self.config.tenant, replace(SYSTEM, login=login)) as session:
            received = await voting.receive_ballot(
                session, self.number, BallotInput.model_validate(body), self.config, now
            )
        return received.ballot_id

    async def do(self, use_case: Any, *arguments: Any) -> Any:
        async with self.database.write(self.config.tenant, SYSTEM) as session:
            return await use_case(session, *arguments)


@pytest_asyncio.fixture(loop_scope="session")
async def poll(database: Database, bulk: BulkDatabase, roll: TenantConfig) -> Poll:
    return Poll(database, bulk, roll)


def rules(refused: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [field.rule for field in refused.value.fields]


async def test_election_registration_asks_the_age_on_election_day(poll: Poll) -> None:
    """SENKYO-002."""
    await settle(poll.database, poll.config, "2026-05-01", person("選名一", birth="2008-11-23"))
    await settle(poll.database, poll.config, "2026-05-01", person("選名二", birth="2008-11-24"))
    await settle(poll.database, poll.config, "2026-08-14", person("選名三"))
    await settle(poll.database, poll.config, "2026-08-15", person("選名四"))
    await poll.announce()
    assert poll.fix() == 2
    assert sorted(rows(poll.bulk, poll.config, VOTERS)) == [("選名一",), ("選名三",)]
    assert poll.fix("2026-11-16") == 0
    assert rows(poll.bulk, poll.config, "SELECT status FROM election") == [("fixed",)]


@pytest.mark.parametrize(("kind", "expected"), [("municipal", 1), ("prefectural", 2), ("national", 3)])
async def test_who_has_moved_out_votes_at_the_old_address_only_where_the_law_lets_them(
    poll: Poll, kind: str, expected: int
) -> None:
    await settle(poll.database, poll.config, "2025-05-01", person("居名一"))
    for name, to in (("県名一", f"{poll.config.prefecture}ためし市1番"), ("県名二", "東京都港区芝公園1番")):
        home = await settle(poll.database, poll.config, "2025-05-01", person(name))
        night(poll.bulk, poll.config, "register", "2026-09-01", f"register-{name}")
        await leave(poll.database, poll.config, home, "2026-10-10", to=to)
    await poll.announce(kind)
    assert poll.fix() == expected


async def test_a_departure_after_the_list_is_fixed_is_held_apart_and_a_death_is_pulled_out(poll: Poll) -> None:
    """SENKYO-027."""
    gone = await settle(poll.database, poll.config, "2025-05-01", person("後名一"))
    dead = await settle(poll.database, poll.config, "2025-05-01", person("後名二"))
    await settle(poll.database, poll.config, "2025-05-01", person("後名三"))
    await poll.announce("national")
    assert poll.fix() == 3
    await leave(poll.database, poll.config, gone, "2026-11-16")
    await die(poll.database, poll.config, dead, "2026-11-16")
    night(poll.bulk, poll.config, "follow", "2026-11-17")
    assert len(rows(poll.bulk, poll.config, VOTERS)) == 3
    states = rows(poll.bulk, poll.config, "SELECT name, status FROM electoral_entry ORDER BY name")
    assert states == [("後名一", "moved_out"), ("後名三", "registered"), ("後名二", "removed")]
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        view = await elections.get_election(session, poll.config, poll.number, EARLY.date())
    assert [(item["name"].replace("　", ""), item["why"]) for item in view.pulled] == [("後名二", "死亡")]
    with pytest.raises(Invalid) as refused:
        await poll.vote("後名二")
    assert rules(refused) == ["removed"]


async def test_two_polling_places_at_once_receive_a_voter_once(poll: Poll) -> None:
    """SENKYO-014."""
    await settle(poll.database, poll.config, "2025-05-01", person("同名一"))
    await poll.announce()
    poll.fix()
    places = ["A1", "A2"] * 4
    results = await asyncio.gather(
        *(poll.vote("同名一", login=f"clerk{number}", place_code=place) for number, place in enumerate(places)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, int) for result in results) == 1
    refused = [result for result in results if isinstance(result, Conflict)]
    assert len(refused) == len(places) - 1
    assert all("すでに期日前投票を済ませています (11月17日 10:15" in str(error) for error in refused)


async def test_a_cancelled_reception_stays_recorded_and_lets_the_voter_vote(poll: Poll) -> None:
    """SENKYO-015."""
    await settle(poll.database, poll.config, "2025-05-01", person("消名一"))
    await poll.announce()
    poll.fix()
    ballot = await poll.vote("消名一")
    await poll.do(voting.cancel_ballot, ballot, BallotCancel(cancel_reason="同姓の別人"), EARLY)
    with pytest.raises(Conflict):
        await poll.do(voting.cancel_ballot, ballot, BallotCancel(cancel_reason="二度目"), EARLY)
    again = await poll.vote("消名一", place_code="A2", reason="travel")
    stored = rows(
        poll.bulk,
        poll.config,
        "SELECT id, place_code, reason, cancelled_by, cancel_reason FROM electoral_ballot ORDER BY id",
    )
    assert stored == [
        (ballot, "A1", "work", "system", "同姓の別人"),
        (again, "A2", "travel", None, None),
    ]


async def test_early_counts_by_hour_sex_and_place_agree_with_ten_receptions(poll: Poll) -> None:
    """SENKYO-016."""
    names = [f"数{mark}{number}" for mark in "甲乙" for number in "一二三四五"]
    for name in names:
        sex = "1" if name[1] == "甲" else "2"
        await settle(
            poll.database, poll.config, "2025-05-01", person(name, sex=sex, birth=f"S60.{names.index(name) + 1}.1")
        )
    await poll.announce()
    poll.fix()
    for index, name in enumerate(names):
        place, hour = ("A1", 10) if index % 2 else ("A2", 11)
        await poll.vote(name, EARLY.replace(hour=hour), place_code=place)
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        view = await elections.get_election(session, poll.config, poll.number, EARLY.date())
    assert view.early_by_hour.columns == ["10時台", "11時台", "計"]
    assert {row["label"]: row["values"] for row in view.early_by_hour.rows} == {
        "役場 男": [2, 0, 2],
        "役場 女": [3, 0, 3],
        "支所 男": [0, 3, 3],
        "支所 女": [0, 2, 2],
        "計": [5, 5, 10],
    }
    assert view.voters.rows[-1]["values"] == [5, 5, 10, 5, 5, 10, "100.00%"]
    assert view.early_by_day.columns == ["11/17", "計"]
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        before = await elections.get_election(session, poll.config, poll.number, EARLY.date(), date(2026, 11, 16))
    assert (before.early_by_hour.rows[-1]["values"], before.early_by_day.rows[-1]["values"]) == ([0], [10, 10])


async def test_who_turns_18_on_election_day_cannot_vote_early_but_on_the_day(poll: Poll) -> None:
    await settle(poll.database, poll.config, "2026-05-01", person("若名一", birth="2008-11-23"))
    await poll.announce()
    poll.fix()
    with pytest.raises(Invalid) as refused:
        await poll.vote("若名一")
    assert rules(refused) == ["age"]
    assert await poll.vote("若名一", VOTE, kind="day", place_code="01", reason=None)


async def test_election_day_refuses_who_voted_early_the_wrong_district_and_the_wrong_day(poll: Poll) -> None:
    """SENKYO-019."""
    await settle(poll.database, poll.config, "2025-05-01", person("日名一"))
    await settle(poll.database, poll.config, "2025-05-01", person("日名二"), town=SOUTH, block="20番")
    await poll.announce()
    poll.fix()
    await poll.vote("日名一")
    with pytest.raises(Conflict, match="すでに期日前投票"):
        await poll.vote("日名一", VOTE, kind="day", place_code="01", reason=None)
    with pytest.raises(Invalid) as refused:
        await poll.vote("日名二", EARLY, kind="day", place_code="01", reason=None)
    assert rules(refused) == ["period", "district"]
    with pytest.raises(Invalid) as refused:
        await poll.vote("日名二", EARLY.replace(day=22), place_code="X", reason=None)
    assert rules(refused) == ["period", "unknown", "required"]
    assert await poll.vote("日名二", VOTE, kind="day", place_code="02", reason=None)


async def test_a_suspension_excludes_while_it_lasts(poll: Poll) -> None:
    """SENKYO-005."""
    home = await settle(poll.database, poll.config, "2025-05-01", person("停名一"))
    body = {"addressee_no": home.addressee_nos[0], "article": "252", "from_on": "2025-06-01", "until_on": "2026-11-30"}
    await poll.do(service.record_suspension, SuspensionInput.model_validate(body), EARLY)
    beside = body | {"article": "11", "from_on": "2026-06-01", "until_on": "2026-06-30"}
    mistake = await poll.do(service.record_suspension, SuspensionInput.model_validate(beside), EARLY)
    await poll.announce()
    assert poll.fix() == 0, "a short one on another ground does not end the long one"
    back = {"addressee_no": home.addressee_nos[0], "number": mistake.number, "withdraw_reason": "別人の通知"}
    await poll.do(service.withdraw_suspension, Withdrawal.model_validate(back), EARLY)
    with pytest.raises(NotFound):
        await poll.do(service.withdraw_suspension, Withdrawal.model_validate(back), EARLY)
    known = "SELECT article FROM electoral_suspension WHERE superseded_at IS NULL"
    assert rows(poll.bulk, poll.config, known) == [("252",)]
    assert night(poll.bulk, poll.config, "register", "2026-12-01").control_total == 1


async def test_a_suspension_after_registration_marks_the_card_for_pulling_out_and_refuses_the_vote(poll: Poll) -> None:
    home = await settle(poll.database, poll.config, "2025-05-01", person("停名二"))
    await poll.announce()
    poll.fix()
    body = {"addressee_no": home.addressee_nos[0], "article": "11", "from_on": "2026-11-16"}
    await poll.do(service.record_suspension, SuspensionInput.model_validate(body), EARLY)
    with pytest.raises(Invalid) as refused:
        await poll.vote("停名二")
    assert rules(refused) == ["suspended"]
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        view = await elections.get_election(session, poll.config, poll.number, EARLY.date())
    assert view.voters.rows[-1]["values"][2] == 0, "当日有権者 are those who may still vote"


async def test_prefectural_voter_who_moved_is_asked_for_the_proof_of_residence(poll: Poll) -> None:
    home = await settle(poll.database, poll.config, "2025-05-01", person("証名一"))
    night(poll.bulk, poll.config, "register", "2026-09-01")
    await leave(poll.database, poll.config, home, "2026-10-10", to=f"{poll.config.prefecture}ためし市1番")
    await poll.announce("prefectural")
    poll.fix()
    with pytest.raises(NeedsConfirmation):
        await poll.vote("証名一", reason="moved")
    assert await poll.vote("証名一", reason="moved", confirmed=["residence_proof"])
    away = await settle(poll.database, poll.config, "2025-05-01", person("証名二"))
    night(poll.bulk, poll.config, "register", "2026-09-01", "late")
    await poll.announce("prefectural")
    poll.fix()
    await leave(poll.database, poll.config, away, "2026-11-16", to="東京都港区芝公園1番")
    night(poll.bulk, poll.config, "follow", "2026-11-16", "away")
    with pytest.raises(Invalid) as refused:
        await poll.vote("証名二", reason="moved", confirmed=["residence_proof"])
    assert rules(refused) == ["moved_out"], "out of the prefecture no proof helps"
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        view = await elections.get_election(session, poll.config, poll.number, EARLY.date())
    assert [row["why"] for row in view.pulled] == ["転出"]


async def test_an_election_is_corrected_or_called_off_until_its_list_is_made_and_a_closing_taken_back(
    poll: Poll,
) -> None:
    """SENKYO-002, SENKYO-020."""
    await settle(poll.database, poll.config, "2025-05-01", person("訂名一"))
    await poll.announce()
    body = {
        "name": "ためし町長選挙",
        "kind": "municipal",
        "notice_on": "2026-11-15",
        "vote_on": "2026-11-21",
        "version": 1,
    }
    with pytest.raises(Invalid):
        wrong = ElectionCorrection.model_validate(body | {"vote_on": "2026-11-14"})
        await poll.do(election_service.correct_election, poll.number, wrong)
    right = await poll.do(election_service.correct_election, poll.number, ElectionCorrection.model_validate(body))
    assert rows(poll.bulk, poll.config, "SELECT vote_on::text FROM election") == [("2026-11-21",)]
    assert poll.fix() == 1
    with pytest.raises(Conflict):
        cancel = ElectionCancel(version=right.version + 1, reason="無投票")
        await poll.do(election_service.cancel_election, poll.number, cancel)
    last = EARLY.replace(day=20)
    closed = await poll.do(election_service.close_early, poll.number, right.version + 1, last)
    with pytest.raises(Invalid):
        await poll.vote("訂名一", last)
    with pytest.raises(Conflict, match="終わりの日のうち"):
        await poll.do(election_service.reopen_early, poll.number, closed.version, VOTE.replace(day=21))
    await poll.do(election_service.reopen_early, poll.number, closed.version, last)
    assert await poll.vote("訂名一", last)
    await poll.announce(notice_on="2026-12-15", vote_on="2026-12-22")
    await poll.do(election_service.cancel_election, poll.number, ElectionCancel(version=1, reason="無投票"))
    assert poll.fix("2026-12-14") == 0


async def test_reception_finds_by_barcode_number_and_name(poll: Poll) -> None:
    await settle(poll.database, poll.config, "2025-05-01", person("辺名一"))
    await poll.announce()
    poll.fix()
    code = card_code(poll.number, 1)
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        for q, match in (
            (f"A{code}A", "prefix"),
            ("1", "prefix"),
            ("邊名", "prefix"),
            ("いち", "suffix"),
            ("めし", "partial"),
        ):
            found = await elections.get_reception(
                session, poll.config, poll.number, EARLY.date(), kind="early", place="A1", q=q, match=match
            )
            assert [row["card"] for row in found.voters] == [code], q
        none = await elections.get_reception(
            session, poll.config, poll.number, EARLY.date(), kind="early", place="A1", q="メシ"
        )
    assert none.voters == []


def test_a_misread_barcode_is_refused() -> None:
    code = card_code(7, 1234)
    assert read_card_code(code, 7) == 1234
    assert read_card_code(code, 8) is None
    for place in range(len(code)):
        wrong = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
        assert read_card_code(wrong, 7) is None


async def test_who_was_left_out_is_registered_singly_and_gets_a_card_of_the_election(poll: Poll) -> None:
    await settle(poll.database, poll.config, "2025-05-01", person("補名一"))
    await poll.announce()
    poll.fix()
    late = await settle(poll.database, poll.config, "2026-08-14", person("補名二"))
    body = CorrectionInput(addressee_no=late.addressee_nos[0], election_no=poll.number, note="通知の遅れ")
    twice = await asyncio.gather(
        *(poll.do(service.register_one, body, poll.config, EARLY) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in twice) == ["EntryResult", "Invalid"], (
        "sent twice, registered once"
    )
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        view = await elections.get_election(session, poll.config, poll.number, EARLY.date())
    assert [item["name"].replace("　", "") for item in view.added] == ["補名二"]
    assert await poll.vote("補名二")


async def test_who_is_not_registrable_is_refused_with_the_reason(poll: Poll) -> None:
    home = await settle(poll.database, poll.config, "2026-08-15", person("遅名一"))
    await poll.announce()
    body = CorrectionInput(addressee_no=home.addressee_nos[0], election_no=poll.number)
    with pytest.raises(Invalid) as refused:
        await poll.do(service.register_one, body, poll.config, EARLY)
    assert "3か月に達するのは令和8年11月15日" in refused.value.fields[0].message


async def test_a_mistake_is_removed_and_a_notice_from_elsewhere_needs_a_departure(poll: Poll) -> None:
    await settle(poll.database, poll.config, "2025-05-01", person("誤名一"))
    night(poll.bulk, poll.config, "register", "2026-09-01")
    entry = poll.entry("誤名一")
    body = {"on": "2026-11-10", "note": "調査の結果", "version": 1}
    with pytest.raises(Conflict):
        await poll.do(service.act_on_entry, entry, EntryAct.model_validate(body | {"act": "elsewhere"}), EARLY)
    done = await poll.do(service.act_on_entry, entry, EntryAct.model_validate(body | {"act": "mistake"}), EARLY)
    assert done.status == "removed"
    with pytest.raises(Conflict):
        await poll.do(service.act_on_entry, entry, EntryAct.model_validate(body | {"act": "mistake"}), EARLY)


def _cards(poll: Poll, config: TenantConfig) -> dict[str, Any]:
    """What the night would typeset."""
    with poll.bulk.read(config.tenant) as session:
        sheets = sheets_of(session, config, poll.number, EARLY.date(), "roll")
        election = session.read(cards.ELECTION, (poll.number,)).row(0, named=True)
    return cards.card_data(config, poll.number, election, sheets, EARLY)


async def test_one_program_prints_the_detailed_letter_and_the_plain_postcard(poll: Poll) -> None:
    members = [
        person("券名一", birth="S40.1.1"),
        person("券名二", birth="S42.1.1", sex="2", relationship="12"),
        person("券名三", birth="H10.1.1", relationship="20"),
    ]
    await settle(poll.database, poll.config, "2025-05-01", *members)
    await poll.announce()
    poll.fix()
    letter = _cards(poll, poll.config)
    assert [len(card["persons"]) for card in letter["cards"]] == [2, 1]
    assert letter["cards"][0]["place"]["directions"] == "北駅から徒歩3分"
    assert letter["oath"]
    assert letter["cards"][0]["persons"][0]["code"] == card_code(poll.number, 1)
    plain = with_settings(
        poll.config, card={"form": "postcard", "unit": "person", "order": "kana", "shows": [], "protected": "hold"}
    )
    postcard = _cards(poll, plain)
    assert [len(card["persons"]) for card in postcard["cards"]] == [1, 1, 1]
    assert postcard["cards"][0]["place"]["directions"] == ""
    assert (postcard["oath"], postcard["cards"][0]["persons"][0]["bars"]) == ([], [])
    for data in (letter, postcard):
        assert cards.render_cards(data, EARLY).startswith(b"%PDF")
    assert cards.render_cards(letter, EARLY) == cards.render_cards(letter, EARLY)


async def test_a_protected_person_has_a_card_alone_or_none_in_bulk_and_is_in_no_inspection(poll: Poll) -> None:
    """SENKYO-013."""
    members = [person("護名一", birth="S40.1.1"), person("護名二", birth="S42.1.1", sex="2", relationship="12")]
    home = await settle(poll.database, poll.config, "2025-05-01", *members)
    body = {"addressee_no": home.addressee_nos[1], "is_protected": True, "from_on": "2026-01-01"}
    await poll.do(service.record_care, CareInput.model_validate(body), EARLY)
    await poll.announce()
    poll.fix()
    alone = _cards(poll, poll.config)
    assert [[p["name"][-1] for p in card["persons"]] for card in alone["cards"]] == [["一"], ["二"]]
    held = with_settings(poll.config, card={**SETTINGS["card"], "protected": "hold"})
    assert [[p["name"][-1] for p in card["persons"]] for card in _cards(poll, held)["cards"]] == [["一"]]
    asked = {
        "requested_on": "2026-11-16",
        "applicant": "ためし党",
        "purpose": "political",
        "detail": "政治活動",
        "districts": ["01"],
    }
    made = await poll.do(side_service.record_inspection, InspectionInput.model_validate(asked), poll.config, EARLY)
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        shown = await side_reads.get_inspection(session, poll.config, made.number, EARLY.date())
        found = await elections.get_reception(
            session, poll.config, poll.number, EARLY.date(), kind="early", place="A1", q="護名"
        )
    assert ([row["name"][-1] for row in shown.rows], shown.left_out) == (["一"], 1)
    other = {"addressee_no": home.addressee_nos[1], "sending_address": "ためし市1番", "from_on": "2026-01-01"}
    with pytest.raises(NeedsConfirmation) as asked:
        await poll.do(service.record_care, CareInput.model_validate(other), EARLY)
    assert rules(asked) == ["protection_ends"], "an address alone does not end a protection unasked"
    assert [row["address"] for row in found.voters if row["name"].endswith("二")] == ["（支援措置のため非表示）"]


async def test_another_sending_address_stands_on_a_card_of_its_own(poll: Poll) -> None:
    """SENKYO-013."""
    members = [person("送名一", birth="S40.1.1"), person("送名二", birth="S42.1.1", sex="2", relationship="12")]
    home = await settle(poll.database, poll.config, "2025-05-01", *members)
    body = {
        "addressee_no": home.addressee_nos[1],
        "sending_postcode": "9990009",
        "sending_address": "ためし病院3階",
        "from_on": "2026-01-01",
    }
    await poll.do(service.record_care, CareInput.model_validate(body), EARLY)
    await poll.announce()
    poll.fix()
    printed = [(card["address"], len(card["persons"])) for card in _cards(poll, poll.config)["cards"]]
    assert printed == [(f"{poll.config.prefecture}{poll.config.name}北ためし町1番", 1), ("ためし病院3階", 1)]


@pytest.mark.parametrize(
    ("total", "ordinance", "dismissal"),
    [(100, 2, 34), (101, 3, 34), (400_000, 8_000, 133_334), (400_006, 8_001, 133_335), (1_000_000, 20_000, 225_000)],
)
def test_signatures_of_direct_demands_are_rounded_up_and_large_municipalities_need_fewer(
    config: TenantConfig, total: int, ordinance: int, dismissal: int
) -> None:
    """SENKYO-023: the rounding."""
    needed = signatures_needed(total, figures_of(config, date(2026, 11, 20)))
    assert (needed["ordinance"], needed["dismissal"]) == (ordinance, dismissal)


async def test_senkyo_023_sums_of_registered_voters_and_turnout_agree_with_the_roll(poll: Poll) -> None:
    homes = (("計名一", "S20.1.1", "1", NORTH), ("計名二", "H10.1.1", "2", NORTH), ("計名三", "S60.4.1", "2", SOUTH))
    for name, birth, sex, town in homes:
        await settle(
            poll.database, poll.config, "2025-05-01", person(name, birth=birth, sex=sex), town=town, block="20番"
        )
    await poll.announce()
    poll.fix()
    await poll.vote("計名一")
    await poll.vote("計名三")
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        roll = await get_statistics(session, poll.config, EARLY.date())
        view = await elections.get_election(session, poll.config, poll.number, EARLY.date())
    assert roll.total == 3
    for matrix in (roll.by_district, roll.by_age):
        lines = [row["values"] for row in matrix.rows]
        assert lines[-1] == [1, 2, 3]
        assert [sum(values) for values in zip(*lines[:-1], strict=True)] == [1, 2, 3]
    assert [demand["needed"] for demand in roll.demands] == [1, 1, 1], "a part of a person is a person"
    for matrix in (view.voters, view.turnout_by_age):
        lines = [row["values"][:6] for row in matrix.rows]
        assert lines[-1] == [1, 2, 3, 1, 1, 2]
        assert [sum(values) for values in zip(*lines[:-1], strict=True)] == [1, 2, 3, 1, 1, 2]
    assert view.voters.rows[-1]["values"][-1].startswith("66.6")


async def test_wrong_days_of_an_election_are_all_told(poll: Poll) -> None:
    with pytest.raises(Invalid) as refused:
        await poll.announce(vote_on="2026-11-10", early_from="2026-11-15")
    assert {field.field for field in refused.value.fields} >= {"vote_on", "base_on", "early_from", "early_until"}


async def test_a_protection_of_the_register_hides_the_address_from_the_roll_and_leaves_it_on_the_card_alone(
    poll: Poll,
) -> None:
    home = await settle(poll.database, poll.config, "2025-05-01", person("秘名一"), town=SOUTH, block="77番")
    night(poll.bulk, poll.config, "register", "2026-09-01")
    entry = {
        "kind": "support",
        "category": "dv",
        "subjects": home.addressee_nos,
        "starts_on": "2026-11-01",
        "ends_on": "2027-10-31",
        "applicant": "秘名 一",
        "hides_from_search": True,
    }
    await poll.do(protect, ProtectionEntry.model_validate(entry), EARLY)
    await poll.announce()
    poll.fix()
    stored = rows(poll.bulk, poll.config, "SELECT address, district_code FROM electoral_entry")
    acts = rows(poll.bulk, poll.config, "SELECT detail FROM electoral_act")
    voters = rows(poll.bulk, poll.config, "SELECT address, district_code FROM electoral_voter")
    assert stored == voters
    assert stored[0][1] == "02"
    assert "77番" not in str((stored, voters, acts))
    assert _cards(poll, poll.config)["cards"] == [], "nobody protected is in a bulk run"
    chief = replace(SYSTEM, login="chief", permissions=frozenset({"resident.protected.view"}))
    with pytest.raises(Forbidden, match="責任者"):
        await poll.do(cards.print_one, poll.config, poll.number, poll.entry("秘名一"), EARLY)
    async with poll.database.write(poll.config.tenant, chief) as session:
        data = await cards.print_one(session, poll.config, poll.number, poll.entry("秘名一"), EARLY)
    assert [card["address"] for card in data["cards"]] == [f"{poll.config.prefecture}{poll.config.name}南ためし町77番"]
    viewer = replace(SYSTEM, login="viewer", permissions=frozenset({"electoral_roll.view"}))
    keeper = replace(SYSTEM, login="keeper", permissions=frozenset({"electoral_roll.view", "resident.protected.view"}))
    for principal, found in ((viewer, 0), (keeper, 1)):
        async with poll.database.read(poll.config.tenant, principal) as session:
            listed = await reads.list_entries(
                session, poll.config, EARLY.date(), "", q="秘名", match="prefix", district="", status=""
            )
        assert (len(listed.rows), listed.total) == (found, found)
        assert "77番" not in listed.model_dump_json()
    async with poll.database.read(poll.config.tenant, viewer) as session:
        with pytest.raises(NotFound):
            await reads.get_entry(session, poll.config, poll.entry("秘名一"), EARLY.date(), "")
