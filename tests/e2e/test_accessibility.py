"""Every page of a municipality by axe-core (JIS X 8341-3 AA): all addresses that are read, with the population in them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.conftest import Installation
from tests.e2e.conftest import logged_in
from tests.e2e.desk import Office, open_office
from yoriai import registry
from yoriai.tenancy.config import TenantConfig

_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}
_LIMIT = {"/{code}/resident/persons/{addressee_no}": 2, "/{code}/resident/households/{household_no}": 2}
_REPEATED = """(() => { const seen = new Set(), twice = [];
  for (const e of document.querySelectorAll('[id]')) { if (seen.has(e.id)) twice.push(e.id); seen.add(e.id); }
  return twice; })()"""
_UNREACHABLE = """Array.from(document.querySelectorAll("main :is(a[href], button, input:not([type=hidden]), select, textarea)"))
  .filter(e => e.tabIndex < 0 && e.offsetParent !== null && !e.closest('[aria-hidden=true]'))
  .filter(e => !e.matches('.sort, [data-characters-for]'))
  .map(e => e.outerHTML.slice(0, 120))"""
_LINKS = """Array.from(document.querySelectorAll('a[href]')).map(a => new URL(a.href.baseVal ?? a.href, location.href))
  .filter(u => u.origin === location.origin).map(u => u.pathname + u.search)"""
_FORMS = """Array.from(document.querySelectorAll('main form[method=get]'))
  .map(f => f.action.split('?')[0] + '?' + new URLSearchParams(new FormData(f)))"""
_NAMELESS = "Array.from(document.querySelectorAll('main h1')).filter(h => h.textContent.trim()).length !== 1"
_AT_LEAST = 90
"""Pages the walk has to find; it would be worth nothing if a link at the beginning were lost."""


@pytest.fixture
def everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever logs in may do everything, so that one walk sees every part of every page."""
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))


@pytest.fixture
def office(everybody: None, installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A population to look at."""
    with open_office(installation, tmp_path_factory.mktemp("office")) as office:
        yield office


def test_every_page_is_accessible_and_reached_by_keyboard(office: Office, browser: Browser) -> None:
    """JIS X 8341-3 AA on every page that links lead to; one h1, no id twice, nothing that Tab cannot reach, none too wide."""
    site = office.site
    (number,) = office.ask(
        "SELECT addressee_no FROM {s}.seal_registration r JOIN {s}.fact_resident f USING (addressee_no) LIMIT 1"
    )
    with logged_in(browser, site, "clerk") as page:
        shapes = _shapes(page, site.base)
        start = [f"/{site.config.code}/", f"/{site.config.code}/resident/persons/{number}"]
        todo, seen, found = [*start, f"/{site.config.code}/resident/persons?q=さ"], dict[str, int](), list[str]()
        looked = 0
        while todo:
            path = todo.pop(0)
            shape = _shape_of(path, shapes, site.config.code)
            if seen.get(shape, 0) >= _LIMIT.get(shape, 1):
                continue
            seen[shape] = seen.get(shape, 0) + 1
            answer = page.context.request.get(site.base + path, headers={"accept": "text/html"})
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            page.goto(site.base + path)
            looked += 1
            found += [f"{path}: {problem}" for problem in problems_of(page)]
            # A search form sent as it stands, its fields left empty, is answered too.
            sent = {
                asked: page.context.request.get(asked, headers={"accept": "text/html"})
                for asked in page.evaluate(_FORMS)
            }
            found += [
                f"{path}: the form {asked} is answered {got.status}" for asked, got in sent.items() if got.status != 200
            ]
            todo += [
                link for link in page.evaluate(_LINKS) if seen.get(_shape_of(link, shapes, site.config.code), 0) < 2
            ]
    assert looked >= _AT_LEAST
    assert found == []


def problems_of(page: Page) -> list[str]:
    """What is wrong with the page that is shown, in words."""
    page.evaluate(Axe().axe_script)
    # What passed stays in the browser: to carry it over costs a sixth of the whole.
    violations: list[dict[str, Any]] = page.evaluate("o => axe.run(o).then(result => result.violations)", _RULES)
    problems = [f"{each['id']} {[node['html'][:140] for node in each['nodes'][:3]]}" for each in violations]
    if twice := page.evaluate(_REPEATED):
        problems.append(f"ids that stand twice: {twice}")
    if lost := page.evaluate(_UNREACHABLE):
        problems.append(f"Tab does not reach {lost}")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        problems.append("wider than the window")
    if page.evaluate(_NAMELESS):
        problems.append("not exactly one h1")
    return problems


def _shapes(page: Page, base: str) -> list[tuple[str, re.Pattern[str]]]:
    document = page.context.request.get(f"{base}/openapi.json").json()
    paths = [path for path, methods in document["paths"].items() if "get" in methods and path.startswith("/{code}/")]
    return [
        (path, re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path))) for path in sorted(paths, key=lambda p: p.count("{"))
    ]


def _shape_of(path: str, shapes: list[tuple[str, re.Pattern[str]]], code: str) -> str:
    """The route an address belongs to; addresses elsewhere are all one."""
    plain = path.partition("?")[0]
    if not plain.startswith(f"/{code}/"):
        return ""
    return next((shape for shape, pattern in shapes if pattern.fullmatch(plain)), plain)
