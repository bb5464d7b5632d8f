"""What each business shows of a person on the person's one page."""

from dataclasses import dataclass, field, replace
from typing import Any

from yoriai import registry
from yoriai.tenancy.session import Reader
from yoriai.web.context import Ctx


@dataclass(frozen=True)
class Amount:
    """The figure a clerk is asked for most, in yen; `href` opens its explanation."""

    label: str
    value: int
    href: str = ""


@dataclass(frozen=True)
class Status:
    """A state in words; `kind` is neutral, ok, info, warn or danger."""

    label: str
    kind: str = "neutral"


@dataclass(frozen=True)
class Panel:
    """A business's part of the page. Addresses are below the municipality; `alerts` also stand at the top of the page."""

    label: str
    href: str = ""
    status: Status | None = None
    amount: Amount | None = None
    items: list[dict[str, Any]] = field(default_factory=list)
    """Facts: `{label, value, kind}` as the template macro `facts` takes them."""
    alerts: list[str] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    """Further pages: `{label, href}`."""


async def collect(ctx: Ctx, session: Reader, addressee_no: int) -> list[Panel]:
    """The panels of all businesses the caller may see, in the businesses' order, and then what they keep of the same person under
    other numbers (名寄せ): of those only panels that say something, each with its number.
    """
    found = await _of_number(ctx, session, addressee_no)
    for business in registry.businesses():
        if business.same_person:
            for other in await registry.load(business.same_person)(session, addressee_no):
                found += [
                    replace(panel, label=f"{panel.label} (宛名番号 {other})")
                    for panel in await _of_number(ctx, session, other, leave_out=business.name)
                    if panel.amount or panel.items or panel.alerts
                ]
    return found


async def _of_number(ctx: Ctx, session: Reader, addressee_no: int, leave_out: str = "") -> list[Panel]:
    found: list[Panel] = []
    for business in registry.businesses():
        if business.person_panel and business.name != leave_out and ctx.may(f"{business.name}.view"):
            panel: Panel | None = await registry.load(business.person_panel)(session, addressee_no)
            if panel is not None:
                found.append(_placed(panel, f"/{ctx.tenant.code}"))
    return found


def _placed(panel: Panel, prefix: str) -> Panel:
    """The panel with its addresses completed for the caller's municipality."""
    amount = panel.amount and replace(panel.amount, href=panel.amount.href and prefix + panel.amount.href)
    links = [{**link, "href": prefix + link["href"]} for link in panel.links]
    return replace(panel, href=panel.href and prefix + panel.href, amount=amount, links=links)
