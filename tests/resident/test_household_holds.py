"""JUKI-031: the second clerk at a household is told who holds it, and nothing is lost."""

from datetime import timedelta

import httpx

from modules.resident.basic_register.movements.holding import find_held, take
from tests.resident.people import FATHER, move_in_body
from tests.resident.test_protection import base, supervisor
from yoriai.audit import Principal
from yoriai.clock import now
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

__all__ = ["base", "supervisor"]
HTML = {"accept": "text/html"}
DEATH = {
    "household": {"household_no": 2, "version": 1},
    "event_date": "2026-11-18",
    "notified_on": "2026-11-20",
    "addressee_no": 3,
}


async def test_juki_031_the_second_terminal_is_read_only_and_told_who_holds_it(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    first = await client.get(f"{base}/households/2/death", headers=HTML)
    assert "死亡を登録する" in first.text
    second = await supervisor.get(f"{base}/households/2/move-out", headers=HTML)
    assert "窓口 花子さんが" in second.text
    assert "転出を登録する" not in second.text
    refused = await supervisor.post(f"{base}/households/2/death", json=DEATH)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "死亡を入力しています" in refused.json()["message"]


async def test_juki_031_the_hold_ends_with_the_movement(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    await client.get(f"{base}/households/2/death", headers=HTML)
    assert (await client.post(f"{base}/households/2/death", json=DEATH)).status_code == 200
    after = await supervisor.get(f"{base}/households/2/move-out", headers=HTML)
    assert "転出を登録する" in after.text


async def test_juki_031_who_leaves_off_and_goes_back_frees_the_household(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    await client.get(f"{base}/households/2/death", headers=HTML)
    await supervisor.get(f"{base}/households/2", headers=HTML)
    assert "転出を登録する" not in (await supervisor.get(f"{base}/households/2/move-out", headers=HTML)).text
    await client.get(f"{base}/households/2", headers=HTML)
    assert "転出を登録する" in (await supervisor.get(f"{base}/households/2/move-out", headers=HTML)).text


async def test_juki_031_who_moves_into_a_household_holds_it_and_is_held_off(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    first = await client.get(f"{base}/movements/move-in?household_no=2", headers=HTML)
    assert "転入を登録する" in first.text
    assert "転入を入力しています" in (await supervisor.get(f"{base}/households/2/death", headers=HTML)).text
    second = await supervisor.get(f"{base}/movements/move-in?household_no=2", headers=HTML)
    assert "窓口 花子さんが" in second.text
    assert "転入を登録する" not in second.text
    body = move_in_body(
        FATHER | {"name": "渡邉 次郎", "relationship": "99"}, household={"household_no": 2, "version": 1}, address=None
    )
    refused = await supervisor.post(f"{base}/movements/move-in", json=body)
    assert refused.status_code == 409
    assert "転入を入力しています" in refused.json()["message"]


async def test_juki_031_nobody_is_moved_into_a_household_that_somebody_else_is_changing(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    await client.get(f"{base}/households/2/death", headers=HTML)
    joining = {
        "household": {"household_no": 1, "version": 1},
        "event_date": "2026-11-18",
        "notified_on": "2026-11-20",
        "to_household": {"household_no": 2},
        "members": [{"addressee_no": 1, "relationship": "99"}],
    }
    refused = await supervisor.post(f"{base}/households/1/move-within", json=joining)
    assert refused.status_code == 409
    assert "死亡を入力しています" in refused.json()["message"]


async def test_juki_031_who_went_away_holds_nobody_up_for_ever(
    base: str, database: Database, tenant: TenantRef
) -> None:
    moment = now()
    first, second = Principal("one", display_name="甲"), Principal("two", display_name="乙")
    async with database.write(tenant, first) as session:
        assert await take(session, 2, "転居", moment) is None
        assert await take(session, 2, "転出", moment) is None, "one's own hold is no obstacle"
    async with database.write(tenant, second) as session:
        held = await take(session, 2, "転出", moment)
        assert held is not None
        assert held.staff == "甲"
        assert await find_held(session, 2, moment + timedelta(hours=1)) is None
        assert await take(session, 2, "転出", moment + timedelta(hours=1)) is None


async def test_juki_031_what_is_held_cannot_be_taken_back_or_corrected_meanwhile(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    await client.get(f"{base}/households/2/death", headers=HTML)
    cancel = await supervisor.post(f"{base}/movements/2/cancel", json={"reason_text": "誤り"})
    correct = await supervisor.post(
        f"{base}/movements/2/correct", json={"reason_text": "誤り", "addressee_no": 3, "kana_confirmed": True}
    )
    assert (cancel.status_code, correct.status_code) == (409, 409)
    assert "死亡を入力しています" in cancel.json()["message"]
