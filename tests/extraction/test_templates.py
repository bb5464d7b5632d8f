"""ひな形: saved, shared within a section, copied (COM-012); given to other municipalities as a definition, never data."""

import json

import pytest

from tests.conftest import OTHER, Installation
from tests.extraction.conftest import LogIn
from tests.extraction.lists import composed, condition, refused, run
from yoriai.audit import SYSTEM
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

NAMED = [
    condition("name", "eq", "渡邉　太郎"),
    condition("age", "ge", "65"),
    condition("sex", "eq", "1"),
    condition("address", "contains", "1番2号"),
]


@pytest.fixture
def at(tenant: TenantRef) -> str:
    """Where the extraction's addresses begin."""
    return f"/{tenant}/extraction"


async def test_a_colleague_opens_and_runs_what_the_section_shares_com_012(log_in_as: LogIn, base: str, at: str) -> None:
    maker = await log_in_as("ichi", "resident_clerk")
    mate = await log_in_as("ni", "resident_clerk")
    outside = await log_in_as("zei", "tax_clerk", section="税務課")
    body = composed("name", conditions=[condition("sex", "eq", "2")], sharing="section", name="女性の一覧")
    number = (await maker.post(f"{at}/templates", json=body)).json()["template_no"]
    opened = (await mate.get(f"{at}/templates/{number}")).json()["initial"]
    assert opened["conditions"][0]["value"] == "2"
    assert (await outside.get(f"{at}/templates/{number}")).status_code == 404
    made = await run(mate, at, body)
    assert made["rows_done"] == 2
    copied = (await mate.post(f"{at}/templates/{number}/copy", json={})).json()["template_no"]
    shown = {each["template_no"]: each for each in (await mate.get(f"{at}/")).json()["templates"]}
    assert shown[copied]["copied_from"] == "市民課 職員 ichi「女性の一覧」"
    assert not shown[number]["is_own"]
    assert shown[copied]["is_own"]
    edit = {**body, "template_no": number, "version": 1}
    assert (await mate.post(f"{at}/templates", json=edit)).status_code == 403
    assert (await mate.post(f"{at}/templates/{number}/delete", json={})).status_code == 403


async def test_two_windows_do_not_overwrite_each_other(log_in_as: LogIn, base: str, at: str) -> None:
    maker = await log_in_as("ichi", "resident_clerk")
    number = (await maker.post(f"{at}/templates", json=composed("name"))).json()["template_no"]
    edit = composed("name", "sex", template_no=number, version=1)
    assert (await maker.post(f"{at}/templates", json=edit)).status_code == 200
    assert (await maker.post(f"{at}/templates", json=edit)).status_code == 409
    assert (await maker.post(f"{at}/templates/{number}/delete", json={})).status_code == 200
    assert (await maker.get(f"{at}/templates/{number}")).status_code == 404


async def test_a_definitions_file_names_nobody_and_can_be_taken_in(log_in_as: LogIn, base: str, at: str) -> None:
    maker = await log_in_as("ichi", "resident_clerk")
    body = composed("name", conditions=NAMED, name="ある人")
    number = (await maker.post(f"{at}/templates", json=body)).json()["template_no"]
    text = (await maker.get(f"{at}/templates/{number}/file")).text
    assert "渡邉" not in text
    assert "1番2号" not in text
    values = [each["value"] for each in json.loads(text)["definition"]["conditions"]]
    assert values == ["？", "65", "1", "？"]
    taken = (await maker.post(f"{at}/import", json={"file": text})).json()["template_no"]
    opened = (await maker.get(f"{at}/templates/{taken}")).json()["initial"]
    wrong = await refused(maker, at, {key: opened[key] for key in ("base", "items", "conditions")})
    assert set(wrong) == {"conditions.0.value", "conditions.3.value"}
    for bad in ("{", "[]", json.dumps({"form": "x"}), text.replace('"base"', '"sql"')):
        assert (await maker.post(f"{at}/import", json={"file": bad})).status_code == 422, bad


async def test_the_shelf_is_read_by_all_and_written_in_ones_own_name_only(
    log_in_as: LogIn,
    base: str,
    at: str,
    database: Database,
    tenant: TenantRef,
    other_tenant: TenantRef,
    installation: Installation,
) -> None:
    maker = await log_in_as("kakari", "resident_supervisor")
    number = (await maker.post(f"{at}/templates", json=composed("name", conditions=NAMED, name="65歳以上"))).json()[
        "template_no"
    ]
    shelved = (await maker.post(f"{at}/shelf", json={"template_no": number, "note": "敬老会"})).json()["shelf_no"]
    try:
        neighbour = await log_in_as("tonari", "resident_clerk", place=installation.configs[OTHER])
        there = f"/{other_tenant}/extraction"
        found = (await neighbour.get(f"{there}/shelf")).json()["shelved"]
        assert [(each["shelf_no"], each["code"], each["note"]) for each in found] == [(shelved, tenant.code, "敬老会")]
        assert "渡邉" not in str(found)
        taken = (await neighbour.post(f"{there}/shelf/{shelved}/take", json={})).json()["template_no"]
        assert (await neighbour.get(f"{there}/templates/{taken}")).status_code == 200
        assert (await neighbour.get(f"{at}/runs")).status_code == 404
        async with database.write_own_rows(other_tenant, SYSTEM) as session:
            assert (
                await session.fetchval("DELETE FROM extraction_shelf WHERE shelf_no = $1 RETURNING 1", shelved) is None
            )
        add = (
            "INSERT INTO extraction_shelf (code, municipality, name, note, definition, published_at)"
            " VALUES ($1, 'x', 'x', 'x', '{}', now()) RETURNING shelf_no"
        )
        with pytest.raises(Exception, match="row-level security"):
            async with database.write_own_rows(other_tenant, SYSTEM) as session:
                await session.fetchval(add, tenant.code)
        with pytest.raises(Exception, match="permission denied"):
            async with database.write_own_rows(tenant, SYSTEM) as session:
                await session.fetchval("UPDATE extraction_shelf SET name = 'x' RETURNING 1")
    finally:
        assert (await maker.post(f"{at}/shelf/{shelved}/withdraw", json={})).status_code == 200
    async with database.read(tenant, SYSTEM) as session:
        acts = [
            row["action"]
            for row in await session.fetch("SELECT action FROM audit_event WHERE subject LIKE 'shelf:%' ORDER BY seq")
        ]
    assert acts == ["extraction.publish", "extraction.withdraw"]
