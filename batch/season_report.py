"""A planned year as JSON and as lines of text for operators."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from batch.planner import peak_use, plan_levelled
from batch.season import MILLION, Season
from batch.season_demand import SeasonYear

_NIGHTS_SHOWN = 15
_MOVES_SHOWN = 20
_HOUR_MS = 3_600_000


def season_json(year: SeasonYear, season: Season, checked: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Everything a screen needs. Shares are millionths of a night's capacity, work is units × milliseconds."""
    demand = season.demand
    return {
        "first": demand.nights[0].isoformat(),
        "last": demand.nights[-1].isoformat(),
        "municipalities": len(year.municipalities),
        "capacity": dict(demand.capacity),
        "window_ms": demand.window,
        "assumed": "batch/reference/demand.yaml",
        "runs": len(demand.runs),
        "peak_share": {"before": season.peak_before, "after": season.peak_after, "bound": season.bound},
        "gap": season.gap_percent,
        "needed": {
            "before": _most_needed(season, season.loads_before),
            "after": _most_needed(season, season.loads_after),
        },
        "nights": [_night_json(season, at, day) for at, day in enumerate(demand.nights)],
        "moves": [
            {
                **_run_json(season, move.run.municipality, move.run.net, move.run.label, move.run.usual),
                "to": demand.nights[move.night].isoformat(),
                "saving": move.saving,
            }
            for move in season.moves
        ],
        "single_moves": [
            {
                **_run_json(season, move.run.municipality, move.run.net, move.run.label, move.run.usual),
                "to": demand.nights[move.night].isoformat(),
                "peak_saving": move.peak_saving,
                "night_saving": move.night_saving,
            }
            for move in season.single_moves
        ],
        "checked": list(checked),
        "faults": list(season.faults),
    }


def check_nights(year: SeasonYear, season: Season, count: int) -> list[dict[str, Any]]:
    """The heaviest nights before and after, each planned job by job: the least capacity found on which it ends in time."""
    found = []
    for when, assigned, loads in (
        ("before", season.before, season.loads_before),
        ("after", season.after, season.loads_after),
    ):
        for night in season.highest(loads, count):
            instance = year.instance_of(night, assigned)
            capacity, schedule = plan_levelled(instance, season.demand.window)
            found.append(
                {
                    "when": when,
                    "date": season.demand.nights[night].isoformat(),
                    "jobs": len(instance.jobs),
                    "least_capacity": {
                        name: min(capacity[name], peak_use(instance, schedule.starts)[name]) for name in capacity
                    },
                    "needed": season.demand.needed(loads[night]),
                    "ends_in_time": schedule.is_feasible,
                }
            )
    return found


def season_lines(document: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """The year for people: the heaviest nights, what is moved and what that saves."""
    peak = document["peak_share"]
    nights = sorted(document["nights"], key=lambda night: -night["before"]["share"])[:_NIGHTS_SHOWN]
    moves = sorted(document["moves"], key=lambda move: -move["saving"])
    return [
        f"{document['first']} ～ {document['last']}  {document['municipalities']}団体  動かせる処理 {document['runs']}本"
        "（処理の時間・日程は想定。batch/reference/demand.yaml）",
        f"最も重い夜の負荷 {_percent(peak['before'])} → {_percent(peak['after'])}"
        f"（下限 {_percent(peak['bound'])}、差 {document['gap']}）",
        "",
        "重い夜（いつもどおりの場合）    いつもどおり  計画後   主な処理",
        *(
            f"{night['date']} {'▇' * _bar(night['before']['share'], peak['before']):<22}"
            f"{_percent(night['before']['share']):>8} {_percent(night['after']['share']):>8}  "
            f"{'、'.join(night['before']['nets'][:3])}"
            for night in nights
        ),
        "",
        f"移す処理 {len(moves)}本（戻すと増える負荷の大きい順）",
        *(
            f"{move['from']} → {move['to']}  {names.get(move['municipality'], move['municipality'])}  {move['label']}"
            f"  {_percent(move['saving'])}"
            for move in moves[:_MOVES_SHOWN]
        ),
        *([f"ほか {len(moves) - _MOVES_SHOWN}本"] if len(moves) > _MOVES_SHOWN else []),
        *(_single_lines(document, names)),
        *(_checked_line(night) for night in document["checked"]),
        *document["faults"],
    ]


def _single_lines(document: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    found = document["single_moves"][:5]
    if not found:
        return []
    return [
        "",
        "最も重い夜から一本だけ移した場合に減る負荷",
        *(
            f"{move['from']} → {move['to']}  {names.get(move['municipality'], move['municipality'])}  {move['label']}"
            f"  全体 {_percent(move['peak_saving'])}  その夜 {_percent(move['night_saving'])}"
            for move in found
        ),
        "",
    ]


def _checked_line(night: Mapping[str, Any]) -> str:
    when = "いつもどおり" if night["when"] == "before" else "計画後"
    amounts = " ".join(f"{name}={amount}" for name, amount in night["least_capacity"].items())
    end = "間に合う" if night["ends_in_time"] else "間に合わない"
    return f"{when} {night['date']}  {night['jobs']}ジョブを一つずつ計画: {amounts} で{end}"


def _night_json(season: Season, at: int, day: date) -> dict[str, Any]:
    sides = {"before": (season.loads_before, season.before), "after": (season.loads_after, season.after)}
    return {
        "date": day.isoformat(),
        **{
            name: {
                "share": season.demand.share_of(loads[at]),
                "work": dict(zip(season.demand.resources, loads[at], strict=True)),
                "needed": season.demand.needed(loads[at]),
                "nets": _labels_on(season, at, assigned),
            }
            for name, (loads, assigned) in sides.items()
        },
    }


def _labels_on(season: Season, night: int, assigned: Sequence[int]) -> list[str]:
    """The movable nets of the night, the one with most work first."""
    work: dict[str, int] = {}
    for run, chosen in zip(season.demand.runs, assigned, strict=True):
        if chosen == night:
            work[run.label] = work.get(run.label, 0) + season.demand.share_of(run.work)
    return sorted(work, key=lambda label: (-work[label], label))


def _run_json(season: Season, municipality: str, net: str, label: str, usual: int) -> dict[str, Any]:
    return {
        "municipality": municipality,
        "net": net,
        "label": label,
        "from": season.demand.nights[usual].isoformat(),
    }


def _most_needed(season: Season, loads: Sequence[Sequence[int]]) -> dict[str, int]:
    needed = [season.demand.needed(work) for work in loads]
    return {name: max((night[name] for night in needed), default=0) for name in season.demand.resources}


def _percent(millionths: int) -> str:
    tenths = millionths * 1000 // MILLION
    return f"{tenths // 10}.{tenths % 10}%"


def _bar(value: int, most: int) -> int:
    return -(-value * 20 // most) if most else 0
