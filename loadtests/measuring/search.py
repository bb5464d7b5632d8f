"""The search box at the largest municipality: its answers over the same statements alone, and over what a typist notices."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

import asyncpg

from loadtests.dice import seeded
from loadtests.keystrokes import type_name
from loadtests.measuring.figures import Row, percentile
from loadtests.measuring.http_client import HttpClient, log_in
from loadtests.measuring.installation import Installation
from loadtests.measuring.people import Counter
from loadtests.measuring.rates import measure_time
from loadtests.measuring.recording import STATEMENT_CACHE, Transaction, record
from loadtests.measuring.serving import serve
from modules.resident.basic_register.routes import list_persons
from modules.resident.basic_register.search.criteria import Criteria

NOTICED_SECONDS = 0.050
_PART = "search"
_WARM_UP = 20


async def measure_search(place: Installation, queries: int) -> list[Row]:
    """One clerk types; each query is answered by the application and, right after, by the bare statements."""
    dsn, counter = place.settings.app_dsn, place.largest
    words = typed_words(counter, queries + _WARM_UP)
    handlers = [partial(list_persons, criteria=Criteria(q=word)) for word in words]
    transactions = await record(dsn, counter.config, counter.principal, handlers)
    with serve(dsn) as port:
        whole, raw = await _measure(dsn, port, counter, words, transactions)
    limit = [percentile(whole, 0.95) / NOTICED_SECONDS]
    note = f"{queries} queries of one clerk, {counter.residents:,} residents"
    return [
        Row(
            _PART,
            "p50, whole stack ÷ same SQL through raw asyncpg",
            percentile(whole, 0.5) / percentile(raw, 0.5),
            None,
            note,
        ),
        Row(_PART, "p95, whole stack ÷ same SQL through raw asyncpg", percentile(whole, 0.95) / percentile(raw, 0.95)),
        Row(_PART, "p95 ÷ 50 ms", limit[0], None, "under 50 ms" if limit[0] < 1 else "NOT under 50 ms"),
    ]


def typed_words(counter: Counter, count: int) -> list[str]:
    """The queries of a clerk who looks for people of this municipality, one after another."""
    dice = seeded(count)
    words: list[str] = []
    while len(words) < count:
        _, name, kana = dice.choice(counter.people)
        words += type_name(name, kana, dice)
    return words[:count]


async def _measure(
    dsn: str, port: int, counter: Counter, words: Sequence[str], transactions: Sequence[Transaction]
) -> tuple[list[float], list[float]]:
    code = counter.config.code
    token = await log_in(port, code, counter.login, counter.password)
    client = await HttpClient.connect(port)
    connection = await asyncpg.connect(dsn, statement_cache_size=STATEMENT_CACHE)
    whole, raw = [], []
    try:
        for word, transaction in zip(words, transactions, strict=True):
            path = f"/{code}/resident/persons?q={quote(word)}"
            whole.append(await measure_time(partial(client.get, path, token)))
            raw.append(await measure_time(partial(transaction.replay, connection)))
    finally:
        await connection.close()
        await client.close()
    return whole[_WARM_UP:], raw[_WARM_UP:]
