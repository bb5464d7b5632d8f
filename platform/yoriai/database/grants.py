"""What the roles may do, stated anew after every migration: exactly what the tables' `info["grants"]` say."""

from sqlalchemy import Connection, Table, text

from yoriai.database.audit_sql import APPEND_FUNCTION, FIRST_HEAD
from yoriai.database.metadata import EDIT
from yoriai.database.trees import Tree
from yoriai.tenancy.choice import PLATFORM_ROLE, PROBE_ROLE, TENANT_GROUP

# Roles belong to the whole server: another database of it may be making the same one at this moment.
_PROBE = f"""
DO $$ BEGIN
  BEGIN CREATE ROLE {PROBE_ROLE} NOLOGIN NOINHERIT; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
END $$
"""


def grant_schema(connection: Connection, tree: Tree, schema: str, role: str) -> None:
    """Give `role` its rights in `schema`, and no other; make the audit function there.

    Names come from `TenantRef` or constants, and the owner runs this: there is no input in these statements.
    """
    prepare = connection.dialect.identifier_preparer
    tables = [table for table in tree.metadata.sorted_tables if "." not in table.name]
    statements = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        APPEND_FUNCTION.format(schema=schema),
        FIRST_HEAD,
        f"GRANT EXECUTE ON FUNCTION audit_append(jsonb) TO {role}",
    ]
    for table in tables:
        if grants := _grants_of(table):
            statements.append(f"GRANT {', '.join(grants)} ON {prepare.quote(table.name)} TO {role}")
    connection.exec_driver_sql("; ".join(statements))
    views = connection.execute(
        text("SELECT viewname FROM pg_views WHERE schemaname = :schema"), {"schema": schema}
    ).scalars()
    for view in views.all():
        connection.exec_driver_sql(f"GRANT SELECT ON {prepare.quote(view)} TO {role}")


def revoke_writing(connection: Connection, schema: str, role: str, *accounts: str) -> None:
    """Let `role` only read in `schema`, of a copy: even a fault of the application changes nothing there.

    Who logs in still counts failures and used codes in the tables `accounts`, and acts still reach the audit trail, whose
    function is the owner's.
    """
    connection.exec_driver_sql(
        f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA {schema} FROM {role};"
        + "".join(f" GRANT UPDATE ON {schema}.{table} TO {role};" for table in accounts)
    )


def grant_own_rows(connection: Connection, tree: Tree, schema: str) -> None:
    """Let each municipality read its own rows of the tables made with `own_rows`: the database itself hides the others."""
    prepare = connection.dialect.identifier_preparer
    statements = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {TENANT_GROUP}",
        f"GRANT USAGE ON SCHEMA {schema} TO {TENANT_GROUP}",
    ]
    for table in tree.metadata.sorted_tables:
        if "own_rows" not in table.info:
            continue
        name = prepare.quote(table.name)
        column = table.info["own_rows"]
        # A municipality's role is named after its code: t_123456.
        condition = f"{prepare.quote(column)} = substr(current_user, 3)" if column else "true"
        statements += [
            f"GRANT {', '.join(table.info['own_grants'])} ON {name} TO {TENANT_GROUP}",
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS own_rows ON {name}",
            f"CREATE POLICY own_rows ON {name} FOR SELECT TO {TENANT_GROUP} USING ({condition})",
            f"DROP POLICY IF EXISTS installation ON {name}",
            f"CREATE POLICY installation ON {name} TO {PLATFORM_ROLE} USING (true) WITH CHECK (true)",
            f"DROP POLICY IF EXISTS own_additions ON {name}",
            f"DROP POLICY IF EXISTS own_withdrawals ON {name}",
        ]
        if added := table.info.get("own_additions"):
            own = f"{prepare.quote(added)} = substr(current_user, 3)"
            statements += [
                f"CREATE POLICY own_additions ON {name} FOR INSERT TO {TENANT_GROUP} WITH CHECK ({own})",
                f"CREATE POLICY own_withdrawals ON {name} FOR DELETE TO {TENANT_GROUP} USING ({own})",
            ]
    connection.exec_driver_sql("; ".join(statements))


def grant_probe(connection: Connection, tree: Tree, schema: str) -> None:
    """Give the role of availability probes what tables say in `info["probe"]`, and no other right; make the role without a login.

    It is on a machine of its own, outside: who takes its password may add looks, and reads no configuration, no account, no trail.
    """
    prepare = connection.dialect.identifier_preparer
    statements = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {PROBE_ROLE}",
        f"GRANT USAGE ON SCHEMA {schema} TO {PROBE_ROLE}",
    ]
    for table in tree.metadata.sorted_tables:
        if "probe" not in table.info:
            continue
        name = prepare.quote(table.name)
        statements.append(f"GRANT {', '.join(table.info['probe'])} ON {name} TO {PROBE_ROLE}")
        if "own_rows" in table.info:
            statements += [
                f"DROP POLICY IF EXISTS probe ON {name}",
                f"CREATE POLICY probe ON {name} TO {PROBE_ROLE} USING (true) WITH CHECK (true)",
            ]
    connection.exec_driver_sql(_PROBE)
    connection.exec_driver_sql("; ".join(statements))


def _grants_of(table: Table) -> tuple[str, ...]:
    grants: tuple[str, ...] = table.info.get("grants", EDIT)
    return grants
