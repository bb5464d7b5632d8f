"""Where a municipality's file says something: looked up only when a mistake has to be shown to somebody."""

from yoriai.errors import Invalid
from yoriai.settings import load_settings


def tenant_line(municipality_code: str, path: str) -> tuple[str, int]:
    """File name and line of a dotted path in a tenant file; line 0 when the applied configuration has no readable file."""
    from yoriai.tenancy.files import read_source

    name = f"{municipality_code}.yaml"
    try:
        source = read_source(load_settings().tenants / name)
    except Invalid:
        return name, 0
    return name, source.line_of(path)
