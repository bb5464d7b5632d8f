"""Received notifications fill the form, are closed by the movement recorded from them, and are kept once."""

import io
from typing import Any

import httpx
import pypdf

from tests.resident.people import TOWN
from tests.resident.test_protection import base, supervisor

__all__ = ["base", "supervisor"]
HTML = {"accept": "text/html"}
SPECIAL = {
    "kind": "special_move_in",
    "source_id": "CS-0001",
    "payload": {
        "former_address": "岡山県岡山市北区大供一丁目1番",
        "event_date": "2026-11-15",
        "members": [{"name": "乙 次郎", "name_kana": "オツ ジロウ", "birth_date": "1990-05-05", "sex": "1"}],
    },
}
LEAVING = {
    "kind": "online_move_out",
    "source_id": "MP-0001",
    "payload": {"addressee_nos": [3], "event_date": "2026-12-20", "destination": "大阪府大阪市北区"},
}


async def waiting(client: httpx.AsyncClient, base: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await client.get(f"{base}/intake")).json()["rows"]
    return rows


async def test_juki_009_a_special_move_in_is_filled_in_and_completed(client: httpx.AsyncClient, base: str) -> None:
    assert (await client.post(f"{base}/intake", json=SPECIAL)).status_code == 200
    (row,) = await waiting(client, base)
    page = (await client.get(row["href"], headers=HTML)).text
    assert 'value="乙 次郎"' in page
    assert "岡山県岡山市" in page
    form = (await client.get(row["href"])).json()["initial"]
    body = {
        **form,
        "event_date": "2026-11-16",
        "notified_on": "2026-11-20",
        "address": {"town_code": TOWN, "block": "5番"},
    }
    answer = await client.post(f"{base}/movements/move-in", json=body)
    assert answer.status_code == 200, answer.text
    assert await waiting(client, base) == []
    again = await client.post(
        f"{base}/movements/move-in", json={**body, "request_key": None, "confirmed": ["duplicate:members.0.name"]}
    )
    assert again.status_code == 409, "a message becomes one movement"


async def test_juki_015_an_online_move_out_is_listed_and_completed_without_retyping(
    client: httpx.AsyncClient, base: str
) -> None:
    assert (await client.post(f"{base}/intake", json=LEAVING)).status_code == 200
    assert (await client.post(f"{base}/intake", json=LEAVING)).json()["is_repeat"], "received twice, kept once"
    (row,) = await waiting(client, base)
    page = (await client.get(row["href"], headers=HTML)).text
    assert "大阪府大阪市北区" in page
    form = (await client.get(row["href"])).json()["initial"]
    chosen = [member for member in form["members"] if member.get("is_chosen")]
    assert [member["addressee_no"] for member in chosen] == [3]
    answer = await client.post(f"{base}/households/2/move-out", json={**form, "members": chosen})
    assert answer.status_code == 200, answer.text
    assert answer.json()["reason"] == "move_out_planned"
    assert await waiting(client, base) == []


async def test_a_message_about_nobody_is_refused_and_one_may_be_set_aside(client: httpx.AsyncClient, base: str) -> None:
    wrong = {**LEAVING, "payload": {**LEAVING["payload"], "addressee_nos": [77]}}  # type: ignore[dict-item]
    assert (await client.post(f"{base}/intake", json=wrong)).status_code == 422
    number = (await client.post(f"{base}/intake", json=LEAVING)).json()["intake_no"]
    assert (await client.post(f"{base}/intake/{number}/reject", json={})).status_code == 422
    assert (await client.post(f"{base}/intake/{number}/reject", json={"reason": "取り下げ"})).status_code == 200
    assert await waiting(client, base) == []


async def test_juki_052_an_inspection_leaves_out_the_protected_and_is_kept(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    asked = {"requester": "○○大学", "purpose": "世論調査", "town_code": TOWN, "age_from": "18"}
    assert (await client.post(f"{base}/inspections", json=asked)).status_code == 403
    before = (await supervisor.post(f"{base}/inspections", json=asked)).json()["view"]["people"]
    assert [person["name"] for person in before] == ["渡邉　太郎", "渡邉　花子"]
    support = {
        "kind": "support",
        "category": "dv",
        "subjects": [2],
        "starts_on": "2026-11-20",
        "ends_on": "2027-11-19",
        "applicant": "本人",
    }
    assert (await supervisor.post(f"{base}/protections", json=support)).status_code == 200
    view = (await supervisor.post(f"{base}/inspections", json=asked)).json()["view"]
    assert [person["name"] for person in view["people"]] == ["渡邉　太郎"]
    assert [(row["requester"], row["people"]) for row in view["requests"]] == [("○○大学", 1), ("○○大学", 2)]
    other = asked | {"requester": "別の申出者", "age_to": "50"}
    number = (await supervisor.post(f"{base}/inspections", json=other)).json()["view"]["inspection_no"]
    screen = (await supervisor.get(f"{base}/inspections", headers={"accept": "text/html"})).text
    first = view["inspection_no"] - 1
    for one, words in ((first, ("○○大学", "18歳以上")), (number, ("別の申出者", "18歳以上50歳以下"))):
        assert f"{base}/inspections/{one}/pdf" in screen
        answer = await supervisor.get(f"{base}/inspections/{one}/pdf")
        paper = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
        assert all(word in paper for word in (*words, "世論調査", "渡邉", "太郎", "1 / 1"))
        assert "花子" not in paper, "who has come under protection since the request is not in the list either"
    assert "別の申出者" not in (await supervisor.get(f"{base}/inspections/{first}/pdf")).text
    assert (await supervisor.get(f"{base}/inspections/99/pdf")).status_code == 404
    assert (await client.get(f"{base}/inspections/{first}/pdf")).status_code == 403
    missing = await supervisor.post(
        f"{base}/inspections", data=asked | {"town_code": "無い町"}, headers={"accept": "text/html"}
    )
    assert 'id="f-town_code-error"' in missing.text
