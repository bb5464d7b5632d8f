"""People of the tests of 選挙人名簿, their moves, elections, and the nights that make the roll."""

from datetime import date, datetime
from typing import Any

from batch.queue.claims import Totals
from batch.runner import run_alone
from modules.resident.basic_register.models import Town
from modules.resident.basic_register.movements.change_inputs import ExOfficioRemoval
from modules.resident.basic_register.movements.inputs import Death, MoveIn, MovementResult, MoveOut, MoveWithin
from modules.resident.basic_register.service import (
    record_death,
    record_ex_officio_removal,
    record_move_in,
    record_move_out,
    record_move_within,
)
from modules.resident.electoral_roll.jobs import NETS
from tests.resident.people import NOW, move_in_body
from yoriai.audit import SYSTEM
from yoriai.errors import NeedsConfirmation
from yoriai.jobs import Job, JobContext
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database

JOBS: dict[str, Job] = {job.name.removeprefix("electoral_roll."): job for net in NETS for job in net.jobs}
NORTH, SOUTH = "999000201", "999000202"
TOWNS = {NORTH: "北ためし町", SOUTH: "南ためし町"}
SETTINGS: dict[str, Any] = {
    "commission": {"name": "ためし選管", "postcode": "9990001", "address": "ためし", "telephone": "000-000-0000"},
    "lines_per_page": 20,
    "polling_districts": [
        {
            "from": "2020-01-01",
            "districts": [
                {
                    "code": "01",
                    "name": "第1投票区",
                    "place": {"name": "北小学校", "address": "北ためし町1番", "directions": "北駅から徒歩3分"},
                    "areas": [{"town": "北ためし町"}, {"town": "南ためし町", "until": 9}],
                },
                {
                    "code": "02",
                    "name": "第2投票区",
                    "place": {"name": "南小学校", "address": "南ためし町10番"},
                    "areas": [{"town": "南ためし町", "from": 10}],
                },
            ],
        }
    ],
    "early_voting": [{"code": "A1", "name": "役場"}, {"code": "A2", "name": "支所"}],
    "card": {
        "form": "letter",
        "unit": "household",
        "persons_per_card": 2,
        "order": "household",
        "shows": ["barcode", "directions", "roll_number", "oath", "early_voting", "hours"],
        "protected": "separate",
    },
}


def with_settings(config: TenantConfig, **changes: Any) -> TenantConfig:
    """The municipality with the districts and the card of the tests."""
    settings = SETTINGS | changes
    businesses = dict(config.document["businesses"]) | {"electoral_roll": {"settings": settings}}
    return TenantConfig(dict(config.document) | {"businesses": businesses, "calendar": {}})


def person(
    name: str, birth: str = "S600401", sex: str = "1", relationship: str = "02", **values: Any
) -> dict[str, Any]:
    """Somebody who moves in."""
    kana = {"名": "ナ", "一": "イチ", "二": "ニ", "三": "サン", "四": "シ", "五": "ゴ"}
    reading = "".join(kana.get(char, "ア") for char in name)
    return {
        "name": f"{name[:-1]} {name[-1]}",
        "name_kana": f"タメシ {reading}",
        "birth_date": birth,
        "sex": sex,
        "relationship": relationship,
        **values,
    }


async def settle(
    database: Database,
    config: TenantConfig,
    notified: str,
    *members: dict[str, Any],
    town: str = NORTH,
    block: str = "1番",
) -> MovementResult:
    """A household moves in and says so the same day."""
    async with database.write(config.tenant, SYSTEM) as session:
        for code, name in TOWNS.items():
            if await session.get(Town, code) is None:
                session.add(Town(town_code=code, postcode="9990001", name=name, kana="タメシ"))
        await session.flush()
        body = move_in_body(*members, address={"town_code": town, "block": block})
        body |= {"event_date": notified, "notified_on": notified}
        made: MovementResult = await _confirmed(session, record_move_in, MoveIn, body)
        return made


async def leave(
    database: Database, config: TenantConfig, home: MovementResult, day: str, *, to: str = "東京都港区芝公園1番"
) -> None:
    """The whole household moves out."""
    async with database.write(config.tenant, SYSTEM) as session:
        body = {
            "event_date": day,
            "notified_on": day,
            "household": {"household_no": home.household_no, "version": await _version(session, home)},
            "members": [{"addressee_no": number} for number in home.addressee_nos],
            "destination": to,
            "is_certain": True,
        }
        await _confirmed(session, record_move_out, MoveOut, body)


async def remove(database: Database, config: TenantConfig, home: MovementResult, day: str, reason: str) -> None:
    """The household's 住民票 are removed ex officio for the reason."""
    async with database.write(config.tenant, SYSTEM) as session:
        body = {
            "event_date": day,
            "notified_on": day,
            "household": {"household_no": home.household_no, "version": await _version(session, home)},
            "members": [{"addressee_no": number} for number in home.addressee_nos],
            "reason": reason,
            "ground": "官報",
        }
        await _confirmed(session, record_ex_officio_removal, ExOfficioRemoval, body)


async def die(database: Database, config: TenantConfig, home: MovementResult, day: str) -> None:
    """The only member of the household dies."""
    async with database.write(config.tenant, SYSTEM) as session:
        body = {
            "event_date": day,
            "notified_on": day,
            "household": {"household_no": home.household_no, "version": await _version(session, home)},
            "addressee_no": home.addressee_nos[0],
            "members": [{"addressee_no": home.addressee_nos[0]}],
        }
        await _confirmed(
            session, record_death, Death, {name: body[name] for name in body if name in Death.model_fields}
        )


async def move_within(
    database: Database, config: TenantConfig, home: MovementResult, day: str, town: str, block: str
) -> None:
    """The whole household moves within the municipality."""
    async with database.write(config.tenant, SYSTEM) as session:
        body = {
            "event_date": day,
            "notified_on": day,
            "household": {"household_no": home.household_no, "version": await _version(session, home)},
            "members": [{"addressee_no": number, "relationship": "02"} for number in home.addressee_nos],
            "address": {"town_code": town, "block": block},
        }
        await _confirmed(session, record_move_within, MoveWithin, body)


async def _confirmed(session: Any, record: Any, model: Any, body: dict[str, Any]) -> Any:
    """Record a movement, accepting what is merely unusual in it."""
    try:
        return await record(session, model.model_validate(body), NOW)
    except NeedsConfirmation as asked:
        codes = [field.rule for field in asked.fields]
        return await record(session, model.model_validate(body | {"confirmed": codes}), NOW)


async def _version(session: Any, home: MovementResult) -> int:
    version: int = await session.fetchval("SELECT version FROM household WHERE household_no = $1", home.household_no)
    return version


def night(bulk: BulkDatabase, config: TenantConfig, job: str, day: str, key: str = "") -> Totals:
    """Run one job of a night."""
    business_date = date.fromisoformat(day)
    now = datetime.combine(business_date, NOW.timetz())
    run_key = key or f"{job}-{day}"
    return run_alone(
        bulk, JOBS[job], JobContext(config.tenant, config, business_date, business_date.year, run_key, now)
    )


def rows(bulk: BulkDatabase, config: TenantConfig, sql: str) -> list[tuple[Any, ...]]:
    """What a query gives, as tuples."""
    with bulk.read(config.tenant) as session:
        return [tuple(_plain(value) for value in row) for row in session.read(sql).rows()]


def _plain(value: Any) -> Any:
    return value.replace("　", "") if isinstance(value, str) else value
