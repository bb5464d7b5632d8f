"""Other systems pull what has changed as JSON (COM-062): with a scope, page by page, masked, audited, over TLS."""

import json

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.conftest import OTHER
from tests.exchange.conftest import SYSTEM_LOGIN
from tests.resident.test_protection import SECRETS, protect
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.errors import Conflict, Invalid
from yoriai.exchange.accounts import refuse_staff, role_for_systems, set_scopes
from yoriai.exchange.changes import list_changes, people_of, read_rows, refresh
from yoriai.exchange.data_sets import get_data_set
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database


async def test_com_062_changes_are_pulled_by_number_and_keep_to_the_published_schema(
    library: httpx.AsyncClient, supervisor: httpx.AsyncClient, base: str, tenant: TenantRef, bulk: BulkDatabase
) -> None:
    at = f"/{tenant.code}/exchange/data"
    (offered,) = (await library.get(at)).json()["data_sets"]
    assert (offered["name"], offered["purpose"]) == ("resident.person", "図書館カードの住所の確認")
    schema = Draft202012Validator(offered["row_schema"])

    first = (await library.get(f"{at}/resident.person?limit=2")).json()
    assert [row["key"] for row in first["rows"]] == ["1", "2"]
    assert first["has_more"]
    rest = (await library.get(f"{at}/resident.person", params={"since": first["next"]})).json()
    assert ([row["key"] for row in rest["rows"]], rest["has_more"]) == (["3"], False)
    for row in (*first["rows"], *rest["rows"]):
        schema.validate(row["values"])
        assert "my_number" not in json.dumps(row)
    assert first["rows"][0]["values"]["name"] == "渡邉　太郎"
    empty = (await library.get(f"{at}/resident.person", params={"since": rest["next"]})).json()
    assert (empty["rows"], empty["next"]) == ([], rest["next"])

    # Who becomes protected is given anew without the place, with whoever lives there too; who is concealed is gone.
    await protect(supervisor, base)
    hidden = (await library.get(f"{at}/resident.person", params={"since": rest["next"]})).json()
    assert {row["key"]: row["is_masked"] for row in hidden["rows"]} == {"2": True, "3": True}
    assert hidden["rows"][0]["values"]["address"] is None
    assert not [secret for secret in SECRETS if secret in json.dumps(hidden, ensure_ascii=False)]
    await protect(supervisor, base, subjects=[3], hides_from_search=True)
    gone = (await library.get(f"{at}/resident.person", params={"since": hidden["next"]})).json()
    assert [(row["key"], row["is_gone"], row["values"]) for row in gone["rows"]] == [
        ("2", True, None),
        ("3", True, None),
    ]

    with bulk.read(tenant) as session:
        seen = session.read(
            "SELECT staff, reason, detail::text AS detail FROM audit_event WHERE action = 'exchange.view' ORDER BY seq"
        ).rows()
    assert {(staff, reason) for staff, reason, _ in seen} == {(SYSTEM_LOGIN, "図書館カードの住所の確認")}
    assert [json.loads(detail)["persons"] for _, _, detail in seen] == [[1, 2], [3], [], [2, 3], [2, 3]]


async def test_a_system_account_reaches_its_data_sets_and_nothing_else(
    library: httpx.AsyncClient,
    supervisor: httpx.AsyncClient,
    tenant: TenantRef,
    database: Database,
    config: TenantConfig,
) -> None:
    at = f"/{tenant.code}/exchange/data"
    for path, status in (
        (f"{at}/resident.movement", 403),
        (f"{at}/resident.nothing", 404),
        (f"{at}/resident.person?since=-1", 422),
        (f"{at}/resident.person?limit=100000", 422),
        (f"/{tenant.code}/resident/persons?q=渡邉", 403),
        (f"/{tenant.code}/exchange/rows", 403),
        (f"/{OTHER}/exchange/data/resident.person", 404),
    ):
        assert (await library.get(path)).status_code == status, path
    token = library.headers.pop("authorization")
    assert (await library.get(f"{at}/resident.person")).status_code == 401
    library.headers["authorization"] = token
    async with database.write(tenant, SYSTEM) as session:
        with pytest.raises(Invalid) as wrong:
            await set_scopes(session, SYSTEM_LOGIN, ["resident.nobody"], " ", now())
        assert [error.field for error in wrong.value.fields] == ["data_set", "purpose"]
        assert await set_scopes(session, SYSTEM_LOGIN, [], "契約の終了", now()) == ["resident.person"]
        # A person's login does not become a system's by a slip.
        role = role_for_systems(config)
        for login in (SYSTEM_LOGIN, "new-system"):
            await refuse_staff(session, login, role)
        with pytest.raises(Conflict, match="職員"):
            await refuse_staff(session, "chief", role)
    assert (await library.get(f"{at}/resident.person")).status_code == 403


async def test_a_row_about_somebody_without_a_number_holds_no_data_set_up(
    base: str, tenant: TenantRef, database: Database
) -> None:
    data_set = get_data_set("child_allowance.child")
    async with database.write(tenant, SYSTEM) as session:
        await session.fetch(
            "INSERT INTO child_allowance_case (case_no, recipient_no, status, claimed_on, first_month, decided_on)"
            " VALUES (1, 2, 'paying', '2026-01-05', '2026-02-01', '2026-01-15') RETURNING case_no"
        )
        # The second child lives abroad.
        await session.fetch(
            "INSERT INTO child_allowance_child (case_no, child_no, name, birth_date)"
            " VALUES (1, 3, '子', '2020-05-05'), (1, NULL, '海外の子', '2022-05-05') RETURNING case_no"
        )
        highest = await refresh(session, data_set, now())
        assert [row["key"] for row in await list_changes(session, data_set, 0, highest, 10)] == ["3:1"]
        # Who is told of a child's 受給者 is told of two people.
        rows = await read_rows(session, data_set, [3], now().date())
        assert people_of([3], rows) == [2, 3]
