"""Who is asking: passwords, sessions, accounts.

Accounts are local (argon2id). An account's `external_subject` is the place for the municipality's OpenID provider: a provider is
another way to find the account, after which everything is the same.
"""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeTimedSerializer

from yoriai.audit import AuditEvent, Principal
from yoriai.clock import now
from yoriai.errors import Unauthenticated
from yoriai.security.lockout import LOCK, MAX_FAILURES, locked_text
from yoriai.security.vault import accounts_of, on_accounts
from yoriai.tenancy.ref import CENTER, TenantRef, place_of
from yoriai.tenancy.session import Database, Reader, WriteSession

COOKIE = "yoriai_session"
SESSION_SECONDS = 9 * 3600
_REFUSED = "ログインIDまたはパスワードが違います。"
_hasher = PasswordHasher()
# Verified against when there is no such account, so that the answer takes as long and tells nothing.
_NOBODY = _hasher.hash("nobody")

_ACCOUNT = """
SELECT s.login, s.display_name, s.section, s.password_hash, s.is_active, s.failed_logins, s.locked_until, s.session_epoch,
  ARRAY(SELECT r.role FROM {accounts}_role r WHERE r.login = s.login ORDER BY r.role) AS roles
FROM {accounts} s WHERE s.login = $1
"""
_FAILED = "UPDATE {accounts} SET failed_logins = $2, locked_until = $3 WHERE login = $1 RETURNING login"
_PROVED = "UPDATE {accounts} SET failed_logins = 0, locked_until = NULL WHERE login = $1 RETURNING login"


@dataclass(frozen=True)
class Session:
    """A login that was proved: an account of one municipality or, without one, of the shared centre.

    `began` is the moment of the login in seconds since 1970. `second` is the method of the second factor that was given besides
    (empty: none) and `second_at` when, in the same seconds.
    """

    tenant: TenantRef | None
    login: str
    epoch: int
    began: int = 0
    second: str = ""
    second_at: int = 0

    @property
    def place(self) -> str:
        """The first part of the addresses the session may open."""
        return place_of(self.tenant)

    @property
    def proved_at(self) -> datetime | None:
        """When the second factor was given; None when it was not."""
        return datetime.fromtimestamp(self.second_at, UTC) if self.second else None

    def with_second(self, method: str, moment: datetime) -> "Session":
        """The session after a second factor was given by the method."""
        return replace(self, second=method, second_at=int(moment.timestamp()))


@dataclass(frozen=True)
class Sessions:
    """Signs sessions into tokens, for the cookie or an `Authorization: Bearer` header, and reads them back."""

    secret: str

    def sign(self, session: Session) -> str:
        """The token."""
        values = [session.login, session.epoch, session.began, session.second, session.second_at]
        return self._serializer().dumps([session.place, *values])

    def read(self, token: str) -> Session | None:
        """The session, or None when the token is forged, damaged or too old: a later second factor makes it last no longer."""
        try:
            code, *values = self._serializer().loads(token, max_age=SESSION_SECONDS)
            session = Session(None if code == CENTER else TenantRef(code), *values)
        except (BadSignature, ValueError, TypeError):
            return None
        return session if self.seconds_left(session) > 0 else None

    @staticmethod
    def seconds_left(session: Session) -> int:
        """How long the session still lasts."""
        return session.began + SESSION_SECONDS - int(now().timestamp())

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt="session", signer_kwargs={"digest_method": hashlib.sha256})


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


class Roles(Protocol):
    """Who says what roles may do: a municipality's configuration, or the centre's."""

    def permissions_of(self, roles: Iterable[str]) -> frozenset[str]:
        """What the roles may do."""


async def find_principal(session: Reader, who: Session, roles: Roles) -> Principal | None:
    """The account with the permissions its roles give it; None when it is closed or its sessions were ended."""
    row = await session.fetchrow(on_accounts(_ACCOUNT, who.tenant), who.login)
    if row is None or not row["is_active"] or row["session_epoch"] != who.epoch:
        return None
    permissions = roles.permissions_of(row["roles"])
    return Principal(row["login"], row["display_name"], row["section"], permissions)


async def log_in(
    database: Database, tenant: TenantRef | None, login: str, password: str, terminal: str, act: str = "login"
) -> Session:
    """Check the password and count failures; raises `Unauthenticated` with the same words for every cause but the lock.

    Without a municipality the account is the shared centre's. `act` is what the trail calls it: a password may be asked again.
    """
    who = Principal(login=login, terminal=terminal)
    async with database.read(tenant, who) if tenant else database.platform_read(who) as reader:
        row = await reader.fetchrow(on_accounts(_ACCOUNT, tenant), login)
        known = row["password_hash"] if row else None
    # Proving a password takes a processor for a while by design: neither the other requests nor the account's row wait for it.
    accepted = await asyncio.to_thread(_verify, known, password)
    async with database.write_account(tenant, who) as session:
        error, proved = await _settle(session, tenant, login, accepted=accepted)
        session.audit(AuditEvent(f"{act}.{'refused' if error else 'accepted'}", f"{accounts_of(tenant)}:{login}"))
    if error or proved is None:
        raise Unauthenticated(error or _REFUSED)
    return proved


async def _settle(
    session: WriteSession, tenant: TenantRef | None, login: str, *, accepted: bool
) -> tuple[str, Session | None]:
    row = await session.fetchrow(f"{on_accounts(_ACCOUNT, tenant)} FOR UPDATE OF s", login)
    if row is None:
        return _REFUSED, None
    if row["locked_until"] and row["locked_until"] > now():
        return locked_text(), None
    if not accepted or not row["is_active"]:
        failures = row["failed_logins"] + 1
        lock = now() + LOCK if failures >= MAX_FAILURES else None
        await session.fetch(on_accounts(_FAILED, tenant), login, 0 if lock else failures, lock)
        if lock:
            session.audit(AuditEvent("account.locked", f"{accounts_of(tenant)}:{login}", detail={"by": "password"}))
        return _REFUSED, None
    await session.fetch(on_accounts(_PROVED, tenant), login)
    return "", Session(tenant, row["login"], row["session_epoch"], int(now().timestamp()))


def _verify(stored: str | None, password: str) -> bool:
    try:
        return _hasher.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
