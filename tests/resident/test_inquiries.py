"""Looking at the register: households with those who left, the history with its filters, the persons opened last."""

from typing import Any

import httpx
import pytest
import pytest_asyncio

from modules.resident.basic_register.movements.suggesting import suggest_relations
from tests.conftest import PASSWORD, log_in
from tests.resident.people import CHILD, FATHER, MOTHER, add_town, record_move_in
from yoriai.audit import SYSTEM
from yoriai.commands.staff import save_account
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

HTML = {"accept": "text/html"}
DAYS = {"event_date": "2026-11-18", "notified_on": "2026-11-19"}
SISTER = CHILD | {"name": "渡邉 葵", "name_kana": "ワタナベ アオイ", "birth_date": "2022-07-07"}
GRANDMOTHER = MOTHER | {
    "name": "渡邉 フミ",
    "name_kana": "ワタナベ フミ",
    "birth_date": "S100110",
    "relationship": "52",
}


@pytest_asyncio.fixture(loop_scope="session")
async def base(database: Database, tenant: TenantRef) -> str:
    """A household of five, recorded by an office of the neighbours."""
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, FATHER, MOTHER, CHILD, SISTER, GRANDMOTHER, notifier="渡邉 花子")
    return f"/{tenant}/resident"


async def _record(client: httpx.AsyncClient, base: str, path: str, version: int, **body: Any) -> None:
    household = {"household_no": 1, "version": version}
    answer = await client.post(f"{base}/households/1/{path}", json={**DAYS, "household": household, **body})
    assert answer.status_code == 200, answer.text


async def test_juki_005_a_household_lists_present_and_removed_members(client: httpx.AsyncClient, base: str) -> None:
    await _record(client, base, "death", 1, addressee_no=5)
    answer = (await client.get(f"{base}/households/1")).json()
    shown = [(row["name"], row["relationship"], row["status"]["label"], row["is_ended"]) for row in answer["members"]]
    assert len(shown) == 5
    assert {row for row in shown if row[3]} == {("渡邉　フミ", "母", "除票（死亡）", True)}
    page = (await client.get(f"{base}/households/1", headers=HTML)).text
    assert page.count("data-row-link") >= 5, "each can be opened"


async def test_juki_007_the_history_has_days_class_reason_values_and_operator(
    client: httpx.AsyncClient, base: str
) -> None:
    renamed = {
        "reason": "name_change",
        "members": [{"addressee_no": 2, "name": "渡邉 華子", "name_kana": "ワタナベ ハナコ"}],
    }
    await _record(client, base, "family-register", 1, **renamed)
    await _record(
        client,
        base,
        "correction",
        2,
        addressee_no=2,
        ground="本籍地からの通知",
        registered_domicile="広島県呉市中央1番",
    )
    history = (await client.get(f"{base}/persons/2/history")).json()["movements"]
    assert [row["reason"] for row in history] == ["職権修正", "氏名変更", "転入"]
    changed = history[1]
    assert (changed["event_date"], changed["notified_on"], changed["staff"]) == (
        "2026-11-18",
        "2026-11-19",
        "窓口 花子",
    )
    assert {"label": "氏名", "before": "渡邉　花子", "after": "渡邉　華子"}.items() <= changed["changes"][0].items()
    assert changed["processed_on"]
    for movement_class, expected in (("notified", ["氏名変更", "転入"]), ("ex_officio", ["職権修正"])):
        only = (await client.get(f"{base}/persons/2/history?movement_class={movement_class}")).json()["movements"]
        assert [row["reason"] for row in only] == expected


async def test_com_001_the_person_is_carried_into_every_business(client: httpx.AsyncClient, base: str) -> None:
    panels = (await client.get(f"{base}/persons/1")).json()["panels"]
    links = {link["href"] for panel in panels for link in panel["links"]} | {panel["href"] for panel in panels}
    for business in ("seal_registration", "certificate", "income", "nhi"):
        assert any(f"/{business}/" in href and "1" in href for href in links if href), business


async def test_com_006_the_persons_opened_last_stand_on_the_first_screen_after_the_next_login(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, base: str, config: TenantConfig
) -> None:
    for number in (3, 1, 2):
        await client.get(f"{base}/persons/{number}")
    again = await log_in(anonymous, config.code, "clerk")
    home = (await again.get(f"/{config.code}/", headers=HTML)).text
    places = [home.index(f"{base}/persons/{number}") for number in (2, 1, 3)]
    assert places == sorted(places), "the newest first"


async def test_com_088_the_menu_is_arranged_by_business_and_ends_with_the_rights(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig, base: str
) -> None:
    menus = {}
    for role in ("resident_clerk", "insurance_clerk", "polling_clerk"):
        await save_account(database, config, role, "職員", "課", PASSWORD, [role])
        await log_in(anonymous, config.code, role)
        menus[role] = (await anonymous.get(f"/{config.code}/", headers=HTML)).text
    assert 'aria-label="住民基本台帳"' in menus["resident_clerk"]
    assert "/resident/movements/move-in" in menus["resident_clerk"]
    assert "/nhi/" not in menus["resident_clerk"]
    assert "/resident/movements/move-in" not in menus["insurance_clerk"]
    assert "/nhi/candidates" in menus["insurance_clerk"]
    assert "/resident/" not in menus["polling_clerk"]


@pytest.mark.parametrize(
    ("members", "leaving", "expected"),
    [
        ([(1, "02"), (2, "12"), (3, "20")], 1, {2: "02", 3: "20"}),
        ([(1, "02"), (2, "11"), (3, "51"), (4, "64")], 1, {2: "02", 3: "1251", 4: "1264"}),
        ([(1, "02"), (2, "12"), (3, "2012"), (4, "1220")], 1, {2: "02", 3: "2012"}),
        ([(1, "02"), (2, "20")], 1, {}),
        ([(1, "02"), (2, "12")], 2, {}),
    ],
)
def test_after_the_head_the_spouse_is_proposed_and_what_is_unclear_is_left_open(
    members: list[tuple[int, str]], leaving: int, expected: dict[int, str]
) -> None:
    assert suggest_relations(members, leaving) == expected


async def test_the_form_after_a_death_proposes_the_widow_as_head(client: httpx.AsyncClient, base: str) -> None:
    form = (await client.get(f"{base}/households/1/death?addressee_no=1")).json()
    rows = zip(form["members"], form["initial"]["staying"], strict=True)
    proposed = {member["addressee_no"]: row.get("relationship", "") for member, row in rows}
    assert proposed == {1: "", 2: "02", 3: "20", 4: "20", 5: "1152"}


async def test_every_list_is_exported_as_it_is_seen_and_that_is_recorded(
    client: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    answer = await client.get(f"{base}/persons?q=渡辺&export=0", headers=HTML)
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("氏名,フリガナ,生年月日,年齢,性別,住所")
    assert "渡邉　太郎,ワタナベ　タロウ,昭和60年4月1日," in answer.text
    assert len(lines) == 7
    assert (await client.get(f"{base}/persons?q=渡辺&export=9", headers=HTML)).status_code == 404
    assert (await client.get(f"{base}/persons?q=渡辺&export=x", headers=HTML)).status_code == 404
    async with database.read(tenant, SYSTEM) as session:
        rows = await session.fetch("SELECT detail FROM audit_event WHERE action = 'list.export'")
    assert len(rows) == 1


async def test_days_are_asked_for_in_wareki(client: httpx.AsyncClient, base: str) -> None:
    for path in (
        "movement-log?since=R8.11.1&until=令和8年11月30日",
        "persons/1/as-of?on=R081119",
        "movement-log?since=",
    ):
        answer = await client.get(f"{base}/{path}", headers=HTML)
        assert answer.status_code == 200, path
    assert (
        "令和8年11月19日の住民票の記載" in (await client.get(f"{base}/persons/1/as-of?on=R081119", headers=HTML)).text
    )


async def test_the_moment_of_knowledge_is_now_when_its_field_is_empty(client: httpx.AsyncClient, base: str) -> None:
    """The form sent as it stands answers what was recorded this minute, too."""
    for kind in ("persons", "households"):
        shown = await client.get(f"{base}/{kind}/1/as-of?on=R081119", headers=HTML)
        assert 'name="known_at" type="datetime-local" value=""' in shown.text
        again = await client.get(f"{base}/{kind}/1/as-of?on=R081119&known_at=", headers=HTML)
        assert (again.status_code, "令和8年11月19日の住民票の記載" in again.text) == (200, True)
        asked = await client.get(f"{base}/{kind}/1/as-of?on=R081119&known_at=2200-01-01T09:30", headers=HTML)
        assert 'value="2200-01-01T09:30"' in asked.text
        early = await client.get(f"{base}/persons/1/as-of?on=R081119&known_at=2020-01-01T09:30", headers=HTML)
        assert early.status_code == 404
