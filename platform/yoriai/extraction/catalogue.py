"""Everything that may be extracted in this installation, collected from the businesses once."""

from collections.abc import Mapping
from functools import cache

from yoriai import registry
from yoriai.audit import Principal
from yoriai.extraction.views import Item, Veil, View


@cache
def all_views() -> Mapping[str, View]:
    """The views by name, in the order of the businesses. Raises ValueError where two have one name."""
    found: dict[str, View] = {}
    for business in registry.businesses():
        for view in registry.load(business.extractable) if business.extractable else ():
            if view.name in found or not view.name.startswith(f"{business.name}."):
                raise ValueError(f"{business.name}: {view.name!r} is taken or is not its own")
            found[view.name] = view
    return found


@cache
def find_veil() -> Veil | None:
    """How protected people are hidden; the first business that says so says it for all views."""
    veil: Veil | None = next((registry.load(each.veil) for each in registry.businesses() if each.veil), None)
    return veil


def views_for(principal: Principal) -> list[View]:
    """The views somebody may use."""
    return [view for view in all_views().values() if principal.may(view.permission)]


def find_item(reference: str) -> tuple[View, Item] | None:
    """The view and item of `business.view.item`."""
    name, _, key = reference.rpartition(".")
    view = all_views().get(name)
    item = view.find(key) if view else None
    return (view, item) if view and item else None


def label_of(reference: str, *, with_view: bool = False) -> str:
    """The words for an item reference; the reference itself where it is not known."""
    found = find_item(reference)
    if found is None:
        return reference
    return f"{found[0].label}・{found[1].label}" if with_view else found[1].label
