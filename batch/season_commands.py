"""`yoriai batch season` and `yoriai batch simulate`: the year, and the night at other scales. Neither needs a database."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from batch.catalogue import load_catalogue
from batch.planner.kernels import is_warm
from batch.planner.warm import warm_up
from batch.reference_demand import load_reference, populations_of
from batch.season_chart import season_chart
from batch.season_demand import SeasonMunicipality, SeasonYear, build_year
from batch.season_report import check_nights, season_json, season_lines
from batch.season_search import plan_season
from batch.simulate import SimulatedNight, jobs_of_night, simulate_night
from batch.simulate_chart import capacity_chart, night_chart
from batch.simulate_report import capacity_table, planning_table, simulation_lines
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
_NIGHT_NAMES = {date(2026, 5, 20): "平常の夜", date(2026, 6, 30): "月末", date(2026, 5, 29): "当初賦課と月末が重なる夜"}
"""The nights of the reference year that the default dates are."""


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
    chart: Annotated[Path | None, typer.Option(help="also draw the year into this SVG file")] = None,
    check: Annotated[int, typer.Option(min=0, help="plan so many of the heaviest nights job by job")] = 1,
    as_json: Json = False,
) -> None:
    """The year: what each night carries, where peaks collide, which heavy runs to move, and what moving one saves."""
    start = first.date() if first else today().replace(day=1)
    year = _year(start, months, municipalities, capacity)
    season = plan_season(year.demand)
    document = season_json(year, season, check_nights(year, season, check))
    if chart is not None:
        title = f"{len(year.municipalities):,}団体の一年: 夜ごとの負荷（容量に対する割合）"
        chart.write_text(season_chart(document, title), encoding="utf-8")
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


@refusing
def run_simulation(
    municipalities: Annotated[str, typer.Option(help="numbers of municipalities, of 4, 22, 179, 1741")] = "4,22",
    dates: Annotated[
        str, typer.Option(help="business dates; a normal night, a month's end and the heaviest night of 2026")
    ] = "2026-05-20,2026-06-30,2026-05-29",
    seed: Annotated[int, typer.Option(help="which durations the simulated run draws")] = 1,
    write: Annotated[
        Path | None, typer.Option(help="write tables (Markdown) and charts (SVG) into this folder")
    ] = None,
    as_json: Json = False,
) -> None:
    """The night at other scales, with a virtual clock: the least capacity, the plan on it, and a run with random durations."""
    deployment = read_deployment(load_settings().tenants)
    if not is_warm():
        typer.echo("計画の計算部品を準備しています（この計算機で初回のみ、十数秒）。", err=True)
        warm_up()
    start, end = (parse_clock(deployment.window[name]) for name in ("start", "end"))
    window = (end - start) // timedelta(milliseconds=1)
    reference = load_reference()
    days = [_business_date(text) for text in dates.split(",")]
    nights = []
    for count in _counts(municipalities):
        own = assumed_municipalities(count)
        for day in days:
            jobs = jobs_of_night(reference, own, day, window)
            night = simulate_night(_NIGHT_NAMES.get(day, "指定の夜"), day, jobs, window, seed=seed)
            nights.append(night)
            if not as_json:
                for line in simulation_lines([night.to_json()], start):
                    typer.echo(line)
    documents = [night.to_json() for night in nights]
    if write is not None:
        _write_report(write, nights, documents, start)
    if as_json:
        emit(documents, as_json=True, lines=list)


def _write_report(
    folder: Path, nights: Sequence[SimulatedNight], documents: Sequence[dict[str, Any]], start: timedelta
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tables = [*capacity_table(documents), "", *planning_table(documents, start)]
    (folder / "scale-tables.md").write_text("\n".join(tables) + "\n", encoding="utf-8")
    heaviest = max({night.business_date for night in nights}, key=lambda day: _work_on(nights, day))
    chosen = [document for document in documents if document["business_date"] == heaviest.isoformat()]
    title = "6時までに終えるのに必要なCPU（当初賦課と月末が重なる夜、対数目盛）"
    (folder / "scale-capacity.svg").write_text(capacity_chart(chosen, "cpu", title), encoding="utf-8")
    largest = max((night for night in nights if night.business_date == heaviest), key=lambda night: night.work_hours)
    count = len({job.group for job in largest.instance.jobs})
    title = f"{count:,}団体の当初賦課と月末が重なる夜に使うCPU"
    hour = start // timedelta(hours=1)
    (folder / "scale-night.svg").write_text(night_chart(largest, "cpu", title, hour), encoding="utf-8")


def _work_on(nights: Sequence[SimulatedNight], day: date) -> int:
    return sum(night.work_hours for night in nights if night.business_date == day)


def _counts(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() for part in parts):
        message = f"「{text}」は読めません。例: 4,22,179,1741"
        raise Invalid(fields=[FieldError("municipalities", message, "number")])
    return [int(part) for part in parts]


def _business_date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(fields=[FieldError("dates", f"「{text}」は日付 YYYY-MM-DD ではありません。", "date")]) from None
