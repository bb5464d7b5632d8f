"""`yoriai batch season` and `yoriai batch simulate`: the year, and the night at other scales. Neither needs a database."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from batch.catalogue import load_catalogue
from batch.reference_demand import load_reference, populations_of
from batch.season_demand import SeasonMunicipality, SeasonYear, build_year
from batch.season_report import check_nights, season_json, season_lines
from batch.season_search import plan_season
from batch.tonight import parse_capacity
from yoriai.calendar import parse_clock
from yoriai.clock import today
from yoriai.commands.output import Json, emit, refusing
from yoriai.dates import add_months
from yoriai.errors import FieldError, Invalid
from yoriai.settings import load_settings
from yoriai.tenancy.files import read_deployment, read_tenants

_MOST_MONTHS = 24
_SETS = (4, 22, 179, 1741)


@refusing
def show_season(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m"], help="first month; this month unless given")
    ] = None,
    months: Annotated[int, typer.Option(min=1, max=_MOST_MONTHS, help="how many months")] = 12,
    municipalities: Annotated[
        int | None, typer.Option(help="another number of municipalities: 22, 179 or 1741 assumed ones")
    ] = None,
    capacity: Annotated[str, typer.Option(help="cpu=2,io=2,connections=16; as in tenants/deployment.yaml")] = "",
    check: Annotated[int, typer.Option(min=0, help="plan so many of the heaviest nights job by job")] = 1,
    as_json: Json = False,
) -> None:
    """The year: what each night carries, where peaks collide, which heavy runs to move, and what moving one saves."""
    start = first.date() if first else today().replace(day=1)
    year = _year(start, months, municipalities, capacity)
    season = plan_season(year.demand)
    document = season_json(year, season, check_nights(year, season, check))
    names = {municipality.code: municipality.name for municipality in year.municipalities}
    emit(document, as_json=as_json, lines=lambda: season_lines(document, names))


def own_municipalities() -> list[SeasonMunicipality]:
    """The municipalities of `tenants/`. Raises Invalid when a file is wrong."""
    configs = read_tenants(load_settings().tenants)
    return [SeasonMunicipality(config.code, config.name, config.population, config) for config in configs]


def assumed_municipalities(count: int) -> list[SeasonMunicipality]:
    """So many municipalities of assumed sizes; four are those of `tenants/`. Raises Invalid for a number without a set."""
    if count not in _SETS:
        choices = "、".join(map(str, _SETS))
        raise Invalid(fields=[FieldError("municipalities", f"団体数は {choices} のどれかです。", "choice")])
    if count == _SETS[0]:
        return own_municipalities()
    return [
        SeasonMunicipality(f"{number:06d}", f"{number}番目（{population:,}人）", population)
        for number, population in enumerate(populations_of(count, []), 1)
    ]


def _year(start: date, months: int, count: int | None, capacity: str) -> SeasonYear:
    deployment = read_deployment(load_settings().tenants)
    end = add_months(start, months - 1)
    last = end.replace(day=monthrange(end.year, end.month)[1])
    window = parse_clock(deployment.window["end"]) - parse_clock(deployment.window["start"])
    catalogue = load_catalogue() if count is None else None
    return build_year(
        load_reference(catalogue),
        own_municipalities() if count is None else assumed_municipalities(count),
        start,
        last,
        capacity=parse_capacity(capacity, dict(deployment.capacity)),
        window=window // timedelta(milliseconds=1),
        catalogue=catalogue,
    )
