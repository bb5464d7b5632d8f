"""Tax of who was here before, and after (ATENA-013): one person's page, whichever number the tax stands under."""

from typing import Any

import httpx

from batch.runner import run_alone
from modules.resident.basic_register.movements.inputs import MoveOut
from modules.resident.basic_register.service import record_move_out
from modules.resident.non_resident.jobs import NETS
from tests.resident.people import NOW, add_town, record_move_in
from tests.resident.schooling import context
from tests.resident.test_non_resident import PERSON
from yoriai.audit import SYSTEM
from yoriai.errors import NeedsConfirmation
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

SAME = {"name": "髙橋 健", "name_kana": "タカハシ ケン", "birth_date": "1970-05-05", "sex": "1", "relationship": "02"}


async def _leave(database: Database, tenant: TenantRef, household_no: int, number: int) -> None:
    async with database.write(tenant, SYSTEM) as session:
        version = await session.fetchval("SELECT version FROM household WHERE household_no = $1", household_no)
        body: dict[str, Any] = {
            "event_date": "2026-11-19",
            "notified_on": "2026-11-19",
            "household": {"household_no": household_no, "version": version},
            "members": [{"addressee_no": number}],
            "destination": "東京都港区芝公園1番",
            "is_certain": True,
        }
        try:
            await record_move_out(session, MoveOut.model_validate(body), NOW)
        except NeedsConfirmation as asked:
            body["confirmed"] = [field.rule for field in asked.fields]
            await record_move_out(session, MoveOut.model_validate(body), NOW)


async def _record(client: httpx.AsyncClient, config: TenantConfig, number: int, year: int, revenue: int) -> None:
    body = {"source": "reported", "is_declared": True, "salary_revenue": revenue}
    answer = await client.post(f"/{config.code}/income/persons/{number}/years/{year}", json=body)
    assert answer.status_code == 200, answer.text


async def test_atena_013_tax_stays_tied_to_one_person_who_moves_in_and_out(
    client: httpx.AsyncClient, database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef
) -> None:
    base = f"/{config.code}"
    values = {key: value for key, value in PERSON.items() if value}
    known = (await client.post(f"{base}/non_resident/addressees", json=values)).json()["addressee_no"]
    await _record(client, config, known, 2024, 3_000_000)
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        home = await record_move_in(session, SAME)
    (resident,) = home.addressee_nos
    assert run_alone(bulk, NETS[0].jobs[0], context(config, "2026-11-20", NETS[0].jobs[0].name)).rows_out == 1
    await _record(client, config, resident, 2025, 4_000_000)
    await _leave(database, tenant, home.household_no, resident)
    person = (await client.get(f"{base}/resident/persons/{resident}")).json()
    assert person["person"]["status_code"] == "removed"
    panels = {panel["label"]: panel for panel in person["panels"]}
    assert panels["所得情報"]["amount"]["label"].startswith("2025年分")
    assert panels[f"所得情報 (宛名番号 {known})"]["amount"]["label"].startswith("2024年分")
    addressee = (await client.get(f"{base}/non_resident/addressees/{known}")).json()
    assert addressee["representative_no"] == resident
    labels = [panel["label"] for panel in addressee["panels"]]
    assert "所得情報" in labels
    assert f"所得情報 (宛名番号 {resident})" in labels
    # Out again, the number is still good for tax.
    await _record(client, config, resident, 2023, 1_000_000)
    html = {"accept": "text/html"}
    for path in (f"non_resident/addressees/{known}", f"resident/persons/{resident}", f"income/persons/{known}"):
        assert (await client.get(f"{base}/{path}", headers=html)).status_code == 200
