"""Nights struck at random instants end by themselves with every table as if nothing had happened.

`YORIAI_CHAOS_NIGHTS=30 pytest tests/batch/test_chaos.py -s` strikes longer, each time at other instants.
"""

import os
import random
from collections.abc import Iterator

import pytest

from tests.batch.chaos import FATES, Place, chaos_place, run_disturbed, run_undisturbed

NIGHTS = int(os.environ.get("YORIAI_CHAOS_NIGHTS", "0"))
SEEDS = [random.randrange(10**9) for _ in range(NIGHTS)] or [20261125, 3]  # noqa: S311
STRIKES = 10

pytestmark = [pytest.mark.night, pytest.mark.xdist_group("chaos"), pytest.mark.timeout(900 + 300 * NIGHTS)]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with chaos_place() as place:
        yield place


def test_struck_nights_write_what_an_undisturbed_one_writes(place: Place) -> None:
    undisturbed = run_undisturbed(place)
    assert sum(map(len, undisturbed.values())) > 700
    seen: list[str] = []
    for seed in SEEDS:
        statuses, struck = run_disturbed(place, random.Random(seed), STRIKES)  # noqa: S311
        print(seed, struck)
        assert set(statuses) == {"succeeded"}, (seed, struck, statuses)
        assert place.rows() == undisturbed, (seed, struck)
        seen += struck
    assert len(seen) >= len(SEEDS) * STRIKES // 3, "the nights were over before they were disturbed"
    assert len(set(seen)) >= len(FATES) - 1
