"""How long the islands of a search go on, and the best plan they share."""

import time
from dataclasses import dataclass
from threading import Lock

import numpy as np

from batch.planner.kernels.demand import NEVER, Ints

Cost = tuple[int, int]
"""Lateness and makespan."""


@dataclass
class Effort:
    """How long to search: until a moment of `time.monotonic()`, or for so many turns, which on one island repeats exactly.

    With `is_target_all` nothing but reaching the target counts. `is_shortest` says afterwards that the makespan found is proven.
    """

    until: float | None = None
    turns: int | None = None
    seed: int = 0
    islands: int = 0
    target: Cost = (0, 0)
    is_target_all: bool = False
    is_over: bool = False
    is_shortest: bool = False

    def is_spent(self, turns: int) -> bool:
        """Whether to stop after so many turns."""
        if self.turns is not None and turns >= self.turns:
            return True
        return self.is_over or (self.until is not None and time.monotonic() >= self.until)

    def note_impossible(self, cost: Cost, *, ends: int) -> None:
        """It is proven that no plan without lateness ends by that moment (ever: NEVER), and this one is the best that is known."""
        late, span = cost
        if not late and ends >= span - 1:
            self.is_over = self.is_shortest = True
        elif ends == NEVER and self.is_target_all:
            self.is_over = True


class Board:
    """The best plan of all islands."""

    def __init__(self) -> None:
        self.cost: Cost = (NEVER, NEVER)
        self.best = np.zeros(0, np.int64)
        self._lock = Lock()

    def post(self, cost: Cost, starts: Ints) -> None:
        """Put the plan up if it is better."""
        with self._lock:
            if cost < self.cost:
                self.cost, self.best = cost, starts.copy()
