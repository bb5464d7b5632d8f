"""Who waits for whom at the processor: the batch for the counters, where worker and database are on one machine."""

import contextlib
import os

import psutil

from yoriai.tenancy.choice import APP_ROLE

_WORKER_NICENESS = 19
_BACKEND_NICENESS = 10
"""Less than the worker's: a server process may hold a lock that the counters wait for."""


def yield_processor(pid: int = 0) -> None:
    """Let this process, or the one just started, take what processor time the others leave."""
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, _WORKER_NICENESS)


def yield_backend(pid: int) -> None:
    """Do the same for the server process of one of the batch's connections, where the system lets us.

    Does nothing for a server on another machine, or one whose processes belong to somebody we may not command.
    """
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        # On another machine the same number is anybody's.
        if f"postgres: {APP_ROLE} " in " ".join(process.cmdline()):
            process.nice(_BACKEND_NICENESS)
