"""People who move in: the JSON of a 転入."""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

_FAMILY = (
    ("山本", "ヤマモト"),
    ("髙橋", "タカハシ"),
    ("渡邉", "ワタナベ"),
    ("中村", "ナカムラ"),
    ("岡田", "オカダ"),
    ("藤井", "フジイ"),
)
_MALE = (("一郎", "イチロウ"), ("翔太", "ショウタ"), ("健", "ケン"), ("大輔", "ダイスケ"))
_FEMALE = (("花子", "ハナコ"), ("美咲", "ミサキ"), ("恵", "メグミ"), ("陽菜", "ヒナ"))
_HEAD, _SPOUSE, _CHILD = "02", "12", "20"
_FORMER_ADDRESS = "東京都千代田区丸の内一丁目1番1号"


def make_move_in(town: str, today: date, dice: random.Random, confirmed: tuple[str, ...] = ()) -> dict[str, Any]:
    """The body of a 転入 of one to three people into a new household; `town` is an option of the blank form."""
    family = dice.choice(_FAMILY)
    adult = today - timedelta(days=dice.randint(20 * 365, 60 * 365))
    members = [_member(family, adult, "1", _HEAD, dice)]
    if dice.random() < 0.5:
        members.append(_member(family, adult + timedelta(days=dice.randint(-900, 900)), "2", _SPOUSE, dice))
    if dice.random() < 0.3:
        members.append(_member(family, today - timedelta(days=dice.randint(30, 15 * 365)), "2", _CHILD, dice))
    return {
        "event_date": (today - timedelta(days=dice.randint(0, 10))).isoformat(),
        "notified_on": today.isoformat(),
        "former_address": _FORMER_ADDRESS,
        "address": {"town_code": town, "block": f"{dice.randint(1, 999)}番地{dice.randint(1, 20)}"},
        "members": members,
        "request_key": str(UUID(int=dice.getrandbits(128), version=4)),
        "confirmed": list(confirmed),
    }


def _member(family: tuple[str, str], birth: date, sex: str, relationship: str, dice: random.Random) -> dict[str, Any]:
    given = dice.choice(_MALE if sex == "1" else _FEMALE)
    return {
        "name": f"{family[0]} {given[0]}",
        "name_kana": f"{family[1]} {given[1]}",
        "birth_date": birth.isoformat(),
        "sex": sex,
        "relationship": relationship,
    }
