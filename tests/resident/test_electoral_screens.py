"""The screens and the JSON of 選挙人名簿 come from the same handlers; every address is walked."""

import io
import re
from datetime import date, timedelta
from typing import Any

import httpx
import pypdf
import pytest
import pytest_asyncio

from modules.resident.electoral_roll.districts import check_settings, division_on
from tests.cases.published import load_cases
from tests.conftest import PASSWORD, log_in
from tests.resident.voters import SETTINGS, night, person, rows, settle, with_settings
from yoriai import registry
from yoriai.clock import today
from yoriai.commands.staff import save_account
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database

HTML = {"accept": "text/html"}


@pytest_asyncio.fixture(loop_scope="session")
async def clerk(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig, monkeypatch: pytest.MonkeyPatch
) -> httpx.AsyncClient:
    """A clerk who may do everything."""
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))
    await save_account(database, config, "poll", "選挙 花子", "選挙管理委員会", PASSWORD, ["election_clerk"])
    return await log_in(anonymous, config.code, "poll")


async def _screen(clerk: httpx.AsyncClient, path: str) -> str:
    answer = await clerk.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text[-1500:]
    return answer.text


async def _post(clerk: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    return await clerk.post(path, data={"action": "submit", **form}, headers=HTML)


@pytest_asyncio.fixture(loop_scope="session")
async def election(clerk: httpx.AsyncClient, database: Database, bulk: BulkDatabase, config: TenantConfig) -> str:
    """An election whose early voting is running today, made on the screen, fixed by the night; its address."""
    await settle(database, config, "2025-05-01", person("画名一"))
    await settle(database, config, "2025-05-01", person("画名二", sex="2"))
    now = today()
    made = await _post(
        clerk,
        f"/{config.code}/electoral_roll/elections",
        name="ためし市長選挙",
        kind="municipal",
        notice_on=str(now - timedelta(days=1)),
        vote_on=str(now + timedelta(days=5)),
        early_from=str(now),
    )
    assert made.status_code == 303, made.text[-1500:]
    for job in ("election", "fix"):
        night(bulk, config, job, str(now))
    return made.headers["location"]


async def test_a_voter_is_received_on_screen_and_the_second_time_is_refused(
    clerk: httpx.AsyncClient, election: str, bulk: BulkDatabase, config: TenantConfig
) -> None:
    page = await _screen(clerk, election)
    assert "ためし市長選挙" in page
    assert "名簿確定" in page
    place = config.settings("electoral_roll")["early_voting"][0]["code"]
    counter = await _screen(clerk, f"{election}/reception?kind=early&place={place}&q=画名")
    assert counter.count("受け付ける</button>") == 2
    (entry,) = rows(bulk, config, "SELECT entry_no FROM electoral_voter ORDER BY card_no LIMIT 1")[0]
    form = {"entry_no": str(entry), "kind": "early", "place_code": place, "reason": "work", "q": "画名"}
    done = await _post(clerk, f"{election}/ballots", **form)
    assert done.status_code == 303, done.text[-1500:]
    assert "取り消す</button>" in await _screen(clerk, done.headers["location"])
    again = await _post(clerk, f"{election}/ballots", **form)
    assert again.status_code == 409
    assert "すでに期日前投票を済ませています" in again.text
    (ballot,) = rows(bulk, config, "SELECT id FROM electoral_ballot")[0]
    base = f"/{config.code}/electoral_roll"
    assert (await _post(clerk, f"{base}/ballots/{ballot}/cancel")).status_code == 422
    undone = await _post(clerk, f"{base}/ballots/{ballot}/cancel", cancel_reason="人違い")
    assert undone.status_code == 303
    assert "人違い" in await _screen(clerk, undone.headers["location"])


async def test_every_screen_opens_and_answers_json_too(
    clerk: httpx.AsyncClient, election: str, bulk: BulkDatabase, config: TenantConfig
) -> None:
    base = f"/{config.code}/electoral_roll"
    entry, number = rows(bulk, config, "SELECT entry_no, addressee_no FROM electoral_entry ORDER BY entry_no LIMIT 1")[
        0
    ]
    paths = [
        f"{base}/entries?q=画名&status=registered",
        f"{base}/entries/{entry}",
        f"{base}/people/{number}",
        f"{base}/people/{number}?base_on=R8.3.1",
        f"{base}/changes?first=R8.1.1&last=R9.12.31",
        f"{base}/statistics",
        f"{base}/elections",
        election,
        f"{election}/reception?kind=day&place=00&q=画",
        f"{election}/absentees",
        f"{election}/polling-list?district=00",
        f"{base}/inspections",
        f"{base}/overseas",
        f"{base}/certificates",
        f"{base}/regular-changes",
    ]
    for path in paths:
        assert "</html>" in await _screen(clerk, path)
        assert (await clerk.get(path)).headers["content-type"] == "application/json", path
    assert "画名" in await _screen(clerk, f"{base}/entries?q=画名")
    assert "選挙人名簿" in await _screen(clerk, f"/{config.code}/resident/persons/{number}")


async def test_cards_and_lists_come_as_pdf_and_are_recorded(
    clerk: httpx.AsyncClient, election: str, bulk: BulkDatabase, config: TenantConfig
) -> None:
    district, entry = rows(bulk, config, "SELECT district_code, entry_no FROM electoral_voter LIMIT 1")[0]
    made = await _post(clerk, f"{election}/cards", on=str(today()), sort="roll")
    assert made.status_code == 303, made.text[-1500:]
    assert "作成待ち" not in await _screen(clerk, election)
    assert (await clerk.get(f"{election}/cards/1.pdf")).status_code == 404
    for job in ("card_list", "card_print"):
        night(bulk, config, job, str(today()))
    assert f"{election}/cards/1.pdf" in await _screen(clerk, election)
    for answer in (
        await clerk.get(f"{election}/cards/1.pdf"),
        await _post(clerk, f"{election}/card", entry_no=str(entry)),
        await clerk.get(f"{election}/polling-list.pdf?district={district}"),
    ):
        assert answer.status_code == 200, answer.text[-500:]
        assert answer.content.startswith(b"%PDF")
    printed = "SELECT kind, count(*) AS n FROM electoral_card_print GROUP BY 1 ORDER BY 1"
    assert rows(bulk, config, printed) == [("bulk", 2), ("single", 1)]
    assert (await _post(clerk, f"{election}/cards", on=str(today()))).status_code == 409
    assert (await _post(clerk, f"{election}/cards/changes", card="1", act="pull", note="死亡")).status_code == 409
    postcodes = await clerk.get(f"{election}/postcodes.csv")
    assert postcodes.content.decode("utf-8-sig").splitlines()[1:] == ["9990001,2"]


async def test_what_a_clerk_records_beside_the_roll_goes_through_the_forms(
    clerk: httpx.AsyncClient, election: str, bulk: BulkDatabase, config: TenantConfig
) -> None:
    base = f"/{config.code}/electoral_roll"
    (number,) = rows(bulk, config, "SELECT addressee_no FROM electoral_entry ORDER BY entry_no LIMIT 1")[0]
    now = str(today())
    first = next(iter(config.settings("electoral_roll")["polling_districts"][0]["districts"]))
    district, town = first["code"], first["areas"][0]["town"]
    posts = {
        "suspensions": {"addressee_no": str(number), "article": "252", "from_on": now, "until_on": "R20.1.1"},
        "cares": {"addressee_no": str(number), "is_protected": "true", "from_on": now},
        "certificates": {"addressee_no": str(number), "basis": "disability", "issued_on": now},
        "inspections": {
            "requested_on": now,
            "applicant": "ためし党",
            "purpose": "political",
            "detail": "政治活動",
            "districts[]": district,
            "is_granted": "true",
        },
        "overseas": {
            "name": "在外 太郎",
            "name_kana": "ザイガイ タロウ",
            "birth_date": "S50.1.1",
            "sex": "1",
            "last_address": f"{config.full_name}{town}1番",
            "country": "ためし国",
            "consulate": "在ためし総領事館",
            "applied_on": now,
            "registered_on": now,
        },
        f"elections/{election.rsplit('/', 1)[1]}/absentees": {
            "card": "2",
            "method": "facility",
            "place": "ためし病院",
            "requested_on": now,
        },
    }
    for path, form in posts.items():
        answer = await _post(clerk, f"{base}/{path}", **form)
        assert answer.status_code == 303, (path, answer.text[-1500:])
        assert "</html>" in await _screen(clerk, answer.headers["location"])
    assert "公職選挙法252条" in await _screen(clerk, f"{base}/people/{number}")
    listed = await _screen(clerk, f"{base}/inspections/1/list")
    assert "閲覧を終えたことを記録する" in listed
    requests = await _screen(clerk, f"{base}/inspections")
    shown = await clerk.get(f"{base}/inspections/1/list.pdf")
    paper = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(shown.content)).pages)
    for text in (requests, listed, paper):
        assert posts["inspections"]["detail"] in text
        assert "投票区" in text
    assert "選挙管理委員会" in paper
    assert not {"フリガナ", "備考"} & set(paper.split()), "what an inspection does not show has no empty column"
    total = re.search(r'name="total" value="(\d+)"', listed)
    assert total is not None
    assert (await _post(clerk, f"{base}/inspections/1/done", total=str(int(total[1]) + 1))).status_code == 409
    assert (await _post(clerk, f"{base}/inspections/1/done", total=total[1])).status_code == 303
    assert (await _post(clerk, f"{base}/overseas/1/acts", act="returned", on=now)).status_code == 303
    abroad = await _screen(clerk, f"{base}/overseas")
    assert all(text in abroad for text in ("に抹消", "ザイガイ", posts["overseas"]["last_address"], first["name"]))
    sent = await _post(clerk, f"{base}/absentees/1/acts", act="send", on=now, version="1")
    assert sent.status_code == 303
    unsaid = await _post(clerk, f"{base}/absentees/1/undo", undo_reason="", version="2")
    assert unsaid.status_code == 422
    assert "取り消す理由" in unsaid.text
    undone = await _post(clerk, f"{base}/absentees/1/undo", undo_reason="別の人の分", version="2")
    assert "交付の取消し: 別の人の分" in await _screen(clerk, undone.headers["location"])


async def test_mistakes_come_back_at_their_fields(
    clerk: httpx.AsyncClient, election: str, bulk: BulkDatabase, config: TenantConfig
) -> None:
    base = f"/{config.code}/electoral_roll"
    (number,) = rows(bulk, config, "SELECT addressee_no FROM electoral_entry ORDER BY entry_no LIMIT 1")[0]
    wrong = {
        "elections": (
            {"name": "x", "kind": "municipal", "notice_on": "R8.13.1", "vote_on": "R8.1.1"},
            "f-notice_on-error",
        ),
        "suspensions": (
            {"addressee_no": str(number), "article": "11", "from_on": "あす"},
            "f-suspensions-from_on-error",
        ),
        "corrections": ({"addressee_no": str(number)}, "すでに名簿に登録されています"),
        "certificates": ({"addressee_no": "999", "basis": "care", "issued_on": "R8.1.1"}, "f-expires_on-error"),
        "overseas": ({"name": "在外 花子"}, "f-country-error"),
    }
    for path, (form, expected) in wrong.items():
        answer = await _post(clerk, f"{base}/{path}", **form)
        assert answer.status_code == 422, path
        assert expected in answer.text, path


async def test_a_clerk_without_the_permission_is_refused(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    await save_account(database, config, "gate", "受付 一郎", "投票所", PASSWORD, ["polling_clerk"])
    client = await log_in(anonymous, config.code, "gate")
    base = f"/{config.code}/electoral_roll"
    assert (await client.get(f"{base}/elections")).status_code == 200
    assert (await client.post(f"{base}/elections", json={})).status_code == 403
    assert (await client.get(f"{base}/elections/1/polling-list?district=01")).status_code == 403


def test_overlapping_districts_are_refused_with_their_place(config: TenantConfig) -> None:
    area = {"town": "北ためし町", "from": 5, "until": 8}
    place = {"name": "x", "address": "x"}
    two = [
        {"code": "01", "name": "1", "place": place, "areas": [{"town": "北ためし町", "until": 6}]},
        {"code": "01", "name": "2", "place": place, "areas": [area]},
    ]
    divisions = [*SETTINGS["polling_districts"], {"from": "2027-01-01", "districts": two}]
    future = with_settings(config, polling_districts=divisions)
    found = {(error.field, error.rule) for error in check_settings(future.settings("electoral_roll"))}
    assert found == {
        ("polling_districts[1].districts[1].areas[0]", "overlap"),
        ("polling_districts[1].districts[1].code", "duplicate"),
    }
    # A new division for a coming election leaves the present one as it is.
    assert division_on(future, date(2026, 12, 31)).district_of("北ためし町5番") == "01"
    assert len(division_on(future, date(2027, 1, 1)).areas["北ためし町"]) == 2
    assert len(division_on(future, date(2026, 12, 31)).areas["北ためし町"]) == 1


@pytest.mark.parametrize("case", load_cases("welfare.json", "senkyo-"), ids=lambda case: case["id"])
async def test_the_published_cases_come_out_of_the_api_as_well(
    clerk: httpx.AsyncClient, database: Database, config: TenantConfig, case: dict[str, Any]
) -> None:
    given = case["inputs"]
    home = await settle(database, config, given["move_in_notified"], person("例名一"))
    path = f"/{config.code}/electoral_roll/people/{home.addressee_nos[0]}?base_on={given['reference_date']}"
    answer = (await clerk.get(path)).json()
    assert answer["is_registrable"] is case["expected"]["registrable_at_new_address"]
