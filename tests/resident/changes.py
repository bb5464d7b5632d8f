"""Inputs of household changes, changes of items and acts of the office, for the family of three."""

from typing import Any

from modules.resident.basic_register.movements.inputs import MovementResult
from yoriai.tenancy.session import Record, WriteSession

CURRENT = """
SELECT addressee_no, household_no, name, alias, status, relationship, relationship_text, address, became_resident_on, address_since,
       removed_on, removal_reason, valid_from, version, movement_no, sheet_no, kana_confirmed, residence_status, nationality
  FROM resident_record WHERE superseded_at IS NULL AND valid_to = '9999-12-31' ORDER BY addressee_no"""
COUNTED = "SELECT count(*) FROM resident_record"


def household(moved: MovementResult, version: int = 1, **values: Any) -> dict[str, Any]:
    """A movement of the family's household on 18 November 2026, notified on the 20th."""
    ref = {"household_no": moved.household_no, "version": version}
    return {"event_date": "2026-11-18", "notified_on": "2026-11-20", "household": ref, **values}


async def current(session: WriteSession) -> list[Record]:
    """The current versions of everybody."""
    return list(await session.fetch(CURRENT))
