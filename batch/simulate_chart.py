"""Two pictures as SVG: what capacity each way of running needs, by number of municipalities; and one night's use over time."""

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

from batch.planner import plan_unstaggered, use_over_time
from batch.simulate import SimulatedNight
from batch.svg import BOTTOM, GREY, HEIGHT, LEFT, LINE, RIGHT, TOP, WIDTH, legend, line, picture, text

_SERIES = (
    ("planned_peak", "寄合の計画（ずらす）", "#0017c1"),
    ("own_machines", "団体ごとに別の機械", "#008299"),
    ("at_once", "一台で一斉に開始", "#c74700"),
)
_HOUR_MS = 3_600_000


def capacity_chart(nights: Sequence[Mapping[str, Any]], resource: str, title: str) -> str:
    """Grouped bars on a logarithmic scale, one group for each simulated night."""
    most = max(night[key][resource] for night in nights for key, _, _ in _SERIES)
    decades = max(1, -int(-log10(most) // 1))
    plot_height = HEIGHT - TOP - BOTTOM

    def height(value: int) -> float:
        return plot_height * log10(max(value, 1)) / decades if value > 1 else 2.0

    bottom = HEIGHT - BOTTOM
    parts = [text(LEFT, 26, title, size=17, weight="bold"), *legend(_SERIES)]
    for exponent in range(decades + 1):
        y = bottom - plot_height * exponent / decades
        parts += [
            line(LEFT, y, WIDTH - RIGHT, y, LINE),
            text(LEFT - 8, y + 4, f"{10**exponent:,}", anchor="end"),
        ]
    group = (WIDTH - LEFT - RIGHT) / len(nights)
    bar = group / 4.2
    for at, night in enumerate(nights):
        left = LEFT + group * at + bar * 0.6
        for number, (key, _, colour) in enumerate(_SERIES):
            value = night[key][resource]
            x, tall = left + bar * number, height(value)
            parts.append(
                f'<rect x="{x:.1f}" y="{bottom - tall:.1f}" width="{bar - 4:.1f}" height="{tall:.1f}" fill="{colour}"/>'
            )
            parts.append(text(x + bar / 2 - 2, bottom - tall - 5, f"{value:,}", anchor="middle", size=12))
        middle = left + bar * 1.5
        parts.append(text(middle, bottom + 22, f"{night['municipalities']:,}団体", anchor="middle", size=14))
        parts.append(text(middle, bottom + 41, f"{night['jobs']:,}ジョブ", anchor="middle", colour=GREY))
    return picture(title, parts)


def night_chart(night: SimulatedNight, resource: str, title: str, start_hour: int) -> str:
    """The use of a resource over the night: staggered against all at once (cut off at the top, its peak in words)."""
    at = night.instance.resources.index(resource)
    planned = _sampled(use_over_time(night.instance, night.starts), at, night.window)
    at_once = _sampled(use_over_time(night.instance, plan_unstaggered(night.instance).starts), at, night.window)
    peak = max(level for _, level in at_once)
    most = max(2 * max(level for _, level in planned), 4)
    bottom, plot_height, plot_width = HEIGHT - BOTTOM, HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT

    def point(moment: int, level: int) -> tuple[float, float]:
        return LEFT + plot_width * min(moment / night.window, 1), bottom - plot_height * min(level / most, 1)

    series = (("", "寄合の計画（ずらす）", "#0017c1"), ("", f"一台で一斉に開始（最大 {peak:,}、図の外）", "#c74700"))
    parts = [text(LEFT, 26, title, size=17, weight="bold"), *legend(series)]
    for number in range(5):
        level = most * number // 4
        _, y = point(0, level)
        parts += [line(LEFT, y, WIDTH - RIGHT, y, LINE), text(LEFT - 8, y + 4, f"{level:,}", anchor="end")]
    for hour in range(night.window // _HOUR_MS + 1):
        x, _ = point(hour * _HOUR_MS, 0)
        parts.append(text(x, bottom + 20, f"{start_hour + hour}:00", anchor="middle"))
    parts.append(text(LEFT + plot_width / 2, bottom + 44, "業務日付の時刻", anchor="middle", colour=GREY))
    parts.append(_area(at_once, point, "#c74700", "0.45"))
    parts.append(_area(planned, point, "#0017c1", "0.8"))
    return picture(title, parts)


def _sampled(
    curve: Sequence[tuple[int, tuple[int, ...]]], resource: int, window: int, buckets: int = 600
) -> list[tuple[int, int]]:
    """The largest use in each six-hundredth of the window: fifty thousand jobs would make a picture of megabytes."""
    most = [0] * (buckets + 1)
    ends = [moment for moment, _ in curve[1:]] + [window]
    for (moment, level), end in zip(curve, ends, strict=True):
        for bucket in range(moment * buckets // window, min(-(-end * buckets // window), buckets)):
            most[bucket] = max(most[bucket], level[resource])
    return [
        (bucket * window // buckets, level)
        for bucket, level in enumerate(most)
        if bucket == 0 or level != most[bucket - 1]
    ]


def _area(curve: Sequence[tuple[int, int]], point: Any, colour: str, opacity: str) -> str:
    x, y = point(0, 0)
    path = [f"M{x:.1f} {y:.1f}"]
    level = 0
    for moment, amount in curve:
        x, y = point(moment, level)
        path.append(f"L{x:.1f} {y:.1f}")
        level = amount
        x, y = point(moment, level)
        path.append(f"L{x:.1f} {y:.1f}")
    return f'<path d="{" ".join(path)} Z" fill="{colour}" fill-opacity="{opacity}"/>'
