"""A plan that is not stored yet as the same pictures as a night that runs."""

import json
from dataclasses import dataclass

from batch.night import NightPlan
from batch.queue.nights import JobRow
from batch.reads.curves import ResourceCurve, capacity_steps, level
from batch.reads.gantt import Bar, Lane, melt
from batch.reads.nights import Night, NightOfCenter
from batch.web.pictures import Chart, GanttPicture, Scale, draw_chart, draw_gantt


@dataclass(frozen=True)
class PlannedPicture:
    """Lanes and curves of a plan."""

    gantt: GanttPicture
    charts: tuple[Chart, ...]
    lanes_left_out: int


_MOST_LANES = 60


def draw_plan(plan: NightPlan) -> PlannedPicture:
    """A lane for each municipality (60 at most, those that end last first), and the use of each resource."""
    row = plan.night_row()
    night = Night("", row.business_date, 0, "planned", row.origin, None, None)
    jobs = plan.job_rows()
    grouped: dict[str, list[JobRow]] = {}
    for job in jobs:
        grouped.setdefault(job.municipality_code, []).append(job)
    names = {job.config.code: job.config.name for job in plan.jobs}
    lanes = [_lane(names[code], own) for code, own in grouped.items()]
    lanes.sort(key=lambda lane: lane.planned[-1].end, reverse=True)
    end = max((job.planned_end for job in jobs), default=row.origin)
    scale = Scale(row.origin, end)
    facts = _facts(row.capacity, row.steps, row.blackouts)
    curves = [
        ResourceCurve(
            name=name,
            capacity=capacity_steps(night, facts, name),
            planned=level(
                [(job.planned_start, getattr(job, name)) for job in jobs]
                + [(job.planned_end, -getattr(job, name)) for job in jobs]
            ),
            reserved=(),
            measured=(),
        )
        for name, units in facts.capacity.items()
        if units
    ]
    return PlannedPicture(
        draw_gantt(night, scale, lanes[:_MOST_LANES], None),
        tuple(draw_chart(scale, curve) for curve in curves),
        max(0, len(lanes) - _MOST_LANES),
    )


def _lane(name: str, jobs: list[JobRow]) -> Lane:
    bars = melt(Bar(job.planned_start, job.planned_end, "planned", "計画") for job in jobs)
    deadline = max(job.deadline_at for job in jobs)
    return Lane(name, "", f"{len(jobs)}ジョブ", "neutral", tuple(bars), (), deadline)


def _facts(capacity: object, steps: object, blackouts: object) -> NightOfCenter:
    """The night's row as it would be read back."""
    stored = json.loads(json.dumps({"capacity": capacity, "steps": steps, "blackouts": blackouts}, default=str))
    return NightOfCenter(
        is_staggered=True,
        capacity=stored["capacity"],
        steps=stored["steps"],
        blackouts=stored["blackouts"],
        municipality_limit=None,
        counter_limit_ms=None,
        counter_quiet_us=None,
        pace=100,
        plan={},
        parameters={},
        forecast={},
        confirmed_by="",
        caretaker="",
        caretaker_until=None,
    )
