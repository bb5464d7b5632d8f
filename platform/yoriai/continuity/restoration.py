"""After a municipality was taken back: what outlives it is carried over, what needs a decision is listed, then it is opened.

Closed it is from the very transaction that puts the former rows in place. Whatever is cut off in between goes on by `go_on`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy.exc
from sqlalchemy import Connection

from yoriai import registry
from yoriai.audit import AuditEvent, Principal
from yoriai.continuity.numbers import keep_numbers
from yoriai.continuity.records import append
from yoriai.continuity.restoring import NotRestored
from yoriai.database.migrate import owner_connection
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.settings import Settings
from yoriai.tenancy.carrying import Carrying, Difference
from yoriai.tenancy.choice import PLATFORM_SCHEMA
from yoriai.tenancy.closing import close, reopen
from yoriai.tenancy.ref import TenantRef

_BEGIN = """
INSERT INTO restoration (code, copy_id, kept_schema, reason, begun_at, begun_by)
VALUES (%s, %s, %s, %s, %s, %s) RETURNING restoration_no
"""
_PUT = "UPDATE {platform}.restoration SET put_at = clock_timestamp() WHERE restoration_no = {number};"
_LAST = """
SELECT restoration_no, code, kept_schema, begun_at, carried_at, opened_at FROM restoration
WHERE code = %s AND put_at IS NOT NULL ORDER BY restoration_no DESC LIMIT 1
"""
_CARRIED = "UPDATE restoration SET carried_at = %s WHERE restoration_no = %s"
_OPENED = "UPDATE restoration SET opened_at = %s, opened_by = %s WHERE restoration_no = %s"
_ADD = """
INSERT INTO restoration_item (restoration_no, item_no, part, subject, text, needs_decision) VALUES (%s, %s, %s, %s, %s, %s)
"""
_ITEMS = """
SELECT item_no, part, subject, text, needs_decision, decided_at, decided_by, decision FROM restoration_item
WHERE restoration_no = %s ORDER BY needs_decision DESC, item_no
"""
_DECIDE = """
UPDATE restoration_item SET decided_at = %s, decided_by = %s, decision = %s
WHERE restoration_no = %s AND item_no = ANY(%s) AND needs_decision AND decided_at IS NULL
"""


@dataclass(frozen=True)
class Item:
    """One line of the list."""

    item_no: int
    part: str
    subject: str
    text: str
    needs_decision: bool
    decided_at: datetime | None
    decided_by: str | None
    decision: str | None

    @property
    def is_open(self) -> bool:
        """Whether it still has to be decided."""
        return self.needs_decision and self.decided_at is None


@dataclass(frozen=True)
class Restored:
    """The last time a municipality was taken back."""

    restoration_no: int
    tenant: TenantRef
    kept_schema: str
    begun_at: datetime
    carried_at: datetime | None
    opened_at: datetime | None
    items: tuple[Item, ...] = ()

    @property
    def open_items(self) -> tuple[Item, ...]:
        """What still has to be decided."""
        return tuple(item for item in self.items if item.is_open)


def begin(
    connection: Connection, tenant: TenantRef, copy_id: str, kept: str, reason: str, by: str, now: datetime
) -> int:
    """Write down what is about to be done, before anything changes; its number."""
    arguments = (tenant.code, copy_id, kept, reason, now, by)
    return int(connection.exec_driver_sql(_BEGIN, arguments).scalar_one())


def put_and_close(tenant: TenantRef, restoration_no: int) -> str:
    """SQL of the transaction that puts the former rows in place: from its commit on nobody enters."""
    return _PUT.format(platform=PLATFORM_SCHEMA, number=int(restoration_no)) + close(tenant, "restored")


def find_restored(settings: Settings, tenant: TenantRef) -> Restored:
    """The last restoration of the municipality with its list. Raises NotFound."""
    with owner_connection(settings.admin_dsn, PLATFORM_SCHEMA) as connection:
        return _read(connection, tenant)


def go_on(settings: Settings, tenant: TenantRef, *, by: Principal, now: datetime) -> Restored:
    """Bring the restored schema to the present revision, carry over, and open the municipality if nothing is to be decided.

    Harmless to repeat: what was done is left. Raises NotFound, and NotRestored where the rows cannot be carried over: the
    municipality stays closed then, and nothing of them is there.
    """
    restored = find_restored(settings, tenant)
    if restored.carried_at is None:
        registry.migrator(settings.admin_dsn).upgrade_tenant(tenant)
        with owner_connection(settings.admin_dsn, tenant.schema) as connection:
            try:
                found = _carry(connection, restored, now)
            except sqlalchemy.exc.DBAPIError as error:
                # In the server's first line stand tables and rules; what follows may have the values of people's rows.
                said = str(error.orig).splitlines()[0]
                raise NotRestored(
                    f"{tenant} は戻しましたが、引継ぎができませんでした: {said}\n{tenant} は止めたままです。"
                    f"原因を除いてから yoriai restore resume {tenant} で続けてください。"
                ) from error
            counts = {"carried": len(found), "to_decide": sum(item.needs_decision for _, item in found)}
            _audit(connection, tenant, by, AuditEvent("restore.carried", f"tenant:{tenant}", detail=counts))
            connection.exec_driver_sql(f"SET LOCAL search_path TO {PLATFORM_SCHEMA}")
            for number, (part, item) in enumerate(found, 1):
                values = (restored.restoration_no, number, part, item.subject, item.text, item.needs_decision)
                connection.exec_driver_sql(_ADD, values)
            connection.exec_driver_sql(_CARRIED, (now, restored.restoration_no))
        restored = find_restored(settings, tenant)
    if restored.opened_at is None and not restored.open_items:
        _open(settings, restored, by, now)
    return find_restored(settings, tenant)


def decide(
    settings: Settings, tenant: TenantRef, numbers: Sequence[int], decision: str, *, by: Principal, now: datetime
) -> Restored:
    """Note what was decided on items of the list, all those that are open without `numbers`; with the last one it is opened.

    Raises Invalid without words or with a number that is not open, Conflict where nothing was carried over yet or it is open.
    """
    restored = find_restored(settings, tenant)
    if restored.carried_at is None:
        raise Conflict(f"{tenant} の引継ぎが終わっていません。yoriai restore resume {tenant} で続けてください。")
    if restored.opened_at is not None:
        raise Conflict(f"{tenant} の確認はすべて終わり、再開しています。")
    known = {item.item_no for item in restored.open_items}
    unknown = [number for number in numbers if number not in known]
    errors = [FieldError("item", f"{number} は確認を待つ項目の番号ではありません。", "unknown") for number in unknown]
    if not decision.strip():
        errors.append(FieldError("note", "誰と何を確かめたかを書いてください。記録に残ります。", "missing"))
    if errors:
        raise Invalid(fields=errors)
    chosen = sorted(set(numbers) or known)
    event = AuditEvent("restore.decided", f"tenant:{tenant}", decision.strip(), {"items": chosen})
    with owner_connection(settings.admin_dsn, tenant.schema) as connection:
        _audit(connection, tenant, by, event)
        connection.exec_driver_sql(f"SET LOCAL search_path TO {PLATFORM_SCHEMA}")
        connection.exec_driver_sql(_DECIDE, (now, by.login, decision.strip(), restored.restoration_no, chosen))
    return go_on(settings, tenant, by=by, now=now)


def _carry(connection: Connection, restored: Restored, now: datetime) -> list[tuple[str, Difference]]:
    carrying = Carrying(connection, restored.kept_schema, now)
    keep_numbers(carrying)
    return [
        (part.label, difference)
        for part in registry.parts()
        if part.carried
        for difference in registry.load(part.carried)(carrying)
    ]


def _open(settings: Settings, restored: Restored, by: Principal, now: datetime) -> None:
    tenant = restored.tenant
    with owner_connection(settings.admin_dsn, tenant.schema) as connection:
        _audit(connection, tenant, by, AuditEvent("restore.opened", f"tenant:{tenant}"))
        connection.exec_driver_sql(f"SET LOCAL search_path TO {PLATFORM_SCHEMA}")
        connection.exec_driver_sql(_OPENED, (now, by.login, restored.restoration_no))
        reopen(connection, tenant)


def _read(connection: Connection, tenant: TenantRef) -> Restored:
    row = connection.exec_driver_sql(_LAST, (tenant.code,)).first()
    if row is None:
        raise NotFound(f"{tenant} を戻した記録はありません。")
    items: list[Any] = list(connection.exec_driver_sql(_ITEMS, (row.restoration_no,)).all())
    return Restored(
        row.restoration_no,
        tenant,
        row.kept_schema,
        row.begun_at,
        row.carried_at,
        row.opened_at,
        tuple(Item(*item) for item in items),
    )


def _audit(connection: Connection, tenant: TenantRef, by: Principal, event: AuditEvent) -> None:
    """In both chains, in the transaction of what is told."""
    for schema in (PLATFORM_SCHEMA, tenant.schema):
        connection.exec_driver_sql(f"SET LOCAL search_path TO {schema}")
        append(connection, by, event)
