"""The addresses of 住登外管理."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import Query

from modules.resident.basic_register.facts import HIDDEN_TEXT
from modules.resident.non_resident import account_routes, service, unified_routes
from modules.resident.non_resident.documents import print_address
from modules.resident.non_resident.facts import find_mailing
from modules.resident.non_resident.inputs import (
    AddresseeResult,
    Change,
    Destination,
    DestinationKind,
    Link,
    Migration,
    MigrationResult,
    Registration,
    Returned,
    Settled,
    Unlink,
)
from modules.resident.non_resident.reads import (
    AddresseeView,
    Pairs,
    ReturnedList,
    SearchResult,
    get_addressee,
    get_pairs,
    list_candidates,
    list_returned,
    search,
)
from yoriai.audit import AuditEvent
from yoriai.dates import parse_date
from yoriai.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.documents import Document, document
from yoriai.web.fields import AskedDay
from yoriai.web.forms import read_raw
from yoriai.web.panels import collect

router = BusinessRouter("non_resident")
_VIEW, _EDIT, _MERGE = "non_resident.view", "non_resident.edit", "non_resident.merge"
_PAGE, _ACT = "non_resident/addressee.html", "non_resident/act.html"
_HERE = "/addressees/{addressee_no}"
_REGISTRATION, _CHANGE, _MIGRATION = form_or_json(Registration), form_or_json(Change), form_or_json(Migration)
_LINK, _UNLINK, _DESTINATION = form_or_json(Link), form_or_json(Unlink), form_or_json(Destination)
_RETURNED, _SETTLED = form_or_json(Returned), form_or_json(Settled)


@router.get("/search", permission=_VIEW, screen="non_resident/search.html", summary="宛名検索")
async def show_search(ctx: Ctx, q: Annotated[str, Query(max_length=100)] = "", birth_date: str = "") -> SearchResult:
    """Non-residents, and with a birth date or without a hit the residents who may be meant."""
    day = _day(birth_date)
    async with ctx.read() as session:
        return await search(session, q, day)


@router.get("/addressees/new", permission=_EDIT, screen="non_resident/new.html", summary="住登外者の登録")
async def show_new(ctx: Ctx, q: Annotated[str, Query(max_length=100)] = "") -> SearchResult:
    """A blank registration; the search before it is asked for by the check itself."""
    return SearchResult(
        q=q, rows=[], is_capped=False, initial={"name": q, "kind": "person", "since": ctx.today.isoformat()}
    )


async def _new_again(ctx: Ctx) -> SearchResult:
    """After a refusal or a question: who may be meant, to be picked instead of a new number."""
    raw = await read_raw(ctx.request)
    name, kana = str(raw.get("name", "")).strip(), str(raw.get("name_kana", "")).strip()
    try:
        day = parse_date(str(raw.get("birth_date", "")))
    except ValueError:
        day = None
    async with ctx.read() as session:
        return await list_candidates(session, name, kana, day)


@router.post(
    "/addressees",
    permission=_EDIT,
    screen="non_resident/new.html",
    then=_HERE,
    again=_new_again,
    summary="住登外者の付番",
)
async def register(ctx: Ctx, body: Registration = _REGISTRATION) -> AddresseeResult:
    """Number somebody who is not on the register."""
    async with ctx.write() as session:
        return await service.register(session, body, ctx.now)


@router.post("/migration", permission=_EDIT, summary="旧システムの宛名の取込み")
async def migrate(ctx: Ctx, body: Migration = _MIGRATION) -> MigrationResult:
    """Take over records with their numbers: all or none, mistakes by line."""
    async with ctx.write() as session:
        return await service.migrate(session, body, ctx.now)


@router.get("/addressees/{addressee_no}", permission=_VIEW, screen=_PAGE, summary="宛名の照会")
async def show_addressee(ctx: Ctx, addressee_no: int) -> AddresseeView:
    """An addressee with everything known of it as such."""
    return await _addressee(ctx, addressee_no)


async def _addressee(ctx: Ctx, addressee_no: int) -> AddresseeView:
    async with ctx.read() as session:
        view = await get_addressee(session, addressee_no, ctx.today)
        own = f"/{ctx.tenant.code}/non_resident/"
        view.panels = [p for p in await collect(ctx, session, addressee_no) if not p.href.startswith(own)]
        return view


@router.get("/addressees/{addressee_no}/acts/{act}", permission=_EDIT, screen=_ACT, summary="宛名の登録の入力")
async def show_act(
    ctx: Ctx,
    addressee_no: int,
    act: Literal["destination", "returned", "record"],
    kind: DestinationKind | None = None,
    since: AskedDay = None,
) -> AddresseeView:
    """A blank form of the act; that of the record holds what stands there now, a destination that was proposed its kind and day."""
    view = await _addressee(ctx, addressee_no)
    kept = ("valid_from", "on", "business") if act != "record" else tuple(view.initial)
    initial = {key: view.initial[key] for key in kept}
    if kind is not None:
        initial |= {"kind": kind, "valid_from": (since or ctx.today).isoformat()}
    return view.model_copy(update={"act": act, "initial": initial})


@router.get("/addressees/{addressee_no}/acts/{act}/merge", permission=_MERGE, screen=_ACT, summary="名寄せの入力")
async def show_merge(ctx: Ctx, addressee_no: int, act: Literal["link", "unlink"]) -> AddresseeView:
    """A blank form of the 名寄せ, or of its undoing."""
    return (await _addressee(ctx, addressee_no)).model_copy(update={"act": act, "initial": {}})


def _again_with(act: str) -> Callable[[Ctx], Awaitable[AddresseeView]]:
    """The form of an act that was refused; a button on the addressee's own page comes back there."""

    async def again(ctx: Ctx) -> AddresseeView:
        view = await _addressee(ctx, int(ctx.request.path_params["addressee_no"]))
        return view.model_copy(update={"act": act})

    return again


_again = _again_with("")


@router.post(
    "/addressees/{addressee_no}/records",
    permission=_EDIT,
    screen=_ACT,
    then=_HERE,
    again=_again_with("record"),
    summary="記録の変更",
)
async def change(ctx: Ctx, addressee_no: int, body: Change = _CHANGE) -> AddresseeResult:
    """A change from a day on."""
    async with ctx.write() as session:
        return await service.change(session, addressee_no, body, ctx.now)


@router.post(
    "/addressees/{addressee_no}/link",
    permission=_MERGE,
    screen=_ACT,
    then=_HERE,
    again=_again_with("link"),
    summary="名寄せ",
)
async def link(ctx: Ctx, addressee_no: int, body: Link = _LINK) -> AddresseeResult:
    """Let the number point to its representative."""
    async with ctx.write() as session:
        return await service.link(session, addressee_no, body, ctx.now)


@router.post(
    "/addressees/{addressee_no}/unlink",
    permission=_MERGE,
    screen=_ACT,
    then=_HERE,
    again=_again_with("unlink"),
    summary="名寄せの取消し",
)
async def unlink(ctx: Ctx, addressee_no: int, body: Unlink = _UNLINK) -> AddresseeResult:
    """Undo a 名寄せ."""
    async with ctx.write() as session:
        return await service.unlink(session, addressee_no, body, ctx.now)


@router.post(
    "/addressees/{addressee_no}/destinations",
    permission=_EDIT,
    screen=_ACT,
    then=_HERE,
    again=_again_with("destination"),
    summary="送付先・納税管理人などの登録",
)
async def set_destination(ctx: Ctx, addressee_no: int, body: Destination = _DESTINATION) -> AddresseeResult:
    """Where letters of a business go in a period."""
    async with ctx.write() as session:
        return await service.set_destination(session, addressee_no, body, ctx.now)


@router.post(
    "/addressees/{addressee_no}/destinations/{destination_id}/drop",
    permission=_EDIT,
    screen=_PAGE,
    then=_HERE,
    again=_again,
    summary="送付先の取消し",
)
async def drop_destination(
    ctx: Ctx, addressee_no: int, destination_id: int, body: Settled = _SETTLED
) -> AddresseeResult:
    """Take a destination back; it stays in the history."""
    async with ctx.write() as session:
        return await service.drop_destination(session, addressee_no, destination_id, ctx.now)


@router.post(
    "/addressees/{addressee_no}/returned",
    permission=_EDIT,
    screen=_ACT,
    then=_HERE,
    again=_again_with("returned"),
    summary="返戻・公示送達の登録",
)
async def mark_returned(ctx: Ctx, addressee_no: int, body: Returned = _RETURNED) -> AddresseeResult:
    """A letter that did not arrive."""
    async with ctx.write() as session:
        return await service.mark_returned(session, addressee_no, body, ctx.now)


@router.post(
    "/addressees/{addressee_no}/returned/{mail_id}/settle",
    permission=_EDIT,
    screen=_PAGE,
    then=_HERE,
    again=_again,
    summary="返戻・公示送達の解消",
)
async def settle(ctx: Ctx, addressee_no: int, mail_id: int, body: Settled = _SETTLED) -> AddresseeResult:
    """The item has found its way."""
    async with ctx.write() as session:
        return await service.settle_returned(session, addressee_no, mail_id, body, ctx.now)


@document(router, "/addressees/{addressee_no}/label", permission=_EDIT, summary="宛名の印刷")
async def print_label(
    ctx: Ctx, addressee_no: int, business: Annotated[str, Query(pattern="^[a-z_]{2,40}$")] = "all", force: bool = False
) -> Document:
    """The address for a letter of a business today; refused while mail comes back, unless it is asked for all the same."""
    async with ctx.read() as session:
        mailing = await find_mailing(session, addressee_no, business, ctx.today)
        session.audit(AuditEvent("non_resident.label", f"addressee:{addressee_no}", detail={"business": business}))
    if mailing is None:
        raise NotFound("この宛名番号はありません。")
    if mailing.address == HIDDEN_TEXT:
        raise Forbidden("支援措置の対象のため、宛名を印刷できません。")
    if mailing.warnings and not force:
        raise Conflict(f"郵便物が届かない宛名です。{'、'.join(mailing.warnings)}")
    practice, now = ctx.request.app.state.settings.practice, ctx.now
    return Document(
        lambda: print_address(mailing, ctx.config, made_at=now, practice=practice),
        f"宛名_{addressee_no}",
        f"addressee:{addressee_no}",
    )


@router.get("/duplicates", permission=_VIEW, screen="non_resident/duplicates.html", summary="名寄せの候補")
async def show_duplicates(ctx: Ctx) -> Pairs:
    """Suspected duplicates."""
    async with ctx.read() as session:
        return await get_pairs(session)


@router.get("/returned", permission=_VIEW, screen="non_resident/returned.html", summary="返戻・公示送達の一覧")
async def show_returned(ctx: Ctx) -> ReturnedList:
    """Whom letters do not reach."""
    async with ctx.read() as session:
        return await list_returned(session)


def _day(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return parse_date(text)
    except ValueError:
        raise Invalid(fields=[FieldError("birth_date", f"日付として読めません: {text}", rule="date")]) from None


account_routes.add_to(router)
unified_routes.add_to(router)
