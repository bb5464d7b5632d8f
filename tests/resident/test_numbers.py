"""個人番号 and 住民票コード: sealed, checked, found, changed, and every sight with its purpose."""

import httpx

from modules.resident.basic_register.numbers.kinds import check_digit_of_resident_code
from tests.resident.certificates.applications import text_of
from tests.resident.test_protection import base, protect, supervisor
from yoriai.audit import SYSTEM
from yoriai.numbers import check_digit_of_my_number
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

__all__ = ["base", "supervisor"]


def my_number(text: str) -> str:
    return f"{text}{check_digit_of_my_number(text)}"


FIRST, SECOND = my_number("01234567890"), my_number("98765432101")
CODE = f"1234567890{check_digit_of_resident_code('1234567890')}"


def entry(number: str, **values: object) -> dict[str, object]:
    return {"kind": "my_number", "number": number, "reason": "assigned", "valid_from": "2026-11-20", **values}


async def test_a_number_is_sealed_and_shown_for_a_purpose_only(
    supervisor: httpx.AsyncClient, client: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    address = f"{base}/persons/1/numbers"
    assert (await supervisor.post(address, json=entry(FIRST))).status_code == 200
    async with database.read(tenant, SYSTEM) as session:
        stored = await session.fetch("SELECT sealed, fingerprint FROM person_number")
        outbox = await session.fetch("SELECT payload::text FROM outbox_event")
        trail = await session.fetch("SELECT detail::text FROM audit_event")
    assert FIRST not in str([dict(row) for row in (*stored, *outbox, *trail)])
    assert FIRST not in (await supervisor.get(address)).text
    assert (await supervisor.post(f"{address}/sight", json={})).status_code == 422
    seen = await supervisor.post(f"{address}/sight", json={"purpose": "カードの交付"})
    assert [row["number"] for row in seen.json()["rows"]] == [FIRST]
    for path in (address, f"{address}/sight"):
        answer = await (client.get(path) if path == address else client.post(path, json={"purpose": "x"}))
        assert answer.status_code == 403
    async with database.read(tenant, SYSTEM) as session:
        row = await session.fetchrow("SELECT staff, subject, reason FROM audit_event WHERE action = 'number.view'")
    assert row is not None
    assert (row["staff"], row["subject"], row["reason"]) == ("chief", "addressee:1", "カードの交付")


async def test_juki_030_a_wrong_check_digit_blocks_and_an_unconfirmed_rule_asks(
    supervisor: httpx.AsyncClient, base: str
) -> None:
    wrong = FIRST[:-1] + str((int(FIRST[-1]) + 1) % 10)
    answer = await supervisor.post(f"{base}/persons/1/numbers", json=entry(wrong))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "number")
    odd = CODE[:-1] + str((int(CODE[-1]) + 1) % 10)
    body = entry(odd, kind="resident_code")
    answer = await supervisor.post(f"{base}/persons/1/numbers", json=body)
    assert answer.status_code == 428
    confirmed = [answer.json()["errors"][0]["rule"]]
    assert (
        await supervisor.post(f"{base}/persons/1/numbers", json={**body, "confirmed": confirmed})
    ).status_code == 200


async def test_juki_032_a_code_is_assigned_changed_and_corrected_with_its_history_and_notice(
    supervisor: httpx.AsyncClient, base: str
) -> None:
    address = f"{base}/persons/1/numbers"
    second = f"5555555555{check_digit_of_resident_code('5555555555')}"
    assert (
        await supervisor.post(address, json=entry(CODE, kind="resident_code", reason="requested"))
    ).status_code == 422
    assert (await supervisor.post(address, json=entry(CODE, kind="resident_code"))).status_code == 200
    assert (await supervisor.post(address, json=entry(second, kind="resident_code"))).status_code == 422
    changed = entry(second, kind="resident_code", reason="requested")
    assert (await supervisor.post(address, json=changed)).status_code == 200
    rows = (await supervisor.post(f"{address}/sight", json={"purpose": "確認"})).json()["rows"]
    assert [(row["number"], row["reason"], row["is_ended"]) for row in rows] == [
        (second, "請求による変更", False),
        (CODE, "付番", True),
    ]
    printed = await supervisor.post(
        f"{address}/notice", json={"purpose": "通知"}, headers={"accept": "application/pdf"}
    )
    notice = text_of(printed.content)
    assert f"{second[:4]} {second[4:8]} {second[8:]}" in notice
    assert "第30条の4の規定による請求に基づき" in notice
    assert CODE[:4] not in notice
    assert (await supervisor.post(f"{base}/persons/3/numbers/notice", json={"purpose": "通知"})).status_code == 404


async def test_a_number_belongs_to_one_person(supervisor: httpx.AsyncClient, base: str) -> None:
    await supervisor.post(f"{base}/persons/1/numbers", json=entry(FIRST))
    answer = await supervisor.post(f"{base}/persons/2/numbers", json=entry(FIRST))
    assert "別の人" in answer.json()["errors"][0]["message"]


async def test_a_person_is_found_by_the_number_and_the_search_keeps_its_purpose(
    supervisor: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    await supervisor.post(f"{base}/persons/2/numbers", json=entry(SECOND))
    query = {"kind": "my_number", "number": SECOND, "purpose": "窓口での本人確認"}
    assert (await supervisor.post(f"{base}/numbers", json=query)).json()["holder"]["addressee_no"] == 2
    assert (await supervisor.post(f"{base}/numbers", json={**query, "number": FIRST})).json()["holder"] is None
    async with database.read(tenant, SYSTEM) as session:
        rows = await session.fetch(
            "SELECT subject, reason FROM audit_event WHERE action = 'number.search' ORDER BY seq"
        )
    assert [(row["subject"], row["reason"]) for row in rows] == [
        ("addressee:2", "窓口での本人確認"),
        ("", "窓口での本人確認"),
    ]


async def test_numbers_of_hidden_people_are_read_by_who_may_and_the_page_hides_the_address(
    supervisor: httpx.AsyncClient, base: str
) -> None:
    await protect(supervisor, base)
    assert (await supervisor.get(f"{base}/persons/2/numbers", headers={"accept": "text/html"})).status_code == 200
