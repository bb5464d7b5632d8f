"""COM-031: a key registered and used in Chromium (with its virtual authenticator), an app, a recovery code; all by keyboard."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.conftest import OWN, PASSWORD, Installation
from tests.e2e.conftest import VIEWPORT, Site, add_accounts, serve
from tests.e2e.test_accessibility import _RULES
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.security.registration import issue_code
from yoriai.security.totp import code_at
from yoriai.security.vault import Vault
from yoriai.settings import Settings
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

_KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def office(installation: Installation, settings: Settings, tenant: TenantRef) -> Iterator[Site]:
    """The application under a name, as keys want it, with two people who may see numbers."""
    config = installation.configs[OWN]
    add_accounts(settings, config, {"chief": ["resident_supervisor"], "other": ["resident_supervisor"]})
    with serve(settings, config) as site:
        yield Site(site.base.replace("127.0.0.1", "localhost"), config, settings)


def _terminal(browser: Browser, office: Site, login: str) -> tuple[Page, CDPSession]:
    """A terminal with somebody logged in by password."""
    page = browser.new_context(viewport=VIEWPORT, locale="ja-JP").new_page()
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    _log_in(page, office, login)
    return page, session


def _log_in(page: Page, office: Site, login: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{office.base}/login")
    page.select_option("[name=tenant]", office.config.code)
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(office.url("/"))


def _is_accessible(page: Page) -> None:
    result = Axe().run(page, options=_RULES).response
    assert [f"{each['id']} {each['nodes'][0]['html'][:140]}" for each in result["violations"]] == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def _hand_out(office: Site, login: str) -> str:
    """A registration code, as an administrator issues it."""

    async def issue() -> str:
        database = Database(office.settings.app_dsn, size=1)
        vault = Vault(office.config.tenant, office.settings.sealer)
        async with database.write(office.config.tenant, SYSTEM) as session:
            issued = await issue_code(session, vault, login, "職員証で本人を確認", now())
        await database.close()
        return issued.code

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, issue()).result()


def _begin(page: Page, office: Site, kind: str, login: str) -> None:
    """From one's own account, with the password again and the code that was handed out, to the registration."""
    page.goto(office.url("/account/"))
    _is_accessible(page)
    page.locator(f"form[action$='/account/{kind}'] [name=password]").focus()
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(f"form[action$='/account/{kind}'] .field-error")).to_contain_text("登録コードが必要です")
    _is_accessible(page)
    page.locator(f"form[action$='/account/{kind}'] [name=password]").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(_hand_out(office, login))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    _is_accessible(page)


def _search(page: Page, office: Site) -> None:
    """Type a search by number and send it."""
    page.goto(office.url("/resident/numbers"))
    page.select_option("main [name=kind]", "my_number")
    page.fill("main [name=number]", "123456789018")
    page.fill("main [name=purpose]", "窓口での本人確認")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("入力した内容は残っています")
    _is_accessible(page)


def test_com_031_a_key_is_registered_and_used_and_its_answer_counts_once(
    installation: Installation, office: Site, browser: Browser
) -> None:
    """The search by number that was typed before the key was asked for is answered after it, without typing it again."""
    page, session = _terminal(browser, office, "chief")
    key = session.send("WebAuthn.addVirtualAuthenticator", {"options": _KEY})["authenticatorId"]
    _begin(page, office, "passkey", "chief")
    page.keyboard.type("窓口3番のキー")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    _is_accessible(page)
    made = session.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert [each["rpId"] for each in made] == ["localhost"]

    _log_in(page, office, "chief")
    _search(page, office)
    sent: list[str] = []
    page.on("request", lambda it: sent.append(it.post_data or "") if it.url.endswith("/second-factor") else None)
    page.keyboard.press("F8")
    page.wait_for_url(office.url("/resident/numbers"))
    expect(page.locator("main")).to_contain_text("該当")
    form = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    again = page.context.request.post(office.url("/account/second-factor"), data=sent[0], headers=form)
    assert again.status == 422, "the answer of a key is worth nothing twice"
    with psycopg.connect(installation.admin_dsn) as connection:
        schema = office.config.tenant.schema
        rows = connection.execute(
            f"SELECT action, detail ->> 'method', detail ->> 'cause' FROM {schema}.audit_event"
            " WHERE action IN ('factor.accepted', 'factor.refused') ORDER BY seq"
        ).fetchall()
    assert rows == [("factor.accepted", "passkey", None), ("factor.refused", None, "used_before")]

    # Another key, which nobody has registered, opens nothing.
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
    session.send("WebAuthn.addVirtualAuthenticator", {"options": _KEY})
    _log_in(page, office, "chief")
    _search(page, office)
    page.keyboard.press("F8")
    expect(page.locator("[data-passkey-status]")).to_contain_text("もう一度")
    page.context.close()


def test_com_031_an_app_and_a_recovery_code_by_keyboard(office: Site, browser: Browser) -> None:
    """The secret under the QR code is what the app shows codes of; a mistyped code loses nothing."""
    page, _ = _terminal(browser, office, "other")
    _begin(page, office, "totp", "other")
    secret = page.locator("main p.code").inner_text().replace(" ", "")
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.type("000000")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("認証コードが合いません")
    assert page.locator("main p.code").inner_text().replace(" ", "") == secret
    page.locator("[name=code]").focus()
    page.keyboard.type(code_at(secret, now()))
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    codes = page.locator(".recovery-codes li").all_inner_texts()
    page.get_by_role("link", name="控えたので進む").press("Enter")
    page.wait_for_url(office.url("/account/"))
    _is_accessible(page)

    _log_in(page, office, "other")
    _search(page, office)
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.type(codes[3])
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/resident/numbers$"))
    expect(page.locator("main")).to_contain_text("該当")
    page.context.close()
