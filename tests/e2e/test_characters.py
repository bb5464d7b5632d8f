"""Typing a kanji the input method does not offer, by keyboard alone (COM-052)."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site


def test_com_052_a_variant_replaces_the_character_before_the_cursor(page: Page, site: Site) -> None:
    page.goto(site.url("/resident/movements/move-in"))
    name = page.locator("[name='members.0.name']")
    name.press_sequentially("渡辺")
    page.keyboard.press("Alt+K")
    glyphs = page.locator("#characters [data-character]")
    expect(glyphs.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    chosen = page.locator("#characters [data-character]:focus").get_attribute("data-character")
    page.keyboard.press("Enter")
    expect(name).to_be_focused()
    expect(name).to_have_value(f"渡{chosen}")
    assert chosen is not None
    assert chosen.startswith("辺")
    assert len(chosen) == 2
    page.keyboard.press("Alt+K")
    page.fill("#character-code", "")
    page.fill("#character-strokes", "17")
    page.fill("#character-radical", "しんにょう")
    page.keyboard.press("Enter")
    page.locator("#characters [data-character='邉']").focus()
    expect(page.locator("#character-about")).to_contain_text("U+9089")
    page.keyboard.press("Enter")
    expect(name).to_have_value(f"渡{chosen}邉")
    address = page.locator("[name='former_address']")
    address.focus()
    page.keyboard.press("Alt+K")
    expect(page.locator("#characters")).to_be_visible()
    page.keyboard.press("Escape")
    expect(address).to_be_focused()
