"""What a handler knows: whose data, who asks, which day it is; and the only way to a session."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import Request

from yoriai.audit import Principal
from yoriai.clock import now
from yoriai.errors import Forbidden
from yoriai.sealing import Sealer
from yoriai.security.policy import Policy, policy_of
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, ReadSession, WriteSession


@dataclass(frozen=True)
class Place:
    """Where a request is at home: a municipality, or the shared centre. `code` begins its addresses."""

    code: str
    name: str


@dataclass(frozen=True)
class CenterCtx:
    """The context of one request of an operator of the shared centre: the installation's tables, nobody's personal data."""

    request: Request
    database: Database
    principal: Principal
    place: Place
    policy: Policy
    """When a second factor is asked for, and for how long it holds."""

    @property
    def now(self) -> datetime:
        """The present moment."""
        return now()

    def read(self) -> AbstractAsyncContextManager[ReadSession]:
        """A reading transaction on the installation's tables."""
        return self.database.platform_read(self.principal)

    def write(self) -> AbstractAsyncContextManager[WriteSession]:
        """A writing transaction on the installation's tables; commits at the end of the block."""
        return self.database.platform_write(self.principal)

    def may(self, permission: str) -> bool:
        """Whether the caller holds the permission."""
        return self.principal.may(permission)


@dataclass(frozen=True)
class Ctx:
    """The context of one request, made only after login, municipality and permission have been checked."""

    request: Request
    database: Database
    tenant: TenantRef
    config: TenantConfig
    principal: Principal
    number_use: str = ""
    """The law that makes the route a 個人番号利用事務; empty where it is none."""

    @property
    def place(self) -> Place:
        """The municipality, as screens and addresses name it."""
        return Place(self.tenant.code, self.config.name)

    @property
    def policy(self) -> Policy:
        """When a second factor is asked for, and for how long it holds."""
        return policy_of(self.config)

    @property
    def sealer(self) -> Sealer:
        """Opens and seals numbers that are unreadable at rest; every sight of one is to be audited.

        Only a route that declares its `number_use` has it, so that no other task can show, take or find a 個人番号
        (番号法9条、19条). Raises Forbidden elsewhere.
        """
        if not self.number_use:
            raise Forbidden("個人番号利用事務として定められていない処理のため、番号は扱えません。")
        sealer: Sealer = self.request.app.state.settings.sealer
        return sealer

    @property
    def now(self) -> datetime:
        """The present moment."""
        return now()

    @property
    def today(self) -> date:
        """The business date of the counter."""
        return now().date()

    def read(self) -> AbstractAsyncContextManager[ReadSession]:
        """A reading transaction on the caller's own municipality."""
        return self.database.read(self.tenant, self.principal)

    def read_own_rows(self) -> AbstractAsyncContextManager[ReadSession]:
        """A reading transaction on the municipality's own rows of the installation's tables (the night, for example)."""
        return self.database.read_own_rows(self.tenant, self.principal)

    def write_own_rows(self) -> AbstractAsyncContextManager[WriteSession]:
        """A writing transaction on the municipality's own rows of the installation's tables; commits at the end of the block."""
        return self.database.write_own_rows(self.tenant, self.principal)

    def write(self) -> AbstractAsyncContextManager[WriteSession]:
        """A writing transaction on the caller's own municipality; commits at the end of the block."""
        return self.database.write(self.tenant, self.principal)

    def may(self, permission: str) -> bool:
        """Whether the caller holds the permission."""
        return self.principal.may(permission)


AnyCtx = Ctx | CenterCtx
"""The context of who has an account: in a municipality, or in the shared centre."""
