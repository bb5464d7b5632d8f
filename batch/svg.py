"""The few pieces that our pictures are made of, as text of SVG."""

from collections.abc import Sequence
from html import escape

FONT = "font-family=\"'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic',sans-serif\""
INK, GREY, LINE = "#1a1a1c", "#626264", "#d8d8db"
WIDTH, HEIGHT = 860, 430
LEFT, TOP, RIGHT, BOTTOM = 70, 66, 20, 64


def legend(series: Sequence[tuple[str, str, str]]) -> list[str]:
    """Coloured squares with their words; the first of each three is not shown."""
    parts, x = [], float(LEFT)
    for _, label, colour in series:
        parts.append(f'<rect x="{x:.1f}" y="38" width="13" height="13" fill="{colour}"/>')
        parts.append(text(x + 19, 49, label, size=13))
        x += 46 + 13.5 * len(label)
    return parts


def text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, weight: str = "normal", colour: str = INK
) -> str:
    """Words at a place; what they say is escaped."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
        f' fill="{colour}">{escape(words)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def picture(title: str, parts: Sequence[str]) -> str:
    """The whole picture, with its title for those who do not see it."""
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" {FONT}>\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )
