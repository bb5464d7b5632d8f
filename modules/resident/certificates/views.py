"""The shapes of the answers; the templates and JSON show the same."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel


class Chip(BaseModel):
    """A state in words; `kind` is neutral, ok, info, warn or danger."""

    label: str
    kind: str = "neutral"


class Choice(BaseModel):
    """A line of a choice."""

    value: str
    label: str


class MemberChoice(BaseModel):
    """A member of the household who may be printed or may ask."""

    addressee_no: int
    name: str
    relationship: str


class ApplicationForm(BaseModel):
    """What the form of an application needs. It shows no address: whoever is protected stays so."""

    addressee_no: int | None
    name: str
    kana: str
    birth_date: date | None
    status: Chip
    is_stopped: bool
    may_override: bool
    kind: str
    kinds: list[Choice]
    items: list[Choice]
    askers: list[Choice]
    identities: list[Choice]
    exemptions: list[Choice]
    fees: list[dict[str, Any]]
    members: list[MemberChoice]
    removed_sheets: list[Choice]
    initial: dict[str, Any]


class IssueRow(BaseModel):
    """A certificate in the log."""

    serial: int
    request_no: int
    kind: str
    status: Chip
    issued_on: date
    issued_at: datetime
    staff: str
    persons: str
    asker: str
    asker_name: str
    fee: int
    refund: int
    prints: int
    printed_at: str
    """Where it was printed last; empty for a file."""
    replaces: int | None
    replaced_by: int | None
    void_reason: str
    href: str
    is_ended: bool


class RequestView(BaseModel):
    """An application with its preview and its certificates."""

    request_no: int
    status: str
    status_chip: Chip
    kind: str
    facts: list[dict[str, Any]]
    has_preview: bool
    notes: list[str]
    fee: int
    fee_note: str
    close_reason: str
    issues: list[IssueRow]
    addressee_no: int | None
    name: str
    may_void: bool
    printers: list[tuple[str, str]] = []
    """(value, label) of the printers and trays of the caller's section."""
    usual_printer: str = ""


class DayTotal(BaseModel):
    """A day's (or period's) certificates of a kind; `net` is what the till should hold."""

    kind: str
    issued: int
    fee: int
    voided: int
    refund: int
    net: int


class IssueLog(BaseModel):
    """発行履歴 with 日計."""

    since: date
    until: date
    kind: str
    status: str
    serial: int | None
    addressee_no: int | None
    kinds: list[Choice]
    rows: list[IssueRow]
    total: int
    totals: list[DayTotal]


class BulkRow(BaseModel):
    """A bulk run in the list."""

    bulk_no: int
    label: str
    kind: str
    status: Chip
    made_at: datetime
    staff: str
    planned: int
    issued: int
    left_out: int
    pulled: int
    href: str


class BulkList(BaseModel):
    """The bulk runs, newest first, and the form for another."""

    rows: list[BulkRow]
    kinds: list[Choice]
    items: list[Choice]
    initial: dict[str, Any]


class EntryRow(BaseModel):
    """A person of a bulk run."""

    position: int
    addressee_no: int
    name: str
    status: Chip
    status_code: str
    note: str
    serial: int | None


class BulkView(BaseModel):
    """A bulk run with its list; `chunks` are the files it is printed in."""

    bulk_no: int
    label: str
    kind: str
    status: str
    status_chip: Chip
    purpose: str
    asker_body: str
    counts: dict[str, int]
    entries: list[EntryRow]
    total: int
    chunks: list[dict[str, Any]]
    printers: list[tuple[str, str]] = []
    usual_printer: str = ""


class FeedItem(BaseModel):
    """Whether certificates of a person may be issued elsewhere now. Why not is not told."""

    addressee_no: int
    issuable: bool


class Feed(BaseModel):
    """A page of the feed for コンビニ交付."""

    as_of: datetime
    enabled: bool
    items: list[FeedItem]
    next_after: int | None


class FeedContent(BaseModel):
    """What the certificates of a person say, when they may be issued."""

    as_of: datetime
    addressee_no: int
    issuable: bool
    contents: list[dict[str, Any]]
