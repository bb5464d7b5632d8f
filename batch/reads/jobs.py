"""Jobs of a night: in lists, and one with its log, its counts, its neighbours and its last run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batch.reads.shown import STATES, State, with_shown
from batch.states import Act
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader

DIFFERS_PERCENT = 20
"""A count or control total that differs from the last run's by more than this is pointed out."""

_COLUMNS = """
SELECT j.id, j.night_key, j.municipality_code, j.net, j.job_name, j.label, j.run_key, j.priority, j.cpu, j.io, j.connections,
  j.print, j.job_class, j.size, j.estimate_ms, j.high_ms, j.planned_start, j.planned_end, j.not_before, j.deadline_at, j.start_by,
  j.end_by, j.max_ms, j.waits_for, j.generation, j.is_changed, j.is_forced, j.expected_end, j.attempts, j.max_attempts, j.worker,
  j.lease_until, j.started_at, j.ended_at, j.chunks_total, j.chunks_done, j.rows_in, j.rows_out, j.rows_error, j.control_total,
  j.message, s.state, s.is_late_start, s.is_late_end, s.is_missing
FROM batch_job j JOIN shown s ON s.id = j.id
"""
_OF_MUNICIPALITY = with_shown(
    _COLUMNS
    + " WHERE j.night_key = $1 AND j.municipality_code = $3 AND ($4 = '' OR j.net = $4) ORDER BY j.planned_start, j.id"
)
_ONE = with_shown(_COLUMNS + " WHERE j.id = $3")
_NIGHT_OF = "SELECT night_key FROM batch_job WHERE id = $1"
_EDGES = """
SELECT d.job_id, d.predecessor_id FROM batch_job_predecessor d JOIN batch_job j ON j.id = d.job_id
WHERE j.night_key = $1 AND j.municipality_code = $2
"""
_EVENTS = """
SELECT id, at, act, from_status, to_status, actor, message FROM batch_event WHERE job_id = $1 ORDER BY at DESC, id DESC LIMIT 500
"""
_LAST_RUN = """
SELECT p.id, p.night_key, p.started_at, p.ended_at, p.size, p.rows_in, p.rows_out, p.rows_error, p.control_total
FROM batch_job p JOIN batch_job j ON j.id = $1
WHERE p.job_name = j.job_name AND p.municipality_code = j.municipality_code AND p.id <> j.id AND p.status IN ('succeeded', 'warned')
  AND NOT p.is_forced AND p.ended_at < coalesce(j.ended_at, 'infinity')
ORDER BY p.ended_at DESC LIMIT 1
"""
_REQUEST = """
SELECT id, reason, asked_by, asked_at FROM batch_request WHERE job_id = $1 AND status = 'open'
"""
_BEHIND = """
WITH RECURSIVE later (id) AS (
  SELECT d.job_id FROM batch_job_predecessor d WHERE d.predecessor_id = $1
  UNION SELECT d.job_id FROM later l JOIN batch_job_predecessor d ON d.predecessor_id = l.id
) SELECT j.label, j.status FROM later l JOIN batch_job j ON j.id = l.id ORDER BY j.planned_start, j.id
"""


@dataclass(frozen=True)
class JobRow:
    """A job as lists and pictures show it."""

    id: int
    night_key: str
    municipality_code: str
    net: str
    job_name: str
    label: str
    run_key: str
    priority: int
    cpu: int
    io: int
    connections: int
    print: int
    job_class: str
    size: int
    estimate_ms: int
    high_ms: int | None
    planned_start: datetime
    planned_end: datetime
    not_before: datetime
    deadline_at: datetime
    start_by: datetime | None
    end_by: datetime | None
    max_ms: int | None
    waits_for: list[str]
    generation: int
    is_changed: bool
    is_forced: bool
    expected_end: datetime | None
    attempts: int
    max_attempts: int
    worker: str | None
    lease_until: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    chunks_total: int | None
    chunks_done: int
    rows_in: int | None
    rows_out: int | None
    rows_error: int | None
    control_total: int | None
    message: str
    state: State
    is_late_start: bool
    is_late_end: bool
    is_missing: bool

    @property
    def took_ms(self) -> int | None:
        """How long it really ran; None while it has not ended or when it never began."""
        if self.started_at is None or self.ended_at is None:
            return None
        return int((self.ended_at - self.started_at).total_seconds() * 1000)

    @property
    def marks(self) -> list[str]:
        """What is said of it besides its state."""
        return [
            text
            for text, holds in (
                ("打切時刻超過見込", self.is_missing),
                ("終了遅延", self.is_late_end),
                ("開始遅延", self.is_late_start),
                ("今夜変更", self.is_changed),
                (f"リラン{self.generation}回目", self.generation > 0),
            )
            if holds
        ]


@dataclass(frozen=True)
class Event:
    """A line of a job's log."""

    id: int
    at: datetime
    act: str
    from_status: str
    to_status: str
    actor: str
    message: str

    @property
    def act_label(self) -> str:
        """What happened, in Japanese."""
        return act_label(self.act)

    @property
    def from_label(self) -> str:
        """The status before, in Japanese."""
        return _status_label(self.from_status)

    @property
    def to_label(self) -> str:
        """The status after, in Japanese."""
        return _status_label(self.to_status)


@dataclass(frozen=True)
class Difference:
    """A figure of this run beside the last one's."""

    label: str
    now: int | None
    last: int | None
    is_unusual: bool

    @property
    def change(self) -> int | None:
        """The difference; None while one of them is missing."""
        return None if self.now is None or self.last is None else self.now - self.last


@dataclass(frozen=True)
class LastRun:
    """The same job of the same municipality, the last time it ended."""

    id: int
    night_key: str
    started_at: datetime | None
    ended_at: datetime
    size: int
    rows_in: int | None
    rows_out: int | None
    rows_error: int | None
    control_total: int | None


@dataclass(frozen=True)
class ForceRequest:
    """強制正常 that waits for its second person."""

    id: int
    reason: str
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True)
class JobDetail:
    """A job with everything its page shows."""

    job: JobRow
    predecessors: tuple[JobRow, ...]
    successors: tuple[JobRow, ...]
    behind: int
    """How many jobs wait for it, directly or not."""
    events: tuple[Event, ...]
    last: LastRun | None
    differences: tuple[Difference, ...]
    request: ForceRequest | None


async def list_jobs(
    session: Reader, night_key: str, municipality_code: str, at: datetime, net: str = ""
) -> list[JobRow]:
    """The jobs of a municipality in plan order, or of one of its nets."""
    return [_job(row) for row in await session.fetch(_OF_MUNICIPALITY, night_key, at, municipality_code, net)]


async def list_edges(session: Reader, night_key: str, municipality_code: str) -> list[tuple[int, int]]:
    """(predecessor, successor) of all of the municipality's jobs of the night."""
    rows = await session.fetch(_EDGES, night_key, municipality_code)
    return [(row["predecessor_id"], row["job_id"]) for row in rows]


async def get_job(session: Reader, job_id: int, at: datetime) -> JobRow:
    """The job. Raises NotFound, also for a job whose rows the session may not see."""
    key = await session.fetchval(_NIGHT_OF, job_id)
    row = await session.fetchrow(_ONE, key, at, job_id) if key else None
    if row is None:
        raise NotFound(f"ジョブ{job_id}はありません。")
    return _job(row)


async def get_job_detail(session: Reader, job_id: int, at: datetime, *, of_center: bool) -> JobDetail:
    """The job with its log, neighbours and last run; open requests are the centre's to see. Raises NotFound."""
    job = await get_job(session, job_id, at)
    edges = await list_edges(session, job.night_key, job.municipality_code)
    others = {row.id: row for row in await list_jobs(session, job.night_key, job.municipality_code, at)}
    last_row = await session.fetchrow(_LAST_RUN, job_id)
    last = LastRun(**dict(last_row)) if last_row else None
    request = await session.fetchrow(_REQUEST, job_id) if of_center else None
    return JobDetail(
        job=job,
        predecessors=tuple(others[before] for before, after in edges if after == job_id and before in others),
        successors=tuple(others[after] for before, after in edges if before == job_id and after in others),
        behind=len(await session.fetch(_BEHIND, job_id)),
        events=tuple(Event(**dict(row)) for row in await session.fetch(_EVENTS, job_id)),
        last=last,
        differences=tuple(compare_runs(job, last)),
        request=ForceRequest(**dict(request)) if request else None,
    )


async def list_behind(session: Reader, job_id: int) -> list[str]:
    """The labels of the jobs that wait for it, directly or not, and have not ended."""
    rows = await session.fetch(_BEHIND, job_id)
    return [row["label"] for row in rows if row["status"] in ("planned", "waiting", "ready", "held")]


def compare_runs(job: JobRow, last: LastRun | None) -> list[Difference]:
    """Counts and control total beside the last run's; unusual when they differ by more than `DIFFERS_PERCENT` percent."""
    labels = {"rows_in": "入力件数", "rows_out": "出力件数", "rows_error": "エラー件数", "control_total": "照合合計"}
    pairs = [(label, getattr(job, name), getattr(last, name, None)) for name, label in labels.items()]
    return [Difference(label, now, before, _is_unusual(now, before)) for label, now, before in pairs]


def _is_unusual(now: int | None, before: int | None) -> bool:
    if now is None or before is None:
        return False
    return abs(now - before) * 100 > DIFFERS_PERCENT * abs(before)


def _job(row: Any) -> JobRow:
    values = dict(row)
    values["state"] = STATES[values["state"]]
    values["waits_for"] = list(values["waits_for"])
    return JobRow(**values)


def act_label(act: str) -> str:
    """The Japanese name of an act of the log; the act itself when it is none of the table's."""
    try:
        return Act(act).label
    except ValueError:
        return act


def _status_label(status: str) -> str:
    return STATES[status].label if status in STATES else status
