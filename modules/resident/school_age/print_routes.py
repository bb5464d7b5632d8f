"""The addresses of what is printed or handed over as a file."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Query

from modules.resident.school_age.documents import print_letters, print_roll
from modules.resident.school_age.handover import HANDOVER, SCHEMA, handover_rows, pack
from modules.resident.school_age.printing import (
    LETTERS_AT_ONCE,
    get_letter,
    list_letters,
    roll_rows,
    without_address,
)
from modules.resident.school_age.reads import get_entrants, list_children
from modules.resident.school_age.settings import read_settings
from modules.resident.school_age.views import ChildLine
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.web import BusinessRouter, Ctx
from yoriai.web.documents import Document, document
from yoriai.web.files import attachment, csv_response

_VIEW, _EDIT = "school_age.view", "school_age.edit"
_EVERYBODY = 1_000_000
_RECEIVERS = {"aid": "就学援助", "school_affairs": "校務"}
Year = Annotated[int, Query(ge=2000, le=2199)]


def add_print_routes(router: BusinessRouter) -> None:
    """Add the addresses to the business's router."""

    @document(router, "/notices/{notice_id}/pdf", permission=_EDIT, summary="就学の通知書の印刷")
    async def print_notice(ctx: Ctx, notice_id: int) -> Document:
        """A letter as it went out: PDF, or its words as JSON for who asks for JSON."""
        async with ctx.read() as session:
            content = await get_letter(session, notice_id, ctx.today)
        return _letters(ctx, [content], f"{content['title']}_{notice_id}", f"school_age_notice:{notice_id}")

    @document(router, "/transfers/{addressee_no}/pdf", permission="school_age.counter", summary="転入学通知書の印刷")
    async def print_transfer(ctx: Ctx, addressee_no: int, notice_id: int) -> Document:
        """The 転入学通知書, for the resident counter."""
        async with ctx.read() as session:
            content = await get_letter(session, notice_id, ctx.today, ("transfer",), addressee_no)
        return _letters(ctx, [content], f"転入学通知書_{addressee_no}", f"addressee:{addressee_no}")

    @document(router, "/entrants/{entry_year}/letters", permission=_EDIT, summary="新入学の通知書の一括印刷")
    async def print_bulk(
        ctx: Ctx, entry_year: int, kind: str = "enrolment", school: str = "", part: Annotated[int, Query(ge=1)] = 1
    ) -> Document:
        """The letters of a year, 500 a file; withheld ones are printed one by one from the child's page."""
        async with ctx.read() as session:
            found = await list_letters(session, entry_year, kind, school, part, ctx.today)
        return _letters(ctx, found, f"{found[0]['title']}_{entry_year}_{part}", f"entry_year:{entry_year}")

    @document(router, "/rolls/pdf", permission=_VIEW, summary="学齢簿の名簿の印刷")
    async def print_a_roll(ctx: Ctx, school: str = "", grade: str = "", kind: str = "", district: str = "") -> Document:
        """The list on the screen, on paper."""
        lines = await _roll(ctx, school, grade, kind, district=district)
        names = read_settings(ctx.config)
        area = f" {names.name_of(district)}の通学区域" if district else ""
        title = f"学齢簿 {names.name_of(school) or '全校'}{area} {format_wareki(ctx.today)}現在"
        return _roll_document(ctx, title, lines)

    @router.get("/rolls/handover", permission=_VIEW, summary="学齢簿の引渡しファイル (就学援助・校務)")
    async def hand_over(ctx: Ctx, to: Literal["aid", "school_affairs"], school: str = "") -> Any:
        """The register in the agreed form (`handover`): data, schema and manifest, for the system named.

        Protected children are in it when somebody makes it who may see where they live; else it says how many it lacks.
        """
        lines = await _roll(ctx, school, "", "", to)
        given = [line for line in lines if not line.is_masked]
        content = pack(given, ctx.tenant.code, ctx.today, to, left_out=len(lines) - len(given))
        return attachment(content, f"学齢簿引渡し_{_RECEIVERS[to]}_{ctx.today:%Y%m%d}.zip", "application/zip")

    @router.get("/rolls/handover/schema", permission=_VIEW, summary="引渡しファイルの形 (JSON Schema)")
    async def show_schema(ctx: Ctx) -> dict[str, Any]:
        """The form of a row, for who writes the receiving side."""
        return dict(SCHEMA)

    @router.get("/rolls/csv", permission=_VIEW, summary="名簿のファイル")
    async def export_roll(ctx: Ctx, school: str = "", grade: str = "", kind: str = "", district: str = "") -> Any:
        """The list as a file for a spreadsheet, in the columns of the handover."""
        lines = await _roll(ctx, school, grade, kind, district=district)
        return csv_response(f"学齢簿_{ctx.today:%Y%m%d}", HANDOVER, handover_rows(lines))

    @router.get("/entrants/{entry_year}/csv", permission=_VIEW, summary="新入学者名簿のファイル")
    async def export_entrants(ctx: Ctx, entry_year: int) -> Any:
        """新入学者名簿 as a file."""
        async with ctx.read() as session:
            listed = await get_entrants(session, ctx.config, entry_year, ctx.today)
        return csv_response(f"新入学者名簿_{entry_year}", HANDOVER, handover_rows(listed.rows))

    @document(router, "/entrants/{entry_year}/pdf", permission=_VIEW, summary="新入学者名簿・就学時健診名簿の印刷")
    async def print_entrants(ctx: Ctx, entry_year: int, title: str = "新入学者名簿") -> Document:
        """新入学者名簿 on paper, also as the list of the 就学時健康診断."""
        async with ctx.read() as session:
            listed = await get_entrants(session, ctx.config, entry_year, ctx.today)
        heading = f"{title[:40]} {listed.label}"
        return _roll_document(ctx, heading, listed.rows)


async def _roll(ctx: Ctx, school: str, grade: str, kind: str, to: str = "", district: str = "") -> list[ChildLine]:
    number = int(grade) if grade.isdigit() and len(grade) == 1 else None
    async with ctx.read() as session:
        detail = {"school": school, "grade": grade, "kind": kind, "district": district}
        session.audit(AuditEvent("school_age.export", reason=_RECEIVERS.get(to, ""), detail=detail))
        listed = await list_children(
            session, ctx.config, ctx.today, school=school, grade=number, kind=kind, district=district, limit=_EVERYBODY
        )
    return listed.rows


def _roll_document(ctx: Ctx, title: str, lines: Sequence[ChildLine]) -> Document:
    practice, now = ctx.request.app.state.settings.practice, ctx.now
    return Document(
        lambda: print_roll(title, roll_rows(lines), made_at=now, practice=practice), title, "school_age:roll"
    )


def _letters(ctx: Ctx, letters: list[dict[str, Any]], name: str, subject: str) -> Document:
    practice, now, place = ctx.request.app.state.settings.practice, ctx.now, ctx.config.full_name
    return Document(
        lambda: print_letters(letters[:LETTERS_AT_ONCE], place=place, made_at=now, practice=practice),
        name,
        subject,
        [without_address(letter) if letter["is_protected"] else letter for letter in letters],
    )
