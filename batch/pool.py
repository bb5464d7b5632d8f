"""Worker processes of this machine: started, replaced when they die, stopped together."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from batch.stopping import STUCK_EXIT
from yoriai.errors import Conflict
from yoriai.priority import yield_processor

_log = logging.getLogger(__name__)
_TERMINATE_SECONDS = 60
_MAX_REPLACED = 50
_MEND_SECONDS = 1.0


class WorkerPool:
    """The worker processes of one run. One that dies is replaced; the others do not wait for it."""

    def __init__(self, dsn: str, command: Sequence[str], workers: int) -> None:
        self._dsn = dsn
        self._command = tuple(command)
        self._workers = workers
        self._processes: list[subprocess.Popen[bytes]] = []
        self._replaced = 0

    def __enter__(self) -> "WorkerPool":
        self._processes = [self._start() for _ in range(self._workers)]
        return self

    def __exit__(self, *_: object) -> None:
        """Ask those still there to stop; each finishes the chunk at hand and gives its job back."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(_TERMINATE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def mend(self) -> None:
        """Replace the workers that ended. Raises Conflict when they do so again and again by themselves."""
        for position, process in enumerate(self._processes):
            if process.poll() is None:
                continue
            if self._replaced >= _MAX_REPLACED:
                raise Conflict("ワーカーが続けて異常終了しました。ログを確認してから --resume で再開してください。")
            _log.warning("worker %s ended with %s and is replaced", process.pid, process.returncode)
            # One that ended itself because a killed job would not stop has done its duty.
            self._replaced += process.returncode != STUCK_EXIT
            self._processes[position] = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "YORIAI_DSN": self._dsn, "POLARS_MAX_THREADS": "1"}
        process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, env=environment)
        # From its first moment: a night would begin with so many processes importing their libraries beside the counters.
        yield_processor(process.pid)
        return process


@contextmanager
def resident_workers(dsn: str, workers: int) -> Iterator[None]:
    """Workers that wait for nights while the block runs, replaced when they die."""
    stopping = threading.Event()
    with WorkerPool(dsn, (sys.executable, "-m", "batch.process", "--supervised"), workers) as pool:
        thread = threading.Thread(target=_mend, args=(pool, stopping), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()


def supervise(dsn: str, command: Sequence[str], workers: int) -> None:
    """Keep so many resident workers, each started by the command, until SIGTERM or SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with WorkerPool(dsn, command, workers) as pool:
        _mend(pool, stopping)


def _mend(pool: WorkerPool, stopping: threading.Event) -> None:
    while not stopping.wait(_MEND_SECONDS):
        pool.mend()
