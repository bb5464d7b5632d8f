"""定時登録, 表示, 抹消 and 修正 at night (公職選挙法22条、27条、28条), on a real register."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from modules.resident.electoral_roll.batch.plan import base_day, registration_day
from modules.resident.electoral_roll.election_service import create_election
from modules.resident.electoral_roll.inputs import ElectionInput, RegularChange
from modules.resident.electoral_roll.side_service import change_regular
from tests.resident.people import NOW
from tests.resident.voters import (
    NORTH,
    SOUTH,
    die,
    leave,
    move_within,
    night,
    person,
    remove,
    rows,
    settle,
    with_settings,
)
from yoriai.audit import SYSTEM
from yoriai.calendar import OperatingCalendar
from yoriai.dates import parse_date
from yoriai.errors import Invalid
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

NAMES = "SELECT name FROM electoral_entry WHERE status <> 'removed' ORDER BY entry_no"
STATES = """
SELECT status, coalesce(removal_reason, '') AS reason, coalesce(removed_on, remove_on)::text AS day
  FROM electoral_entry ORDER BY entry_no
"""
ACTS = 'SELECT act, reason, "on"::text FROM electoral_act ORDER BY id'


@pytest.fixture
def roll(config: TenantConfig, tenant: TenantRef) -> TenantConfig:
    return with_settings(config)


@pytest.mark.parametrize(
    ("day", "base", "registered"),
    [
        ("2026-03-01", "2026-03-01", "2026-03-02"),
        ("2026-06-15", "2026-06-01", "2026-06-01"),
        ("2026-11-30", "2026-09-01", "2026-09-01"),
        ("2026-02-01", "2025-12-01", "2025-12-01"),
        ("2024-12-31", "2024-12-01", "2024-12-02"),
    ],
)
def test_the_base_day_stays_the_first_and_the_registration_moves_past_closed_days(
    day: str, base: str, registered: str
) -> None:
    found = base_day(parse_date(day))
    assert found == parse_date(base)
    assert registration_day(found, OperatingCalendar()) == parse_date(registered)


async def test_three_months_are_counted_from_the_notice_to_the_base_day(
    database: Database, bulk: BulkDatabase, roll: TenantConfig
) -> None:
    """SENKYO-003: one day short, and exact."""
    await settle(database, roll, "2026-06-01", person("足名一"))
    await settle(database, roll, "2026-06-02", person("足名二"))
    await settle(database, roll, "2026-05-01", person("足名三", birth="2008-09-02"))
    await settle(database, roll, "2026-05-01", person("足名四", birth="2008-09-03"))
    await settle(database, roll, "2026-05-01", person("足名五", nationality="KOR"))
    assert night(bulk, roll, "register", "2026-09-01").control_total == 2
    assert rows(bulk, roll, NAMES) == [("足名三",), ("足名一",)] or rows(bulk, roll, NAMES) == [
        ("足名一",),
        ("足名三",),
    ]


async def test_registering_again_registers_nobody_twice(
    database: Database, bulk: BulkDatabase, roll: TenantConfig
) -> None:
    await settle(database, roll, "2026-05-01", person("再名一"))
    assert night(bulk, roll, "register", "2026-09-01", "one").control_total == 1
    assert night(bulk, roll, "register", "2026-09-01", "two").control_total == 0
    assert night(bulk, roll, "register", "2026-12-01", "three").control_total == 0
    assert rows(bulk, roll, "SELECT run_key, base_on::text FROM electoral_run ORDER BY 1") == [
        ("regular:2026-09-01", "2026-09-01"),
        ("regular:2026-12-01", "2026-12-01"),
    ]


async def test_who_left_after_three_months_is_registered_at_the_old_address_and_marked(
    database: Database, bulk: BulkDatabase, roll: TenantConfig
) -> None:
    """SENKYO-003: one day short, and exact, of the three and of the four months."""
    for name, entered, left in (("旧名一", "2026-02-10", "2026-05-10"), ("旧名二", "2026-02-11", "2026-05-10")):
        home = await settle(database, roll, entered, person(name))
        await leave(database, roll, home, left)
    home = await settle(database, roll, "2025-01-10", person("旧名三"))
    await leave(database, roll, home, "2026-04-30")
    home = await settle(database, roll, "2025-01-10", person("旧名四"))
    await leave(database, roll, home, "2026-05-01")
    night(bulk, roll, "register", "2026-09-01")
    found = rows(bulk, roll, "SELECT name, status, remove_on::text FROM electoral_entry ORDER BY name")
    assert found == [("旧名一", "moved_out", "2026-09-11"), ("旧名四", "moved_out", "2026-09-02")]


async def test_a_departure_is_marked_and_removed_after_four_months(
    database: Database, bulk: BulkDatabase, roll: TenantConfig
) -> None:
    """SENKYO-004: 表示 becomes 抹消."""
    home = await settle(database, roll, "2025-05-01", person("去名一"))
    night(bulk, roll, "register", "2026-06-01")
    await leave(database, roll, home, "2026-06-30")
    night(bulk, roll, "follow", "2026-07-01")
    assert rows(bulk, roll, STATES) == [("moved_out", "", "2026-11-01")]
    night(bulk, roll, "follow", "2026-10-31")
    assert rows(bulk, roll, STATES) == [("moved_out", "", "2026-11-01")]
    night(bulk, roll, "follow", "2026-11-01")
    assert rows(bulk, roll, STATES) == [("removed", "four_months", "2026-11-01")]
    assert rows(bulk, roll, ACTS) == [
        ("register", "regular", "2026-06-01"),
        ("mark", "moved_out", "2026-06-30"),
        ("remove", "four_months", "2026-11-01"),
    ]


async def test_a_death_removes_at_once_and_following_again_changes_nothing(
    database: Database, bulk: BulkDatabase, roll: TenantConfig
) -> None:
    """SENKYO-004."""
    home, lost, gone = [
        await settle(database, roll, "2025-05-01", person(f"亡名{name}", birth=f"S60.{month}.1"))
        for month, name in enumerate("一二三", 1)
    ]
    night(bulk, roll, "register", "2026-09-01")
    await die(database, roll, home, "2026-11-18")
    await remove(database, roll, lost, "2026-11-18", "nationality_loss")
    await remove(database, roll, gone, "2026-11-18", "disappearance")
    assert night(bulk, roll, "follow", "2026-11-20", "one").control_total == 3
    assert night(bulk, roll, "follow", "2026-11-20", "two").control_total == 0
    found = rows(bulk, roll, "SELECT status, removal_reason, removed_on::text FROM electoral_entry ORDER BY birth_date")
    assert found == [("removed", why, "2026-11-18") for why in ("death", "nationality", "death")], "失踪宣告 is a death"


async def test_a_move_across_districts_changes_the_address_at_once_and_the_district_at_the_next_base_day(
    database: Database, bulk: BulkDatabase, roll: TenantConfig
) -> None:
    """SENKYO-009."""
    home = await settle(database, roll, "2025-05-01", person("移名一"), town=SOUTH, block="9番1号")
    night(bulk, roll, "register", "2026-09-01")
    await move_within(database, roll, home, "2026-11-10", SOUTH, "10番")
    night(bulk, roll, "follow", "2026-11-20")
    where = "SELECT address, district_code FROM electoral_entry"
    assert rows(bulk, roll, where) == [("南ためし町10番", "01")]
    night(bulk, roll, "register", "2026-12-01")
    assert rows(bulk, roll, where) == [("南ためし町10番", "02")]
    assert rows(bulk, roll, "SELECT detail FROM electoral_act WHERE act = 'transfer'") == [("01→02",)]


async def test_an_address_in_no_district_is_registered_and_reported(
    database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef
) -> None:
    only_north = [
        {"from": "2020-01-01", "districts": [
            {"code": "01", "name": "第1", "place": {"name": "北", "address": "北"}, "areas": [{"town": "北ためし町"}]}
        ]}
    ]  # fmt: skip
    roll = with_settings(config, polling_districts=only_north)
    await settle(database, roll, "2025-05-01", person("北名一"), town=NORTH)
    await settle(database, roll, "2025-05-01", person("南名一"), town=SOUTH)
    totals = night(bulk, roll, "register", "2026-09-01")
    assert (totals.control_total, totals.rows_error) == (2, 1)
    assert rows(bulk, roll, "SELECT reason FROM job_error") == [("住所に合う投票区がありません。",)]


async def test_regular_and_election_registration_side_by_side_register_each_person_once(
    database: Database, bulk: BulkDatabase, roll: TenantConfig, dsn: str
) -> None:
    for number in "一二三四五":
        await settle(
            database, roll, "2025-05-01", person(f"並名{number}", birth=f"S60.{'一二三四五'.index(number) + 1}.1")
        )
    body = {"name": "ためし", "kind": "national", "notice_on": "2026-09-02", "vote_on": "2026-09-13"}
    async with database.write(roll.tenant, SYSTEM) as session:
        await create_election(session, ElectionInput.model_validate(body), NOW)
    jobs = ["register", "election"]
    with ThreadPoolExecutor(2) as pool:
        totals = list(pool.map(lambda job: night(BulkDatabase(dsn), roll, job, "2026-09-01").control_total, jobs))
    assert sum(totals) == 5
    assert len(rows(bulk, roll, NAMES)) == 5


async def test_a_regular_registration_within_an_election_asks_the_age_on_election_day_and_waits_for_no_open_day(
    database: Database, bulk: BulkDatabase, roll: TenantConfig
) -> None:
    """公職選挙法22条1項・2項: the first of March 2026 is a Sunday; without the election it is registered on the 2nd."""
    await settle(database, roll, "2025-05-01", person("期名一", birth="2008-03-05"))
    body = {"name": "ためし", "kind": "prefectural", "notice_on": "2026-02-25", "vote_on": "2026-03-08"}
    async with database.write(roll.tenant, SYSTEM) as session:
        await create_election(session, ElectionInput.model_validate(body), NOW)
    assert night(bulk, roll, "register", "2026-03-01").control_total == 1
    found = rows(bulk, roll, "SELECT age_on::text, registered_on::text FROM electoral_run WHERE kind = 'regular'")
    assert found == [("2026-03-08", "2026-03-01")]


async def test_a_changed_registration_day_leaves_the_first_alone_and_registers_on_its_day(
    database: Database, bulk: BulkDatabase, roll: TenantConfig
) -> None:
    await settle(database, roll, "2026-06-01", person("変名一"))
    await settle(database, roll, "2026-06-10", person("変名二"))
    early = NOW.replace(month=8, day=20)

    async def change(**values: str) -> None:
        body = {"base_on": "2026-09-01", "registered_on": "2026-09-14", "reason": "台風による災害", **values}
        async with database.write(roll.tenant, SYSTEM) as session:
            await change_regular(session, RegularChange.model_validate(body), roll, early)

    for wrong in ({"base_on": "2026-09-02"}, {"registered_on": "2026-09-01"}, {"registered_on": "2026-12-01"}):
        with pytest.raises(Invalid):
            await change(**wrong)
    await change()
    with pytest.raises(Invalid):
        await change()
    assert night(bulk, roll, "register", "2026-09-01").control_total == 0
    for day, registered in (("2026-09-13", 0), ("2026-09-14", 1), ("2026-09-15", 0)):
        assert night(bulk, roll, "register_postponed", day).control_total == registered, day
    found = rows(bulk, roll, "SELECT base_on::text, registered_on::text FROM electoral_run")
    assert found == [("2026-09-01", "2026-09-14")]
    assert rows(bulk, roll, NAMES) == [("変名一",)]
