"""A clerk makes a list without SQL: composed, tried, saved, shared, run, received (COM-010 to COM-018)."""

import csv
import io
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site

ITEM = "resident.person."
_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}


def test_a_list_is_composed_saved_shared_run_and_received(page: Page, site: Site) -> None:
    """All by keyboard where it counts: F8 new, F4 items, Ctrl+Enter preview, F9 save, F10 run, F8 receive."""
    page.goto(site.url("/extraction/"))
    page.keyboard.press("F8")
    page.wait_for_url(site.url("/extraction/compose"))
    page.select_option("[name=base]", "resident.person")
    page.keyboard.press("F4")
    expect(page.locator(f"input[value='{ITEM}name']")).to_be_visible()
    for item in ("addressee_no", "name", "age", "sex", "town_name"):
        page.check(f"input[value='{ITEM}{item}']")
    page.fill(f"[name='order.{(ITEM + 'name').replace('.', '__')}']", "1")
    page.select_option("[name='conditions.0.item']", f"{ITEM}age")
    page.select_option("[name='conditions.0.operator']", "ge")
    page.fill("[name='conditions.0.value']", "六十五")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".field-error").first).to_contain_text("数字ではありません")
    expect(page.locator(f"input[value='{ITEM}town_name']")).to_be_checked()
    page.fill("[name='conditions.0.value']", "65")
    page.select_option("[name='sort.0.item']", f"{ITEM}age")
    page.check("[name='sort.0.descending']")
    page.keyboard.press("Control+Enter")
    caption = page.locator("#preview caption")
    expect(caption).to_contain_text("全")
    found = int(re.sub(r"\D", "", caption.inner_text().split("件")[0]))
    assert found > 20
    expect(page.locator("#preview th").first).to_have_text("氏名")
    assert page.locator("#preview tbody tr").count() == 20
    page.fill("[name=name]", "敬老会の名簿")
    page.select_option("[name=sharing]", "section")
    page.keyboard.press("F9")
    page.wait_for_url(re.compile(r"/extraction/templates/\d+$"))
    page.goto(site.url("/extraction/"))
    expect(page.locator("#templates tbody")).to_contain_text("所属内")
    page.get_by_role("link", name="敬老会の名簿", exact=True).click()
    expect(page.locator("[name='conditions.0.value']")).to_have_value("65")
    page.fill("[name=purpose]", "敬老会の案内")
    page.keyboard.press("F10")
    page.wait_for_url(re.compile(r"/extraction/runs/\d+$"))
    button = page.get_by_role("button", name=re.compile("ファイルを受け取る"))
    expect(button).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.keyboard.press("F8")
    assert download.value.suggested_filename.startswith("敬老会の名簿_")
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[0][:3] == ["氏名", "宛名番号", "性別"]
    assert len(rows) == found + 1
    ages = [int(row[rows[0].index("年齢（基準日の終わり）")]) for row in rows[1:]]
    assert ages == sorted(ages, reverse=True)
    assert min(ages) >= 65
    found = []
    for path in ("/extraction/", "/extraction/catalogue", "/extraction/runs", "/extraction/shelf", "/resident/reports"):
        page.goto(site.url(path))
        result = Axe().run(page, options=_RULES).response
        assert len(result["passes"]) > 5, "axe-core has looked at the page"
        found += [f"{path}: {each['id']} {each['nodes'][0]['html'][:160]}" for each in result["violations"]]
    assert found == []
