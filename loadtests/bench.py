"""`python -m loadtests.bench` (`make bench`): the ratios of README.md, each from two measurements made in turn on this machine."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from loadtests.measuring.assessment import measure_assessment
from loadtests.measuring.counter import measure_counter
from loadtests.measuring.extraction import measure_counters, measure_extraction
from loadtests.measuring.figures import Row, table
from loadtests.measuring.installation import Installation, install
from loadtests.measuring.lookup import measure_lookups
from loadtests.measuring.night import measure_nights
from loadtests.measuring.planning import measure_planner
from loadtests.measuring.search import measure_search
from yoriai.clock import today
from yoriai.settings import var_folder

PARTS = ("planner", "lookup", "search", "counter", "assessment", "extraction", "night")


@dataclass(frozen=True)
class Effort:
    """How long each measurement takes and how often it is repeated."""

    seconds: float = 5.0
    rounds: int = 5
    queries: int = 400
    is_full: bool = False


def run_bench(place: Installation, parts: list[str], effort: Effort) -> list[Row]:
    """Measure the parts that need an installation, one after another; progress goes to standard error."""
    measures: dict[str, Callable[[], list[Row]]] = {
        "lookup": lambda: _loop(measure_lookups(place, effort.seconds, effort.rounds)),
        "search": lambda: _loop(measure_search(place, effort.queries)),
        "counter": lambda: _loop(measure_counter(place, effort.queries // 4)),
        "assessment": lambda: measure_assessment(place, effort.rounds),
        "extraction": lambda: [
            *measure_extraction(place, effort.rounds),
            *_loop(measure_counters(place, effort.seconds)),
        ],
        "night": lambda: _loop(measure_nights(place, effort.seconds * 3)),
    }
    return [row for part in parts for row in _told(part, measures[part])]


def _told(part: str, measure: Callable[[], list[Row]]) -> list[Row]:
    _tell(f"{part} …")
    rows = measure()
    for line in table(rows):
        _tell(f"  {line}")
    return rows


def main(
    scale: Annotated[str, typer.Option(help="part of the population, for example 0.1")] = "1",
    only: Annotated[str, typer.Option(help=f"some of {','.join(PARTS)}")] = ",".join(PARTS),
    seconds: Annotated[float, typer.Option(help="length of one measurement of a rate")] = Effort.seconds,
    rounds: Annotated[int, typer.Option(min=1, help="how often what is compared takes turns")] = Effort.rounds,
    full: Annotated[bool, typer.Option(help="planner: whole sets, 6 s each, CP-SAT 60 s (hours)")] = False,
    keep: Annotated[bool, typer.Option(help="keep the installation for the next run of the same scale")] = False,
    date_: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="business date; today")] = None,
) -> None:
    """Make an installation of its own, measure, print a table and write `var/bench.json`."""
    parts = [part for part in PARTS if part in only.split(",")]
    if not parts:
        raise typer.BadParameter(f"--only: {', '.join(PARTS)}")
    as_of = date_.date() if date_ else today()
    # Ended from outside it must still stop its server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    result = var_folder() / "bench.json"
    effort = Effort(seconds, rounds, is_full=full)
    rows: list[Row] = []
    if "planner" in parts:
        rows += _told("planner", lambda: measure_planner(is_full=effort.is_full))
    document: dict[str, Any] = {"processors": os.cpu_count(), "rows": [row.to_json() for row in rows]}
    if parts := [part for part in parts if part != "planner"]:
        _tell(f"an installation at scale {scale} …")
        with install(Fraction(scale), as_of, keep=keep) as place:
            rows += run_bench(place, parts, effort)
            document = to_document(place, scale, rows)
    _write(result, document)
    print("\n".join(table(rows)))
    _tell(f"written to {result}")


def to_document(place: Installation, scale: str, rows: list[Row]) -> dict[str, Any]:
    """What `bench.json` holds."""
    return {
        "scale": scale,
        "business_date": _iso(place.as_of),
        "processors": os.cpu_count(),
        "residents": {counter.config.code: counter.residents for counter in place.counters},
        "rows": [row.to_json() for row in rows],
    }


def _loop(work: Coroutine[Any, Any, list[Row]]) -> list[Row]:
    """Run on the event loop that uvicorn uses, so that neither side has the better one."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _iso(day: date) -> str:
    return day.isoformat()


def _write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
