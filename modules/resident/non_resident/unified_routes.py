"""The addresses of 団体内統合宛名. Numbers come in bodies only, never in an address, and are shown for a purpose only."""

from modules.resident.non_resident import unified
from modules.resident.non_resident.unified import (
    UnifiedFound,
    UnifiedQuery,
    UnifiedRequest,
    UnifiedSight,
    UnifiedView,
)
from yoriai.web import BusinessRouter, Ctx, form_or_json

PERMISSION = "non_resident.unified"
_LAW = "番号法9条1項・21条"
_ONE, _SCREEN, _SEARCH = (
    "/addressees/{addressee_no}/unified",
    "non_resident/unified.html",
    "non_resident/unified_search.html",
)
_REQUEST, _SIGHT, _QUERY = form_or_json(UnifiedRequest), form_or_json(UnifiedSight), form_or_json(UnifiedQuery)


def add_to(router: BusinessRouter) -> None:
    """Register the routes."""
    router.get(_ONE, permission=PERMISSION, screen=_SCREEN, summary="団体内統合宛名番号の有無", number_use=_LAW)(
        show_unified
    )
    router.post(
        _ONE,
        permission=PERMISSION,
        screen=_SCREEN,
        again=_again,
        summary="団体内統合宛名番号の取得",
        number_use=_LAW,
    )(obtain_unified)
    router.post(
        f"{_ONE}/sight",
        permission=PERMISSION,
        screen=_SCREEN,
        again=_again,
        summary="団体内統合宛名番号・個人番号の照会",
        number_use=_LAW,
    )(see_unified)
    router.get(
        "/unified", permission=PERMISSION, screen=_SEARCH, summary="団体内統合宛名番号による検索の入力", number_use=_LAW
    )(show_search)
    router.post(
        "/unified",
        permission=PERMISSION,
        screen=_SEARCH,
        again=_search_again,
        summary="団体内統合宛名番号による検索",
        number_use=_LAW,
    )(find_unified)


async def show_unified(ctx: Ctx, addressee_no: int) -> UnifiedView:
    """Whether the addressee has a number; no digit of it."""
    async with ctx.read() as session:
        return await unified.get_unified(session, addressee_no)


async def _again(ctx: Ctx) -> UnifiedView:
    return await show_unified(ctx, int(ctx.request.path_params["addressee_no"]))


async def obtain_unified(ctx: Ctx, addressee_no: int, body: UnifiedRequest = _REQUEST) -> UnifiedView:
    """The number of the 個人番号 that is given: the known one, or a new one where none matches."""
    async with ctx.write() as session:
        return await unified.obtain(session, ctx.sealer, ctx.tenant, addressee_no, body, ctx.now)


async def see_unified(ctx: Ctx, addressee_no: int, body: UnifiedSight = _SIGHT) -> UnifiedView:
    """The numbers in plain digits; audited with the purpose."""
    async with ctx.read() as session:
        return await unified.see(session, ctx.sealer, ctx.tenant, addressee_no, body.purpose)


async def show_search(ctx: Ctx) -> UnifiedFound:
    """The search by number; a number stands in no address."""
    return UnifiedFound(is_asked=False, addressee_nos=[])


async def _search_again(ctx: Ctx) -> UnifiedFound:
    return await show_search(ctx)


async def find_unified(ctx: Ctx, body: UnifiedQuery = _QUERY) -> UnifiedFound:
    """Whose number it is; audited with the purpose."""
    async with ctx.read() as session:
        return await unified.find(session, ctx.sealer, ctx.tenant, body)
