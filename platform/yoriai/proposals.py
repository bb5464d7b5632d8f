"""書かない窓口: what follows from a happening in somebody's life, proposed by the businesses themselves.

The register publishes the happening; each business answers which procedures follow for whom, why, and what to bring. Nobody
knows the others: a new business proposes by naming a function in its `Business`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from yoriai import registry
from yoriai.tenancy.session import Reader
from yoriai.web.context import Ctx

HappeningKind = Literal["move_in", "move_within", "move_out", "birth", "death", "household_change", "other"]


@dataclass(frozen=True)
class Happening:
    """What happened to whom: the movement's kind and number, its legal day, the people it concerns.

    `facts` are what the movement itself knows and no business could look up afterwards (the former municipality's code, for
    example), by the names its domain event uses.
    """

    kind: HappeningKind
    movement_no: int
    effective_on: date
    addressee_nos: Sequence[int]
    household_nos: Sequence[int] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    """A procedure that follows. `key` is the same whenever it is proposed again, so that it is finished once.

    `href` opens its form with everything filled in (below the municipality, like `/nhi/…`); empty: it is done elsewhere and
    only pointed out. `because` says why in a sentence a resident understands, `bring` what is needed.
    """

    key: str
    label: str
    addressee_no: int
    because: str
    bring: tuple[str, ...] = ()
    href: str = ""
    due_on: date | None = None
    article: str = ""
    is_done: bool = False
    business: str = ""
    permission: str = ""
    """Who may open the form; empty: who holds `NAME.edit` of the business."""


async def collect_proposals(ctx: Ctx, session: Reader, happening: Happening) -> list[Proposal]:
    """What all businesses propose, in their order; those the caller may not work on come without an address."""
    found: list[Proposal] = []
    for business in registry.businesses():
        if business.proposals:
            proposed: Sequence[Proposal] = await registry.load(business.proposals)(session, happening)
            prefix = f"/{ctx.tenant.code}"
            for item in proposed:
                is_open = ctx.may(item.permission or f"{business.name}.edit")
                href = f"{prefix}{item.href}" if item.href and is_open else ""
                found.append(replace(item, business=business.label, href=href))
    return found
