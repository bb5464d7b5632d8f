"""Old nights: samples are thinned to one a minute with their peaks, then only the totals of the history are left."""

from datetime import timedelta

from batch.housekeeping import Keeping, tidy_nights
from batch.reads.lists import list_night_results
from tests.batch.nights import Queue, make_job
from tests.conftest import Installation
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.tenancy.session import Database

_USE = """
INSERT INTO batch_use (night_key, at, running, reserved_cpu, reserved_io, reserved_connections, worker_cpu_millicores,
  database_cpu_millicores, database_connections, counter_p95_us, pace)
SELECT %s, date_trunc('minute', now()) + n * interval '1 second', n, n, 0, 0, 0, 100 - n, 0, CASE WHEN n = 7 THEN 900 END, 100 - n
FROM generate_series(0, 119) n
"""
_END = "UPDATE batch_night SET status = 'ended', ended_at = now() WHERE night_key = %s"
_KEPT = """
SELECT count(*), max(running), max(database_cpu_millicores), max(counter_p95_us), min(pace) FROM batch_use WHERE night_key = %s
"""


async def test_samples_are_thinned_with_their_peaks_and_a_cleared_night_keeps_its_totals(
    installation: Installation, queue: Queue, database: Database
) -> None:
    key = queue.open(make_job("a"), make_job("b", "a"))
    queue.change(
        "UPDATE batch_job SET status = CASE job_name WHEN 'a' THEN 'succeeded' ELSE 'failed' END, generation = 1"
    )
    queue.change(_USE, key)
    keeping = Keeping(full_days=14, days=400)
    assert tidy_nights(installation.admin_dsn, keeping, now() + timedelta(days=900)).cleared == (), "it still runs"
    queue.change(_END, key)
    assert tidy_nights(installation.admin_dsn, keeping, now() + timedelta(days=13)).thinned == ()
    tidied = tidy_nights(installation.admin_dsn, keeping, now() + timedelta(days=15))
    assert (tidied.thinned, tidied.cleared) == ((key,), ())
    assert queue.one(_KEPT, key) == (2, 119, 100, 900, -19), "one a minute, the highest of each"
    assert tidy_nights(installation.admin_dsn, keeping, now() + timedelta(days=15)).thinned == ()
    before = await _results(database)
    assert tidy_nights(installation.admin_dsn, keeping, now() + timedelta(days=401)).cleared == (key,)
    assert await _results(database) == before == {"jobs": 2, "good": 1, "warned": 0, "stopped": 1, "reruns": 2}
    for table in ("batch_job", "batch_use", "batch_event", "batch_plan", "batch_job_predecessor"):
        assert queue.one(f"SELECT count(*) FROM {table}") == (0,), table
    assert tidy_nights(installation.admin_dsn, keeping, now() + timedelta(days=402)).cleared == ()


async def _results(database: Database) -> dict[str, int]:
    async with database.platform_read(SYSTEM) as session:
        (night,) = await list_night_results(session)
    return {name: night[name] for name in ("jobs", "good", "warned", "stopped", "reruns")}
