"""Codes of the register and the words staff read for them."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

HEAD = "02"
"""世帯主 in the code table of 続柄."""
SLOT = 2
"""Digits of one slot of a 続柄 code."""
MAX_SLOTS = 4
NATIONALITY_JAPAN = "JPN"
SEX_LABELS: Mapping[str, str] = {"1": "男", "2": "女", "9": "不明"}
STATUS_LABELS: Mapping[str, str] = {"resident": "住民", "move_out_planned": "転出予定", "removed": "除票"}
CLASS_LABELS: Mapping[str, str] = {"notified": "届出", "ex_officio": "職権"}

_CODES = Path(__file__).parent / "codes"


@cache
def relationships() -> dict[str, str]:
    """The words of each 続柄 slot."""
    return _read("relationships")


@cache
def countries() -> dict[str, str]:
    """The Japanese name of each 国籍・地域 by its code of three letters."""
    return _read("countries")


def country_name(code: str) -> str:
    """The Japanese name of a 国籍・地域; a code of another system's data is shown as it is."""
    return countries().get(code, code)


def country_code(text: str) -> str:
    """The code of what was typed, a code or a Japanese name; empty when nothing is called so."""
    typed = "".join(unicodedata.normalize("NFKC", text).split())
    if typed.upper() in countries():
        return typed.upper()
    return _codes_of_countries().get(typed, "")


@cache
def _codes_of_countries() -> dict[str, str]:
    """The code of each name, and of what else a country is called at a counter."""
    named = {unicodedata.normalize("NFKC", name): code for code, name in countries().items()}
    return {**_read("countries", "also"), **named}


def _read(name: str, part: str = "codes") -> dict[str, str]:
    table: dict[str, str] = YAML(typ="safe", pure=True).load(_CODES / f"{name}.yaml")[part]
    return table


def is_relationship(code: str) -> bool:
    """Whether the code is one to four known slots; 世帯主 stands alone."""
    slots = [code[i : i + SLOT] for i in range(0, len(code), SLOT)]
    return (
        0 < len(slots) <= MAX_SLOTS
        and all(slot in relationships() for slot in slots)
        and (HEAD not in slots or code == HEAD)
    )


def relationship_text(code: str) -> str:
    """The words of a 続柄 code: `2012` is 子の妻."""
    return "の".join(relationships()[code[i : i + SLOT]] for i in range(0, len(code), SLOT))
