"""Who is asking: passwords, sessions, accounts.

Accounts are local (argon2id). An account's `external_subject` is the place for the municipality's OpenID provider: a provider is
another way to find the account, after which everything is the same.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeTimedSerializer

from yoriai.audit import AuditEvent, Principal
from yoriai.clock import now
from yoriai.errors import Unauthenticated
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, Reader, WriteSession

COOKIE = "yoriai_session"
SESSION_SECONDS = 9 * 3600
_MAX_FAILURES = 5
_LOCK = timedelta(minutes=15)
_REFUSED = "ログインIDまたはパスワードが違います。"
_hasher = PasswordHasher()
# Verified against when there is no such account, so that the answer takes as long and tells nothing.
_NOBODY = _hasher.hash("nobody")

_ACCOUNT = """
SELECT s.login, s.display_name, s.section, s.password_hash, s.is_active, s.failed_logins, s.locked_until, s.session_epoch,
  ARRAY(SELECT r.role FROM staff_role r WHERE r.login = s.login ORDER BY r.role) AS roles
FROM staff s WHERE s.login = $1
"""


@dataclass(frozen=True)
class Session:
    """A login that was proved: an account of one municipality."""

    tenant: TenantRef
    login: str
    epoch: int


@dataclass(frozen=True)
class Sessions:
    """Signs sessions into tokens, for the cookie or an `Authorization: Bearer` header, and reads them back."""

    secret: str

    def sign(self, session: Session) -> str:
        """The token."""
        return self._serializer().dumps([session.tenant.code, session.login, session.epoch])

    def read(self, token: str) -> Session | None:
        """The session, or None when the token is forged, damaged or too old."""
        try:
            code, login, epoch = self._serializer().loads(token, max_age=SESSION_SECONDS)
            return Session(TenantRef(code), login, epoch)
        except (BadSignature, ValueError):
            return None

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt="session", signer_kwargs={"digest_method": hashlib.sha256})


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


async def find_principal(session: Reader, config: TenantConfig, login: str, epoch: int) -> Principal | None:
    """The account with the permissions its roles give it; None when it is closed or its sessions were ended."""
    row = await session.fetchrow(_ACCOUNT, login)
    if row is None or not row["is_active"] or row["session_epoch"] != epoch:
        return None
    permissions = config.permissions_of(row["roles"])
    return Principal(row["login"], row["display_name"], row["section"], permissions)


async def log_in(database: Database, tenant: TenantRef, login: str, password: str, terminal: str) -> Session:
    """Check the password and count failures; raises `Unauthenticated` with the same words for every cause but the lock."""
    who = Principal(login=login, terminal=terminal)
    async with database.read(tenant, who) as reader:
        known = await reader.fetchval("SELECT password_hash FROM staff WHERE login = $1", login)
    # Proving a password takes a processor for a while by design: neither the other requests nor the account's row wait for it.
    accepted = await asyncio.to_thread(_verify, known, password)
    async with database.write(tenant, who) as session:
        error, proved = await _settle(session, tenant, login, accepted=accepted)
        session.audit(AuditEvent("login.refused" if error else "login.accepted", f"staff:{login}"))
    if error or proved is None:
        raise Unauthenticated(error or _REFUSED)
    return proved


async def _settle(
    session: WriteSession, tenant: TenantRef, login: str, *, accepted: bool
) -> tuple[str, Session | None]:
    row = await session.fetchrow(f"{_ACCOUNT} FOR UPDATE OF s", login)
    if row is None:
        return _REFUSED, None
    if row["locked_until"] and row["locked_until"] > now():
        minutes = int(_LOCK.total_seconds() // 60)
        return (
            f"続けて{_MAX_FAILURES}回失敗したため、しばらくログインできません。{minutes}分ほどたってから試すか、管理者に申し出てください。",
            None,
        )
    if not accepted or not row["is_active"]:
        failures = row["failed_logins"] + 1
        lock = now() + _LOCK if failures >= _MAX_FAILURES else None
        statement = "UPDATE staff SET failed_logins = $2, locked_until = $3 WHERE login = $1 RETURNING login"
        await session.fetch(statement, login, 0 if lock else failures, lock)
        return _REFUSED, None
    await session.fetch(
        "UPDATE staff SET failed_logins = 0, locked_until = NULL WHERE login = $1 RETURNING login", login
    )
    return "", Session(tenant, row["login"], row["session_epoch"])


def _verify(stored: str | None, password: str) -> bool:
    try:
        return _hasher.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
