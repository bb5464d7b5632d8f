"""Person lookups per second: the whole stack over the same statements through raw asyncpg, with and without the audit's."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, TypeVar

import asyncpg

from loadtests.dice import seeded
from loadtests.measuring.figures import Row, ratio_row
from loadtests.measuring.http_client import HttpClient, log_in
from loadtests.measuring.installation import Installation
from loadtests.measuring.people import Counter
from loadtests.measuring.rates import Act, measure_rate
from loadtests.measuring.recording import STATEMENT_CACHE, Transaction, record
from loadtests.measuring.serving import serve
from modules.resident.basic_register.routes import show_person
from yoriai.tenancy.audit_writer import AuditWriter

CONCURRENCY = 16
_AUDIT_CONNECTIONS = 4
_PART = "lookup"
_T = TypeVar("_T")


async def measure_lookups(place: Installation, seconds: float, rounds: int) -> list[Row]:
    """The three rates in turn, `rounds` times."""
    dsn = place.settings.app_dsn
    transactions = [item for counter in place.counters for item in await _recorded(dsn, counter)]
    rates: tuple[list[float], ...] = ([], [], [])
    async with AsyncExitStack() as stack:
        port = stack.enter_context(serve(dsn))
        contestants = (
            await _stack_acts(stack, port, place.counters),
            await raw_acts(stack, dsn, transactions),
            await audited_acts(stack, dsn, transactions),
        )
        for acts in contestants:
            await measure_rate(acts, min(seconds, 1))  # statements parsed, caches filled
        for _ in range(rounds):
            for acts, found in zip(contestants, rates, strict=True):
                found.append(await measure_rate(acts, seconds))
    whole, raw, audited = rates
    note = f"{CONCURRENCY} at once, {len(transactions)} people, {len(transactions[0].calls)} statements a lookup"
    return [
        ratio_row(_PART, "requests/s, whole stack ÷ same SQL through raw asyncpg", whole, raw, note),
        ratio_row(
            _PART,
            "requests/s, whole stack ÷ same SQL and the audit append",
            whole,
            audited,
            "group commit on both sides",
        ),
    ]


async def raw_acts(stack: AsyncExitStack, dsn: str, transactions: Sequence[Transaction]) -> list[Act]:
    """As many connections as there are clerks, each replaying one transaction after another."""
    connections = [await _connect(stack, dsn) for _ in range(CONCURRENCY)]
    return [_replaying(connection, _shuffled(transactions, at)) for at, connection in enumerate(connections)]


async def audited_acts(stack: AsyncExitStack, dsn: str, transactions: Sequence[Transaction]) -> list[Act]:
    """The same, and each waits until its audit events are durable, through the application's own group commit."""
    pool = await asyncpg.create_pool(dsn, min_size=1, max_size=_AUDIT_CONNECTIONS, statement_cache_size=STATEMENT_CACHE)
    stack.push_async_callback(pool.close)
    writer = AuditWriter(partial(_given, pool))
    connections = [await _connect(stack, dsn) for _ in range(CONCURRENCY)]
    return [_auditing(connection, _shuffled(transactions, at), writer) for at, connection in enumerate(connections)]


async def _recorded(dsn: str, counter: Counter) -> list[Transaction]:
    handlers = [partial(show_person, addressee_no=number) for number, _, _ in counter.people]
    return await record(dsn, counter.config, counter.principal, handlers)


async def _stack_acts(stack: AsyncExitStack, port: int, counters: Sequence[Counter]) -> list[Act]:
    """As many keep-alive connections as there are clerks, asking for the same people."""
    wanted = []
    for counter in counters:
        code = counter.config.code
        token = await log_in(port, code, counter.login, counter.password)
        wanted += [(f"/{code}/resident/persons/{person[0]}", token) for person in counter.people]
    acts = []
    for at in range(CONCURRENCY):
        client = await HttpClient.connect(port)
        stack.push_async_callback(client.close)
        acts.append(_asking(client, _shuffled(wanted, at)))
    return acts


def _asking(client: HttpClient, wanted: Iterator[tuple[str, str]]) -> Act:
    async def act() -> None:
        await client.get(*next(wanted))

    return act


def _replaying(connection: Any, transactions: Iterator[Transaction]) -> Act:
    async def act() -> None:
        await next(transactions).replay(connection)

    return act


def _auditing(connection: Any, transactions: Iterator[Transaction], writer: AuditWriter) -> Act:
    async def act() -> None:
        transaction = next(transactions)
        await transaction.replay(connection)
        await writer.append(transaction.choice, transaction.audit_rows)

    return act


async def _connect(stack: AsyncExitStack, dsn: str) -> Any:
    connection = await asyncpg.connect(dsn, statement_cache_size=STATEMENT_CACHE)
    stack.push_async_callback(connection.close)
    return connection


async def _given(pool: Any) -> Any:
    return pool


def _shuffled(items: Sequence[_T], seed: int) -> Iterator[_T]:
    mixed = list(items)
    seeded(seed).shuffle(mixed)
    return itertools.cycle(mixed)
