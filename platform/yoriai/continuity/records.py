"""What was done is written down in the running database and in the operators' audit chain, when there is one."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy.exc
from sqlalchemy import Connection

from yoriai.audit import APPEND, AuditEvent, Principal, to_argument, to_rows
from yoriai.database.migrate import owner_connection
from yoriai.settings import Settings
from yoriai.tenancy.choice import PLATFORM_SCHEMA

_INSERT = """
INSERT INTO continuity_record (kind, site, copy_id, started_at, finished_at, ok, done_by, detail)
VALUES (%s, %s, %s, %s, %s, %s, %s, CAST(%s AS jsonb))
"""
_log = logging.getLogger(__name__)


def append(connection: Connection, by: Principal, event: AuditEvent) -> None:
    """Add an event to the chain of the schema that the owner's connection is in."""
    connection.exec_driver_sql(APPEND.replace("$1", "%s"), (to_argument(to_rows(by, [event])),))


def record(
    settings: Settings,
    kind: str,
    span: tuple[datetime, datetime],
    *,
    by: Principal,
    ok: bool,
    site: str = "",
    copy_id: str = "",
    detail: Mapping[str, Any],
) -> bool:
    """Keep an act of a kind in `models.KINDS`, and tell of it in the operators' chain (`continuity.KIND`).

    False where the running database is away, which is when restoring is done.
    """
    body = json.dumps(detail, ensure_ascii=False, default=str)
    try:
        with owner_connection(settings.admin_dsn, PLATFORM_SCHEMA) as connection:
            connection.exec_driver_sql(_INSERT, (kind, site, copy_id, *span, ok, by.login, body))
            told = {"site": site, "copy": copy_id, "ok": ok, **detail}
            append(connection, by, AuditEvent(f"continuity.{kind}", f"copy:{copy_id}" if copy_id else "", detail=told))
    except sqlalchemy.exc.DBAPIError as error:
        _log.warning("not recorded: %s", error)
        return False
    return True
