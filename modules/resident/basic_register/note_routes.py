"""付箋 on a person: the list, putting one on, taking one off."""

from pydantic import BaseModel

from modules.resident.basic_register.household_pages import base_of
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.notes import NoteEntry, NoteResult, Notes, add_note, get_notes, remove_note
from yoriai.web import Ctx, form_or_json

_NOTE = "resident.note"
_SCREEN = "resident/notes.html"
_ENTRY = form_or_json(NoteEntry)


class Removal(BaseModel):
    """Taking off needs nothing but the act."""


_REMOVAL = form_or_json(Removal)


async def _notes(ctx: Ctx, addressee_no: int) -> Notes:
    async with ctx.read() as session:
        return await get_notes(session, addressee_no, ctx.today, base_of(ctx))


async def _again(ctx: Ctx) -> Notes:
    return await _notes(ctx, int(ctx.request.path_params["addressee_no"]))


@router.get("/persons/{addressee_no}/notes", permission=_NOTE, summary="付箋の照会", screen=_SCREEN)
async def show_notes(ctx: Ctx, addressee_no: int) -> Notes:
    """A person's notes of the caller's section and of everybody. Audited."""
    return await _notes(ctx, addressee_no)


@router.post(
    "/persons/{addressee_no}/notes",
    permission=_NOTE,
    summary="付箋を付ける",
    screen=_SCREEN,
    then="/persons/{addressee_no}/notes",
    again=_again,
)
async def put_note(ctx: Ctx, addressee_no: int, body: NoteEntry = _ENTRY) -> NoteResult:
    """Put a note on a person, for the caller's section or for everybody."""
    async with ctx.write() as session:
        return await add_note(session, addressee_no, body, ctx.now)


@router.post(
    "/persons/{addressee_no}/notes/{note_no}/remove",
    permission=_NOTE,
    summary="付箋を外す",
    screen=_SCREEN,
    then="/persons/{addressee_no}/notes",
    again=_again,
)
async def take_off(ctx: Ctx, addressee_no: int, note_no: int, body: Removal = _REMOVAL) -> NoteResult:
    """Take a note off; it stays in the list."""
    async with ctx.write() as session:
        return await remove_note(session, addressee_no, note_no, ctx.now)
