"""Everything the businesses of this installation take over, collected once."""

from collections.abc import Mapping
from functools import cache

from yoriai import registry
from yoriai.onboarding.layout import Part, Table


@cache
def all_parts() -> Mapping[str, Part]:
    """The parts by business, in the order of the businesses. Raises ValueError for a table that is not the business's own."""
    parts: dict[str, Part] = {}
    for business in registry.businesses():
        if business.onboarding:
            part: Part = registry.load(business.onboarding)
            wrong = [table.name for table in part.tables if not table.name.startswith(f"{business.name}.")]
            if wrong:
                raise ValueError(f"{business.name}: {wrong} are not its own")
            parts[business.name] = part
    return parts


def all_tables() -> Mapping[str, Table]:
    """The tables by name, each after those it refers to."""
    return {table.name: table for part in all_parts().values() for table in part.tables}
