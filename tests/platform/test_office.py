"""In whose name a municipality certifies on a day."""

from datetime import date

import pytest

from yoriai.errors import Invalid
from yoriai.office import certifier_on
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


def test_a_day_without_a_head_is_refused_with_where_to_set_it() -> None:
    with pytest.raises(Invalid, match=r"office\.heads"):
        certifier_on(CONFIG, date(2020, 1, 1))
