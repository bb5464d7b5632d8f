"""Migrations are complete, repeatable, and a clone of the template is like a migrated schema."""

import pytest
from sqlalchemy import text

from yoriai.database.clone import clone_schema
from yoriai.database.migrate import owner_connection
from yoriai.database.revise import pending_changes
from yoriai.tenancy.choice import TEMPLATE_SCHEMA
from yoriai.tenancy.ref import TenantRef

_SHAPE = """
SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || CAST(a.attnotnull AS text) || ' '
  || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || CAST(a.attidentity AS text)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind IN ('r', 'v') AND a.attnum > 0
UNION ALL
SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = CAST(:schema AS regnamespace)
UNION ALL
SELECT k.conname || ' ' || pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.connamespace = CAST(:schema AS regnamespace)
"""


def _shape(installation, schema: str) -> set[str]:
    with owner_connection(installation.admin_dsn, schema) as connection:
        rows = connection.execute(text(_SHAPE), {"schema": schema}).scalars()
        return {row.replace(f"{schema}.", "") for row in rows}


def test_autogenerate_finds_nothing(installation) -> None:
    assert pending_changes(installation.migrator) == []


def test_a_cloned_schema_is_like_the_template(installation, tenant: TenantRef) -> None:
    assert _shape(installation, tenant.schema) == _shape(installation, TEMPLATE_SCHEMA)


def test_a_clone_makes_views_in_the_order_in_which_they_use_each_other(installation) -> None:
    with owner_connection(installation.admin_dsn, "tenant_template") as connection:
        run = connection.exec_driver_sql
        run("CREATE SCHEMA clone_source")
        run("CREATE SCHEMA clone_target")
        run("SET LOCAL search_path TO clone_source")
        run("CREATE TABLE alembic_version (version_num text)")
        run("CREATE VIEW first AS SELECT 1 AS a")
        run("CREATE VIEW a_later AS SELECT 2 AS a")
        run("CREATE OR REPLACE VIEW first AS SELECT a FROM a_later")
        clone_schema(connection, "clone_source", "clone_target")
        assert connection.exec_driver_sql("SELECT a FROM clone_target.first").scalar_one() == 2
        run("DROP SCHEMA clone_source CASCADE")
        run("DROP SCHEMA clone_target CASCADE")


def test_schemas_at_the_head_are_skipped(installation, tenant: TenantRef) -> None:
    assert installation.migrator.behind([tenant]) == []
    assert installation.migrator.make_tenant(tenant) is False


def test_a_municipality_that_failed_is_tried_again(installation, tenant: TenantRef, other_tenant: TenantRef) -> None:
    with owner_connection(installation.admin_dsn, "yoriai") as connection:
        connection.exec_driver_sql("UPDATE tenant_migration SET status = 'failed', error = 'x'")
    assert installation.migrator.behind([tenant, other_tenant]) == [tenant, other_tenant]
    assert installation.migrator.upgrade_tenants([tenant, other_tenant]) == {}
    assert {item.status for item in installation.migrator.standing()} == {"done"}


def test_a_failing_canary_stops_the_rest(installation, tenant: TenantRef, other_tenant: TenantRef) -> None:
    missing = TenantRef("342131")
    errors = installation.migrator.upgrade_tenants([missing, tenant])
    assert list(errors) == [missing.code]
    with owner_connection(installation.admin_dsn, "yoriai") as connection:
        connection.exec_driver_sql(f"DELETE FROM tenant_migration WHERE code = '{missing}'")


@pytest.mark.parametrize("name", ["platform", "tenant"])
def test_every_business_has_one_head(installation, name: str) -> None:
    tree = getattr(installation.migrator, name)
    assert len(tree.heads().split(",")) == len(tree.branches)
