"""Bring schemas to the newest revision: the installation first, then the template, a canary, and all others in parallel."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from alembic import command
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from yoriai.clock import now
from yoriai.database.clone import clone_schema
from yoriai.database.grants import grant_own_rows, grant_probe, grant_schema
from yoriai.database.trees import Branch, Tree, platform_tree, tenant_tree
from yoriai.errors import Conflict
from yoriai.tenancy.choice import APP_ROLE, PLATFORM_ROLE, PLATFORM_SCHEMA, TEMPLATE_SCHEMA, TENANT_GROUP
from yoriai.tenancy.ref import TenantRef

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('yoriai migrate'))"
_PRACTICE = "SELECT pg_try_advisory_xact_lock(hashtext('yoriai practice ' || %s))"
_STANDING = "SELECT code, heads, status, started_at, finished_at, error FROM tenant_migration"
# Roles belong to the whole server: another database of it may be making the same one at this moment.
_ROLE = """
DO $$ BEGIN
  BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
  IF NOT pg_has_role('{app}', '{role}', 'MEMBER')
    AND NOT EXISTS (SELECT FROM {platform}.tenant WHERE 't_' || code = '{role}' AND closed_why IS NOT NULL) THEN
    BEGIN GRANT {role} TO {app}; EXCEPTION WHEN unique_violation THEN NULL; END;
  END IF;
  IF NOT pg_has_role('{role}', '{group}', 'MEMBER') THEN
    BEGIN GRANT {group} TO {role}; EXCEPTION WHEN unique_violation THEN NULL; END;
  END IF;
END $$
"""
_RECORD = text(
    "INSERT INTO tenant_migration (code, heads, status, started_at, finished_at, error)"
    " VALUES (:code, :heads, :status, :at, CASE WHEN :status = 'running' THEN NULL ELSE CAST(:at AS timestamptz) END, :error)"
    " ON CONFLICT (code) DO UPDATE SET heads = excluded.heads, status = excluded.status, error = excluded.error,"
    " finished_at = excluded.finished_at, started_at = CASE WHEN excluded.status = 'running' THEN excluded.started_at"
    " ELSE tenant_migration.started_at END"
)


@dataclass(frozen=True)
class Migrator:
    """Migrates as the owner; `platform` and `tenant` are the branches beyond the kernel's own."""

    dsn: str
    platform_branches: tuple[Branch, ...] = ()
    tenant_branches: tuple[Branch, ...] = ()

    @property
    def platform(self) -> Tree:
        """The installation's tree."""
        return platform_tree(self.platform_branches)

    @property
    def tenant(self) -> Tree:
        """The municipalities' tree."""
        return tenant_tree(self.tenant_branches)

    def upgrade_platform(self) -> None:
        """Bring the schema `yoriai` and the template to their heads."""
        with owner_connection(self.dsn, PLATFORM_SCHEMA) as connection:
            connection.exec_driver_sql(_ONE_AT_A_TIME)
            _upgrade(connection, self.platform)
            grant_schema(connection, self.platform, PLATFORM_SCHEMA, PLATFORM_ROLE)
            grant_own_rows(connection, self.platform, PLATFORM_SCHEMA)
            grant_probe(connection, self.platform, PLATFORM_SCHEMA)
        with owner_connection(self.dsn, TEMPLATE_SCHEMA, make=True) as connection:
            connection.exec_driver_sql(_ONE_AT_A_TIME)
            _upgrade(connection, self.tenant)

    def make_tenant(self, tenant: TenantRef) -> bool:
        """Make role and schema of a municipality from the template; False when the schema is there already."""
        with owner_connection(self.dsn, PLATFORM_SCHEMA) as connection:
            if _exists(connection, "SELECT 1 FROM pg_namespace WHERE nspname = :name", tenant.schema):
                return False
            self._build(connection, tenant)
            connection.exec_driver_sql(f"SET LOCAL search_path TO {PLATFORM_SCHEMA}")
            _record(connection, tenant.code, self.tenant.heads(), "done", None)
        return True

    @contextmanager
    def only_practice(self, tenant: TenantRef) -> Iterator[None]:
        """Keep the municipality's practice copy for the caller until the block ends; a process that dies gives it back.

        Raises Conflict at once where somebody else is at it: a copy that is made anew under another's load mixes two systems' data.
        """
        with owner_connection(self.dsn, PLATFORM_SCHEMA) as connection:
            if not connection.exec_driver_sql(_PRACTICE, (tenant.code,)).scalar_one():
                raise Conflict(
                    f"{tenant.code} では、ほかのリハーサルか本番の移行が行われています。終わってからもう一度行ってください。"
                )
            yield

    def make_practice(self, tenant: TenantRef) -> TenantRef:
        """An empty practice copy of the municipality in place of any earlier one; it is in no record and no migration."""
        practice = TenantRef(tenant.code, practice=True)
        self.drop_practice(practice)
        with owner_connection(self.dsn, PLATFORM_SCHEMA) as connection:
            self._build(connection, practice)
        return practice

    def drop_practice(self, practice: TenantRef) -> None:
        """Remove a practice copy. Raises ValueError for a municipality itself."""
        if not practice.practice:
            raise ValueError("not a practice copy")
        with owner_connection(self.dsn, PLATFORM_SCHEMA) as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {practice.schema} CASCADE")

    def analyze(self, tenant: TenantRef) -> None:
        """Let the server count what is in a municipality's tables: fresh ones would be searched blindly."""
        with owner_connection(self.dsn, tenant.schema) as connection:
            connection.exec_driver_sql("ANALYZE")

    def _build(self, connection: Connection, tenant: TenantRef) -> None:
        _make_role(connection, tenant)
        connection.exec_driver_sql(f"CREATE SCHEMA {tenant.schema}")
        clone_schema(connection, TEMPLATE_SCHEMA, tenant.schema)
        grant_schema(connection, self.tenant, tenant.schema, tenant.role)

    def upgrade_tenant(self, tenant: TenantRef) -> None:
        """Bring one municipality to the heads and record it; on an error the schema stays as it was and the record says why."""
        heads = self.tenant.heads()
        self._note(tenant, heads, "running", None)
        try:
            with owner_connection(self.dsn, tenant.schema) as connection:
                _make_role(connection, tenant)
                _upgrade(connection, self.tenant)
                grant_schema(connection, self.tenant, tenant.schema, tenant.role)
        except Exception as failure:
            self._note(tenant, "", "failed", f"{type(failure).__name__}: {failure}")
            raise
        self._note(tenant, heads, "done", None)

    def behind(self, tenants: Sequence[TenantRef]) -> list[TenantRef]:
        """The municipalities whose record is not at the heads: one query, however many there are."""
        done = {row.code for row in self.standing() if row.status == "done" and row.heads == self.tenant.heads()}
        return [tenant for tenant in tenants if tenant.code not in done]

    def standing(self) -> list["Standing"]:
        """The record of every municipality."""
        with owner_connection(self.dsn, PLATFORM_SCHEMA) as connection:
            return [Standing(*row) for row in connection.exec_driver_sql(f"{_STANDING} ORDER BY code")]

    def upgrade_tenants(
        self,
        tenants: Sequence[TenantRef],
        *,
        parallel: int = 2,
        done: Callable[[TenantRef, str], None] = lambda *_: None,
    ) -> dict[str, str]:
        """Bring all to the heads, those already there untouched; returns the errors by code.

        The first is the canary: when it fails, no other is touched. `done(tenant, error)` is called as each ends. Alembic keeps
        its state in module globals, so several run in several processes.
        """
        waiting = self.behind(tenants)
        errors: dict[str, str] = {}
        for tenant in waiting[:1]:
            self._try(tenant, errors, done)
        if errors or len(waiting) <= 1:
            return errors
        with ProcessPoolExecutor(parallel, mp_context=multiprocessing.get_context("spawn")) as pool:
            futures = {pool.submit(self.upgrade_tenant, tenant): tenant for tenant in waiting[1:]}
            for future in as_completed(futures):
                if failure := future.exception():
                    errors[futures[future].code] = str(failure)
                done(futures[future], errors.get(futures[future].code, ""))
        return errors

    def _try(self, tenant: TenantRef, errors: dict[str, str], done: Callable[[TenantRef, str], None]) -> None:
        try:
            self.upgrade_tenant(tenant)
        except Exception as failure:
            errors[tenant.code] = str(failure)
        done(tenant, errors.get(tenant.code, ""))

    def _note(self, tenant: TenantRef, heads: str, status: str, error: str | None) -> None:
        with owner_connection(self.dsn, PLATFORM_SCHEMA) as connection:
            _record(connection, tenant.code, heads, status, error)


@dataclass(frozen=True)
class Standing:
    """A municipality's migration record."""

    code: str
    heads: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None


def owner_engine(dsn: str) -> Engine:
    """An engine of the owner's, without a pool: migrations are rare and long."""
    return create_engine(dsn.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)


@contextmanager
def owner_connection(dsn: str, schema: str, *, make: bool = False) -> Iterator[Connection]:
    """One transaction of the owner in a schema."""
    engine = owner_engine(dsn)
    with engine.begin() as connection:
        if make:
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.exec_driver_sql(f"SET LOCAL search_path TO {schema}")
        yield connection
    engine.dispose()


def _make_role(connection: Connection, tenant: TenantRef) -> None:
    connection.exec_driver_sql(
        _ROLE.format(role=tenant.role, app=APP_ROLE, group=TENANT_GROUP, platform=PLATFORM_SCHEMA)
    )


def _upgrade(connection: Connection, tree: Tree) -> None:
    command.upgrade(tree.config(connection=connection), "heads")


def _record(connection: Connection, code: str, heads: str, status: str, error: str | None) -> None:
    connection.execute(_RECORD, {"code": code, "heads": heads, "status": status, "at": now(), "error": error})


def _exists(connection: Connection, query: str, name: str) -> bool:
    return connection.execute(text(query), {"name": name}).first() is not None
