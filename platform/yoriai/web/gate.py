"""The gate every request of a business passes: login, then municipality, then permission. Refusals are audited."""

import time
from dataclasses import replace
from uuid import uuid4

from fastapi import Request

from yoriai.audit import AuditEvent, Principal
from yoriai.errors import Forbidden, NotFound, Unauthenticated, YoriaiError
from yoriai.tenancy.directory import Directory
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database
from yoriai.web.context import Ctx
from yoriai.web.identity import COOKIE, Session, Sessions, find_principal

_PRINCIPAL_SECONDS = 5.0


class Gate:
    """Lets a request through to one municipality, or raises 401, 404 or 403 in that order, with no hint of data."""

    def __init__(self, database: Database, directory: Directory, sessions: Sessions) -> None:
        self.database = database
        self.directory = directory
        self.sessions = sessions
        self._principals: dict[Session, tuple[float, str, Principal]] = {}

    async def enter(self, request: Request, code: str, permission: str) -> Ctx:
        """The context of a permitted request."""
        session = self.session_of(request)
        if session is None:
            raise await self._refuse(Unauthenticated(), None, self._stranger(request), request)
        if code != session.tenant.code or (config := await self.directory.find(session.tenant)) is None:
            stranger = replace(self._stranger(request), login=f"{session.tenant}/{session.login}")
            raise await self._refuse(NotFound(), None, stranger, request)
        principal = await self._principal(session, config.digest)
        if principal is None:
            raise await self._refuse(Unauthenticated(), session.tenant, self._stranger(request), request)
        principal = replace(principal, terminal=terminal_of(request), request_id=uuid4().hex)
        if permission and not principal.may(permission):
            raise await self._refuse(Forbidden(), session.tenant, principal, request)
        return Ctx(request, self.database, session.tenant, config, principal)

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
        config = await self.directory.find(session.tenant)
        if config is None:
            return None
        async with self.database.read(session.tenant, Principal(session.login)) as reader:
            principal = await find_principal(reader, config, session.login, session.epoch)
        if principal is not None:
            self._principals[session] = (time.monotonic() + _PRINCIPAL_SECONDS, digest, principal)
        return principal

    async def _refuse(
        self, error: YoriaiError, tenant: TenantRef | None, principal: Principal, request: Request
    ) -> YoriaiError:
        detail = {"method": request.method, "path": request.url.path}
        await self.database.append_audit(tenant, principal, AuditEvent(f"access.{error.code}", detail=detail))
        return error

    @staticmethod
    def _stranger(request: Request) -> Principal:
        return Principal(login="-", terminal=terminal_of(request), request_id=uuid4().hex)


def terminal_of(request: Request) -> str:
    """The address the request came from."""
    return request.client.host if request.client else ""
