"""The operators' work in a night, in a real browser; and that their screens are accessible (JIS X 8341-3 AA, by axe-core)."""

import asyncio
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from batch.queue import QueueLink
from tests.batch.conftest import empty_queue
from tests.batch.nights import Queue
from tests.batch.screens.conftest import CENTER, BadNight, open_bad_night
from tests.conftest import OWN, PASSWORD, Installation
from tests.e2e.conftest import VIEWPORT, Site, give_second_factor
from yoriai.commands.staff import save_account, save_operator
from yoriai.settings import Settings
from yoriai.tenancy.session import Database

_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}


@pytest.fixture
def night(installation: Installation, site: Site) -> Iterator[BadNight]:
    """The running night with a failed job."""
    empty_queue(installation)
    link = QueueLink(installation.app_dsn)
    yield open_bad_night(Queue(link))
    link.close()
    empty_queue(installation)


@pytest.fixture
def people(settings: Settings, site: Site) -> None:
    """An operator, a chief and somebody of the municipality's 情報政策課."""

    async def add() -> None:
        database = Database(settings.app_dsn, size=1)
        for role in ("operator", "chief"):
            await save_operator(database, CENTER, role, f"{role} さん", "運用室", PASSWORD, [role])
        await save_account(database, site.config, "viewer", "情報 一郎", "情報政策課", PASSWORD, ["batch_viewer"])
        await database.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, add()).result()


def _log_in(browser: Browser, site: Site, place: str, login: str) -> Page:
    page = browser.new_context(viewport=VIEWPORT, locale="ja-JP").new_page()
    page.goto(f"{site.base}/login")
    page.select_option("[name=tenant]", place)
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.button-primary")
    page.wait_for_url(f"{site.base}/{place}/")
    if place == "center":
        give_second_factor(site, page, login, place)
    return page


def test_a_failed_job_is_seen_run_again_and_at_last_forced_by_two_people(
    browser: Browser, site: Site, night: BadNight, people: None
) -> None:
    operator = _log_in(browser, site, "center", "operator")
    operator.get_by_role("link", name=re.compile("盤面")).click()
    tile = operator.locator(".tile-danger", has_text="異常")
    expect(tile.locator(".tile-value")).to_have_text("1")
    assert tile.evaluate("tile => getComputedStyle(tile).backgroundColor") == "rgb(168, 0, 0)"
    expect(operator.locator("#troubles")).to_contain_text("表が壊れています")
    operator.locator(f"#trouble-{night.ids['failed']}").click()
    operator.get_by_role("link", name="異常ジョブから", exact=True).click()
    operator.fill("[name=reason]", "表を直した")
    operator.keyboard.press("Control+Enter")
    expect(operator.locator(".page-head .chip").first).to_have_text("資源待")
    expect(operator.locator("#log")).to_contain_text("表を直した")

    operator.goto(f"{site.base}/center/batch/jobs/{night.ids['run']}")
    operator.get_by_role("link", name="強制終了").click()
    operator.fill("[name=reason]", "終わらない")
    operator.keyboard.press("Control+Enter")
    expect(operator.locator("main")).to_contain_text("印を付けてから実行してください")
    operator.get_by_label("影響を確かめました").check()
    operator.keyboard.press("Control+Enter")
    expect(operator.locator(".page-head .chip").first).to_have_text("!強制終了")

    operator.get_by_role("link", name="強制正常の申請").last.click()
    operator.get_by_label("影響を確かめました").check()
    operator.fill("[name=reason]", "手で訂正した")
    operator.keyboard.press("Control+Enter")
    expect(operator.get_by_text("強制正常の承認待ちです。")).to_be_visible()
    expect(operator.get_by_role("button", name="承認する")).to_have_count(0)

    chief = _log_in(browser, site, "center", "chief")
    chief.goto(f"{site.base}/center/batch/")
    chief.get_by_role("link", name="申請の一覧を開く").click()
    chief.locator("[data-row-link]").first.click()
    chief.fill("[name=reason]", "確認した")
    chief.get_by_role("button", name="承認する").click()
    expect(chief.locator(".page-head .chip").first).to_have_text("✓正常(強制)")
    report = chief.context.request.get(f"{site.base}/center/batch/report", headers={"accept": "application/pdf"})
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(report.body())).pages)
    assert "強制正常" in text
    assert "手で訂正した" in text
    for page in (operator, chief):
        page.context.close()


def test_the_board_refreshes_itself_and_keeps_the_focus(
    browser: Browser, site: Site, night: BadNight, people: None, installation: Installation
) -> None:
    page = _log_in(browser, site, "center", "operator")
    page.goto(f"{site.base}/center/batch/")
    expect(page.locator(".tile-danger .tile-value").first).to_have_text("1")
    page.locator(f"#place-{OWN}").focus()
    link = QueueLink(installation.app_dsn)
    Queue(link).change("UPDATE batch_job SET status = 'failed', ended_at = now() WHERE job_name = 'run'")
    link.close()
    expect(page.locator(".tile-danger .tile-value").first).to_have_text("2", timeout=15_000)
    assert page.evaluate("document.activeElement.id") == f"place-{OWN}"
    page.context.close()


def test_the_screens_of_the_night_are_accessible(browser: Browser, site: Site, night: BadNight, people: None) -> None:
    chief = _log_in(browser, site, "center", "chief")
    viewer = _log_in(browser, site, OWN, "viewer")
    failed = night.ids["failed"]
    center = f"{site.base}/center/batch"
    own = site.url("/batch")
    pages = [
        *((chief, f"{center}{path}") for path in _center_paths(night)),
        *(
            (viewer, f"{own}{path}")
            for path in ("/", "/gantt", "/nets/net", f"/jobs/{failed}", f"/jobs/{failed}/errors")
        ),
    ]
    found = []
    for page, address in pages:
        page.goto(address)
        result = Axe().run(page, options=_RULES).response
        assert len(result["passes"]) > 5, "axe-core has looked at the page"
        for violation in result["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            found.append(f"{address}: {violation['id']} {nodes}")
        scrolled = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        if scrolled:
            found.append(f"{address}: wider than the window")
    for page in (chief, viewer):
        page.context.close()
    assert found == []


def _center_paths(night: BadNight) -> list[str]:
    failed = night.ids["failed"]
    return [
        "/",
        "/gantt",
        f"/gantt?municipality={OWN}",
        f"/municipalities/{OWN}",
        f"/municipalities/{OWN}/nets/net",
        f"/jobs/{failed}",
        f"/jobs/{failed}/acts/skip",
        f"/jobs/{night.ids['timed']}/acts/change",
        "/plan",
        "/calendar?month=2026-06",
        "/season?first=2026-04",
        "/arrivals",
        "/alerts",
        "/nights",
        f"/nights/one?night={night.key}",
    ]
