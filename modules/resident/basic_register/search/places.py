"""Which 町字 a word may mean."""

from collections.abc import Sequence
from dataclasses import replace

from modules.resident.basic_register.search.terms import Term
from yoriai.japanese import fold_kana, fold_name, has_only_kana
from yoriai.tenancy.session import Reader, Record

_SHORTEST_PLACE = 2
_TOWNS = "SELECT town_code, postcode, name, kana FROM town ORDER BY town_code"


async def locate(session: Reader, terms: Sequence[Term]) -> list[Term]:
    """The terms with the 町字 each may mean; the table is not looked at when none can mean one."""
    if not any(len(term.place) >= _SHORTEST_PLACE or term.postcode for term in terms):
        return list(terms)
    rows = await session.fetch(_TOWNS)
    return [replace(term, towns=tuple(row["town_code"] for row in rows if _is_meant(term, row))) for term in terms]


def _is_meant(term: Term, town: Record) -> bool:
    if term.postcode:
        return bool(town["postcode"] == term.postcode)
    if len(term.place) < _SHORTEST_PLACE:
        return False
    if has_only_kana(term.place) and fold_kana(town["kana"]).startswith(fold_kana(term.place)):
        return True
    return fold_name(term.place) in fold_name(town["name"])
