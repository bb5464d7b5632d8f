"""付箋: put on a person with period and audience, shown when the person is opened, taken off with a record (COM-095)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from modules.resident.basic_register.models import note_models
from modules.resident.basic_register.reads.person import get_row
from modules.resident.basic_register.reads.rows import to_card
from modules.resident.basic_register.reads.shapes import PersonCard
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.errors import Conflict, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.tenancy.session import Reader, Record, WriteSession
from yoriai.web.fields import Day

EVERYBODY = ""
_OF_PERSON = """
SELECT n.note_no, n.addressee_no, n.text, n.section, n.starts_on, n.ends_on, n.removed_at,
       coalesce(s.display_name, n.staff_id) AS staff, coalesce(r.display_name, n.removed_by) AS remover
  FROM person_note n LEFT JOIN staff s ON s.login = n.staff_id LEFT JOIN staff r ON r.login = n.removed_by
 WHERE n.addressee_no = $1 AND n.section IN ('', $2) ORDER BY n.note_no DESC LIMIT 100"""
_SHOWN = """
SELECT n.text, n.section, n.ends_on, coalesce(s.display_name, n.staff_id) AS staff
  FROM person_note n LEFT JOIN staff s ON s.login = n.staff_id
 WHERE n.addressee_no = $1 AND n.section IN ('', $2) AND n.removed_at IS NULL AND n.starts_on <= $3
   AND (n.ends_on IS NULL OR n.ends_on >= $3) ORDER BY n.note_no DESC LIMIT 20"""


class NoteEntry(BaseModel):
    """A note to put on. For `section` only the writer's own section sees it."""

    text: str = Field(min_length=1, max_length=300, title="付箋の内容")
    audience: Literal["section", "everybody"] = Field(default="section", title="見る人")
    starts_on: Day = Field(title="いつから")
    ends_on: Day | None = Field(default=None, title="いつまで")


class NoteResult(BaseModel):
    """The note and whose it is."""

    note_no: int
    addressee_no: int


class NoteRow(BaseModel):
    """A note as it is or was."""

    note_no: int
    text: str
    audience: str
    period: str
    staff: str
    remover: str
    is_on: bool


class Notes(BaseModel):
    """A person's notes that the reader may see, and the form of another."""

    person: PersonCard
    rows: list[NoteRow]
    section: str
    initial: dict[str, Any]


async def list_shown(session: Reader, addressee_no: int, today: date) -> Sequence[Record]:
    """The notes that show on the day when the session's principal opens the person."""
    return await session.fetch(_SHOWN, addressee_no, session.principal.section, today)


async def get_notes(session: Reader, addressee_no: int, today: date, base: str) -> Notes:
    """All notes the reader may see, those taken off too; audited. Raises NotFound."""
    row, veil = await get_row(session, addressee_no, "notes")
    session.audit(AuditEvent("person.view", f"addressee:{addressee_no}", detail={"part": "notes"}))
    section = session.principal.section
    return Notes(
        person=to_card(row, today, base, veil),
        rows=[_row(note) for note in await session.fetch(_OF_PERSON, addressee_no, section)],
        section=section,
        initial={"audience": "section", "starts_on": today.isoformat()},
    )


async def add_note(session: WriteSession, addressee_no: int, body: NoteEntry, now: datetime) -> NoteResult:
    """Put a note on a person. Raises NotFound, Invalid."""
    await get_row(session, addressee_no, "notes")
    findings = Findings()
    section = session.principal.section if body.audience == "section" else EVERYBODY
    if body.audience == "section" and not section:
        findings.refuse("audience", "所属のない職員は、係だけの付箋を付けられません。")
    if body.ends_on is not None and body.ends_on < body.starts_on:
        findings.refuse("ends_on", "「いつから」より前の日付です。")
    findings.settle()
    number = await allocate(session, "person_note")
    session.add(
        note_models.PersonNote(
            note_no=number,
            addressee_no=addressee_no,
            text=body.text.strip(),
            section=section,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    session.audit(AuditEvent("person.note", f"addressee:{addressee_no}", detail={"note_no": number, "act": "add"}))
    return NoteResult(note_no=number, addressee_no=addressee_no)


async def remove_note(session: WriteSession, addressee_no: int, note_no: int, now: datetime) -> NoteResult:
    """Take a note off; it stays in the list with who did it. Raises NotFound for another section's note too, Conflict."""
    await get_row(session, addressee_no, "notes")
    note = await session.get(note_models.PersonNote, note_no, with_for_update=True)
    if note is None or note.addressee_no != addressee_no or note.section not in (EVERYBODY, session.principal.section):
        raise NotFound("この付箋は見つかりません。")
    if note.removed_at is not None:
        raise Conflict("この付箋はすでに外されています。")
    note.removed_at, note.removed_by = now, session.principal.login
    session.audit(AuditEvent("person.note", f"addressee:{addressee_no}", detail={"note_no": note_no, "act": "remove"}))
    return NoteResult(note_no=note_no, addressee_no=addressee_no)


def _row(note: Record) -> NoteRow:
    until = format_wareki(note["ends_on"]) + "まで" if note["ends_on"] else "外すまで"
    return NoteRow(
        note_no=note["note_no"],
        text=note["text"],
        audience=note["section"] or "全員",
        period=f"{format_wareki(note['starts_on'])}から{until}",
        staff=note["staff"],
        remover=note["remover"] or "",
        is_on=note["removed_at"] is None,
    )
