"""`yoriai keys renew`: numbers are sealed anew with a new key, chunk by chunk, while the old key still opens the rest."""

from dataclasses import replace

import httpx
import pytest

from tests.conftest import OWN
from tests.resident.certificates.applications import text_of
from tests.resident.certificates.test_numbers import PDF, _give, _wish
from tests.resident.test_numbers import CODE, FIRST
from yoriai import registry
from yoriai.database.migrate import owner_connection
from yoriai.sealing import Unsealable, new_key
from yoriai.settings import Settings
from yoriai.tenancy import renewal
from yoriai.tenancy.ref import TenantRef
from yoriai.web.app import create_app


async def test_a_renewal_that_was_cut_off_goes_on_and_leaves_nothing_to_the_old_key(
    chief: httpx.AsyncClient, base: str, tenant: TenantRef, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _give(chief, tenant, 1, FIRST)
    await _give(chief, tenant, 1, CODE, kind="resident_code")
    made = await chief.post(f"{base}/requests", json=_wish(kind="individual", items=["my_number", "resident_code"]))
    (serial,) = (await chief.post(f"{base}/requests/{made.json()['request_no']}/issue", json={})).json()["serials"]
    old, new = settings.data_keys, new_key()
    before, after = old.partition(":")[0], new.partition(":")[0]
    assert renewal.count_keys(settings, tenant) == {before: 5}, (
        "two in the register, two on the certificate, an authenticator"
    )
    found = await chief.post(f"/{OWN}/resident/numbers", json=_query(FIRST))
    with pytest.raises(Unsealable):
        renewal.renew(replace(settings, data_keys=new), tenant)
    both = replace(settings, data_keys=f"{new},{old}")
    assert both.sealer.key_ids == (after, before)
    monkeypatch.setattr(renewal, "CHUNK", 1)

    def cut_off(table: str, rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        renewal.renew(both, tenant, cut_off)
    assert renewal.count_keys(both, tenant) == {before: 4, after: 1}, "the first chunk stays done"
    assert sum(renewal.renew(both, tenant).rows.values()) == 3
    assert renewal.count_keys(both, tenant) == {after: 5}
    assert sum(renewal.renew(both, tenant).rows.values()) == 0

    app = create_app(replace(settings, data_keys=new))
    headers = {"authorization": chief.headers["authorization"]}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=headers
    ) as without_old:
        again = await without_old.post(f"/{OWN}/resident/numbers", json=_query(FIRST))
        paper = await without_old.post(f"{base}/issues/{serial}/print", json={}, headers=PDF)
    await app.state.gate.database.close()
    assert (again.status_code, again.json()) == (found.status_code, found.json()), "found by its new fingerprint"
    assert f"{FIRST[:4]} {FIRST[4:8]} {FIRST[8:]}" in text_of(paper.content)


def test_every_column_that_looks_sealed_is_declared(settings: Settings, tenant: TenantRef) -> None:
    """A column that renewal does not know is lost with the old key."""
    with owner_connection(settings.admin_dsn, tenant.schema) as connection:
        names = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns c JOIN information_schema.tables t"
            " USING (table_schema, table_name) WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
            " AND column_name LIKE 'sealed%%' AND c.data_type = 'text'"
        ).all()
    declared = {(column.table, column.column) for column in renewal.sealed_columns()}
    assert {tuple(row) for row in names} <= declared
    assert len({part.name for part in registry.parts() if part.sealed}) == 5


def _query(number: str) -> dict[str, str]:
    return {"kind": "my_number", "number": number, "purpose": "照会"}
