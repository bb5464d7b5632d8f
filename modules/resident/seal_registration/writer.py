"""How a registration's rows change: states are cut and added to, never overwritten; every act leaves its trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from modules.resident.seal_registration.models import SealAct, SealCard, SealRegistration, SealRegistrationState
from modules.resident.seal_registration.states import State
from yoriai.audit import AuditEvent
from yoriai.dates import OPEN_END
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.numbering import allocate
from yoriai.outbox import DomainEvent, publish
from yoriai.tenancy.session import WriteSession

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))"
_CARD_TAKEN = "SELECT count(*) FROM seal_card WHERE card_no = $1"
_KEEP_COUNTER_AHEAD = """
INSERT INTO number_counter (kind, next) VALUES ('seal_card', $1 + 1)
ON CONFLICT (kind) DO UPDATE SET next = greatest(number_counter.next, excluded.next) RETURNING next
"""


async def lock(session: WriteSession, kind: str, key: str | int) -> None:
    """Wait until nobody else works on this person or impression, to the end of the transaction."""
    await session.fetchval(_LOCK, f"seal_{kind}:{key}")


@dataclass
class Opened:
    """A registration, locked, with its present state."""

    registration: SealRegistration
    state: SealRegistrationState

    @property
    def status(self) -> State:
        """The present state."""
        return State(self.state.status)


async def open_registration(session: WriteSession, registration_no: int, version: int | None = None) -> Opened:
    """The registration, locked; raises NotFound, or Conflict when it has changed since it was shown."""
    registration = await session.get(SealRegistration, registration_no, with_for_update=True)
    if registration is None:
        raise NotFound("この登録番号はありません。")
    if version is not None and registration.version != version:
        raise Conflict
    query = select(SealRegistrationState).where(
        SealRegistrationState.registration_no == registration_no,
        SealRegistrationState.superseded_at.is_(None),
        SealRegistrationState.valid_to == OPEN_END,
    )
    state = await session.scalar(query)
    if state is None:
        raise NotFound("この登録番号はありません。")
    return Opened(registration, state)


async def record_act(
    session: WriteSession, opened: SealRegistration, act: str, before: State | None, after: State, on: date, now: datetime,
    **values: Any,
) -> SealAct:  # fmt: skip
    """Note what happened: in the history, in the audit trail, and for others (`seal_registration.<act>`)."""
    row = SealAct(
        registration_no=opened.registration_no,
        act=act,
        state_before=before,
        state_after=after,
        on=on,
        recorded_at=now,
        staff_id=session.principal.login,
        **values,
    )
    session.add(row)
    await session.flush()
    detail = {"registration_no": opened.registration_no, "act": str(act), "status": str(after)}
    subject = f"addressee:{opened.addressee_no}"
    session.audit(AuditEvent("seal_registration.act", subject, reason=values.get("reason", ""), detail=detail))
    publish(session, DomainEvent(f"seal_registration.{act}", subject, on, detail))
    return row


async def enter_state(
    session: WriteSession, opened: Opened, after: State, act: SealAct, now: datetime, end_reason: str | None = None
) -> None:
    """Let the registration stand so from the act's day on; what was known of later days is superseded."""
    registration_no, on = opened.registration.registration_no, act.on
    query = select(SealRegistrationState).where(
        SealRegistrationState.registration_no == registration_no,
        SealRegistrationState.superseded_at.is_(None),
        SealRegistrationState.valid_to > on,
    )
    known = list(await session.scalars(query))
    for row in known:
        row.superseded_at = now
    await session.flush()
    kept = [_copy(row, now, valid_to=on) for row in known if row.valid_from < on]
    state = _copy(
        opened.state, now, status=after, end_reason=end_reason, valid_from=on, valid_to=OPEN_END, act_id=act.id
    )
    session.add_all([*kept, state])
    opened.registration.version += 1
    opened.state = state
    await session.flush()


async def give_card(
    session: WriteSession, registration_no: int, card_no: int | None, on: date, now: datetime
) -> SealCard:
    """A new card: the number printed on it when it is given, else the next one. Raises Invalid for a number used before."""
    if card_no is not None:
        await lock(session, "card", card_no)
        if await session.fetchval(_CARD_TAKEN, card_no):
            message = f"登録証番号 {card_no} はすでに使われています。番号は二度使えません。"
            raise Invalid(fields=[FieldError("card_no", message, rule="duplicate")])
        await session.fetchval(_KEEP_COUNTER_AHEAD, card_no)
    card = SealCard(
        card_no=card_no or await allocate(session, "seal_card"),
        registration_no=registration_no,
        issued_on=on,
        recorded_at=now,
        staff_id=session.principal.login,
    )
    session.add(card)
    await session.flush()
    return card


async def find_card(session: WriteSession, registration_no: int) -> SealCard | None:
    """The card that is good now, if any."""
    query = select(SealCard).where(SealCard.registration_no == registration_no, SealCard.ended_on.is_(None))
    card: SealCard | None = await session.scalar(query)
    return card


async def end_card(session: WriteSession, card: SealCard, reason: str, on: date, now: datetime) -> None:
    """The card is good no longer."""
    card.ended_on, card.end_reason, card.ended_at, card.ended_by = on, reason, now, session.principal.login
    await session.flush()


def _copy(row: SealRegistrationState, now: datetime, **values: Any) -> SealRegistrationState:
    names = [column.name for column in SealRegistrationState.__table__.columns]
    kept: Mapping[str, Any] = {
        name: getattr(row, name) for name in names if name not in ("id", "superseded_at", "recorded_at")
    }
    return SealRegistrationState(**{**kept, **values, "recorded_at": now})
