"""登録コード: what an administrator hands to somebody in person, without which a password alone registers no second factor.

Whoever has stolen a password before its owner registered would else own the account for good. A code is for one account and one
registration, holds for some days, and is known by its keyed fingerprint only.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Invalid
from yoriai.security.lockout import Proof, settle
from yoriai.security.vault import Vault
from yoriai.tenancy.session import Reader, WriteSession

HOLDS = timedelta(days=7)
"""How long a code may be used: long enough to be handed over, not to lie in a drawer."""
REGISTRATION = "registration"
_LENGTH = 12
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_WRONG = "登録コードが違うか、期限が過ぎています。渡された紙のとおりに入れるか、管理者に発行し直してもらってください。"
_ACCOUNT = """
SELECT s.login, EXISTS (SELECT FROM {accounts}_factor f WHERE f.login = s.login AND f.ended_at IS NULL) AS has_factor
FROM {accounts} s WHERE s.login = $1 FOR UPDATE OF s
"""
_VOID = "UPDATE {accounts}_registration_code SET used_at = $2 WHERE login = $1 AND used_at IS NULL RETURNING login"
_ADD = """
INSERT INTO {accounts}_registration_code (login, fingerprint, made_at, made_by, expires_at)
VALUES ($1, $2, $3, $4, $5) RETURNING login
"""
_OPEN = "SELECT fingerprint FROM {accounts}_registration_code WHERE login = $1 AND used_at IS NULL AND expires_at > $2"
_USE = """
UPDATE {accounts}_registration_code SET used_at = $3 WHERE login = $1 AND fingerprint = $2 AND used_at IS NULL AND expires_at > $3
RETURNING login
"""


@dataclass(frozen=True)
class Issued:
    """A code, to be shown once and handed over, and until when it may be used."""

    code: str
    expires_at: datetime


async def issue_code(session: WriteSession, vault: Vault, login: str, reason: str, moment: datetime) -> Issued:
    """A code of 60 bits for an account without a second factor; any before it is void. Raises Invalid, Conflict."""
    account = await session.fetchrow(vault.of(_ACCOUNT), login)
    if account is None:
        raise Invalid(fields=[FieldError("login", f"{login} という利用者はいません。", rule="unknown")])
    if account["has_factor"]:
        raise Conflict("二要素認証はもう登録されています。登録し直すときは、先に初期化してください。")
    await session.fetch(vault.of(_VOID), login, moment)
    code, until = draw_code(), moment + HOLDS
    print_ = vault.handles(REGISTRATION, f"{login}|{code}")[0]
    await session.fetch(vault.of(_ADD), login, print_, moment, session.principal.login, until)
    session.audit(AuditEvent("registration.issued", vault.subject(login), reason, {"expires_at": until.isoformat()}))
    return Issued(grouped(code), until)


async def check_code(session: WriteSession, vault: Vault, login: str, text: str, moment: datetime) -> Proof:
    """Whether that is the account's code. Wrong ones count and lock as wrong second factors do."""

    async def match() -> tuple[str, str]:
        given = vault.handles(REGISTRATION, f"{login}|{plain_code(text)}")
        is_right = await find_ticket(session, vault, login, moment) in given
        return (REGISTRATION, "") if is_right else ("", "wrong_registration_code")

    return await settle(session, vault, login, REGISTRATION, match, moment, _WRONG)


async def find_ticket(session: Reader, vault: Vault, login: str, moment: datetime) -> str:
    """What stands for the code that the account may use now, in what is signed or sealed for its registration; empty: none."""
    return str(await session.fetchval(vault.of(_OPEN), login, moment) or "")


async def use_code(session: WriteSession, vault: Vault, login: str, ticket: str, moment: datetime) -> None:
    """The code has served. Raises Invalid where it is no longer the account's."""
    if not ticket or not await session.fetch(vault.of(_USE), login, ticket, moment):
        raise Invalid("登録コードの期限が過ぎたか、新しいコードが発行されました。はじめからやり直してください。")


async def void_codes(session: WriteSession, vault: Vault, login: str, moment: datetime) -> None:
    """No code of the account serves any more."""
    await session.fetch(vault.of(_VOID), login, moment)


def draw_code() -> str:
    """A code of 60 bits for paper, without letters and digits that look alike."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def plain_code(text: str) -> str:
    """A code on paper as it is compared: capital letters and digits."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())


def grouped(code: str) -> str:
    """A code as it is printed: groups of four."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"
