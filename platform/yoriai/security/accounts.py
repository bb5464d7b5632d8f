"""The accounts of a municipality, or of the centre, as an administrator sees them: who has a second factor, who is shut out."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from yoriai.errors import NotFound
from yoriai.security.vault import Vault
from yoriai.tenancy.session import Reader, Record

_ACCOUNTS = """
SELECT s.login, s.display_name, s.section, s.is_active, s.locked_until, f.kinds, f.registered_at, f.last_used_at,
  (SELECT count(*) FROM {accounts}_recovery_code c WHERE c.login = s.login AND c.used_at IS NULL) AS codes,
  (SELECT c.expires_at FROM {accounts}_registration_code c WHERE c.login = s.login AND c.used_at IS NULL) AS code_until,
  ARRAY(SELECT r.role FROM {accounts}_role r WHERE r.login = s.login ORDER BY r.role) AS roles
FROM {accounts} s
LEFT JOIN LATERAL (
  SELECT array_agg(kind ORDER BY factor_no) AS kinds, max(registered_at) AS registered_at, max(last_used_at) AS last_used_at
  FROM {accounts}_factor f WHERE f.login = s.login AND f.ended_at IS NULL
) f ON true
WHERE $1::text IS NULL OR s.login = $1::text
ORDER BY s.section, s.login
"""


class Account(BaseModel):
    """An account: its second factors in force, how many recovery codes are left, until when it is shut."""

    login: str
    display_name: str
    section: str
    is_active: bool
    kinds: list[str]
    codes: int
    roles: list[str]
    registered_at: datetime | None
    last_used_at: datetime | None
    locked_until: datetime | None
    code_until: datetime | None
    """Until when the registration code may be used that was handed out; None where none is in force."""
    registration_code: str = ""
    """The code itself, in the answer to who has just issued it."""

    @property
    def is_registered(self) -> bool:
        """Whether there is a second factor."""
        return bool(self.kinds)

    @property
    def is_waiting(self) -> bool:
        """Whether an administrator has something to do: it is in use and has no second factor, or is shut."""
        return self.is_active and (not self.is_registered or self.locked_until is not None)


async def list_accounts(session: Reader, vault: Vault, moment: datetime) -> list[Account]:
    """All accounts by section."""
    return [_account(row, moment) for row in await session.fetch(vault.of(_ACCOUNTS), None)]


async def get_account(session: Reader, vault: Vault, login: str, moment: datetime) -> Account:
    """One account. Raises NotFound."""
    rows: Sequence[Record] = await session.fetch(vault.of(_ACCOUNTS), login)
    if not rows:
        raise NotFound
    return _account(rows[0], moment)


def _account(row: Record, moment: datetime) -> Account:
    locked = row["locked_until"] if row["locked_until"] and row["locked_until"] > moment else None
    until = row["code_until"] if row["code_until"] and row["code_until"] > moment else None
    return Account(**{**dict(row), "kinds": row["kinds"] or [], "locked_until": locked, "code_until": until})
