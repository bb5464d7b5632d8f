"""A clerk's work at the counter, in a real browser."""

import re

import psycopg
from playwright.sync_api import Page, expect

from tests.conftest import Installation
from tests.e2e.conftest import Site

_INSURED = """
SELECT r.addressee_no, r.household_no, r.name, r.name_kana
FROM {schema}.fact_resident r JOIN {schema}.nhi_enrolment e ON e.addressee_no = r.addressee_no
WHERE e.superseded_at IS NULL AND e.lost_on = '9999-12-31' AND r.is_head AND r.status = 'resident'
  AND e.acquired_on < '2026-04-01' ORDER BY r.addressee_no LIMIT 1
"""


def _ask(installation: Installation, site: Site, query: str) -> tuple:
    with psycopg.connect(installation.admin_dsn) as connection:
        row = connection.execute(query.format(schema=site.config.tenant.schema)).fetchone()
    assert row is not None
    return row


def test_a_resident_asks_why_the_levy_is_so_high(page: Page, site: Site, installation: Installation) -> None:
    """Find the person by kana while typing, open the household's levy, explain it step by step with articles and figures."""
    number, household_no, name, kana = _ask(installation, site, _INSURED)
    page.goto(site.url("/resident/movements/move-in"))
    page.locator("h1").click()
    page.keyboard.press("/")
    page.locator("#search-input").press_sequentially(kana, delay=10)
    option = page.locator("#search-options a", has_text=str(number))
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/resident/persons/\d+$"))
    page.goto(site.url(f"/resident/persons/{number}"))
    expect(page.locator("h1 .name")).to_have_text(name)
    page.goto(site.url(f"/nhi/households/{household_no}"))
    page.locator("main form").get_by_role("button", name=re.compile("賦課")).first.click()
    page.get_by_role("link", name=re.compile("なぜこの金額か")).first.click()
    expect(page.locator(".explanation")).to_contain_text("地方税法703条の4")
    expect(page.locator(".explanation")).to_contain_text("所得割")
    assert page.locator(".explanation .parameters li").count() > 10
    total = page.locator("main .big").first.inner_text()
    expect(page.locator(".explanation tr.is-total").last).to_contain_text(total)


def test_a_family_moves_in(page: Page, site: Site, installation: Installation) -> None:
    """Every mistake is told at its field; a late notice is asked about; then the family is found by its name."""
    (town,) = _ask(installation, site, "SELECT town_code FROM {schema}.town ORDER BY town_code LIMIT 1")
    page.goto(site.url("/resident/movements/move-in"))
    page.fill("[name='event_date']", "R8.10.1")
    page.fill("[name='former_address']", "広島県広島市中区基町10番52号")
    page.fill("[name='address.town_code']", town)
    page.fill("[name='address.block']", "1番2号")
    _member(page, 0, "𠮷田　太郎", "よしだ太郎", "S600401", "1", "02")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[name='members.0.name_kana'][aria-invalid='true']")).to_be_visible()
    page.fill("[name='members.0.name_kana']", "ヨシダ　タロウ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("14日")
    for box in page.locator("[name='confirmed[]']").all():
        box.check()
    page.keyboard.press("Control+Enter")
    # What follows from the movement comes next: one list from every business.
    page.wait_for_url(re.compile(r"/resident/movements/\d+/next"))
    expect(page.locator("main")).to_contain_text("𠮷田　太郎")
    expect(page.locator("main")).to_contain_text("国保")
    page.goto(site.url("/resident/persons?q=吉田太郎"))
    expect(page.locator("main")).to_contain_text("𠮷田　太郎")
    (events,) = _ask(installation, site, "SELECT count(*) FROM {schema}.outbox_event WHERE topic = 'resident.moved_in'")
    assert events == 1


def test_another_municipality_is_not_there(page: Page, site: Site) -> None:
    answer = page.goto(site.base + "/343684/resident/persons?q=a")
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text("見つかりません")


def test_logging_out_ends_the_session(page: Page, site: Site, installation: Installation) -> None:
    page.get_by_role("button", name="ログアウト").click()
    page.wait_for_url(re.compile("/login"))
    answer = page.goto(site.url("/resident/persons"))
    assert answer is not None
    assert answer.status == 401
    (noted,) = _ask(
        installation, site, "SELECT count(*) FROM {schema}.audit_event WHERE action = 'logout' AND staff = 'clerk'"
    )
    assert noted == 1


def _member(page: Page, index: int, name: str, kana: str, birth: str, sex: str, relationship: str) -> None:
    page.fill(f"[name='members.{index}.name']", name)
    page.fill(f"[name='members.{index}.name_kana']", kana)
    page.fill(f"[name='members.{index}.birth_date']", birth)
    page.check(f"[name='members.{index}.sex'][value='{sex}']")
    page.select_option(f"[name='members.{index}.relationship']", relationship)
