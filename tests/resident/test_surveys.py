"""実態調査: targets, visits, what is to be followed up, outcomes."""

import httpx

from tests.resident.test_protection import BLOCK, HTML, base, protect, supervisor
from yoriai.clock import today

__all__ = ["base", "supervisor"]


def _entry(addressee_no: int, **values: str) -> dict[str, object]:
    return {"addressee_no": addressee_no, "reason": "納税通知書の返戻", "next_on": today().isoformat(), **values}


def _visit(version: int = 1, **values: object) -> dict[str, object]:
    return {"version": version, "visited_on": today().isoformat(), "method": "visit", "result": "vacant", **values}


async def test_juki_026_two_targets_one_result_and_one_is_still_to_be_done(
    supervisor: httpx.AsyncClient, base: str
) -> None:
    first = (await supervisor.post(f"{base}/surveys", json=_entry(1))).json()["survey_no"]
    second = (await supervisor.post(f"{base}/surveys", json=_entry(2))).json()["survey_no"]
    pending = (await supervisor.get(f"{base}/surveys")).json()
    assert [row["survey_no"] for row in pending["rows"]] == [first, second]
    assert pending["due"] == 2
    assert (await supervisor.post(f"{base}/surveys/{first}/visits", json=_visit())).status_code == 200
    outcome = {"version": 2, "status": "removed", "outcome": "空き家で、家主からも転居を聞いた"}
    assert (await supervisor.post(f"{base}/surveys/{first}/outcome", json=outcome)).status_code == 200
    pending = (await supervisor.get(f"{base}/surveys")).json()
    assert [row["survey_no"] for row in pending["rows"]] == [second]
    done = (await supervisor.get(f"{base}/surveys/{first}")).json()
    assert (done["status"], done["is_open"]) == ("不現住（職権消除へ）", False)
    assert [visit["result"] for visit in done["visits"]] == ["空き家・住んでいる様子がない"]
    assert (await supervisor.get(f"{base}/surveys?show=closed")).json()["rows"][0]["visits"] == 1


async def test_the_next_day_is_followed_up_and_the_second_clerk_is_told(
    supervisor: httpx.AsyncClient, base: str
) -> None:
    number = (await supervisor.post(f"{base}/surveys", json=_entry(1))).json()["survey_no"]
    absent = _visit(result="absent", next_on="2099-01-10")
    assert (await supervisor.post(f"{base}/surveys/{number}/visits", json=absent)).status_code == 200
    row = (await supervisor.get(f"{base}/surveys")).json()["rows"][0]
    assert (row["next_on"], row["is_due"], row["last"]) == ("2099-01-10", False, "留守（住んでいる様子がある）")
    assert (await supervisor.post(f"{base}/surveys/{number}/visits", json=_visit())).status_code == 409


async def test_nobody_is_called_absent_unseen_and_nobody_surveyed_twice(
    supervisor: httpx.AsyncClient, base: str
) -> None:
    number = (await supervisor.post(f"{base}/surveys", json=_entry(1))).json()["survey_no"]
    again = await supervisor.post(f"{base}/surveys", json=_entry(1, next_on="2000-01-01"))
    assert {error["field"] for error in again.json()["errors"]} == {"addressee_no", "next_on"}
    outcome = {"version": 1, "status": "removed", "outcome": "うわさ"}
    refused = await supervisor.post(f"{base}/surveys/{number}/outcome", json=outcome)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "status")
    future = await supervisor.post(f"{base}/surveys/{number}/visits", json=_visit(visited_on="2099-01-01"))
    assert future.json()["errors"][0]["field"] == "visited_on"
    assert (await supervisor.post(f"{base}/surveys", json=_entry(99))).status_code == 404


async def test_a_hidden_address_is_in_no_survey(
    supervisor: httpx.AsyncClient, client: httpx.AsyncClient, base: str
) -> None:
    await supervisor.post(f"{base}/surveys", json=_entry(2))
    await protect(supervisor, base)
    assert BLOCK in (await supervisor.get(f"{base}/surveys")).text
    assert BLOCK not in (await client.get(f"{base}/surveys", headers=HTML)).text
    assert BLOCK not in (await client.get(f"{base}/surveys/1", headers=HTML)).text
