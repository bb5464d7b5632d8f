"""What every screen does by itself (共通 操作性): keys, protected input, two windows, lists, and the way back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.e2e.desk import Desk, Office, open_office


@pytest.fixture(scope="module")
def office(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One population for all tests of this file."""
    with open_office(installation, tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture
def desk(office: Office, browser: Browser) -> Iterator[Desk]:
    """The clerk, logged in, on the first screen."""
    with office.desk(browser) as desk:
        yield desk


def test_com_086_the_cursor_moves_on_when_all_digits_are_there_and_that_can_be_switched_off(desk: Desk) -> None:
    with desk.page.expect_navigation():
        desk.keys.press("Alt+2")
    expect(desk.field("event_date")).to_be_focused()
    desk.keys.type("R081120")
    expect(desk.field("notified_on")).to_be_focused()
    desk.keys.press("Control+A")
    desk.keys.type("20261121")
    expect(desk.field("movement_class")).to_be_focused()
    desk.keys.press("F2")
    switch = desk.page.get_by_label("桁がそろったら")
    switch.focus()
    desk.keys.press("Space")
    desk.keys.press("F2")
    desk.put("event_date", "R081119")
    expect(desk.field("event_date")).to_be_focused()
    desk.page.reload()
    desk.put("event_date", "R081119")
    expect(desk.field("event_date")).to_be_focused()


def test_com_088_any_business_is_reached_by_its_number_or_a_part_of_its_name(desk: Desk, office: Office) -> None:
    desk.keys.press("Alt+m")
    desk.keys.type("支払")
    with desk.page.expect_navigation(url=re.compile("/child_allowance/payments$")):
        desk.keys.press("Enter")
    desk.keys.press("Alt+m")
    number = desk.page.locator("[data-menu-no]", has_text="学齢簿").get_attribute("data-menu-no") or ""
    assert int(number) > 9, "one without a key of its own"
    desk.keys.type(number)
    with desk.page.expect_navigation(url=re.compile("/school_age/register$")):
        desk.keys.press("Enter")


def test_com_007_the_search_keeps_its_conditions_and_place_when_one_comes_back(desk: Desk, office: Office) -> None:
    (kana,) = office.ask(
        """SELECT left(name_kana, 1) FROM {s}.fact_resident WHERE is_head AND sex = '2' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"""
    )
    desk.page.goto(office.site.url("/resident/persons"))
    desk.fill(q=kana, sex="2")
    desk.put("head_only", "true")
    with desk.page.expect_navigation():
        desk.keys.press("Enter")
    rows = desk.page.locator("main tbody [data-row-link]")
    last = rows.nth(min(rows.count(), 12) - 1)
    last.focus()
    place = desk.page.evaluate("window.scrollY")
    with desk.page.expect_navigation():
        desk.keys.press("Enter")
    desk.page.go_back()
    assert "sex=2" in desk.page.url
    expect(desk.field("q")).to_have_value(kana)
    expect(desk.field("sex")).to_have_value("2")
    expect(desk.field("head_only")).to_be_checked()
    desk.page.wait_for_function("y => Math.abs(window.scrollY - y) < 50", arg=place)


def test_com_089_two_persons_in_two_windows_do_not_mix(desk: Desk, office: Office) -> None:
    """Two changes of two households, typed crosswise and both saved; each window goes back to its own list."""
    (first, second) = (
        office.ask(
            """SELECT r.addressee_no, r.household_no, r.name FROM {s}.fact_resident r WHERE r.is_head AND r.nationality = 'JPN'
                  AND (SELECT count(*) FROM {s}.fact_resident m WHERE m.household_no = r.household_no) = 1
                ORDER BY r.addressee_no OFFSET %s LIMIT 1""",
            offset,
        )
        for offset in (3, 4)
    )
    other = Desk(desk.page.context.new_page(), office.site)
    for window, (number, household, _) in ((desk, first), (other, second)):
        window.page.goto(office.site.url(f"/resident/households/{household}/family-register"))
        window.put("reason", "domicile_change")
        window.put(f"{window.place_of(number)}is_chosen", "true")
    for window, (number, _, _), place in ((other, second, "呉市"), (desk, first, "三原市")):
        window.page.bring_to_front()
        window.put(f"{window.place_of(number)}registered_domicile", f"広島県{place}中央1番")
    for window in (other, desk):
        window.page.bring_to_front()
        window.put("event_date", "R081101")
        window.send()
        if window.page.locator("main input[name='confirmed[]']").count():
            window.confirm()
        window.page.wait_for_url(re.compile("/next$"))
    lists = [window.page.url for window in (desk, other)]
    assert lists[0] != lists[1]
    for number, place in ((first[0], "三原市"), (second[0], "呉市")):
        (domicile,) = office.ask(
            """SELECT registered_domicile FROM {s}.resident_record
                WHERE addressee_no = %s AND superseded_at IS NULL AND valid_to = '9999-12-31'""",
            number,
        )
        assert domicile == f"広島県{place}中央1番"


def test_com_090_unsaved_input_is_not_lost_by_the_back_key(desk: Desk) -> None:
    with desk.page.expect_navigation():
        desk.keys.press("Alt+2")
    desk.put("former_address", "広島県呉市中央1番")
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    desk.page.on("dialog", stay)
    desk.page.evaluate("setTimeout(() => history.back(), 0)")
    desk.page.wait_for_function("() => true", polling=300)
    desk.page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(desk.field("former_address")).to_have_value("広島県呉市中央1番")


def test_com_091_ten_mistakes_are_named_at_once_each_with_item_and_person(desk: Desk) -> None:
    with desk.page.expect_navigation():
        desk.keys.press("Alt+2")
    desk.page.get_by_role("button", name="転入する人を加える").focus()
    desk.keys.press("Enter")
    desk.fill(
        event_date="R8.13.1",
        members__0__name="山田太郎1",
        members__0__name_kana="漢字",
        members__0__birth_date="きのう",
    )
    desk.put("members.1.nationality", "ベトナン")
    desk.send()
    mistakes = desk.page.locator(".alert-error li")
    assert mistakes.count() >= 10
    listed = " / ".join(mistakes.all_inner_texts())
    for words in (
        "転入した日: ",
        "転入前住所: ",
        "転入する人 1 生年月日: ",
        "転入する人 2 氏名: ",
        "転入する人 2 国籍・地域を",
    ):
        assert words in listed, words
    assert "令和8年13月1日という日はありません" in listed
    marked = desk.page.locator("main [aria-invalid=true]")
    assert marked.count() >= 10
    expect(marked.first).to_be_focused()
    link = mistakes.get_by_role("link", name=re.compile("転入する人 2 氏名"))
    link.focus()
    desk.keys.press("Enter")
    expect(desk.field("members.1.name")).to_be_in_viewport()


def test_com_087_and_com_097_the_clipboard_is_emptied_and_the_practice_is_marked(desk: Desk, office: Office) -> None:
    expect(desk.page.get_by_role("region", name="環境の表示")).to_contain_text("練習環境")
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.page.evaluate("navigator.clipboard.writeText('佐藤　茜')")
    leave = desk.page.get_by_role("button", name="ログアウト")
    leave.focus()
    with desk.page.expect_navigation(url=re.compile("/login")):
        desk.keys.press("Enter")
    assert desk.page.evaluate("navigator.clipboard.readText()") == ""


def test_lists_sort_by_day_and_are_narrowed_and_exported(desk: Desk, office: Office) -> None:
    """A list of days in 和暦 sorts as days do, across the eras; its CSV holds the rows that the screen holds."""
    desk.page.goto(office.site.url("/seal_registration/registrations"))
    table = desk.page.locator("main table.table").last
    head = table.get_by_role("button", name=re.compile("その日"))
    head.focus()
    desk.keys.press("Enter")
    years = table.locator("tbody tr").evaluate_all(
        """rows => rows.map(r => r.innerText.match(/(昭和|平成|令和)(元|\\d+)年/))
             .map(m => ({昭和: 1925, 平成: 1988, 令和: 2018})[m[1]] + (m[2] === '元' ? 1 : Number(m[2])))"""
    )
    assert years == sorted(years)
    rows = table.locator("tbody tr").count()
    export = desk.page.get_by_role("link", name=re.compile("CSVに出力")).last
    export.focus()
    with desk.page.expect_download() as download:
        desk.keys.press("Enter")
    text = download.value.path().read_text("utf-8-sig")
    assert len(text.strip().splitlines()) == rows + 1
