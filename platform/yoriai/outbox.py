"""Domain events: what happened, for businesses that have to act on it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yoriai.database.tables import OutboxEvent
from yoriai.tenancy.session import WriteSession


@dataclass(frozen=True)
class DomainEvent:
    """`topic` like `resident.moved_in`, `key` the subject (`addressee:123`), `effective_on` the legal day of the fact."""

    topic: str
    key: str
    effective_on: date
    payload: dict[str, Any] = field(default_factory=dict)


def publish(session: WriteSession, event: DomainEvent) -> None:
    """Write the event in the session's transaction: it exists if and only if its cause does."""
    session.add(OutboxEvent(topic=event.topic, key=event.key, effective_on=event.effective_on, payload=event.payload))
