"""届出の受信: 転出証明書情報 of a 特例転入 (住基ネットCS) and 転出届 from マイナポータル wait here until a clerk has recorded them.

A message is kept as it came and fills the form, so nothing is typed again; the movement that is recorded from it closes it.
"""

import json
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from modules.resident.basic_register.movements.inputs import PersonInput, Relationship, Text
from modules.resident.basic_register.protections.masking import find_veil
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import format_wareki_time
from yoriai.errors import FieldError, Invalid, NotFound
from yoriai.numbering import allocate
from yoriai.tenancy.session import Reader, WriteSession
from yoriai.web.fields import Day
from yoriai.web.forms import validate

KINDS = {"special_move_in": "特例転入（転出証明書情報）", "online_move_out": "オンラインの転出届"}
_KNOWN = "SELECT intake_no FROM movement_intake WHERE source_id = $1"
_ADD = """
INSERT INTO movement_intake (intake_no, kind, source_id, payload, received_at, status)
VALUES ($1, $2, $3, $4, $5, 'waiting') RETURNING intake_no"""
_LIST = """
SELECT intake_no, kind, payload, received_at, status, movement_no FROM movement_intake
 WHERE status = $1 ORDER BY received_at, intake_no LIMIT 500"""
_ONE = "SELECT intake_no, kind, payload, status FROM movement_intake WHERE intake_no = $1"
_PEOPLE = """
SELECT addressee_no, household_no, name FROM resident_record
 WHERE addressee_no = ANY($1::bigint[]) AND superseded_at IS NULL AND valid_to = '9999-12-31' AND status <> 'removed'"""


class SpecialMember(PersonInput):
    """A person of a 転出証明書情報; the 続柄 may be set anew at the counter."""

    relationship: Relationship = "02"


class SpecialMoveIn(BaseModel):
    """転出証明書情報: who comes, from where, when the 転出 was planned."""

    former_address: Text = Field(min_length=1, title="転出元の住所")
    event_date: Day | None = Field(default=None, title="転出予定日")
    members: list[SpecialMember] = Field(min_length=1, max_length=30)


class OnlineMoveOut(BaseModel):
    """転出届 of residents by マイナポータル (住基法24条の2)."""

    addressee_nos: list[int] = Field(min_length=1, max_length=30, title="宛名番号")
    event_date: Day = Field(title="転出予定日")
    destination: Text = Field(min_length=1, title="転出先")
    notifier: Text | None = Field(default=None, title="届出人")
    notified_on: Day | None = Field(default=None, title="届出日")


class IntakeBody(BaseModel):
    """A message: `source_id` is its number at the sender, so that one received twice is kept once."""

    kind: Literal["special_move_in", "online_move_out"] = Field(title="種別")
    source_id: str = Field(min_length=1, max_length=100, title="送信元の受付番号")
    payload: dict[str, Any] = Field(title="内容")


class IntakeResult(BaseModel):
    """The message as it waits here."""

    intake_no: int
    is_repeat: bool


class Rejection(BaseModel):
    """A message that is not recorded, and why."""

    reason: str = Field(min_length=1, max_length=200, title="処理しない理由")


class IntakeRow(BaseModel):
    """A message in the list; `href` opens its form filled in."""

    intake_no: int
    kind: str
    people: str
    event_date: date | None
    received_at: str
    href: str


class IntakeList(BaseModel):
    """Messages that wait, or those that were recorded."""

    status: str
    rows: list[IntakeRow]


async def receive(session: WriteSession, body: IntakeBody, now: datetime) -> IntakeResult:
    """Keep a message; raises Invalid with what is wrong in it."""
    model: type[BaseModel] = SpecialMoveIn if body.kind == "special_move_in" else OnlineMoveOut
    payload = validate(model, body.payload)
    if isinstance(payload, OnlineMoveOut):
        await _check_residents(session, payload)
    if known := await session.fetchval(_KNOWN, body.source_id):
        return IntakeResult(intake_no=known, is_repeat=True)
    number = await allocate(session, "intake")
    text = json.dumps(payload.model_dump(mode="json", exclude_none=True), ensure_ascii=False)
    await session.fetchval(_ADD, number, body.kind, body.source_id, text, now)
    session.audit(AuditEvent("intake.receive", detail={"intake_no": number, "kind": body.kind}))
    return IntakeResult(intake_no=number, is_repeat=False)


async def list_intake(session: Reader, status: str, base: str) -> IntakeList:
    """The messages of a state, the oldest first; who is named in them is audited."""
    rows = []
    for row in await session.fetch(_LIST, status):
        payload = json.loads(row["payload"])
        people = await session.fetch(_PEOPLE, payload.get("addressee_nos", []))
        veil = await find_veil(session, [person["addressee_no"] for person in people], "intake")
        if veil.concealed:
            continue
        names = [person["name"] for person in people] or [member["name"] for member in payload.get("members", [])]
        for person in people:
            session.audit(AuditEvent("person.view", f"addressee:{person['addressee_no']}", detail={"as": "intake"}))
        household = people[0]["household_no"] if people else 0
        path = f"households/{household}/move-out" if household else "movements/move-in"
        rows.append(
            IntakeRow(
                intake_no=row["intake_no"],
                kind=KINDS[row["kind"]],
                people="、".join(names),
                event_date=date.fromisoformat(payload["event_date"]) if payload.get("event_date") else None,
                received_at=format_wareki_time(row["received_at"].astimezone(JAPAN)),
                href=f"{base}/{path}?intake_no={row['intake_no']}"
                if status == "waiting"
                else f"{base}/movements/{row['movement_no']}"
                if row["movement_no"]
                else "",
            )
        )
    return IntakeList(status=status, rows=rows)


async def get_initial(session: Reader, intake_no: int) -> dict[str, Any]:
    """What a waiting message fills into its form; raises NotFound. Where protected people go is filled in by who may see it."""
    row = await session.fetchrow(_ONE, intake_no)
    if row is None or row["status"] != "waiting":
        raise NotFound("この届出は見つからないか、すでに処理されています。")
    payload: dict[str, Any] = json.loads(row["payload"])
    numbers = payload.pop("addressee_nos", [])
    if (await find_veil(session, numbers, "intake")).hidden:
        payload.pop("destination", None)
    return {**payload, "intake_no": intake_no, "_chosen": numbers}


async def _check_residents(session: WriteSession, payload: OnlineMoveOut) -> None:
    """Everybody lives here, and in one household: a 転出届 is one household's."""
    rows = await session.fetch(_PEOPLE, payload.addressee_nos)
    known = {row["addressee_no"] for row in rows}
    errors = [
        FieldError(f"payload.addressee_nos.{index}", f"宛名番号{number}の住民はいません。", "resident")
        for index, number in enumerate(payload.addressee_nos)
        if number not in known
    ]
    if len({row["household_no"] for row in rows}) > 1:
        errors.append(FieldError("payload.addressee_nos", "2つ以上の世帯の人が含まれています。", "household"))
    if errors:
        raise Invalid(fields=errors)
