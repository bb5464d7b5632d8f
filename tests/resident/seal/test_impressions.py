"""INKAN-009: the scanned impression is checked, measured, cropped and kept; what is no impression is refused."""

import base64
import io

import pytest
from PIL import Image

from modules.resident.seal_registration.imaging import MAX_BYTES, read_impression
from tests.resident.seal.seals import stamp
from yoriai.errors import Invalid


def _rule(encoded: str, dpi: int | None = None) -> str:
    with pytest.raises(Invalid) as caught:
        read_impression(encoded, dpi)
    return caught.value.fields[0].rule


@pytest.mark.parametrize("mm", [8.5, 12, 18, 24.5])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_inkan_009_a_scan_is_measured_within_a_fifth_of_a_millimetre(mm: float, kind: str) -> None:
    impression = read_impression(stamp(mm, kind=kind), None)
    assert abs(impression.width - mm * 100) <= 20
    assert abs(impression.height - mm * 100) <= 20
    assert impression.has_rim


def test_what_is_kept_is_a_new_picture_of_the_impression_alone() -> None:
    hidden = base64.b64encode(base64.b64decode(stamp(margin_mm=20)) + b"<script>") + b""
    impression = read_impression(hidden.decode(), None)
    kept = Image.open(io.BytesIO(impression.png))
    assert (kept.format, kept.mode) == ("PNG", "L")
    assert b"script" not in impression.png
    assert abs(impression.picture_width - impression.width * 1.2) < 60
    assert round(kept.info["dpi"][0]) == 600


def test_the_resolution_comes_from_the_file_or_from_the_clerk() -> None:
    silent = stamp(12, says_dpi=False)
    assert _rule(silent) == "missing"
    assert abs(read_impression(silent, 600).width - 1200) <= 20
    assert _rule(silent, 72) == "range"


def test_the_same_seal_stamped_again_looks_alike_and_another_does_not() -> None:
    first, again, other = (read_impression(stamp(pattern=p, shift=s), None) for p, s in ((1, 0), (1, 2), (6, 0)))

    def distance(one: str, two: str) -> int:
        return sum(a != b for a, b in zip(one, two, strict=True))

    assert first.digest != again.digest
    assert distance(first.likeness, again.likeness) <= 14
    assert distance(first.likeness, other.likeness) > 14


def test_a_broken_rim_is_noticed() -> None:
    assert not read_impression(stamp(rim=False), None).has_rim


def test_what_is_no_impression_is_refused() -> None:
    blank, full = Image.new("RGB", (300, 300), "white"), Image.new("RGB", (300, 300), "white")
    full.paste("black", (10, 10, 290, 290))
    assert _rule(_encoded(blank), 600) == "empty"
    assert _rule(_encoded(full), 600) == "unclear"
    assert _rule(stamp(margin_mm=0)) == "cut"
    assert _rule("これは画像ではない") == "image"
    assert _rule(base64.b64encode(b"GIF89a").decode()) == "image"
    assert _rule(base64.b64encode(base64.b64decode(stamp())[:400]).decode()) == "image"
    assert _rule(base64.b64encode(bytes(MAX_BYTES + 1)).decode()) == "too_big"
    assert _rule(_encoded(Image.new("1", (20_000, 20_000))), 600) == "too_big"


def _encoded(picture: Image.Image) -> str:
    target = io.BytesIO()
    picture.save(target, "PNG")
    return base64.b64encode(target.getvalue()).decode()
