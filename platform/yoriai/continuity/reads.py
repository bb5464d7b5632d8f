"""What the centre's screen tells of copies and drills."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from yoriai.clock import JAPAN
from yoriai.continuity.models import KINDS
from yoriai.tenancy.session import Reader

_DRILL_DAYS = 183
"""Half a year: twice a year is what the drill is for."""
_ROWS = """
SELECT kind, site, copy_id, started_at, finished_at, ok, done_by, detail::text FROM continuity_record
ORDER BY finished_at DESC LIMIT 400
"""
_NEWEST = """
SELECT copy_id, finished_at, detail::text FROM continuity_record
WHERE kind = 'copy' ORDER BY finished_at DESC LIMIT 400
"""
_DRILL = (
    "SELECT finished_at, ok, detail::text FROM continuity_record WHERE kind = 'drill' ORDER BY finished_at DESC LIMIT 1"
)


_CLOSED = """
SELECT r.restoration_no, r.code, t.name, r.begun_at, r.carried_at IS NOT NULL AS is_carried, count(i.item_no) AS waiting
FROM restoration r JOIN tenant t ON t.code = r.code
LEFT JOIN restoration_item i ON i.restoration_no = r.restoration_no AND i.needs_decision AND i.decided_at IS NULL
WHERE r.put_at IS NOT NULL AND r.opened_at IS NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY r.begun_at
"""
_WAITING = """
SELECT r.code, i.item_no, i.part, i.text
FROM restoration r JOIN restoration_item i ON i.restoration_no = r.restoration_no
WHERE r.opened_at IS NULL AND i.needs_decision AND i.decided_at IS NULL ORDER BY r.code, i.item_no LIMIT 400
"""


class ClosedView(BaseModel):
    """A municipality that was taken back and is not open yet."""

    code: str
    name: str
    begun_at: datetime
    is_carried: bool
    """Whether its list is complete; else the restoration was cut off."""
    waiting: int


class WaitingView(BaseModel):
    """Something that has to be decided before it is opened."""

    code: str
    item_no: int
    part: str
    text: str


class SiteView(BaseModel):
    """A site with its newest copy."""

    name: str
    copy_id: str
    finished_at: datetime | None
    is_old: bool
    """No copy arrived there for longer than the deployment file allows."""


class ActView(BaseModel):
    """One act."""

    kind: str
    site: str
    copy_id: str
    started_at: datetime
    seconds: int
    ok: bool
    summary: str
    done_by: str


class ContinuityPage(BaseModel):
    """The screen."""

    sites: list[SiteView]
    newest_hours: int
    restore_hours: int
    drill_at: datetime | None
    drill_ok: bool
    drill_login_seconds: int
    is_drill_due: bool
    closed: list[ClosedView]
    waiting: list[WaitingView]
    acts: list[ActView]


async def read_page(
    session: Reader, sites: Sequence[str], newest_hours: int, restore_hours: int, now: datetime
) -> ContinuityPage:
    """Copies by site, the last drill, municipalities that wait for decisions, and the last 400 acts."""
    copies = await session.fetch(_NEWEST)
    drill = await session.fetchrow(_DRILL)
    found = json.loads(drill["detail"]) if drill else {}
    return ContinuityPage(
        sites=[_site(name, copies, now - timedelta(hours=newest_hours)) for name in sites],
        newest_hours=newest_hours,
        restore_hours=restore_hours,
        drill_at=drill["finished_at"] if drill else None,
        drill_ok=bool(drill and drill["ok"]),
        drill_login_seconds=int(found.get("login_seconds", 0)),
        is_drill_due=drill is None or drill["finished_at"] < now - timedelta(days=_DRILL_DAYS),
        closed=[ClosedView(**dict(row)) for row in await session.fetch(_CLOSED)],
        waiting=[WaitingView(**dict(row)) for row in await session.fetch(_WAITING)],
        acts=[_act(row) for row in await session.fetch(_ROWS)],
    )


def _site(name: str, copies: Sequence[Mapping[str, Any]], limit: datetime) -> SiteView:
    for row in copies:
        if name not in json.loads(row["detail"]).get("errors", {}):
            is_old = row["finished_at"] < limit
            return SiteView(name=name, copy_id=row["copy_id"], finished_at=row["finished_at"], is_old=is_old)
    return SiteView(name=name, copy_id="", finished_at=None, is_old=True)


def _act(row: Mapping[str, Any]) -> ActView:
    return ActView(
        kind=KINDS[row["kind"]],
        site=row["site"],
        copy_id=row["copy_id"],
        started_at=row["started_at"],
        seconds=round((row["finished_at"] - row["started_at"]).total_seconds()),
        ok=row["ok"],
        summary=_summary(row["kind"], json.loads(row["detail"])),
        done_by=row["done_by"],
    )


def _summary(kind: str, detail: Mapping[str, Any]) -> str:
    match kind:
        case "copy":
            failed = "、".join(detail.get("errors", {}))
            size = f"{detail.get('bytes', 0) // 1_000_000:,} MB {detail.get('rows', 0):,} 行"
            return f"{size}({failed} に送れず)" if failed else size
        case "drill":
            differing = len(detail.get("differing", ()))
            same = f"違う表 {differing}" if differing else "全件一致"
            return f"ログイン画面まで {detail.get('login_seconds', 0)} 秒、{same}"
        case "municipality":
            waiting = f" 要判断 {detail['to_decide']}件" if detail.get("to_decide") else ""
            return f"{detail.get('code', '')} {detail.get('rows', 0):,} 行{waiting} 理由: {detail.get('reason', '')}"
        case "degraded":
            moment = datetime.fromisoformat(str(detail.get("moment")))
            return f"{moment.astimezone(JAPAN):%Y-%m-%d %H:%M} 時点"
        case _:
            return "、".join(f"{name} {value}" for name, value in detail.items())
