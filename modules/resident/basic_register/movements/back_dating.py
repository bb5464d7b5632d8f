"""さかのぼった異動: one dated before a later movement of somebody is possible where that movement changed other things.

A 転居 of last week comes after a フリガナ confirmed yesterday: what the later movement changed stays, the new address
holds from its day on. Where the later movement changed the same things it has to be taken back or corrected first.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from modules.resident.basic_register.chips import label_of
from modules.resident.basic_register.models import ResidentRecord
from modules.resident.basic_register.movements.inputs import Staying
from yoriai.dates import format_wareki
from yoriai.findings import Findings
from yoriai.tenancy.session import Record, WriteSession

_LATER = """
SELECT r.valid_from, r.status, r.household_no, r.relationship, r.town_code, r.address, r.building, n.movement_no, n.reason
  FROM resident_record r
  LEFT JOIN LATERAL (SELECT m.movement_no, m.reason FROM movement_person p JOIN movement m ON m.movement_no = p.movement_no
                      WHERE p.addressee_no = r.addressee_no AND m.event_date = r.valid_from
                        AND NOT EXISTS (SELECT FROM movement c WHERE c.cancels = m.movement_no)
                      ORDER BY m.movement_no DESC LIMIT 1) n ON true
 WHERE r.addressee_no = $1 AND r.superseded_at IS NULL AND r.valid_to > $2 ORDER BY r.valid_from"""
_SAME = ("status", "household_no", "relationship", "town_code", "address", "building")
"""Where somebody lives, with whom and as what: a movement dated before another one of these is another history."""


async def check_back_dated(
    session: WriteSession, findings: Findings, event_date: date, records: Iterable[ResidentRecord]
) -> bool:
    """Whether the movement lies before a later one of somebody; noted as an alert, or as an error where it cannot."""
    is_back_dated = False
    for record in records:
        if event_date < record.birth_date and not record.birth_date_unknown:
            findings.refuse(
                "event_date", f"{record.name}さんの生年月日（{format_wareki(record.birth_date)}）より前の日付です。"
            )
        elif event_date < record.valid_from:
            is_back_dated = True
            await _check_later(session, findings, event_date, record, must_be_here=True)
    return is_back_dated


async def check_staying_back_dated(
    session: WriteSession,
    findings: Findings,
    event_date: date,
    others: Iterable[ResidentRecord],
    staying: Sequence[Staying],
) -> bool:
    """The same for those who stay and get a new 続柄: who came after the day has it from the beginning."""
    named = {person.addressee_no for person in staying if person.relationship}
    concerned = [record for record in others if record.addressee_no in named and event_date < record.valid_from]
    for record in concerned:
        await _check_later(session, findings, event_date, record, must_be_here=False)
    return bool(concerned)


async def _check_later(
    session: WriteSession, findings: Findings, event_date: date, record: ResidentRecord, *, must_be_here: bool
) -> None:
    first, *later = await session.fetch(_LATER, record.addressee_no, event_date)
    if must_be_here and first["valid_from"] > event_date:
        findings.refuse(
            "event_date",
            f"{record.name}さんの住民票が始まった日（{format_wareki(first['valid_from'])}）より前の日付です。",
        )
        return
    told = [f"{format_wareki(row['valid_from'])}の{label_of(row['reason'] or '異動')}" for row in later]
    conflicts = [text for row, text in zip(later, told, strict=True) if _differs(first, row)]
    if conflicts:
        findings.refuse(
            "event_date",
            f"{record.name}さんにはその後に{'、'.join(conflicts)}があり、さかのぼれません。先にその異動を取り消すか訂正してください。",
        )
    elif told:
        findings.warn_at(
            "back_dated",
            "event_date",
            f"{record.name}さんにはその後に{'、'.join(told)}があります。その異動で変わった項目はそのまま残ります。この異動は、それより前の日からの記載になります。",
        )


def _differs(first: Record, row: Record) -> bool:
    return any(first[name] != row[name] for name in _SAME)
