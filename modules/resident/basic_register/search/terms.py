"""What a clerk typed, read as terms: a name, a day of birth, a number, a place, or several of them."""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from yoriai.dates import parse_date
from yoriai.japanese import has_only_kana

UNKNOWN_BIRTH = "不詳"
_ERA_PERIOD = re.compile(r"^(令和|平成|昭和|大正|明治|[RHSTMrhstm])(元|\d{1,2})年?(?:(\d{1,2})月?)?$")
_ERA_PERIOD_DIGITS = re.compile(r"^([RHSTMrhstm])(\d{2})(\d{2})$")
_WESTERN_PERIOD = re.compile(r"^(\d{4})(?:年|[-/.])(?:(\d{1,2})月?)?$")
_ERA_NUMBER = re.compile(r"^([1-5])(\d{6})$")
_POSTCODE = re.compile(r"^(\d{3})-?(\d{4})$")
_PLACE = re.compile(r"^(\D*?[^\d\s-])?(\d+(?:\D.*)?)$")
_ERA_LETTERS = "MTSHR"
_LONGEST_NUMBER = 15


@dataclass(frozen=True)
class Term:
    """One word of a query; empty members are readings it cannot have. All readings are alternatives."""

    text: str = ""
    is_kana: bool = False
    number: int | None = None
    postcode: str = ""
    born: tuple[date, date] | None = None
    """First and last possible day of birth."""
    is_birth_unknown: bool = False
    place: str = ""
    """町字, or a part of one, that may be meant."""
    block: str = ""
    """番地 behind the 町字."""
    towns: tuple[str, ...] = ()
    """Codes of the 町字 that `place` or `postcode` may mean."""

    @property
    def is_only_block(self) -> bool:
        """Whether it is a 番地 of no 町字: it narrows a search and is none by itself."""
        return bool(self.block) and not self.place


def read_terms(query: str) -> list[Term]:
    """The words of a query, separated by spaces of any width; all have to fit."""
    return [_read(word) for word in query.split()]


def _read(word: str) -> Term:
    plain = unicodedata.normalize("NFKC", word)
    if plain == UNKNOWN_BIRTH:
        return Term(is_birth_unknown=True)
    if plain.isdecimal() and len(plain) <= _LONGEST_NUMBER:
        return Term(number=int(plain), born=_period(plain), postcode=_postcode(plain))
    if period := _period(plain):
        return Term(born=period)
    if postcode := _postcode(plain):
        return Term(postcode=postcode)
    if match := _PLACE.match(plain):
        return Term(place=match[1] or "", block=match[2])
    return Term(text=word, is_kana=has_only_kana(plain), place=plain)


def _postcode(plain: str) -> str:
    match = _POSTCODE.match(plain)
    return match[1] + match[2] if match else ""


def _period(plain: str) -> tuple[date, date] | None:
    """The days a date, a month or a year stands for; None when the word is none of them."""
    try:
        if match := _ERA_NUMBER.match(plain):
            plain = _ERA_LETTERS[int(match[1]) - 1] + match[2]
        elif match := _ERA_PERIOD.match(plain) or _ERA_PERIOD_DIGITS.match(plain):
            year = parse_date(f"{match[1]}{match[2]}.12.31").year
            return _span(year, match[3])
        elif match := _WESTERN_PERIOD.match(plain):
            return _span(int(match[1]), match[2])
        day = parse_date(plain)
    except ValueError:
        return None
    return day, day


def _span(year: int, month: str | None) -> tuple[date, date]:
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    first = date(year, int(month), 1)
    return first, first.replace(day=calendar.monthrange(year, first.month)[1])
