"""Schemas of municipalities put aside when a municipality was taken back to a moment."""

import re

from yoriai.database.control import Figures, control_query
from yoriai.database.migrate import owner_connection
from yoriai.settings import Settings
from yoriai.tenancy.choice import PLATFORM_SCHEMA
from yoriai.tenancy.ref import TenantRef

_KEPT = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%%\\_kept\\_%%' ORDER BY nspname"
_HEADS = re.compile(r"[0-9a-f,]*")
_SINCE = """
SELECT action, count(*) FROM {kept}.audit_event
WHERE seq > (SELECT coalesce(max(seq), 0) FROM {schema}.audit_event) GROUP BY action ORDER BY count(*) DESC, action
"""
_MOVE = """
SET LOCAL lock_timeout = '30s';
DO $do$ DECLARE name text; BEGIN
  FOR name IN SELECT relname FROM pg_class WHERE relnamespace = '{schema}'::regnamespace AND relkind = 'r' ORDER BY relname LOOP
    EXECUTE format('LOCK TABLE {schema}.%I IN ACCESS EXCLUSIVE MODE', name);
  END LOOP;
END $do$;
ALTER SCHEMA {schema} RENAME TO {kept};
REVOKE ALL ON SCHEMA {kept} FROM {role};
"""
_CHECK = """
DO $do$ DECLARE found record; BEGIN
  FOR found IN {found} LOOP
    IF (found.rows, found.total) IS DISTINCT FROM (found.expected_rows, found.expected_total) THEN
      RAISE EXCEPTION 'table %: % rows, expected %', found.name, found.rows, found.expected_rows;
    END IF;
  END LOOP;
END $do$;
UPDATE {platform}.tenant_migration SET heads = '{heads}', status = 'done', error = NULL WHERE code = '{code}';
"""
_SAME_TEXT = """
SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1;
"""


def list_kept(settings: Settings) -> list[str]:
    """The schemas that were put aside."""
    with owner_connection(settings.admin_dsn, PLATFORM_SCHEMA) as connection:
        return [str(name) for name in connection.exec_driver_sql(_KEPT).scalars()]


def move_aside(tenant: TenantRef, kept: str) -> str:
    """SQL that waits until nobody works in the municipality and renames its schema; its role cannot enter it from then on."""
    return _MOVE.format(schema=tenant.schema, kept=kept, role=tenant.role)


def check_rows(tenant: TenantRef, figures: Figures, heads: str) -> str:
    """SQL that fails unless every table has exactly the expected rows, and records the revisions the schema is at now."""
    if not _HEADS.fullmatch(heads):
        raise ValueError(f"not a list of revisions: {heads!r}")
    found = " UNION ALL ".join(
        f"SELECT '{table}' AS name, {count} AS expected_rows, '{total}' AS expected_total, rows, total"  # the catalogue's names
        f" FROM ({control_query(tenant.schema, table)}) AS t (rows, total)"
        for table, (count, total) in figures[tenant.schema].items()
    )
    return _SAME_TEXT + _CHECK.format(found=found, platform=PLATFORM_SCHEMA, heads=heads, code=tenant.code)


def read_since(settings: Settings, tenant: TenantRef, kept: str) -> dict[str, int]:
    """What was done in the municipality after the moment it was taken back to, by kind of act: to be done again by hand."""
    with owner_connection(settings.admin_dsn, PLATFORM_SCHEMA) as connection:
        rows = connection.exec_driver_sql(_SINCE.format(kept=kept, schema=tenant.schema)).all()
    return {str(action): int(count) for action, count in rows}
