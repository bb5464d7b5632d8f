"""The year on the screen: what every night carries, where peaks collide, which heavy runs to move and what that saves."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from batch.catalogue import load_catalogue
from batch.reference_demand import load_reference
from batch.season_demand import SeasonMunicipality, build_year
from batch.season_report import season_json
from batch.season_search import plan_season
from batch.web.routers import center
from yoriai.calendar import parse_clock
from yoriai.dates import add_months
from yoriai.errors import FieldError, Invalid
from yoriai.tenancy.files import Deployment, read_deployment, read_tenants
from yoriai.web.context import CenterCtx

MONTHS = 12
_LEFT, _WIDTH, _HEIGHT = 60, 1120, 180


@dataclass(frozen=True)
class NightBar:
    """A night in the picture: as usual and as planned."""

    day: date
    x: int
    before_y: int
    after_y: int
    title: str


@dataclass(frozen=True)
class SeasonPage:
    """The planned year; shares are millionths of a night's capacity."""

    first: date
    document: dict[str, Any]
    names: dict[str, str]
    bars: tuple[NightBar, ...]
    months: tuple[tuple[int, str], ...]
    bound_y: int

    @staticmethod
    def percent(share: int) -> str:
        """A share in percent with two places."""
        return f"{share // 10_000}.{share % 10_000 // 100:02d}%"

    @staticmethod
    def day(text: str) -> date:
        """A date of the document."""
        return date.fromisoformat(text)

    @property
    def heaviest(self) -> list[dict[str, Any]]:
        """The fifteen nights that carry most as usual."""
        return sorted(self.document["nights"], key=lambda night: -night["before"]["share"])[:15]


@center.get("/season", permission="batch.view", summary="年間の負荷と平準化", screen="batch/season.html")
async def show_season(ctx: CenterCtx, first: str = "") -> SeasonPage:
    """Twelve months from the first month on (`2026-04`), planned with the reference demand of businesses not here yet."""
    start = parse_month(first) if first else ctx.now.date().replace(day=1)
    return await asyncio.to_thread(_plan, ctx.request.app.state.settings.tenants, start)


def _plan(tenants: Any, first: date) -> SeasonPage:
    deployment: Deployment = read_deployment(tenants)
    last = add_months(first, MONTHS) - timedelta(days=1)
    window = parse_clock(deployment.window["end"]) - parse_clock(deployment.window["start"])
    catalogue = load_catalogue()
    municipalities = [
        SeasonMunicipality(config.code, config.name, config.population, config) for config in read_tenants(tenants)
    ]
    year = build_year(
        load_reference(catalogue),
        municipalities,
        first,
        last,
        capacity=dict(deployment.capacity),
        window=window // timedelta(milliseconds=1),
        catalogue=catalogue,
    )
    season = plan_season(year.demand)
    document = season_json(year, season, [])
    top = max(season.peak_before, season.peak_after, 1)
    names = {item.code: item.name for item in municipalities}
    return SeasonPage(
        first, document, names, _bars(document, top), _month_lines(document), _y(document["peak_share"]["bound"], top)
    )


def _bars(document: dict[str, Any], top: int) -> tuple[NightBar, ...]:
    nights = document["nights"]
    return tuple(
        NightBar(
            day=date.fromisoformat(night["date"]),
            x=_x(at, len(nights)),
            before_y=_y(night["before"]["share"], top),
            after_y=_y(night["after"]["share"], top),
            title=f"{night['date']} いつもどおり {SeasonPage.percent(night['before']['share'])}、計画後 "
            f"{SeasonPage.percent(night['after']['share'])} {'、'.join(night['before']['nets'][:3])}",
        )
        for at, night in enumerate(nights)
    )


def _month_lines(document: dict[str, Any]) -> tuple[tuple[int, str], ...]:
    nights = document["nights"]
    found = [(at, date.fromisoformat(night["date"])) for at, night in enumerate(nights)]
    return tuple((_x(at, len(nights)), f"{day.month}月") for at, day in found if day.day == 1)


def _x(at: int, count: int) -> int:
    return _LEFT + at * (_WIDTH - _LEFT) // max(count, 1)


def _y(share: int, top: int) -> int:
    return _HEIGHT - share * (_HEIGHT - 10) // top


def parse_month(text: str) -> date:
    """`2026-04`. Raises Invalid."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        message = f"「{text}」は年月として読めません。例: 2026-04"
        raise Invalid(fields=[FieldError("first", message, "month")]) from None
