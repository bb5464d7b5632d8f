"""The resident counter's own address (転入学通知書 with the 転入届), and a school's view of its own children."""

from modules.resident.basic_register.facts import find_district_place, find_resident, is_hidden_from_reader
from modules.resident.school_age import service
from modules.resident.school_age.grades import grade_label
from modules.resident.school_age.inputs import Transfer, TransferResult
from modules.resident.school_age.placing import designated, figures_of, judge
from modules.resident.school_age.reads import get_child, list_children
from modules.resident.school_age.roll import HIDDEN, veil
from modules.resident.school_age.settings import read_settings
from modules.resident.school_age.views import ChildList, ChildView, TransferDone, TransferForm
from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.forms import read_raw

_COUNTER, _SCHOOL = "school_age.counter", "school_age.school"
_TRANSFER = form_or_json(Transfer)


def add_transfer_routes(router: BusinessRouter) -> None:
    """Add the addresses to the business's router."""

    @router.get("/transfers/new", permission=_COUNTER, screen="school_age/transfer.html", summary="転入学の入力")
    async def show_transfer(ctx: Ctx, addressee_no: int) -> TransferForm:
        """The 転入学 of a child who has moved in, with the school of its address."""
        return await _transfer_form(ctx, addressee_no)

    async def transfer_again(ctx: Ctx) -> TransferForm:
        raw = str((await read_raw(ctx.request)).get("addressee_no", ""))
        return await _transfer_form(ctx, int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else 0)

    @router.post(
        "/transfers",
        permission=_COUNTER,
        screen="school_age/transfer.html",
        then="/transfers/{addressee_no}",
        again=transfer_again,
        summary="転入学の受付",
    )
    async def accept_transfer(ctx: Ctx, body: Transfer = _TRANSFER) -> TransferResult:
        """Put the child on the 学齢簿, designate its school and make the 転入学通知書."""
        async with ctx.write() as session:
            return await service.accept_transfer(session, body, ctx.config, ctx.now)

    @router.get(
        "/transfers/{addressee_no}",
        permission=_COUNTER,
        screen="school_age/transfer_done.html",
        summary="転入学の受付の結果",
    )
    async def show_done(ctx: Ctx, addressee_no: int) -> TransferDone:
        """The school and the letter to hand over."""
        async with ctx.read() as session:
            (row,) = await veil(
                session, [await service.get_row(session, addressee_no, ctx.today)], "school_age.transfer"
            )
            session.audit(AuditEvent("school_age.view", f"addressee:{addressee_no}"))
            notice_id = await session.fetchval(
                "SELECT max(id) FROM school_age_notice WHERE addressee_no = $1 AND kind = 'transfer'", addressee_no
            )
        if notice_id is None:
            raise NotFound("転入学通知書はまだありません。")
        return TransferDone(
            addressee_no=addressee_no,
            name=row["name"],
            school_name=row["school_name"],
            grade_label=grade_label(row["grade"], ctx.today),
            notice_id=notice_id,
        )

    @router.get("/own-school", permission=_SCHOOL, screen="school_age/own_school.html", summary="自校の名簿")
    async def show_own_school(ctx: Ctx) -> ChildList:
        """The roll of the school whose name is the caller's section; nobody else's."""
        code = _own_school(ctx)
        async with ctx.read() as session:
            return await list_children(session, ctx.config, ctx.today, school=code, is_own=True)

    @router.get(
        "/own-school/children/{addressee_no}",
        permission=_SCHOOL,
        screen="school_age/own_child.html",
        summary="自校の児童生徒の照会",
    )
    async def show_own_child(ctx: Ctx, addressee_no: int) -> ChildView:
        """A child of the own school; one of another school is answered as if it did not exist."""
        code = _own_school(ctx)
        async with ctx.read() as session:
            row = await service.get_row(session, addressee_no, ctx.today)
            if row["school_code"] != code or row["state"] != "enrolled":
                raise NotFound("この宛名番号の子は学齢簿にありません。")
            return await get_child(session, ctx.config, addressee_no, ctx.today, is_own=True)


def _own_school(ctx: Ctx) -> str:
    settings = read_settings(ctx.config)
    code = next((school.code for school in settings.schools.values() if school.name == ctx.principal.section), None)
    if code is None:
        raise NotFound("所属に登録された学校がありません。職員の所属に学校名を登録してください。")
    return code


async def _transfer_form(ctx: Ctx, addressee_no: int) -> TransferForm:
    async with ctx.read() as session:
        resident = await find_resident(session, addressee_no)
        if resident is None:
            raise NotFound("この宛名番号の住民はいません。")
        at = await find_district_place(session, addressee_no)
        is_shut = await is_hidden_from_reader(session, addressee_no)
        session.audit(AuditEvent("school_age.view", f"addressee:{addressee_no}"))
    person = {"addressee_no": addressee_no, "birth_date": resident.birth_date}
    grade = judge([person], ctx.today, figures_of(ctx.config, ctx.today))[addressee_no]["grade"]
    place = designated(at, grade or 1, ctx.today, read_settings(ctx.config))
    return TransferForm(
        name=resident.name,
        grade_label=grade_label(grade, ctx.today),
        school_name=HIDDEN if is_shut else place.school_name or "通学区域がありません",
        initial={"addressee_no": str(addressee_no), "since": ctx.today.isoformat()},
    )
