"""Deny by default: who may reach what, and that every refusal is audited."""

import re
from collections.abc import Iterable, Iterator

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from tests.conftest import OTHER, PASSWORD, log_in
from yoriai import registry
from yoriai.audit import SYSTEM
from yoriai.commands.staff import save_account
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

PERSONS = "/{code}/resident/persons"
OPEN = {
    "/",
    "/login",
    "/static/{name}",
    "/static/glyph/{name}",
    "/{code}/",
    "/{code}/characters",
    "/{code}/logout",
    "/up/{code}",
    "/center/",
}
OWN_ACCOUNT = "/{code}/account/"
"""One's own account is open to whoever is logged in."""


async def _actions(database: Database, tenant: TenantRef | None) -> list[str]:
    opened = database.read(tenant, SYSTEM) if tenant else database.platform_read(SYSTEM)
    async with opened as session:
        return [row["action"] for row in await session.fetch("SELECT action FROM audit_event ORDER BY seq")]


def test_every_route_of_a_business_declares_a_permission_of_that_business(anonymous: httpx.AsyncClient) -> None:
    known = {False: registry.permissions(), True: registry.center_permissions()}
    found = 0
    for route in _routes(anonymous):
        if route.path in OPEN or route.path.startswith(OWN_ACCOUNT):
            continue
        permission = (route.openapi_extra or {}).get("x-permission")
        assert permission in known[_is_center(route)], f"{route.methods} {route.path} has no permission"
        assert permission.split(".")[0] == route.path.split("/")[2], route.path
        found += 1
    assert found > 10


def test_com_032_whoever_may_only_look_issues_no_letter(anonymous: httpx.AsyncClient) -> None:
    """What goes out in the mayor's name needs the right of who issues it, one or many; lists may be printed by who sees them."""
    letters = re.compile("(通知書|通知票|証明書|照会書|入場券|協議書|宛名)(の|$| )(?!一覧|発行履歴|申請|登録)")
    asked = {route.path for route in _routes(anonymous) if route.path.endswith("/print") and "GET" in route.methods}
    issuing = {
        route.path: (route.openapi_extra or {})["x-permission"]
        for route in _routes(anonymous)
        if letters.search(route.summary or "")
        and ("POST" in route.methods or {route.path, f"{route.path}/print"} & asked)
    }
    assert len(issuing) > 20
    assert {path: right for path, right in issuing.items() if right.endswith(".view")} == {}


async def test_every_route_of_a_business_refuses_a_stranger(anonymous: httpx.AsyncClient, config: TenantConfig) -> None:
    for route in _routes(anonymous):
        if route.path in OPEN:
            continue
        for method in route.methods:
            answer = await anonymous.request(method, _example(route.path, config.code))
            assert answer.status_code == 401, f"{method} {route.path}"
            assert set(answer.json()) == {"code", "message", "errors"}


async def test_every_route_refuses_staff_without_its_permission(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    await save_account(database, config, "nobody", "権限 なし", "", PASSWORD, [])
    client = await log_in(anonymous, config.code, "nobody")
    for route in _routes(client):
        if route.path not in OPEN and not route.path.startswith(OWN_ACCOUNT):
            for method in route.methods:
                answer = await client.request(method, _example(route.path, config.code))
                # To staff of a municipality the centre's addresses do not exist.
                assert answer.status_code == (404 if _is_center(route) else 403), f"{method} {route.path}"
    assert "access.forbidden" in await _actions(database, config.tenant)


@pytest.mark.parametrize("code", [OTHER, "342131", "999999", "abc"])
async def test_another_or_unknown_municipality_is_not_found(
    client: httpx.AsyncClient, database: Database, other_tenant: TenantRef, code: str
) -> None:
    before = await _actions(database, None)
    answers = [
        await client.get(f"/{code}/resident/persons?q=a"),
        await client.get(f"/{code}/resident/persons/1"),
        await client.get(f"/{code}/no/such"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.text for answer in answers}) == 1
    assert len(await _actions(database, None)) == len(before) + 3


async def test_a_stranger_is_asked_to_log_in_on_a_page(anonymous: httpx.AsyncClient, config: TenantConfig) -> None:
    answer = await anonymous.get(f"/{config.code}/resident/persons/1", headers={"accept": "text/html"})
    assert answer.status_code == 401
    assert "ログイン" in answer.text


async def test_a_wrong_password_tells_nothing_and_locks_after_five(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    await save_account(database, config, "locked", "鍵", "", PASSWORD, [])
    texts = set()
    for login in ("locked", "no-such-account"):
        answer = await anonymous.post("/login", json={"tenant": config.code, "login": login, "password": "wrong"})
        assert answer.status_code == 401
        texts.add(answer.text)
    assert len(texts) == 1
    for _ in range(4):
        await anonymous.post("/login", json={"tenant": config.code, "login": "locked", "password": "wrong"})
    answer = await anonymous.post("/login", json={"tenant": config.code, "login": "locked", "password": PASSWORD})
    assert answer.status_code == 401
    assert "15分" in answer.text
    assert (await _actions(database, config.tenant)).count("login.refused") == 7


async def test_a_forged_token_is_a_stranger(anonymous: httpx.AsyncClient, config: TenantConfig) -> None:
    anonymous.headers["authorization"] = "Bearer WyIzNDIxNTciLCJjbGVyayIsMF0.Zm9yZ2Vk.x"
    assert (await anonymous.get(f"/{config.code}/resident/persons/1")).status_code == 401


async def test_a_form_from_another_site_is_refused(client: httpx.AsyncClient, config: TenantConfig) -> None:
    answer = await client.post(
        f"/{config.code}/resident/movements/move-in", json={}, headers={"origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403


async def test_openapi_names_permission_and_body_of_every_act(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            if method == "post":
                assert operation["requestBody"]["content"]["application/json"]["schema"], path
    assert document["components"]["securitySchemes"]


def _is_center(route: APIRoute) -> bool:
    return route.path.startswith("/center/")


def _routes(client: httpx.AsyncClient) -> list[APIRoute]:
    return list(_walk(client._transport.app.routes))


def _walk(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Every route, also those of included routers, which FastAPI keeps as they were."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif included := getattr(route, "original_router", None):
            yield from _walk(included.routes)


def _example(path: str, code: str) -> str:
    return re.sub(r"{\w+}", "1", path.replace("{code}", code))
