"""書かない窓口: what follows from each movement, from every business, with why, what to bring, until when, and what is done."""

from typing import Any

import httpx
import pytest_asyncio

from tests.resident.people import CHILD, FATHER, MOTHER, add_town, record_move_in
from yoriai.audit import SYSTEM
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

HOUSEHOLD = {"household_no": 1, "version": 1}
DAYS = {"event_date": "2026-11-18", "notified_on": "2026-11-20"}


@pytest_asyncio.fixture(loop_scope="session")
async def base(database: Database, tenant: TenantRef) -> str:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, FATHER, MOTHER, CHILD)
    return f"/{tenant}/resident"


async def follow(client: httpx.AsyncClient, base: str, movement_no: int = 1) -> dict[int, dict[str, Any]]:
    answer = await client.get(f"{base}/movements/{movement_no}/next")
    assert answer.status_code == 200, answer.text
    return {person["addressee_no"]: {row["label"]: row for row in person["rows"]} for person in answer.json()["people"]}


async def record(client: httpx.AsyncClient, path: str, **body: Any) -> int:
    answer = await client.post(path, json={**DAYS, "household": HOUSEHOLD, **body})
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["movement_no"]
    return number


async def enrol(client: httpx.AsyncClient, base: str, number: int) -> None:
    body = {"addressee_no": number, "acquired_on": "2026-11-10", "notified_on": "2026-11-16", "reason": "move_in"}
    answer = await client.post(base.replace("/resident", "/nhi/enrolments"), json=body)
    assert answer.status_code == 200, answer.text


async def test_after_moving_in_each_person_is_told_what_follows_and_why(client: httpx.AsyncClient, base: str) -> None:
    rows = await follow(client, base)
    join = rows[1]["国民健康保険の加入"]
    assert join["href"].endswith("/nhi/enrolments/new?addressee_no=1&acquired_on=2026-11-10&reason=move_in")
    assert join["due_on"] == "2026-11-24"
    assert join["bring"]
    assert join["article"] == "国保法9条"
    assert "児童手当の認定請求" in rows[3]
    assert "児童手当の認定請求" not in rows[1]
    assert {"マイナンバーカードの継続利用", "住民票コードの記載・個人番号の付番"} <= rows[2].keys()
    form = await client.get(join["href"], headers={"accept": "text/html"})
    assert 'value="2026-11-10"' in form.text, "the form is filled in"


async def test_what_a_business_has_recorded_is_done_by_itself(client: httpx.AsyncClient, base: str) -> None:
    await enrol(client, base, 1)
    rows = await follow(client, base)
    assert rows[1]["国民健康保険の加入"]["is_done"]
    assert not rows[2]["国民健康保険の加入"]["is_done"]


async def test_what_is_done_elsewhere_is_marked_and_unmarked(client: httpx.AsyncClient, base: str) -> None:
    card = (await follow(client, base))[1]["マイナンバーカードの継続利用"]
    await client.post(f"{base}/movements/1/next", json={"key": card["key"]})
    marked = (await follow(client, base))[1]["マイナンバーカードの継続利用"]
    assert (marked["is_done"], marked["is_ticked"]) == (True, True)
    assert "窓口 花子" in marked["status"]["label"]
    await client.post(f"{base}/movements/1/next", json={"key": card["key"], "is_done": False})
    assert not (await follow(client, base))[1]["マイナンバーカードの継続利用"]["is_done"]


async def test_after_a_birth_the_child_is_insured_and_allowed_for(client: httpx.AsyncClient, base: str) -> None:
    child = {
        "mother_addressee_no": 2,
        "name": "渡邉 桜",
        "name_kana": "ワタナベ サクラ",
        "sex": "2",
        "relationship": "20",
    }
    rows = await follow(client, base, await record(client, f"{base}/households/1/birth", **child))
    assert {"国民健康保険の加入", "児童手当の認定請求"} <= rows[4].keys()


async def test_after_moving_within_the_cards_are_rewritten_and_insurance_follows(
    client: httpx.AsyncClient, base: str
) -> None:
    await enrol(client, base, 1)
    members = [{"addressee_no": n, "relationship": code} for n, code in ((1, "02"), (2, "12"), (3, "20"))]
    address = {"town_code": "999000101", "block": "9番"}
    moved = await record(client, f"{base}/households/1/move-within", members=members, address=address)
    rows = await follow(client, base, moved)
    assert {"マイナンバーカードの券面の書換え", "国民健康保険の世帯・住所の変更"} <= rows[1].keys()
    assert "国民健康保険の世帯・住所の変更" not in rows[2]


async def test_following_into_another_household_is_done_once_the_insurance_followed(
    client: httpx.AsyncClient, base: str
) -> None:
    await enrol(client, base, 1)
    members = [{"addressee_no": 1, "relationship": "02"}]
    staying = [{"addressee_no": 2, "relationship": "02"}, {"addressee_no": 3, "relationship": "20"}]
    address = {"town_code": "999000101", "block": "9番"}
    moving = {"members": members, "staying": staying, "address": address}
    moved = await record(client, f"{base}/households/1/move-within", **moving)
    label = "国民健康保険の世帯・住所の変更"
    waiting = (await follow(client, base, moved))[1][label]
    assert (waiting["is_done"], waiting["href"].endswith("/nhi/candidates")) == (False, True)
    body = {"addressee_no": 1, "notified_on": "2026-11-20", "moved_on": "2026-11-18"}
    answer = await client.post(base.replace("/resident", "/nhi/enrolments/transfer"), json=body)
    assert answer.status_code == 200, answer.text
    followed = (await follow(client, base, moved))[1][label]
    assert (followed["is_done"], followed["is_ticked"], followed["status"]["label"]) == (
        True,
        False,
        "済（登録を確認）",
    )


async def test_after_moving_out_insurance_ends_and_a_certificate_is_given(client: httpx.AsyncClient, base: str) -> None:
    await enrol(client, base, 3)
    left = await record(
        client, f"{base}/households/1/move-out", members=[{"addressee_no": 3}], destination="大阪府", is_certain=True
    )
    rows = await follow(client, base, left)
    assert {"国民健康保険の資格喪失", "転出証明書の交付"} <= rows[3].keys()
    assert rows[3]["転出証明書の交付"]["href"].endswith("/certificate/requests/new?addressee_no=3&kind=departure")


async def test_who_stays_behind_with_another_relation_has_nothing_to_do(client: httpx.AsyncClient, base: str) -> None:
    staying = [{"addressee_no": 2, "relationship": "02"}, {"addressee_no": 3, "relationship": "20"}]
    gone = {"members": [{"addressee_no": 1}], "destination": "大阪府", "is_certain": True, "staying": staying}
    rows = await follow(client, base, await record(client, f"{base}/households/1/move-out", **gone))
    assert list(rows) == [1]


async def test_okuyami_after_a_death_the_funeral_grant_and_the_cards(client: httpx.AsyncClient, base: str) -> None:
    await enrol(client, base, 2)
    rows = await follow(client, base, await record(client, f"{base}/households/1/death", addressee_no=2))
    assert {"国民健康保険の資格喪失", "葬祭費の申請", "マイナンバーカードの返納"} <= rows[2].keys()
    assert "lost_on=2026-11-19" in rows[2]["国民健康保険の資格喪失"]["href"], "the day after the death"


async def test_a_cancelled_movement_asks_for_nothing(client: httpx.AsyncClient, base: str) -> None:
    died = await record(client, f"{base}/households/1/death", addressee_no=2)
    await client.post(f"{base}/movements/{died}/cancel", json={"reason_text": "人違い"})
    assert (await client.get(f"{base}/movements/{died}/next")).json()["total"] == 0


async def test_the_sheet_for_the_resident_names_all_that_has_to_be_brought(
    client: httpx.AsyncClient, base: str
) -> None:
    page = (await client.get(f"{base}/movements/1/sheet", headers={"accept": "text/html"})).text
    assert "署名" in page
    assert "請求者の振込先口座が分かるもの" in page
