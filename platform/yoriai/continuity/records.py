"""What was done is written down in the running database, when there is one."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy.exc

from yoriai.audit import Principal
from yoriai.database.migrate import owner_connection
from yoriai.settings import Settings
from yoriai.tenancy.choice import PLATFORM_SCHEMA

_INSERT = """
INSERT INTO continuity_record (kind, site, copy_id, started_at, finished_at, ok, done_by, detail)
VALUES (%s, %s, %s, %s, %s, %s, %s, CAST(%s AS jsonb))
"""
_log = logging.getLogger(__name__)


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
    """Keep an act of a kind in `models.KINDS`; False where the running database is away, which is when restoring is done."""
    body = json.dumps(detail, ensure_ascii=False, default=str)
    try:
        with owner_connection(settings.admin_dsn, PLATFORM_SCHEMA) as connection:
            connection.exec_driver_sql(_INSERT, (kind, site, copy_id, *span, ok, by.login, body))
    except sqlalchemy.exc.DBAPIError as error:
        _log.warning("not recorded: %s", error)
        return False
    return True
