"""不在者投票: requests of each method, their steps, what comes too late, and the marks on the lists of the polling places."""

from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from modules.resident.electoral_roll import absentee, election_service, elections, side_reads, side_service
from modules.resident.electoral_roll.absentee_reads import list_absentees
from modules.resident.electoral_roll.barcode import card_code
from modules.resident.electoral_roll.inputs import AbsenteeAct, AbsenteeInput, AbsenteeUndo, CertificateInput
from modules.resident.electoral_roll.judging import law_on
from tests.resident.test_electoral_elections import EARLY, VOTE, Poll, rules
from tests.resident.voters import person, rows, settle, with_settings
from yoriai.audit import SYSTEM
from yoriai.errors import Conflict, Invalid
from yoriai.rules.parameters import MissingParameter
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database


@pytest_asyncio.fixture(loop_scope="session")
async def poll(database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef) -> Poll:
    return Poll(database, bulk, with_settings(config))


async def _request(poll: Poll, name: str, **values: Any) -> Any:
    card = rows(poll.bulk, poll.config, f"SELECT card_no FROM electoral_voter WHERE entry_no = {poll.entry(name)}")[0][
        0
    ]
    body = {"card": card_code(poll.number, card), "place": "ためし病院", "requested_on": "2026-11-16", **values}
    return await poll.do(absentee.request_absentee, poll.number, AbsenteeInput.model_validate(body), poll.config, EARLY)


async def _step(poll: Poll, request: Any, act: str, note: str = "") -> Any:
    body = AbsenteeAct.model_validate({"act": act, "on": "2026-11-17", "note": note, "version": request.version})
    return await poll.do(absentee.act_on_absentee, request.absentee_id, body, EARLY)


async def test_an_absentee_vote_of_each_method_goes_from_request_to_acceptance_and_bars_another(poll: Poll) -> None:
    """SENKYO-017."""
    homes = {
        name: await settle(poll.database, poll.config, "2025-05-01", person(name))
        for name in ("不名一", "不名二", "不名三")
    }
    await poll.announce()
    poll.fix()
    paper = {"addressee_no": homes["不名三"].addressee_nos[0], "basis": "disability", "issued_on": "2026-04-01"}
    certificate = await poll.do(
        side_service.issue_certificate, CertificateInput.model_validate(paper), poll.config, EARLY
    )
    asked = [
        await _request(poll, "不名一", method="elsewhere"),
        await _request(poll, "不名二", method="facility"),
        await _request(poll, "不名三", method="postal", certificate_no=certificate.number),
    ]
    sent = [await _step(poll, request, "send") for request in asked]
    with pytest.raises(Invalid) as refused:
        await poll.vote("不名一")
    assert rules(refused) == ["absentee"]
    returned = await _step(poll, sent[0], "return")
    assert returned.status == "returned"
    assert await poll.vote("不名一")
    for request in sent[1:]:
        accepted = await _step(poll, await _step(poll, request, "arrive"), "accept")
        assert accepted.status == "accepted"
    with pytest.raises(Conflict, match="すでに不在者投票"):
        await poll.vote("不名二", VOTE, kind="day", place_code="01", reason=None)
    counts = rows(poll.bulk, poll.config, "SELECT kind, count(*) AS n FROM electoral_ballot GROUP BY 1 ORDER BY 1")
    assert counts == [("absentee", 2), ("early", 1)]
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        listed = await list_absentees(session, poll.number, EARLY.date(), q="ふ")
        found = await list_absentees(session, poll.number, EARLY.date(), status="accepted")
    assert (len(listed.rows), len(found.rows)) == (0, 2)
    daily = {row["label"]: row["values"] for row in found.daily.rows}
    assert found.daily.columns[:4] == ["請求", "累計", "交付", "累計"]
    assert daily["指定施設"] == [0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0], "asked for on the day before"
    assert daily["滞在地の市区町村"][-2:] == [1, 1], "returned"
    assert daily["計"][:4] == [0, 3, 3, 3]


async def _undo(poll: Poll, request: Any, reason: str = "誤って記録したため") -> Any:
    body = AbsenteeUndo.model_validate({"undo_reason": reason, "version": request.version})
    return await poll.do(absentee.undo_absentee, request.absentee_id, body, EARLY)


async def test_senkyo_017_what_was_recorded_by_mistake_is_taken_back_step_by_step_and_nothing_is_lost(
    poll: Poll,
) -> None:
    for name in ("戻名一", "戻名二"):
        await settle(poll.database, poll.config, "2025-05-01", person(name))
    await poll.announce()
    poll.fix()
    asked = await _request(poll, "戻名一", method="facility")
    with pytest.raises(Conflict, match="取下げ"):
        await _undo(poll, asked)
    arrived = await _step(poll, await _step(poll, asked, "send"), "arrive")
    accepted = await _step(poll, arrived, "accept")
    with pytest.raises(Conflict):
        await _undo(poll, arrived)
    undone = await _undo(poll, accepted, "別人の封筒")
    assert (undone.absentee_id, undone.status, undone.version) == (asked.absentee_id, "arrived", accepted.version + 1)
    ballots = "SELECT kind, cancel_reason, cancelled_at IS NOT NULL AS c FROM electoral_ballot ORDER BY id"
    assert rows(poll.bulk, poll.config, ballots) == [("absentee", "別人の封筒", True)]
    with pytest.raises(Invalid) as refused:
        await poll.vote("戻名一")
    assert rules(refused) == ["absentee"], "the request is open again"
    again = await _step(poll, undone, "accept")
    assert rows(poll.bulk, poll.config, ballots)[1:] == [("absentee", None, False)], (
        "one vote counts, the other is a record"
    )
    back = await _undo(poll, await _undo(poll, await _undo(poll, again)))
    assert back.status == "requested"
    days = "SELECT requested_on::text, sent_on, arrived_on, closed_on, note FROM absentee_vote"
    assert rows(poll.bulk, poll.config, days) == [("2026-11-16", None, None, None, "交付の取消し: 誤って記録したため")]
    trail = "SELECT reason FROM audit_event WHERE action = 'electoral_roll.absentee' AND reason <> '' ORDER BY seq"
    assert [reason for (reason,) in rows(poll.bulk, poll.config, trail)][:2] == ["別人の封筒", "誤って記録したため"]


async def test_a_closed_request_is_opened_again_only_where_nothing_has_come_in_its_place(poll: Poll) -> None:
    """SENKYO-017."""
    for name in ("閉名一", "閉名二"):
        await settle(poll.database, poll.config, "2025-05-01", person(name))
    await poll.announce()
    poll.fix()
    refused = await _step(poll, await _request(poll, "閉名一", method="facility"), "refuse", "記載なし")
    assert (await _undo(poll, refused)).status == "requested"
    returned = await _step(poll, await _step(poll, await _request(poll, "閉名二", method="facility"), "send"), "return")
    anew = await _request(poll, "閉名二", method="own", place="")
    with pytest.raises(Conflict, match="新しい請求"):
        await _undo(poll, returned)
    await _step(poll, anew, "return")
    await poll.vote("閉名二")
    with pytest.raises(Conflict, match="すでに期日前投票"):
        await _undo(poll, returned)


async def test_senkyo_017_a_request_in_time_by_who_is_not_18_yet_and_none_after_its_last_day(poll: Poll) -> None:
    await settle(poll.database, poll.config, "2025-05-01", person("期名一", birth="2008-11-23"))
    await settle(poll.database, poll.config, "2025-05-01", person("期名二"))
    await poll.announce()
    poll.fix()
    own = await _request(poll, "期名一", method="own", place="")
    accepted = await _step(poll, await _step(poll, await _step(poll, own, "send"), "arrive"), "accept")
    assert accepted.status == "accepted"
    for values, expected in (
        ({"method": "facility", "place": ""}, ["required"]),
        ({"method": "postal", "requested_on": "2026-11-19"}, ["order", "late", "required"]),
        ({"method": "facility", "requested_on": "2026-11-22"}, ["order", "late"]),
    ):
        with pytest.raises(Invalid) as refused:
            await _request(poll, "期名二", **values)
        assert rules(refused) == expected
    late = await _request(poll, "期名二", method="facility")
    arrived = await _step(poll, await _step(poll, late, "send"), "arrive")
    after = AbsenteeAct.model_validate({"act": "accept", "on": "2026-11-23", "version": arrived.version})
    with pytest.raises(Invalid) as refused:
        await poll.do(absentee.act_on_absentee, late.absentee_id, after, VOTE.replace(day=24))
    assert rules(refused) == ["late"]


def test_the_days_of_an_election_are_figures_of_the_law_each_with_its_article() -> None:
    """公職選挙法22条3項、48条の2、施行令50条1項、59条の4、65条."""
    days = {"election.base_days": 1, "early.begin_days": 1, "early.end_days": 1, "absentee.days": 1, "absentee.postal_days": 4,
            "absentee.accept_days": 0}  # fmt: skip
    law = law_on(VOTE.date())
    for key, count in days.items():
        assert law.count(key) == count
        used = law.used[key]
        assert "公職選挙法" in used.source
        assert used.evidence[0] in "VSK"
    with pytest.raises(MissingParameter):
        law_on(date(2003, 11, 9)).count("early.begin_days")


async def test_early_voting_lies_between_the_days_of_the_law(poll: Poll) -> None:
    for values, field in (({"early_from": "2026-11-15"}, "early_from"), ({"early_until": "2026-11-22"}, "early_until")):
        with pytest.raises(Invalid) as refused:
            await poll.announce(**values)
        assert [error.field for error in refused.value.fields] == [field]
    await poll.announce()
    kept = rows(poll.bulk, poll.config, "SELECT base_on::text, early_from::text, early_until::text FROM election")
    assert kept == [("2026-11-14", "2026-11-16", "2026-11-21")]


async def test_a_postal_request_needs_a_certificate_that_lasts_to_election_day(poll: Poll) -> None:
    """SENKYO-018: with the list of those that expire."""
    home = await settle(poll.database, poll.config, "2025-05-01", person("郵名一"))
    await poll.announce()
    poll.fix()
    paper = {
        "addressee_no": home.addressee_nos[0],
        "basis": "care",
        "issued_on": "2026-04-01",
        "expires_on": "2026-11-20",
    }
    made = await poll.do(side_service.issue_certificate, CertificateInput.model_validate(paper), poll.config, EARLY)
    with pytest.raises(Invalid) as refused:
        await poll.do(side_service.issue_certificate, CertificateInput.model_validate(paper), poll.config, EARLY)
    assert rules(refused) == ["duplicate"]
    for number, rule in ((None, "required"), (made.number, "expired"), (made.number + 1, "unknown")):
        with pytest.raises(Invalid) as refused:
            await _request(poll, "郵名一", method="postal", certificate_no=number)
        assert rules(refused) == [rule]
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        listed = await side_reads.list_certificates(session, date(2026, 11, 17), is_expiring=True)
    assert [row["certificate_no"] for row in listed.rows] == [made.number]


async def test_polling_lists_after_early_voting_carry_the_marks_of_the_log(poll: Poll) -> None:
    """SENKYO-020."""
    for name in ("抄名一", "抄名二", "抄名三"):
        await settle(poll.database, poll.config, "2025-05-01", person(name))
    await poll.announce()
    poll.fix()
    await poll.vote("抄名一")
    await _request(poll, "抄名二", method="facility")
    with pytest.raises(Conflict, match="期日前投票は"):
        await poll.do(election_service.close_early, poll.number, 2, EARLY)
    await poll.do(election_service.close_early, poll.number, 2, VOTE.replace(day=21, hour=20))
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        listed = await elections.get_polling_list(session, poll.config, poll.number, "01", VOTE.date())
    assert sorted((row["name"][-1], row["mark"], row["note"]) for row in listed.rows) == [
        ("一", "期", ""),
        ("三", "", ""),
        ("二", "不", "請求中"),
    ]
    assert (listed.place, listed.vote_on) == ("北小学校", VOTE.date())
    with pytest.raises(Invalid) as refused:
        await poll.vote("抄名三", VOTE.replace(day=21, hour=20))
    assert rules(refused) == ["period"]
