"""What a municipality may set of its extractions: from how many people on it is told, and how long files are kept."""

from dataclasses import dataclass
from typing import Any

from yoriai.tenancy.config import TenantConfig

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "データ抽出（EUC）",
    "properties": {
        "mass_people": {
            "type": "integer",
            "minimum": 1,
            "description": "一度にこの人数以上を抽出したら大量抽出として記録し、管理者に知らせる",
        },
        "keep_days": {
            "type": "integer",
            "minimum": 1,
            "maximum": 90,
            "description": "作成したファイルを受け取れる日数。過ぎると消す",
        },
    },
}


@dataclass(frozen=True)
class Limits:
    """`mass_people`: the number of people that makes an extraction a mass extraction; `keep_days`: how long its file is kept."""

    mass_people: int = 1_000
    keep_days: int = 7


def limits_of(config: TenantConfig) -> Limits:
    """The municipality's limits; what it does not set has the default."""
    return Limits(**config.section("extraction"))
