"""System accounts: an account of the municipality with the role for other systems, and its scopes, each with its purpose."""

from collections.abc import Sequence
from datetime import datetime

from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Invalid
from yoriai.exchange.data_sets import all_data_sets
from yoriai.numbering import allocate
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

PULL = "exchange.pull"
_IS_STAFF = """
SELECT EXISTS (SELECT FROM staff s WHERE s.login = $1
                AND ARRAY(SELECT r.role FROM staff_role r WHERE r.login = s.login) <> ARRAY[$2::text])"""
_REVOKE = """
UPDATE exchange_scope SET revoked_at = $2, revoked_by = $3
 WHERE login = $1 AND revoked_at IS NULL AND NOT data_set = ANY($4::text[]) RETURNING data_set"""
_GRANT = """
INSERT INTO exchange_scope (scope_no, login, data_set, purpose, granted_at, granted_by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (login, data_set) WHERE revoked_at IS NULL DO NOTHING RETURNING data_set"""


def role_for_systems(config: TenantConfig) -> str:
    """The role whose only permission is to pull. Raises Invalid where the configuration has none."""
    for name in config.document["roles"]:
        if config.permissions_of([name]) == {PULL}:
            return str(name)
    message = f"権限が {PULL} だけの役割がありません。deployment.yaml か市町村の設定の roles に加えてください。"
    raise Invalid(fields=[FieldError("roles", message, "missing")])


async def refuse_staff(session: WriteSession, login: str, role: str) -> None:
    """Raises Conflict where the login is that of a person: making it a system's would take their password and roles away."""
    if await session.fetchval(_IS_STAFF, login, role):
        raise Conflict(f"{login} は職員のアカウントです。他システムには別のログイン名を使ってください。")


async def set_scopes(
    session: WriteSession, login: str, data_sets: Sequence[str], purpose: str, now: datetime
) -> list[str]:
    """Let the account pull exactly these data sets; those it had besides are revoked. Raises Invalid for unknown ones."""
    errors = [
        FieldError("data_set", f"「{name}」というデータはありません。あるもの: {'、'.join(all_data_sets())}", "unknown")
        for name in data_sets
        if name not in all_data_sets()
    ]
    if not purpose.strip():
        errors.append(FieldError("purpose", "提供の目的と根拠を書いてください。", "missing"))
    if errors:
        raise Invalid(fields=errors)
    by = session.principal.login
    revoked = [row["data_set"] for row in await session.fetch(_REVOKE, login, now, by, list(data_sets))]
    for name in data_sets:
        number = await allocate(session, "exchange_scope")
        await session.fetch(_GRANT, number, login, name, purpose, now, by)
    detail = {"data_sets": list(data_sets), "revoked": revoked}
    session.audit(AuditEvent("exchange.scope", f"staff:{login}", purpose, detail))
    return revoked
