"""Input no form of ours sends: each is refused in words, none is a fault of the system, and all of it is audited."""

import asyncio
import json
from dataclasses import replace

import httpx
import pytest

from tests.conftest import PASSWORD
from yoriai.audit import SYSTEM, AuditEvent, to_argument
from yoriai.commands.audit import verify_schema
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database
from yoriai.web.second_factor import own_page

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
CLERK = replace(SYSTEM, login="clerk")


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, b"{"),
        (JSON, b"[]"),
        (JSON, b"\xff"),
        (JSON, b"[" * 100_000),
        (JSON, b'{"a":' * 100 + b"1" + b"}" * 100),
        (JSON, b'{"event_date": "\\u0000"}'),
        (JSON, b'{"event_date": "\\ud800"}'),
        (JSON, b'{"\\ud800": 1}'),
        (FORM, b"a=1&a.b=2"),
        (FORM, b"a.b=2&a=1"),
        (FORM, b"a.b=2&a[]=1"),
        (FORM, b"a=1&a[]=1"),
        (FORM, b".".join([b"a"] * 3000) + b"=1"),
        (FORM, "a.²=1".encode()),
        (FORM, b"a." + b"9" * 5000 + b"=1"),
        (FORM, b".=2&..=3&[]=4"),
        (FORM, b"0=1"),
        (FORM, b"note=%00"),
        ("multipart/form-data", b"garbage"),
        ("multipart/form-data; boundary=x", b"garbage"),
        ("text/plain", b"note=1"),
    ],
)
async def test_a_body_of_another_shape_is_refused(
    client: httpx.AsyncClient, config: TenantConfig, kind: str, body: bytes, accept: str
) -> None:
    for path in ("/login", f"/{config.code}/resident/movements/move-in"):
        answer = await client.post(path, content=body, headers={"content-type": kind, "accept": accept})
        assert answer.status_code == 422, answer.text[:300]


async def test_a_body_without_end_is_cut_off(anonymous: httpx.AsyncClient) -> None:
    for kind in (JSON, FORM):
        answer = await anonymous.post("/login", content=b"a" * 3_000_000, headers={"content-type": kind})
        assert answer.status_code in (413, 422)
        if kind == JSON:
            assert answer.json()["code"] == "too_large"


@pytest.mark.parametrize("number", ["9" * 25, "-" + "9" * 25, str(2**63)])
async def test_a_number_no_row_can_have_is_not_found(
    client: httpx.AsyncClient, config: TenantConfig, number: str
) -> None:
    assert (await client.get(f"/{config.code}/resident/persons/{number}")).status_code == 404


async def test_nul_in_an_address_is_refused_and_audited(
    client: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    assert (await client.get(f"/{config.code}/resident/persons?q=%00")).status_code == 422
    assert (await client.get("/no/where%00")).status_code == 404
    async with database.platform_read(SYSTEM) as session:
        path = await session.fetchval("SELECT detail->>'path' FROM audit_event ORDER BY seq DESC LIMIT 1")
    assert path == "/no/where\ufffd"


def test_the_trail_keeps_a_backslash_that_only_looks_like_nul() -> None:
    rows = json.loads(to_argument([{"subject": "a\\u0000b", "detail": {"x\0": ["\ud800", 1]}}]))
    assert rows == [{"subject": "a\\u0000b", "detail": {"x\ufffd": ["\ufffd", 1]}}]


async def test_an_event_that_cannot_be_written_does_not_take_others_with_it(
    database: Database, tenant: TenantRef
) -> None:
    nameless = replace(CLERK, login=None)  # type: ignore[arg-type]
    results = await asyncio.gather(
        *(database.append_audit(tenant, nameless if n == 2 else CLERK, AuditEvent("test.group")) for n in range(5)),
        return_exceptions=True,
    )
    assert [isinstance(result, Exception) for result in results] == [False, False, True, False, False]
    async with database.read(tenant, CLERK) as session:
        assert await session.fetchval("SELECT count(*) FROM audit_event WHERE action = 'test.group'") == 4


async def test_a_chain_that_grows_while_it_is_verified_is_intact(
    database: Database, tenant: TenantRef, settings: object
) -> None:
    admin = settings.admin_dsn  # type: ignore[attr-defined]
    for _ in range(50):
        await database.append_audit(tenant, CLERK, *[AuditEvent("test.before")] * 100)

    enough = asyncio.Event()

    async def grow() -> None:
        while not enough.is_set():
            await database.append_audit(tenant, CLERK, AuditEvent("test.meanwhile"))

    growing = asyncio.create_task(grow())
    faults = [(await asyncio.to_thread(verify_schema, admin, tenant.schema)).fault for _ in range(5)]
    enough.set()
    await growing
    assert faults == [""] * 5


async def test_no_answer_but_static_files_may_be_kept(client: httpx.AsyncClient, config: TenantConfig) -> None:
    for accept in ("application/json", "text/html"):
        for path in (f"/{config.code}/resident/persons?q=a", f"/{config.code}/resident/persons/1", "/nowhere"):
            answer = await client.get(path, headers={"accept": accept})
            assert answer.headers["cache-control"] == "no-store", path
            assert "Accept" in answer.headers["vary"], path
            assert "frame-ancestors" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", [5, ["/"], None, "", "//x", "/342157/\\x", "/342157//x", "https://x/", "/343684/"])
def test_the_login_leads_nowhere_else(path: object, tenant: TenantRef) -> None:
    assert own_page(path, tenant) == f"/{tenant}/"


async def test_a_browser_login_with_a_strange_next_page_works(client: httpx.AsyncClient, config: TenantConfig) -> None:
    body = {"tenant": config.code, "login": "clerk", "password": PASSWORD, "next": 5}
    answer = await client.post("/login", json=body, headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{config.code}/")
