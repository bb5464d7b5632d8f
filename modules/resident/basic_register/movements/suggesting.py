"""What the 続柄 of those who stay would be when the head goes: proposed in the form, decided by the clerk (住基法25条)."""

from collections.abc import Mapping, Sequence

from modules.resident.basic_register.labels import HEAD

_SPOUSES = {"11": "12", "12": "11", "13": "14", "14": "13"}
"""夫, 妻, and the unregistered: what the former head is to each of them."""
_SHARED = ("20", "2011", "2012", "2020", "98", "99")
"""Relations that hold for both of a couple; a child of only one of them is for the clerk to change."""


def suggest_relations(members: Sequence[tuple[int, str]], leaving: int) -> Mapping[int, str]:
    """For members (宛名番号, 続柄コード) of whom the head leaves: the spouse becomes head, the others are seen from there.

    Empty when the one who leaves is not the head or leaves no spouse: then nothing can be presumed. Who cannot be related to
    the spouse by what is known is left out.
    """
    if dict(members).get(leaving) != HEAD:
        return {}
    staying = [(number, code) for number, code in members if number != leaving]
    spouses = [(number, code) for number, code in staying if code in _SPOUSES]
    if len(spouses) != 1:
        return {}
    spouse, kind = spouses[0]
    found = {spouse: HEAD}
    for number, code in staying:
        if number == spouse:
            continue
        if code in _SHARED:
            found[number] = code
        elif code in ("51", "52", "61", "62", "63", "64"):
            found[number] = f"{_SPOUSES[kind]}{code}"
    return found
