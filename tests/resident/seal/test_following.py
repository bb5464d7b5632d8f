"""The night: what the register's movements do to registered seals, once, and so that it can be told afterwards."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from batch.runner import run_alone
from modules.resident.basic_register.jobs import NETS as REGISTER_NETS
from modules.resident.basic_register.movements.change_inputs import ExOfficioRemoval, FamilyRegisterChange, Restoration
from modules.resident.basic_register.movements.inputs import Death, MovementResult, MoveOut
from modules.resident.basic_register.service import (
    record_death,
    record_ex_officio_removal,
    record_family_register_change,
    record_move_out,
    record_restoration,
)
from modules.resident.seal_registration import service
from modules.resident.seal_registration.figures import figures_of
from modules.resident.seal_registration.inputs import RegistrationAct, RegistrationResult, ReviewClosed
from modules.resident.seal_registration.issuing import find_issuable
from modules.resident.seal_registration.jobs import NETS
from tests.resident.people import NOW
from tests.resident.seal.seals import night, register, stamp
from yoriai.audit import SYSTEM
from yoriai.clock import now as real_now
from yoriai.errors import Invalid
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database

JOB = NETS[0].jobs[0]
CLOSE = next(job for job in REGISTER_NETS[0].jobs if job.name == "resident.close")
_NOW_STANDS = """
SELECT r.registration_no, s.status, s.end_reason, s.valid_from::text AS since FROM seal_registration r
  JOIN seal_registration_state s ON s.registration_no = r.registration_no AND s.superseded_at IS NULL
   AND s.valid_to = '9999-12-31' ORDER BY r.registration_no
"""
_KNOWN = """
SELECT status, valid_from::text, valid_to::text FROM seal_registration_state
 WHERE registration_no = {} AND superseded_at IS NULL ORDER BY valid_from
"""


async def both(database: Database, config: TenantConfig, family: MovementResult) -> list[RegistrationResult]:
    async with database.write(config.tenant, SYSTEM) as session:
        return [
            await register(session, config, family.addressee_nos[0]),
            await register(session, config, family.addressee_nos[1], seal_text="花子", image=stamp(pattern=2)),
        ]


def stands(bulk: BulkDatabase, config: TenantConfig) -> list[tuple[Any, ...]]:
    with bulk.read(config.tenant) as session:
        return session.read(_NOW_STANDS).rows()


def run(bulk: BulkDatabase, config: TenantConfig, key: str = "night") -> tuple[int, int]:
    """A night right after what was recorded; (rows in, registrations ended)."""
    totals = run_alone(bulk, JOB, night(config, real_now(), key))
    return totals.rows_in, totals.control_total


async def test_a_death_ends_the_registration_on_its_day_and_once(
    database: Database, bulk: BulkDatabase, config: TenantConfig, settled: MovementResult
) -> None:
    father, mother = await both(database, config, settled)
    async with database.write(config.tenant, SYSTEM) as session:
        body = {
            "event_date": "2026-11-19",
            "notified_on": "2026-11-20",
            "household": {"household_no": settled.household_no, "version": 1},
            "addressee_no": settled.addressee_nos[1],
        }
        await record_death(session, Death.model_validate(body), NOW)
    assert run(bulk, config)[1] == 1
    expected = [
        (father.registration_no, "active", None, "2026-11-18"),
        (mother.registration_no, "ended", "died", "2026-11-19"),
    ]
    assert stands(bulk, config) == expected
    assert run(bulk, config, "again") == (0, 0)
    assert stands(bulk, config) == expected
    with bulk.read(config.tenant) as session:
        assert session.read(_KNOWN.format(mother.registration_no)).rows() == [
            ("active", "2026-11-18", "2026-11-19"),
            ("ended", "2026-11-19", "9999-12-31"),
        ]
        told = session.read(
            "SELECT payload->>'end_reason' AS why FROM outbox_event WHERE topic LIKE '%end_by_register'"
        )
        assert told["why"].to_list() == ["died"]
        audited = session.read("SELECT count(*) AS n FROM audit_event WHERE staff LIKE 'batch:night%'")["n"].item()
        assert audited == 1


async def test_a_planned_departure_ends_it_on_the_day_of_leaving_not_of_the_notice(
    database: Database, bulk: BulkDatabase, config: TenantConfig, settled: MovementResult
) -> None:
    _, mother = await both(database, config, settled)
    leaving = real_now().date() + timedelta(days=3)
    async with database.write(config.tenant, SYSTEM) as session:
        body = {
            "event_date": leaving.isoformat(),
            "notified_on": real_now().date().isoformat(),
            "household": {"household_no": settled.household_no, "version": 1},
            "members": [{"addressee_no": settled.addressee_nos[1]}],
            "destination": "東京都千代田区",
        }
        await record_move_out(session, MoveOut.model_validate(body), real_now())
    assert run(bulk, config) == (2, 0)
    assert stands(bulk, config)[1][1] == "active"
    figures = figures_of(config, leaving)
    on_the_day = datetime.combine(leaving, NOW.timetz())
    async with database.read(config.tenant, SYSTEM) as reader:
        asked = await find_issuable(reader, settled.addressee_nos[1], figures, on_the_day)
    assert asked.rule == "leaving"
    context = night(config, on_the_day, "close")
    run_alone(bulk, CLOSE, context)
    totals = run_alone(bulk, JOB, night(config, on_the_day + timedelta(minutes=5), "after"))
    assert totals.control_total == 1
    assert stands(bulk, config)[1] == (mother.registration_no, "ended", "moved_out", leaving.isoformat())


async def _rename(database: Database, config: TenantConfig, family: MovementResult, number: int, **items: str) -> None:
    """The family register tells that a name has changed."""
    async with database.write(config.tenant, SYSTEM) as session:
        version = await session.fetchval("SELECT version FROM household WHERE household_no = $1", family.household_no)
        body = {
            "event_date": "2026-11-20",
            "notified_on": "2026-11-20",
            "movement_class": "ex_officio",
            "ground": "戸籍の通知",
            "reason": "name_change",
            "household": {"household_no": family.household_no, "version": version},
            "members": [{"addressee_no": number, "name_kana": "サトウ タロウ", **items}],
        }
        await record_family_register_change(session, FamilyRegisterChange.model_validate(body), NOW)


async def test_inkan_015_a_changed_surname_ends_a_seal_that_no_longer_fits(
    database: Database, bulk: BulkDatabase, config: TenantConfig, settled: MovementResult
) -> None:
    father, mother = await both(database, config, settled)
    await _rename(database, config, settled, settled.addressee_nos[0], name="佐藤　太郎")
    await _rename(database, config, settled, settled.addressee_nos[1], name="佐藤　花子")
    assert run(bulk, config)[1] == 1
    assert stands(bulk, config) == [
        (father.registration_no, "ended", "name_changed", "2026-11-20"),
        (mother.registration_no, "active", None, "2026-11-18"),
    ]


async def test_inkan_015_with_a_recorded_former_surname_it_stays(
    database: Database, bulk: BulkDatabase, config: TenantConfig, settled: MovementResult
) -> None:
    await both(database, config, settled)
    father = settled.addressee_nos[0]
    await _rename(database, config, settled, father, name="佐藤　太郎", former_surname="渡邊")
    assert run(bulk, config)[1] == 0
    assert stands(bulk, config)[0][1] == "active"


async def test_inkan_015_where_the_ordinance_says_so_somebody_judges(
    database: Database, bulk: BulkDatabase, config: TenantConfig, settled: MovementResult
) -> None:
    document = json.loads(json.dumps(config.document, default=str))
    layer = document["businesses"]["seal_registration"]["parameters"]
    layer["name_change.action"] = [{"from": "2020-01-01", "value": "review", "source": "試験", "evidence": "?"}]
    judged = TenantConfig(document)
    await both(database, config, settled)
    father = settled.addressee_nos[0]
    await _rename(database, config, settled, father, name="佐藤　太郎")
    assert run(bulk, judged)[1] == 0
    assert stands(bulk, config)[0][1] == "active"
    async with database.read(config.tenant, SYSTEM) as reader:
        asked = await find_issuable(reader, father, figures_of(judged, NOW.date()), NOW)
        review = await reader.fetchrow("SELECT id, name_before, name_after FROM seal_review")
    assert asked.rule == "name"
    assert review is not None
    assert (review["name_before"], review["name_after"]) == ("渡邉　太郎", "佐藤　太郎")
    async with database.write(config.tenant, SYSTEM) as session:
        body = ReviewClosed(outcome="ended", close_reason="旧氏の記載なし")
        await service.close_review(session, review["id"], body, NOW)
    assert stands(bulk, config)[0][1:] == ("ended", "name_changed", "2026-11-20")


async def test_an_ending_by_the_register_is_undone_when_the_register_is_put_right(
    database: Database, bulk: BulkDatabase, config: TenantConfig, settled: MovementResult
) -> None:
    father, _ = await both(database, config, settled)
    number = settled.addressee_nos[0]
    await _rename(database, config, settled, number, name="佐藤　太郎")
    run(bulk, config)
    figures = figures_of(config, NOW.date())
    body = {"version": 2, "act": "restore", "on": "2026-11-20", "reason": "氏の誤記載の訂正"}
    with pytest.raises(Invalid) as refused:
        async with database.write(config.tenant, SYSTEM) as session:
            act = RegistrationAct.model_validate(body)
            await service.act_on_registration(session, father.registration_no, act, figures, NOW)
    assert refused.value.fields[0].rule == "name"
    await _rename(database, config, settled, number, name="渡邉　太郎")
    async with database.write(config.tenant, SYSTEM) as session:
        done = await service.act_on_registration(
            session, father.registration_no, RegistrationAct.model_validate(body), figures, NOW
        )
    assert done.status == "active"
    assert stands(bulk, config)[0][1:] == ("active", None, "2026-11-20")
    async with database.read(config.tenant, SYSTEM) as reader:
        assert (await find_issuable(reader, number, figures, NOW)).is_issuable


async def test_a_removal_by_the_office_ends_it_and_a_restored_resident_gets_it_back(
    database: Database, bulk: BulkDatabase, config: TenantConfig, settled: MovementResult
) -> None:
    _, mother = await both(database, config, settled)
    number = settled.addressee_nos[1]
    common = {
        "event_date": "2026-11-20",
        "notified_on": "2026-11-20",
        "movement_class": "ex_officio",
        "ground": "実態調査",
    }
    async with database.write(config.tenant, SYSTEM) as session:
        removal = {
            **common,
            "household": {"household_no": settled.household_no, "version": 1},
            "members": [{"addressee_no": number}],
        }
        await record_ex_officio_removal(session, ExOfficioRemoval.model_validate(removal), NOW)
    assert run(bulk, config)[1] == 1
    assert stands(bulk, config)[1][1:] == ("ended", "removed", "2026-11-20")
    figures = figures_of(config, NOW.date())
    body = {"version": 2, "act": "restore", "on": "2026-11-20", "reason": "消除の誤り"}

    async def restore() -> RegistrationResult:
        async with database.write(config.tenant, SYSTEM) as session:
            act = RegistrationAct.model_validate(body)
            return await service.act_on_registration(session, mother.registration_no, act, figures, NOW)

    with pytest.raises(Invalid) as refused:
        await restore()
    assert refused.value.fields[0].rule == "not_resident"
    async with database.write(config.tenant, SYSTEM) as session:
        version = await session.fetchval("SELECT version FROM household WHERE household_no = $1", settled.household_no)
        back = {**common, "household": {"household_no": settled.household_no, "version": version}}
        restoration = Restoration.model_validate({**back, "members": [{"addressee_no": number, "relationship": "12"}]})
        await record_restoration(session, restoration, NOW)
    assert (await restore()).status == "active"
