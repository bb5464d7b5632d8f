"""The certificates through the application: each screen, and the same handlers as JSON."""

from typing import Any

import httpx
import pytest

from tests.resident.certificates.applications import application, text_of
from yoriai.audit import SYSTEM
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

HTML = {"accept": "text/html"}
PDF = {"accept": "application/pdf"}


async def _applied(client: httpx.AsyncClient, base: str, **values: Any) -> str:
    answer = await client.post(f"{base}/requests", json=application(**values))
    assert answer.status_code == 200, answer.text
    return f"{base}/requests/{answer.json()['request_no']}"


async def _issued(client: httpx.AsyncClient, base: str, **values: Any) -> tuple[str, int]:
    request = await _applied(client, base, **values)
    answer = await client.post(f"{request}/issue", json={})
    assert answer.status_code == 200, answer.text
    return request, answer.json()["serials"][0]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/requests/new?addressee_no=1", "住民票の写し（世帯連記式）"),
        ("/requests/new?kind=absence", "証明する氏名"),
        ("/issues", "発行履歴"),
        ("/bulk", "新しい一括発行"),
    ],
)
async def test_every_screen_shows(client: httpx.AsyncClient, base: str, path: str, words: str) -> None:
    answer = await client.get(base + path, headers=HTML)
    assert answer.status_code == 200, answer.text
    assert words in answer.text


async def test_a_certificate_goes_from_the_form_over_the_preview_to_paper(client: httpx.AsyncClient, base: str) -> None:
    form = {
        "kind": "household",
        "addressee_no": "1",
        "asker": "self",
        "identity": "photo",
        "copies": "1",
        "items[]": "relationship",
        "action": "submit",
    }
    sent = await client.post(f"{base}/requests", data=form, headers=HTML)
    assert sent.status_code == 303, sent.text
    request = sent.headers["location"]
    page = (await client.get(request, headers=HTML)).text
    assert "発行する" in page
    assert "300円" in page
    picture = await client.get(f"{request}/preview", headers={"accept": "image/png"})
    assert picture.content.startswith(b"\x89PNG")
    preview = await client.get(f"{request}/preview?as_pdf=true", headers=PDF)
    assert "見本" in text_of(preview.content)
    issued = await client.post(f"{request}/issue", data={"action": "submit"}, headers=HTML)
    assert issued.status_code == 303, issued.text
    assert "第1号" in (await client.get(request, headers=HTML)).text
    printed = await client.post(f"{base}/issues/1/print", data={"action": "submit"}, headers=HTML)
    assert printed.headers["content-type"] == "application/pdf"
    paper = text_of(printed.content)
    for part in ("第1号", "渡邉　太郎", "渡邉　花子", "渡邉　さくら", "世帯主", "見本　一郎"):
        assert part in paper
    assert b"pdfaid" in printed.content


async def test_what_is_previewed_is_what_prints(client: httpx.AsyncClient, base: str) -> None:
    request = await _applied(client, base)
    preview = (await client.get(f"{request}/preview")).json()
    await client.post(f"{request}/issue", json={})
    printed = (await client.post(f"{base}/issues/1/print", json={})).json()
    for part in ("title", "top", "persons", "text", "issued", "certifier"):
        assert preview[part] == printed[part]


async def test_a_reprint_without_a_reason_is_asked_on_the_page(client: httpx.AsyncClient, base: str) -> None:
    _, serial = await _issued(client, base)
    path = f"{base}/issues/{serial}/print"
    assert "再印刷" not in text_of((await client.post(path, json={}, headers=PDF)).content)
    again = await client.post(path, data={"action": "submit"}, headers=HTML)
    assert again.status_code == 422
    assert "もう一度印刷する理由" in again.text
    printed = await client.post(path, json={"reason": "紙詰まり"}, headers=PDF)
    assert "再印刷（1回目）" in text_of(printed.content)


async def test_a_misprint_is_made_void_and_reissued_on_the_screen(client: httpx.AsyncClient, base: str) -> None:
    request, serial = await _issued(client, base)
    form = {"reason": "印字がずれた", "reissue": "true", "action": "submit"}
    answer = await client.post(f"{base}/issues/{serial}/void", data=form, headers=HTML)
    assert answer.status_code == 303, answer.text
    page = (await client.get(request, headers=HTML)).text
    assert "第1号の再発行" in page
    assert "印字がずれた" in page
    log = (await client.get(f"{base}/issues")).json()
    assert [row["serial"] for row in log["rows"]] == [2, 1]
    assert log["totals"][-1]["net"] == 300
    foot = (await client.get(f"{base}/issues", headers=HTML)).text.partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert "300円" in foot


async def test_mistakes_come_back_at_their_fields_with_what_was_typed(client: httpx.AsyncClient, base: str) -> None:
    form = {
        "kind": "individual",
        "addressee_no": "1",
        "asker": "third_party",
        "asker_name": "債権 太郎",
        "identity": "photo",
        "copies": "1",
        "items[]": "domicile",
        "action": "submit",
    }
    answer = await client.post(f"{base}/requests", data=form, headers=HTML)
    assert answer.status_code == 422
    assert "債権 太郎" in answer.text
    assert "住基法12条の3第1項" in answer.text
    assert 'href="#f-purpose"' in answer.text


async def test_a_stopped_person_is_named_as_such_and_not_issued(
    client: httpx.AsyncClient, base: str, stop: Any
) -> None:
    stop(1)
    page = (await client.get(f"{base}/requests/new?addressee_no=1", headers=HTML)).text
    assert "支援措置または発行停止の対象者です" in page
    assert "ためし町" not in page
    answer = await client.post(f"{base}/requests", json=application())
    assert answer.status_code == 422
    assert "ためし町" not in answer.text


async def test_the_feed_stops_a_person_at_once_and_does_not_say_why(
    chief: httpx.AsyncClient, base: str, stop: Any
) -> None:
    before = (await chief.get(f"{base}/feed")).json()
    assert [item["issuable"] for item in before["items"]] == [True, True, True]
    assert len((await chief.get(f"{base}/feed/1")).json()["contents"]) == 3
    stop(2)
    after = (await chief.get(f"{base}/feed")).json()
    assert [item["issuable"] for item in after["items"]] == [True, False, True]
    assert set(after["items"][1]) == {"addressee_no", "issuable"}
    stopped = (await chief.get(f"{base}/feed/2")).json()
    assert (stopped["issuable"], stopped["contents"]) == (False, [])
    husband = (await chief.get(f"{base}/feed/1")).json()
    assert [content["kind"] for content in husband["contents"]] == ["individual", "entries"]


async def test_the_person_page_leads_to_the_application(
    client: httpx.AsyncClient, base: str, tenant: TenantRef
) -> None:
    page = (await client.get(f"/{tenant}/resident/persons/1", headers=HTML)).text
    assert f"{base}/requests/new?addressee_no=1" in page


async def test_who_may_not_override_or_void_is_refused(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig, base: str
) -> None:
    from tests.conftest import PASSWORD, log_in
    from yoriai.commands.staff import save_account

    await save_account(database, config, "tax", "税務 一郎", "税務課", PASSWORD, ["tax_clerk"])
    stranger = await log_in(anonymous, config.code, "tax")
    for path in ("/issues", "/requests/new?addressee_no=1", "/feed", "/bulk"):
        assert (await stranger.get(base + path)).status_code == 403
    async with database.read(config.tenant, SYSTEM) as session:
        refused = await session.fetchval("SELECT count(*) FROM audit_event WHERE action = 'access.forbidden'")
    assert refused == 4
