"""The addresses of the shared shelf."""

from pydantic import BaseModel

from yoriai.extraction import shelf
from yoriai.extraction import templates_service as templates
from yoriai.extraction.definition import portable
from yoriai.extraction.inputs import Nothing, Publication, Saved
from yoriai.extraction.shelf import Shelved
from yoriai.extraction.templates_service import TemplateView
from yoriai.web import BusinessRouter, Ctx, form_or_json

_USE, _SHARE = "extraction.use", "extraction.share"
_SCREEN = "extraction/shelf.html"
_PUBLICATION = form_or_json(Publication)
_NOTHING = form_or_json(Nothing)


class ShelfPage(BaseModel):
    """What is on the shelf, and the own templates that could go there."""

    shelved: list[Shelved]
    own: list[TemplateView]
    own_options: list[tuple[str, str]]
    code: str


class OnShelf(BaseModel):
    """A definition's number on the shelf."""

    shelf_no: int


def add_shelf_routes(router: BusinessRouter) -> None:
    """Add the addresses to the router."""

    async def again(ctx: Ctx) -> ShelfPage:
        async with ctx.read_own_rows() as session:
            shelved = await shelf.list_shelf(session)
        async with ctx.read() as session:
            own = [each for each in await templates.list_templates(session) if each.is_own and ctx.may(_SHARE)]
        options = [(str(each.template_no), each.name) for each in own]
        return ShelfPage(shelved=shelved, own=own, own_options=options, code=ctx.tenant.code)

    @router.get("/shelf", permission=_USE, summary="共同の棚", screen=_SCREEN)
    async def show_shelf(ctx: Ctx) -> ShelfPage:
        """The definitions all municipalities have left for each other."""
        return await again(ctx)

    @router.post("/shelf", permission=_SHARE, summary="定義の公開", screen=_SCREEN, then="/shelf", again=again)
    async def publish(ctx: Ctx, body: Publication = _PUBLICATION) -> OnShelf:
        """Put an own template's definition on the shelf, without values that could be a person's."""
        async with ctx.read() as session:
            found = await templates.get_template(session, body.template_no)
        note = body.note.strip() or found.note
        async with ctx.write_own_rows() as session:
            number = await shelf.publish(
                session, ctx.tenant.code, ctx.config.name, found.name, note, portable(found.definition), ctx.now
            )
        return OnShelf(shelf_no=number)

    @router.post(
        "/shelf/{shelf_no}/withdraw",
        permission=_SHARE,
        summary="公開の取下げ",
        screen=_SCREEN,
        then="/shelf",
        again=again,
    )
    async def withdraw(ctx: Ctx, shelf_no: int, body: Nothing = _NOTHING) -> OnShelf:
        """Take an own definition back."""
        async with ctx.write_own_rows() as session:
            return OnShelf(shelf_no=await shelf.withdraw(session, shelf_no))

    @router.post(
        "/shelf/{shelf_no}/take",
        permission=_USE,
        summary="棚の定義を使う",
        screen=_SCREEN,
        then="/templates/{template_no}",
        again=again,
    )
    async def take(ctx: Ctx, shelf_no: int, body: Nothing = _NOTHING) -> Saved:
        """An own template of a definition on the shelf."""
        async with ctx.read_own_rows() as session:
            found = await shelf.get_shelved(session, shelf_no)
        async with ctx.write() as session:
            return await templates.add_from_shelf(
                session, found.name, found.note, found.definition, found.municipality, ctx.now
            )
