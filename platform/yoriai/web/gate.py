"""The gate every request of a business passes: login, then municipality, then permission. Refusals are audited."""

import time
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import Request

from yoriai.audit import AuditEvent, Principal
from yoriai.clock import now
from yoriai.errors import Forbidden, NotFound, Unauthenticated, YoriaiError
from yoriai.security.policy import LOGIN, SECTION, Policy
from yoriai.tenancy.directory import Directory
from yoriai.tenancy.files import DEPLOYMENT, Center, Deployment, read_deployment
from yoriai.tenancy.ref import CENTER, TenantRef
from yoriai.tenancy.session import Database
from yoriai.web.context import AnyCtx, CenterCtx, Ctx, Place
from yoriai.web.identity import COOKIE, Session, Sessions, find_principal

_PRINCIPAL_SECONDS = 5.0


class Factor(StrEnum):
    """Whether an address wants a second factor: as the municipality's policy says, always, or (where it is given) never."""

    POLICY = "policy"
    WANTED = "wanted"
    GIVEN_HERE = "given_here"


class Crossing(NotFound):
    """Somebody's way into another municipality's address, as the trail of the own one has it."""

    code = "crossing"


class SecondFactorWanted(Forbidden):
    """The act is allowed, after a second factor; `ctx` is who asked for it."""

    code = "second_factor_required"
    default_message = "この処理には二要素認証が必要です。認証コード、または登録した機器で確認してください。"

    def __init__(self, ctx: AnyCtx) -> None:
        super().__init__()
        self.ctx = ctx

    def to_json(self) -> Mapping[str, Any]:
        """The answer names the address at which the second factor is given."""
        return {**super().to_json(), "second_factor": f"/{self.ctx.place.code}/account/second-factor"}


class Gate:
    """Lets a request through to one municipality, or raises 401, 404 or 403 in that order, with no hint of data."""

    def __init__(self, database: Database, directory: Directory, sessions: Sessions, tenants: Path) -> None:
        self.database = database
        self._tenants = tenants
        self._deployment: tuple[int, Deployment] | None = None
        self.directory = directory
        self.sessions = sessions
        self._principals: dict[Session, tuple[float, str, Principal]] = {}

    async def enter(
        self, request: Request, code: str, permission: str, number_use: str = "", *, factor: Factor = Factor.POLICY
    ) -> Ctx:
        """The context of a permitted request; of a 個人番号利用事務 with the law that it rests on, after a second factor."""
        session = self.session_of(request)
        if session is None:
            raise await self._refuse(Unauthenticated(), None, self._stranger(request), request)
        tenant = session.tenant
        if tenant is not None and code != tenant.code and await self.directory.find(tenant):
            # Its own administrator is told, too: the installation's chain is read by the centre only.
            await self._refuse(Crossing(), tenant, replace(self._stranger(request), login=session.login), request)
        if tenant is None or code != tenant.code or (config := await self.directory.find(tenant)) is None:
            raise await self._refuse(NotFound(), None, self._intruder(session, request), request)
        principal = await self._permitted(session, config.digest, permission, request)
        ctx = Ctx(request, self.database, tenant, config, principal, number_use)
        is_wanted = bool(number_use) or factor is Factor.WANTED
        is_wanted = is_wanted or (factor is Factor.POLICY and ctx.policy.is_for_every_login)
        if is_wanted and not ctx.policy.is_proved(session.proved_at, now()):
            raise await self._refuse(SecondFactorWanted(ctx), tenant, principal, request)
        return ctx

    async def enter_center(self, request: Request, permission: str, *, factor: Factor = Factor.POLICY) -> CenterCtx:
        """The context of a permitted request of the shared centre, after a second factor; to others its addresses do not exist."""
        session = self.session_of(request)
        if session is None:
            raise await self._refuse(Unauthenticated(), None, self._stranger(request), request)
        if session.tenant is not None:
            raise await self._refuse(NotFound(), None, self._intruder(session, request), request)
        principal = await self._permitted(session, "", permission, request)
        ctx = CenterCtx(request, self.database, principal, Place(CENTER, self.center.name), self.center_policy)
        if factor is not Factor.GIVEN_HERE and not ctx.policy.is_proved(session.proved_at, now()):
            raise await self._refuse(SecondFactorWanted(ctx), None, principal, request)
        return ctx

    @property
    def center_policy(self) -> Policy:
        """Operators give a second factor at every login: what they do concerns all municipalities."""
        own = self.deployment.document.get(SECTION) or {}
        minutes = {name: own[name] for name in ("second_factor_minutes",) if name in own}
        return Policy(second_factor=LOGIN, **minutes)

    @property
    def deployment(self) -> Deployment:
        """The deployment file as it is now; it is read again when it has changed."""
        changed = (self._tenants / DEPLOYMENT).stat().st_mtime_ns
        if self._deployment is None or self._deployment[0] != changed:
            self._deployment = (changed, read_deployment(self._tenants))
        return self._deployment[1]

    @property
    def center(self) -> Center:
        """The centre as the deployment file describes it now."""
        return self.deployment.center

    async def _permitted(self, session: Session, digest: str, permission: str, request: Request) -> Principal:
        principal = await self._principal(session, digest)
        if principal is None:
            raise await self._refuse(Unauthenticated(), session.tenant, self._stranger(request), request)
        principal = replace(principal, terminal=terminal_of(request), request_id=uuid4().hex)
        if permission and not principal.may(permission):
            raise await self._refuse(Forbidden(), session.tenant, principal, request)
        return principal

    def session_of(self, request: Request) -> Session | None:
        """The session a request carries in its cookie or its bearer token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
        return self.sessions.read(token) if token else None

    def forget(self, session: Session) -> None:
        """Drop what is remembered of an account."""
        self._principals.pop(session, None)

    async def _principal(self, session: Session, digest: str) -> Principal | None:
        known = self._principals.get(session)
        if known and known[0] > time.monotonic() and known[1] == digest:
            return known[2]
        who = Principal(session.login)
        roles = await self.directory.find(session.tenant) if session.tenant else self.center
        if roles is None:
            return None
        accounts = self.database.read(session.tenant, who) if session.tenant else self.database.platform_read(who)
        async with accounts as reader:
            principal = await find_principal(reader, session, roles)
        if principal is not None:
            self._principals[session] = (time.monotonic() + _PRINCIPAL_SECONDS, digest, principal)
        return principal

    async def _refuse(
        self, error: YoriaiError, tenant: TenantRef | None, principal: Principal, request: Request
    ) -> YoriaiError:
        detail = {"method": request.method, "path": request.url.path}
        await self.database.append_audit(tenant, principal, AuditEvent(f"access.{error.code}", detail=detail))
        return error

    def _intruder(self, session: Session, request: Request) -> Principal:
        """Somebody known who asks for what belongs to others."""
        return replace(self._stranger(request), login=f"{session.place}/{session.login}")

    @staticmethod
    def _stranger(request: Request) -> Principal:
        return Principal(login="-", terminal=terminal_of(request), request_id=uuid4().hex)


def terminal_of(request: Request) -> str:
    """The address the request came from."""
    return request.client.host if request.client else ""
