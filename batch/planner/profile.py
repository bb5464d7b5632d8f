"""Room of all resources over time, kept as a skyline: the moments at which it changes and the room from each on."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

Needs = tuple[int, ...]


class ResourceProfile:
    """A skyline with one height per resource.

    Room only shrinks, so a stretch too full for some needs and duration stays too full for these needs and any longer job.
    The profile remembers, per needs and power of two of the duration, up to where it has looked, and 52,000 jobs do
    not walk over the full part of the night 52,000 times.
    """

    def __init__(self, times: Sequence[int], heights: Sequence[Needs]) -> None:
        self._times = list(times)
        self._heights = list(heights)
        self._full_until: dict[tuple[Needs, int], int] = {}

    def earliest(self, needs: Needs, duration: int, ready: int) -> int:
        """The first moment not before `ready` from which `needs` fit for the whole duration."""
        if duration == 0 or not any(needs):
            return ready
        key = (needs, duration.bit_length())
        full_until = self._full_until.get(key, self._times[0])
        full_until = self._scan(needs, 1 << (duration.bit_length() - 1), full_until)
        self._full_until[key] = full_until
        return self._scan(needs, duration, max(full_until, ready))

    def add(self, needs: Needs, start: int, duration: int) -> None:
        """Reserve the needs in [start, start + duration)."""
        if duration == 0 or not any(needs):
            return
        first = self._cut(start)
        last = self._cut(start + duration)
        heights = self._heights
        for position in range(first, last):
            heights[position] = tuple(map(int.__sub__, heights[position], needs))

    def _scan(self, needs: Needs, duration: int, start: int) -> int:
        times, heights = self._times, self._heights
        position = bisect_right(times, start) - 1
        end = start + duration
        for at in range(position, len(times)):
            if times[at] >= end:
                break
            if any(map(int.__gt__, needs, heights[at])):
                # In the end everything is free again, so a full segment has a next one.
                start = times[at + 1]
                end = start + duration
        return start

    def _cut(self, moment: int) -> int:
        """The position of the segment that begins at the moment; splits one if need be."""
        position = bisect_left(self._times, moment)
        if position == len(self._times) or self._times[position] != moment:
            self._times.insert(position, moment)
            self._heights.insert(position, self._heights[position - 1])
        return position
