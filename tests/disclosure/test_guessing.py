"""Nobody learns the place by asking: searches, refusals, trials and lists answer the same whether a guess is right or wrong."""

from typing import Any
from urllib.parse import urlencode

import httpx

from modules.resident.basic_register.facts import HIDDEN_TEXT
from tests.disclosure.world import BLOCK, BUILDING, FATHER, GRANDMOTHER, HIDDEN_TOWN, MOTHER, PUPIL, World


async def test_com_008_a_search_for_the_place_finds_nobody_in_any_business(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    async with world.protection():
        election = world.numbers["election"]
        for place in (f"{HIDDEN_TOWN}{BLOCK}", f"{HIDDEN_TOWN}{BLOCK} {BUILDING}", BUILDING, HIDDEN_TOWN):
            for path in (
                "/resident/persons?former=true&removed=true",
                "/seal_registration/registrations?status=active",
                "/electoral_roll/entries?match=partial",
                f"/electoral_roll/elections/{election}/reception?match=partial",
                "/non_resident/search?birth_date=1987-05-03",
            ):
                found = await _found(clerk, f"/{world.config.code}{path}", place)
                if path.startswith("/non_resident"):
                    # By the birth date the person is found, as by a name: nothing says that the place agrees.
                    assert not any("住所" in row["agrees"] or row["address"] != HIDDEN_TEXT for row in found["rows"])
                else:
                    assert "花子" not in str(found), (path, place)


async def _found(clerk: httpx.AsyncClient, path: str, q: str) -> dict[str, Any]:
    answer = await clerk.get(f"{path}{'&' if '?' in path else '?'}{urlencode({'q': q})}")
    assert answer.status_code == 200, answer.text
    return {key: value for key, value in answer.json().items() if key not in ("q", "criteria", "initial", "href")}


async def test_com_008_a_search_by_name_still_finds_the_person_with_a_warning(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    async with world.protection():
        (person,) = (await clerk.get(f"/{world.config.code}/resident/persons", params={"q": "花子"})).json()["persons"]
        assert "支援措置" in [badge["label"] for badge in person["badges"]]


async def _refusals(clerk: httpx.AsyncClient, path: str, body: dict[str, Any]) -> set[tuple[str, str]]:
    answer = await clerk.post(path, json=body)
    assert answer.status_code == 422, answer.text
    return {(error["field"], error["message"]) for error in answer.json()["errors"]}


async def test_a_move_to_the_guessed_address_is_answered_like_one_to_any_other(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    async with world.protection():
        path = f"/{world.config.code}/resident/households/2/move-within"
        # A day that has not come keeps the guesses from being recorded.
        body = {
            "event_date": "2099-01-01",
            "notified_on": "2026-11-20",
            "household": await world.version(2),
            "members": [{"addressee_no": number, "relationship": "02"} for number in (MOTHER,)],
        }
        guesses = [
            {"town_code": HIDDEN_TOWN, "block": BLOCK, "building": BUILDING},
            {"town_code": HIDDEN_TOWN, "block": "1番1号"},
        ]
        right, wrong = [await _refusals(clerk, path, {**body, "address": guess}) for guess in guesses]
        assert right == wrong
        assert not any("同じ" in message for _, message in right)
        seen = await _refusals(chief, path, {**body, "address": guesses[0]})
        assert any("今の住所と同じ" in message for _, message in seen), "who may see it is told"


async def test_a_merge_with_a_protected_household_is_refused_whatever_the_addresses_are(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    hidden = {"town_code": HIDDEN_TOWN, "block": BLOCK, "building": BUILDING}
    neighbour = {
        "name": "隣 一郎",
        "name_kana": "トナリ イチロウ",
        "birth_date": "S400101",
        "sex": "1",
        "relationship": "02",
    }
    days = {"event_date": "2026-11-01", "notified_on": "2026-11-02", "former_address": "呉市"}
    same = await world.post("/resident/movements/move-in", **days, address=hidden, members=[neighbour])
    async with world.protection():
        told = []
        for household, number in ((same["household_no"], same["addressee_no"]), (1, FATHER)):
            body = {
                "event_date": "2026-11-20",
                "notified_on": "2026-11-20",
                "household": await world.version(household),
                "to_household": await world.version(2),
                "members": [{"addressee_no": number, "relationship": "99"}],
            }
            told.append(await _refusals(clerk, f"/{world.config.code}/resident/households/{household}/merge", body))
        assert {error for error in told[0] if error[0].startswith("to_household")} == {
            error for error in told[1] if error[0].startswith("to_household")
        }


async def test_the_trial_of_a_district_of_one_house_does_not_move_a_protected_child(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    path = f"/{world.config.code}/school_age/forecast?town={HIDDEN_TOWN}&school=E01&first=77&last=77"
    before = (await clerk.get(path)).json()
    assert [row["trial"] for row in before["rows"]] != [row["counts"] for row in before["rows"]]
    async with world.protection():
        after = (await clerk.get(path)).json()
        assert [row["trial"] for row in after["rows"]] == [row["counts"] for row in after["rows"]]
        assert after["births"] == before["births"]


async def test_certificates_of_a_town_are_made_without_the_protected(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    town = world.value(f"SELECT town_code FROM town WHERE name = '{HIDDEN_TOWN}'")
    plan = {"label": "町", "asker_body": "県", "purpose": "調査", "kind": "individual", "town_code": town}
    assert await _listed(world, clerk, plan) >= {MOTHER, PUPIL, GRANDMOTHER}
    async with world.protection():
        neighbour = {
            "name": "隣 次郎",
            "name_kana": "トナリ ジロウ",
            "birth_date": "S410101",
            "sex": "1",
            "relationship": "02",
        }
        days = {"event_date": "2026-11-01", "notified_on": "2026-11-02", "former_address": "呉市"}
        await world.post(
            "/resident/movements/move-in", **days, address={"town_code": town, "block": "5番"}, members=[neighbour]
        )
        assert not await _listed(world, clerk, plan) & {MOTHER, PUPIL, GRANDMOTHER}


async def _listed(world: World, clerk: httpx.AsyncClient, plan: dict[str, Any]) -> set[int]:
    made = await clerk.post(f"/{world.config.code}/certificate/bulk", json=plan)
    view = await clerk.get(f"/{world.config.code}/certificate/bulk/{made.json()['bulk_no']}")
    return {entry["addressee_no"] for entry in view.json()["entries"]}


async def test_names_handed_over_for_a_town_are_without_the_protected(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    path = f"/{world.config.code}/resident/characters/exports"
    body = {"repertoire": "jis_x_0208", "receiver": "県", "purpose": "引渡し"}
    async with world.protection():
        everybody = await clerk.post(path, json=body)
        of_town = await clerk.post(path, json={**body, "town_code": HIDDEN_TOWN})
    assert everybody.status_code == of_town.status_code == 200, of_town.text
    (hers,) = [row for row in everybody.json()["rows"] if "花子" in row["氏名"]]
    assert (hers["住所"], hers["方書"]) == ("", "")
    assert "花子" not in of_town.text
