"""The application: all businesses' routes behind the gate, one handler for all expected errors."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from yoriai import registry
from yoriai.audit import AuditEvent, Principal
from yoriai.errors import Forbidden, Invalid, NotFound, Unauthenticated, YoriaiError
from yoriai.extraction.launcher import Launcher, in_process_of_its_own
from yoriai.settings import Settings
from yoriai.tenancy.directory import Directory
from yoriai.tenancy.session import Database
from yoriai.web import account, assets, characters, home
from yoriai.web.forms import field_error
from yoriai.web.gate import Gate, SecondFactorWanted, terminal_of
from yoriai.web.identity import Sessions
from yoriai.web.load import LoadMeter
from yoriai.web.render import page, wants_html
from yoriai.web.second_factor import refused_page

log = logging.getLogger("yoriai.web")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
_CONNECTIONS = 16
"""Connections of one serving process, for reading and for writing each."""
_LAST_SECONDS = 5.0
"""How long the end of the process waits for an extraction that is being made."""
_VARY = "Accept, HX-Request, HX-Boosted, Cookie, Authorization"
_READING = ("GET", "HEAD", "OPTIONS")


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application for these settings."""
    database = Database(settings.app_dsn, size=_CONNECTIONS, read_only=bool(settings.copy_of))
    meter = LoadMeter(database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # What was made at the start stays for ever: else every full collection would look through all of it, a quarter of a second
        # during which nobody is answered.
        gc.collect()
        gc.freeze()
        # A copy has no batch that would have to give way to its counters.
        reporter = asyncio.create_task(asyncio.sleep(0) if settings.copy_of else meter.report_for_ever())
        yield
        reporter.cancel()
        with suppress(asyncio.CancelledError):
            await reporter
        await app.state.launcher.stop(_LAST_SECONDS)
        await database.close()

    app = FastAPI(
        title="よりあい API", version="1", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/openapi.json"
    )
    app.state.settings = settings
    app.state.gate = Gate(database, Directory(database), Sessions(settings.secret), settings.tenants)
    app.state.launcher = Launcher(in_process_of_its_own(settings))
    app.add_exception_handler(YoriaiError, _expected)
    app.add_exception_handler(RequestValidationError, _wrong_input)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)
    app.middleware("http")(_protect)
    app.middleware("http")(meter.measure)
    app.router.routes.extend(_routes())
    _complete_openapi(app)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """All routes in the order they are tried; what FastAPI works out about them is worked out once for the process."""
    router = APIRouter()
    router.include_router(characters.router)
    router.include_router(assets.router)
    # The centre's addresses come first: the municipalities' begin with a code, which could be any word.
    for part in registry.plugged_in():
        if part.center_router:
            router.include_router(registry.load(part.center_router).api)
    for business_router in (
        *(business.routers for business in registry.businesses()),
        *(part.router for part in registry.plugged_in()),
    ):
        if business_router:
            router.include_router(registry.load(business_router).api)
    router.include_router(account.router)
    router.include_router(home.router)
    return router.routes


async def _protect(request: Request, call_next: Any) -> Response:
    """Security headers on every answer; a form may only come from our own pages."""
    origin = request.headers.get("origin")
    if request.method not in _READING and origin and origin != f"{request.url.scheme}://{request.headers.get('host')}":
        response: Response = await _expected(request, Forbidden("ほかのサイトからの送信は受け付けません。"))
    else:
        try:
            response = await call_next(request)
        except YoriaiError as error:
            # Raised while another error was being answered: the database went away before the refusal was audited.
            response = await _expected(request, error)
    _guard(response)
    return response


async def _expected(request: Request, error: Exception) -> Response:
    """JSON or a Japanese page for an expected error."""
    if not isinstance(error, YoriaiError):
        raise error
    if not wants_html(request):
        return JSONResponse(dict(error.to_json()), error.status)
    if isinstance(error, Unauthenticated):
        return await home.login_page(request, error, None)
    if isinstance(error, SecondFactorWanted):
        return await refused_page(request, error)
    values = {"status": error.status, "message": error.message, "errors": error.fields, "login_href": "/login"}
    return page(request, "error.html", None, values, error.status)


async def _wrong_input(request: Request, error: Exception) -> Response:
    """FastAPI's own refusal of a path or query parameter."""
    fields = [field_error({**item, "loc": item["loc"][1:]}) for item in getattr(error, "errors", list)()]
    return await _expected(request, Invalid(fields=fields))


async def _http_error(request: Request, error: Exception) -> Response:
    """An address that no route has: audited like any other refusal, and told apart from nothing."""
    if getattr(error, "status_code", 404) not in (404, 405):
        return await _expected(request, Invalid())
    who = Principal(login="-", terminal=terminal_of(request))
    detail = {"method": request.method, "path": request.url.path}
    await request.app.state.gate.database.append_audit(None, who, AuditEvent("access.not_found", detail=detail))
    return await _expected(request, NotFound())


async def _unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours: the person gets a number to quote, the log the whole story."""
    number = uuid4().hex[:12]
    log.error("request %s %s failed (%s)", request.method, request.url.path, number, exc_info=error)
    response: Response
    if wants_html(request):
        response = page(request, "error.html", None, {"status": 500, "request_id": number, "errors": []}, 500)
    else:
        body = {"code": "failure", "message": "システムで問題が起きました。", "errors": [], "request_id": number}
        response = JSONResponse(body, 500)
    # This answer is made outside the middleware.
    _guard(response)
    return response


def _guard(response: Response) -> None:
    """Nothing but static files may be kept by a browser or proxy, and JSON and screen of an address never be mixed up."""
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Vary", _VARY)


def _complete_openapi(app: FastAPI) -> None:
    """Lift the definitions of request bodies into the components and state how callers prove who they are."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for methods in document["paths"].values():
            for operation in methods.values():
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    schemas.update(content["schema"].pop("$defs", {}))
        document["components"]["securitySchemes"] = {"session": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"session": []}]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
