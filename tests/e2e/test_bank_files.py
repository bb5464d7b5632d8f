"""Clerks with what the banks answer: who could not be debited or paid, what was changed since, what was done about it."""

import asyncio
import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from batch.runner import run_alone
from tests.conftest import Installation
from tests.e2e.conftest import Site, add_accounts, logged_in, serve
from tests.e2e.desk import Desk
from tests.e2e.test_accessibility import problems_of
from tests.nhi.nightly import run_net
from tests.nhi.register import HEAD, NOMINAL, PENSIONER, STUDENT, settle
from tests.nhi.test_debits_again import change
from tests.nhi.test_direct_debits import _ACCOUNT, answer_to
from tests.welfare import families
from tests.welfare.test_transfers import JOBS, _pay, _register
from yoriai import registry
from yoriai.audit import SYSTEM
from yoriai.clock import JAPAN
from yoriai.settings import Settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database


@pytest.fixture
def site(bulk: BulkDatabase, settings: Settings, config: TenantConfig, tenant: TenantRef) -> Iterator[Site]:
    """Three households whose first instalment was asked for, and a clerk of the insurance."""
    with bulk.write(tenant) as session:
        settle(session, HEAD, NOMINAL, STUDENT, PENSIONER)
        for number, account in ((HEAD.no, "0000001"), (NOMINAL.no, "0000002"), (PENSIONER.no, "0000003")):
            session.execute(_ACCOUNT, (number, "nhi", "9971", account))
    run_net(bulk, config, "nhi.annual")
    run_net(bulk, config, "nhi.daily", date(2026, 7, 24))
    add_accounts(settings, config, {"clerk": ["one_stop_clerk", "tax_clerk"], "insurer": ["insurance_clerk"]})
    with serve(settings, config) as site:
        yield site


def accessible(page: Page) -> None:
    """The page as it stands with its data: the walk over all pages finds these without any."""
    assert problems_of(page) == [], page.url


def test_the_banks_answer_leads_to_what_is_left_to_do(
    browser: Browser, site: Site, bulk: BulkDatabase, installation: Installation, tmp_path: Path
) -> None:
    with bulk.read(site.config.tenant) as session:
        content = session.read("SELECT content FROM nhi_debit_file").item()
    answer = tmp_path / "result.txt"
    answer.write_bytes(base64.b64decode(answer_to(content, {"0000001": "0", "0000002": "1", "0000003": "0"})))
    change(installation, site.config, 100, -700)
    change(installation, site.config, 300, 900)
    with logged_in(browser, site, "insurer") as page:
        desk = Desk(page, site)
        page.goto(site.url("/nhi/debits"))
        desk.sees("請求・収納が多い 1件")
        accessible(page)
        desk.field("file").set_input_files(answer)
        desk.send()
        desk.sees("資金不足", "納付書で")
        accessible(page)
        page.goto(site.url("/nhi/debits"))
        with page.expect_navigation():
            desk.keys.press("F8")
        desk.sees("700円を還付または充当")
        accessible(page)
        desk.follow("山田 1子")
        accessible(page)
        desk.put("handling", "refund")
        desk.put("note", "還付通知 11月26日発送")
        desk.send()
        desk.sees("請求・収納が多い (0)")
        page.go_back()
        page.reload()
        desk.sees("(処理済)", "還付・充当の手続きに回した", "還付通知 11月26日発送")
        page.goto(site.url("/nhi/debits/differences?show=slip"))
        desk.sees("再振替をしない設定です")
        assert page.locator("main a", has_text="ファイル1").count() == 1, "the letters with their slips"
        desk.send()
        accessible(page)
        desk.confirm()
        desk.sees("納付書に切り替える (0)")
        page.goto(site.url("/nhi/debits/differences?show=next"))
        desk.sees("900円を追加で振替")
        page.goto(site.url("/nhi/debits/differences?show=excess"))
        expect(page.locator("main")).to_contain_text("ありません。")
        page.goto(site.url("/nhi/households/200/levies/2026"))
        desk.sees("振替不能 (資金不足) →")


def test_a_returned_transfer_is_found_by_name_and_paid_again_after_the_account_is_corrected(
    browser: Browser,
    settings: Settings,
    bulk: BulkDatabase,
    config: TenantConfig,
    tenant: TenantRef,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))
    monkeypatch.setattr("yoriai.web.context.now", lambda: datetime(2027, 2, 16, 9, tzinfo=JAPAN))

    async def pay() -> None:
        database = Database(settings.app_dsn, size=1)
        async with database.write(tenant, SYSTEM) as session:
            settled = await families.settle(session)
        await _register(database, config, settled.addressee_nos[1])
        await _pay(database, bulk, config, settled)
        await database.close()

    # Playwright keeps an event loop running in this thread.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, pay()).result()
    run_alone(bulk, JOBS["child_allowance.transfers"], families.context(config, "2027-02-01", "transfers"))
    add_accounts(settings, config, {"clerk": ["welfare_clerk"]})
    with serve(settings, config) as site, logged_in(browser, site, "clerk") as page:
        desk = Desk(page, site)
        page.goto(site.url("/child_allowance/transfers?month=2027-02"))
        desk.follow("登録する")
        desk.put("q", "わたなべ")
        with page.expect_navigation():
            desk.keys.press("Enter")
        accessible(page)
        desk.follow("渡邉　花子")
        desk.sees("9971-101 普通 0012345")
        desk.fill(on="R090212", return_reason="closed")
        accessible(page)
        desk.send()
        desk.sees("振込不能 (口座の訂正待ち・未払)", "解約済み")
        accessible(page)
        desk.follow("口座を訂正する")
        account = {"bank_code": "9972", "bank_name": "ためし銀行", "branch_code": "001", "branch_name": "本店"}
        desk.fill(business="child_allowance", account_use="benefit", **account, account_number="777")
        desk.fill(holder_kana="ワタナベ ハナコ", valid_from="R090215")
        page.locator("#f-reason").focus()
        desk.keys.type("変更届")
        desk.send()
        desk.sees("0000777")
        page.goto(site.url("/child_allowance/transfers?month=2027-02"))
        desk.sees("振込不能だったもの")
        desk.put("pay_on", "R090225")
        desk.send()
        page.goto(site.url("/child_allowance/transfers/2/payments/1"))
        desk.sees("9972-001 普通 0000777", "振込不能 解約済み")
        accessible(page)
