"""COM-031: number-use tasks after two factors only, registered by who has them; no code counts twice, nobody guesses for long."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.conftest import PASSWORD, give_app, log_in, new_code
from yoriai import registry
from yoriai.audit import SYSTEM, Principal
from yoriai.clock import now
from yoriai.commands.staff import save_account
from yoriai.errors import Conflict, Invalid
from yoriai.sealing import Sealer, new_key
from yoriai.security.factors import TypedCode, add_totp, end_factor, list_factors, prove, reset_factors
from yoriai.security.lockout import Proof
from yoriai.security.passkeys import Challenges
from yoriai.security.policy import LOGIN, Policy
from yoriai.security.registration import HOLDS, find_ticket, issue_code, use_code
from yoriai.security.totp import code_at, find_step, new_secret
from yoriai.security.vault import Vault
from yoriai.settings import Settings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database
from yoriai.web.identity import Session, Sessions

MOMENT = datetime(2026, 11, 26, 1, 0, 5, tzinfo=UTC)
HTML = {"accept": "text/html"}


@pytest.fixture
def everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever logs in has every permission."""
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))


async def with_password(client: httpx.AsyncClient, config: TenantConfig, login: str = "clerk") -> httpx.AsyncClient:
    """A client that has given its password and nothing else."""
    answer = await client.post("/login", json={"tenant": config.code, "login": login, "password": PASSWORD})
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return client


async def actions(database: Database, tenant: TenantRef, like: str) -> list[str]:
    async with database.read(tenant, SYSTEM) as session:
        query = "SELECT action FROM audit_event WHERE action LIKE $1 ORDER BY seq"
        return [row["action"] for row in await session.fetch(query, like)]


def test_a_code_is_that_of_rfc_6238_and_of_its_half_minute() -> None:
    """RFC 6238 appendix B (SHA-1), its last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" in Base32
    for second, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        moment = datetime.fromtimestamp(second, UTC)
        assert code_at(secret, moment) == code
        assert find_step(secret, code, moment) == second // 30
    moment = datetime.fromtimestamp(1234567890, UTC)
    assert find_step(secret, "０05 924", moment + timedelta(seconds=30)) == 1234567890 // 30
    assert find_step(secret, "005924", moment + timedelta(seconds=60)) is None
    assert find_step(secret, "005925", moment) is None


def test_a_second_factor_holds_for_its_minutes_and_a_session_for_its_hours() -> None:
    policy = Policy(second_factor_minutes=30)
    assert policy.is_proved(MOMENT, MOMENT + timedelta(minutes=29))
    assert not policy.is_proved(MOMENT, MOMENT + timedelta(minutes=30))
    assert not policy.is_proved(None, MOMENT)
    began = int((now() - timedelta(hours=8, minutes=59)).timestamp())
    sessions = Sessions("secret")
    session = Session(TenantRef("342157"), "a", 0, began).with_second("totp", MOMENT)
    assert sessions.read(sessions.sign(session)) == session
    assert session.proved_at == MOMENT
    late = Session(TenantRef("342157"), "a", 0, began - 120).with_second("totp", MOMENT)
    assert sessions.read(sessions.sign(late)) is None, "a second factor does not make a session last longer"


def test_a_challenge_is_for_one_account_and_purpose() -> None:
    mine = Challenges("secret", "342157/a", "use")
    token = mine.issue(MOMENT).token
    read = mine.read(token)
    assert read is not None
    assert read.issued_at == MOMENT
    for other in (Challenges("secret", "342157/b", "use"), Challenges("secret", "342157/a", "register")):
        assert other.read(token) is None
    assert Challenges("other", "342157/a", "use").read(token) is None


async def test_com_031_every_number_use_route_is_refused_without_a_second_factor(
    everybody: None, client: httpx.AsyncClient, anonymous: httpx.AsyncClient, config: TenantConfig, database: Database
) -> None:
    """Every route that declares a number-use task (or asks for it by itself), as data and as a page; then with both factors."""
    document = (await client.get("/openapi.json")).json()
    wanted = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "x-second-factor" in operation
    }
    routers = [
        registry.load(part.routers if isinstance(part, registry.Business) else part.router)
        for part in registry.parts()
        if (part.routers if isinstance(part, registry.Business) else part.router)
    ]
    declared = {route for router in routers for route in router.number_uses}
    assert len(declared) >= 10
    assert declared < wanted
    await with_password(client, config)
    for method, path in sorted(wanted):
        address = re.sub(r"{\w+}", "1", path.replace("{code}", config.code))
        refused = await client.request(method, address)
        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required"), address
        assert refused.json()["second_factor"] == f"/{config.code}/account/second-factor"
        shown = await client.request(method, address, headers=HTML)
        assert shown.status_code == 403
        assert "認証コード" in shown.text or "二要素認証を登録する" in shown.text
    await log_in(client, config.code, "clerk")
    for method, path in sorted(wanted):
        answer = await client.request(method, re.sub(r"{\w+}", "1", path.replace("{code}", config.code)))
        assert answer.status_code != 403, f"{method} {path}: {answer.text}"


async def test_com_031_a_page_leads_to_the_second_factor_and_back_with_what_was_typed(
    everybody: None, client: httpx.AsyncClient, config: TenantConfig, database: Database, settings: Settings
) -> None:
    """As a browser does it, with the cookie: the page that was asked for, and a form whose fields are not lost."""
    secret = await give_app(database, settings, config.tenant, "clerk")
    del client.headers["authorization"]
    form = {"tenant": config.code, "login": "clerk", "password": PASSWORD}
    await client.post("/login", data=form, headers=HTML)
    page = await client.get(f"/{config.code}/resident/persons/1/numbers?x=1", headers=HTML)
    assert f'name="next" value="/{config.code}/resident/persons/1/numbers?x=1"' in page.text
    typed = {"kind": "my_number", "number": "123456789018", "purpose": "窓口の<確認>", "confirmed[]": ["a", "b"]}
    page = await client.post(f"/{config.code}/resident/numbers", data=typed, headers=HTML)
    assert page.status_code == 403
    assert 'name="again.purpose" value="窓口の&lt;確認&gt;"' in page.text
    assert page.text.count('name="again.confirmed[]"') == 2
    given = {f"again.{name}": value for name, value in typed.items()}
    given |= {"next": f"/{config.code}/resident/numbers", "method": "post"}
    address = f"/{config.code}/account/second-factor"
    wrong = await client.post(address, data={**given, "code": "000000"}, headers=HTML)
    assert wrong.status_code == 422
    assert 'name="again.number" value="123456789018"' in wrong.text
    right = await client.post(address, data={**given, "code": code_at(secret, now())}, headers=HTML)
    assert right.status_code == 200
    assert f'action="/{config.code}/resident/numbers"' in right.text
    assert 'name="number" value="123456789018"' in right.text
    found = await client.post(f"/{config.code}/resident/numbers", data=typed, headers=HTML)
    assert found.status_code == 200
    assert "該当" in found.text
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/", f"/{config.code}//elsewhere.example"):
        code = await new_code(client, config.code, "clerk")
        answer = await client.post(address, data={"code": code, "next": elsewhere}, headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/{config.code}/")


async def test_com_031_a_code_counts_once_and_five_wrong_ones_lock(
    database: Database, config: TenantConfig, tenant: TenantRef
) -> None:
    """A right password between the attempts does not take the count back; other municipalities' keys open nothing."""
    await save_account(database, config, "guess", "推測", "", PASSWORD, [])
    vault, secret = Vault(tenant, Sealer(new_key())), new_secret()
    who = Principal("guess")

    async def attempt(code: str, moment: datetime) -> Proof:
        async with database.write(tenant, who) as session:
            return await prove(session, vault, "guess", TypedCode(code), moment)

    async with database.write(tenant, who) as session:
        await issue_code(session, vault, "guess", "採用", MOMENT)
        ticket = await find_ticket(session, vault, "guess", MOMENT)
        step = find_step(secret, code_at(secret, MOMENT), MOMENT)
        codes = await add_totp(session, vault, "guess", secret, "", MOMENT, step=step, ticket=ticket)
        stored = str([dict(row) for row in await session.fetch("SELECT * FROM staff_factor")])
        stored += str([dict(row) for row in await session.fetch("SELECT * FROM staff_recovery_code")])
    assert secret not in stored
    assert not any(code.replace("-", "") in stored for code in codes)
    later = MOMENT + timedelta(seconds=30)
    assert not (await attempt(code_at(secret, MOMENT), MOMENT)).method, "the code it was registered with"
    assert (await attempt(code_at(secret, later), later)).method == "totp"
    assert not (await attempt(code_at(secret, later), later)).method, "the same code again"
    assert (await attempt(codes[0].lower(), later)).method == "recovery"
    assert not (await attempt(codes[0], later)).method, "a recovery code again"
    for _ in range(3):
        await attempt("000000", later)
    async with database.write(tenant, who) as session:
        # What a right password does to the account's counts.
        await session.fetch("UPDATE staff SET failed_logins = 0 RETURNING login")
    assert "15分" in (await attempt("000000", later)).refusal
    refused = await attempt(code_at(secret, later + timedelta(minutes=1)), later + timedelta(minutes=1))
    assert "15分" in refused.refusal, "while it is shut a right code is none"
    reopened = later + timedelta(minutes=16)
    assert (await attempt(code_at(secret, reopened), reopened)).method == "totp"
    async with database.read(tenant, SYSTEM) as session:
        rows = await session.fetch(
            "SELECT detail ->> 'cause' AS cause FROM audit_event WHERE action = 'factor.refused' ORDER BY seq"
        )
    causes = [row["cause"] for row in rows]
    assert causes == ["used_before", "used_before", "wrong_recovery_code", *["wrong_code"] * 4, "locked"]
    assert await actions(database, tenant, "account.locked") == ["account.locked"]


async def test_com_031_a_stolen_password_alone_registers_nothing(
    everybody: None, client: httpx.AsyncClient, anonymous: httpx.AsyncClient, config: TenantConfig, database: Database,
    tenant: TenantRef,
) -> None:  # fmt: skip
    """The first factor needs what an administrator hands out: once, for one account, for some days; guesses lock as others do."""
    for login in ("fresh", "other"):
        await save_account(database, config, login, "新人", "市民課", PASSWORD, [])
    address, account = f"/{config.code}/security/accounts", f"/{config.code}/account"
    assert (await client.post(f"{address}/fresh/registration-code", json={})).status_code == 422
    why = {"reason": "新規採用、職員証を確認"}
    codes = []
    for login in ("other", "fresh", "fresh"):
        issued = await client.post(f"{address}/{login}/registration-code", json=why)
        codes.append(issued.json()["registration_code"])
        assert issued.json()["code_until"]
    assert (await client.get(f"{address}/fresh")).json()["registration_code"] == "", "shown once"
    page = await client.post(f"{address}/fresh/registration-code", data=why, headers=HTML)
    match = re.search(r'registration-code">([0-9A-Z-]{14})<', page.text)
    assert match is not None
    codes.append(match[1])
    own = await client.post(f"{address}/clerk/registration-code", json=why)
    assert own.status_code == 409, "who has a factor gets no code"
    chief = client.headers["authorization"]

    await with_password(client, config, "fresh")
    for kind in ("totp", "passkey"):
        page = await client.post(f"{account}/{kind}", data={"password": PASSWORD}, headers=HTML)
        assert page.status_code == 422
        assert "登録コードが必要です" in page.text
    refused = await client.post(f"{account}/totp", json={"password": PASSWORD})
    assert [error["field"] for error in refused.json()["errors"]] == ["registration_code"]
    for code in codes[:3]:
        refused = await client.post(f"{account}/totp", json={"password": PASSWORD, "registration_code": code})
        assert refused.json()["errors"][0]["rule"] == "registration_code", "another's, and what a newer one has ended"
    body = {"password": PASSWORD, "registration_code": codes[3].lower().replace("-", " ")}
    begun = (await client.post(f"{account}/totp", json=body)).json()
    key = (await client.post(f"{account}/passkey", json=body)).json()
    # A new code ends what was begun with the one before.
    client.headers["authorization"], fresh = chief, client.headers["authorization"]
    newest = (await client.post(f"{address}/fresh/registration-code", json=why)).json()["registration_code"]
    client.headers["authorization"] = fresh
    confirmed = {"pending": begun["pending"], "code": code_at(begun["secret"], now())}
    assert (await client.post(f"{account}/totp/confirm", json=confirmed)).status_code == 422
    page = await client.post(f"{account}/totp/confirm", data=confirmed, headers=HTML)
    assert "はじめからやり直してください" in page.text
    stale = {"challenge": key["challenge"], "answer": "{}"}
    assert "時間が切れました" in (await client.post(f"{account}/passkey/confirm", data=stale, headers=HTML)).text
    begun = (await client.post(f"{account}/totp", json={**body, "registration_code": newest})).json()
    confirmed = {"pending": begun["pending"], "code": code_at(begun["secret"], now())}
    assert (await client.post(f"{account}/totp/confirm", json=confirmed)).status_code == 200

    await with_password(client, config, "other")
    for _ in range(5):
        refused = await client.post(f"{account}/totp", json={"password": PASSWORD, "registration_code": newest})
    assert "15分" in refused.json()["errors"][0]["message"]
    shown = [name for name in await actions(database, tenant, "registration.%") if name != "registration.refused"]
    assert shown == ["registration.issued"] * 4 + ["registration.accepted"] * 2 + ["registration.issued"] + [
        "registration.accepted"
    ]
    async with database.read(tenant, SYSTEM) as session:
        stored = str([dict(row) for row in await session.fetch("SELECT * FROM staff_registration_code")])
        row = await session.fetchrow(
            "SELECT staff, subject, reason FROM audit_event WHERE action = 'registration.issued' ORDER BY seq DESC"
        )
    assert row is not None
    assert (row["staff"], row["subject"], row["reason"]) == ("clerk", "staff:fresh", why["reason"])
    assert not [code for code in (*codes, newest) if code.replace("-", "") in stored]


async def test_a_registration_code_ends_after_its_days_and_with_a_reset(
    database: Database, config: TenantConfig, tenant: TenantRef
) -> None:
    await save_account(database, config, "fresh", "新人", "", PASSWORD, [])
    vault = Vault(tenant, Sealer(new_key()))
    async with database.write(tenant, Principal("chief")) as session:
        await issue_code(session, vault, "fresh", "採用", MOMENT)
        late = MOMENT + HOLDS
        assert await find_ticket(session, vault, "fresh", late) == ""
        ticket = await find_ticket(session, vault, "fresh", MOMENT)
        with pytest.raises(Invalid):
            await use_code(session, vault, "fresh", ticket, late)
        with pytest.raises(Invalid):
            await add_totp(session, vault, "fresh", new_secret(), "", MOMENT)
        await reset_factors(session, vault, "fresh", "取消し", MOMENT)
        with pytest.raises(Invalid):
            await add_totp(session, vault, "fresh", new_secret(), "", MOMENT, ticket=ticket)


async def test_com_031_the_holder_registers_with_the_password_and_a_second_one_with_the_first(
    client: httpx.AsyncClient, config: TenantConfig, database: Database, tenant: TenantRef, settings: Settings
) -> None:
    """Through the API: code, secret, first code, recovery codes, a token that carries the second factor."""
    await save_account(database, config, "fresh", "新人", "", PASSWORD, ["resident_supervisor"])
    await with_password(client, config, "fresh")
    account = f"/{config.code}/account"
    wrong = await client.post(f"{account}/totp", json={"password": "no"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "password")
    async with database.write(tenant, SYSTEM) as session:
        issued = await issue_code(session, Vault(tenant, settings.sealer), "fresh", "採用", now())
    handed = {"password": PASSWORD, "registration_code": issued.code}
    begun = (await client.post(f"{account}/totp", json=handed)).json()
    assert begun["address"].startswith("otpauth://totp/")
    assert (
        await client.post(f"{account}/totp/confirm", json={"pending": begun["pending"], "code": "000000"})
    ).status_code == 422
    body = {"pending": begun["pending"], "code": code_at(begun["secret"], now()), "label": "電話"}
    forged = await client.post(f"{account}/totp/confirm", json={**body, "pending": "x:y"})
    assert forged.status_code == 422
    done = await client.post(f"{account}/totp/confirm", json=body)
    assert len(done.json()["recovery_codes"]) == 10
    refused = await client.post(f"{account}/totp", json={"password": PASSWORD})
    assert refused.json()["code"] == "second_factor_required", "the token without it registers no more"
    asked = await client.post(f"{account}/totp", data={"password": PASSWORD}, headers=HTML)
    assert asked.status_code == 403
    assert PASSWORD not in asked.text
    client.headers["authorization"] = f"Bearer {done.json()['token']}"
    numbers = f"/{config.code}/resident/persons/1/numbers"
    assert (await client.get(numbers)).status_code == 404, "past the gate: there is no such person"
    page = await client.post(f"{account}/totp", data={"password": PASSWORD}, headers=HTML)
    assert "<svg" in page.text
    await with_password(client, config, "fresh")
    code = {"code": done.json()["recovery_codes"][0]}
    stepped = await client.post(f"{account}/second-factor", json=code)
    client.headers["authorization"] = f"Bearer {stepped.json()['token']}"
    assert (await client.get(numbers)).status_code == 404
    assert (await client.get(f"{account}/", headers=HTML)).text.count("最後の登録") == 1
    for challenge in ("", "forged"):
        sent = {"challenge": challenge, "answer": "{}"}
        page = await client.post(f"{account}/passkey/confirm", data=sent, headers=HTML)
        assert page.status_code == 422
        assert "data-options" not in page.text, "no challenge without the password"
    renewed = await client.post(f"{account}/recovery-codes", json={"password": PASSWORD})
    assert len(renewed.json()["codes"]) == 10
    # The registration of the clerk of the fixture comes first, with the code of its login.
    assert (await actions(database, tenant, "factor.%"))[2:] == [
        "factor.registered",
        "factor.codes",
        "factor.accepted",
        "factor.codes",
    ]


async def test_com_031_an_administrator_resets_with_a_reason_and_a_second_factor(
    everybody: None,
    client: httpx.AsyncClient,
    config: TenantConfig,
    database: Database,
    settings: Settings,
    tenant: TenantRef,
) -> None:
    await save_account(database, config, "lost", "紛失", "市民課", PASSWORD, ["resident_clerk"])
    secret = await give_app(database, settings, tenant, "lost")
    address = f"/{config.code}/security/accounts"
    listed = {row["login"]: row["kinds"] for row in (await client.get(address)).json()["accounts"]}
    assert listed == {"clerk": ["totp"], "lost": ["totp"]}
    assert (await client.post(f"{address}/lost/reset", json={})).status_code == 422
    own = await client.post(f"{address}/clerk/reset", json={"reason": "自分"})
    assert own.json()["errors"][0]["rule"] == "own"
    body = {"tenant": config.code, "login": "lost", "password": PASSWORD}
    assert (await client.post("/login", json={**body, "code": code_at(secret, now())})).status_code == 200
    done = await client.post(f"{address}/lost/reset", json={"reason": "機種変更、職員証を確認"})
    assert done.json() == {"login": "lost", "ended": 1}
    page = await client.get(f"{address}/lost", headers=HTML)
    assert "未登録" in page.text
    again = await client.post("/login", json={**body, "code": code_at(secret, now() + timedelta(seconds=30))})
    assert again.status_code == 422, "what was reset proves nothing"
    async with database.read(tenant, SYSTEM) as session:
        row = await session.fetchrow("SELECT staff, subject, reason FROM audit_event WHERE action = 'factor.reset'")
    assert row is not None
    assert (row["staff"], row["subject"], row["reason"]) == ("clerk", "staff:lost", "機種変更、職員証を確認")
    async with database.write(tenant, Principal("lost")) as session:
        with pytest.raises(Invalid):
            await reset_factors(session, Vault(tenant, settings.sealer), "nobody", "x", MOMENT)


async def test_the_last_factor_cannot_be_ended_and_no_secret_is_registered_twice(
    database: Database, config: TenantConfig, tenant: TenantRef
) -> None:
    await save_account(database, config, "two", "二台", "", PASSWORD, [])
    vault, secret = Vault(tenant, Sealer(new_key())), new_secret()
    async with database.write(tenant, Principal("two")) as session:
        await add_totp(session, vault, "two", secret, "一台目", MOMENT, is_handed_out=True)
        with pytest.raises(Conflict):
            await add_totp(session, vault, "two", secret, "同じもの", MOMENT)
        (first,) = await list_factors(session, vault, "two")
        with pytest.raises(Conflict):
            await end_factor(session, vault, "two", first["factor_no"], MOMENT)
        await add_totp(session, vault, "two", new_secret(), "二台目", MOMENT)
        await end_factor(session, vault, "two", first["factor_no"], MOMENT)
        assert [each["label"] for each in await list_factors(session, vault, "two")] == ["二台目"]


async def test_com_031_a_municipality_may_want_it_at_every_login(
    client: httpx.AsyncClient, config: TenantConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then no page but one's own account opens without it."""
    monkeypatch.setattr("yoriai.web.context.policy_of", lambda _: Policy(second_factor=LOGIN))
    assert (await client.get(f"/{config.code}/", headers=HTML)).status_code == 200
    await with_password(client, config)
    for path in ("/", "/characters?reading=あ", "/resident/persons?q=a"):
        assert (await client.get(f"/{config.code}{path}", headers=HTML)).status_code == 403
    assert (await client.get(f"/{config.code}/account/", headers=HTML)).status_code == 200
    fragment = await client.get(f"/{config.code}/resident/persons?q=a", headers={"hx-request": "true"})
    assert fragment.headers["hx-redirect"] == f"/{config.code}/account/second-factor"


async def test_one_s_own_account_is_nobody_else_s(anonymous: httpx.AsyncClient, config: TenantConfig) -> None:
    for path, methods in anonymous._transport.app.openapi()["paths"].items():  # type: ignore[attr-defined]
        if path.startswith("/{code}/account/"):
            for method in methods:
                answer = await anonymous.request(method, re.sub(r"{\w+}", "1", path.replace("{code}", config.code)))
                assert answer.status_code == 401, path
