"""運用日: on which days of a month each net runs, for one municipality; or one net for all of them."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg import Connection

from batch.catalogue import load_catalogue
from batch.municipalities import list_configurations, operating_calendar, schedule_of
from batch.web.acts import in_queue
from batch.web.routers import center
from batch.web.yearly import parse_month
from yoriai.dates import add_months
from yoriai.errors import NotFound
from yoriai.jobs import JobNet
from yoriai.tenancy.config import TenantConfig
from yoriai.web.context import CenterCtx

_WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True)
class DayHead:
    """A day of the month; `is_closed` for the municipality that is looked at."""

    day: date
    weekday: str
    is_closed: bool


@dataclass(frozen=True)
class CalendarRow:
    """A net, or a municipality: on which days it runs, and for a day to which a closed day moved it, from where."""

    key: str
    label: str
    days: dict[int, str]


@dataclass(frozen=True)
class CalendarPage:
    """A month of operating days."""

    month: date
    previous: str
    following: str
    municipality: str
    net: str
    title: str
    heads: tuple[DayHead, ...]
    rows: tuple[CalendarRow, ...]
    municipalities: tuple[tuple[str, str], ...]
    nets: tuple[tuple[str, str], ...]


@center.get("/calendar", permission="batch.view", summary="運用日カレンダー", screen="batch/calendar.html")
async def show_calendar(ctx: CenterCtx, month: str = "", municipality: str = "", net: str = "") -> CalendarPage:
    """The days of a month (`2026-06`): all nets of a municipality, or with `net` that net in all municipalities.

    Raises Invalid for a year whose holidays are not settled yet.
    """
    first = parse_month(month) if month else ctx.now.date().replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    configs = await in_queue(ctx, _configurations)
    if not configs:
        raise NotFound("市町村がまだ登録されていません。")
    catalogue = load_catalogue()
    chosen = next((config for config in configs if config.code == municipality), configs[0])
    if net:
        declared = next((item for item in catalogue.nets if item.name == net), None)
        if declared is None:
            raise NotFound(f"ジョブネット「{net}」はありません。")
        rows = [CalendarRow(config.code, config.name, _days(declared, config, first, last)) for config in configs]
        title = f"{declared.label}（全団体）"
    else:
        rows = [CalendarRow(item.name, item.label, _days(item, chosen, first, last)) for item in catalogue.nets]
        title = chosen.name
    return CalendarPage(
        month=first,
        previous=f"{add_months(first, -1):%Y-%m}",
        following=f"{add_months(first, 1):%Y-%m}",
        municipality=chosen.code,
        net=net,
        title=title,
        heads=_heads(chosen, first, last),
        rows=tuple(rows),
        municipalities=tuple((config.code, config.name) for config in configs),
        nets=tuple((item.name, item.label) for item in catalogue.nets),
    )


def _configurations(connection: Connection) -> Sequence[TenantConfig]:
    return list_configurations(connection)


def _heads(config: TenantConfig, first: date, last: date) -> tuple[DayHead, ...]:
    own = operating_calendar(config)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(DayHead(day, _WEEKDAYS[day.weekday()], not own.is_business_day(day)) for day in days)


def _days(net: JobNet, config: TenantConfig, first: date, last: date) -> dict[int, str]:
    return {
        entry.day.day: "" if entry.day == entry.due else f"{entry.due.month}/{entry.due.day}から振替"
        for entry in schedule_of(net, config, first, last)
    }
