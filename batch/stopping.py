"""End what a job is doing: cancel its statements, then its connections, then the process itself."""

import logging
import os
import threading
from collections.abc import Callable, Sequence

import psycopg

from yoriai.tenancy.session import stop_backends

_log = logging.getLogger(__name__)
STUCK_EXIT = 75
"""Exit code of a worker that ended itself because a job would not stop; whoever started it starts another."""


class Stopper:
    """Stops the work of one worker in three steps, each after a while in which the step before has not sufficed.

    `exits` says whether the process may end itself: a computation that never asks the database can be stopped in no other way.
    """

    def __init__(
        self, dsn: str, pids: Callable[[], Sequence[int]], *, exits: bool, patience_seconds: float = 3.0
    ) -> None:
        self._dsn = dsn
        self._pids = pids
        self._exits = exits
        self._patience_seconds = patience_seconds

    def stop(self, ended: threading.Event) -> None:
        """Stop, until `ended` says that the work has ended."""
        for terminate in (False, True):
            self._stop_backends(terminate=terminate)
            if ended.wait(self._patience_seconds):
                return
        if self._exits:
            _log.error("the job does not stop: the worker ends itself")
            os._exit(STUCK_EXIT)

    def _stop_backends(self, *, terminate: bool) -> None:
        pids = self._pids()
        if not pids:
            return
        try:
            stop_backends(self._dsn, pids, terminate=terminate)
        except psycopg.OperationalError as error:
            _log.warning("could not stop the statements of %s: %s", list(pids), error)
