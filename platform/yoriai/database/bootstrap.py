"""The roles and schemas that must exist before the first migration. Run once, by a superuser; safe to run again."""

import secrets

import psycopg
from psycopg import sql

from yoriai.tenancy.choice import (
    APP_ROLE,
    BACKUP_ROLE,
    OWNER_ROLE,
    PLATFORM_ROLE,
    PLATFORM_SCHEMA,
    PROBE_ROLE,
    TENANT_GROUP,
)


def bootstrap(superuser_dsn: str, database: str, *, password: str = "") -> tuple[str, str]:
    """Make owner, application and platform roles and the database; returns the owner's and the application's DSN.

    The application logs in as a role that inherits nothing: until a transaction has chosen a role, it can read no table.
    Without a `password` each login role gets a new random one.
    """
    owner_password, app_password = password or secrets.token_urlsafe(24), password or secrets.token_urlsafe(24)
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        # Roles belong to the server: two set-ups at once must not make the same one.
        connection.execute("SELECT pg_advisory_lock(hashtext('yoriai bootstrap'))")
        _make_role(connection, OWNER_ROLE, "LOGIN CREATEROLE", owner_password)
        _make_role(connection, APP_ROLE, "LOGIN NOINHERIT", app_password)
        # A statement is answered by one process. Helpers would start at the counters' precedence for a batch job that gives way to
        # them, and outside the one processor that the job has reserved.
        connection.execute(
            sql.SQL("ALTER ROLE {} SET max_parallel_workers_per_gather = 0").format(sql.Identifier(APP_ROLE))
        )
        _make_role(connection, PLATFORM_ROLE, "NOLOGIN", None)
        _make_role(connection, TENANT_GROUP, "NOLOGIN", None)
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(PLATFORM_ROLE), sql.Identifier(APP_ROLE)))
        # The owner makes the municipalities' roles and puts them into the group.
        connection.execute(
            sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(TENANT_GROUP), sql.Identifier(OWNER_ROLE))
        )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
            make = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(make.format(sql.Identifier(database), sql.Identifier(OWNER_ROLE)))
    owner_dsn = _dsn(superuser_dsn, OWNER_ROLE, owner_password, database)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        if _owns_public(connection):
            connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        # A temporary table outlives its transaction on a pooled connection and hides the next municipality's table.
        connection.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(PLATFORM_SCHEMA)))
    return owner_dsn, _dsn(superuser_dsn, APP_ROLE, app_password, database)


def make_backup_role(superuser_dsn: str, database: str, *, password: str = "") -> str:
    """Make the role that takes copies and return its DSN: it may replicate the whole server, and read no table itself.

    Who knows its password can take everything away: it belongs to the machine that keeps the copies, not to the serving ones.
    """
    password = password or secrets.token_urlsafe(24)
    with psycopg.connect(_dsn_of(superuser_dsn, database), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('yoriai bootstrap'))")
        _make_role(connection, BACKUP_ROLE, "LOGIN REPLICATION NOINHERIT", password)
        role = sql.Identifier(BACKUP_ROLE)
        # A named point to recover to, and whether a transaction is just being committed: see yoriai.database.control.
        connection.execute(sql.SQL("GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO {}").format(role))
        connection.execute(sql.SQL("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {}").format(role))
        connection.execute(sql.SQL("GRANT pg_read_all_stats TO {} WITH INHERIT TRUE").format(role))
    return _dsn(superuser_dsn, BACKUP_ROLE, password, database)


def make_probe_login(admin_dsn: str, *, password: str = "") -> str:
    """Let the role of availability probes log in with a new password, and return its DSN; the owner does it, after a migration."""
    password = password or secrets.token_urlsafe(24)
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        _make_role(connection, PROBE_ROLE, "LOGIN", password)
    return _dsn(admin_dsn, PROBE_ROLE, password, admin_dsn.rpartition("/")[2])


def _dsn_of(superuser_dsn: str, database: str) -> str:
    place, _, query = superuser_dsn.rpartition("/")[2].partition("?")
    return f"{superuser_dsn.rpartition('/')[0]}/{database}" + (f"?{query}" if query and place else "")


def _owns_public(connection: psycopg.Connection) -> bool:
    row = connection.execute(
        "SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'public'"
    ).fetchone()
    return bool(row and row[0])


def _make_role(connection: psycopg.Connection, name: str, attributes: str, password: str | None) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    verb = "ALTER" if exists else "CREATE"
    statement = sql.SQL("{} ROLE {} {}").format(sql.SQL(verb), sql.Identifier(name), sql.SQL(attributes))
    if password:
        # The server sees the verifier only: statements stand in its log and in pg_stat_activity.
        verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(verifier))
    connection.execute(statement)


def _dsn(superuser_dsn: str, role: str, password: str, database: str) -> str:
    place = superuser_dsn.split("@", 1)[1].split("/", 1)[0]
    return f"postgresql://{role}:{password}@{place}/{database}"
