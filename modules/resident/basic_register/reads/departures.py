"""転入通知未着一覧: who has announced to leave or has left, and of whom no other municipality has told the arrival yet."""

from datetime import date, timedelta

from pydantic import BaseModel

from modules.resident.basic_register.chips import Chip, status_chip
from modules.resident.basic_register.protections.masking import find_veil
from yoriai.audit import AuditEvent
from yoriai.tenancy.session import Reader

_LOOK_BACK = timedelta(days=365)
_MOST = 500
_WAITING = """
SELECT r.addressee_no, r.household_no, r.name, r.name_kana, r.status, r.removal_reason, r.movement_no,
       coalesce(r.planned_removal_on, r.removed_on) AS leaves_on
  FROM resident_record r
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
   AND ((r.status = 'move_out_planned' AND r.planned_removal_on <= $1)
     OR (r.status = 'removed' AND r.removal_reason = 'move_out' AND r.removed_on BETWEEN $2 AND $1))
   AND NOT EXISTS (SELECT FROM arrival_notice n
                    WHERE n.addressee_no = r.addressee_no AND n.moved_in_on >= r.became_resident_on)
 ORDER BY leaves_on, r.household_no, r.addressee_no LIMIT $3
"""


class Departure(BaseModel):
    """Somebody whose arrival elsewhere has not been told; `days` since the day of leaving."""

    addressee_no: int
    household_no: int
    name: str
    kana: str
    leaves_on: date
    days: int
    status: Chip
    href: str


class DepartureList(BaseModel):
    """The list, the longest waiting first."""

    departures: list[Departure]


async def list_departures(session: Reader, as_of: date, base: str) -> DepartureList:
    """Who has gone within a year, or should have, without a 転入通知 (住基法9条1項)."""
    found = await session.fetch(_WAITING, as_of, as_of - _LOOK_BACK, _MOST)
    veil = await find_veil(session, [row["addressee_no"] for row in found], "departures")
    rows = [row for row in found if row["addressee_no"] not in veil.concealed]
    session.audit(AuditEvent("resident.departures", detail={"found": len(rows)}))
    return DepartureList(
        departures=[
            Departure(
                addressee_no=row["addressee_no"],
                household_no=row["household_no"],
                name=row["name"],
                kana=row["name_kana"],
                leaves_on=row["leaves_on"],
                days=(as_of - row["leaves_on"]).days,
                status=status_chip(row),
                href=f"{base}/households/{row['household_no']}/move-out-notice",
            )
            for row in rows
        ]
    )
