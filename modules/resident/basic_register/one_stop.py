"""書かない窓口: after a movement, every procedure that follows for each person, from all businesses, with what is done already."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from modules.resident.basic_register.chips import Chip, label_of
from modules.resident.basic_register.models import FollowUpDone
from modules.resident.basic_register.movements.transitions import Reason, Status
from modules.resident.basic_register.protections.masking import find_veil
from modules.resident.basic_register.reads.rows import address_of, birth_of
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.errors import NotFound
from yoriai.proposals import Happening, HappeningKind, Proposal, collect_proposals
from yoriai.tenancy.session import Reader, Record, WriteSession
from yoriai.web.context import Ctx

_MOVEMENT = """
SELECT movement_no, reason, event_date, notified_on, household_no, former_address,
       EXISTS (SELECT FROM movement c WHERE c.cancels = m.movement_no) AS is_cancelled FROM movement m WHERE movement_no = $1"""
_PEOPLE = """
SELECT r.addressee_no, r.household_no, r.name, r.name_kana, r.birth_date, r.birth_date_unknown, r.postcode, r.address, r.building,
       n.status AS became, n.household_no AS went_into
  FROM movement_person p JOIN resident_record n ON n.id = p.after_record_id
  JOIN resident_record r ON r.addressee_no = p.addressee_no AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
 WHERE p.movement_no = $1 ORDER BY p.after_record_id LIMIT 100"""
_DONE = """
SELECT d.key, d.done_at, coalesce(s.display_name, d.staff_id) AS staff FROM follow_up_done d
  LEFT JOIN staff s ON s.login = d.staff_id WHERE d.movement_no = $1"""
_KINDS: Mapping[str, HappeningKind] = {
    Reason.MOVE_IN: "move_in",
    Reason.EX_OFFICIO_ENTRY: "move_in",
    Reason.MOVE_WITHIN: "move_within",
    Reason.MOVE_OUT_PLANNED: "move_out",
    Reason.MOVE_OUT: "move_out",
    Reason.EX_OFFICIO_REMOVAL: "move_out",
    Reason.BIRTH: "birth",
    Reason.DEATH: "death",
    Reason.DISAPPEARANCE: "death",
    Reason.HOUSEHOLD_SPLIT: "household_change",
    Reason.HOUSEHOLD_MERGE: "household_change",
    Reason.HEAD_CHANGE: "household_change",
    Reason.HOUSEHOLD_CHANGE: "household_change",
}


class FollowUp(BaseModel):
    """A procedure that follows: why, what to bring, until when, where its form is, whether it is finished."""

    key: str
    business: str
    label: str
    because: str
    bring: list[str]
    due_on: date | None
    is_late: bool
    article: str
    href: str
    is_done: bool
    is_ticked: bool
    """Finished by a mark of the counter; what a business knows to be done cannot be unmarked here."""
    status: Chip


class PersonFollowUps(BaseModel):
    """Everything that follows for one person."""

    addressee_no: int
    name: str
    kana: str
    birth_date: date | None
    address: str | None
    href: str
    rows: list[FollowUp]


class OneStop(BaseModel):
    """The sitting after a movement: for each person what follows, and what everybody has to bring."""

    movement_no: int
    reason: str
    event_date: date
    is_cancelled: bool
    done: int
    total: int
    people: list[PersonFollowUps]
    bring: list[str]


class Mark(BaseModel):
    """A procedure marked as finished, or not."""

    key: str = Field(min_length=1, max_length=200)
    is_done: bool = True


class Marked(BaseModel):
    """The movement whose list was marked."""

    movement_no: int


async def get_one_stop(ctx: Ctx, session: Reader, movement_no: int, base: str) -> OneStop:
    """What follows from the movement; every person's sight is audited. Raises NotFound."""
    movement, people = await _read(session, movement_no)
    veil = await find_veil(session, [row["addressee_no"] for row in people], "one_stop")
    if veil.concealed:
        raise NotFound("この異動は見つかりません。")
    for row in people:
        session.audit(AuditEvent("person.view", f"addressee:{row['addressee_no']}", detail={"as": "one_stop"}))
    proposals = [] if movement["is_cancelled"] else await collect_proposals(ctx, session, _happening(movement, people))
    marks = {row["key"]: row for row in await session.fetch(_DONE, movement_no)}
    shown = {row["addressee_no"]: row for row in people}
    groups = [
        PersonFollowUps(
            addressee_no=number,
            name=row["name"],
            kana=row["name_kana"],
            birth_date=birth_of(row),
            address=None if veil.covers(number) else address_of(row),
            href=f"{base}/persons/{number}",
            rows=[_follow_up(item, marks, ctx.today) for item in proposals if item.addressee_no == number],
        )
        for number, row in (shown | await _others(session, proposals, shown)).items()
    ]
    rows = [row for group in groups for row in group.rows]
    waiting = [row for row in rows if not row.is_done]
    return OneStop(
        movement_no=movement_no,
        reason=label_of(movement["reason"]),
        event_date=movement["event_date"],
        is_cancelled=movement["is_cancelled"],
        done=len(rows) - len(waiting),
        total=len(rows),
        people=[group for group in groups if group.rows or group.addressee_no in shown],
        bring=list(dict.fromkeys(item for row in waiting for item in row.bring)),
    )


async def mark(session: WriteSession, movement_no: int, body: Mark, now: datetime) -> Marked:
    """Mark a procedure as finished, or take the mark back; recorded with who did it. Raises NotFound."""
    await _read(session, movement_no)
    present = await session.get(FollowUpDone, (movement_no, body.key), with_for_update=True)
    if body.is_done and present is None:
        session.add(FollowUpDone(movement_no=movement_no, key=body.key, done_at=now, staff_id=session.principal.login))
    elif not body.is_done and present is not None:
        await session.delete(present)
    detail = {"movement_no": movement_no, "key": body.key, "is_done": body.is_done}
    session.audit(AuditEvent("one_stop.mark", f"addressee:{body.key.rpartition(':')[2]}", detail=detail))
    return Marked(movement_no=movement_no)


async def _read(session: Reader, movement_no: int) -> tuple[Record, Sequence[Record]]:
    movement = await session.fetchrow(_MOVEMENT, movement_no)
    if movement is None or movement["reason"] == Reason.CONVERSION:
        raise NotFound("この異動は見つかりません。")
    people = await session.fetch(_PEOPLE, movement_no)
    return movement, [row for row in people if _is_subject(movement, row)]


def _is_subject(movement: Record, row: Record) -> bool:
    """Whether it happened to the person: who only got another 続柄 because somebody else left has nothing to do."""
    match _KINDS.get(movement["reason"]):
        case "move_out" | "death":
            return bool(row["became"] != Status.RESIDENT)
        case "move_within":
            return bool(row["went_into"] == movement["household_no"])
        case _:
            return True


def _happening(movement: Record, people: Sequence[Record]) -> Happening:
    households = {row["household_no"] for row in people} | {movement["household_no"]}
    return Happening(
        kind=_KINDS.get(movement["reason"], "other"),
        movement_no=movement["movement_no"],
        effective_on=movement["event_date"],
        addressee_nos=[row["addressee_no"] for row in people],
        household_nos=sorted(households),
        facts={
            "former_address": movement["former_address"],
            "reason": movement["reason"],
            "notified_on": movement["notified_on"],
        },
    )


async def _others(session: Reader, proposals: Sequence[Proposal], shown: Mapping[int, Record]) -> dict[int, Record]:
    """People who are not in the movement and have something to do because of it: those who stay behind, for example."""
    numbers = sorted({item.addressee_no for item in proposals} - shown.keys())
    rows = await session.fetch(_OTHERS, numbers) if numbers else []
    veil = await find_veil(session, numbers, "one_stop")
    return {
        row["addressee_no"]: {**dict(row), "address": "", "building": ""} if veil.covers(row["addressee_no"]) else row
        for row in rows
    }


_OTHERS = """
SELECT r.addressee_no, r.household_no, r.name, r.name_kana, r.birth_date, r.birth_date_unknown, r.address, r.building
  FROM resident_record r WHERE r.addressee_no = ANY($1::bigint[]) AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31'"""


def _follow_up(item: Proposal, marks: Mapping[str, Record], today: date) -> FollowUp:
    key = f"{item.key}:{item.addressee_no}"
    ticked = marks.get(key)
    is_done = item.is_done or ticked is not None
    is_late = not is_done and item.due_on is not None and item.due_on < today
    return FollowUp(
        key=key,
        business=item.business,
        label=item.label,
        because=item.because,
        bring=list(item.bring),
        due_on=item.due_on,
        is_late=is_late,
        article=item.article,
        href=item.href,
        is_done=is_done,
        is_ticked=ticked is not None and not item.is_done,
        status=_status(item, ticked, is_late=is_late),
    )


def _status(item: Proposal, ticked: Record | None, *, is_late: bool) -> Chip:
    if item.is_done:
        return Chip(label="済（登録を確認）", kind="ok")
    if ticked is not None:
        at: Any = ticked["done_at"].astimezone(JAPAN)
        return Chip(label=f"済（{ticked['staff']} {at:%H:%M}）", kind="ok")
    return Chip(label="期限を過ぎています", kind="danger") if is_late else Chip(label="これから", kind="info")
