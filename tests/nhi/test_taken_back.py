"""A movement that is taken back takes what it asked of NHI with it."""

from typing import Any

import httpx
import pytest_asyncio

from tests.resident.people import FATHER, add_town, record_move_in
from yoriai.audit import SYSTEM
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

DAYS = {"event_date": "2026-11-18", "notified_on": "2026-11-20", "household": {"household_no": 1, "version": 1}}


@pytest_asyncio.fixture(loop_scope="session")
async def insured(client: httpx.AsyncClient, database: Database, tenant: TenantRef) -> str:
    """A man who lives here and is insured; the municipality's code."""
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, FATHER)
    body = {"addressee_no": 1, "acquired_on": "2026-11-10", "notified_on": "2026-11-16", "reason": "move_in"}
    assert (await client.post(f"/{tenant}/nhi/enrolments", json=body)).status_code == 200
    return str(tenant)


async def candidates(client: httpx.AsyncClient, code: str) -> list[tuple[str, str]]:
    rows = (await client.get(f"/{code}/nhi/candidates")).json()["candidates"]
    return [(row["kind"], row["reason"]) for row in rows]


async def record(client: httpx.AsyncClient, code: str, path: str, **body: Any) -> int:
    answer = await client.post(f"/{code}/resident/{path}", json={**DAYS, **body})
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["movement_no"]
    return number


async def test_a_cancelled_death_asks_for_no_loss(client: httpx.AsyncClient, insured: str) -> None:
    died = await record(client, insured, "households/1/death", addressee_no=1)
    assert await candidates(client, insured) == [("lose", "death")]
    answer = await client.post(f"/{insured}/resident/movements/{died}/cancel", json={"reason_text": "人違い"})
    assert answer.status_code == 200
    assert await candidates(client, insured) == []


async def test_juki_017_a_cancelled_move_out_asks_for_no_loss(client: httpx.AsyncClient, insured: str) -> None:
    leaving = {"members": [{"addressee_no": 1}], "destination": "大阪府", "is_certain": True}
    await record(client, insured, "households/1/move-out", **leaving)
    assert await candidates(client, insured) == [("lose", "move_out")]
    back = {
        "members": [{"addressee_no": 1}],
        "household": {"household_no": 1, "version": 2},
        "event_date": "2026-11-20",
    }
    await record(client, insured, "households/1/move-out-cancel", **back)
    assert await candidates(client, insured) == []


async def test_a_removal_by_the_office_asks_for_the_loss(client: httpx.AsyncClient, insured: str) -> None:
    gone = {"members": [{"addressee_no": 1}], "ground": "実態調査"}
    await record(client, insured, "households/1/removal", **gone)
    assert await candidates(client, insured) == [("lose", "ex_officio")]
