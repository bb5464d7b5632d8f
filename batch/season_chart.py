"""The year as a picture: how full each night is, as usual and as planned."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from batch.season import MILLION
from batch.svg import BOTTOM, HEIGHT, LEFT, LINE, RIGHT, TOP, WIDTH, legend, line, picture, text

_USUAL, _PLANNED = "#c74700", "#0017c1"


def season_chart(document: Mapping[str, Any], title: str) -> str:
    """SVG of `season_json`: two thin bars a night, the usual one behind the planned one."""
    nights = document["nights"]
    peak = max(document["peak_share"]["before"], 1)
    bottom, tall, wide = HEIGHT - BOTTOM, HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT
    step = wide / len(nights)
    parts = [
        text(LEFT, 26, title, size=17, weight="bold"),
        *legend((("", "いつもどおり", _USUAL), ("", "寄合の計画", _PLANNED))),
    ]
    for quarter in range(5):
        y = bottom - tall * quarter / 4
        tenths = peak * quarter // 4 * 1000 // MILLION
        label = f"{tenths // 10}.{tenths % 10}%"
        parts += [line(LEFT, y, WIDTH - RIGHT, y, LINE), text(LEFT - 8, y + 4, label, anchor="end")]
    for at, night in enumerate(nights):
        day = date.fromisoformat(night["date"])
        x = LEFT + step * at
        if day.day == 1:
            parts += [line(x, TOP, x, bottom + 6, LINE), text(x + 3, bottom + 20, f"{day.month}月")]
        for side, colour, part in (("before", _USUAL, 1.0), ("after", _PLANNED, 0.6)):
            height = tall * night[side]["share"] / peak
            parts.append(
                f'<rect x="{x:.1f}" y="{bottom - height:.1f}" width="{max(step * part, 1):.1f}"'
                f' height="{height:.1f}" fill="{colour}"/>'
            )
    return picture(title, parts)
