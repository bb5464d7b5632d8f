"""住登外管理: one number space, candidates before numbering, 名寄せ and its undoing, where letters go."""

import io
from datetime import date
from typing import Any

import httpx
import pypdf
import pytest
import pytest_asyncio

from batch.runner import run_alone
from modules.resident.non_resident import service
from modules.resident.non_resident.facts import find_addressee, find_mailing, find_representative, list_same
from modules.resident.non_resident.inputs import (
    Change,
    Destination,
    Link,
    Migration,
    Registration,
    Returned,
    Settled,
    Unlink,
)
from modules.resident.non_resident.jobs import NETS
from modules.resident.non_resident.matching import list_pairs
from modules.resident.non_resident.reads import get_addressee, search
from tests.resident.people import CHILD, FATHER, NOW, add_town, record_move_in
from tests.resident.schooling import context
from yoriai.audit import SYSTEM
from yoriai.errors import Conflict, Invalid, NeedsConfirmation
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, WriteSession

TODAY = NOW.date()
JOB = NETS[0].jobs[0]
PERSON = {
    "name": "髙橋 健", "name_kana": "タカハシ ケン", "birth_date": "1970-05-05", "postcode": "730-0001",
    "address": "広島市中区白島一丁目1番", "source": "固定資産税の登記", "since": "2020-04-01", "reason": "登記済通知",
}  # fmt: skip
COMPANY = {
    **PERSON, "kind": "corporation", "name": "試験商事株式会社", "name_kana": "シケンショウジ", "birth_date": None,
    "branch": "広島支店", "representative": "代表取締役 山田 一", "corporate_number": "8000020130001",
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def session(write_session: WriteSession) -> WriteSession:
    """A writing transaction with a 町字 to live in."""
    await add_town(write_session)
    return write_session


async def register(session: WriteSession, **values: Any) -> int:
    return (await service.register(session, Registration.model_validate({**PERSON, **values}), NOW)).addressee_no


async def test_residents_and_non_residents_share_one_number_space(session: WriteSession) -> None:
    first = await register(session)
    family = await record_move_in(session, FATHER)
    second = await register(session, name="別 人", name_kana="ベツ ジン", birth_date="1980-01-01")
    assert [first, *family.addressee_nos, second] == [1, 2, 3]


async def test_a_current_resident_is_pointed_to_and_not_numbered_again(session: WriteSession) -> None:
    """ATENA-005."""
    family = await record_move_in(session, FATHER)
    with pytest.raises(Invalid) as refused:
        await register(session, name="渡辺太郎", name_kana="ﾜﾀﾅﾍﾞ ﾀﾛｳ", birth_date="S60.4.1")
    error = refused.value.fields[-1]
    assert error.rule == "resident"
    assert f"宛名番号 {family.addressee_no}" in error.message


async def test_near_matches_are_shown_and_a_double_has_to_be_confirmed(session: WriteSession) -> None:
    """ATENA-004."""
    number = await register(session)
    found = await search(session, "高橋", None)
    assert [row.addressee_no for row in found.rows] == [number]
    assert [row.addressee_no for row in (await search(session, "たかは", None)).rows] == [number]
    with pytest.raises(NeedsConfirmation):
        await register(session, name="高橋 健", address="別の住所")
    assert await register(session, name="高橋 健", address="別の住所", confirmed=["duplicate"]) == number + 1


async def test_numbers_of_the_former_system_are_kept_and_never_doubled(session: WriteSession) -> None:
    """ATENA-003."""
    rows = [{**PERSON, "addressee_no": 900001}, {**COMPANY, "addressee_no": 900007}]
    assert (await service.migrate(session, Migration.model_validate({"rows": rows}), NOW)).taken == 2
    assert [(await find_addressee(session, number)).name_kana for number in (900001, 900007)] == [  # type: ignore[union-attr]
        "タカハシ　ケン",
        "シケンショウジ",
    ]
    assert await register(session, name="次 の人", name_kana="ツギ ノヒト", birth_date="1999-01-01") == 900008
    wrong = [
        {**PERSON, "addressee_no": 900001},
        {**PERSON, "addressee_no": 5},
        {**COMPANY, "addressee_no": 5, "corporate_number": "9000020130001"},
    ]
    with pytest.raises(Invalid) as refused:
        await service.migrate(session, Migration.model_validate({"rows": wrong}), NOW)
    messages = [error.message for error in refused.value.fields]
    assert [message[:3] for message in messages] == ["1行目", "2行目", "3行目", "3行目"]
    assert "検査数字" in messages[-1]


async def test_bodies_with_branch_and_representative_and_co_owners_are_addressees(session: WriteSession) -> None:
    """ATENA-008."""
    company = await register(session, **COMPANY)
    person = await register(session)
    members = [
        {"member_no": company, "numerator": 1, "denominator": 3},
        {"member_no": person, "numerator": 2, "denominator": 3},
    ]
    group = await register(
        session, kind="co_owners", name="髙橋健ほか1名", name_kana="タカハシケンホカ", birth_date=None, members=members
    )
    view = await get_addressee(session, group, TODAY)
    assert [(row["member_no"], row["numerator"]) for row in view.members] == [(company, 1), (person, 2)]
    mailing = await find_mailing(session, company, "fixed_asset_tax", TODAY)
    assert mailing is not None
    assert mailing.name == "試験商事株式会社　広島支店　代表取締役 山田 一"
    with pytest.raises(Invalid) as refused:
        await register(
            session, kind="co_owners", name="だれか", name_kana="ダレカ", birth_date=None, members=members[:1]
        )
    assert refused.value.fields[0].field == "members"


async def test_a_change_overwrites_nothing(session: WriteSession) -> None:
    number = await register(session)
    body = Change.model_validate({**PERSON, "address": "呉市中央一丁目", "since": "2026-10-01", "version": 1})
    await service.change(session, number, body, NOW)
    records = (await get_addressee(session, number, TODAY)).records
    known = [(row["address"], row["valid_from"], row["valid_to"]) for row in records if row["superseded_at"] is None]
    assert known == [
        ("呉市中央一丁目", date(2026, 10, 1), date(9999, 12, 31)),
        ("広島市中区白島一丁目1番", date(2020, 4, 1), date(2026, 10, 1)),
    ]
    assert len(records) == 3
    with pytest.raises(Conflict):
        await service.change(session, number, body, NOW)


async def test_a_join_makes_one_representative_and_its_undoing_loses_nothing(session: WriteSession) -> None:
    """ATENA-009, ATENA-010."""
    one = await register(session)
    other = await register(session, confirmed=["duplicate"])
    assert [(pair["addressee_no"], pair["other_no"]) for pair in await list_pairs(session)] == [(one, other)]
    before = (await get_addressee(session, other, TODAY)).records
    await service.link(session, other, Link(to_no=one, reason="同一人"), NOW)
    representative = await find_representative(session, other)
    assert representative is not None
    assert representative.addressee_no == one
    assert sorted(await list_same(session, one)) == [one, other]
    assert {row.representative_no for row in (await search(session, "高橋", None)).rows} == {one}
    assert await list_pairs(session) == []
    with pytest.raises(Invalid):
        await service.link(session, one, Link(to_no=other, reason="逆"), NOW)
    await service.unlink(session, other, Unlink(reason="別人と判明"), NOW)
    view = await get_addressee(session, other, TODAY)
    assert (view.representative_no, view.records) == (other, before)
    assert [(row["undo_reason"], row["reason"]) for row in view.links] == [("別人と判明", "同一人")]


async def test_a_tax_agent_gets_the_notices_of_that_tax_with_the_principal_named(session: WriteSession) -> None:
    """ATENA-015."""
    principal, agent = (
        await register(session),
        await register(
            session, name="代理 人", name_kana="ダイリ ニン", birth_date="1960-01-01", address="呉市本通1番"
        ),
    )
    body = {
        "kind": "tax_agent",
        "business": "fixed_asset_tax",
        "agent_no": agent,
        "valid_from": "2026-04-01",
        "valid_to": "2027-03-31",
        "reason": "納税管理人申告書",
    }
    await service.set_destination(session, principal, Destination.model_validate(body), NOW)
    mailing = await find_mailing(session, principal, "fixed_asset_tax", TODAY)
    assert mailing is not None
    assert (mailing.name, mailing.principal, mailing.role) == ("代理 人", "髙橋 健", "納税管理人")
    for business, day in (("inhabitant_tax", TODAY), ("fixed_asset_tax", date(2027, 4, 1))):
        own = await find_mailing(session, principal, business, day)
        assert own is not None
        assert (own.name, own.principal) == ("髙橋 健", "")
    with pytest.raises(Invalid):
        await service.set_destination(session, principal, Destination.model_validate(body | {"agent_no": 77}), NOW)


async def test_returned_mail_warns_until_it_is_settled(session: WriteSession) -> None:
    """ATENA-016."""
    number = await register(session)
    body = {"kind": "returned", "business": "nhi", "item": "納税通知書", "on": "2026-07-20"}
    await service.mark_returned(session, number, Returned.model_validate(body), NOW)
    flagged = await find_mailing(session, number, "nhi", TODAY)
    assert flagged is not None
    assert flagged.warnings == ["返戻: 納税通知書 (令和8年7月20日)"]
    other = await find_mailing(session, number, "fixed_asset_tax", TODAY)
    assert other is not None
    assert other.warnings == []
    mail = (await get_addressee(session, number, TODAY)).returned[0]["id"]
    await service.settle_returned(session, number, mail, Settled(outcome="居所判明"), NOW)
    free = await find_mailing(session, number, "nhi", TODAY)
    assert free is not None
    assert free.warnings == []


async def test_data_from_the_national_register_is_hidden_from_other_businesses(session: WriteSession) -> None:
    number = await register(session, is_restricted=True, source="住基ネット")
    found = await find_addressee(session, number)
    assert found is not None
    assert (found.name, found.address, found.birth_date) == ("(他業務参照不可)", "", None)


async def test_who_moves_in_is_joined_with_the_known_number_when_all_agrees(
    database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef
) -> None:
    """ATENA-013: the link at the move-in."""
    same = {"name": "渡辺 太郎", "name_kana": "ワタナベ タロウ", "birth_date": "1985-04-01"}
    partly = {"name": "渡邉 桜", "name_kana": "ワタナベ サクラ", "birth_date": CHILD["birth_date"]}
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        known, near = await register(session, **same), await register(session, **partly)
        family = await record_move_in(session, FATHER, CHILD)
    result = run_alone(bulk, JOB, context(config, "2026-11-20", JOB.name))
    assert (result.rows_out, result.rows_error) == (1, 1)
    async with database.write(tenant, SYSTEM) as session:
        person = await find_representative(session, known)
        assert person is not None
        assert (person.addressee_no, person.standing) == (family.addressee_nos[0], "resident")
        assert [pair["addressee_no"] for pair in await list_pairs(session)] == [near]
        with pytest.raises(Conflict):
            body = Change.model_validate({**PERSON, "since": "2026-11-01", "version": 2})
            await service.change(session, known, body, NOW)
    assert run_alone(bulk, JOB, context(config, "2026-11-21", JOB.name)).rows_out == 0


async def test_screens_lead_from_the_search_to_a_printed_address(
    client: httpx.AsyncClient, config: TenantConfig
) -> None:
    html, base = {"accept": "text/html"}, f"/{config.code}/non_resident"
    assert "該当する宛名はありません" in (await client.get(f"{base}/search?q=高橋", headers=html)).text
    form = {key: value for key, value in PERSON.items() if value} | {"kind": "person", "sex": "1"}
    wrong = await client.post(
        f"{base}/addressees", data=form | {"name_kana": "高橋", "corporate_number": "123"}, headers=html
    )
    assert wrong.status_code == 422
    assert all(text in wrong.text for text in ("フリガナはカタカナ", "法人番号は法人・団体だけ"))
    made = await client.post(f"{base}/addressees", data=form, headers=html)
    assert made.status_code == 303, made.text
    page = made.headers["location"]
    assert "髙橋 健" in (await client.get(page, headers=html)).text
    pdf = await client.get(f"{page}/label")
    assert "白島" in "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
    returned = {"kind": "returned", "business": "all", "item": "通知", "on": "2026-11-01"}
    assert (await client.post(f"{page}/returned", data=returned, headers=html)).status_code == 303
    assert (await client.get(f"{page}/label")).status_code == 409
    assert (await client.get(f"{page}/label?force=true")).status_code == 200
    for path in ("search?q=たかはし", "addressees/new", "duplicates", "returned"):
        assert (await client.get(f"{base}/{path}", headers=html)).status_code == 200
    assert "通知" in (await client.get(f"{base}/returned", headers=html)).text


async def test_atena_011_five_seeded_pairs_are_found(session: WriteSession) -> None:
    """By name and birth date, kana and birth date, 法人番号, name and address, and against a resident."""
    family = await record_move_in(session, FATHER)
    sure = ["duplicate"]
    pairs = [
        ({}, {"name": "高橋 健", "address": "別の住所"}),
        (
            {"name": "斎藤 一", "name_kana": "サイトウ ハジメ", "birth_date": "1971-01-01"},
            {"name": "齊籐 一", "name_kana": "サイトウ ハジメ", "birth_date": "1971-01-01", "address": "呉市"},
        ),
        (COMPANY, {**COMPANY, "name": "シケン商事", "name_kana": "シケンショウジカ", "address": "東京都"}),
        (
            {"kind": "body", "name": "自治会", "name_kana": "ジチカイ", "birth_date": None},
            {"kind": "body", "name": "自治会", "name_kana": "ジチカイホンブ", "birth_date": None},
        ),
    ]
    seeded = [[await register(session, confirmed=sure, **values) for values in pair] for pair in pairs]
    values = {"name": "渡邉 太一", "name_kana": "ワタナベ タイチ", "birth_date": "1985-04-01"}
    like_resident = await register(session, confirmed=sure, **values)
    changed = {**PERSON, **values, "name_kana": "ワタナベ タロウ", "since": "2026-10-01", "version": 1}
    await service.change(session, like_resident, Change.model_validate(changed), NOW)
    seeded.append([like_resident, *family.addressee_nos])
    found = {(pair["addressee_no"], pair["other_no"]) for pair in await list_pairs(session)}
    assert {tuple(pair) for pair in seeded} == found


async def test_atena_008_a_letter_is_printed_to_each_kind_of_addressee(
    client: httpx.AsyncClient, config: TenantConfig
) -> None:
    base = f"/{config.code}/non_resident/addressees"

    async def made(**values: Any) -> int:
        answer = await client.post(base, json={key: value for key, value in values.items() if value is not None})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["addressee_no"])

    person, company = await made(**PERSON), await made(**COMPANY)
    body = await made(**{**PERSON, "kind": "body", "name": "ためし自治会", "name_kana": "タメシジチカイ", "birth_date": None,
                         "representative": "会長 山田 一"})  # fmt: skip
    members = [{"member_no": number, "numerator": 1, "denominator": 2} for number in (person, company)]
    owners = await made(**{**PERSON, "kind": "co_owners", "name": "髙橋健ほか1名", "name_kana": "タカハシケンホカ",
                           "birth_date": None, "members": members})  # fmt: skip
    for number, words in (
        (company, ("試験商事株式会社", "広島支店", "代表取締役")),
        (body, ("ためし自治会", "会長")),
        (owners, ("髙橋健ほか1名",)),
    ):
        pdf = await client.get(f"{base}/{number}/label")
        text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
        assert all(word in text for word in words), text


async def test_atena_004_candidates_are_shown_on_the_form_and_one_can_be_picked(
    client: httpx.AsyncClient, config: TenantConfig
) -> None:
    html, base = {"accept": "text/html"}, f"/{config.code}/non_resident"
    form = {key: value for key, value in PERSON.items() if value} | {"kind": "person", "sex": "1"}
    first = await client.post(f"{base}/addressees", data=form, headers=html)
    near = await client.post(f"{base}/addressees", data=form | {"name": "高橋 健", "address": "別の住所"}, headers=html)
    assert near.status_code == 428
    assert "候補" in near.text
    assert f'href="{first.headers["location"]}"' in near.text
