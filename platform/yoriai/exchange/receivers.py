"""What businesses take from files of other systems: each row becomes an input of theirs, recorded by their own service."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import BaseModel

from yoriai import registry
from yoriai.errors import NotFound
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, WriteSession


@dataclass(frozen=True)
class Receiver:
    """A kind of file. `name` is `business.kind`."""

    name: str
    label: str
    columns: Mapping[str, str]
    """The file's headings and the fields of the model."""
    model: type[Any]
    """The pydantic model of a row."""
    record: Callable[[WriteSession, Any, datetime, TenantConfig], Awaitable[object]]
    """Writes the row as the counter would; its errors become the reasons why it is set aside."""
    permission: str
    """What one must hold to see and correct its rows: what one must hold to do the same at the counter."""
    person: str
    """The heading that says whom a row is about: who sees the row has seen data of that person."""
    concealed: Callable[[Reader, Sequence[int]], Awaitable[AbstractSet[int]]]
    """Of these numbers those that do not exist for whoever asks: their rows do not exist either."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """By heading, how a value is written: shown where it is corrected."""
    required: tuple[str, ...] = ()
    """Headings a file must have."""


class Taken(BaseModel):
    """What came of a received file: every row is recorded or set aside."""

    file_no: int
    receiver: str
    path: str
    rows: int
    recorded: int
    set_aside: int


@cache
def all_receivers() -> Mapping[str, Receiver]:
    """The receivers by name. Raises ValueError for one that is not the business's own."""
    found: dict[str, Receiver] = {}
    for business in registry.businesses():
        for receiver in registry.load(business.received) if business.received else ():
            if not receiver.name.startswith(f"{business.name}."):
                raise ValueError(f"{business.name}: {receiver.name} is not its own")
            found[receiver.name] = receiver
    return found


def get_receiver(name: str) -> Receiver:
    """The receiver of that name. Raises NotFound."""
    if name not in all_receivers():
        raise NotFound("この種類のファイルは受け取れません。")
    return all_receivers()[name]
