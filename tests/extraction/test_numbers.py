"""個人番号 in an extraction: a second person's approval, an encrypted file, its password once (COM-013)."""

import csv
import io

import httpx
import pytest
import pyzipper

from tests.extraction.conftest import LogIn
from tests.extraction.lists import PERSON, composed, condition, refused
from tests.resident.test_numbers import FIRST, entry
from yoriai.audit import SYSTEM
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

NUMBER = "resident.number"
LIST = {
    "base": PERSON,
    "joins": [{"view": NUMBER, "how": "inner", "by": "person"}],
    "items": [f"{PERSON}.name", f"{NUMBER}.my_number"],
    "purpose": "番号の確認",
    "name": "番号一覧",
}


@pytest.fixture
def at(tenant: TenantRef) -> str:
    """Where the extraction's addresses begin."""
    return f"/{tenant}/extraction"


async def _files(database: Database, tenant: TenantRef) -> int:
    async with database.read(tenant, SYSTEM) as session:
        count: int = await session.fetchval("SELECT count(*) FROM extraction_part")
    return count


async def test_nothing_is_output_until_another_person_approves_com_013(
    supervisor: httpx.AsyncClient, log_in_as: LogIn, base: str, at: str, database: Database, tenant: TenantRef
) -> None:
    assert (await supervisor.post(f"{base}/persons/1/numbers", json=entry(FIRST))).status_code == 200
    clerk = await log_in_as("ichi", "resident_clerk")
    chief = await log_in_as("kakari", "resident_supervisor")
    preview = (await clerk.post(f"{at}/preview", json=LIST)).json()["preview"]
    assert preview["rows"] == [["渡邉　太郎", "（承認後に出力）"]]
    number = (await clerk.post(f"{at}/runs", json=LIST)).json()["run_no"]
    await clerk.settle()
    page = (await clerk.get(f"{at}/runs/{number}")).json()["run"]
    assert (page["status"], page["rows_done"]) == ("approval", 0)
    assert await _files(database, tenant) == 0
    assert (await clerk.post(f"{at}/runs/{number}/file", json={})).status_code == 409
    assert (await clerk.post(f"{at}/runs/{number}/decision", json={"decision": "approve"})).status_code == 403

    assert (await chief.post(f"{at}/runs/{number}/decision", json={"decision": "approve"})).status_code == 200
    await chief.settle()
    assert (await chief.post(f"{at}/runs/{number}/file", json={})).status_code == 403
    assert (await chief.post(f"{at}/runs/{number}/password", json={})).status_code == 403
    answer = await clerk.post(f"{at}/runs/{number}/file", json={})
    assert answer.headers["content-type"] == "application/zip"
    assert FIRST.encode() not in answer.content
    shown = await clerk.post(f"{at}/runs/{number}/password", json={})
    password = shown.json()["password"]
    with pyzipper.AESZipFile(io.BytesIO(answer.content)) as archive:
        name = archive.namelist()[0]
        with pytest.raises(RuntimeError):
            archive.read(name)
        archive.setpassword(password.encode())
        rows = list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    assert rows == [["氏名", "個人番号"], ["渡邉　太郎", FIRST]]
    assert (await clerk.post(f"{at}/runs/{number}/password", json={})).status_code == 409
    async with database.read(tenant, SYSTEM) as session:
        kept = await session.fetchval("SELECT sealed_password FROM extraction_run")
        trail = [tuple(row) for row in await session.fetch(_TRAIL)]
        whole = await session.fetch("SELECT detail::text FROM audit_event")
    assert kept is None
    assert ("number.view", "addressee:1", "ichi", "番号の確認") in trail
    acts = [act for act, subject, *_ in trail if subject == f"extraction:{number}"]
    assert acts == [
        "extraction.request",
        "extraction.approve",
        "extraction.view",
        "extraction.made",
        "extraction.download",
        "extraction.password",
    ]
    assert not [row for row in whole if FIRST in row[0] or password in row[0]]


_TRAIL = "SELECT action, subject, staff, reason FROM audit_event ORDER BY seq"


async def test_nobody_approves_their_own_and_a_refusal_says_why(log_in_as: LogIn, base: str, at: str) -> None:
    chief = await log_in_as("kakari", "resident_supervisor")
    other = await log_in_as("betsu", "resident_supervisor")
    number = (await chief.post(f"{at}/runs", json=LIST)).json()["run_no"]
    own = await chief.post(f"{at}/runs/{number}/decision", json={"decision": "approve"})
    assert own.status_code == 403
    without = await other.post(f"{at}/runs/{number}/decision", json={"decision": "refuse"})
    assert [error["field"] for error in without.json()["errors"]] == ["note"]
    refusal = {"decision": "refuse", "note": "目的が足りない"}
    assert (await other.post(f"{at}/runs/{number}/decision", json=refusal)).status_code == 200
    page = (await chief.get(f"{at}/runs/{number}")).json()["run"]
    assert (page["status"], page["decision_note"]) == ("refused", "目的が足りない")
    assert (await other.post(f"{at}/runs/{number}/decision", json={"decision": "approve"})).status_code == 409


async def test_the_database_itself_wants_the_second_person(
    database: Database, tenant: TenantRef, log_in_as: LogIn, base: str, at: str
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    await clerk.post(f"{at}/runs", json=LIST)
    for change in ("status = 'waiting'", "status = 'waiting', approved_by = staff_id"):
        with pytest.raises(Exception, match="ck_extraction_run"):
            async with database.write(tenant, SYSTEM) as session:
                await session.fetch(f"UPDATE extraction_run SET {change} RETURNING run_no")


async def test_a_number_is_no_condition_no_order_and_no_group(log_in_as: LogIn, base: str, at: str) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    own = f"{NUMBER}.my_number"
    wrong = await refused(clerk, at, {**LIST, "conditions": [condition(own, "eq", FIRST)], "sort": [{"item": own}]})
    assert set(wrong) == {"conditions.0.operator", "sort.0.item"}
    assert set(await refused(clerk, at, {**LIST, "count": True})) == {"items.1"}


async def test_who_may_see_no_numbers_cannot_ask_for_them(log_in_as: LogIn, base: str, at: str) -> None:
    clerk = await log_in_as("zei", "tax_clerk", section="税務課")
    answer = await clerk.post(f"{at}/runs", json=LIST)
    assert answer.status_code == 422
    assert "個人番号を含む抽出を申請する権限がありません。" in answer.text
    assert composed("name")["base"] == PERSON
