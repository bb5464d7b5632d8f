"""The addresses of composing and of templates; those of runs and of the shelf are beside them."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel

from yoriai.extraction import templates_service as templates
from yoriai.extraction.catalogue import views_for
from yoriai.extraction.inputs import Composed, Imported, Nothing, Saved
from yoriai.extraction.preview import preview
from yoriai.extraction.run_routes import add_run_routes
from yoriai.extraction.screens import Composing, ViewView, composing, view_of
from yoriai.extraction.shelf_routes import add_shelf_routes
from yoriai.extraction.templates_service import TemplateView
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.files import attachment
from yoriai.web.forms import read_raw

router = BusinessRouter("extraction")
_USE = "extraction.use"
_COMPOSE = "extraction/compose.html"
_COMPOSED = form_or_json(Composed)
_IMPORTED = form_or_json(Imported)
_NOTHING = form_or_json(Nothing)
_RETRY = "extraction/templates.html"


class TemplateList(BaseModel):
    """The templates one may use."""

    templates: list[TemplateView]
    may_share: bool


class Catalogue(BaseModel):
    """The views one may use, with their items."""

    views: list[ViewView]


async def compose_again(ctx: Ctx) -> Composing:
    """The composing screen with what was sent."""
    return composing(ctx.principal, await read_raw(ctx.request))


async def _templates(ctx: Ctx) -> TemplateList:
    async with ctx.read() as session:
        found = await templates.list_templates(session)
    return TemplateList(templates=found, may_share=ctx.may("extraction.share"))


@router.get("/", permission=_USE, summary="抽出のひな形の一覧", screen=_RETRY)
async def show_templates(ctx: Ctx) -> TemplateList:
    """Own templates and shared ones."""
    return await _templates(ctx)


@router.get("/catalogue", permission=_USE, summary="抽出できる項目の一覧", screen="extraction/catalogue.html")
async def show_catalogue(ctx: Ctx) -> Catalogue:
    """Every view and item one may extract: official name, type, length, codes, and which are ours."""
    return Catalogue(views=[view_of(view) for view in views_for(ctx.principal)])


@router.get("/compose", permission=_USE, summary="抽出の定義の作成", screen=_COMPOSE)
async def show_compose(ctx: Ctx, base: Annotated[str, Query(max_length=120)] = "") -> Composing:
    """The composing screen, empty or with its first view chosen."""
    return composing(ctx.principal, {"base": base, "format": "csv", "sharing": "own"})


@router.post("/compose", permission=_USE, summary="選んだ表の項目の表示", screen=_COMPOSE, again=compose_again)
async def change_compose(ctx: Ctx, body: Composed = _COMPOSED) -> Composing:
    """The composing screen again, with the items of the views chosen by now."""
    return await compose_again(ctx)


@router.post("/preview", permission=_USE, summary="抽出のプレビュー", screen=_COMPOSE, again=compose_again)
async def show_preview(ctx: Ctx, body: Composed = _COMPOSED) -> Composing:
    """The number of rows and the first of them; the people shown are audited."""
    async with ctx.read() as session:
        found = await preview(session, body.definition, ctx.today)
    return composing(ctx.principal, await read_raw(ctx.request), found)


@router.post(
    "/templates",
    permission=_USE,
    summary="ひな形の保存",
    screen=_COMPOSE,
    then="/templates/{template_no}",
    again=compose_again,
)
async def save_template(ctx: Ctx, body: Composed = _COMPOSED) -> Saved:
    """Save as a new template, or the next version of an own one."""
    async with ctx.write() as session:
        return await templates.save_template(session, body, ctx.now)


@router.get("/templates/{template_no}", permission=_USE, summary="ひな形を開く", screen=_COMPOSE)
async def show_template(ctx: Ctx, template_no: int) -> Composing:
    """The composing screen filled in from a template; somebody else's opens as the start of an own one."""
    async with ctx.read() as session:
        found = await templates.get_template(session, template_no)
    own = {"template_no": found.template_no, "version": found.version, "sharing": found.sharing} if found.is_own else {}
    values = {
        **found.definition.to_form(),
        "name": found.name,
        "note": found.note,
        "format": "csv",
        "sharing": "own",
        **own,
    }
    values["order"] = {item.replace(".", "__"): place for place, item in enumerate(found.definition.items, 1)}
    return composing(ctx.principal, values)


@router.post(
    "/templates/{template_no}/copy",
    permission=_USE,
    summary="ひな形の写し",
    screen=_RETRY,
    then="/templates/{template_no}",
    again=_templates,
)
async def copy_template(ctx: Ctx, template_no: int, body: Nothing = _NOTHING) -> Saved:
    """An own copy."""
    async with ctx.write() as session:
        return await templates.copy_template(session, template_no, ctx.now)


@router.post(
    "/templates/{template_no}/delete",
    permission=_USE,
    summary="ひな形の削除",
    screen=_RETRY,
    then="/",
    again=_templates,
)
async def delete_template(ctx: Ctx, template_no: int, body: Nothing = _NOTHING) -> Saved:
    """Take an own template away."""
    async with ctx.write() as session:
        return await templates.delete_template(session, template_no, ctx.now)


@router.get("/templates/{template_no}/file", permission=_USE, summary="定義ファイルの書き出し")
async def export_template(ctx: Ctx, template_no: int) -> Any:
    """The definition as a file for other municipalities: no data, no values that could be a person's."""
    async with ctx.read() as session:
        found = await templates.get_template(session, template_no)
    document = templates.to_file(found.name, found.note, found.definition, ctx.config.name)
    return attachment(templates.file_text(document).encode(), f"抽出定義_{found.name}.json", "application/json")


@router.post(
    "/import",
    permission=_USE,
    summary="定義ファイルの取込",
    screen=_RETRY,
    then="/templates/{template_no}",
    again=_templates,
)
async def import_template(ctx: Ctx, body: Imported = _IMPORTED) -> Saved:
    """Take in a definition's file as an own template."""
    async with ctx.write() as session:
        return await templates.import_file(session, body.file, ctx.now)


add_run_routes(router, compose_again)
add_shelf_routes(router)
