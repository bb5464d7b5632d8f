"""A clerk of the collection with the bank's answer: who could not be debited, what was changed since, what was done about it."""

import base64
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.e2e.conftest import Site, add_accounts, logged_in, serve
from tests.e2e.desk import Desk
from tests.nhi.nightly import run_net
from tests.nhi.register import HEAD, NOMINAL, PENSIONER, STUDENT, settle
from tests.nhi.test_debits_again import change
from tests.nhi.test_direct_debits import _ACCOUNT, answer_to
from yoriai.settings import Settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef


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
        # SHOT debits
        desk.field("file").set_input_files(answer)
        desk.send()
        desk.sees("資金不足", "納付書で")
        # SHOT file
        page.goto(site.url("/nhi/debits"))
        with page.expect_navigation():
            desk.keys.press("F8")
        desk.sees("700円を還付または充当")
        # SHOT excess
        desk.follow("山田 1子")
        # SHOT one
        desk.put("handling", "refund")
        desk.put("note", "還付通知 11月26日発送")
        desk.send()
        desk.sees("請求・収納が多い (0)")
        page.go_back()
        page.reload()
        desk.sees("(処理済)", "還付・充当の手続きに回した", "還付通知 11月26日発送")
        # SHOT handled
        page.goto(site.url("/nhi/debits/differences?show=slip"))
        desk.sees("再振替をしない設定です")
        assert page.locator("main a", has_text="ファイル1").count() == 1, "the letters with their slips"
        # SHOT slip
        desk.send()
        # SHOT sure
        desk.confirm()
        desk.sees("納付書に切り替える (0)")
        page.goto(site.url("/nhi/debits/differences?show=next"))
        desk.sees("900円を追加で振替")
        # SHOT next
        page.goto(site.url("/nhi/debits/differences?show=excess"))
        expect(page.locator("main")).to_contain_text("ありません。")
        page.goto(site.url("/nhi/households/200/levies/2026"))
        # SHOT levy
        desk.sees("振替不能 (資金不足) →")
