"""What a municipality sets of its security: when a second factor is asked for, and what counts as unusual."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from yoriai.errors import FieldError
from yoriai.tenancy.config import TenantConfig

SECTION = "security"
NUMBER_USE, LOGIN = "number_use", "login"
SESSION_MINUTES = 9 * 60
"""How long a login lasts; a second factor cannot outlast it."""
_CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "認証と操作の監視",
    "properties": {
        "second_factor": {
            "enum": [NUMBER_USE, LOGIN],
            "description": "二要素認証を求める範囲: number_use(個人番号利用事務) または login(すべてのログイン)",
        },
        "second_factor_minutes": {
            "type": "integer",
            "minimum": 5,
            "maximum": SESSION_MINUTES,
            "description": f"二要素認証が有効な分数。5〜{SESSION_MINUTES}",
        },
        "open_from": {**_CLOCK, "description": "通常の業務が始まる時刻 HH:MM。これより前の閲覧を時間外として報告する"},
        "open_until": {
            **_CLOCK,
            "description": "通常の業務が終わる時刻 HH:MM。これ以後と閉庁日の閲覧を時間外として報告する",
        },
        "around_the_clock": {
            "type": "array",
            "items": {"type": "string"},
            "uniqueItems": True,
            "description": "時間外の閲覧を報告しない役割（コンビニ交付の連携など）",
        },
        "viewed_people": {
            "type": "integer",
            "minimum": 1,
            "description": "1日にこの人数以上の情報を閲覧した利用者を、大量の閲覧として報告する",
        },
        "exported_rows": {
            "type": "integer",
            "minimum": 1,
            "description": "この件数以上の一覧の出力を、大量の出力として報告する",
        },
    },
}


@dataclass(frozen=True)
class Policy:
    """The settings; what is not set has the default. `second_factor_minutes`: how long a second factor holds.

    Views before `open_from`, from `open_until` on (HH:MM in Japan) or on closed days are out of hours, but for accounts with one of
    the roles `around_the_clock`. `viewed_people` different people seen in a day are a mass, and so are `exported_rows` in one list.
    """

    second_factor: str = NUMBER_USE
    second_factor_minutes: int = SESSION_MINUTES
    open_from: str = "07:30"
    open_until: str = "20:00"
    around_the_clock: tuple[str, ...] = ()
    viewed_people: int = 200
    exported_rows: int = 1_000

    @property
    def is_for_every_login(self) -> bool:
        """Whether nothing at all is shown without a second factor."""
        return self.second_factor == LOGIN

    @property
    def hours(self) -> tuple[time, time]:
        """From when until when the offices work."""
        return time.fromisoformat(self.open_from), time.fromisoformat(self.open_until)

    def is_proved(self, given_at: datetime | None, moment: datetime) -> bool:
        """Whether a second factor that was given then still holds."""
        if given_at is None:
            return False
        return moment - given_at < timedelta(minutes=self.second_factor_minutes)


def policy_of(config: TenantConfig) -> Policy:
    """The municipality's policy."""
    section = dict(config.section(SECTION))
    if "around_the_clock" in section:
        section["around_the_clock"] = tuple(section["around_the_clock"])
    return Policy(**section)


def check_policy(section: Mapping[str, Any], roles: Iterable[str]) -> Iterator[FieldError]:
    """What a schema cannot say of the section: hours in their order, roles that exist."""
    first, last = section.get("open_from", Policy.open_from), section.get("open_until", Policy.open_until)
    if first >= last:
        message = f"終わる時刻（{last}）は、始まる時刻（{first}）より後にしてください。"
        yield FieldError(f"{SECTION}.{'open_until' if 'open_until' in section else 'open_from'}", message, rule="order")
    known = set(roles)
    for index, role in enumerate(section.get("around_the_clock", ())):
        if role not in known:
            yield FieldError(
                f"{SECTION}.around_the_clock.{index}", f"「{role}」という役割はありません。", rule="unknown_role"
            )
