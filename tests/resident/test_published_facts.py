"""What the register publishes of the making of a 住民票 and of its periods."""

from modules.resident.basic_register.movements.inputs import MovementResult, MoveOut
from modules.resident.basic_register.service import record_move_out
from tests.resident.people import NOW
from yoriai.tenancy.session import WriteSession

_ENTRY = """
SELECT reason, event_date::text, notified_on::text, processed_on::text FROM fact_resident_entry WHERE addressee_no = $1
"""
_PERIODS = """
SELECT name, address, status, removed_on::text, valid_from::text, valid_to::text FROM fact_resident_period
 WHERE addressee_no = $1 ORDER BY valid_from
"""


async def test_an_entry_has_the_day_of_the_notice_and_a_departure_makes_none(
    session: WriteSession, family: MovementResult
) -> None:
    father, *_ = family.addressee_nos
    body = {
        "event_date": "2026-11-18",
        "notified_on": "2026-11-18",
        "household": {"household_no": family.household_no, "version": 1},
        "members": [{"addressee_no": number} for number in family.addressee_nos],
        "destination": "東京都港区芝公園1番",
        "is_certain": True,
    }
    await record_move_out(session, MoveOut.model_validate(body), NOW)
    entries = [tuple(row) for row in await session.fetch(_ENTRY, father)]
    assert entries == [("move_in", "2026-11-10", "2026-11-16", "2026-11-20")]
    periods = [tuple(row) for row in await session.fetch(_PERIODS, father)]
    assert periods == [
        ("渡邉　太郎", "ためし町1番2号", "resident", None, "2026-11-10", "2026-11-18"),
        ("渡邉　太郎", "ためし町1番2号", "removed", "2026-11-18", "2026-11-18", "9999-12-31"),
    ]
