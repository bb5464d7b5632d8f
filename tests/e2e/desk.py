"""A clerk at the counter: everything by keyboard, over one population for a file of visits."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Browser, Locator, Page, expect

from demo.loading.population import load_one
from tests.conftest import OWN, Installation, emptied
from tests.e2e.conftest import SCALE, Site, add_accounts, logged_in, serve
from yoriai.clock import today
from yoriai.sealing import new_key
from yoriai.settings import ROOT, Settings

BEFORE_TODAY = timedelta(days=10)
"""The population is as of ten days ago, so that its election's early voting has begun today."""
ACCOUNTS = {
    "clerk": ["one_stop_clerk", "resident_clerk"],
    "neighbour": ["insurance_clerk", "one_stop_clerk"],
    "polls": ["polling_clerk"],
}


@dataclass(frozen=True)
class Office:
    """A served municipality with some hundred people in it."""

    installation: Installation
    site: Site

    def ask(self, query: str, *values: Any) -> tuple[Any, ...]:
        """The first row of a query; `{s}` stands for the municipality's schema."""
        with psycopg.connect(self.installation.admin_dsn) as connection:
            row = connection.execute(query.replace("{s}", self.site.config.tenant.schema), values).fetchone()  # type: ignore[arg-type]
        assert row is not None, query
        return tuple(row)

    @contextmanager
    def desk(self, browser: Browser, login: str = "clerk") -> Iterator["Desk"]:
        """Somebody of the office at a terminal."""
        with logged_in(browser, self.site, login) as page:
            yield Desk(page, self.site)


@contextmanager
def open_office(installation: Installation, folder: Path) -> Iterator[Office]:
    """Load the population, serve it, and leave the municipality empty."""
    dsns = (installation.admin_dsn, installation.app_dsn)
    settings = Settings(*dsns, "key-for-tests", new_key(), folder, ROOT / "tenants", practice=True)
    config = installation.configs[OWN]
    with emptied(installation, config.tenant):
        load_one(settings, config, SCALE, 1, today() - BEFORE_TODAY)
        add_accounts(settings, config, ACCOUNTS)
        with serve(settings, config) as site:
            yield Office(installation, site)


expect.set_options(timeout=20_000)  # Two cores with a server, a database and a browser on them may be slow.


def typed(day: date) -> str:
    """A day as a clerk types it: R081125, and 20180502 before 令和."""
    if day.year <= 2019:
        return f"{day:%Y%m%d}"
    return f"R{day.year - 2018:02}{day.month:02}{day.day:02}"


class Desk:
    """What the clerk's hands do. Nothing is clicked."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.keys = page.keyboard

    def find(self, words: str, number: int | None = None) -> None:
        """Search while typing, choose with the arrow, open with Enter."""
        self.keys.press("/") if self.page.url != self.site.url("/") else None
        self.page.locator("#search-input").fill("")
        self.keys.type(words)
        options = self.page.locator("#search-options a")
        wanted = options.filter(has_text=str(number)) if number else options.first
        expect(wanted).to_be_visible()
        self.keys.press("ArrowDown")
        while wanted.get_attribute("aria-selected") != "true":
            self.keys.press("ArrowDown")
        self.keys.press("Enter")
        self.page.wait_for_url(re.compile(r"/resident/persons/\d+$"))

    def field(self, name: str) -> Locator:
        """A field by the name it is sent under."""
        return self.page.locator(f"main [name='{name}']:visible").first

    def put(self, name: str, text: str) -> None:
        """Go to the field and type; a choice is made with the arrow keys, a mark with the space bar."""
        field = self.field(name)
        kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind in ("radio", "checkbox"):
            mark = self.page.locator(f"main [name='{name}'][value='{text}']:visible").first
            mark.focus()
            if not mark.is_checked():
                self.keys.press("Space")
            expect(mark).to_be_checked()
        elif kind == "select":
            field.focus()
            self._choose(field, text)
        else:
            field.focus()
            self.keys.press("Control+A")
            self.keys.type(text)

    def _choose(self, select: Locator, value: str) -> None:
        values = select.evaluate("e => Array.from(e.options).map(o => o.value)")
        assert value in values, f"{value} not in {values}"
        at, wanted = select.evaluate("e => e.selectedIndex"), values.index(value)
        for _ in range(abs(wanted - at)):
            self.keys.press("ArrowDown" if wanted > at else "ArrowUp")
        assert select.input_value() == value

    def fill(self, **values: str) -> None:
        """Several fields; `__` stands for the dot."""
        for name, text in values.items():
            self.put(name.replace("__", "."), text)

    def send(self) -> None:
        """Ctrl+Enter, and the page that answers."""
        with self.page.expect_navigation():
            self.keys.press("Control+Enter")

    def confirm(self) -> None:
        """Accept what is asked, one by one, and send again; the cursor stands on the first question."""
        questions = self.page.locator("main input[name='confirmed[]']")
        expect(questions.first).to_be_focused()
        for question in questions.all():
            question.focus()
            self.keys.press("Space")
        self.send()

    def push(self, name: str | re.Pattern[str], role: Any = "button") -> None:
        """Go to a button or link by what it says and press Enter; the answer is waited for."""
        target = self.page.locator("main").get_by_role(role, name=name, exact=isinstance(name, str)).first
        target.focus()
        expect(target).to_be_focused()
        with self.page.expect_navigation():
            self.keys.press("Enter")

    def follow(self, name: str | re.Pattern[str]) -> None:
        """A link, by keyboard."""
        self.push(name, "link")

    def unfold(self, name: str) -> None:
        """Open a folded part by keyboard."""
        summary = self.page.locator("main summary", has_text=name)
        summary.focus()
        self.keys.press("Enter")

    def place_of(self, addressee_no: int) -> str:
        """Where a member stands in the form: `members.2.`."""
        field = self.page.locator(f"main input[name^='members.'][value='{addressee_no}']")
        return (field.first.get_attribute("name") or "").removesuffix("addressee_no")

    def back_to_list(self) -> None:
        """F4: from a finished procedure to what is left."""
        with self.page.expect_navigation(url=re.compile(r"/movements/\d+/next$")):
            self.keys.press("F4")

    def sees(self, *texts: str) -> None:
        """The page says all this."""
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def procedures(self, name: str) -> list[str]:
        """What the one-stop list proposes for a person, in its order."""
        table = self.page.locator("table", has=self.page.locator("caption", has_text=name))
        return [cell.inner_text().split("\n")[0] for cell in table.locator("tbody tr td:first-child").all()]

    def row(self, name: str, label: str) -> Locator:
        """The line of a procedure for a person in the one-stop list."""
        table = self.page.locator("table", has=self.page.locator("caption", has_text=name))
        return table.locator("tbody tr").filter(has_text=label)

    def tick(self, name: str, label: str) -> None:
        """Mark a procedure that is done elsewhere as finished."""
        button = self.row(name, label).get_by_role("button")
        button.focus()
        expect(button).to_be_focused()
        with self.page.expect_navigation():
            self.keys.press("Enter")
        expect(self.row(name, label)).to_contain_text("済")

    def begin(self, name: str, label: str) -> None:
        """Open the form of a procedure from the list."""
        link = self.row(name, label).get_by_role("link")
        link.focus()
        expect(link).to_be_focused()
        with self.page.expect_navigation():
            self.keys.press("Enter")
