"""The columns of second factors and their codes: the same for a municipality's staff and for the centre's operators."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import one_of, supersede_only

TOTP, PASSKEY = "totp", "passkey"


class Factor:
    """Something an account's holder has: an authenticator app or token, or a key. Ended, never removed."""

    factor_no: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str]
    label: Mapped[str]
    handle: Mapped[str] = mapped_column(unique=True)
    """The id of a key; the keyed fingerprint of a secret. No secret and no key is registered twice."""
    sealed: Mapped[str | None]
    """The secret of a one-time password, sealed."""
    public_key: Mapped[str | None]
    host: Mapped[str | None]
    """The name of the site a key was made for; it can answer for no other."""
    sign_count: Mapped[int] = mapped_column(server_default=text("0"))
    last_step: Mapped[int | None]
    """The time step of the last one-time password that was taken: none of this step or before is taken again."""
    registered_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


def factor_table() -> tuple[Any, ...]:
    """What a table of factors has besides its columns."""
    return (
        CheckConstraint(one_of("kind", (TOTP, PASSKEY)), name="kind"),
        CheckConstraint("(kind = 'totp') = (sealed is not null)", name="sealed"),
        CheckConstraint("(kind = 'passkey') = (public_key is not null and host is not null)", name="public_key"),
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended"),
        Index(None, "login", postgresql_where=text("ended_at IS NULL")),
        {"info": {"grants": supersede_only("ended_at", "ended_by", "last_step", "sign_count", "last_used_at")}},
    )


class RegistrationCode:
    """What an administrator has handed out for the first registration; known by its keyed fingerprint only."""

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When it was used, or became void because another was issued or the account was reset."""


def registration_code_table() -> tuple[Any, ...]:
    """What a table of registration codes has besides its columns: an account has one at most."""
    return (
        Index(None, "login", unique=True, postgresql_where=text("used_at IS NULL")),
        {"info": {"grants": supersede_only("used_at")}},
    )


class RecoveryCode:
    """A code on paper for the day on which the telephone or the key is lost; known by its keyed fingerprint only."""

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When it was used, or became void because new ones were made."""


def recovery_code_table() -> tuple[Any, ...]:
    """What a table of recovery codes has besides its columns."""
    return ({"info": {"grants": supersede_only("used_at")}},)
