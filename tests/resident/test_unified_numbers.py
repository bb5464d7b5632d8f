"""団体内統合宛名番号, and that 個人番号 are seen in number-use tasks only (ATENA-020, ATENA-022)."""

import re

import httpx
import pytest
import pytest_asyncio

from modules.resident.non_resident import service, unified
from modules.resident.non_resident.inputs import Link, Registration
from modules.resident.non_resident.unified import UnifiedQuery, UnifiedRequest
from tests.conftest import OWN
from tests.resident.people import NOW, add_town
from tests.resident.test_non_resident import COMPANY, PERSON
from tests.resident.test_numbers import FIRST, SECOND, entry
from tests.resident.test_protection import base, supervisor
from yoriai import registry
from yoriai.audit import SYSTEM
from yoriai.errors import Conflict, Forbidden, Invalid, NeedsConfirmation
from yoriai.numbers import check_digit_of_my_number
from yoriai.sealing import Sealer, new_key
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, WriteSession

__all__ = ["base", "supervisor"]
THIRD = f"55555555555{check_digit_of_my_number('55555555555')}"
SEALER = Sealer(new_key())


@pytest_asyncio.fixture(loop_scope="session")
async def session(write_session: WriteSession) -> WriteSession:
    await add_town(write_session)
    return write_session


async def register(session: WriteSession, **values: object) -> int:
    return (await service.register(session, Registration.model_validate({**PERSON, **values}), NOW)).addressee_no


async def ask(session: WriteSession, addressee_no: int, number: str, **values: object) -> unified.UnifiedView:
    body = UnifiedRequest.model_validate({"my_number": number, "purpose": "情報連携", **values})
    return await unified.obtain(session, SEALER, TenantRef(OWN), addressee_no, body, NOW)


async def test_atena_020_the_same_my_number_gives_the_same_unified_number_and_only_a_new_one_makes_one(
    session: WriteSession,
) -> None:
    one = await register(session)
    other = await register(session, name="別 人", name_kana="ベツ ジン", birth_date="1980-01-01")
    first = await ask(session, one, FIRST)
    again = await ask(session, one, FIRST)
    assert (first.outcome, again.outcome) == ("new", "existing")
    assert first.unified_no == again.unified_no
    assert re.fullmatch(r"\d{15}", first.unified_no)
    second = await ask(session, other, SECOND)
    assert (second.outcome, second.unified_no == first.unified_no) == ("new", False)
    count = await session.fetchval("SELECT count(*) FROM unified_addressee")
    assert count == 2


async def test_a_number_asked_for_another_addressee_is_the_same_person_or_a_mistake(session: WriteSession) -> None:
    one = await register(session)
    twice = await register(session, confirmed=["duplicate"])
    first = await ask(session, one, FIRST)
    with pytest.raises(NeedsConfirmation) as asked:
        await ask(session, twice, FIRST)
    assert f"宛名番号 {one}" in asked.value.fields[0].message
    await service.link(session, twice, Link(to_no=one, reason="同一人"), NOW)
    joined = await ask(session, twice, FIRST)
    assert (joined.unified_no, joined.holders) == (first.unified_no, [one, twice])
    with pytest.raises(Invalid) as refused:
        await ask(session, one, SECOND)
    assert refused.value.fields[0].rule == "changed"
    changed = await ask(session, one, SECOND, is_changed=True)
    assert (changed.unified_no, changed.outcome) == (first.unified_no, "existing")
    with pytest.raises(Invalid):
        await ask(session, one, SECOND[:-1] + str((int(SECOND[-1]) + 1) % 10))


async def test_corporations_have_none_and_a_number_leads_back_to_its_addressee(session: WriteSession) -> None:
    person, company = await register(session), await register(session, **COMPANY)
    with pytest.raises(Conflict):
        await ask(session, company, FIRST)
    made = await ask(session, person, FIRST)
    query = UnifiedQuery(unified_no=made.unified_no, purpose="中間サーバーからの照会")
    assert (await unified.find(session, SEALER, TenantRef(OWN), query)).addressee_nos == [person]
    other = UnifiedQuery(unified_no="1" * 15, purpose="照会")
    assert (await unified.find(session, SEALER, TenantRef(OWN), other)).addressee_nos == []
    elsewhere = Sealer(new_key())
    assert (await unified.find(session, elsewhere, TenantRef(OWN), query)).addressee_nos == []


async def test_the_numbers_are_sealed_and_every_sight_is_audited_with_its_purpose(
    supervisor: httpx.AsyncClient,
    base: str,
    config: TenantConfig,
    database: Database,
    tenant: TenantRef,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Through the API: the register's 個人番号 is matched, another person's is refused."""
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))
    for number, resident in ((FIRST, 1), (SECOND, 2)):
        assert (await supervisor.post(f"{base}/persons/{resident}/numbers", json=entry(number))).status_code == 200
    page = f"/{config.code}/non_resident/addressees/1/unified"
    refused = await supervisor.post(page, json={"my_number": SECOND, "purpose": "情報連携"})
    assert refused.status_code == 422
    assert "宛名番号 2" in refused.json()["errors"][0]["message"]
    wrong = await supervisor.post(page, json={"my_number": THIRD, "purpose": "情報連携"})
    assert wrong.json()["errors"][0]["rule"] == "register"
    made = (await supervisor.post(page, json={"my_number": FIRST, "purpose": "情報連携"})).json()
    shown = await supervisor.get(page, headers={"accept": "text/html"})
    assert shown.status_code == 200
    assert made["unified_no"] not in shown.text
    assert FIRST not in shown.text
    seen = (await supervisor.post(f"{page}/sight", json={"purpose": "確認"})).json()
    assert (seen["unified_no"], seen["my_number"]) == (made["unified_no"], FIRST)
    html = await supervisor.post(page, data={"my_number": FIRST, "purpose": "x"}, headers={"accept": "text/html"})
    assert made["unified_no"] in html.text
    async with database.read(tenant, SYSTEM) as session:
        tables = ("unified_addressee", "unified_my_number", "unified_holder", "audit_event", "outbox_event")
        stored = [str([dict(row) for row in await session.fetch(f"SELECT t::text FROM {name} t")]) for name in tables]
        trail = await session.fetch("SELECT action, reason FROM audit_event WHERE action LIKE 'unified.%' ORDER BY seq")
    assert made["unified_no"] not in "".join(stored)
    assert FIRST not in "".join(stored)
    assert ("unified.view", "確認") in [(row["action"], row["reason"]) for row in trail]


async def test_atena_022_a_my_number_is_in_no_answer_and_no_file_outside_number_use_tasks(
    supervisor: httpx.AsyncClient, base: str, config: TenantConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every GET of the application, pages, JSON and files, asked by somebody who may do everything."""
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))
    assert (await supervisor.post(f"{base}/persons/2/numbers", json=entry(FIRST))).status_code == 200
    own = {"my_number": FIRST, "purpose": "情報連携"}
    made = await supervisor.post(f"/{config.code}/non_resident/addressees/2/unified", json=own)
    secrets = (FIRST, made.json()["unified_no"])
    app = supervisor._transport.app  # type: ignore[attr-defined]
    shown = 0
    for path, methods in app.openapi()["paths"].items():
        if "get" not in methods or not path.startswith("/{code}"):
            continue
        values = dict.fromkeys(re.findall(r"{(\w+)}", path), "2") | {"code": OWN, "fiscal_year": "2026"}
        for accept in ("text/html", "application/json"):
            answer = await supervisor.get(path.format(**values), headers={"accept": accept})
            shown += answer.status_code == 200
            assert not any(secret.encode() in answer.content for secret in secrets), path
    assert shown > 60


def test_atena_022_only_declared_number_use_tasks_can_open_a_number(config: TenantConfig) -> None:
    """The routes that have the sealer are those that name the law they rest on; the context of any other has none."""
    declared = {
        f"{method} {path}"
        for business in registry.businesses()
        if business.routers
        for (method, path), law in registry.load(business.routers).number_uses.items()
        if law
    }
    assert declared
    assert all(any(part in route for part in ("/numbers", "/unified", "/certificate/")) for route in declared), declared


async def test_a_task_that_is_no_number_use_is_refused_the_sealer(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, config: TenantConfig
) -> None:
    from yoriai.web.context import Ctx

    sealers: list[object] = []
    original = Ctx.read

    def peek(ctx: Ctx) -> object:
        try:
            sealers.append(ctx.sealer)
        except Forbidden as error:
            sealers.append(error)
        return original(ctx)

    monkeypatch.setattr(Ctx, "read", peek)
    await client.get(f"/{config.code}/non_resident/search?q=x")
    assert [type(item) for item in sealers] == [Forbidden]
