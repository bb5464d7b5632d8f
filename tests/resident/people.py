"""The people of the tests and the inputs they are recorded with."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from modules.resident.basic_register import service
from modules.resident.basic_register.models import Town
from modules.resident.basic_register.movements.inputs import MoveIn, MovementResult
from yoriai.clock import JAPAN
from yoriai.tenancy.session import WriteSession

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=JAPAN)
TOWN = "999000101"
FATHER = {
    "name": "渡邉 太郎",
    "name_kana": "ワタナベ タロウ",
    "birth_date": "S600401",
    "sex": "1",
    "relationship": "02",
}
MOTHER = {
    "name": "渡邉 花子",
    "name_kana": "わたなべ はなこ",
    "birth_date": "S62.5.3",
    "sex": "2",
    "relationship": "12",
}
CHILD = {
    "name": "渡邉 さくら",
    "name_kana": "ワタナベ サクラ",
    "birth_date": "2020-04-02",
    "sex": "2",
    "relationship": "20",
}

MoveInFactory = Callable[..., Awaitable[MovementResult]]


def move_in_body(*members: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The JSON of a 転入 into a new household."""
    return {
        "event_date": "2026-11-10",
        "notified_on": "2026-11-16",
        "former_address": "東京都千代田区丸の内一丁目1番1号",
        "address": {"town_code": TOWN, "block": "1番2号"},
        "members": list(members),
        **values,
    }


async def add_town(session: WriteSession) -> None:
    """A 町字 to live in; it stays when the other tables are emptied."""
    if await session.get(Town, TOWN) is None:
        session.add(Town(town_code=TOWN, postcode="9990001", name="ためし町", kana="タメシマチ"))
        await session.flush()


async def record_move_in(session: WriteSession, *members: dict[str, Any], **values: Any) -> MovementResult:
    """Record a 転入 of the members given."""
    return await service.record_move_in(session, MoveIn.model_validate(move_in_body(*members, **values)), NOW)
