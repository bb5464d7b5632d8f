"""Ending a placement and beginning the next: the same statements for a clerk's act and for the night."""

from datetime import date, datetime, timedelta

from modules.resident.school_age.models import SchoolAgePlacement
from modules.resident.school_age.placing import Place
from yoriai.dates import OPEN_END
from yoriai.tenancy.session import WriteSession

CLOSE = """
WITH ended AS (
  UPDATE school_age_placement SET superseded_at = $1
   WHERE addressee_no = ANY($2::bigint[]) AND superseded_at IS NULL AND valid_to > $3
  RETURNING addressee_no, kind, grade, school_code, school_name, basis, case_no, valid_from
)
INSERT INTO school_age_placement (addressee_no, kind, grade, school_code, school_name, basis, case_no, valid_from, valid_to,
                                  staff_id)
SELECT addressee_no, kind, grade, school_code, school_name, basis, case_no, valid_from, $3, $4 FROM ended WHERE valid_from <= $3
"""
"""End the placements of the persons on a day (`$3`, the last one); what would only begin afterwards falls away."""


async def end_placement(session: WriteSession, addressee_no: int, last_day: date, now: datetime) -> None:
    """The child's placement ends with the day."""
    await session.fetch(CLOSE, now, [addressee_no], last_day, session.principal.login)


async def begin_placement(
    session: WriteSession,
    addressee_no: int,
    place: Place,
    *,
    grade: int,
    basis: str,
    since: date,
    now: datetime,
    until: date = OPEN_END,
    case_no: int | None = None,
) -> None:
    """The child attends the place from the day on; what it attended before ends the day before."""
    await end_placement(session, addressee_no, since - timedelta(days=1), now)
    session.add(
        SchoolAgePlacement(
            addressee_no=addressee_no,
            kind=place.kind,
            grade=grade,
            school_code=place.school_code,
            school_name=place.school_name,
            basis=basis,
            case_no=case_no,
            valid_from=since,
            valid_to=until,
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    await session.flush()
