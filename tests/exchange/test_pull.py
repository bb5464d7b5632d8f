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
from yoriai.errors import Invalid
from yoriai.exchange.accounts import set_scopes
from yoriai.tenancy.bulk import BulkDatabase
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
    library: httpx.AsyncClient, tenant: TenantRef, database: Database
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
    assert (await library.get(f"{at}/resident.person")).status_code == 403
