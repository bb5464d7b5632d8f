"""In whose name a municipality certifies on a day."""

import base64
import io
from datetime import date

import pytest
from PIL import Image

from yoriai.errors import Invalid
from yoriai.office import certifier_on, check_office, find_seal_image
from yoriai.tenancy.config import TenantConfig

OFFICE = {
    "heads": [
        {"from": "2022-11-01", "until": "2026-11-25", "title": "見本市長", "name": "前　市長"},
        {"from": "2026-11-26", "title": "見本市長", "name": "新　市長"},
    ],
    "acting": [
        {"from": "2026-12-10", "until": "2026-12-20", "title": "見本市長職務代理者　副市長", "name": "副　市長"}
    ],
    "seal": "見本市長之印",
}
CONFIG = TenantConfig({"code": "000000", "name": "見本市", "office": OFFICE})


@pytest.mark.parametrize(
    ("day", "name", "is_acting"),
    [
        (date(2026, 11, 25), "前　市長", False),
        (date(2026, 11, 26), "新　市長", False),
        (date(2026, 12, 9), "新　市長", False),
        (date(2026, 12, 10), "副　市長", True),
        (date(2026, 12, 20), "副　市長", True),
        (date(2026, 12, 21), "新　市長", False),
    ],
)
def test_the_head_in_office_certifies_unless_somebody_acts(day: date, name: str, is_acting: bool) -> None:
    certifier = certifier_on(CONFIG, day)
    assert (certifier.name, certifier.is_acting, certifier.seal) == (name, is_acting, "見本市長之印")


def _png(colour: str) -> str:
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(picture, "PNG")
    return base64.b64encode(picture.getvalue()).decode()


def test_inkan_021_the_official_seal_is_a_stored_picture_from_a_day_on() -> None:
    images = [{"from": "2020-01-01", "png": _png("red")}, {"from": "2026-11-26", "png": _png("darkred")}]
    config = TenantConfig({"code": "000000", "name": "見本市", "office": {**OFFICE, "seal_images": images}})
    assert find_seal_image(CONFIG, date(2026, 11, 25)) is None
    assert find_seal_image(config, date(2019, 12, 31)) is None
    assert find_seal_image(config, date(2026, 11, 25)) == base64.b64decode(images[0]["png"])
    assert find_seal_image(config, date(2026, 11, 26)) == base64.b64decode(images[1]["png"])


def test_a_picture_that_is_none_and_a_term_that_ends_before_it_begins_are_told() -> None:
    wrong = {
        "seal_images": [{"from": "2020-01-01", "png": _png("red")}, {"from": "2021-01-01", "png": "QUJD" * 20}],
        "acting": [{"from": "2026-12-10", "until": "2026-12-01", "title": "副市長", "name": "副"}],
    }
    assert [error.field for error in check_office({"office": wrong})] == [
        "office.seal_images[1].png",
        "office.acting[0].until",
    ]


def test_a_day_without_a_head_is_refused_with_where_to_set_it() -> None:
    with pytest.raises(Invalid, match=r"office\.heads"):
        certifier_on(CONFIG, date(2020, 1, 1))
