"""Many movements at once from a CSV file."""

from pydantic import BaseModel

from modules.resident.basic_register.household_pages import EX_OFFICIO
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.movements.importing import COLUMNS, ImportBody, ImportResult, import_movements
from yoriai.web import Ctx, form_or_json

_BODY = form_or_json(ImportBody)


class ImportForm(BaseModel):
    """What a file may hold."""

    columns: list[str]
    result: ImportResult | None = None


async def _again(ctx: Ctx) -> ImportForm:
    return ImportForm(columns=list(COLUMNS))


@router.get(
    "/movement-import", permission=EX_OFFICIO, summary="異動の一括登録の入力", screen="resident/movement_import.html"
)
async def show_import(ctx: Ctx) -> ImportForm:
    """The columns a file may have."""
    return ImportForm(columns=list(COLUMNS))


@router.post(
    "/movement-import",
    permission=EX_OFFICIO,
    summary="異動の一括登録",
    screen="resident/movement_import.html",
    again=_again,
)
async def record_import(ctx: Ctx, body: ImportBody = _BODY) -> ImportForm:
    """Record all movements of the file or none; every mistake is told with its line."""
    async with ctx.write() as session:
        result = await import_movements(session, body, ctx.now)
    return ImportForm(columns=list(COLUMNS), result=result)
