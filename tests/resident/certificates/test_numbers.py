"""個人番号 and 住民票コード on the copy: asked for, permitted, with a purpose, sealed wherever they are kept (番号法)."""

from typing import Any

import httpx

from modules.resident.basic_register import service as register
from modules.resident.basic_register.movements.change_inputs import Reissue
from modules.resident.basic_register.movements.inputs import MoveOut
from tests.conftest import Installation
from tests.resident.certificates.applications import application, text_of
from tests.resident.people import NOW
from tests.resident.test_numbers import CODE, FIRST, entry
from yoriai.audit import SYSTEM
from yoriai.database.migrate import owner_connection
from yoriai.numbers import check_digit_of_my_number
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

SECOND = f"11122233344{check_digit_of_my_number('11122233344')}"
PDF = {"accept": "application/pdf"}


async def _give(chief: httpx.AsyncClient, tenant: TenantRef, addressee_no: int, number: str, **values: Any) -> None:
    body = entry(number, valid_from="2026-11-10", **values)
    answer = await chief.post(f"/{tenant}/resident/persons/{addressee_no}/numbers", json=body)
    assert answer.status_code == 200, answer.text


def _wish(**values: Any) -> dict[str, Any]:
    items = values.pop("items", ["my_number"])
    return application(items=items, purpose="銀行口座の届出（〇〇銀行）", **values)


async def test_numbers_are_printed_in_digits_and_kept_sealed(
    chief: httpx.AsyncClient, base: str, tenant: TenantRef, database: Database
) -> None:
    await _give(chief, tenant, 1, FIRST)
    await _give(chief, tenant, 1, CODE, kind="resident_code")
    body = _wish(kind="individual", items=["my_number", "resident_code"])
    made = await chief.post(f"{base}/requests", json=body)
    assert made.status_code == 200, made.text
    request = f"{base}/requests/{made.json()['request_no']}"
    digits = f"{FIRST[:4]} {FIRST[4:8]} {FIRST[8:]}"
    code = f"{CODE[:4]} {CODE[4:8]} {CODE[8:]}"
    assert digits in text_of((await chief.get(f"{request}/preview?as_pdf=true", headers=PDF)).content)
    (serial,) = (await chief.post(f"{request}/issue", json={})).json()["serials"]
    paper = text_of((await chief.post(f"{base}/issues/{serial}/print", json={}, headers=PDF)).content)
    assert digits in paper
    assert code in paper
    async with database.read(tenant, SYSTEM) as session:
        stored = await session.fetch("SELECT content FROM certificate_issue")
        trail = await session.fetch(
            "SELECT subject, reason, detail::text AS detail FROM audit_event WHERE action = 'number.view'"
        )
        everything = await session.fetch("SELECT reason, detail::text FROM audit_event")
    assert not [text for text in (FIRST, digits, CODE, code) if text in f"{stored}{everything}"]
    assert [(row["subject"], row["reason"]) for row in trail] == [("addressee:1", "銀行口座の届出（〇〇銀行）")] * 2


async def test_a_purpose_is_asked_and_a_third_party_gets_no_number(
    chief: httpx.AsyncClient, base: str, tenant: TenantRef
) -> None:
    await _give(chief, tenant, 1, FIRST)
    without = await chief.post(f"{base}/requests", json=application(kind="individual", items=["my_number"]))
    assert [error["field"] for error in without.json()["errors"]] == ["purpose"]
    stranger = {"asker": "third_party", "asker_name": "債権 太郎", "asker_address": "東京都", "has_proof": True}
    third = await chief.post(f"{base}/requests", json=_wish(kind="individual", **stranger))
    assert {error["field"] for error in third.json()["errors"]} == {"items"}


async def test_a_clerk_without_the_permission_sees_neither_preview_nor_paper(
    chief: httpx.AsyncClient, base: str, tenant: TenantRef, database: Database, config: Any, settings: Any
) -> None:
    from tests.conftest import PASSWORD, log_in
    from yoriai.commands.staff import save_account
    from yoriai.web.app import create_app

    await _give(chief, tenant, 1, FIRST)
    number = (await chief.post(f"{base}/requests", json=_wish(kind="individual"))).json()["request_no"]
    await save_account(database, config, "junior", "窓口 次郎", "市民課", PASSWORD, ["one_stop_clerk"])
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as other:
        junior = await log_in(other, config.code, "junior")
        assert (await junior.get(f"{base}/requests/{number}/preview")).status_code == 403
        assert (await junior.post(f"{base}/requests/{number}/issue", json={})).status_code == 403
        assert (await chief.post(f"{base}/requests/{number}/issue", json={})).status_code == 200
        assert (await junior.post(f"{base}/issues/1/print", json={}, headers=PDF)).status_code == 403
        refused = await junior.post(f"{base}/requests", json=_wish(kind="individual"))
        assert {error["field"] for error in refused.json()["errors"]} == {"items"}
    await app.state.gate.database.close()


async def test_who_has_no_number_yet_is_named_and_not_left_blank(
    chief: httpx.AsyncClient, base: str, tenant: TenantRef
) -> None:
    nobody = await chief.post(f"{base}/requests", json=_wish())
    assert "登録されていない" in nobody.json()["errors"][0]["message"]
    await _give(chief, tenant, 1, FIRST)
    await _give(chief, tenant, 2, SECOND)
    asked = await chief.post(f"{base}/requests", json=_wish())
    assert asked.status_code == 428
    assert "渡邉　さくら" in asked.json()["errors"][0]["message"]
    made = await chief.post(f"{base}/requests", json=_wish(confirmed=["unassigned:my_number"]))
    lines = (await chief.get(f"{base}/requests/{made.json()['request_no']}/preview")).json()["persons"]
    printed = [line["value"] for person in lines for line in person["lines"] if line["label"] == "個人番号"]
    assert printed == [
        f"{FIRST[:4]} {FIRST[4:8]} {FIRST[8:]}",
        f"{SECOND[:4]} {SECOND[4:8]} {SECOND[8:]}",
        "（未付番）",
    ]


async def test_a_number_changed_after_the_preview_is_not_issued_unseen(
    chief: httpx.AsyncClient, base: str, tenant: TenantRef
) -> None:
    await _give(chief, tenant, 1, FIRST)
    number = (await chief.post(f"{base}/requests", json=_wish(kind="individual"))).json()["request_no"]
    await _give(chief, tenant, 1, SECOND, reason="requested")
    assert (await chief.post(f"{base}/requests/{number}/issue", json={})).status_code == 409


async def test_the_departure_paper_says_how_everybody_stands_with_the_other_businesses(
    chief: httpx.AsyncClient, base: str, tenant: TenantRef, installation: Installation, database: Database
) -> None:
    with owner_connection(installation.admin_dsn, tenant.schema) as connection:
        connection.exec_driver_sql(
            "INSERT INTO nhi_enrolment (addressee_no, household_no, acquired_on, acquisition_reason)"
            " VALUES (1, 1, '2026-11-10', 'move_in')"
        )
        connection.exec_driver_sql(
            "INSERT INTO child_allowance_case (case_no, recipient_no, status, claimed_on, first_month, decided_on)"
            " VALUES (1, 2, 'paying', '2026-11-12', '2026-12-01', '2026-11-15')"
        )
        connection.exec_driver_sql(
            "INSERT INTO child_allowance_child (case_no, child_no, name, birth_date) VALUES (1, 3, '子', '2020-05-05')"
        )
    async with database.write(tenant, SYSTEM) as session:
        moving = {
            "event_date": "2026-12-10",
            "notified_on": "2026-11-20",
            "household": {"household_no": 1, "version": 1},
            "members": [{"addressee_no": number} for number in (1, 2, 3)],
            "destination": "東京都千代田区丸の内一丁目1番1号",
        }
        await register.record_move_out(session, MoveOut.model_validate(moving), NOW)
    without = ["unassigned:my_number", "unassigned:resident_code"]
    made = await chief.post(f"{base}/requests", json=application(kind="departure", items=[], confirmed=without))
    assert made.status_code == 200, made.text
    persons = (await chief.get(f"{base}/requests/{made.json()['request_no']}/preview")).json()["persons"]
    lines = {line["label"]: line["value"] for line in persons[0]["lines"]}
    asked = {lines[label] for label in ("続柄", "本籍", "住民票コード", "個人番号")}
    assert "（省略）" not in asked, "施行令23条 names them all, whatever was ticked"
    standings = [
        {line["label"]: line["value"] for line in person["lines"] if line["label"] in ("国民健康保険", "児童手当")}
        for person in persons
    ]
    assert standings == [
        {"国民健康保険": "被保険者である"},
        {"国民健康保険": "被保険者でない", "児童手当": "受給者である"},
        {"国民健康保険": "被保険者でない"},
    ]


async def test_juki_060_the_sheet_before_a_reissue_is_printed_as_it_stood_with_the_number_of_then(
    chief: httpx.AsyncClient, base: str, tenant: TenantRef, database: Database
) -> None:
    await _give(chief, tenant, 1, FIRST)
    async with database.write(tenant, SYSTEM) as session:
        remade = {
            "event_date": "2026-11-18",
            "notified_on": "2026-11-18",
            "household": {"household_no": 1, "version": 1},
            "ground": "様式の変更",
        }
        await register.record_reissue(session, Reissue.model_validate(remade), NOW)
    changed = entry(SECOND, reason="requested", valid_from="2026-11-19")
    assert (await chief.post(f"/{tenant}/resident/persons/1/numbers", json=changed)).status_code == 200
    body = _wish(kind="removed", sheet_from="2026-11-10")
    made = await chief.post(f"{base}/requests", json=body)
    assert made.status_code == 200, made.text
    page = (await chief.get(f"{base}/requests/{made.json()['request_no']}/preview")).json()
    values = {line["label"]: line["value"] for line in page["persons"][0]["lines"]}
    assert page["title"] == "改製原住民票の写し"
    assert values["個人番号"] == f"{FIRST[:4]} {FIRST[4:8]} {FIRST[8:]}"
    now = (await chief.post(f"{base}/requests", json=_wish(kind="individual"))).json()["request_no"]
    printed = (await chief.get(f"{base}/requests/{now}/preview")).json()["persons"][0]["lines"]
    assert f"{SECOND[:4]} {SECOND[4:8]} {SECOND[8:]}" in [line["value"] for line in printed]
