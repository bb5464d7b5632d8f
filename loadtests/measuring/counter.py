"""Common operations at a busy counter (COM-092), and the search that finds very many (COM-005)."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import date
from functools import partial
from urllib.parse import quote

import asyncpg

from loadtests.dice import seeded
from loadtests.measuring.figures import Row, percentile
from loadtests.measuring.http_client import HttpClient, log_in
from loadtests.measuring.installation import Installation
from loadtests.measuring.night import CLERKS, PAUSE_SECONDS, open_counters
from loadtests.measuring.people import Counter
from loadtests.measuring.rates import Act, PacedLoad, measure_time
from loadtests.measuring.recording import STATEMENT_CACHE, Transaction, record
from loadtests.measuring.serving import serve
from loadtests.newcomers import make_move_in
from modules.resident.basic_register.routes import list_persons
from modules.resident.basic_register.search.criteria import Criteria
from yoriai.tenancy.bulk import BulkDatabase

STANDARD_SECONDS = 3.0
"""About three seconds is what the common non-functional requirements ask for."""
_PART = "counter"
_FAMILIES = """
SELECT (regexp_split_to_array(name_kana, '[ 　]'))[1] AS family, count(*) AS people FROM fact_resident
 WHERE name_kana IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
"""


async def measure_counter(place: Installation, queries: int) -> list[Row]:
    """Searches with many and with few hits, each against its own statements; then search, open and save beside other clerks."""
    counter = place.largest
    many, few, people = draw_families(place.settings.app_dsn, counter)
    with place.copy("bench_counter") as settings:
        dsn = settings.app_dsn
        handlers = [partial(list_persons, criteria=Criteria(q=word)) for word in (many, few)]
        common, rare = await record(dsn, counter.config, counter.principal, handlers)
        with serve(dsn) as port:
            whole, raw = await _in_turn(dsn, port, counter, many, common, queries)
            whole_few, _ = await _in_turn(dsn, port, counter, few, rare, queries)
            kinds = await _common_operations(port, place.counters, counter, many, place.as_of, queries)
    note = f"{people:,} hits among {counter.residents:,} residents"
    return [
        Row(_PART, "search with many hits ÷ same SQL through raw asyncpg", _p50(whole) / _p50(raw), None, note),
        Row(_PART, "search with many hits ÷ search with few", _p50(whole) / _p50(whole_few)),
        *(
            Row(
                _PART,
                f"{label}, p95 ÷ 3 s",
                percentile(times, 0.95) / STANDARD_SECONDS,
                None,
                f"{len(times)} times, {CLERKS} clerks at work",
            )
            for label, times in kinds.items()
        ),
    ]


def draw_families(dsn: str, counter: Counter) -> tuple[str, str, int]:
    """The commonest surname of the municipality, its rarest, and how many bear the commonest (all in フリガナ)."""
    with BulkDatabase(dsn).read(counter.config.tenant) as session:
        families = session.read(_FAMILIES)
    return str(families["family"][0]), str(families["family"][-1]), int(families["people"][0])


async def _in_turn(
    dsn: str, port: int, counter: Counter, word: str, transaction: Transaction, queries: int
) -> tuple[list[float], list[float]]:
    code = counter.config.code
    token = await log_in(port, code, counter.login, counter.password)
    client = await HttpClient.connect(port)
    connection = await asyncpg.connect(dsn, statement_cache_size=STATEMENT_CACHE)
    whole, raw = [], []
    try:
        path = f"/{code}/resident/persons?q={quote(word)}"
        for _ in range(queries):
            whole.append(await measure_time(partial(client.get, path, token)))
            raw.append(await measure_time(partial(transaction.replay, connection)))
    finally:
        await connection.close()
        await client.close()
    # What both sides prepare at their first times is none of the ratio.
    return whole[queries // 10 :], raw[queries // 10 :]


async def _common_operations(
    port: int, counters: Sequence[Counter], counter: Counter, word: str, today: date, queries: int
) -> dict[str, list[float]]:
    """The times of one more clerk beside the others: each kind of act in turn."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(PacedLoad(await open_counters(stack, port, counters), PAUSE_SECONDS))
        code = counter.config.code
        client = await HttpClient.connect(port)
        stack.push_async_callback(client.close)
        client.token = await log_in(port, code, counter.login, counter.password)
        base = f"/{code}/resident"
        form = await client.get_json(f"{base}/movements/move-in", client.token)
        towns = [str(town["value"]) for town in form["towns"]]
        dice = seeded(queries)

        async def save() -> None:
            await client.post_confirmed(f"{base}/movements/move-in", make_move_in(dice.choice(towns), today, dice))

        async def look() -> None:
            number = dice.choice(counter.people)[0]
            await client.get(f"{base}/persons/{number}", client.token)

        async def search() -> None:
            await client.get(f"{base}/persons?q={quote(word)}", client.token)

        acts: dict[str, Act] = {"search": search, "open a person": look, "record a 転入": save}
        times: dict[str, list[float]] = {label: [] for label in acts}
        for _ in range(queries):
            for label, act in acts.items():
                times[label].append(await measure_time(act))
    return times


def _p50(values: Sequence[float]) -> float:
    return percentile(values, 0.5)
