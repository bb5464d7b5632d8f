"""How many wrong attempts an account has, and for how long it is shut then: one rule for passwords and second factors."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from yoriai.audit import AuditEvent
from yoriai.security.vault import Vault
from yoriai.tenancy.session import WriteSession

MAX_FAILURES = 5
LOCK = timedelta(minutes=15)
_COUNTED = "SELECT failed_factors, locked_until FROM {accounts} WHERE login = $1 FOR UPDATE"
_FAILED = """
UPDATE {accounts} SET failed_factors = $2, locked_until = coalesce($3::timestamptz, locked_until) WHERE login = $1 RETURNING login
"""


def locked_text() -> str:
    """What is said of an account that is shut."""
    minutes = int(LOCK.total_seconds() // 60)
    wait = f"{minutes}分ほどたってから試すか、管理者に申し出てください。"
    return f"続けて{MAX_FAILURES}回失敗したため、しばらくログインできません。{wait}"


@dataclass(frozen=True)
class Proof:
    """The outcome of an attempt: by which method it was proved, or why not (in words for who tried)."""

    method: str = ""
    refusal: str = ""


Match = Callable[[], Awaitable[tuple[str, str]]]
"""Gives the method that is proved, or an empty text and the cause for the audit trail."""


async def settle(
    session: WriteSession, vault: Vault, login: str, act: str, match: Match, moment: datetime, wrong: str
) -> Proof:
    """Try something that only the account's holder has: counts failures, locks, and audits as `act.accepted` or `act.refused`.

    Never raises for a wrong attempt, so that the count is committed; `wrong` is what is said of one.
    """
    subject = vault.subject(login)
    account = await session.fetchrow(vault.of(_COUNTED), login)
    if account is None or (account["locked_until"] and account["locked_until"] > moment):
        session.audit(AuditEvent(f"{act}.refused", subject, detail={"cause": "locked"}))
        return Proof(refusal=locked_text())
    method, cause = await match()
    if method:
        await session.fetch(vault.of(_FAILED), login, 0, None)
        session.audit(AuditEvent(f"{act}.accepted", subject, detail={"method": method}))
        return Proof(method)
    failures = account["failed_factors"] + 1
    is_locked = failures >= MAX_FAILURES
    await session.fetch(vault.of(_FAILED), login, 0 if is_locked else failures, moment + LOCK if is_locked else None)
    session.audit(AuditEvent(f"{act}.refused", subject, detail={"cause": cause}))
    if is_locked:
        session.audit(AuditEvent("account.locked", subject, detail={"by": "factor"}))
    return Proof(refusal=locked_text() if is_locked else wrong)
