"""What the screens of a night show: the shapes of their JSON."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from batch.reads.board import Alert, Board, Totals
from batch.reads.errors import ErrorRow
from batch.reads.jobs import JobDetail, JobRow
from batch.reads.nights import Night, shown_moment
from batch.web.labels import net_label
from batch.web.layout import Drawing
from batch.web.pictures import Chart, GanttPicture
from batch.web.window import Move


@dataclass(frozen=True)
class BoardPage:
    """The board of all municipalities; no board while there is no night."""

    board: Board | None
    prefecture: str = ""
    nights: tuple[Night, ...] = ()


@dataclass(frozen=True)
class NetGroup:
    """A net of a municipality with its jobs."""

    name: str
    label: str
    jobs: tuple[JobRow, ...]

    @property
    def worst(self) -> JobRow:
        """The job whose state stands for the net."""
        return min(self.jobs, key=lambda job: job.state.order)

    @property
    def done(self) -> int:
        """How many of its jobs are behind it."""
        return sum(job.state.code in ("succeeded", "forced", "warned", "skipped") for job in self.jobs)


@dataclass(frozen=True)
class MunicipalityPage:
    """The night of one municipality: nets, jobs, alerts; no night while there is none."""

    night: Night | None
    code: str
    name: str
    at: datetime
    totals: Totals = field(default_factory=Totals)
    nets: tuple[NetGroup, ...] = ()
    alerts: tuple[Alert, ...] = ()
    nights: tuple[Night, ...] = ()


@dataclass(frozen=True)
class GanttPage:
    """The Gantt: the same facts as picture and as lanes."""

    night: Night
    at: datetime
    picture: GanttPicture
    charts: tuple[Chart, ...]
    window: tuple[str, str]
    first: datetime
    last: datetime
    moves: tuple[Move, ...] = ()
    municipality: str = ""
    name: str = ""
    page: int = 1
    pages: int = 1
    total: int = 0
    lanes: str = ""
    """`net`: the lanes of a municipality are its nets; else its jobs."""


@dataclass(frozen=True)
class Node:
    """A job, or an outside event, in a net's graph."""

    id: int
    label: str
    word: str
    kind: str
    picture: str
    href: str
    note: str = ""
    is_foreign: bool = False
    is_event: bool = False


@dataclass(frozen=True)
class NetPage:
    """A net of a municipality as a graph and a list."""

    night: Night
    code: str
    name: str
    net: str
    label: str
    drawing: Drawing
    nodes: dict[int, Node]
    jobs: tuple[JobRow, ...]
    arrivals: tuple["Awaited", ...] = ()


@dataclass(frozen=True)
class Awaited:
    """An outside event some job of the net waits for."""

    event: str
    label: str
    arrived_at: datetime | None
    noted_by: str


@dataclass(frozen=True)
class ActButton:
    """An act that the table of transitions allows now."""

    slug: str
    label: str
    is_danger: bool
    is_rerun: bool = False


@dataclass(frozen=True)
class JobPage:
    """One job."""

    night: Night
    name: str
    net_label: str
    detail: JobDetail
    acts: tuple[ActButton, ...] = ()
    may_approve: bool = False
    is_own: bool = False


@dataclass(frozen=True)
class ListPage:
    """A list that can be sorted and narrowed, a page of it."""

    title: str
    path: str
    columns: tuple[dict[str, Any], ...]
    rows: tuple[dict[str, Any], ...]
    total: int
    page: int
    pages: int
    sort: str
    order: str
    q: str
    note: str = ""
    query: str = ""
    night: str = ""


def group_by_net(jobs: Iterable[JobRow]) -> tuple[NetGroup, ...]:
    """The jobs by net, the net with the worst job first."""
    grouped: dict[str, list[JobRow]] = {}
    for job in jobs:
        grouped.setdefault(job.net, []).append(job)
    groups = [NetGroup(name, net_label(name), tuple(own)) for name, own in grouped.items()]
    return tuple(sorted(groups, key=lambda group: (group.worst.state.order, group.jobs[0].planned_start)))


@dataclass(frozen=True)
class ErrorPage:
    """The rows a job could not process."""

    night: Night
    job: JobRow
    rows: tuple[ErrorRow, ...]
    total: int
    may_open_persons: bool


@dataclass(frozen=True)
class AlertPage:
    """One alert with what was done about it."""

    id: int
    night_key: str
    job_id: int
    severity_label: str
    severity_kind: str
    name: str
    message: str
    affected: int
    raised_at: datetime
    cleared_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    note: str
    escalated_at: datetime | None

    @staticmethod
    def moment(at: datetime | None) -> str:
        """A moment in Japanese time."""
        return shown_moment(at)
