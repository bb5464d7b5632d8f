"""The night: the daily close and the month's statistics, harmless to repeat."""

import asyncio
from datetime import date, datetime

from modules.resident.basic_register import service
from modules.resident.basic_register.jobs import NETS
from modules.resident.basic_register.movements.change_inputs import FamilyRegisterChange
from modules.resident.basic_register.movements.inputs import MoveOut
from tests.resident.changes import household
from tests.resident.people import CHILD, FATHER, MOTHER, NOW, add_town, record_move_in
from yoriai.audit import SYSTEM
from yoriai.clock import JAPAN
from yoriai.jobs import ChunkResult, JobContext
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database


def run(bulk: BulkDatabase, tenant: TenantRef, config: TenantConfig, day: date) -> list[ChunkResult]:
    night = datetime(2026, 12, 31, 22, 0, tzinfo=JAPAN)
    context = JobContext(tenant, config, day, 2026, "run-1", night)
    results = []
    for job in NETS[0].jobs:
        with bulk.write(tenant) as session:
            results += [job.run_chunk(session, context, chunk) for chunk in job.plan_chunks(session, context)]
    return results


async def test_the_day_is_counted_and_counted_again(
    database: Database, bulk: BulkDatabase, tenant: TenantRef, config: TenantConfig
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, FATHER, MOTHER, CHILD)
    first, again = (run(bulk, tenant, config, date(2026, 11, 20)) for _ in range(2))
    assert first == again
    with bulk.read(tenant) as night:
        counts = night.read("SELECT item, key, count FROM resident_daily_close ORDER BY item, key").rows()
        people = night.read("SELECT sex, age_band, persons, heads FROM resident_statistics ORDER BY 1, 2").rows()
    assert counts == [
        ("household", "all", 1),
        ("movement", "move_in", 1),
        ("population", "1-040", 1),
        ("population", "2-005", 1),
        ("population", "2-035", 1),
    ]
    assert people == [("1", 40, 1, 1), ("2", 5, 1, 0), ("2", 35, 1, 0)]


async def test_an_age_counts_from_the_birthdays_eve(
    database: Database, bulk: BulkDatabase, tenant: TenantRef, config: TenantConfig
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, {**FATHER, "birth_date": "1986-12-02"})
    bands = []
    for day in (date(2026, 11, 30), date(2026, 12, 1)):
        run(bulk, tenant, config, day)
        with bulk.read(tenant) as night:
            bands += night.read("SELECT age_band FROM resident_statistics WHERE as_of = $1", (day,))[
                "age_band"
            ].to_list()
    assert bands == [35, 40]


async def test_who_stays_gets_the_planned_relation_although_the_leaving_head_has_changed_since(
    database: Database, bulk: BulkDatabase, tenant: TenantRef, config: TenantConfig
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        family = await record_move_in(session, FATHER, MOTHER, CHILD)
        father, mother, child = family.addressee_nos
        staying = [{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "20"}]
        away = household(family, members=[{"addressee_no": father}], destination="大阪府", staying=staying)
        await service.record_move_out(session, MoveOut.model_validate(away | {"event_date": "2026-11-30"}), NOW)
        named = household(
            family, 2, reason="kana_confirmed", members=[{"addressee_no": father, "kana_confirmed": True}]
        )
        body = FamilyRegisterChange.model_validate(named | {"event_date": "2026-11-20"})
        await service.record_family_register_change(session, body, NOW)
    await asyncio.to_thread(run, bulk, tenant, config, date(2026, 11, 30))
    with bulk.read(tenant) as night:
        rows = night.read(
            "SELECT status, relationship FROM resident_record WHERE superseded_at IS NULL AND valid_to = '9999-12-31'"
            " ORDER BY addressee_no"
        ).rows()
    assert rows == [("removed", "02"), ("resident", "02"), ("resident", "20")]
