"""A list of all residents of the largest municipality, from the request to the finished file, over a raw COPY of the same columns.

The worker counts first, masks protected people, puts everybody's number into the audit chain before it goes on, writes the file and
stores it; the baseline is `COPY … TO STDOUT (FORMAT csv)` of the plain view, read and thrown away.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import date

import psycopg

from loadtests.measuring.figures import Row, percentile, ratio_row
from loadtests.measuring.installation import Installation
from loadtests.measuring.night import CLERKS, PAUSE_SECONDS, open_counters
from loadtests.measuring.rates import PacedLoad
from loadtests.measuring.serving import serve
from yoriai.audit import Principal
from yoriai.clock import now
from yoriai.extraction.catalogue import all_views
from yoriai.extraction.inputs import Composed
from yoriai.extraction.launcher import in_process_of_its_own
from yoriai.extraction.runs import request_run
from yoriai.extraction.worker import Worker
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.choice import choose_tenant
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database

_PART = "extraction"
_VIEW = "resident.person"
ITEMS = (
    "addressee_no",
    "household_no",
    "name",
    "name_kana",
    "sex",
    "birth_date",
    "relationship_text",
    "postcode",
    "town_name",
    "address",
    "building",
    "became_resident_on",
)
_WARM_UP_SECONDS = 3.0
_LISTS = 3
"""How many lists are made one after another beside the counters."""
_CLERK = Principal("bench", permissions=frozenset({"extraction.use", "resident.view"}))


def measure_extraction(place: Installation, rounds: int) -> list[Row]:
    """Worker and COPY in turn, `rounds` times."""
    config = place.largest.config
    database = BulkDatabase(place.settings.app_dsn, keep=True)
    times: tuple[list[float], ...] = ([], [], [])
    rows = 0
    try:
        for _ in range(rounds):
            for rests, measured in ((False, times[0]), (True, times[1])):
                asyncio.run(_request(place, config))
                worker = Worker(database, place.settings.sealer, config, now, rests=rests)
                measured.append(_timed(worker.drain))
            with database.read(config.tenant) as session:
                rows = session.read("SELECT rows_done FROM extraction_run ORDER BY run_no DESC LIMIT 1").item()
            times[2].append(_timed(lambda: copy_rows(place, config)))
    finally:
        database.close()
    note = f"{rows:,} residents, {len(ITEMS)} items"
    return [
        ratio_row(_PART, "list of all residents ÷ COPY of the same columns", times[0], times[2], note),
        ratio_row(
            _PART, "the same with its rests for the counters ÷ COPY", times[1], times[2], "as it runs in the day"
        ),
    ]


async def measure_counters(place: Installation, seconds: float) -> list[Row]:
    """The counters' p95 while lists of all residents are made, as a serving process has them made, over before it."""
    config = place.largest.config
    async with AsyncExitStack() as stack:
        port = stack.enter_context(serve(place.settings.app_dsn))
        load = await stack.enter_async_context(
            PacedLoad(await open_counters(stack, port, place.counters), PAUSE_SECONDS)
        )
        await asyncio.sleep(_WARM_UP_SECONDS)
        load.take()
        await asyncio.sleep(seconds)
        quiet = load.take()
        for _ in range(_LISTS):
            await _request(place, config)
        await in_process_of_its_own(place.settings)(config.code)
        during = load.take()
    note = f"{CLERKS} clerks; {len(quiet)} answers before, {len(during)} during {_LISTS} lists"
    ratio = percentile(during, 0.95) / percentile(quiet, 0.95)
    return [Row(_PART, "counter p95, while all residents are extracted ÷ before it", ratio, None, note)]


async def _request(place: Installation, config: TenantConfig) -> None:
    database = Database(place.settings.app_dsn, size=1)
    try:
        async with database.write(config.tenant, _CLERK) as session:
            items = [f"{_VIEW}.{item}" for item in ITEMS]
            await request_run(session, Composed(base=_VIEW, items=items, purpose="bench", name="bench"), now())
    finally:
        await database.close()


def copy_statement(day: date) -> str:
    """The baseline: the present residents' columns as they are stored."""
    view = all_views()[_VIEW]
    return (
        f"COPY (SELECT {', '.join(ITEMS)} FROM {view.relation} WHERE valid_from <= '{day}' AND valid_to > '{day}'"  # noqa: S608
        f" AND {view.condition} ORDER BY addressee_no) TO STDOUT (FORMAT csv, HEADER)"
    )


def copy_rows(place: Installation, config: TenantConfig) -> int:
    """Read the COPY to its end; the number of bytes."""
    size = 0
    with psycopg.connect(place.settings.app_dsn) as connection:
        connection.execute(choose_tenant(config.tenant).opening(read_only=True).partition("; ")[2])
        with connection.cursor().copy(copy_statement(place.as_of)) as copy:
            for part in copy:
                size += len(part)
        connection.rollback()
    return size


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
