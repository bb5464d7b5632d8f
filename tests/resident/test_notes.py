"""COM-095: notes with period and audience, shown on opening, to the section they are for."""

import httpx
import pytest_asyncio

from tests.conftest import PASSWORD, log_in
from tests.resident.people import FATHER, add_town, record_move_in
from yoriai.audit import SYSTEM
from yoriai.clock import today
from yoriai.commands.staff import save_account
from yoriai.settings import Settings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database
from yoriai.web.app import create_app

HTML = {"accept": "text/html"}


@pytest_asyncio.fixture(loop_scope="session")
async def base(database: Database, tenant: TenantRef) -> str:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, FATHER)
    return f"/{tenant}/resident/persons/1"


async def _titles(client: httpx.AsyncClient, base: str) -> list[str]:
    return [row["text"] for row in (await client.get(base)).json()["attention"] if "付箋" in row["title"]]


async def test_a_note_for_one_section_is_seen_by_nobody_else(
    client: httpx.AsyncClient, database: Database, config: TenantConfig, settings: Settings, base: str
) -> None:
    for audience, text in (("section", "筆談を希望"), ("everybody", "車椅子で来庁")):
        body = {"text": text, "audience": audience, "starts_on": str(today())}
        assert (await client.post(f"{base}/notes", json=body)).status_code == 200
    assert await _titles(client, base) == ["車椅子で来庁", "筆談を希望"]
    await save_account(database, config, "tax", "税務 一郎", "税務課", PASSWORD, ["tax_clerk"])
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as other:
        await log_in(other, config.code, "tax")
        assert await _titles(other, base) == ["車椅子で来庁"]
        assert "筆談" not in (await other.get(f"{base}/notes", headers=HTML)).text
        assert (await other.post(f"{base}/notes/1/remove", json={})).status_code == 404, "as if it were not there"
    await app.state.gate.database.close()


async def test_a_note_shows_in_its_period_and_taken_off_it_stays_in_the_list(
    client: httpx.AsyncClient, base: str
) -> None:
    for text, starts_on, ends_on in (("前の", "R8.1.1", "R8.1.31"), ("今の", "R8.1.1", ""), ("先の", "R40.1.1", "")):
        form = {"text": text, "audience": "everybody", "starts_on": starts_on, "ends_on": ends_on, "action": "submit"}
        assert (await client.post(f"{base}/notes", data=form, headers=HTML)).status_code == 303
    assert await _titles(client, base) == ["今の"]
    assert (await client.post(f"{base}/notes/2/remove", json={})).status_code == 200
    assert (await client.post(f"{base}/notes/2/remove", json={})).status_code == 409
    assert await _titles(client, base) == []
    page = (await client.get(f"{base}/notes", headers=HTML)).text
    assert "外した" in page
    wrong = {"text": "x", "audience": "everybody", "starts_on": "R8.2.1", "ends_on": "R8.1.1", "action": "submit"}
    again = await client.post(f"{base}/notes", data=wrong, headers=HTML)
    assert again.status_code == 422
    assert 'id="f-ends_on-error"' in again.text
