"""A real server and a real browser, over a small invented population."""

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from demo.loading.population import load_one
from tests.conftest import OWN, PASSWORD, Installation, give_app
from yoriai.clock import now, today
from yoriai.commands.staff import save_account
from yoriai.security.totp import code_at
from yoriai.settings import Settings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import CENTER, TenantRef
from yoriai.tenancy.session import Database
from yoriai.web.app import create_app

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT = {"width": 1366, "height": 768}
"""The size of a municipal terminal."""
SCALE = Fraction(1, 60)


@dataclass(frozen=True)
class Site:
    """A served application and one municipality in it."""

    base: str
    config: TenantConfig
    settings: Settings

    def url(self, path: str) -> str:
        """The address of a page of the municipality."""
        return f"{self.base}/{self.config.code}{path}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests in one process: two browsers on two cores only wait for each other."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture
def populated(installation: Installation, settings: Settings, tenant: TenantRef) -> TenantConfig:
    """The municipality with some hundred invented residents and a clerk of every business."""
    config = installation.configs[OWN]
    load_one(settings, config, SCALE, 1, today())
    add_accounts(settings, config, {"clerk": ["one_stop_clerk", "tax_clerk"]})
    return config


@pytest.fixture
def site(settings: Settings, populated: TenantConfig) -> Iterator[Site]:
    """The application, served on a free port."""
    with serve(settings, populated) as site:
        yield site


def add_accounts(settings: Settings, config: TenantConfig, accounts: Mapping[str, Sequence[str]]) -> None:
    """An account for every login, with its roles."""

    async def add() -> None:
        database = Database(settings.app_dsn, size=1)
        for login, roles in accounts.items():
            await save_account(database, config, login, "窓口 花子", "総合窓口課", PASSWORD, list(roles))
        await database.close()

    # Playwright keeps an event loop running in this thread.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, add()).result()


@contextmanager
def serve(settings: Settings, config: TenantConfig) -> Iterator[Site]:
    """The application on a free port, while the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Site(f"http://127.0.0.1:{port}", config, settings)
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: the system's, else Playwright's own. For one file at a time: its event loop would be in others' way."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page on which the clerk is logged in; it fails the test on a script error or an answer of 500."""
    with logged_in(browser, site, "clerk") as page:
        yield page


def give_second_factor(site: Site, page: Page, login: str, place: str = "") -> None:
    """Register an authenticator app for who is logged in on the page (in `place`, else the municipality), and give its code."""
    home = f"{site.base}/{place or site.config.code}"
    tenant = None if place == CENTER else site.config.tenant

    async def register() -> str:
        database = Database(site.settings.app_dsn, size=1)
        secret = await give_app(database, site.settings, tenant, login)
        await database.close()
        return secret

    # Playwright keeps an event loop running in this thread.
    with ThreadPoolExecutor(1) as pool:
        secret = pool.submit(asyncio.run, register()).result()
    page.goto(f"{home}/account/second-factor")
    page.fill("[name=code]", code_at(secret, now()))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{home}/")


@contextmanager
def logged_in(browser: Browser, site: Site, login: str) -> Iterator[Page]:
    """A page of somebody who is logged in; at the end no script error and no answer of 500 may have been seen."""
    context: BrowserContext = browser.new_context(viewport=VIEWPORT, locale="ja-JP")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda answer: faults.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None)
    page.goto(f"{site.base}/login")
    page.select_option("[name=tenant]", site.config.code)
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.button-primary")
    page.wait_for_url(site.url("/"))
    give_second_factor(site, page, login)
    yield page
    context.close()
    assert faults == []
