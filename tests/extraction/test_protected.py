"""People under 支援措置 in extractions (COM-015), and who has been in one (COM-042)."""

import re

import httpx
import pytest

from modules.resident.basic_register.protections.masking import HIDDEN_TEXT
from modules.resident.non_resident.inputs import Link, Registration
from modules.resident.non_resident.service import link, register
from tests.extraction.conftest import LogIn
from tests.extraction.lists import PERSON, composed, condition, refused, run, table
from tests.resident.people import NOW, TOWN
from tests.resident.test_non_resident import PERSON as PERSON_ELSEWHERE
from tests.resident.test_protection import BLOCK, BUILDING, SECRETS, protect
from yoriai.audit import SYSTEM
from yoriai.extraction.catalogue import all_views
from yoriai.extraction.views import Kind
from yoriai.settings import ROOT
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

_SEEN = """
SELECT detail->'persons' AS persons, reason, staff, terminal FROM audit_event WHERE action = 'extraction.view' ORDER BY seq"""
_SIGHTS = """
SELECT subject, reason, staff FROM audit_event WHERE action = 'protected.view' AND detail->>'as' LIKE 'extraction:%'
 ORDER BY seq"""


@pytest.fixture
def at(tenant: TenantRef) -> str:
    """Where the extraction's addresses begin."""
    return f"/{tenant}/extraction"


async def test_a_protected_persons_place_is_masked_and_cannot_be_asked_for_com_015(
    supervisor: httpx.AsyncClient, log_in_as: LogIn, base: str, at: str
) -> None:
    await protect(supervisor, base)
    clerk = await log_in_as("ichi", "resident_clerk")
    places = ("postcode", "town_code", "town_name", "address", "building", "previous_address", "registered_domicile")
    rows = await table(clerk, at, composed("addressee_no", "name", "household_no", *places))
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
    assert rows[2][1] == "渡邉　花子"
    assert rows[2][3:] == [HIDDEN_TEXT] * len(places)
    assert rows[2][2] == rows[3][2] == ""
    assert not [secret for secret in SECRETS[:3] if secret in str(rows)]
    for asked in (
        condition("town_code", "eq", TOWN),
        condition("address", "contains", BLOCK),
        condition("building", "not_empty"),
        condition("household_no", "ge", "1"),
    ):
        found = await table(clerk, at, composed("addressee_no", conditions=[asked]))
        assert {row[0] for row in found[1:]} <= {"1"}, asked
    counted = await table(clerk, at, composed("town_code", count=True))
    assert counted[1:] == [[TOWN, "1"], ["", "2"]]
    sorted_ = await table(clerk, at, composed("addressee_no", sort=[{"item": f"{PERSON}.address"}]))
    assert sorted_[1][0] == "1"
    through = composed("addressee_no", joins=[{"view": "nhi.levy", "how": "none", "by": "household"}])
    assert set(await refused(clerk, at, through)) == {"joins.0.view"}


async def test_who_may_not_even_be_found_is_left_out(
    supervisor: httpx.AsyncClient, log_in_as: LogIn, base: str, at: str
) -> None:
    await protect(supervisor, base, hides_from_search=True)
    clerk = await log_in_as("ichi", "resident_clerk")
    assert (await table(clerk, at, composed("addressee_no")))[1:] == [["1"]]
    assert (await table(clerk, at, composed(count=True)))[1:] == [["1"]]
    preview = (await clerk.post(f"{at}/preview", json=composed("addressee_no", "name"))).json()["preview"]
    assert preview["found"] == 1


async def test_no_row_of_somebody_else_names_who_may_not_even_be_found(
    supervisor: httpx.AsyncClient, log_in_as: LogIn, base: str, at: str, database: Database, tenant: TenantRef
) -> None:
    """A child's 受給者, and the number a 住登外 one is joined to; the same for the places behind such numbers (COM-015)."""
    async with database.write(tenant, SYSTEM) as session:
        await session.fetch(
            "INSERT INTO child_allowance_case (case_no, recipient_no, status, claimed_on, first_month, decided_on)"
            " VALUES (7, 2, 'paying', '2026-01-05', '2026-02-01', '2026-01-15') RETURNING 1"
        )
        await session.fetch(
            "INSERT INTO child_allowance_child (case_no, child_no, name, birth_date) VALUES (7, 1, '子', '2020-05-05') RETURNING 1"
        )
        body = {**PERSON_ELSEWHERE, "name": "渡邉 ハナコ", "address": f"広島市{BLOCK}", "building": BUILDING}
        other = (await register(session, Registration.model_validate(body), NOW)).addressee_no
        await link(session, other, Link(to_no=2, reason="同一人"), NOW)
    listed = {
        "child_allowance.child": ("child_no", "recipient_no", "case_no"),
        "non_resident.addressee": ("addressee_no", "representative_no", "address", "building"),
    }
    bodies = [composed(base=view, items=[f"{view}.{key}" for key in keys], joins=[]) for view, keys in listed.items()]
    clerk = await log_in_as("ichi", "welfare_clerk", "tax_clerk")
    await protect(supervisor, base)
    child, numbers = [await table(clerk, at, body) for body in bodies]
    assert child[1:] == [["1", "2", "7"]]
    assert numbers[-1] == [str(other), "2", HIDDEN_TEXT, HIDDEN_TEXT]
    await protect(supervisor, base, hides_from_search=True)
    child, numbers = [await table(clerk, at, body) for body in bodies]
    assert child[1:] == []
    assert [row[:2] for row in numbers[1:]] == [["1", "1"]]
    counted = composed(base="child_allowance.child", items=["child_allowance.child.recipient_no"], count=True)
    assert (await table(clerk, at, counted))[1:] == []
    chief = await log_in_as("chief", "welfare_clerk", "tax_clerk", "resident_supervisor")
    child, numbers = [await table(chief, at, body | {"reveals": True}) for body in bodies]
    assert child[1:] == [["1", "2", "7"]]
    assert BLOCK in numbers[-1][2]
    async with database.read(tenant, SYSTEM) as session:
        sights = {row["subject"] for row in await session.fetch(_SIGHTS)}
    assert sights >= {"addressee:2", f"addressee:{other}"}


async def test_only_who_holds_the_right_may_ask_for_places_and_each_sight_is_recorded(
    supervisor: httpx.AsyncClient, log_in_as: LogIn, base: str, at: str, database: Database, tenant: TenantRef
) -> None:
    await protect(supervisor, base, hides_from_search=True)
    clerk = await log_in_as("ichi", "resident_clerk")
    body = composed("addressee_no", "address", reveals=True)
    answer = await clerk.post(f"{at}/runs", json=body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["reveals"])
    chief = await log_in_as("chief", "resident_supervisor")
    assert (await table(chief, at, composed("addressee_no", "address")))[1:][0][0] == "1"
    rows = await table(chief, at, body)
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
    assert BLOCK in rows[2][1]
    async with database.read(tenant, SYSTEM) as session:
        sights = [tuple(row) for row in await session.fetch(_SIGHTS)]
    assert sights == [("addressee:2", "試験のため", "chief"), ("addressee:3", "試験のため", "chief")]


async def test_everybody_extracted_is_in_the_audit_chain_and_can_be_traced_com_042(
    supervisor: httpx.AsyncClient, log_in_as: LogIn, base: str, at: str, database: Database, tenant: TenantRef
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    made = await run(clerk, at, composed("name", conditions=[condition("sex", "eq", "2")]))
    async with database.read(tenant, SYSTEM) as session:
        seen = [dict(row) for row in await session.fetch(_SEEN)]
    assert [(row["persons"], row["reason"], row["staff"]) for row in seen] == [("[2, 3]", "試験のため", "ichi")]
    assert seen[0]["terminal"]
    assert made["people"] == made["rows_done"] == 2
    traced = (await supervisor.get(f"{at}/persons/3")).json()["runs"]
    assert [(each["run_no"], each["staff_id"], each["purpose"]) for each in traced] == [
        (made["run_no"], "ichi", "試験のため")
    ]
    assert (await supervisor.get(f"{at}/persons/1")).json()["runs"] == []
    assert (await clerk.get(f"{at}/persons/3")).status_code == 403


async def test_a_mass_extraction_is_told_to_who_supervises_com_047(
    supervisor: httpx.AsyncClient, log_in_as: LogIn, base: str, at: str, worker, database: Database, tenant: TenantRef
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    worker._config.document["extraction"] = {"mass_people": 3}
    try:
        made = await run(clerk, at, composed("name"))
    finally:
        del worker._config.document["extraction"]
    assert made["is_mass"]
    page = await supervisor.get(f"{at}/runs", headers={"accept": "text/html"})
    assert "大量の抽出が1件あります" in page.text
    async with database.read(tenant, SYSTEM) as session:
        told = await session.fetchval("SELECT detail->>'people' FROM audit_event WHERE action = 'extraction.mass'")
    assert told == "3"


_PLACES = re.compile(r"address|postcode|town|building|household_no|domicile|register_head|destination|district|school_")


def test_whatever_tells_where_somebody_lives_is_marked_in_every_business() -> None:
    """An item that a new business forgets to mark would show what the register hides."""
    keys = {f"{view.name}.{item.key}": item for view in all_views().values() if view.person for item in view.items}
    assert len(keys) > 80
    told = {key for key, item in keys.items() if _PLACES.search(item.key) and item.kind is not Kind.NUMBER}
    told |= {key for key in keys if key.endswith(".household_no")}
    assert {key for key in told if not keys[key].is_place} == set()


def test_whoever_else_a_row_names_is_declared_in_every_business() -> None:
    """A 宛名番号 that is not the row's own person and is not declared would name who may not even be found."""
    numbers = {
        f"{view.name}.{item.key}": (item.column or item.key) in (view.person, *view.others)
        for view in all_views().values()
        for item in view.items
        if "宛名番号" in item.label
    }
    assert len(numbers) > 8
    assert [key for key, is_declared in numbers.items() if not is_declared] == []


def test_only_the_extraction_reads_the_views_that_hide_nothing() -> None:
    """The views `extract_…` say where protected people live; the veil is put over them in one place."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("platform", "modules", "batch", "demo")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
        and re.search(r"\bextract_(resident|movement|number)\b", path.read_text("utf-8"))
    }
    assert readers == {"modules/resident/basic_register/extraction.py"}
