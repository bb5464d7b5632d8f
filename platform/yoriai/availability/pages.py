"""What screens and the printed report show of a month: words, and a picture with the line of the target."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from yoriai.availability.measure import Availability, percent
from yoriai.availability.reads import Month, NotedOutage, Stop, next_month
from yoriai.clock import JAPAN
from yoriai.dates import format_wareki_month

_VERDICTS = {"met": ("達成", "ok"), "missed": ("未達", "danger"), "open": ("未確定", "warn")}
_DRAWN = 40
_WIDTH, _ROW = 720, 24
_LABEL = 150


@dataclass(frozen=True)
class BarView:
    """A municipality's bar in the picture, in pixels."""

    name: str
    y: int
    width: int
    kind: str
    text: str


@dataclass(frozen=True)
class Picture:
    """Bars from `low` to 100 %, worst first, at most forty; `line` is the target."""

    low: str
    target: str
    line: int
    width: int
    height: int
    bars: tuple[BarView, ...]
    left_out: int


@dataclass(frozen=True)
class AvailabilityPage:
    """The screen of a month."""

    month: str
    month_label: str
    previous: str
    following: str
    target: str
    rows: tuple[dict[str, Any], ...]
    outages: tuple[dict[str, Any], ...]
    causes: tuple[dict[str, Any], ...]
    stops: tuple[dict[str, Any], ...]
    without_calendar: tuple[str, ...]
    picture: Picture
    is_center: bool


def make_page(month: Month, names: dict[str, str], *, is_center: bool) -> AvailabilityPage:
    """The page of a month; `names` are the municipalities' by code."""
    return AvailabilityPage(
        month=f"{month.first:%Y-%m}",
        month_label=format_wareki_month(month.first),
        previous=f"{month.first - timedelta(days=1):%Y-%m}",
        following=f"{next_month(month.first):%Y-%m}",
        target=percent(month.rules.target),
        rows=tuple({"code": item.code, "name": item.name, **_figures(item.availability)} for item in month.months),
        outages=tuple(_outage(item) for item in month.outages),
        causes=tuple(
            {"label": label, "count": count, "minutes": minutes(seconds)} for label, count, seconds in month.causes
        ),
        stops=tuple(stop_row(stop, names) for stop in month.stops),
        without_calendar=month.without_calendar,
        picture=draw(month),
        is_center=is_center,
    )


def minutes(seconds: int) -> str:
    """`12分30秒`, `3時間05分`."""
    if seconds >= 3600:
        return f"{seconds // 3600:,}時間{seconds % 3600 // 60:02d}分"
    return f"{seconds // 60}分{seconds % 60:02d}秒" if seconds >= 60 else f"{seconds}秒"


def shown(moment: datetime) -> str:
    """`11/26 09:30:15` in Japanese time."""
    local = moment.astimezone(JAPAN)
    return f"{local.month}/{local.day} {local:%H:%M:%S}"


def stop_row(stop: Stop, names: dict[str, str]) -> dict[str, Any]:
    """An announced stop in words."""
    return {
        "stop_no": stop.stop_no,
        "name": names.get(stop.code, stop.code) if stop.code else "全団体",
        "since": shown(stop.since),
        "until": shown(stop.until),
        "reason": stop.reason,
        "announced": f"{shown(stop.announced_at)} {stop.announced_by}",
        "is_withdrawn": stop.withdrawn_at is not None,
    }


def draw(month: Month) -> Picture:
    """The picture: its left end is a whole percent below the target and every rate in it."""
    rates = [(item, item.availability.rate) for item in month.months if item.availability.rate is not None]
    drawn = rates[:_DRAWN]
    lowest = min([rate for _, rate in drawn if rate is not None] + [month.rules.target])
    low = max(Fraction(0), Fraction((lowest * 100).__ceil__() - 1, 100))

    def x(rate: Fraction) -> int:
        return int((rate - low) / (1 - low) * _WIDTH)

    bars = tuple(
        BarView(item.name, number * _ROW, x(rate), _VERDICTS[item.availability.verdict][1], percent(rate))
        for number, (item, rate) in enumerate(drawn)
        if rate is not None
    )
    height = max(1, len(bars)) * _ROW
    left_out = len(rates) - len(drawn)
    return Picture(
        percent(low), percent(month.rules.target), x(month.rules.target), _WIDTH + _LABEL + 80, height, bars, left_out
    )


def _figures(availability: Availability) -> dict[str, Any]:
    label, kind = _VERDICTS[availability.verdict]
    return {
        "service": minutes(availability.service),
        "planned": minutes(availability.planned),
        "down": minutes(availability.down),
        "unmeasured": minutes(availability.unmeasured),
        "seconds": {
            "service": availability.service,
            "planned": availability.planned,
            "down": availability.down,
            "unmeasured": availability.unmeasured,
        },
        "rate": percent(availability.rate) or "測定なし",
        "worst": percent(availability.worst),
        "verdict": label,
        "kind": kind,
    }


def _outage(item: NotedOutage) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "key": item.outage.since.isoformat(),
        "since": shown(item.outage.since),
        "until": shown(item.outage.until),
        "length": minutes(item.outage.seconds),
        "seen": item.outage.state.label,
        "cause": item.cause.label if item.cause else "",
        "note": item.note,
    }
