"""入場券 follow 宛名: another sending address registered there, and 返戻 or 公示送達, which keeps a card out of the bulk run."""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.resident.non_resident.facts import Diverted


def follow(voters: Sequence[Mapping[str, Any]], diverted: Mapping[int, Diverted]) -> list[dict[str, Any]]:
    """The voters with `undelivered` (empty for none), and the sending address of 宛名 where the roll itself has none.

    The voting commission's own record goes first: it was given for the card. A protected voter's card says no address all the same.
    """
    return [_followed(voter, diverted.get(voter["addressee_no"])) for voter in voters]


def _followed(voter: Mapping[str, Any], sent: Diverted | None) -> dict[str, Any]:
    if sent is None:
        return {**dict(voter), "undelivered": ""}
    place = {}
    if sent.is_sent_elsewhere and not voter["sending_address"]:
        care = f" {sent.name} 様方" if sent.principal else ""
        place = {
            "is_sent_home": sent.is_home,
            "sending_postcode": sent.postcode,
            "sending_address": f"{sent.address} {sent.building}".strip() + care,
        }
    return {**dict(voter), **place, "undelivered": sent.told}
