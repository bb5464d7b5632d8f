"""The shapes of the answers; the templates and JSON show the same."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.chips import Chip
from yoriai.web.panels import Panel


class PersonCard(BaseModel):
    """Who a person is: what stands at the head of every page about them."""

    addressee_no: int
    household_no: int
    household_version: int
    version: int
    name: str
    kana: str
    alias: str | None
    former_surname: str | None
    birth_date: date | None
    age: int | None
    sex: str
    address: str | None
    """None when it may not be shown."""
    status: Chip
    status_code: str
    href: str


class Member(BaseModel):
    """A member of a household, present or removed."""

    addressee_no: int
    name: str
    kana: str
    relationship: str
    relationship_code: str
    birth_date: date | None
    age: int | None
    sex: str
    became_resident_on: date
    status: Chip
    status_code: str
    href: str
    badges: list[Chip] = []
    is_current: bool = False
    """The person whose page it is."""
    is_ended: bool = False
    is_foreign: bool = False


class Change(BaseModel):
    """One item of a 住民票 before and after a movement."""

    label: str
    before: str
    after: str


class MovementRow(BaseModel):
    """A movement with what it changed."""

    movement_no: int
    event_date: date
    notified_on: date
    processed_on: date
    reason: str
    movement_class: str
    class_label: str
    staff: str
    notifier: str
    former_address: str
    persons: list[str]
    changes: list[Change]
    summary: str
    href: str
    ground: str = ""
    is_ended: bool = False
    """Taken back afterwards."""


class Version(BaseModel):
    """A period in which the 住民票 read so; `valid_to` is empty for the present one."""

    valid_from: date
    valid_to: date | None
    name: str
    address: str
    household_no: int
    relationship: str
    status: str
    recorded_at: datetime
    movement_no: int


class Attention(BaseModel):
    """What the clerk has to know before anything else."""

    kind: str
    title: str
    text: str = ""
    href: str = ""
    link_label: str = ""


class PersonView(BaseModel):
    """All that is known of a person, the other businesses' parts included."""

    person: PersonCard
    attention: list[Attention]
    items: list[dict[str, Any]]
    members: list[Member]
    versions: list[Version]
    movements: list[MovementRow]
    panels: list[Panel] = []


class HouseholdView(BaseModel):
    """A household: who lives in it and who did."""

    household_no: int
    version: int
    created_on: date
    head: str
    address: str
    members: list[Member]
    movements: list[MovementRow]
    attention: list[Attention] = []


class HistoryView(BaseModel):
    """The movements of one person."""

    person: PersonCard
    movement_class: str
    movements: list[MovementRow]
    classes: dict[str, str]


class MovementList(BaseModel):
    """A page of movements, newest first."""

    movements: list[MovementRow]
    movement_class: str
    since: date
    until: date
