"""Terms as SQL: constant fragments and numbered arguments. No word of a query ever stands in a statement."""

import re
from collections.abc import Sequence
from typing import Any

from modules.resident.basic_register.search.criteria import CAP, Criteria, Match
from modules.resident.basic_register.search.terms import Term
from yoriai.japanese import fold_kana_ways, fold_name, query_grams

_KNOWN = "r.superseded_at IS NULL"
_CURRENT = "r.superseded_at IS NULL AND r.valid_to = '9999-12-31'"
_PATTERNS = {"auto": "%{}%", "partial": "%{}%", "prefix": "{}%", "suffix": "%{}"}
_ORDERS = {
    "kana": ("r.kana_fold",),
    "birth_date": ("r.birth_date",),
    "address": ("r.town_code", "r.address"),
    "addressee_no": ("r.addressee_no",),
}
_DIGITS_AND_SEPARATORS = "'０１２３４５６７８９番号の－−‐―ー', '0123456789--------'"
_BLOCK = f"replace(translate(replace(replace(r.address, '丁目', '-'), '番地', '-'), {_DIGITS_AND_SEPARATORS}) || '-', '--', '-')"
"""An address with a hyphen after each of its numbers."""
_HIDDEN = "SELECT addressee_no FROM fact_hidden_person"
_CONCEALED = f"{_HIDDEN} WHERE is_concealed"
_COUNT = ("SELECT count(*) FROM (SELECT 1 FROM resident_record r WHERE", f"LIMIT {CAP + 1}) hit")
# The head is looked up after the limit: PostgreSQL puts such output columns off until the rows are sorted.
_PAGE = """
SELECT r.addressee_no, r.household_no, r.name, r.name_kana, r.birth_date, r.birth_date_unknown, r.sex, r.address,
       r.building, r.relationship_text, r.status, r.removed_on, r.removal_reason, r.nationality, r.valid_to,
       (SELECT head.name FROM resident_record head
         WHERE head.household_no = r.household_no AND head.relationship = '02' AND head.status <> 'removed'
           AND head.superseded_at IS NULL AND head.valid_to = '9999-12-31' LIMIT 1) AS head
  FROM resident_record r WHERE"""


_Starts = list[tuple[str, str]]
"""Columns with the pattern of their beginning: a hit is a better one when one of them fits."""


class Where:
    """A condition that grows: fragments with their arguments."""

    def __init__(self, *fragments: str) -> None:
        self.fragments = list(fragments)
        self.arguments: list[Any] = []

    def argument(self, value: Any) -> str:
        """The placeholder of a new argument."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def add(self, *alternatives: str) -> None:
        """Require one of the alternatives; none at all is never true."""
        self.fragments.append("(" + " OR ".join(alternatives or ("false",)) + ")")

    def text(self) -> str:
        """The whole condition."""
        return " AND ".join(self.fragments)

    def copy(self) -> "Where":
        """A copy that may grow by itself."""
        other = Where(*self.fragments)
        other.arguments = list(self.arguments)
        return other


class Statement:
    """A search as its two statements. `with_places` lets a word that may be a name be a 町字 as well."""

    def __init__(
        self, criteria: Criteria, terms: Sequence[Term], places: Sequence[Term], *, with_places: bool, sees_hidden: bool
    ) -> None:
        self._criteria = criteria
        self._sees_hidden = sees_hidden
        self._where = Where(_KNOWN if criteria.former else _CURRENT)
        self._better: list[_Starts] = []
        for term in terms:
            self._add_term(term, with_places=with_places)
        for place in places:
            self._where.add(self._place_way(place))
        if not sees_hidden:
            self._where.add(f"r.addressee_no NOT IN ({_CONCEALED})")
        self._add_filters()

    def count(self) -> tuple[str, list[Any]]:
        """How many people fit, up to one more than the cap."""
        return f"{_COUNT[0]} {self._where.text()} {_COUNT[1]}", list(self._where.arguments)

    def page(self) -> tuple[str, list[Any]]:
        """The asked page of them."""
        where, criteria = self._where.copy(), self._criteria
        order = self._order(where)
        window = f"LIMIT {where.argument(criteria.limit)} OFFSET {where.argument((criteria.page - 1) * criteria.limit)}"
        return f"{_PAGE} {where.text()} ORDER BY {order} {window}", where.arguments

    def _order(self, where: Where) -> str:
        """The asked order; without one the better hits first, then by フリガナ."""
        direction = "DESC" if self._criteria.order == "desc" else "ASC"
        columns = _ORDERS[self._criteria.sort or "kana"]
        if self._criteria.sort == "address" and not self._sees_hidden:
            # Between whom somebody stands in the order of addresses would tell where the person lives.
            columns = tuple(f"CASE WHEN r.addressee_no NOT IN ({_HIDDEN}) THEN {column} END" for column in columns)
        parts = [f"{column} {direction}" for column in columns]
        if self._better and not self._criteria.sort:
            tests = (
                " OR ".join(f"{column} LIKE {where.argument(start)}" for column, start in way) for way in self._better
            )
            parts.insert(0, f"({' AND '.join(f'({test})' for test in tests)}) DESC")
        return ", ".join([*parts, "r.addressee_no", "r.valid_from DESC"])

    def _add_filters(self) -> None:
        where, criteria = self._where, self._criteria
        if not criteria.removed:
            where.add("r.status <> 'removed'")
        if criteria.sex:
            where.add(f"r.sex = {where.argument(criteria.sex)}")
        if criteria.head_only:
            where.add("r.relationship = '02'")
        if criteria.foreign_only:
            where.add("r.nationality <> 'JPN'")

    def _add_term(self, term: Term, *, with_places: bool) -> None:
        where = self._where
        ways: list[str] = []
        if term.text:
            ways, starts = _name_ways(where, term, self._criteria.match)
            if self._criteria.match == "auto":
                self._better.append(starts)
        if term.number is not None:
            number = where.argument(term.number)
            ways += [f"r.addressee_no = {number}", f"r.household_no = {number}"]
        if term.born:
            ways.append(f"r.birth_date BETWEEN {where.argument(term.born[0])} AND {where.argument(term.born[1])}")
        if term.is_birth_unknown:
            ways.append("r.birth_date_unknown")
        if term.postcode or term.block or (with_places and term.towns):
            ways.append(self._place_way(term))
        where.add(*ways)

    def _place_way(self, term: Term) -> str:
        """Who lives in the place; of who is hidden from the reader no place may be asked."""
        way = _place_way(self._where, term)
        return way if self._sees_hidden else f"({way} AND r.addressee_no NOT IN ({_HIDDEN}))"


def _name_ways(where: Where, term: Term, match: Match) -> tuple[list[str], _Starts]:
    """The names that fit, and what makes a hit a better one."""
    name = fold_name(term.text)
    ways_of_kana = fold_kana_ways(term.text) if term.is_kana else []
    # One character typed is the beginning of a name; as a part of names it would fit a third of a town.
    shape = "prefix" if match == "auto" and len(name) == 1 else match
    ways, starts = list[str](), _Starts()
    for kana in ways_of_kana:
        indexed = "" if shape == "prefix" else f"r.gram @> {where.argument(query_grams(kana))} AND "
        ways.append(f"({indexed}r.kana_fold LIKE {where.argument(_like(kana, shape))})")
        starts.append(("r.kana_fold", _like(kana, "prefix")))
    if name and not (ways_of_kana and shape == "prefix"):
        grams, pattern = where.argument(query_grams(name)), where.argument(_like(name, shape))
        ways.append(f"(r.gram @> {grams} AND (r.name_fold LIKE {pattern} OR r.other_fold LIKE {pattern}))")
        starts.append(("r.name_fold", _like(name, "prefix")))
    return ways, starts


def _place_way(where: Where, term: Term) -> str:
    """Who lives in the place: by 町字, by 番地 or by both."""
    ways = []
    if term.place or term.postcode:
        ways.append(f"r.town_code = ANY({where.argument(list(term.towns))}::text[])")
    if numbers := re.findall(r"\d+", term.block):
        block = "-".join(numbers)
        # The quick test first: the expression only has to see that 1-2 is not the end of 11-2.
        ways.append(f"{_BLOCK} LIKE {where.argument(f'%{block}-%')}")
        ways.append(f"{_BLOCK} ~ {where.argument(f'(^|[^0-9-]){block}-')}")
    return "(" + (" AND ".join(ways) or "false") + ")"


def _like(text: str, shape: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return _PATTERNS[shape].format(escaped)
