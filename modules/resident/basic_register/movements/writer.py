"""Writing a movement: its row, each person's new version, the event for other businesses, the audit event."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from modules.resident.basic_register.labels import relationship_text
from modules.resident.basic_register.models import (
    Household,
    Movement,
    MovementPerson,
    PlannedRelationship,
    ResidentRecord,
)
from modules.resident.basic_register.movements.holding import free
from modules.resident.basic_register.movements.inputs import MovementInput, MovementResult, Staying
from modules.resident.basic_register.movements.intake_closing import close_intake
from modules.resident.basic_register.movements.transitions import TRANSITIONS, Reason
from yoriai.audit import AuditEvent
from yoriai.dates import OPEN_END
from yoriai.errors import FieldError, Invalid
from yoriai.numbering import allocate
from yoriai.outbox import DomainEvent, publish
from yoriai.tenancy.session import WriteSession

_STOPPED = """
SELECT DISTINCT r.addressee_no, r.name FROM fact_protection p
  JOIN resident_record r ON r.addressee_no = p.addressee_no AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
 WHERE p.stops_movement AND p.addressee_no = ANY($1::bigint[]) AND p.since <= $2 AND p.until > $2
   AND (p.lifted_until IS NULL OR p.lifted_until < $3) ORDER BY r.addressee_no"""
_NOT_COPIED = {"id", "recorded_at", "superseded_at"}
_COPIED = tuple(column.name for column in ResidentRecord.__table__.columns if column.name not in _NOT_COPIED)


@dataclass
class MovementWriter:
    """One movement being written. Persons are entered or changed one by one; `finish` tells the rest of the house."""

    session: WriteSession
    movement: Movement
    recorded_at: datetime
    subjects: list[ResidentRecord] = field(default_factory=list)
    """The persons the movement is about, as they are after it."""
    touched: dict[int, Household] = field(default_factory=dict)
    is_back_dated: bool = False
    """The movement lies before a later one of somebody (`back_dating`): changes hold from its day on, later versions included."""

    @classmethod
    async def begin(
        cls,
        session: WriteSession,
        body: MovementInput,
        reason: Reason,
        household_no: int,
        now: datetime,
        former_address: str | None = None,
        **references: Any,
    ) -> "MovementWriter":
        """Allocate the number and write the movement's row; `references` are `cancels` or `corrects`."""
        movement = Movement(
            movement_no=await allocate(session, "movement"),
            reason=reason,
            movement_class="ex_officio" if TRANSITIONS[reason].is_ex_officio else body.movement_class,
            event_date=body.event_date,
            notified_on=body.notified_on,
            processed_at=now,
            staff_id=session.principal.login,
            household_no=household_no,
            notifier=body.notifier,
            office=body.office,
            former_address=former_address,
            note=body.note,
            ground=body.ground,
            approval_no=body.approval_no,
            request_key=body.request_key,
            **references,
        )
        session.add(movement)
        await session.flush()
        if body.intake_no is not None:
            await close_intake(session, body.intake_no, movement.movement_no, "", now)
        return cls(session, movement, now)

    async def enter(self, **columns: Any) -> ResidentRecord:
        """The first version of a person."""
        record = ResidentRecord(
            **columns,
            version=1,
            valid_from=self.movement.event_date,
            valid_to=OPEN_END,
            recorded_at=self.recorded_at,
            movement_no=self.movement.movement_no,
        )
        await self._store(None, record)
        self.subjects.append(record)
        return record

    async def change(self, before: ResidentRecord, *, is_subject: bool = True, **changes: Any) -> ResidentRecord:
        """The next version of a person from the day of the movement on; what was known before stays readable."""
        if self.is_back_dated and self._first_day() < before.valid_from:
            first = (await self.known(before.addressee_no))[0].valid_from
            day = max(self._first_day(), first)
            return await self.change_since(before.addressee_no, day, changes, is_subject=is_subject)
        start = max(self._first_day(), before.valid_from)
        before.superseded_at = self.recorded_at
        await self.session.flush()
        kept = {name: getattr(before, name) for name in _COPIED}
        if before.valid_from < start:
            self.session.add(ResidentRecord(**(kept | {"valid_to": start, "recorded_at": self.recorded_at})))
        next_version = {"version": before.version + 1, "valid_from": start, "valid_to": OPEN_END}
        origin = {"recorded_at": self.recorded_at, "movement_no": self.movement.movement_no}
        record = ResidentRecord(**(kept | changes | next_version | origin))
        await self._store(before, record)
        if is_subject:
            self.subjects.append(record)
        return record

    async def change_since(
        self, addressee_no: int, day: date, changes: Mapping[str, Any], *, is_subject: bool = True
    ) -> ResidentRecord:
        """Change items from a day on, later versions included, as far as they say the same as the version of that day.

        What a later movement changed itself stays as that movement left it. Raises ValueError for a day before the first version.
        """
        rows = await self.known(addressee_no)
        touched = [row for row in rows if row.valid_to > day]
        if not touched or touched[0].valid_from > day:
            raise ValueError("the day lies before the first version")
        old = {name: getattr(touched[0], name) for name in changes}
        pending = dict(changes)
        first: ResidentRecord | None = None
        for row in touched:
            pending = {name: value for name, value in pending.items() if getattr(row, name) == old[name]}
            if not pending:
                break
            after = await self._rewrite(row, max(day, row.valid_from), pending, is_first=first is None)
            first = first or after
        if first is None:
            raise ValueError("nothing changes")
        await self._note(touched[0], first)
        if is_subject:
            self.subjects.append(first)
        return first

    async def shift(
        self, version: ResidentRecord, before: ResidentRecord | None, day: date, changes: Mapping[str, Any]
    ) -> ResidentRecord:
        """Let a version begin on another day; the one before it ends there."""
        await self.supersede(version)
        kept = {name: getattr(version, name) for name in _COPIED} | {"recorded_at": self.recorded_at}
        if before is not None:
            await self.supersede(before)
            ended = {name: getattr(before, name) for name in _COPIED} | {"recorded_at": self.recorded_at}
            self.session.add(ResidentRecord(**(ended | {"valid_to": day})))
        number = self.movement.movement_no if version.valid_to == OPEN_END else version.movement_no
        own = {"valid_from": day, "version": version.version + 1, "movement_no": number}
        after = ResidentRecord(**(kept | dict(changes) | own))
        await self._store(version, after)
        self.subjects.append(after)
        return after

    async def known(self, addressee_no: int) -> list[ResidentRecord]:
        """What is known now of a person, the oldest version first."""
        query = select(ResidentRecord).where(
            ResidentRecord.addressee_no == addressee_no, ResidentRecord.superseded_at.is_(None)
        )
        return list((await self.session.scalars(query.order_by(ResidentRecord.valid_from))).all())

    async def supersede(self, record: ResidentRecord) -> None:
        """End the knowledge of a version; what follows is written before the transaction ends."""
        record.superseded_at = self.recorded_at
        await self.session.flush()

    async def restore(self, current: ResidentRecord, content: ResidentRecord, start: date) -> ResidentRecord:
        """Write an earlier content again as the open-ended version; it keeps the number of the movement that made it."""
        kept = {name: getattr(content, name) for name in _COPIED}
        own = {"valid_from": start, "valid_to": OPEN_END, "version": current.version + 1}
        record = ResidentRecord(**(kept | own | {"recorded_at": self.recorded_at}))
        await self._store(current, record)
        self.subjects.append(record)
        return record

    async def rewrite(self, row: ResidentRecord, changes: Mapping[str, Any]) -> ResidentRecord:
        """A known version with other content; the open-ended one becomes this movement's."""
        return await self._rewrite(row, row.valid_from, changes, is_first=True)

    async def note(self, before: ResidentRecord, after: ResidentRecord) -> None:
        """Tell of a person whose versions were rewritten one by one."""
        await self._note(before, after)
        self.subjects.append(after)

    async def _rewrite(
        self, row: ResidentRecord, start: date, changes: Mapping[str, Any], *, is_first: bool
    ) -> ResidentRecord:
        """One known version, changed from `start` on; where it began before, its beginning stays."""
        kept = {name: getattr(row, name) for name in _COPIED} | {"recorded_at": self.recorded_at}
        await self.supersede(row)
        if row.valid_from < start:
            self.session.add(ResidentRecord(**(kept | {"valid_to": start})))
        number = self.movement.movement_no if is_first and row.valid_to == OPEN_END else row.movement_no
        own = {"valid_from": start, "version": row.version + 1, "movement_no": number}
        after = ResidentRecord(**(kept | dict(changes) | own))
        self.session.add(after)
        await self.session.flush()
        return after

    async def relate(self, records: Iterable[ResidentRecord], staying: Iterable[Staying]) -> None:
        """Give those who stay their new 続柄."""
        codes = {person.addressee_no: person.relationship for person in staying if person.relationship}
        for record in records:
            code = codes.get(record.addressee_no, record.relationship)
            if code != record.relationship:
                await self.change(
                    record, is_subject=False, relationship=code, relationship_text=relationship_text(code)
                )

    def plan_relations(self, staying: Iterable[Staying]) -> None:
        """Keep the new 続柄 of those who stay for the day a plan becomes certain."""
        for person in staying:
            if person.relationship:
                self.session.add(
                    PlannedRelationship(
                        movement_no=self.movement.movement_no,
                        addressee_no=person.addressee_no,
                        relationship=person.relationship,
                        relationship_text=relationship_text(person.relationship),
                    )
                )

    def touch(self, household: Household) -> None:
        """Raise the household's version, once: whoever has it open is told."""
        if household.household_no not in self.touched:
            self.touched[household.household_no] = household
            household.version += 1

    async def finish(self) -> MovementResult:
        """Publish the event, record the audit event and give the result."""
        movement = self.movement
        transition = TRANSITIONS[Reason(movement.reason)]
        numbers = [record.addressee_no for record in self.subjects]
        payload = {
            "movement_no": movement.movement_no,
            "household_no": movement.household_no,
            "households": sorted(self.touched),
            "reason": movement.reason,
            "cancels": movement.cancels,
            "corrects": movement.corrects,
            "persons": [_person(record) for record in self.subjects],
        }
        await self._refuse_stopped(numbers)
        await free(self.session, sorted(self.touched))
        event = DomainEvent(transition.topic, f"household:{movement.household_no}", movement.event_date, payload)
        publish(self.session, event)
        for number in numbers:
            detail = {"movement_no": movement.movement_no, "reason": movement.reason}
            self.session.audit(AuditEvent("resident.movement", f"addressee:{number}", detail=detail))
        await self.session.flush()
        return MovementResult(
            movement_no=movement.movement_no,
            reason=movement.reason,
            household_no=movement.household_no,
            addressee_no=numbers[0],
            addressee_nos=numbers,
        )

    async def _refuse_stopped(self, numbers: Sequence[int]) -> None:
        """異動停止: raises Invalid, and with it the transaction ends, for whoever may not be moved now."""
        stopped = await self.session.fetch(_STOPPED, numbers, self.recorded_at.date(), self.recorded_at)
        if stopped:
            names = "、".join(row["name"] for row in stopped)
            message = f"{names}さんは異動停止中です。解除または一時解除されるまで異動を登録できません。"
            raise Invalid(fields=[FieldError("members", message, "movement_stop")])

    def _first_day(self) -> date:
        """The event's day; a plan is true from its notice on."""
        is_plan = TRANSITIONS[Reason(self.movement.reason)].is_plan
        return self.movement.notified_on if is_plan else self.movement.event_date

    async def _store(self, before: ResidentRecord | None, after: ResidentRecord) -> None:
        self.session.add(after)
        await self.session.flush()
        await self._note(before, after)

    async def _note(self, before: ResidentRecord | None, after: ResidentRecord) -> None:
        self.session.add(
            MovementPerson(
                movement_no=self.movement.movement_no,
                addressee_no=after.addressee_no,
                before_record_id=before.id if before else None,
                after_record_id=after.id,
            )
        )


def _person(record: ResidentRecord) -> dict[str, Any]:
    """What other businesses need to know of a person without asking back."""
    return {
        "addressee_no": record.addressee_no,
        "household_no": record.household_no,
        "relationship": record.relationship,
        "birth_date": _iso(record.birth_date),
        "sex": record.sex,
        "nationality": record.nationality,
        "status": record.status,
        "removed_on": _iso(record.removed_on),
        "planned_removal_on": _iso(record.planned_removal_on),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
