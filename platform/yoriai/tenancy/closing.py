"""A municipality is closed: the application can no longer take its role, so neither staff nor jobs nor other systems enter.

The database itself refuses, at the very moment and whatever a process may have cached; migrations leave it so.
"""

from sqlalchemy import Connection

from yoriai.tenancy.choice import APP_ROLE, PLATFORM_SCHEMA
from yoriai.tenancy.ref import TenantRef

_CLOSE = """
UPDATE {platform}.tenant SET closed_why = '{why}' WHERE code = '{code}';
REVOKE {role} FROM {app};
"""
_OPEN = """
UPDATE {platform}.tenant SET closed_why = NULL WHERE code = '{code}';
GRANT {role} TO {app};
"""


def close(tenant: TenantRef, why: str) -> str:
    """SQL for the owner that closes a municipality; `why` is a constant of ours. Raises ValueError for other characters."""
    if not why.isalpha():
        raise ValueError(f"not a word: {why!r}")
    return _CLOSE.format(platform=PLATFORM_SCHEMA, code=tenant.code, role=tenant.role, app=APP_ROLE, why=why)


def reopen(connection: Connection, tenant: TenantRef) -> None:
    """Let the application into the municipality again; `connection` is the owner's."""
    connection.exec_driver_sql(_OPEN.format(platform=PLATFORM_SCHEMA, code=tenant.code, role=tenant.role, app=APP_ROLE))
