"""Who waits for whom at the processor: background work for the counters, where both and the database are on one machine."""

import contextlib
import os

import psutil

from yoriai.tenancy.choice import APP_ROLE

_LEAST = 19
_BACKEND, _VACUUM = f"postgres: {APP_ROLE} ", "postgres: autovacuum worker "


def yield_processor(pid: int = 0) -> None:
    """Let this process, or the one just started, take what processor time the others leave.

    On Linux the idle class does it at once: any other process that wakes up takes the processor over. Of a process that is merely
    nice, it waits for the end of the time slice, some milliseconds at each of the many steps of an answer.
    """
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "sched_setscheduler"):
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
        else:
            os.setpriority(os.PRIO_PROCESS, pid, _LEAST)


def yield_backend(pid: int) -> None:
    """Do the same for the server process of one of its connections, where the system lets us.

    Does nothing for a server on another machine, or one whose processes belong to somebody we may not command. A lock that such a
    process holds costs the counters little: while they wait for it, they leave it the processor.
    """
    _yield_named(pid, _BACKEND)


def yield_vacuum(pid: int) -> None:
    """Do the same for the server process if it is one that tidies up by itself what it has written."""
    _yield_named(pid, _VACUUM)


def _yield_named(pid: int, start: str) -> None:
    with contextlib.suppress(psutil.Error, OSError):
        # On another machine the same number is anybody's.
        if " ".join(psutil.Process(pid).cmdline()).startswith(start):
            yield_processor(pid)
