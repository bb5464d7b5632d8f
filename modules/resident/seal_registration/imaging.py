"""The scanned impression: is it a picture of one, how large is it, what of it is kept.

What is kept is made anew from the pixels (grey, cropped to the ink with a margin), so nothing hidden in an uploaded file is stored.
"""

import base64
import binascii
import hashlib
import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from modules.resident.seal_registration.rules import UNIT
from yoriai.errors import FieldError, Invalid

MAX_BYTES = 700_000
"""Of an uploaded file; in Base64 it then still fits into a form."""
MAX_PIXELS = 12_000_000
MIN_DPI, MAX_DPI = 200, 1200
_FORMATS = ("PNG", "JPEG")
_INK_BELOW = 160
"""A pixel is ink when its darkest channel is below: red, black and blue ink all are."""
_MIN_INK, _MAX_INK = 2, 85
"""Percent of the impression's own square that is ink: less is a speck, more is a blot or a photograph."""
_MARGIN = 0.1
_PRINT_SIDE = 16
_RIM_DEPTH, _RIM_COVER = 0.18, 0.8
_RAYS, _SAMPLES = 72, 96
_MM_PER_INCH = 25.4
_Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Impression:
    """A seal's impression: the kept PNG, its size in hundredths of a millimetre, and two ways to compare it.

    `digest` is equal for the same scan, `likeness` (256 characters 0 and 1) nearly equal for the same seal stamped twice.
    """

    png: bytes
    width: int
    height: int
    picture_width: int
    picture_height: int
    digest: str
    likeness: str
    has_rim: bool


def read_impression(encoded: str, dpi: int | None, field: str = "image") -> Impression:
    """The impression in a Base64 PNG or JPEG. `dpi` is the scanner's, where the file does not say; raises Invalid at the field."""
    picture = _open(_decode(encoded, field), field)
    resolution = dpi or _stated_dpi(picture)
    if resolution is None:
        raise _refused(
            "dpi", "画像に解像度の情報がありません。スキャナーの解像度（dpi）を入力してください。", "missing"
        )
    if not MIN_DPI <= resolution <= MAX_DPI:
        raise _refused("dpi", f"解像度は{MIN_DPI}〜{MAX_DPI}dpiで読み取ってください。", "range")
    channels = np.asarray(picture.convert("RGB"))
    ink: _Mask = channels.min(axis=2) < _INK_BELOW
    top, bottom, left, right = _box(ink, field)
    shape = ink[top:bottom, left:right]
    share = int(shape.sum()) * 100 // shape.size
    if not _MIN_INK <= share <= _MAX_INK:
        raise _refused(
            field, "印影として読み取れません（かすれ・つぶれ・印影以外の画像）。押し直してください。", "unclear"
        )
    scale = _MM_PER_INCH * UNIT / resolution
    margin = max(1, round(max(shape.shape) * _MARGIN))
    kept = picture.convert("L").crop((left - margin, top - margin, right + margin, bottom + margin))
    outside = _outside_mask(kept.size, picture.size, left - margin, top - margin)
    kept.paste(255, mask=outside)
    return Impression(
        png=_to_png(kept, resolution),
        width=round((right - left) * scale),
        height=round((bottom - top) * scale),
        picture_width=round(kept.width * scale),
        picture_height=round(kept.height * scale),
        digest=hashlib.sha256(np.packbits(shape).tobytes() + str(shape.shape).encode()).hexdigest(),
        likeness=_likeness(shape),
        has_rim=_rim_cover(shape) >= _RIM_COVER,
    )


def _decode(encoded: str, field: str) -> bytes:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise _refused(field, "画像ファイルとして読めません。", "image") from None
    if len(raw) > MAX_BYTES:
        raise _refused(
            field, f"画像が大きすぎます（{MAX_BYTES // 1000}KBまで）。印影の部分だけを読み取ってください。", "too_big"
        )
    return raw


def _open(raw: bytes, field: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(raw), formats=_FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_many_pixels(field)
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(field) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise _refused(field, "PNGかJPEGの画像を選んでください（壊れている画像は使えません）。", "image") from None
    if "A" in picture.getbands() or "transparency" in picture.info:
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture.convert("RGBA"))
    return picture


def _stated_dpi(picture: Image.Image) -> int | None:
    stated = picture.info.get("dpi")
    return round(float(stated[0])) if stated and float(stated[0]) > 1 else None


def _box(ink: _Mask, field: str) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        raise _refused(field, "印影が写っていません。", "empty")
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    if top == 0 or left == 0 or bottom == ink.shape[0] or right == ink.shape[1]:
        raise _refused(field, "印影が画像の端で切れています。余白を付けて読み取ってください。", "cut")
    return top, bottom, left, right


def _outside_mask(size: tuple[int, int], whole: tuple[int, int], left: int, top: int) -> Image.Image:
    """Where a crop reaches beyond the scan: there is paper, not black."""
    mask = Image.new("L", size, 255)
    mask.paste(0, (max(0, -left), max(0, -top), min(size[0], whole[0] - left), min(size[1], whole[1] - top)))
    return mask


def _likeness(shape: _Mask) -> str:
    """The impression as 16 × 16 cells, each 1 where it has more ink than the cells' median."""
    small = Image.fromarray((~shape * 255).astype(np.uint8)).resize((_PRINT_SIDE, _PRINT_SIDE), Image.Resampling.BOX)
    cells = 255 - np.asarray(small).astype(np.int64)
    return "".join("1" if is_dark else "0" for is_dark in (cells > np.median(cells)).ravel())


def _rim_cover(shape: _Mask) -> float:
    """The share of directions from the centre in which ink stands at the very edge: 1 for an unbroken round or square rim.

    The edge begins a little inside the ellipse that touches all four sides, and ends at the rectangle that does.
    """
    half_height, half_width = shape.shape[0] / 2, shape.shape[1] / 2
    angles = np.linspace(0, 2 * np.pi, _RAYS, endpoint=False)
    cosine, sine = np.cos(angles), np.sin(angles)
    inner = (1 - _RIM_DEPTH) / np.hypot(cosine / half_width, sine / half_height)
    with np.errstate(divide="ignore"):
        outer = np.minimum(half_width / np.abs(cosine), half_height / np.abs(sine))
    reach = inner + (outer - inner) * np.linspace(0, 1, _SAMPLES)[:, None]
    x = np.clip((half_width + reach * cosine).astype(int), 0, shape.shape[1] - 1)
    y = np.clip((half_height + reach * sine).astype(int), 0, shape.shape[0] - 1)
    return int(shape[y, x].any(axis=0).sum()) / _RAYS


def _to_png(picture: Image.Image, dpi: int) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG", dpi=(dpi, dpi), optimize=True)
    return target.getvalue()


def _too_many_pixels(field: str) -> Invalid:
    return _refused(field, "画像の画素数が多すぎます。印影の部分だけを読み取ってください。", "too_big")


def _refused(field: str, message: str, rule: str) -> Invalid:
    return Invalid(fields=[FieldError(field, message, rule=rule)])
