"""For which businesses letters and accounts are kept: those that are installed, by their names."""

from modules.resident.non_resident.codes import ALL
from yoriai import registry


def business_choices() -> list[tuple[str, str]]:
    """All businesses as options, `all` first."""
    return [(ALL, "すべての業務"), *((business.name, business.label) for business in registry.businesses())]


def business_label(name: str) -> str:
    """What staff call the business; a name that is not installed stays as it was written."""
    return dict(business_choices()).get(name, name)
