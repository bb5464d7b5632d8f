"""Field types the businesses' inputs share."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

from yoriai.dates import parse_date


def _read_date(value: object) -> object:
    return parse_date(value) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_read_date, json_schema_input_type=str)]
"""A date written in 和暦 or the western calendar; what is no day becomes an error at the field."""
