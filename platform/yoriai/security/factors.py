"""The second factor of an account: what it has, what it registers, and whether an attempt proves it.

Five wrong attempts lock the account as five wrong passwords do; they are counted apart, so that a right password between them does
not let somebody guess for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Invalid
from yoriai.security.lockout import Proof, settle
from yoriai.security.passkeys import Challenge, Passkey, Site, credential_of, find_use
from yoriai.security.registration import draw_code, grouped, plain_code, use_code, void_codes
from yoriai.security.tables import PASSKEY, TOTP
from yoriai.security.totp import find_step, is_code
from yoriai.security.vault import Vault
from yoriai.tenancy.session import Reader, Record, WriteSession

RECOVERY = "recovery"
METHODS: Mapping[str, str] = {TOTP: "認証コード", PASSKEY: "パスキー・セキュリティキー", RECOVERY: "回復用コード"}
MOST_FACTORS = 5
_CODES = 10
_WRONG = "確認できませんでした。新しい認証コードを入れるか、登録した機器で、もう一度試してください。"
_OPEN = """
SELECT factor_no, kind, label, handle, sealed, public_key, host, sign_count, last_step, registered_at, last_used_at
FROM {accounts}_factor WHERE login = $1 AND ended_at IS NULL ORDER BY factor_no
"""
_USED = """
UPDATE {accounts}_factor SET last_used_at = $2, last_step = coalesce($3::bigint, last_step),
  sign_count = coalesce($4::bigint, sign_count) WHERE factor_no = $1 RETURNING factor_no
"""
_RECOVERED = """
UPDATE {accounts}_recovery_code SET used_at = $3
WHERE login = $1 AND fingerprint = ANY($2::text[]) AND used_at IS NULL RETURNING login
"""
_ADD = """
INSERT INTO {accounts}_factor (login, kind, label, handle, sealed, public_key, host, sign_count, last_step, registered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (handle) DO NOTHING RETURNING factor_no
"""
_CODES_LEFT = "SELECT count(*) FROM {accounts}_recovery_code WHERE login = $1 AND used_at IS NULL"
_HELD = "SELECT login FROM {accounts} WHERE login = $1 FOR UPDATE"
_VOID_CODES = "UPDATE {accounts}_recovery_code SET used_at = $2 WHERE login = $1 AND used_at IS NULL RETURNING login"
_ADD_CODE = "INSERT INTO {accounts}_recovery_code (login, fingerprint, made_at) VALUES ($1, $2, $3) RETURNING login"
_END = """
UPDATE {accounts}_factor SET ended_at = $3, ended_by = $4
WHERE login = $1 AND ended_at IS NULL AND ($2::bigint IS NULL OR factor_no = $2::bigint) RETURNING factor_no
"""
_RESET = """
UPDATE {accounts} SET session_epoch = session_epoch + 1, failed_factors = 0, failed_logins = 0, locked_until = NULL
WHERE login = $1 RETURNING login
"""


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


async def list_factors(session: Reader, vault: Vault, login: str) -> list[dict[str, Any]]:
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
        for row in await session.fetch(vault.of(_OPEN), login)
    ]


async def list_keys(session: Reader, vault: Vault, login: str, host: str) -> list[str]:
    """The ids of the account's keys for that site."""
    return [
        row["handle"]
        for row in await session.fetch(vault.of(_OPEN), login)
        if row["kind"] == PASSKEY and row["host"] == host
    ]


async def count_recovery_codes(session: Reader, vault: Vault, login: str) -> int:
    """How many recovery codes are left."""
    return int(await session.fetchval(vault.of(_CODES_LEFT), login))


async def prove(session: WriteSession, vault: Vault, login: str, attempt: Attempt, moment: datetime) -> Proof:
    """Settle an attempt: counts failures and locks. Never raises for a wrong attempt, so that the count is committed."""

    async def match() -> tuple[str, str]:
        return await _match(session, vault, login, attempt, moment)

    return await settle(session, vault, login, "factor", match, moment, _WRONG)


async def _match(
    session: WriteSession, vault: Vault, login: str, attempt: Attempt, moment: datetime
) -> tuple[str, str]:
    """The method that is proved, or an empty text and the cause for the audit trail."""
    factors = await session.fetch(vault.of(_OPEN), login)
    if isinstance(attempt, KeyAnswer):
        return await _match_key(session, vault, factors, attempt, moment)
    if is_code(attempt.text):
        return await _match_code(session, vault, login, factors, attempt.text, moment)
    plain = plain_code(attempt.text)
    handles = vault.handles(RECOVERY, f"{login}|{plain}")
    if plain and await session.fetch(vault.of(_RECOVERED), login, handles, moment):
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
        await session.fetch(vault.of(_USED), factor["factor_no"], moment, step, None)
        return TOTP, ""
    return "", cause


async def _match_key(
    session: WriteSession, vault: Vault, factors: Sequence[Record], attempt: KeyAnswer, moment: datetime
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
    await session.fetch(vault.of(_USED), factor["factor_no"], moment, None, count)
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
    ticket: str = "",
    is_handed_out: bool = False,
) -> list[str]:
    """Register an app or a token by its secret; `step` is the time step that proved it.

    The first of an account uses the registration code that `ticket` stands for (see `registration`); raises Invalid without.
    Gives recovery codes the first time. What is handed out by others needs no code, and its holder makes the recovery codes.
    """
    sealed, handle = vault.seal(login, secret), vault.handles(TOTP, secret)[0]
    values = (sealed, None, None, 0, step)
    await _add(session, vault, login, TOTP, label, handle, values, moment, None if is_handed_out else ticket)
    return [] if is_handed_out else await _first_codes(session, vault, login, moment)


async def add_key(
    session: WriteSession,
    vault: Vault,
    login: str,
    key: Passkey,
    host: str,
    label: str,
    moment: datetime,
    *,
    ticket: str = "",
) -> list[str]:
    """Register a key; `ticket` as in `add_totp`. Gives recovery codes the first time."""
    values = (None, key.public_key, host, key.sign_count, None)
    await _add(session, vault, login, PASSKEY, label, key.credential_id, values, moment, ticket)
    return await _first_codes(session, vault, login, moment)


async def _add(
    session: WriteSession,
    vault: Vault,
    login: str,
    kind: str,
    label: str,
    handle: str,
    values: tuple[Any, ...],
    moment: datetime,
    ticket: str | None,
) -> None:
    """`ticket` None: an office hands it out, so that no code of the office is asked for."""
    await session.fetch(vault.of(_HELD), login)
    known = len(await session.fetch(vault.of(_OPEN), login))
    if not known and ticket is not None:
        await use_code(session, vault, login, ticket, moment)
    if known >= MOST_FACTORS:
        raise Conflict(f"登録できるのは{MOST_FACTORS}つまでです。使わない登録をやめてから、もう一度登録してください。")
    if not await session.fetch(vault.of(_ADD), login, kind, label or METHODS[kind], handle, *values, moment):
        raise Conflict("この機器はすでに登録されています。")
    session.audit(AuditEvent("factor.registered", vault.subject(login), detail={"kind": kind, "label": label}))


async def _first_codes(session: WriteSession, vault: Vault, login: str, moment: datetime) -> list[str]:
    return [] if await count_recovery_codes(session, vault, login) else await renew_codes(session, vault, login, moment)


async def renew_codes(session: WriteSession, vault: Vault, login: str, moment: datetime) -> list[str]:
    """New recovery codes of 60 bits each, to be shown once; older ones are void."""
    await session.fetch(vault.of(_VOID_CODES), login, moment)
    codes = [draw_code() for _ in range(_CODES)]
    for code in codes:
        await session.fetch(vault.of(_ADD_CODE), login, vault.handles(RECOVERY, f"{login}|{code}")[0], moment)
    session.audit(AuditEvent("factor.codes", vault.subject(login), detail={"codes": len(codes)}))
    return [grouped(code) for code in codes]


async def end_factor(session: WriteSession, vault: Vault, login: str, factor_no: int, moment: datetime) -> None:
    """End one of the account's own factors. Raises Conflict for the last one, or when it is no longer in force."""
    await session.fetch(vault.of(_HELD), login)
    if len(await session.fetch(vault.of(_OPEN), login)) <= 1:
        raise Conflict("最後の登録はやめられません。新しい機器を登録してから、もう一度操作してください。")
    if not await session.fetch(vault.of(_END), login, factor_no, moment, login):
        raise Conflict
    session.audit(AuditEvent("factor.ended", vault.subject(login), detail={"factor_no": factor_no}))


async def reset_factors(session: WriteSession, vault: Vault, login: str, reason: str, moment: datetime) -> int:
    """End everything the account has, its codes and its sessions, and open a lock; it has to register again.

    Gives the number of factors ended. Raises Invalid for an unknown account, and for one's own.
    """
    who = session.principal.login
    if login == who:
        raise Invalid(
            fields=[FieldError("login", "自分の登録は初期化できません。ほかの管理者に頼んでください。", rule="own")]
        )
    if not await session.fetch(vault.of(_RESET), login):
        raise Invalid(fields=[FieldError("login", f"{login} という利用者はいません。", rule="unknown")])
    ended = await session.fetch(vault.of(_END), login, None, moment, who)
    await session.fetch(vault.of(_VOID_CODES), login, moment)
    await void_codes(session, vault, login, moment)
    session.audit(AuditEvent("factor.reset", vault.subject(login), reason, {"factors": len(ended)}))
    return len(ended)
