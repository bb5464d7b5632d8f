"""The second factor of an account: what it has, what it registers, and whether an attempt proves it.

Five wrong attempts lock the account as five wrong passwords do; they are counted apart, so that a right password between them does
not let somebody guess for ever.
"""

import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Invalid
from yoriai.sealing import Sealed, Sealer
from yoriai.security.lockout import LOCK, MAX_FAILURES, locked_text
from yoriai.security.passkeys import Challenge, Passkey, Site, credential_of, find_use
from yoriai.security.tenant_models import PASSKEY, TOTP
from yoriai.security.totp import find_step, is_code
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Reader, Record, WriteSession

RECOVERY = "recovery"
METHODS: Mapping[str, str] = {TOTP: "認証コード", PASSKEY: "パスキー・セキュリティキー", RECOVERY: "回復用コード"}
MOST_FACTORS = 5
_CODES, _CODE_LENGTH = 10, 12
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_WRONG = "確認できませんでした。新しい認証コードを入れるか、登録した機器で、もう一度試してください。"
_OPEN = """
SELECT factor_no, kind, label, handle, sealed, public_key, host, sign_count, last_step, registered_at, last_used_at
FROM staff_factor WHERE login = $1 AND ended_at IS NULL ORDER BY factor_no
"""
_COUNTED = "SELECT failed_factors, locked_until FROM staff WHERE login = $1 FOR UPDATE"
_FAILED = """
UPDATE staff SET failed_factors = $2, locked_until = coalesce($3::timestamptz, locked_until) WHERE login = $1 RETURNING login
"""
_USED = """
UPDATE staff_factor SET last_used_at = $2, last_step = coalesce($3::bigint, last_step),
  sign_count = coalesce($4::bigint, sign_count) WHERE factor_no = $1 RETURNING factor_no
"""
_RECOVERED = """
UPDATE staff_recovery_code SET used_at = $3 WHERE login = $1 AND fingerprint = ANY($2::text[]) AND used_at IS NULL RETURNING login
"""
_ADD = """
INSERT INTO staff_factor (login, kind, label, handle, sealed, public_key, host, sign_count, last_step, registered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (handle) DO NOTHING RETURNING factor_no
"""
_VOID_CODES = "UPDATE staff_recovery_code SET used_at = $2 WHERE login = $1 AND used_at IS NULL RETURNING login"
_ADD_CODE = "INSERT INTO staff_recovery_code (login, fingerprint, made_at) VALUES ($1, $2, $3) RETURNING login"
_END = """
UPDATE staff_factor SET ended_at = $3, ended_by = $4
WHERE login = $1 AND ended_at IS NULL AND ($2::bigint IS NULL OR factor_no = $2::bigint) RETURNING factor_no
"""
_RESET = """
UPDATE staff SET session_epoch = session_epoch + 1, failed_factors = 0, failed_logins = 0, locked_until = NULL
WHERE login = $1 RETURNING login
"""


@dataclass(frozen=True)
class Vault:
    """Where the secrets of a municipality's accounts are sealed."""

    tenant: TenantRef
    sealer: Sealer

    def seal(self, login: str, secret: str) -> str:
        """The secret of a one-time password, as it is stored."""
        return self.sealer.seal(self._place(login), secret)

    def open(self, login: str, sealed: str) -> str:
        """The secret. Raises Unsealable."""
        return self.sealer.open(self._place(login), sealed)

    def handles(self, kind: str, text: str) -> list[str]:
        """Fingerprints of a secret or a recovery code; store the first, find by any."""
        return self.sealer.fingerprints(self.tenant, f"staff_{kind}", text)

    def _place(self, login: str) -> Sealed:
        return Sealed(self.tenant, "staff_totp", f"staff:{login}")


@dataclass(frozen=True)
class TypedCode:
    """A one-time password or a recovery code, as it was typed."""

    text: str


@dataclass(frozen=True)
class KeyAnswer:
    """What a key has answered to a challenge of ours at a site."""

    answer: str
    challenge: Challenge | None
    site: Site


Attempt = TypedCode | KeyAnswer


@dataclass(frozen=True)
class Proof:
    """The outcome of an attempt: by which method it was proved, or why not (in words for who tried)."""

    method: str = ""
    refusal: str = ""


async def list_factors(session: Reader, login: str) -> list[dict[str, Any]]:
    """The account's factors in force, without what is secret."""
    return [
        {
            "factor_no": row["factor_no"],
            "kind": row["kind"],
            "kind_label": METHODS[row["kind"]],
            "label": row["label"],
            "registered_at": row["registered_at"],
            "last_used_at": row["last_used_at"],
        }
        for row in await session.fetch(_OPEN, login)
    ]


async def list_keys(session: Reader, login: str, host: str) -> list[str]:
    """The ids of the account's keys for that site."""
    return [
        row["handle"] for row in await session.fetch(_OPEN, login) if row["kind"] == PASSKEY and row["host"] == host
    ]


async def count_recovery_codes(session: Reader, login: str) -> int:
    """How many recovery codes are left."""
    query = "SELECT count(*) FROM staff_recovery_code WHERE login = $1 AND used_at IS NULL"
    return int(await session.fetchval(query, login))


async def prove(session: WriteSession, vault: Vault, login: str, attempt: Attempt, moment: datetime) -> Proof:
    """Settle an attempt: counts failures and locks. Never raises for a wrong attempt, so that the count is committed."""
    subject = f"staff:{login}"
    account = await session.fetchrow(_COUNTED, login)
    if account is None or (account["locked_until"] and account["locked_until"] > moment):
        session.audit(AuditEvent("factor.refused", subject, detail={"cause": "locked"}))
        return Proof(refusal=locked_text())
    method, cause = await _match(session, vault, login, attempt, moment)
    if method:
        await session.fetch(_FAILED, login, 0, None)
        session.audit(AuditEvent("factor.accepted", subject, detail={"method": method}))
        return Proof(method)
    failures = account["failed_factors"] + 1
    is_locked = failures >= MAX_FAILURES
    await session.fetch(_FAILED, login, 0 if is_locked else failures, moment + LOCK if is_locked else None)
    session.audit(AuditEvent("factor.refused", subject, detail={"cause": cause}))
    if is_locked:
        session.audit(AuditEvent("account.locked", subject, detail={"by": "factor"}))
    return Proof(refusal=locked_text() if is_locked else _WRONG)


async def _match(
    session: WriteSession, vault: Vault, login: str, attempt: Attempt, moment: datetime
) -> tuple[str, str]:
    """The method that is proved, or an empty text and the cause for the audit trail."""
    factors = await session.fetch(_OPEN, login)
    if isinstance(attempt, KeyAnswer):
        return await _match_key(session, factors, attempt, moment)
    if is_code(attempt.text):
        return await _match_code(session, vault, login, factors, attempt.text, moment)
    plain = plain_code(attempt.text)
    handles = vault.handles(RECOVERY, f"{login}|{plain}")
    if plain and await session.fetch(_RECOVERED, login, handles, moment):
        return RECOVERY, ""
    return "", "wrong_recovery_code"


async def _match_code(
    session: WriteSession, vault: Vault, login: str, factors: Sequence[Record], code: str, moment: datetime
) -> tuple[str, str]:
    cause = "wrong_code"
    for factor in factors:
        if factor["kind"] != TOTP:
            continue
        step = find_step(vault.open(login, factor["sealed"]), code, moment)
        if step is None:
            continue
        if factor["last_step"] is not None and step <= factor["last_step"]:
            cause = "used_before"
            continue
        await session.fetch(_USED, factor["factor_no"], moment, step, None)
        return TOTP, ""
    return "", cause


async def _match_key(
    session: WriteSession, factors: Sequence[Record], attempt: KeyAnswer, moment: datetime
) -> tuple[str, str]:
    challenge = attempt.challenge
    if challenge is None:
        return "", "stale_challenge"
    used = credential_of(attempt.answer)
    factor = next((each for each in factors if each["kind"] == PASSKEY and each["handle"] == used), None)
    if factor is None or factor["host"] != attempt.site.host:
        return "", "unknown_key"
    if factor["last_used_at"] is not None and challenge.issued_at <= factor["last_used_at"]:
        return "", "used_before"
    key = Passkey(factor["handle"], factor["public_key"], factor["sign_count"])
    count = find_use(attempt.site, challenge, attempt.answer, key)
    if count is None:
        return "", "wrong_signature"
    await session.fetch(_USED, factor["factor_no"], moment, None, count)
    return PASSKEY, ""


async def add_totp(
    session: WriteSession,
    vault: Vault,
    login: str,
    secret: str,
    label: str,
    moment: datetime,
    *,
    step: int | None = None,
    is_handed_out: bool = False,
) -> list[str]:
    """Register an app or a token by its secret; `step` is the time step that proved it.

    Gives recovery codes the first time, but not for what is handed out by others: its holder makes them.
    """
    sealed, handle = vault.seal(login, secret), vault.handles(TOTP, secret)[0]
    await _add(session, login, TOTP, label, handle, (sealed, None, None, 0, step), moment)
    return [] if is_handed_out else await _first_codes(session, vault, login, moment)


async def add_key(
    session: WriteSession, vault: Vault, login: str, key: Passkey, host: str, label: str, moment: datetime
) -> list[str]:
    """Register a key. Gives recovery codes the first time."""
    values = (None, key.public_key, host, key.sign_count, None)
    await _add(session, login, PASSKEY, label, key.credential_id, values, moment)
    return await _first_codes(session, vault, login, moment)


async def _add(
    session: WriteSession, login: str, kind: str, label: str, handle: str, values: tuple[Any, ...], moment: datetime
) -> None:
    await session.fetch("SELECT login FROM staff WHERE login = $1 FOR UPDATE", login)
    if len(await session.fetch(_OPEN, login)) >= MOST_FACTORS:
        raise Conflict(f"登録できるのは{MOST_FACTORS}つまでです。使わない登録をやめてから、もう一度登録してください。")
    if not await session.fetch(_ADD, login, kind, label or METHODS[kind], handle, *values, moment):
        raise Conflict("この機器はすでに登録されています。")
    session.audit(AuditEvent("factor.registered", f"staff:{login}", detail={"kind": kind, "label": label}))


async def _first_codes(session: WriteSession, vault: Vault, login: str, moment: datetime) -> list[str]:
    return [] if await count_recovery_codes(session, login) else await renew_codes(session, vault, login, moment)


async def renew_codes(session: WriteSession, vault: Vault, login: str, moment: datetime) -> list[str]:
    """New recovery codes of 60 bits each, to be shown once; older ones are void."""
    await session.fetch(_VOID_CODES, login, moment)
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH)) for _ in range(_CODES)]
    for code in codes:
        await session.fetch(_ADD_CODE, login, vault.handles(RECOVERY, f"{login}|{code}")[0], moment)
    session.audit(AuditEvent("factor.codes", f"staff:{login}", detail={"codes": len(codes)}))
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


async def end_factor(session: WriteSession, login: str, factor_no: int, moment: datetime) -> None:
    """End one of the account's own factors. Raises Conflict for the last one, or when it is no longer in force."""
    await session.fetch("SELECT login FROM staff WHERE login = $1 FOR UPDATE", login)
    if len(await session.fetch(_OPEN, login)) <= 1:
        raise Conflict("最後の登録はやめられません。新しい機器を登録してから、もう一度操作してください。")
    if not await session.fetch(_END, login, factor_no, moment, login):
        raise Conflict
    session.audit(AuditEvent("factor.ended", f"staff:{login}", detail={"factor_no": factor_no}))


async def reset_factors(session: WriteSession, login: str, reason: str, moment: datetime) -> int:
    """End everything the account has, its recovery codes and its sessions, and open a lock; it has to register again.

    Gives the number of factors ended. Raises Invalid for an unknown account, and for one's own.
    """
    who = session.principal.login
    if login == who:
        raise Invalid(
            fields=[FieldError("login", "自分の登録は初期化できません。ほかの管理者に頼んでください。", rule="own")]
        )
    if not await session.fetch(_RESET, login):
        raise Invalid(fields=[FieldError("login", f"{login} という利用者はいません。", rule="unknown")])
    ended = await session.fetch(_END, login, None, moment, who)
    await session.fetch(_VOID_CODES, login, moment)
    session.audit(AuditEvent("factor.reset", f"staff:{login}", reason, {"factors": len(ended)}))
    return len(ended)


def plain_code(text: str) -> str:
    """A recovery code as it is compared: capital letters and digits."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())
