"""指定校変更, 区域外就学, 猶予・免除, schools outside, 支援措置: what the use cases record and refuse."""

from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from modules.resident.basic_register.protections.inputs import ProtectionEntry
from modules.resident.basic_register.protections.service import protect
from modules.resident.school_age import cases, service
from modules.resident.school_age.case_reads import get_case
from modules.resident.school_age.handover import handover_rows
from modules.resident.school_age.inputs import (
    CaseAct,
    CaseInput,
    CaseResult,
    ChildItems,
    NoticeRequest,
    SchoolChange,
    Transfer,
)
from modules.resident.school_age.placing import designated
from modules.resident.school_age.printing import get_letter, roll_rows
from modules.resident.school_age.proposals import propose
from modules.resident.school_age.reads import get_child, list_children
from modules.resident.school_age.roll import HIDDEN
from modules.resident.school_age.settings import District, read_settings
from modules.resident.school_age.statistics import get_forecast, get_statistics
from tests.resident.people import NOW
from tests.resident.schooling import SCHOOL, child, settle
from yoriai.audit import Principal
from yoriai.errors import Conflict, Forbidden, Invalid, NeedsConfirmation
from yoriai.proposals import Happening
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, WriteSession

TODAY = NOW.date()
DECIDER = Principal("board", permissions=frozenset({"school_age.decide"}))


@pytest_asyncio.fixture(loop_scope="session")
async def session(database: Database, tenant: TenantRef) -> Any:
    """A writing transaction of somebody who may decide."""
    async with database.write(tenant, DECIDER) as session:
        yield session


@pytest_asyncio.fixture(loop_scope="session")
async def pupil(session: WriteSession, config: TenantConfig) -> int:
    """A child of the 4th grade, received at the counter."""
    family = await settle(session, child("2016-06-01"))
    await _transfer(session, config, family.addressee_nos[2])
    return family.addressee_nos[2]


async def _transfer(session: WriteSession, config: TenantConfig, number: int) -> Any:
    body = {
        "addressee_no": number,
        "since": "2026-09-15",
        "former_school": "北小学校",
        "has_textbook_certificate": True,
    }
    return await service.accept_transfer(session, Transfer.model_validate(body), config, NOW)


async def _apply(session: WriteSession, config: TenantConfig, kind: str, **values: Any) -> CaseResult:
    body = {
        "kind": kind,
        "applied_on": "2026-11-01",
        "valid_from": "2026-11-10",
        "valid_to": "2027-03-31",
        "reason": "兄姉の在籍",
    }
    return await cases.apply_for(session, CaseInput.model_validate(body | values), config, NOW)


async def _act(session: WriteSession, config: TenantConfig, case: CaseResult, act: str, reason: str = "") -> CaseResult:
    body = CaseAct.model_validate({"act": act, "on": "2026-11-10", "reason": reason, "version": case.version})
    return await cases.act_on_case(session, case.case_no, body, config, NOW)


async def _change(session: WriteSession, config: TenantConfig, number: int, **values: Any) -> Any:
    version = await session.fetchval("SELECT version FROM school_age_child WHERE addressee_no = $1", number)
    body = {"since": "2026-11-16", "reason": "入学許可証", "version": version, **values}
    return await service.change_school(session, number, SchoolChange.model_validate(body), config, NOW)


async def test_transfer_at_the_counter_designates_the_school_and_makes_the_notice(
    session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    view = await get_child(session, config, pupil, TODAY)
    assert (view.line.school_code, view.line.grade_label) == (SCHOOL, "小4")
    assert "教科用図書給与証明書 受領" in view.line.remark
    assert view.line.guardian_name.startswith("渡邉")
    letter = await get_letter(session, view.notices[0].id, TODAY)
    assert (letter["title"], letter["school"]) == ("転入学通知書", read_settings(config).name_of(SCHOOL))
    again = await _transfer(session, config, pupil)
    notices = (await get_child(session, config, pupil, TODAY)).notices
    assert [(item.id, item.is_replaced) for item in notices] == [(again.notice_id, False), (view.notices[0].id, True)]


async def test_a_small_child_cannot_be_transferred(session: WriteSession, config: TenantConfig) -> None:
    family = await settle(session, child("2023-06-01"))
    with pytest.raises(Invalid) as refused:
        await _transfer(session, config, family.addressee_nos[2])
    assert refused.value.fields[0].article == "学校教育法17条"


async def test_a_private_school_takes_the_child_off_the_municipal_rolls_from_its_day(
    session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    """SHUGAKU-012."""
    assert (await list_children(session, config, TODAY, school=SCHOOL)).total == 1
    await _change(session, config, pupil, kind="private", school_name="聖心小学校")
    assert (await list_children(session, config, TODAY, school=SCHOOL)).total == 0
    assert (await list_children(session, config, TODAY, kind="private")).total == 1
    counted = await get_statistics(session, config, TODAY)
    assert sum(row["total"] for row in counted.by_school) == 0
    assert counted.by_kind == [{"label": "私立", "count": 1}]
    await _change(session, config, pupil, kind="municipal", school_code=SCHOOL, since="2026-11-18")
    assert (await list_children(session, config, TODAY, school=SCHOOL)).total == 1
    periods = (await get_child(session, config, pupil, TODAY)).placements
    assert [item.kind_label for item in periods if not item.is_corrected] == ["市町村立", "私立", "市町村立"]


async def test_every_mistake_of_a_school_change_is_told_at_its_field(
    session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    with pytest.raises(Invalid) as refused:
        await _change(session, config, pupil, kind="private", since="2026-09-01")
    assert [error.field for error in refused.value.fields] == ["school_name", "since"]


async def test_designation_change_is_free_in_a_special_school_and_asked_about_elsewhere(
    session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    with pytest.raises(NeedsConfirmation):
        await _apply(session, config, "designation_change", addressee_no=pupil, school_code="E01")
    with pytest.raises(Invalid):
        await _apply(session, config, "designation_change", addressee_no=pupil, school_code="J01")
    case = await _apply(session, config, "designation_change", addressee_no=pupil, school_code="E02")
    await _act(session, config, case, "approve")
    view = await get_child(session, config, pupil, TODAY)
    assert (view.line.school_code, view.line.basis) == ("E02", "指定校変更")
    with pytest.raises(Invalid) as refused:
        await _apply(session, config, "designation_change", addressee_no=pupil, school_code="E05")
    assert refused.value.fields[0].rule == "duplicate"


async def test_only_a_holder_of_the_right_decides(
    database: Database, session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    case = await _apply(session, config, "designation_change", addressee_no=pupil, school_code="E02")
    session.principal = Principal("clerk")
    with pytest.raises(Forbidden):
        await _act(session, config, case, "approve")


async def test_out_of_area_needs_the_other_boards_consent_and_keeps_its_history(
    session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    """SHUGAKU-015: one out, with the letter."""
    with pytest.raises(Invalid) as refused:
        await _apply(session, config, "out_of_area_out", addressee_no=pupil)
    assert {error.field for error in refused.value.fields} == {"school_name", "other_board"}
    case = await _apply(
        session, config, "out_of_area_out", addressee_no=pupil, school_name="海田小学校", other_board="海田町教育委員会"
    )
    with pytest.raises(Conflict, match="同意"):
        await _act(session, config, case, "approve")
    made = await cases.print_consultation(session, case.case_no, config, NOW)
    letter = await get_letter(session, made.notice_id, TODAY)
    assert letter["to"]["name"] == "海田町教育委員会"
    assert letter["address"].startswith(config.full_name), "the other board is not of this municipality"
    assert "海田小学校に就学させること" in letter["body"]
    for act in ("consult", "consent", "approve"):
        case = await _act(session, config, case, act)
    assert (await get_child(session, config, pupil, TODAY)).line.kind_label == "区域外就学"
    await _act(session, config, case, "end", reason="転居")
    view = await get_child(session, config, pupil, TODAY)
    assert (view.line.kind, view.line.school_code) == ("municipal", SCHOOL)
    shown = await get_case(session, case.case_no, TODAY)
    assert [act.label for act in shown.acts] == ["終了", "承認", "協議への同意", "協議", "通知書の作成", "申請"]


async def test_a_child_taken_in_from_elsewhere_stands_on_the_schools_roll(
    session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    """SHUGAKU-015: one in."""
    case = await _apply(
        session, config, "out_of_area_in", child_name="佐藤 健", birth_date="2015-05-05", child_address="呉市天応1番地",
        guardian_name="佐藤 一", school_code=SCHOOL, other_board="呉市教育委員会",
    )  # fmt: skip
    for act in ("consult", "consent", "approve"):
        case = await _act(session, config, case, act)
    counted = await get_statistics(session, config, TODAY)
    row = next(row for row in counted.by_school if row["code"] == SCHOOL)
    assert (row["grades"][3:5], row["incoming"], row["total"]) == ([1, 1], 1, 2), "SHUGAKU-024: as the school's roll"
    assert (row["male"] + row["female"], row["other"]) == (1, 1)
    assert (counted.total, counted.incoming, counted.of_schools["total"]) == (1, 1, 2)
    assert counted.of_schools["grades"] == row["grades"]
    listed = await list_children(session, config, TODAY, school=SCHOOL)
    assert [(line.name, line.grade) for line in listed.rows] == [("渡邉　さくら", 4), ("佐藤 健", 5)]
    assert len(roll_rows(listed.rows)) == len(handover_rows(listed.rows)) == listed.total


async def test_deferral_is_kept_with_its_history_after_its_end(
    session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    """SHUGAKU-016."""
    case = await _apply(session, config, "deferral", addressee_no=pupil, reason="病弱")
    case = await _act(session, config, case, "approve")
    assert (await get_child(session, config, pupil, TODAY)).line.kind == "deferred"
    case = await _act(session, config, case, "end", reason="回復")
    view = await get_child(session, config, pupil, TODAY)
    assert (view.line.kind, view.line.school_code) == ("municipal", SCHOOL)
    assert [item.kind_label for item in view.placements if not item.is_corrected][1] == "就学猶予"
    with pytest.raises(Conflict):
        await _act(session, config, case, "approve")


async def test_missing_and_absent_children_are_listed_and_urged(
    session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    """SHUGAKU-017."""
    body = {"is_missing": True, "on": "2026-11-10", "reason": "家庭訪問で不在", "version": 1}
    await service.change_items(session, pupil, ChildItems.model_validate(body), NOW)
    listed = await list_children(session, config, TODAY, kind="attention")
    assert [line.addressee_no for line in listed.rows] == [pupil]
    with pytest.raises(Invalid):
        await service.issue_notice(session, pupil, NoticeRequest(kind="attendance"), config, NOW)
    made = await service.issue_notice(
        session, pupil, NoticeRequest(kind="attendance", reason="7日以上の欠席"), config, NOW
    )
    assert (await get_letter(session, made.notice_id, TODAY))["title"] == "出席督促書"
    act = (await get_child(session, config, pupil, TODAY)).acts[0]
    assert (act.label, act.after, act.on) == ("通知書の作成", "出席督促書", TODAY)


async def test_a_stale_form_is_refused_and_nothing_is_lost(
    session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    with pytest.raises(Conflict):
        await _change(session, config, pupil, kind="private", school_name="聖心小学校", version=99)
    assert (await get_child(session, config, pupil, TODAY)).line.kind == "municipal"


async def test_a_foreign_childs_letter_carries_the_chosen_name(session: WriteSession, config: TenantConfig) -> None:
    """SHUGAKU-009."""
    family = await settle(session, child("2016-06-01", name="NGUYEN LINH", nationality="VNM", alias="渡邉 リン"))
    number = family.addressee_nos[2]
    await _transfer(session, config, number)
    assert (await list_children(session, config, TODAY, school=SCHOOL)).total == 1
    for choice, name in (("name", "NGUYEN　LINH"), ("alias", "渡邉 リン")):
        if choice == "alias":
            body = {
                "wish": "wishes",
                "name_choice": "alias",
                "on": "2026-11-20",
                "reason": "保護者の希望",
                "version": 1,
            }
            await service.change_items(session, number, ChildItems.model_validate(body), NOW)
        made = await service.issue_notice(session, number, NoticeRequest(kind="transfer"), config, NOW)
        assert (await get_letter(session, made.notice_id, TODAY))["child"]["name"] == name
    declines = {"wish": "declines", "name_choice": "alias", "on": "2026-11-20", "reason": "外国人学校", "version": 2}
    await service.change_items(session, number, ChildItems.model_validate(declines), NOW)
    assert (await list_children(session, config, TODAY, school=SCHOOL)).total == 0, "who does not attend is on no roll"
    assert (await list_children(session, config, TODAY)).total == 1
    counted = await get_statistics(session, config, TODAY)
    assert sum(row["total"] for row in counted.by_school) == 0
    assert [row["label"] for row in counted.by_kind] == ["外国籍 (就学の希望を確認中・希望しない)"], "in no 市町村立"


async def test_shugaku_024_who_is_protected_is_counted_in_no_school_and_no_district(
    session: WriteSession, config: TenantConfig
) -> None:
    """JUKI-047: of a district with one child the count alone would tell who lives there; the sums stay those of the register."""
    family = await settle(session, child("2016-06-01"), child("2021-01-10"))
    pupil, entrant = family.addressee_nos[2:]
    await _transfer(session, config, pupil)
    support = {"kind": "support", "category": "dv", "subjects": [pupil, entrant], "starts_on": "2026-11-20", "applicant": "母",
               "ends_on": "2027-11-19"}  # fmt: skip
    await protect(session, ProtectionEntry.model_validate(support), NOW)
    counted, coming = await get_statistics(session, config, TODAY), await get_forecast(session, config, TODAY)
    apart = "支援措置 (学校・通学区域を示さない)"
    for rows, value in ((counted.by_school, "total"), (counted.by_district, "count")):
        assert [(row["name"], row[value]) for row in rows if row[value]] == [(apart, 1)]
    assert (counted.total, counted.of_schools["total"], sum(coming.births)) == (1, 1, 1)
    assert [row["name"] for row in coming.rows if any(row["counts"])] == [apart]
    session.principal = replace(DECIDER, permissions=frozenset({"resident.protected.view"}))
    seen = await get_statistics(session, config, TODAY)
    assert [row["code"] for row in seen.by_school if row["total"]] == [SCHOOL]
    assert apart not in str((seen, await get_forecast(session, config, TODAY)))


async def test_a_protected_child_is_left_out_or_masked_by_setting(
    session: WriteSession, config: TenantConfig, pupil: int
) -> None:
    """SHUGAKU-022."""
    support = {"kind": "support", "category": "dv", "subjects": [pupil], "starts_on": "2026-11-20", "applicant": "母",
               "ends_on": "2027-11-19"}  # fmt: skip
    await protect(session, ProtectionEntry.model_validate(support), NOW)
    left_out = await list_children(session, config, TODAY)
    assert (left_out.total, left_out.left_out) == (0, 1)
    settings = {**config.settings("school_age"), "protected": "mask"}
    businesses = {**config.document["businesses"], "school_age": {"settings": settings}}
    masking = TenantConfig({**config.document, "businesses": businesses})
    listed = await list_children(session, masking, TODAY)
    view = await get_child(session, config, pupil, TODAY)
    assert listed.rows[0].is_protected
    assert view.line.is_protected
    for text in (str(listed), str(view), str(roll_rows(listed.rows)), str(handover_rows(listed.rows))):
        assert "大柿町" not in text
    assert (view.line.school_code, view.line.school_name, view.line.grade) == (None, HIDDEN, 4)
    assert (await list_children(session, masking, TODAY, school=SCHOOL)).rows == [], "the roll of a school tells it too"
    own = await list_children(session, masking, TODAY, school=SCHOOL, is_own=True)
    assert [line.school_code for line in own.rows] == [SCHOOL], "the school knows its children"
    made = await service.issue_notice(session, pupil, NoticeRequest(kind="transfer"), config, NOW)
    with pytest.raises(Forbidden, match="責任者"):
        await get_letter(session, made.notice_id, TODAY)
    session.principal = replace(DECIDER, permissions=frozenset({"resident.protected.view"}))
    assert "大柿町大原1番2号" in str((await get_letter(session, made.notice_id, TODAY))["to"])
    assert (await get_child(session, config, pupil, TODAY)).line.school_code == SCHOOL


async def test_forecast_equals_births_and_a_trial_changes_nothing_live(
    session: WriteSession, config: TenantConfig
) -> None:
    """SHUGAKU-024 (forecast), SHUGAKU-025."""
    await settle(session, child("2020-04-02"), child("2021-04-01"), child("2021-04-02"), child("2026-05-05"))
    plain = await get_forecast(session, config, TODAY)
    assert dict(zip(plain.years, plain.births, strict=True)) == {2027: 2, 2028: 1, 2029: 0, 2030: 0, 2031: 0, 2032: 0}
    trial = await get_forecast(session, config, TODAY, District("E01", ("大柿町大原",)))
    moved = {row["code"]: (row["counts"][0], row["trial"][0]) for row in trial.rows}
    assert (moved["E06"], moved["E01"]) == ((2, 0), (0, 2))
    assert designated("大柿町大原1番2号", 1, TODAY, read_settings(config)).school_code == "E06"


async def test_shugaku_024_the_sums_of_the_statistics_equal_the_register(
    session: WriteSession, config: TenantConfig
) -> None:
    family = await settle(
        session,
        child("2016-06-01", sex="1"),
        child("2013-06-01"),
        child("2015-06-01", name="NGUYEN LINH", nationality="VNM"),
    )
    for number in family.addressee_nos[2:]:
        await _transfer(session, config, number)
    body = {"wish": "wishes", "name_choice": "name", "on": "2026-11-20", "reason": "希望", "version": 1}
    await service.change_items(session, family.addressee_nos[4], ChildItems.model_validate(body), NOW)
    await _change(session, config, family.addressee_nos[3], kind="private", school_name="私立中学校")
    counted, listed = await get_statistics(session, config, TODAY), await list_children(session, config, TODAY)
    assert counted.total == listed.total == 3
    assert sum(row["count"] for row in counted.by_kind) == 3
    municipal = [row for row in listed.rows if row.kind == "municipal"]
    assert sum(row["total"] for row in counted.by_school) == len(municipal)
    assert sum(sum(row["grades"]) for row in counted.by_school) == len(municipal)
    assert sum(row["male"] + row["female"] for row in counted.by_school) == len(municipal)
    assert sum(row["foreign"] for row in counted.by_school) == sum(row.is_foreign for row in municipal)
    assert sum(row["count"] for row in counted.by_district) == 3


async def test_movements_propose_the_school_to_whom_it_concerns(session: WriteSession, config: TenantConfig) -> None:
    family = await settle(session, child("2016-06-01"), child("2020-06-01"), child("2024-06-01"))
    happening = Happening("move_in", family.movement_no, TODAY, family.addressee_nos)
    proposals = await propose(session, happening)
    assert [(item.addressee_no, item.label) for item in proposals] == [
        (family.addressee_nos[2], "転入学の手続き"),
        (family.addressee_nos[3], "入学の案内"),
    ]
    assert proposals[0].bring == ("在学証明書", "教科用図書給与証明書")
    await _transfer(session, config, family.addressee_nos[2])
    assert (await propose(session, happening))[0].is_done
    leaving = Happening("move_out", 9, TODAY, family.addressee_nos)
    assert [item.label for item in await propose(session, leaving)] == ["転学の手続き"]
    born = Happening("birth", 10, TODAY, family.addressee_nos[-1:])
    assert "令和13年4月1日" in (await propose(session, born))[0].because
