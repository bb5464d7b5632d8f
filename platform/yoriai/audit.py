"""Who did what to whom, when and why. The database appends and chains; the application cannot change a row."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

APPEND = "SELECT audit_append($1::jsonb)"
GENESIS = b"\x00" * 32
_HALF = re.compile("[\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_COLUMNS = "seq, at, staff, action, subject, reason, detail, terminal, request_id"
CHAIN = f"SELECT seq, jsonb_build_array({_COLUMNS})::text AS body, previous_hash, hash FROM audit_event ORDER BY seq"  # noqa: S608
HEAD_COUNT = "SELECT count(*), max(seq) FROM audit_event"


@dataclass(frozen=True)
class AuditEvent:
    """An act to be recorded: `action` like `person.view`, `subject` like `addressee:123`, `reason` where the law wants one."""

    action: str
    subject: str = ""
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def is_sight(self) -> bool:
        """Whether somebody's data were shown: that remains true when the act around it is undone."""
        return self.action.endswith(".view")


@dataclass(frozen=True)
class Principal:
    """Who acts: a member of staff, an operator or a job; `terminal` and `request_id` say from where."""

    login: str
    display_name: str = ""
    section: str = ""
    permissions: frozenset[str] = frozenset()
    terminal: str = ""
    request_id: str = ""

    def may(self, permission: str) -> bool:
        """Whether the permission is held."""
        return permission in self.permissions


SYSTEM = Principal(login="system", display_name="システム")


def to_rows(principal: Principal, events: Iterable[AuditEvent]) -> list[dict[str, Any]]:
    """The events as the objects `audit_append` takes."""
    who = {"staff": principal.login, "terminal": principal.terminal, "request_id": principal.request_id}
    return [
        {**who, "action": event.action, "subject": event.subject, "reason": event.reason, "detail": event.detail}
        for event in events
    ]


def to_argument(rows: Sequence[dict[str, Any]]) -> str:
    """The JSON text for `audit_append`; what PostgreSQL cannot store (NUL, half of a character) becomes U+FFFD.

    An act must not escape the trail because somebody put such a character into an address.
    """
    text = json.dumps(rows, ensure_ascii=False, default=_plain)
    if "\\u0000" in text or _HALF.search(text):
        text = json.dumps(_storable(json.loads(text)), ensure_ascii=False)
    return text


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


@dataclass(frozen=True)
class ChainReport:
    """The result of a verification: the number of intact events, the last hash, and the first fault."""

    events: int
    head: str
    fault: str = ""

    @property
    def is_intact(self) -> bool:
        """Whether no fault was found."""
        return not self.fault


def verify_chain(rows: Iterable[tuple[int, str, bytes, bytes]]) -> ChainReport:
    """Recompute a chain of (seq, body, previous hash, hash): each hash is SHA-256 over the previous hash and the body."""
    previous, expected, count = GENESIS, 1, 0
    for seq, body, stated_previous, stated in rows:
        if seq != expected:
            return ChainReport(count, previous.hex(), f"event {expected} is missing (found {seq})")
        if stated_previous != previous:
            return ChainReport(count, previous.hex(), f"event {seq} does not follow from event {seq - 1}")
        if hashlib.sha256(previous + body.encode()).digest() != stated:
            return ChainReport(count, previous.hex(), f"event {seq} was changed after it was written")
        previous, expected, count = stated, expected + 1, count + 1
    return ChainReport(count, previous.hex())
