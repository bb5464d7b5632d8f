"""Many at once, as fast as they can: the rate of an act, and the times of paced ones."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from loadtests.dice import seeded

Act = Callable[[], Awaitable[object]]


async def measure_rate(acts: Sequence[Act], seconds: float) -> float:
    """Acts per second when each of them is repeated without a pause, all at the same time."""
    begun = time.perf_counter()
    counts = await asyncio.gather(*(_repeat(act, begun + seconds) for act in acts))
    return sum(counts) / (time.perf_counter() - begun)


async def measure_time(act: Act) -> float:
    """The seconds one act takes."""
    begun = time.perf_counter()
    await act()
    return time.perf_counter() - begun


class PacedLoad:
    """Clerks who act, pause and act again, until told to stop. `times` are the seconds each act took, as they ended.

    The pauses are by chance, `pause` seconds in the mean. With equal ones, clerks who had to wait for the same answer once would
    come back together for ever, and wait for each other.
    """

    def __init__(self, acts: Sequence[Act], pause: float) -> None:
        self._acts = acts
        self._pause = pause
        self._tasks: list[asyncio.Task[None]] = []
        self.times: list[float] = []

    async def __aenter__(self) -> "PacedLoad":
        self._tasks = [asyncio.create_task(self._work(act, place)) for place, act in enumerate(self._acts)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def take(self) -> list[float]:
        """The times since the last call."""
        taken, self.times = self.times, []
        return taken

    async def _work(self, act: Act, place: int) -> None:
        dice = seeded(place)
        while True:
            await asyncio.sleep(dice.expovariate(1 / self._pause))
            self.times.append(await measure_time(act))


async def _repeat(act: Act, end: float) -> int:
    count = 0
    while time.perf_counter() < end:
        await act()
        count += 1
    return count
