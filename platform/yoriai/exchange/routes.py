"""The addresses of the data exchange: the pull API, what was sent and received, rows that were set aside."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from yoriai.errors import Conflict, FieldError, Invalid
from yoriai.exchange import receiving
from yoriai.exchange.area import Area, area_of
from yoriai.exchange.data_sets import all_data_sets, get_data_set
from yoriai.exchange.pulling import MOST_ROWS, Offered, Page, list_offered, pull
from yoriai.exchange.receivers import Receiver, Taken, all_receivers, get_receiver
from yoriai.exchange.sending import send
from yoriai.tenancy.session import Reader
from yoriai.web import BusinessRouter, Ctx, form_or_json

router = BusinessRouter("exchange")
_PULL, _VIEW, _SEND, _RECEIVE = "exchange.pull", "exchange.view", "exchange.send", "exchange.receive"
KINDS = {"full": "全件", "difference": "差分", "received": "受信"}
_SETS = "SELECT data_set, refreshed_at, change_no FROM exchange_set"
_FILES = """
SELECT file_no, kind, data_set, path, charset, size, rows, gone, sha256, from_change, to_change, made_at, staff_id
  FROM exchange_file ORDER BY file_no DESC LIMIT 100"""
_SCOPES = """
SELECT c.login, s.display_name, c.data_set, c.purpose, c.granted_at
  FROM exchange_scope c LEFT JOIN staff s ON s.login = c.login WHERE c.revoked_at IS NULL ORDER BY c.login, c.data_set"""


class FileOrder(BaseModel):
    """A file to be made."""

    data_set: str = Field(title="データ")
    kind: str = Field(pattern="^(full|difference)$", title="種類")
    purpose: str = Field(min_length=1, max_length=200, title="提供の目的")


class TakeOrder(BaseModel):
    """Which kind of files is to be taken from the area."""

    receiver: str = Field(title="ファイルの種類")


class Correction(BaseModel):
    """A row's values by heading, of the version that was shown."""

    version: int
    values: dict[str, str] = {}


class Discard(BaseModel):
    """Why a row is given up."""

    version: int
    note: str = Field(min_length=1, max_length=200, title="理由")


class OfferedList(BaseModel):
    """What the account may pull."""

    data_sets: list[Offered]


class Overview(BaseModel):
    """The state of the exchange."""

    sets: list[dict[str, Any]]
    files: list[dict[str, Any]]
    scopes: list[dict[str, Any]]
    data_options: list[tuple[str, str]]
    receiver_options: list[tuple[str, str]]
    waiting: int
    taken: str = ""


class RowList(BaseModel):
    """Rows that wait for a correction."""

    rows: list[dict[str, Any]]


class RowPage(BaseModel):
    """A row that was set aside."""

    row_no: int
    label: str
    path: str
    line: int
    made_at: datetime
    status: str
    version: int
    cells: list[dict[str, Any]]
    reasons: list[dict[str, str]]
    closed_at: datetime | None
    closed_by: str | None
    note: str


class RowResult(BaseModel):
    """What became of a row: `reasons` are what is still wrong."""

    row_no: int
    is_done: bool
    reasons: list[dict[str, str]]


_FILE = form_or_json(FileOrder)
_TAKE = form_or_json(TakeOrder)
_CORRECTION = form_or_json(Correction)
_DISCARD = form_or_json(Discard)


@router.get("/data", permission=_PULL, summary="取得できるデータの一覧（API）")
async def show_offered(ctx: Ctx) -> OfferedList:
    """The data sets the caller may pull, with the JSON Schema of their rows."""
    async with ctx.read() as session:
        return OfferedList(data_sets=await list_offered(session))


@router.get("/data/{data_set}", permission=_PULL, summary="データの変更分の取得（API）")
async def pull_data(
    ctx: Ctx,
    data_set: str,
    since: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 500,
) -> Page:
    """Rows that have changed after the change number `since`, at most `limit`; protected people are masked."""
    found = get_data_set(data_set)
    async with ctx.write() as session:
        return await pull(session, found, since, limit, ctx.now)


async def _overview(ctx: Ctx, taken: str = "") -> Overview:
    mine = _mine(ctx)
    async with ctx.read() as session:
        known = {row["data_set"]: row for row in await session.fetch(_SETS)}
        files = [dict(row) | {"kind_label": KINDS[row["kind"]]} for row in await session.fetch(_FILES)]
        scopes = [dict(row) for row in await session.fetch(_SCOPES)]
        waiting = len(await receiving.list_rows(session, mine))
    labels = {name: each.label for name, each in all_data_sets().items()}
    labels |= {name: each.label for name, each in all_receivers().items()}
    for row in (*files, *scopes):
        row["label"] = labels.get(row["data_set"], row["data_set"])
    sets = [
        {
            "name": each.name,
            "label": each.label,
            "change_no": known[each.name]["change_no"] if each.name in known else None,
            "refreshed_at": known[each.name]["refreshed_at"] if each.name in known else None,
        }
        for each in all_data_sets().values()
    ]
    return Overview(
        sets=sets,
        files=files,
        scopes=scopes,
        data_options=[(each.name, each.label) for each in all_data_sets().values()],
        receiver_options=[(each.name, each.label) for each in mine],
        waiting=waiting,
        taken=taken,
    )


async def _again(ctx: Ctx) -> Overview:
    return await _overview(ctx)


@router.get("/", permission=_VIEW, summary="データ連携の状況", screen="exchange/overview.html")
async def show_overview(ctx: Ctx) -> Overview:
    """Data sets, files and system accounts."""
    return await _overview(ctx)


@router.post(
    "/files", permission=_SEND, summary="連携ファイルの作成", screen="exchange/overview.html", then="/", again=_again
)
async def make_file(ctx: Ctx, body: FileOrder = _FILE) -> Overview:
    """Lay a full or a difference file into the exchange area."""
    found = get_data_set(body.data_set)
    async with ctx.write() as session:
        await send(session, _area(ctx), found, body.kind, ctx.now, body.purpose)
    return await _overview(ctx)


@router.post(
    "/take", permission=_RECEIVE, summary="受信ファイルの取込み", screen="exchange/overview.html", again=_again
)
async def take_files(ctx: Ctx, body: TakeOrder = _TAKE) -> Overview:
    """Take all files of a kind from the area: what is right is recorded, the rest set aside."""
    receiver = get_receiver(body.receiver)
    _require(ctx, receiver)
    told, errors = [], []
    for path, done in await receiving.take_waiting(ctx.write, _area(ctx), receiver, ctx.config, ctx.now):
        if isinstance(done, Taken):
            told.append(f"{path}: {done.rows}行のうち{done.recorded}行を登録し、{done.set_aside}行を保留しました。")
            continue
        told.append(f"{path}: {done.message}")
        if not isinstance(done, Conflict):
            fields = done.fields or (FieldError("file", done.message),)
            errors += [replace(each, message=f"{path}: {each.message}", file=path) for each in fields]
    if errors:
        raise Invalid(" ".join(told), fields=errors)
    return await _overview(ctx, " ".join(told) or "置き場に新しいファイルはありません。")


@router.get("/rows", permission=_RECEIVE, summary="保留した行の一覧", screen="exchange/rows.html")
async def show_rows(ctx: Ctx) -> RowList:
    """The rows that wait, of the kinds the caller may correct."""
    async with ctx.read() as session:
        return RowList(rows=await receiving.list_rows(session, _mine(ctx)))


@router.get("/rows/{row_no}", permission=_RECEIVE, summary="保留した行", screen="exchange/row.html")
async def show_row(ctx: Ctx, row_no: int) -> RowPage:
    """A row with what is wrong and the values to correct."""
    async with ctx.read() as session:
        return await _row(session, row_no)


async def _row_again(ctx: Ctx) -> RowPage:
    async with ctx.read() as session:
        return await _row(session, int(ctx.request.path_params["row_no"]))


@router.post(
    "/rows/{row_no}",
    permission=_RECEIVE,
    summary="保留した行の訂正と登録",
    screen="exchange/row.html",
    then="/rows/{row_no}",
    again=_row_again,
)
async def correct_row(ctx: Ctx, row_no: int, body: Correction = _CORRECTION) -> RowResult:
    """Try the row again with the corrected values."""
    # The form numbers its fields: headings are no names of fields.
    async with ctx.write() as session:
        row = await receiving.get_row(session, row_no)
        names = list(get_receiver(row["receiver"]).columns)
        values = {
            names[int(key[1:])] if key[:1] == "c" and key[1:].isdigit() and int(key[1:]) < len(names) else key: value
            for key, value in body.values.items()
        }
        if unknown := sorted(set(values) - set(names)):
            raise Invalid(fields=[FieldError("values", f"「{name}」という項目はありません。") for name in unknown])
        reasons = await receiving.correct(session, row_no, body.version, values, ctx.config, ctx.now)
    return RowResult(row_no=row_no, is_done=not reasons, reasons=[dict(reason) for reason in reasons])


@router.post(
    "/rows/{row_no}/discard",
    permission=_RECEIVE,
    summary="保留した行の取下げ",
    screen="exchange/row.html",
    then="/rows",
    again=_row_again,
)
async def discard_row(ctx: Ctx, row_no: int, body: Discard = _DISCARD) -> RowResult:
    """Close the row without recording it."""
    async with ctx.write() as session:
        await receiving.discard(session, row_no, body.version, body.note, ctx.now)
    return RowResult(row_no=row_no, is_done=True, reasons=[])


async def _row(session: Reader, row_no: int) -> RowPage:
    row = await receiving.get_row(session, row_no)
    receiver = get_receiver(row["receiver"])
    received, values = json.loads(row["received"]), json.loads(row["values"])
    reasons = json.loads(row["reasons"])
    cells = [
        {
            "name": f"c{place}",
            "label": label,
            "received": received.get(label, ""),
            "value": values.get(label, ""),
            "hint": receiver.hints.get(label, ""),
            "errors": [reason["message"] for reason in reasons if reason["column"] == label],
        }
        for place, label in enumerate(receiver.columns)
    ]
    names = ("row_no", "path", "line", "made_at", "status", "version", "closed_at", "closed_by", "note")
    return RowPage(**{name: row[name] for name in names}, label=receiver.label, cells=cells, reasons=reasons)


def _mine(ctx: Ctx) -> list[Receiver]:
    return [each for each in all_receivers().values() if ctx.may(each.permission)]


def _require(ctx: Ctx, receiver: Receiver) -> None:
    if not ctx.may(receiver.permission):
        raise Invalid(fields=[FieldError("receiver", "この種類のファイルを登録する権限がありません。")])


def _area(ctx: Ctx) -> Area:
    return area_of(ctx.request.app.state.settings, ctx.tenant)
