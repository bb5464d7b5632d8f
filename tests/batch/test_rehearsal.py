"""リハーサル says what a run would do, and nothing has happened."""

from collections.abc import Sequence

import pytest

from batch.rehearsal import rehearse
from tests.batch import toy
from tests.batch.nights import OPERATOR
from yoriai.clock import now
from yoriai.errors import Invalid
from yoriai.jobs import JobContext
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig


def _context(config: TenantConfig) -> JobContext:
    return JobContext(config.tenant, config, toy.DAY, 2026, "rehearsal", now())


def test_a_rehearsal_runs_the_nets_in_their_order_and_leaves_nothing(
    bulk: BulkDatabase, toy_configs: Sequence[TenantConfig]
) -> None:
    config = toy_configs[0]
    done = rehearse(bulk, toy.CATALOGUE, ["toy.close", "toy.daily"], _context(config), by=OPERATOR)
    assert [job.job for job in done] == ["toy.a", "toy.b", "toy.c", "toy.total"]
    assert done[0].rows_out == toy.ROWS
    assert done[-1].rows_in == 3 * toy.ROWS, "the last job saw what the others had written"
    with bulk.read(config.tenant) as session:
        assert session.read("SELECT count(*) AS n FROM toy_double").item() == 0
        assert session.read("SELECT count(*) AS n FROM job_run").item() == 0
        seen = session.read("SELECT staff, action FROM audit_event ORDER BY seq DESC LIMIT 1").row(0)
    assert seen == ("operator", "batch.rehearsal.view"), "it shows whose rows fail: the municipality can see who looked"


def test_a_job_that_fails_in_rehearsal_says_why_and_leaves_nothing(
    bulk: BulkDatabase, toy_configs: Sequence[TenantConfig]
) -> None:
    document = {**toy_configs[0].document, "businesses": {"toy": {"settings": {"refuses": True}}}}
    with pytest.raises(Invalid, match="納期"):
        rehearse(bulk, toy.CATALOGUE, ["toy.daily", "toy.annual"], _context(TenantConfig(document)), by=OPERATOR)
    with bulk.read(toy_configs[0].tenant) as session:
        assert session.read("SELECT count(*) AS n FROM toy_double").item() == 0


def test_an_unknown_net_is_named(bulk: BulkDatabase, toy_configs: Sequence[TenantConfig]) -> None:
    with pytest.raises(Invalid) as refusal:
        rehearse(bulk, toy.CATALOGUE, ["toy.nothing"], _context(toy_configs[0]), by=OPERATOR)
    assert "toy.daily" in refusal.value.fields[0].message
