"""Bars of the night: planned and real, one lane for each municipality or for each job of one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from batch.reads.jobs import JobRow
from batch.reads.nights import Night
from batch.reads.shown import STATES, STOPPED, with_shown
from yoriai.tenancy.session import Reader

_SPANS = with_shown("""
SELECT j.municipality_code, s.state, j.planned_start, j.planned_end, j.started_at, j.ended_at, j.expected_end, j.deadline_at,
  s.is_missing
FROM batch_job j JOIN shown s ON s.id = j.id WHERE j.night_key = $1 AND j.municipality_code = ANY($3::text[])
ORDER BY j.municipality_code, j.planned_start, j.id
""")
_EXTENT = """
SELECT min(least(planned_start, started_at)) AS first, max(greatest(planned_end, ended_at, expected_end)) AS last,
  max(deadline_at) AS deadline
FROM batch_job WHERE night_key = $1
"""


@dataclass(frozen=True)
class Bar:
    """A span of time in one picture (planned, running, done, warned, held, failed, skipped …)."""

    start: datetime
    end: datetime
    picture: str
    label: str


@dataclass(frozen=True)
class Lane:
    """A line of the Gantt: what was planned above, what happened below."""

    label: str
    href: str
    word: str
    kind: str
    planned: tuple[Bar, ...]
    real: tuple[Bar, ...]
    deadline_at: datetime | None


@dataclass(frozen=True)
class Extent:
    """From when to when there is anything to see."""

    first: datetime
    last: datetime


async def read_extent(session: Reader, night: Night, at: datetime) -> Extent:
    """The span of all of the night's jobs that the session may see; of a running night up to now at least."""
    row = await session.fetchrow(_EXTENT, night.night_key)
    first = row["first"] if row and row["first"] else night.origin
    last = row["last"] if row and row["last"] else night.origin
    if night.status == "running":
        last = max(last, at)
    return Extent(first, last)


async def list_municipality_lanes(
    session: Reader, night: Night, places: Sequence[tuple[str, str, str, str]], at: datetime
) -> list[Lane]:
    """A lane for each (code, name, word, kind), its jobs' bars melted together where they touch."""
    rows = await session.fetch(_SPANS, night.night_key, at, [code for code, *_ in places])
    grouped: dict[str, list[tuple[Bar, Bar | None]]] = {}
    deadlines: dict[str, datetime] = {}
    for row in rows:
        code = row["municipality_code"]
        planned = Bar(row["planned_start"], row["planned_end"], "planned", "計画")
        grouped.setdefault(code, []).append((planned, _real_bar(row, at)))
        deadlines[code] = max(deadlines.get(code, row["deadline_at"]), row["deadline_at"])
    lanes = []
    for code, name, word, kind in places:
        bars = grouped.get(code, [])
        lanes.append(
            Lane(
                label=name,
                href=f"/gantt?municipality={code}",
                word=word,
                kind=kind,
                planned=tuple(melt(bar for bar, _ in bars)),
                real=tuple(melt(bar for _, bar in bars if bar)),
                deadline_at=deadlines.get(code),
            )
        )
    return lanes


def lanes_of_nets(nets: Iterable[tuple[str, str, Sequence[JobRow]]], at: datetime) -> list[Lane]:
    """A lane for each (label, address, jobs) of a net, its jobs' bars melted together; it stands where its worst job stands."""
    lanes = []
    for label, href, jobs in nets:
        worst = min(jobs, key=lambda job: job.state.order)
        real = [bar for job in jobs if (bar := _real_bar(_facts(job), at))]
        lanes.append(
            Lane(
                label=label,
                href=href,
                word=worst.state.label,
                kind=worst.state.kind,
                planned=tuple(melt(Bar(job.planned_start, job.planned_end, "planned", "計画") for job in jobs)),
                real=tuple(melt(real)),
                deadline_at=max(job.deadline_at for job in jobs),
            )
        )
    return lanes


def _facts(job: JobRow) -> dict[str, object]:
    return {
        "state": job.state.code,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "is_missing": job.is_missing,
    }


def lanes_of_jobs(jobs: Iterable[JobRow], at: datetime) -> list[Lane]:
    """A lane for each job, in plan order."""
    lanes = []
    for job in jobs:
        bar = _real_bar(_facts(job), at)
        lanes.append(
            Lane(
                label=job.label,
                href=f"/jobs/{job.id}",
                word=job.state.label,
                kind=job.state.kind,
                planned=(Bar(job.planned_start, job.planned_end, "planned", "計画"),),
                real=(bar,) if bar else (),
                deadline_at=job.deadline_at,
            )
        )
    return lanes


def melt(bars: Iterable[Bar]) -> list[Bar]:
    """Bars of the same picture that overlap or touch as one; failed ones stay as they are, so that each is seen."""
    melted: list[Bar] = []
    last: dict[str, int] = {}
    for bar in sorted(bars, key=lambda item: (item.start, item.end)):
        place = last.get(bar.picture)
        if place is not None and bar.picture != "failed" and bar.start <= melted[place].end:
            known = melted[place]
            melted[place] = Bar(known.start, max(known.end, bar.end), bar.picture, bar.label)
        else:
            last[bar.picture] = len(melted)
            melted.append(bar)
    return melted


def _real_bar(row: Mapping[str, object], at: datetime) -> Bar | None:
    started, ended = row["started_at"], row["ended_at"]
    state = STATES[str(row["state"])]
    if not isinstance(started, datetime):
        # Stopped without ever having run (cut off, skipped as failed): a mark where it ended.
        return Bar(ended, ended, state.picture, state.label) if isinstance(ended, datetime) else None
    end = ended if isinstance(ended, datetime) else at
    picture = state.picture if isinstance(ended, datetime) or state.code in (*STOPPED, "running") else "done"
    return Bar(started, max(end, started), picture, state.label)
