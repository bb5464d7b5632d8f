"""Japanese names of nets and outside events, as the businesses declare them."""

from functools import cache

from batch.catalogue import load_catalogue


@cache
def net_labels() -> dict[str, str]:
    """The declared label of each net."""
    return {net.name: net.label for net in load_catalogue().nets}


def net_label(name: str) -> str:
    """The net's label; its name when no business declares it any more."""
    return net_labels().get(name, name)


@cache
def event_labels() -> dict[str, str]:
    """The declared label of each outside event."""
    return {event.name: event.label for net in load_catalogue().nets for event in net.waits_for}


def event_label(name: str) -> str:
    """The event's label; its name when only a municipality's file has it."""
    return event_labels().get(name, name)
