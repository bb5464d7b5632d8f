"""A net as a graph: its jobs, the jobs of other nets it touches, the outside events it waits for."""

from datetime import date, datetime

from batch.reads.jobs import JobRow, list_edges, list_jobs
from batch.reads.nights import Night
from batch.web.labels import event_label, net_label
from batch.web.layout import draw
from batch.web.pages import Awaited, NetPage, Node
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader

_ARRIVALS = """
SELECT event, arrived_at, noted_by FROM batch_arrival WHERE business_date = $1 AND municipality_code = $2
"""


async def net_page(session: Reader, night: Night, code: str, name: str, net: str, at: datetime) -> NetPage:
    """The net of the municipality that night. Raises NotFound when it does not run there."""
    jobs = await list_jobs(session, night.night_key, code, at)
    own = [job for job in jobs if job.net == net]
    if not own:
        raise NotFound(f"ジョブネット「{net}」は、この夜のこの団体では動きません。")
    edges = await list_edges(session, night.night_key, code)
    inside = {job.id for job in own}
    touched = {job for edge in edges for job in edge if inside & set(edge)}
    shown = [job for job in jobs if job.id in inside or job.id in touched]
    arrivals = await _awaited(session, night.business_date, code, own)
    nodes = {job.id: _node(night, job, is_foreign=job.net != net) for job in shown}
    waits: list[tuple[int, int]] = []
    for number, item in enumerate(arrivals.values()):
        key = -1_000_000 + number
        nodes[key] = _event_node(night, key, item)
        waits += [(key, job.id) for job in own if item.event in job.waits_for]
    inner = [edge for edge in edges if inside & set(edge)]
    return NetPage(
        night=night,
        code=code,
        name=name,
        net=net,
        label=net_label(net),
        drawing=draw(list(nodes), [*inner, *waits]),
        nodes=nodes,
        jobs=tuple(own),
        arrivals=tuple(arrivals.values()),
    )


def _node(night: Night, job: JobRow, *, is_foreign: bool) -> Node:
    if job.ended_at and job.started_at:
        note = f"{night.clock(job.started_at)}～{night.clock(job.ended_at)}"
    elif job.started_at:
        note = f"{night.clock(job.started_at)}～ {job.chunks_done}/{job.chunks_total or '?'}"
    else:
        note = f"予定 {night.clock(job.planned_start)}"
    return Node(
        id=job.id,
        label=job.label,
        word=job.state.label,
        kind=job.state.kind,
        picture=job.state.picture,
        href=f"/jobs/{job.id}",
        note=net_label(job.net) if is_foreign else note,
        is_foreign=is_foreign,
    )


def _event_node(night: Night, key: int, item: Awaited) -> Node:
    arrived = item.arrived_at is not None
    return Node(
        id=key,
        label=item.label,
        word="到着" if arrived else "未着",
        kind="ok" if arrived else "warn",
        picture="done" if arrived else "planned",
        href="",
        note=f"外部 {night.clock(item.arrived_at)}" if arrived else "外部からの受領待ち",
        is_event=True,
    )


async def _awaited(session: Reader, business_date: date, code: str, jobs: list[JobRow]) -> dict[str, Awaited]:
    arrived = {row["event"]: row for row in await session.fetch(_ARRIVALS, business_date, code)}
    found: dict[str, Awaited] = {}
    for name in sorted({event for job in jobs for event in job.waits_for}):
        row = arrived.get(name)
        found[name] = (
            Awaited(name, event_label(name), row["arrived_at"], row["noted_by"])
            if row
            else Awaited(name, event_label(name), None, "")
        )
    return found
