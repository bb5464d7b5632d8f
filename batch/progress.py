"""Show a running night: bars per municipality on a terminal, one line per ended job elsewhere."""

import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from batch.states import ENDED, STOPPED, Status

Rows = Sequence[Mapping[str, Any]]


class NightView(Protocol):
    """What a run tells about its progress."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def show(self, jobs: Rows) -> None:
        """The jobs of the night as they stand."""


def make_view(names: Mapping[str, str]) -> NightView:
    """A view on the standard error, for the standard output is JSON's; `names` are the municipalities' by code."""
    console = Console(stderr=True)
    return BarView(names, console) if console.is_terminal else LineView(names)


class LineView:
    """A line for each job as it ends."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._told: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def show(self, jobs: Rows) -> None:
        """Print the jobs that have ended since."""
        for job in jobs:
            if job["status"] in ENDED and job["id"] not in self._told:
                self._told.add(job["id"])
                name = self._names.get(job["municipality_code"], job["municipality_code"])
                place = f"[{len(self._told)}/{len(jobs)}]"
                print(place, name, job["label"], Status(job["status"]).label, _result(job), file=sys.stderr, flush=True)


class BarView:
    """A bar for each municipality."""

    def __init__(self, names: Mapping[str, str], console: Console) -> None:
        self._names = names
        self._tasks: dict[str, TaskID] = {}
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[now]}"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, jobs: Rows) -> None:
        """Move the bars."""
        grouped: dict[str, list[Mapping[str, Any]]] = {}
        for job in jobs:
            grouped.setdefault(job["municipality_code"], []).append(job)
        for code, own in sorted(grouped.items()):
            running = [f"{job['label']}{_percent(job)}" for job in own if job["status"] == Status.RUNNING]
            bad = [
                f"[red]{Status(job['status']).label}: {job['label']}[/red]" for job in own if job["status"] in STOPPED
            ]
            done = sum(job["status"] in ENDED for job in own)
            self._progress.update(self._task(code, len(own)), completed=done, now="、".join([*bad, *running])[:200])

    def _task(self, code: str, total: int) -> TaskID:
        if code not in self._tasks:
            self._tasks[code] = self._progress.add_task(self._names.get(code, code), total=total, now="")
        return self._tasks[code]


def _percent(job: Mapping[str, Any]) -> str:
    total = job["chunks_total"]
    return f" {job['chunks_done'] * 100 // total}%" if total else ""


def _result(job: Mapping[str, Any]) -> str:
    if job["status"] in STOPPED:
        return str(job["message"])
    seconds = (job["ended_at"] - job["started_at"]).total_seconds() if job["started_at"] and job["ended_at"] else 0
    return f"入力{job['rows_in'] or 0}件 出力{job['rows_out'] or 0}件 {seconds:.1f}秒"
