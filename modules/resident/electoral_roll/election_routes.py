"""The addresses of elections: their page, reception, absentee votes, cards and lists."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from modules.resident.electoral_roll import absentee, card_runs, cards, election_service, elections, voting
from modules.resident.electoral_roll.absentee_reads import election_of_absentee, list_absentees
from modules.resident.electoral_roll.card_runs import CardChange, CardRunInput, CardRunResult
from modules.resident.electoral_roll.districts import commission_of
from modules.resident.electoral_roll.election_models import BALLOT_KINDS
from modules.resident.electoral_roll.inputs import (
    AbsenteeAct,
    AbsenteeInput,
    AbsenteeResult,
    AbsenteeUndo,
    BallotCancel,
    BallotInput,
    BallotResult,
    ElectionCancel,
    ElectionCorrection,
    ElectionInput,
    ElectionResult,
    VersionOnly,
)
from modules.resident.electoral_roll.shapes import Absentees, ElectionView, Listing, PollingList, Reception
from yoriai.dates import format_wareki
from yoriai.documents import render_pdf
from yoriai.errors import Forbidden
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.documents import Document, document, hand_out
from yoriai.web.fields import AskedDay
from yoriai.web.files import csv_response
from yoriai.web.forms import read_raw

_VIEW, _EDIT = "electoral_roll.view", "electoral_roll.edit"
_RECEIVE, _PRINT = "electoral_roll.receive", "electoral_roll.print"


class OneInput(BaseModel):
    """Whose card to print singly."""

    entry_no: int = Field(ge=1)
    printer: str = Field(default="", max_length=90, title="印刷先・トレイ")


_ELECTION, _VERSION = form_or_json(ElectionInput), form_or_json(VersionOnly)
_CORRECTION, _CALL_OFF = form_or_json(ElectionCorrection), form_or_json(ElectionCancel)
_BALLOT, _CANCEL = form_or_json(BallotInput), form_or_json(BallotCancel)
_REQUEST, _ACT, _UNDO = form_or_json(AbsenteeInput), form_or_json(AbsenteeAct), form_or_json(AbsenteeUndo)
_RUN, _CHANGE, _ONE = form_or_json(CardRunInput), form_or_json(CardChange), form_or_json(OneInput)


def add_to(router: BusinessRouter) -> None:
    """Register the routes."""
    get, post = router.get, router.post
    listing, page = "electoral_roll/elections.html", "electoral_roll/election.html"
    counter, away = "electoral_roll/reception.html", "electoral_roll/absentees.html"
    one = "/elections/{election_no}"
    get("/elections", permission=_VIEW, screen=listing, summary="選挙の一覧")(show_elections)
    post("/elections", permission=_EDIT, screen=listing, then=one, again=show_elections, summary="選挙の登録")(
        create_election
    )
    get(one, permission=_VIEW, screen=page, summary="選挙の照会")(show_election)
    post(
        f"{one}/close-early", permission=_EDIT, screen=page, then=one, again=_election_again, summary="期日前投票の終了"
    )(close_early)
    post(
        f"{one}/reopen-early",
        permission=_EDIT,
        screen=page,
        then=one,
        again=_election_again,
        summary="期日前投票の再開",
    )(reopen_early)
    post(
        f"{one}/correct", permission=_EDIT, screen=page, then=one, again=_election_again, summary="選挙の訂正 (確定前)"
    )(correct_election)
    post(
        f"{one}/cancel",
        permission=_EDIT,
        screen=page,
        then=one,
        again=_election_again,
        summary="選挙の取りやめ (確定前)",
    )(cancel_election)
    get(f"{one}/reception", permission=_RECEIVE, screen=counter, summary="投票の受付")(show_reception)
    post(
        f"{one}/ballots",
        permission=_RECEIVE,
        screen=counter,
        then=f"{one}/reception?kind={{kind}}&place={{place_code}}",
        again=_reception_again,
        summary="投票の受付の記録",
    )(receive_ballot)
    post(
        "/ballots/{ballot_id}/cancel",
        permission=_RECEIVE,
        screen=counter,
        then=f"{one}/reception?kind={{kind}}&place={{place_code}}",
        again=_ballot_again,
        summary="受付の取消し",
    )(cancel_ballot)
    get(f"{one}/absentees", permission=_RECEIVE, screen=away, summary="不在者投票の一覧")(show_absentees)
    post(
        f"{one}/absentees",
        permission=_RECEIVE,
        screen=away,
        then=f"{one}/absentees",
        again=_absentees_again,
        summary="不在者投票の請求の受付",
    )(request_absentee)
    post(
        "/absentees/{absentee_id}/acts",
        permission=_RECEIVE,
        screen=away,
        then=f"{one}/absentees",
        again=_absentee_again,
        summary="不在者投票の交付・送致・受理・返還",
    )(act_on_absentee)
    post(
        "/absentees/{absentee_id}/undo",
        permission=_RECEIVE,
        screen=away,
        then=f"{one}/absentees",
        again=_absentee_again,
        summary="不在者投票の直前の処理の取消し",
    )(undo_absentee)
    get(
        f"{one}/polling-list",
        permission=_PRINT,
        screen="electoral_roll/polling_list.html",
        summary="投票所の名簿の抄本",
    )(show_polling_list)
    document(router, f"{one}/polling-list.pdf", permission=_PRINT, summary="投票所の名簿の抄本")(print_polling_list)
    post(
        f"{one}/cards",
        permission=_PRINT,
        screen=page,
        then=one,
        again=_election_again,
        summary="入場券の一括作成の登録",
    )(open_card_run)
    post(
        f"{one}/cards/changes",
        permission=_PRINT,
        screen=page,
        then=one,
        again=_election_again,
        summary="入場券の引抜・追加",
    )(change_card_run)
    document(router, f"{one}/cards/{{part_no}}.pdf", permission=_PRINT, summary="作成した入場券")(take_cards)
    get(f"{one}/postcodes.csv", permission=_PRINT, summary="入場券の郵便番号ごとの枚数 (CSV)")(take_postcodes)
    post(f"{one}/card", permission=_PRINT, screen="electoral_roll/refused.html", summary="入場券の単票印刷 (PDF)")(
        print_card
    )


async def show_elections(ctx: Ctx) -> Listing:
    """All elections."""
    async with ctx.read() as session:
        return await elections.list_elections(session, f"/{ctx.tenant.code}/electoral_roll")


async def create_election(ctx: Ctx, body: ElectionInput = _ELECTION) -> ElectionResult:
    """Record an election; its registration and its list are made the night its day of registration has come."""
    async with ctx.write() as session:
        return await election_service.create_election(session, body, ctx.now)


async def show_election(ctx: Ctx, election_no: int, day: AskedDay = None) -> ElectionView:
    """Voters, votes, cards and what has changed since the list was fixed; early votes by hour of a day (today's)."""
    async with ctx.read() as session:
        return await elections.get_election(session, ctx.config, election_no, ctx.today, day)


async def _election_again(ctx: Ctx) -> ElectionView:
    return await show_election(ctx, int(ctx.request.path_params["election_no"]))


async def close_early(ctx: Ctx, election_no: int, body: VersionOnly = _VERSION) -> ElectionResult:
    """End early voting."""
    async with ctx.write() as session:
        return await election_service.close_early(session, election_no, body.version, ctx.now)


async def reopen_early(ctx: Ctx, election_no: int, body: VersionOnly = _VERSION) -> ElectionResult:
    """Go on with early voting that was ended too soon."""
    async with ctx.write() as session:
        return await election_service.reopen_early(session, election_no, body.version, ctx.now)


async def correct_election(ctx: Ctx, election_no: int, body: ElectionCorrection = _CORRECTION) -> ElectionResult:
    """Put an election right before its list of voters is made."""
    async with ctx.write() as session:
        return await election_service.correct_election(session, election_no, body)


async def cancel_election(ctx: Ctx, election_no: int, body: ElectionCancel = _CALL_OFF) -> ElectionResult:
    """Call an election off before its list of voters is made."""
    async with ctx.write() as session:
        return await election_service.cancel_election(session, election_no, body)


async def show_reception(
    ctx: Ctx,
    election_no: int,
    kind: Literal["early", "day"] = "early",
    place: str = "",
    q: str = "",
    match: Literal["prefix", "partial", "suffix"] = "prefix",
) -> Reception:
    """Look a voter up by barcode, card number, name or kana."""
    async with ctx.read() as session:
        return await elections.get_reception(
            session, ctx.config, election_no, ctx.today, kind=kind, place=place, q=q, match=match
        )


async def _reception_again(ctx: Ctx) -> Reception:
    raw = await read_raw(ctx.request)
    kind: Literal["early", "day"] = "day" if raw.get("kind") == "day" else "early"
    number = int(ctx.request.path_params["election_no"])
    return await show_reception(ctx, number, kind, str(raw.get("place_code", "")), str(raw.get("q", "")))


async def _ballot_again(ctx: Ctx) -> Reception:
    async with ctx.read() as session:
        election_no, kind, place = await elections.place_of_ballot(session, int(ctx.request.path_params["ballot_id"]))
        return await elections.get_reception(
            session, ctx.config, election_no, ctx.today, kind=kind, place=place, q="", match="prefix"
        )


async def receive_ballot(ctx: Ctx, election_no: int, body: BallotInput = _BALLOT) -> BallotResult:
    """Receive a voter once."""
    async with ctx.write() as session:
        return await voting.receive_ballot(session, election_no, body, ctx.config, ctx.now)


async def cancel_ballot(ctx: Ctx, ballot_id: int, body: BallotCancel = _CANCEL) -> BallotResult:
    """Undo a reception, with its reason."""
    async with ctx.write() as session:
        return await voting.cancel_ballot(session, ballot_id, body, ctx.now)


async def show_absentees(ctx: Ctx, election_no: int, q: str = "", status: str = "", day: AskedDay = None) -> Absentees:
    """The requests and where they stand, and the register of a day (today's)."""
    async with ctx.read() as session:
        return await list_absentees(session, election_no, ctx.today, q=q, status=status, day=day)


async def _absentees_again(ctx: Ctx) -> Absentees:
    return await show_absentees(ctx, int(ctx.request.path_params["election_no"]))


async def _absentee_again(ctx: Ctx) -> Absentees:
    async with ctx.read() as session:
        election_no = await election_of_absentee(session, int(ctx.request.path_params["absentee_id"]))
        return await list_absentees(session, election_no, ctx.today)


async def request_absentee(ctx: Ctx, election_no: int, body: AbsenteeInput = _REQUEST) -> AbsenteeResult:
    """Accept a request."""
    async with ctx.write() as session:
        return await absentee.request_absentee(session, election_no, body, ctx.config, ctx.now)


async def act_on_absentee(ctx: Ctx, absentee_id: int, body: AbsenteeAct = _ACT) -> AbsenteeResult:
    """The next step of a request."""
    async with ctx.write() as session:
        return await absentee.act_on_absentee(session, absentee_id, body, ctx.now)


async def undo_absentee(ctx: Ctx, absentee_id: int, body: AbsenteeUndo = _UNDO) -> AbsenteeResult:
    """Take the last step of a request back, with the reason."""
    async with ctx.write() as session:
        return await absentee.undo_absentee(session, absentee_id, body, ctx.now)


async def show_polling_list(ctx: Ctx, election_no: int, district: str = "") -> PollingList:
    """名簿の抄本 of a district with early and absentee votes marked."""
    async with ctx.read() as session:
        return await elections.get_polling_list(session, ctx.config, election_no, district, ctx.today)


async def print_polling_list(ctx: Ctx, election_no: int, district: str) -> Document:
    """The same on paper; Forbidden for a list that would lack somebody."""
    found = await show_polling_list(ctx, election_no, district)
    if not found.is_whole:
        raise Forbidden(
            "この選挙の名簿には支援措置を受けている人がいます。全員の載った抄本は、住所を表示できる責任者が印刷してください。"
        )
    data = {
        "title": f"{found.name} 選挙人名簿抄本",
        "about": [
            f"{found.title}　投票所 {found.place}".removesuffix("　投票所 "),
            f"選挙期日 {format_wareki(found.vote_on)}",
        ],
        "commission": commission_of(ctx.config),
        "is_marked": True,
        "legend": "　".join(f"{mark}＝{BALLOT_KINDS[kind]}" for kind, mark in elections.MARKS.items()),
        "made": format_wareki(ctx.today),
        "practice": ctx.request.app.state.settings.practice,
        "marked": found.marked,
        "rows": [{**row, "birth": format_wareki(row["birth_date"])} for row in found.rows],
    }
    now, subject = ctx.now, f"election:{election_no}"
    return Document(
        lambda: render_pdf(cards.DOCUMENTS / "roll_copy.typ", data, made_at=now), f"選挙人名簿抄本_{district}", subject
    )


async def open_card_run(ctx: Ctx, election_no: int, body: CardRunInput = _RUN) -> CardRunResult:
    """Let a night make all cards; until then persons may be pulled out and added."""
    async with ctx.write() as session:
        return await card_runs.open_run(session, ctx.config, election_no, body, ctx.now)


async def change_card_run(ctx: Ctx, election_no: int, body: CardChange = _CHANGE) -> CardRunResult:
    """Pull a card out of the run, or put one in."""
    async with ctx.write() as session:
        return await card_runs.change_run(session, election_no, body, ctx.now)


async def take_cards(ctx: Ctx, election_no: int, part_no: int) -> Document:
    """A file of cards that the night has made."""
    async with ctx.read() as session:
        label, pdf = await card_runs.get_file(session, election_no, part_no)
    return Document(lambda: pdf, f"入場券_{part_no:03d}_{label}", f"election:{election_no}")


async def take_postcodes(ctx: Ctx, election_no: int) -> Any:
    """How many cards go to each postcode, for the list that goes to the post office with sorted mail."""
    async with ctx.read() as session:
        rows = await card_runs.list_postcodes(session, election_no)
    return csv_response("入場券_郵便番号別枚数", ("郵便番号", "枚数"), rows)


async def print_card(ctx: Ctx, election_no: int, body: OneInput = _ONE) -> Any:
    """One voter's card."""
    async with ctx.write() as session:
        data = await cards.print_one(session, ctx.config, election_no, body.entry_no, ctx.now)
        data["practice"] = ctx.request.app.state.settings.practice
        now, subject = ctx.now, f"electoral_entry:{body.entry_no}"
        made = Document(lambda: cards.render_cards(data, now), f"入場券_{body.entry_no}", subject)
        return await hand_out(ctx, session, made, "投票所入場券", body.printer)
