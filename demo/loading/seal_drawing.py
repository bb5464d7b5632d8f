"""Drawn seals: a round rim and strokes that look like seal script from afar, and are nobody's name."""

import base64
import io
import random

from PIL import Image, ImageDraw

DPI = 300
_MM = DPI / 25.4
_RED, _PAPER = (190, 20, 30), (255, 255, 255)
_CELLS = 5


def draw_seal(seed: int) -> str:
    """A PNG in Base64: a round seal of 10.5 to 15 mm; another seed gives another seal."""
    dice = random.Random(seed)
    side = round(dice.choice([10.5, 12, 12, 13.5, 15]) * _MM)
    margin = round(2 * _MM)
    picture = Image.new("RGB", (side + 2 * margin, side + 2 * margin), _PAPER)
    pen = ImageDraw.Draw(picture)
    width = max(3, round(0.6 * _MM))
    pen.ellipse((margin, margin, margin + side, margin + side), outline=_RED, width=width)
    for row in range(2):
        _draw_sign(
            pen, dice, margin + side // 4, margin + side // 8 + row * side * 3 // 8, side // 2, side * 3 // 8, width
        )
    target = io.BytesIO()
    picture.save(target, "PNG", dpi=(DPI, DPI))
    return base64.b64encode(target.getvalue()).decode()


def _draw_sign(
    pen: ImageDraw.ImageDraw, dice: random.Random, left: int, top: int, width: int, height: int, stroke: int
) -> None:
    for _ in range(dice.randint(4, 7)):
        at, start = dice.randrange(_CELLS), dice.randrange(_CELLS - 1)
        end = dice.randint(start + 1, _CELLS)
        if dice.random() < 0.5:
            y = top + height * at // _CELLS
            pen.line((left + width * start // _CELLS, y, left + width * end // _CELLS, y), fill=_RED, width=stroke)
        else:
            x = left + width * at // _CELLS
            pen.line((x, top + height * start // _CELLS, x, top + height * end // _CELLS), fill=_RED, width=stroke)
