"""Applying, issuing, printing, making void: the serials, the fees, the stops and the trail."""

from datetime import timedelta
from typing import Any

import pytest

from modules.resident.basic_register import service as register
from modules.resident.basic_register.movements.inputs import Death, MoveOut, MoveWithin
from modules.resident.basic_register.search.criteria import Criteria
from modules.resident.basic_register.search.find import search_persons
from modules.resident.certificates import reads, service
from modules.resident.certificates.inputs import Decision, PrintOrder, Voiding
from modules.resident.certificates.models import CertificateIssue
from tests.resident.certificates.applications import application_body
from tests.resident.certificates.conftest import CHIEF, CLERK, as_principal
from tests.resident.people import NOW, TOWN, add_town, record_move_in
from yoriai.audit import SYSTEM
from yoriai.errors import Conflict, Invalid, NeedsConfirmation
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, WriteSession


async def _issue(session: WriteSession, config: TenantConfig, **values: Any) -> list[int]:
    applied = await service.apply(session, config, application_body(**values), NOW)
    return (await service.issue(session, config, applied.request_no, NOW)).serials


def _fields(error: Invalid) -> list[str]:
    return [field.field for field in error.fields]


async def test_copies_get_serials_in_a_row_and_the_fee_of_the_ordinance(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    assert await _issue(clerk_session, config, copies=2) == [1, 2]
    assert await _issue(clerk_session, config, kind="individual", copies=1) == [3]
    totals = await reads.list_totals(clerk_session, NOW.date(), NOW.date())
    assert [(line.issued, line.fee) for line in totals] == [(2, 600), (1, 300), (3, 900)]


async def test_an_exempt_certificate_costs_nothing_and_its_ground_is_one_of_the_ordinance(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    (serial,) = await _issue(clerk_session, config, exemption="pension")
    issued = await clerk_session.get(CertificateIssue, serial)
    assert issued is not None
    assert issued.fee == 0
    with pytest.raises(Invalid) as refused:
        await service.apply(clerk_session, config, application_body(exemption="friend"), NOW)
    assert _fields(refused.value) == ["exemption"]


async def test_a_refused_transaction_leaves_no_gap_in_the_serials(
    database: Database, tenant: TenantRef, config: TenantConfig, base: str
) -> None:
    class Accident(Exception):
        """Something that goes wrong after the numbers were given."""

    with pytest.raises(Accident):
        async with database.write(tenant, CLERK) as session:
            assert await _issue(session, config) == [1]
            raise Accident
    async with database.write(tenant, CLERK) as session:
        assert await _issue(session, config) == [1]


async def test_void_without_another_gives_the_fee_back_and_both_stay_in_the_log(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    first, second = await _issue(clerk_session, config, copies=2)
    await service.make_void(clerk_session, config, first, Voiding(reason="用紙が詰まった"), NOW)
    totals = await reads.list_totals(clerk_session, NOW.date(), NOW.date())
    assert (totals[-1].fee, totals[-1].refund, totals[-1].net, totals[-1].voided) == (600, 300, 300, 1)
    log = await reads.get_log(clerk_session, "000000", NOW.date(), NOW.date(), "", "", None, None)
    assert [(row.serial, row.status.label) for row in log.rows] == [(second, "有効"), (first, "無効")]
    assert log.rows[1].void_reason == "用紙が詰まった"
    with pytest.raises(Conflict):
        await service.make_void(clerk_session, config, first, Voiding(reason="もう一度"), NOW)


async def test_a_reissue_takes_no_second_fee_even_on_another_day(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    (first,) = await _issue(clerk_session, config)
    tomorrow = NOW + timedelta(days=1)
    result = await service.make_void(clerk_session, config, first, Voiding(reason="印字かすれ", reissue=True), tomorrow)
    assert (result.replaced_by, result.refund) == (2, 0)
    today_totals = await reads.list_totals(clerk_session, NOW.date(), NOW.date())
    tomorrow_totals = await reads.list_totals(clerk_session, tomorrow.date(), tomorrow.date())
    assert today_totals[-1].net == 300
    assert tomorrow_totals[-1].net == 0


async def test_a_second_print_wants_a_reason_and_says_so(clerk_session: WriteSession, config: TenantConfig) -> None:
    (serial,) = await _issue(clerk_session, config)
    assert (await service.record_print(clerk_session, serial, PrintOrder(), NOW))[1] == 1
    with pytest.raises(Invalid):
        await service.record_print(clerk_session, serial, PrintOrder(), NOW)
    assert (await service.record_print(clerk_session, serial, PrintOrder(reason="印刷機の不調"), NOW))[1] == 2
    await service.make_void(clerk_session, config, serial, Voiding(reason="刷り損じ"), NOW)
    with pytest.raises(Conflict):
        await service.record_print(clerk_session, serial, PrintOrder(reason="もう一度"), NOW)


async def test_what_was_previewed_is_issued_or_nothing_is(clerk_session: WriteSession, config: TenantConfig) -> None:
    applied = await service.apply(clerk_session, config, application_body(), NOW)
    await _move_within(clerk_session)
    with pytest.raises(Conflict, match="確かめた後で"):
        await service.issue(clerk_session, config, applied.request_no, NOW)
    await service.withdraw(clerk_session, applied.request_no, Decision(reason="入力し直す"), NOW)
    with pytest.raises(Conflict, match="取り下げ"):
        await service.issue(clerk_session, config, applied.request_no, NOW)


async def test_a_repeated_application_is_recorded_once(clerk_session: WriteSession, config: TenantConfig) -> None:
    body = application_body(request_key="6f0c1c9e-58a0-4e5c-9c40-6a3a6a6c7d11")
    first = await service.apply(clerk_session, config, body, NOW)
    again = await service.apply(clerk_session, config, body, NOW)
    assert (again.request_no, again.is_repeat) == (first.request_no, True)


async def test_all_mistakes_of_an_application_are_told_at_once(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    body = application_body(asker="third_party", items=["domicile", "my_number"], identity="asked", exemption="x")
    with pytest.raises(Invalid) as refused:
        await service.apply(clerk_session, config, body, NOW)
    expected = {"asker_name", "has_proof", "purpose", "items", "items_reason", "identity_note", "exemption"}
    assert set(_fields(refused.value)) == expected


async def test_only_somebody_of_the_household_asks_as_its_member(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    stranger = {
        "name": "高橋 次郎",
        "name_kana": "タカハシ ジロウ",
        "birth_date": "S50.1.1",
        "sex": "1",
        "relationship": "02",
    }
    await record_move_in(clerk_session, stranger)
    with pytest.raises(Invalid) as refused:
        await service.apply(clerk_session, config, application_body(asker="household", asker_no=4), NOW)
    assert _fields(refused.value) == ["asker_no"]
    await service.apply(clerk_session, config, application_body(asker="household", asker_no=2), NOW)
    row = await clerk_session.fetchrow("SELECT asker_no, asker_name FROM certificate_request ORDER BY request_no DESC")
    assert row is not None
    assert tuple(row) == (2, "渡邉　花子")


async def test_a_child_who_asks_alone_has_to_be_looked_at(clerk_session: WriteSession, config: TenantConfig) -> None:
    with pytest.raises(NeedsConfirmation) as asked:
        await service.apply(clerk_session, config, application_body(kind="individual", addressee_no=3), NOW)
    assert [field.rule for field in asked.value.fields] == ["young_asker"]


async def test_numbers_the_register_does_not_have_are_not_printed(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    session = as_principal(clerk_session, CHIEF)
    with pytest.raises(Invalid) as refused:
        await service.apply(
            session, config, application_body(kind="individual", items=["my_number"], purpose="銀行の届出"), NOW
        )
    assert "登録されていない" in refused.value.fields[0].message


async def test_a_stop_of_one_member_stops_the_household_and_only_a_permitted_reason_passes_it(
    clerk_session: WriteSession, config: TenantConfig, stop: Any
) -> None:
    stop(2)
    with pytest.raises(Invalid) as refused:
        await service.apply(clerk_session, config, application_body(), NOW)
    (error,) = refused.value.fields
    assert error.rule == "stopped"
    assert "ためし町" not in error.message
    await service.apply(clerk_session, config, application_body(kind="individual"), NOW)
    session = as_principal(clerk_session, CHIEF)
    with pytest.raises(Invalid):
        await service.apply(session, config, application_body(), NOW)
    serials = await _issue(session, config, override_reason="本人と確認し、警察に照会した")
    events = await session.fetchval("SELECT count(*) FROM certificate_person WHERE serial = $1", serials[0])
    assert events == 3
    assert [event.subject for event in session.audit_events if event.action == "certificate.override"] == [
        "addressee:1",
        "addressee:2",
        "addressee:3",
    ]


async def test_no_paper_shows_the_address_of_who_is_hidden_not_even_that_of_a_housemate(
    clerk_session: WriteSession, config: TenantConfig, stop: Any
) -> None:
    stop(2, "support")
    with pytest.raises(Invalid) as refused:
        await service.apply(clerk_session, config, application_body(kind="individual", addressee_no=1), NOW)
    assert [field.rule for field in refused.value.fields] == ["stopped"]


@pytest.mark.parametrize("address", ["ためし町1-2", "どこか別の町3-4"])
async def test_absence_gives_no_hint_where_a_protected_person_lives(
    clerk_session: WriteSession, config: TenantConfig, stop: Any, address: str
) -> None:
    stop(2, "support")
    asked = {"kind": "absence", "addressee_no": None, "asked_name": "渡邉 花子", "asked_address": address}
    third = {"asker": "third_party", "asker_name": "甲", "asker_address": "乙", "purpose": "訴訟"}
    with pytest.raises(Invalid) as refused:
        await service.apply(clerk_session, config, application_body(**asked, **third), NOW)
    assert [(field.field, field.rule) for field in refused.value.fields] == [("override_reason", "stopped")]


async def test_a_stop_that_comes_after_the_preview_still_stops_the_issue(
    clerk_session: WriteSession, config: TenantConfig, stop: Any
) -> None:
    applied = await service.apply(clerk_session, config, application_body(), NOW)
    stop(1)
    with pytest.raises(Invalid):
        await service.issue(clerk_session, config, applied.request_no, NOW)


async def test_a_stop_that_has_ended_stops_nothing(
    clerk_session: WriteSession, config: TenantConfig, stop: Any
) -> None:
    stop(1, ends_on=(NOW - timedelta(days=1)).date().isoformat())
    assert await _issue(clerk_session, config) == [1]


async def test_who_left_has_a_removed_sheet_and_no_other(clerk_session: WriteSession, config: TenantConfig) -> None:
    await _move_out(clerk_session, is_certain=True)
    with pytest.raises(Invalid, match="入力に誤り") as refused:
        await service.apply(clerk_session, config, application_body(), NOW)
    assert _fields(refused.value) == ["kind"]
    (serial,) = await _issue(clerk_session, config, kind="removed", items=["relationship"])
    content = await _content(clerk_session, serial)
    assert content["住所"].endswith("ためし町1番2号")
    assert (content["世帯主"], content["消除の事由"], content["転出先"]) == (
        "渡邉　太郎",
        "転出",
        "東京都港区芝公園1番",
    )


async def test_who_plans_to_leave_gets_one_paper_with_all_who_leave(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    with pytest.raises(Invalid):
        await service.apply(clerk_session, config, application_body(kind="departure"), NOW)
    await _move_out(clerk_session, is_certain=False)
    with pytest.raises(Invalid) as refused:
        await service.apply(clerk_session, config, application_body(kind="departure"), NOW)
    assert _fields(refused.value) == ["items"], (
        "the paper bears the numbers (施行令23条): who may not print them hands over"
    )
    without = ["unassigned:my_number", "unassigned:resident_code"]
    (serial,) = await _issue(as_principal(clerk_session, CHIEF), config, kind="departure", confirmed=without)
    issued = await clerk_session.get(CertificateIssue, serial)
    assert issued is not None
    assert issued.fee == 0
    assert reads.load_content(issued.content)["addressee_nos"] == [1, 2, 3]


async def test_part_of_a_household_says_that_it_is_a_part(clerk_session: WriteSession, config: TenantConfig) -> None:
    (serial,) = await _issue(clerk_session, config, members=[1, 3])
    issued = await clerk_session.get(CertificateIssue, serial)
    assert issued is not None
    content = reads.load_content(issued.content)
    assert (content["addressee_nos"], content["partial"]) == ([1, 3], "世帯員の一部を記載した写しである。")


async def test_nobody_is_certified_absent_who_is_in_the_register(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    absence = {
        "kind": "absence",
        "addressee_no": None,
        "asker": "third_party",
        "asker_name": "債権 太郎",
        "asker_address": "東京都",
        "purpose": "訴訟の準備",
        "asked_address": f"{config.prefecture}{config.name}ためし町1-2",
    }
    with pytest.raises(Invalid) as refused:
        await service.apply(clerk_session, config, application_body(**absence, asked_name="渡辺 太郎"), NOW)
    assert "不在住証明書は交付できません" in refused.value.fields[0].message
    (serial,) = await _issue(clerk_session, config, **absence, asked_name="山田 太郎")
    assert (await _content(clerk_session, serial))["氏名"] == "山田 太郎"


async def test_copies_for_others_are_announced_for_those_who_want_to_know(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    await _issue(clerk_session, config)
    third = {"asker": "third_party", "asker_name": "甲", "asker_address": "乙", "purpose": "債権", "has_proof": True}
    (serial,) = await _issue(clerk_session, config, kind="individual", **third)
    rows = await clerk_session.fetch(
        "SELECT key, payload->>'serial' FROM outbox_event WHERE topic LIKE 'certificate.%'"
    )
    assert [tuple(row) for row in rows] == [("addressee:1", str(serial))]


async def test_every_person_on_a_certificate_is_in_the_trail(
    database: Database, tenant: TenantRef, config: TenantConfig, base: str
) -> None:
    async with database.write(tenant, CLERK) as session:
        await _issue(session, config, purpose="年金の請求")
    async with database.read(tenant, SYSTEM) as session:
        rows = await session.fetch(
            "SELECT subject, reason FROM audit_event WHERE action = 'certificate.issue' ORDER BY seq"
        )
    assert [tuple(row) for row in rows] == [(f"addressee:{number}", "年金の請求") for number in (1, 2, 3)]


async def _content(session: WriteSession, serial: int) -> dict[str, str]:
    issued = await session.get(CertificateIssue, serial)
    assert issued is not None
    content = reads.load_content(issued.content)
    lines = [*content["top"], *(line for person in content["persons"] for line in person["lines"])]
    return {line["label"]: line["value"] for line in lines}


async def _move_within(session: WriteSession) -> None:
    await add_town(session)
    body = {
        "event_date": "2026-11-18",
        "notified_on": "2026-11-18",
        "household": {"household_no": 1, "version": 1},
        "members": [
            {"addressee_no": number, "relationship": code} for number, code in ((1, "02"), (2, "12"), (3, "20"))
        ],
        "address": {"town_code": TOWN, "block": "9番9号"},
    }
    await register.record_move_within(session, MoveWithin.model_validate(body), NOW)


async def _move_out(session: WriteSession, *, is_certain: bool) -> None:
    body = {
        "event_date": "2026-11-18" if is_certain else "2026-12-01",
        "notified_on": "2026-11-18",
        "household": {"household_no": 1, "version": 1},
        "members": [{"addressee_no": number} for number in (1, 2, 3)],
        "destination": "東京都港区芝公園1番",
        "is_certain": is_certain,
    }
    await register.record_move_out(session, MoveOut.model_validate(body), NOW)


async def test_nobody_asks_in_the_name_of_the_dead(clerk_session: WriteSession, config: TenantConfig) -> None:
    died = {
        "event_date": "2026-11-18",
        "notified_on": "2026-11-19",
        "household": {"household_no": 1, "version": 1},
        "addressee_no": 3,
    }
    await register.record_death(clerk_session, Death.model_validate(died), NOW)
    for asker in ("self", "proxy"):
        body = application_body(
            kind="removed", addressee_no=3, asker=asker, asker_name="甲", asker_address="乙", has_proof=True
        )
        with pytest.raises(Invalid) as refused:
            await service.apply(clerk_session, config, body, NOW)
        assert [(field.field, field.article) for field in refused.value.fields] == [("asker", "住基法15条の4第3項")]
    heir = {"asker": "third_party", "asker_name": "甲", "asker_address": "乙", "has_proof": True, "purpose": "相続"}
    assert await _issue(clerk_session, config, kind="removed", addressee_no=3, **heir) == [1]


async def test_juki_060_a_record_removed_decades_ago_is_found_and_issued_and_juki_021_its_words_are_printed(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    """除票 are kept 150 years (施行令34条): one of 1990 is searched and printed, with a 続柄 of two steps."""
    people = [
        {
            "name": "昭和 太郎",
            "name_kana": "ショウワ タロウ",
            "birth_date": "S050401",
            "sex": "1",
            "relationship": "02",
        },
        {"name": "昭和 花", "name_kana": "ショウワ ハナ", "birth_date": "S080401", "sex": "2", "relationship": "12"},
        {"name": "明和 進", "name_kana": "メイワ ススム", "birth_date": "S350401", "sex": "1", "relationship": "1220"},
    ]
    long_ago = {"event_date": "S500401", "notified_on": "S500402"}
    moved = await record_move_in(clerk_session, *people, **long_ago)
    died = {
        "event_date": "H020110",
        "notified_on": "H020112",
        "household": {"household_no": moved.household_no, "version": 1},
        "addressee_no": moved.addressee_nos[2],
    }
    await register.record_death(clerk_session, Death.model_validate(died), NOW)
    hits = await search_persons(clerk_session, Criteria(q="メイワ", removed=True), NOW.date())
    assert [hit.addressee_no for hit in hits.persons] == [moved.addressee_nos[2]]
    heir = {"asker": "third_party", "asker_name": "甲", "asker_address": "乙", "has_proof": True, "purpose": "相続"}
    asked = {"items": ["relationship"], "items_reason": "相続関係を示すため", **heir}
    (serial,) = await _issue(clerk_session, config, kind="removed", addressee_no=moved.addressee_nos[2], **asked)
    content = await _content(clerk_session, serial)
    assert (content["続柄"], content["住民となった年月日"]) == ("妻の子", "昭和50年4月1日")
