"""Two pictures as SVG: what capacity each way of running needs, by number of municipalities; and one night's use over time."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10
from typing import Any

from batch.planner import plan_unstaggered, use_over_time
from batch.simulate import SimulatedNight

_FONT = "font-family=\"'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic',sans-serif\""
_INK, _GREY, _LINE = "#1a1a1c", "#626264", "#d8d8db"
_SERIES = (
    ("planned_peak", "寄合の計画（ずらす）", "#0017c1"),
    ("own_machines", "団体ごとに別の機械", "#008299"),
    ("at_once", "一台で一斉に開始", "#c74700"),
)
_WIDTH, _HEIGHT = 860, 430
_LEFT, _TOP, _RIGHT, _BOTTOM = 70, 66, 20, 64
_HOUR_MS = 3_600_000


def capacity_chart(nights: Sequence[Mapping[str, Any]], resource: str, title: str) -> str:
    """Grouped bars on a logarithmic scale, one group for each simulated night."""
    most = max(night[key][resource] for night in nights for key, _, _ in _SERIES)
    decades = max(1, -int(-log10(most) // 1))
    plot_height = _HEIGHT - _TOP - _BOTTOM

    def height(value: int) -> float:
        return plot_height * log10(max(value, 1)) / decades if value > 1 else 2.0

    bottom = _HEIGHT - _BOTTOM
    parts = [_text(_LEFT, 26, title, size=17, weight="bold"), *_legend(_SERIES)]
    for exponent in range(decades + 1):
        y = bottom - plot_height * exponent / decades
        parts += [
            _line(_LEFT, y, _WIDTH - _RIGHT, y, _LINE),
            _text(_LEFT - 8, y + 4, f"{10**exponent:,}", anchor="end"),
        ]
    group = (_WIDTH - _LEFT - _RIGHT) / len(nights)
    bar = group / 4.2
    for at, night in enumerate(nights):
        left = _LEFT + group * at + bar * 0.6
        for number, (key, _, colour) in enumerate(_SERIES):
            value = night[key][resource]
            x, tall = left + bar * number, height(value)
            parts.append(
                f'<rect x="{x:.1f}" y="{bottom - tall:.1f}" width="{bar - 4:.1f}" height="{tall:.1f}" fill="{colour}"/>'
            )
            parts.append(_text(x + bar / 2 - 2, bottom - tall - 5, f"{value:,}", anchor="middle", size=12))
        middle = left + bar * 1.5
        parts.append(_text(middle, bottom + 22, f"{night['municipalities']:,}団体", anchor="middle", size=14))
        parts.append(_text(middle, bottom + 41, f"{night['jobs']:,}ジョブ", anchor="middle", colour=_GREY))
    return _picture(title, parts)


def night_chart(night: SimulatedNight, resource: str, title: str, start_hour: int) -> str:
    """The use of a resource over the night: staggered against all at once (cut off at the top, its peak in words)."""
    at = night.instance.resources.index(resource)
    planned = _sampled(use_over_time(night.instance, night.starts), at, night.window)
    at_once = _sampled(use_over_time(night.instance, plan_unstaggered(night.instance).starts), at, night.window)
    peak = max(level for _, level in at_once)
    most = max(2 * max(level for _, level in planned), 4)
    bottom, plot_height, plot_width = _HEIGHT - _BOTTOM, _HEIGHT - _TOP - _BOTTOM, _WIDTH - _LEFT - _RIGHT

    def point(moment: int, level: int) -> tuple[float, float]:
        return _LEFT + plot_width * min(moment / night.window, 1), bottom - plot_height * min(level / most, 1)

    series = (("", "寄合の計画（ずらす）", "#0017c1"), ("", f"一台で一斉に開始（最大 {peak:,}、図の外）", "#c74700"))
    parts = [_text(_LEFT, 26, title, size=17, weight="bold"), *_legend(series)]
    for number in range(5):
        level = most * number // 4
        _, y = point(0, level)
        parts += [_line(_LEFT, y, _WIDTH - _RIGHT, y, _LINE), _text(_LEFT - 8, y + 4, f"{level:,}", anchor="end")]
    for hour in range(night.window // _HOUR_MS + 1):
        x, _ = point(hour * _HOUR_MS, 0)
        parts.append(_text(x, bottom + 20, f"{start_hour + hour}:00", anchor="middle"))
    parts.append(_text(_LEFT + plot_width / 2, bottom + 44, "業務日付の時刻", anchor="middle", colour=_GREY))
    parts.append(_area(at_once, point, "#c74700", "0.45"))
    parts.append(_area(planned, point, "#0017c1", "0.8"))
    return _picture(title, parts)


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


def _legend(series: Sequence[tuple[str, str, str]]) -> list[str]:
    parts, x = [], float(_LEFT)
    for _, label, colour in series:
        parts.append(f'<rect x="{x:.1f}" y="38" width="13" height="13" fill="{colour}"/>')
        parts.append(_text(x + 19, 49, label, size=13))
        x += 46 + 13.5 * len(label)
    return parts


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, weight: str = "normal", colour: str = _INK
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
        f' fill="{colour}">{escape(text)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _picture(title: str, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" {_FONT}>\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )
