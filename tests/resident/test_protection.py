"""支援措置: hidden everywhere from who has no right, stopped, reminded of, and opened only by name and reason."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from modules.resident.basic_register import facts
from modules.resident.basic_register.protections.masking import HIDDEN_TEXT
from tests.conftest import OWN, PASSWORD, log_in
from tests.resident.people import CHILD, FATHER, MOTHER, NOW, TOWN, add_town, record_move_in
from yoriai.audit import SYSTEM, Principal
from yoriai.clock import now
from yoriai.commands.staff import save_account
from yoriai.settings import Settings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database
from yoriai.web.app import create_app

HTML = {"accept": "text/html"}
BLOCK, BUILDING, FORMER = "77番88号", "かくれ荘203", "東京都千代田区秘密町5番"
SECRETS = (BLOCK, BUILDING, FORMER, "9990001", "999-0001")
DEATH = {"event_date": "2026-11-18", "notified_on": "2026-11-20", "addressee_no": 3}
SUPPORT = {
    "kind": "support",
    "category": "dv",
    "subjects": [2],
    "starts_on": "2026-11-20",
    "ends_on": "2027-11-19",
    "applicant": "渡邉 花子",
    "offender": "渡邉 太郎",
}


@pytest_asyncio.fixture(loop_scope="session")
async def base(database: Database, tenant: TenantRef) -> str:
    """A man (1) at his address; a woman (2) and a child (3) who moved in secretly elsewhere."""
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, FATHER)
        secret = {"town_code": TOWN, "block": BLOCK, "building": BUILDING}
        await record_move_in(
            session,
            {**MOTHER, "relationship": "02", "registered_domicile": f"ためし町{BLOCK}"},
            CHILD,
            address=secret,
            former_address=FORMER,
            note=f"{FORMER}から避難",
        )
    return f"/{tenant}/resident"


@pytest_asyncio.fixture(loop_scope="session")
async def supervisor(
    settings: Settings, database: Database, config: TenantConfig, tenant: TenantRef
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the person in charge, who may register, lift, release and see."""
    await save_account(database, config, "chief", "係長 一郎", "市民課", PASSWORD, ["resident_supervisor"])
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield await log_in(client, config.code, "chief")
    await app.state.gate.database.close()


async def protect(supervisor: httpx.AsyncClient, base: str, **values: Any) -> int:
    answer = await supervisor.post(f"{base}/protections", json={**SUPPORT, **values})
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["protection_no"]
    return number


def leaks(text: str) -> list[str]:
    """The secrets in an answer. The list of all 町字 to choose from, with their postcodes, tells nothing of anybody."""
    text = re.sub(r"<datalist.*?</datalist>", "", text, flags=re.DOTALL)
    text = re.sub(r'"towns":\[.*?\]', "", text, flags=re.DOTALL)
    return [secret for secret in SECRETS if secret in text]


async def test_the_address_stands_on_the_page_before_and_nowhere_after(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    assert BLOCK in (await client.get(f"{base}/persons/2", headers=HTML)).text
    await protect(supervisor, base)
    page = (await client.get(f"{base}/persons/2", headers=HTML)).text
    assert leaks(page) == []
    assert "支援措置の対象者です" in page
    assert BLOCK in (await supervisor.get(f"{base}/persons/2", headers=HTML)).text


async def test_whoever_shares_the_household_is_hidden_too(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    await protect(supervisor, base)
    assert leaks((await client.get(f"{base}/persons/3")).text) == []


def fill(path: str) -> list[str]:
    """An address for each person and household: other numbers are tried from 1 to 3."""
    names = re.findall(r"{(\w+)}", path)
    filled = []
    for number in (1, 2, 3):
        values = {name: str(number) for name in names} | {"code": OWN, "fiscal_year": "2026"}
        filled.append(path.format(**values))
    return filled


async def test_juki_047_no_route_of_the_application_shows_where_a_protected_person_lives(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    await protect(supervisor, base)
    app = client._transport.app  # type: ignore[attr-defined]
    asked = {
        "addressee_no": 2, "household_no": 2, "recipient_no": 2, "q": "渡邉", "removed": "true", "former": "true",
        "since": "2026-11-01", "until": "2026-12-31", "show": "open", "sort": "address",
    }  # fmt: skip
    queue = [
        f"{address}{query}"
        for path, methods in app.openapi()["paths"].items()
        if "get" in methods and path.startswith("/{code}")
        for address in fill(path)
        for query in ("", "?" + "&".join(f"{key}={value}" for key, value in asked.items()))
    ]
    assert len(queue) > 100
    links: set[str] = set()
    found, shown = [], 0
    for address in queue:
        for accept in ("text/html", "application/json"):
            answer = await client.get(address, headers={"accept": accept})
            shown += answer.status_code == 200
            found += [(address, secret) for secret in leaks(answer.text)]
            links |= {href.replace("&amp;", "&") for href in re.findall(r'href="(/[^"#]+)"', answer.text)}
    # What those pages lead to, one step further: addresses with filled-in forms, for example.
    for address in sorted(link for link in links - set(queue) if re.search(r"\b[23]\b", link))[:150]:
        found += [(address, secret) for secret in leaks((await client.get(address, headers=HTML)).text)]
    assert found == []
    assert shown > 60, "the walk reaches pages, not only refusals"


async def test_forms_that_come_back_with_errors_do_not_show_it_either(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    await protect(supervisor, base)
    app = client._transport.app  # type: ignore[attr-defined]
    paths = [
        path for path, methods in app.openapi()["paths"].items() if "post" in methods and path.startswith("/{code}")
    ]
    for path in paths:
        if path.endswith("/logout"):
            continue
        for address in fill(path):
            for kind in ("text/html", "application/json"):
                headers = {"accept": kind, "content-type": "application/json"}
                answer = await client.post(
                    address, json={"addressee_no": 2, "household": {"household_no": 2}}, headers=headers
                )
                assert leaks(answer.text) == [], address


@pytest.mark.parametrize("query", [f"q={BLOCK}", "q=999-0001", f"q=渡邉 {BLOCK}", f"address={BLOCK}&q=花子"])
async def test_com_008_a_search_for_the_place_answers_as_if_nobody_lived_there(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str, query: str
) -> None:
    await protect(supervisor, base)
    hits = [hit["addressee_no"] for hit in (await client.get(f"{base}/persons?{query}&former=true")).json()["persons"]]
    assert not {2, 3} & set(hits)


async def test_com_008_who_is_concealed_is_answered_like_nobody(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    await protect(supervisor, base, hides_from_search=True)
    found = (await client.get(f"{base}/persons?q=花子")).json()
    nobody = (await client.get(f"{base}/persons?q=不存")).json()
    assert (found["total"], found["persons"]) == (nobody["total"], nobody["persons"]) == (0, [])
    for path in ("persons", "households"):
        real, none = [await client.get(f"{base}/{path}/{number}") for number in (2, 99)]
        assert (real.status_code, real.json()) == (none.status_code, none.json())
    acts = []
    for number in (2, 99):
        body = {**DEATH, "household": {"household_no": number, "version": 1}}
        acts.append(await client.post(f"{base}/households/{number}/death", json=body))
    assert (acts[0].status_code, acts[0].json()) == (acts[1].status_code, acts[1].json()), (
        "an act tells no more than a page"
    )
    assert acts[0].status_code == 404
    assert (await supervisor.get(f"{base}/persons?q=花子")).json()["total"] == 1


async def test_juki_046_kind_period_scope_and_people_are_kept(
    supervisor: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    number = await protect(supervisor, base, whole_household=True, scope=["copy"])
    view = (await supervisor.get(f"{base}/protections/{number}")).json()
    assert [subject["addressee_no"] for subject in view["subjects"]] == [2, 3]
    shown = {fact["label"]: fact["value"] for fact in view["facts"]}
    assert (shown["区分"], shown["対象事務"], shown["加害者"]) == (
        "配偶者からの暴力（DV）",
        "住民票の写し等",
        "渡邉 太郎",
    )
    wrong = await supervisor.post(f"{base}/protections", json={**SUPPORT, "category": None, "ends_on": None})
    assert {error["field"] for error in wrong.json()["errors"]} == {"category", "ends_on"}
    async with database.read(tenant, SYSTEM) as session:
        stop = await facts.find_certificate_stop(session, 2, NOW.date())
        held = await facts.list_protections(session, 2, NOW.date())
    assert stop is not None
    assert stop.kind == "支援措置"
    assert [(fact.kind, fact.hides_address, fact.stops_issue) for fact in held] == [("support", True, True)]


async def test_juki_048_only_who_has_the_right_releases_and_it_is_recorded_by_whom_and_why(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    number = await protect(supervisor, base)
    for act in ("release", "lift"):
        assert (await client.post(f"{base}/protections/{number}/{act}", json={"reason": "x"})).status_code == 403
        assert (await supervisor.post(f"{base}/protections/{number}/{act}", json={})).status_code == 422
    lifted = {"reason": "本人に発行", "minutes": 10}
    assert (await supervisor.post(f"{base}/protections/{number}/lift", json=lifted)).status_code == 200
    async with database.read(tenant, SYSTEM) as session:
        assert await facts.find_certificate_stop(session, 2, now().date()) is None
    assert leaks((await client.get(f"{base}/persons/2")).text) == [], "a lift opens certificates, not the address"
    assert (
        await supervisor.post(f"{base}/protections/{number}/release", json={"reason": "申出により"})
    ).status_code == 200
    assert (await supervisor.post(f"{base}/protections/{number}/release", json={"reason": "x"})).status_code == 409
    assert BLOCK in (await client.get(f"{base}/persons/2")).text
    async with database.read(tenant, SYSTEM) as session:
        rows = await session.fetch(
            "SELECT action, staff, reason FROM audit_event WHERE action LIKE 'protection.%' AND reason <> '' ORDER BY seq"
        )
    assert [(row["action"], row["staff"], row["reason"]) for row in rows] == [
        ("protection.register", "chief", "登録"),
        ("protection.lift", "chief", "本人に発行"),
        ("protection.release", "chief", "申出により"),
    ]


async def test_com_048_each_sight_of_a_hidden_address_is_logged_apart(
    supervisor: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    await protect(supervisor, base)
    await supervisor.get(f"{base}/persons/2")
    async with database.read(tenant, SYSTEM) as session:
        rows = await session.fetch("SELECT DISTINCT staff, subject FROM audit_event WHERE action = 'protected.view'")
    assert ("chief", "addressee:2") in {(row["staff"], row["subject"]) for row in rows}


async def test_past_its_day_a_support_goes_on_and_reminds(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    number = await protect(supervisor, base, starts_on="2025-01-10", ends_on="2026-01-09")
    assert leaks((await client.get(f"{base}/persons/2")).text) == []
    due = (await supervisor.get(f"{base}/protections?show=due")).json()
    assert [row["protection_no"] for row in due["rows"]] == [number]
    renewed = await supervisor.post(
        f"{base}/protections/{number}/renew", json={"ends_on": "2099-01-09", "reason": "継続の申出"}
    )
    assert renewed.status_code == 200
    assert (await supervisor.get(f"{base}/protections?show=due")).json()["rows"] == []


async def test_juki_050_an_issue_stop_blocks_and_an_attention_note_only_shows(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    plain = {"category": None, "applicant": None, "ends_on": None, "offender": None}
    await protect(supervisor, base, **plain, kind="issue_stop", stops_issue=True, subjects=[1])
    await protect(supervisor, base, **plain, kind="attention", note="窓口では筆談で", subjects=[2])
    async with database.read(tenant, SYSTEM) as session:
        assert await facts.find_certificate_stop(session, 1, NOW.date()) is not None
        assert await facts.find_certificate_stop(session, 2, NOW.date()) is None
    page = (await client.get(f"{base}/persons/2")).json()
    assert [item["title"] for item in page["attention"]] == ["注意喚起"]
    assert "筆談" in page["attention"][0]["text"]
    assert page["person"]["address"] is not None


async def test_a_movement_stop_stops_every_movement_until_it_is_lifted(
    client: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str
) -> None:
    plain = {"category": None, "applicant": None, "ends_on": None, "offender": None}
    number = await protect(supervisor, base, **plain, kind="movement_stop", stops_movement=True, subjects=[3])
    body = {
        "household": {"household_no": 2, "version": 1},
        "event_date": "2026-11-20",
        "notified_on": "2026-11-20",
        "reason": "kana_confirmed",
        "members": [{"addressee_no": 3}],
    }
    refused = await client.post(f"{base}/households/2/family-register", json=body)
    assert refused.status_code == 422
    assert "異動停止中" in refused.json()["errors"][0]["message"]
    await supervisor.post(f"{base}/protections/{number}/lift", json={"reason": "裁判所の許可"})
    assert (await client.post(f"{base}/households/2/family-register", json=body)).status_code == 200


async def test_other_businesses_get_the_mask_and_who_has_the_right_gets_the_address(
    supervisor: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    await protect(supervisor, base)
    async with database.read(tenant, Principal("clerk")) as session:
        person = await facts.find_resident(session, 2)
        assert person is not None
        assert (person.address, person.postcode, person.building, person.is_hidden) == (HIDDEN_TEXT, None, None, True)
        rows = await session.fetch(
            "SELECT address, postcode, building, destination FROM fact_resident_period WHERE addressee_no > 1"
        )
        assert leaks(str([dict(row) for row in rows])) == []
        mail = await facts.find_mailing_address(session, 2)
        assert mail is not None
        assert (mail.address, mail.postcode, mail.building) == (HIDDEN_TEXT, None, None)
        for view in ("fact_resident", "fact_resident_version", "fact_resident_period", "fact_resident_sheet"):
            rows = await session.fetch(f"SELECT * FROM {view} WHERE addressee_no = 2")
            assert leaks(str([dict(row) for row in rows])) == [], view
            assert [row["town_code"] for row in rows] == [None] * len(rows)
    chief = Principal("chief", permissions=frozenset({"resident.protected.view"}))
    async with database.read(tenant, chief) as session:
        person, mail = await facts.find_resident(session, 2), await facts.find_mailing_address(session, 2)
        assert person is not None
        assert mail is not None
        assert person.address.endswith(BLOCK)
        assert mail.address.endswith(BLOCK), "a letter to herself arrives"
        assert [sheet.address for sheet in await facts.list_sheets(session, [2])] == [person.address]


async def test_who_stays_when_the_protected_person_has_left_is_not_stopped_and_who_went_along_is(
    supervisor: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    """The address is theirs alone by then; the 除票 of who went along names the same destination."""
    await protect(supervisor, base)

    async def stopped() -> set[int]:
        async with database.read(tenant, SYSTEM) as session:
            return set(await facts.find_certificate_stops(session, [1, 2, 3, 4], now().date()))

    async with database.write(tenant, SYSTEM) as session:
        body = {"household": {"household_no": 2, "version": 1}, "address": None, "former_address": "東京都"}
        spouse = {**FATHER, "name": "渡邉 次郎", "name_kana": "ワタナベ ジロウ", "relationship": "11"}
        await record_move_in(session, spouse, **body)
    assert await stopped() == {2, 3, 4}
    away = {
        "household": {"household_no": 2, "version": 2},
        "event_date": "2026-11-18",
        "notified_on": "2026-11-18",
        "destination": FORMER,
        "is_certain": True,
        "members": [{"addressee_no": 2}, {"addressee_no": 3}],
        "staying": [{"addressee_no": 4, "relationship": "02"}],
    }
    answer = await supervisor.post(f"{base}/households/2/move-out", json=away)
    assert answer.status_code == 200, answer.text
    assert await stopped() == {2, 3}
