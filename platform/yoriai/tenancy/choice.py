"""The one statement by which a transaction chooses whose data it can reach.

Role and search path are set for the transaction only: at its end the connection is as it came from the pool, able to read
nothing. Peers that set them for the session leak one customer's rows to the next.
"""

from dataclasses import dataclass

from yoriai.tenancy.ref import TenantRef

PLATFORM_ROLE = "yoriai_platform"
PLATFORM_SCHEMA = "yoriai"
APP_ROLE = "yoriai_app"
OWNER_ROLE = "yoriai_owner"
BACKUP_ROLE = "yoriai_backup"
PROBE_ROLE = "yoriai_probe"
"""Looks from another machine whether municipalities are served, and can do nothing but write down what it saw."""
TENANT_GROUP = "yoriai_tenant"
"""Every municipality's role is a member: it may read its own rows, and no other, of the installation's tables that say so."""
TEMPLATE_SCHEMA = "tenant_template"

CHOOSE = "SELECT set_config('role', $1, true), set_config('search_path', $2, true), set_config('transaction_read_only', $3, true)"


@dataclass(frozen=True)
class Choice:
    """A role and its search path."""

    role: str
    search_path: str

    def arguments(self, *, read_only: bool) -> tuple[str, str, str]:
        """The arguments of `CHOOSE`."""
        return self.role, self.search_path, "on" if read_only else "off"

    def opening(self, *, read_only: bool) -> str:
        """Begin and choose in one message; the names are digits and constants of ours, never input."""
        mode = "READ ONLY" if read_only else "READ WRITE"
        return f"BEGIN {mode}; SET LOCAL ROLE {self.role}; SET LOCAL search_path TO {self.search_path}"


PLATFORM = Choice(PLATFORM_ROLE, PLATFORM_SCHEMA)


def choose_tenant(tenant: TenantRef) -> Choice:
    """The choice of a municipality."""
    return Choice(tenant.role, tenant.schema)


def choose_own_rows(tenant: TenantRef) -> Choice:
    """The choice of a municipality's own rows in the installation's tables: row security shows it no other."""
    return Choice(tenant.role, PLATFORM_SCHEMA)


def schema_of(tenant: TenantRef | None) -> str:
    """The schema of a municipality or, without one, of the installation's own tables."""
    return tenant.schema if tenant else PLATFORM_SCHEMA
