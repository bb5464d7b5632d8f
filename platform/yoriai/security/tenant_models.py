"""The second factors of a municipality's staff. Nothing in these tables opens anything without the data keys."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import TenantBase, one_of, supersede_only

TOTP, PASSKEY = "totp", "passkey"


class StaffFactor(TenantBase):
    """Something a member of staff has: an authenticator app or token, or a key. Ended, never removed."""

    __tablename__ = "staff_factor"
    __table_args__ = (
        CheckConstraint(one_of("kind", (TOTP, PASSKEY)), name="kind"),
        CheckConstraint("(kind = 'totp') = (sealed is not null)", name="sealed"),
        CheckConstraint("(kind = 'passkey') = (public_key is not null and host is not null)", name="public_key"),
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended"),
        Index(None, "login", postgresql_where=text("ended_at IS NULL")),
        {"info": {"grants": supersede_only("ended_at", "ended_by", "last_step", "sign_count", "last_used_at")}},
    )
    factor_no: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("staff.login", ondelete="CASCADE"))
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


class StaffRegistrationCode(TenantBase):
    """What an administrator has handed out for the first registration; known by its keyed fingerprint only."""

    __tablename__ = "staff_registration_code"
    __table_args__ = (
        Index(None, "login", unique=True, postgresql_where=text("used_at IS NULL")),
        {"info": {"grants": supersede_only("used_at")}},
    )
    login: Mapped[str] = mapped_column(ForeignKey("staff.login", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When it was used, or became void because another was issued or the account was reset."""


class StaffRecoveryCode(TenantBase):
    """A code on paper for the day on which the telephone or the key is lost; known by its keyed fingerprint only."""

    __tablename__ = "staff_recovery_code"
    __table_args__ = ({"info": {"grants": supersede_only("used_at")}},)
    login: Mapped[str] = mapped_column(ForeignKey("staff.login", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When it was used, or became void because new ones were made."""
