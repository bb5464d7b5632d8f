"""本人通知: registered persons hear when somebody else obtains a copy (JUKI-058)."""

from typing import Any

import httpx

from tests.resident.certificates.applications import application, text_of

HTML, PDF = {"accept": "text/html"}, {"accept": "application/pdf"}
OTHER = {
    "asker": "third_party",
    "asker_name": "債権 太郎",
    "asker_address": "東京都港区1番",
    "has_proof": True,
    "purpose": "貸金返還請求訴訟の準備",
    "kind": "individual",
}


async def _issue(client: httpx.AsyncClient, base: str, **values: Any) -> int:
    made = await client.post(f"{base}/requests", json=application(**values))
    assert made.status_code == 200, made.text
    issued = await client.post(f"{base}/requests/{made.json()['request_no']}/issue", json={})
    serial: int = issued.json()["serials"][0]
    return serial


async def test_juki_058_a_copy_for_a_third_party_queues_a_notice_for_who_is_registered(
    client: httpx.AsyncClient, base: str
) -> None:
    await _issue(client, base, **OTHER)
    entry = {"addressee_no": 1, "starts_on": "2020-01-01", "identity": "photo"}
    assert (await client.post(f"{base}/notices", json=entry)).status_code == 200
    await _issue(client, base)
    assert (await client.get(f"{base}/notices")).json()["waiting"] == 0
    serial = await _issue(client, base, **OTHER)
    await _issue(client, base, **{**OTHER, "addressee_no": 2})
    waiting = (await client.get(f"{base}/notices")).json()
    assert [(row["serial"], row["addressee_no"]) for row in waiting["notices"]] == [(serial, 1)]
    letter = await client.post(f"{base}/notices/letters/{serial}/1", json={}, headers=PDF)
    paper = text_of(letter.content)
    for part in ("渡邉　太郎", "住民票の写し（個人票）", "本人・代理人以外の人または機関"):
        assert part in paper
    assert "債権" not in paper
    sent = (await client.get(f"{base}/notices")).json()
    assert (sent["waiting"], sent["notices"][0]["is_ended"]) == (0, True)


async def test_a_proxys_copy_is_told_and_after_the_end_nothing_is(client: httpx.AsyncClient, base: str) -> None:
    entry = {"addressee_no": 1, "starts_on": "2020-01-01", "identity": "two"}
    number = (await client.post(f"{base}/notices", json=entry)).json()["registration_no"]
    assert (await client.post(f"{base}/notices", json=entry)).json()["errors"][0]["field"] == "addressee_no"
    proxy = {"asker": "proxy", "asker_name": "乙 次郎", "asker_address": "東京都", "has_proof": True}
    await _issue(client, base, **proxy)
    assert (await client.get(f"{base}/notices")).json()["notices"][0]["asker"] == "任意代理人"
    assert (await client.post(f"{base}/notices/{number}/end", json={"reason": "本人の申出"})).status_code == 200
    assert (await client.post(f"{base}/notices/{number}/end", json={"reason": "もう一度"})).status_code == 409
    await _issue(client, base, **OTHER)
    assert len((await client.get(f"{base}/notices")).json()["notices"]) == 1


async def test_the_screen_shows_what_waits_and_names_mistakes(client: httpx.AsyncClient, base: str) -> None:
    page = (await client.get(f"{base}/notices?addressee_no=1", headers=HTML)).text
    assert "通知するものはありません" in page
    assert 'value="1"' in page
    wrong = {
        "addressee_no": "1",
        "starts_on": "R8.11.20",
        "ends_on": "R8.11.1",
        "identity": "photo",
        "action": "submit",
    }
    answer = await client.post(f"{base}/notices", data=wrong, headers=HTML)
    assert answer.status_code == 422
    assert "終わりの日が登録の日より前" in answer.text
    assert (await client.post(f"{base}/notices", json={**wrong, "addressee_no": 99})).status_code == 404
