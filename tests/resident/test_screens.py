"""The register through the application: each screen, and the same handlers as JSON."""

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio

from tests.resident.people import CHILD, FATHER, MOTHER, TOWN, add_town, move_in_body, record_move_in
from yoriai.audit import SYSTEM
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

HTML = {"accept": "text/html"}
FORM = HTML | {"content-type": "application/x-www-form-urlencoded"}


@pytest_asyncio.fixture(loop_scope="session")
async def base(database: Database, tenant: TenantRef) -> str:
    """A family of three (宛名番号 1 to 3, 世帯番号 1); the address of the business."""
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, FATHER, MOTHER, CHILD)
    return f"/{tenant}/resident"


async def actions(client: httpx.AsyncClient, database: Database, tenant: TenantRef) -> list[tuple[str, str]]:
    async with database.read(tenant, SYSTEM) as session:
        rows = await session.fetch("SELECT action, subject FROM audit_event WHERE staff = 'clerk' ORDER BY seq")
    return [(row["action"], row["subject"]) for row in rows]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/persons", "住民の検索"),
        ("/persons?q=渡辺", "検索結果 3件"),
        ("/persons/1", "渡邉　太郎"),
        ("/persons/1/history", "異動履歴"),
        ("/households/1", "世帯員（除票を含む）"),
        ("/movement-log?since=2026-11-20&until=2026-11-20", "転入前住所: 東京都"),
        ("/movements/move-in", "転入を登録する"),
        ("/movements/move-in?household_no=1", "渡邉　太郎 さんの世帯に入ります"),
        ("/households/1/move-within", "転居を登録する"),
        ("/households/1/move-out", "転出を登録する"),
        ("/households/1/birth", "出生を登録する"),
        ("/households/1/death?addressee_no=1", "死亡を登録する"),
        ("/statistics", "人口統計"),
        ("/movements/entry", "職権記載を登録する"),
        ("/movements/1", "（異動番号 1）"),
        ("/movements/1/next", "国民健康保険の加入"),
        ("/movements/1/sheet", "お持ちいただくもの（まとめ）"),
        ("/movements/1/correct", "異動を訂正する"),
        ("/departures", "転入通知の届いていない人"),
        ("/households/1/split", "世帯分離を登録する"),
        ("/households/1/merge", "合併する先の世帯番号"),
        ("/households/1/relations", "世帯主・続柄の変更を登録する"),
        ("/households/1/family-register", "新しい氏名"),
        ("/households/1/residence", "在留資格"),
        ("/households/1/removal", "職権の根拠"),
        ("/households/1/correction", "正しい内容"),
        ("/households/1/reissue", "改製を登録する"),
    ],
)
async def test_every_screen_shows(client: httpx.AsyncClient, base: str, path: str, words: str) -> None:
    answer = await client.get(base + path, headers=HTML)
    assert answer.status_code == 200, answer.text
    assert words in answer.text


async def test_what_ends_a_record_is_not_pressed_like_any_other(client: httpx.AsyncClient, base: str) -> None:
    """The bar at the bottom stands out where the form ends somebody's 住民票, and nowhere else."""
    found = {}
    for form in ("death", "move-out", "removal", "move-within", "birth", "split", "reissue"):
        page = (await client.get(f"{base}/households/1/{form}", headers=HTML)).text
        bar = page.partition('<div class="submit-bar">')[2].partition("</div>")[0]
        found[form] = 'class="button button-primary button-danger"' in bar
    assert [form for form, is_danger in found.items() if is_danger] == ["death", "move-out", "removal"]


async def test_the_typing_search_answers_a_fragment(client: httpx.AsyncClient, base: str) -> None:
    answer = await client.get(f"{base}/persons?q=さく", headers=HTML | {"hx-request": "true"})
    assert "<html" not in answer.text
    assert f'href="{base}/persons/3"' in answer.text


async def test_a_search_and_each_person_opened_are_audited(
    client: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    await client.get(f"{base}/persons?q=ワタナベ")
    await client.get(f"{base}/persons/2")
    assert [entry for entry in await actions(client, database, tenant) if entry[0].startswith("person.")] == [
        ("person.search", ""),
        ("person.view", "addressee:2"),
    ]


async def test_the_person_as_json(client: httpx.AsyncClient, base: str) -> None:
    view = (await client.get(f"{base}/persons/3")).json()
    assert (view["person"]["name"], view["person"]["sex"]) == ("渡邉　さくら", "女")
    assert [member["relationship"] for member in view["members"]] == ["世帯主", "妻", "子"]
    assert view["movements"][0]["reason"] == "転入"


@pytest.mark.parametrize("path", ["/persons/99", "/households/99", "/households/99/move-out"])
async def test_who_is_not_there_is_not_found(client: httpx.AsyncClient, base: str, path: str) -> None:
    assert (await client.get(base + path)).status_code == 404


def flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """The fields a form would send for a JSON body."""
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in flat(item, f"{name}.{key}" if name else key)]
    if isinstance(value, list):
        return [pair for index, item in enumerate(value) for pair in flat(item, f"{name}.{index}")]
    return [(name, str(value))]


async def test_a_form_with_mistakes_comes_back_with_what_was_typed(client: httpx.AsyncClient, base: str) -> None:
    body = move_in_body({**FATHER, "name_kana": "渡邉"}, address={"town_code": TOWN, "block": "9番"})
    answer = await client.post(f"{base}/movements/move-in", content=urlencode(flat(body)), headers=FORM)
    assert answer.status_code == 422
    assert "フリガナはカタカナで入力してください" in answer.text
    assert 'value="9番"' in answer.text


async def test_an_alert_is_shown_and_confirmed_in_the_form(
    client: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    pairs = flat(move_in_body({**FATHER, "sex": "1"}, event_date="2026-11-10", notified_on="2026-11-16"))
    answer = await client.post(f"{base}/movements/move-in", content=urlencode(pairs), headers=FORM)
    assert answer.status_code == 428
    assert 'value="duplicate:members.0.name"' in answer.text
    async with database.read(tenant, SYSTEM) as session:
        seen = "SELECT subject FROM audit_event WHERE action = 'person.view' AND detail->>'as' = 'namesake'"
        assert await session.fetchval(seen) == "addressee:1", "what a refusal has shown was seen"
    pairs.append(("confirmed[]", "duplicate:members.0.name"))
    answer = await client.post(f"{base}/movements/move-in", content=urlencode(pairs), headers=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{base}/movements/2/next")


async def test_a_household_form_sends_those_who_are_left_out_too(client: httpx.AsyncClient, base: str) -> None:
    pairs = [
        *[("household.household_no", "1"), ("household.version", "1")],
        *[("event_date", "R8.11.18"), ("notified_on", "R8.11.20"), ("destination", "東京都港区")],
        *[("members.0.addressee_no", "1"), ("members.0.is_chosen", "false"), ("staying.0.addressee_no", "1")],
        *[("members.1.addressee_no", "2"), ("members.1.is_chosen", "false"), ("members.1.is_chosen", "true")],
    ]
    answer = await client.post(f"{base}/households/1/move-out", content=urlencode(pairs), headers=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{base}/movements/2/next")
    members = (await client.get(f"{base}/households/1")).json()["members"]
    assert [member["status"]["label"] for member in members] == ["住民", "住民", "除票（転出）"]


async def test_a_household_changed_meanwhile_is_told_on_the_form(client: httpx.AsyncClient, base: str) -> None:
    body = {
        "event_date": "2026-11-18",
        "notified_on": "2026-11-20",
        "household": {"household_no": 1, "version": 7},
        "addressee_no": 3,
    }
    answer = await client.post(f"{base}/households/1/death", content=urlencode(flat(body)), headers=FORM)
    assert answer.status_code == 409
    assert (await client.post(f"{base}/households/1/death", json=body)).json()["code"] == "conflict"
