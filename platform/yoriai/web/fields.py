"""Field types the businesses' inputs share."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from yoriai.clock import in_japan
from yoriai.dates import parse_date


def _read_date(value: object) -> object:
    return parse_date(value) if isinstance(value, str) else value


def _read_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
NOTHING = BeforeValidator(_read_blank)
"""Of a query's field that may be absent: a form's field left empty asks for nothing (`Annotated[int | None, NOTHING]`)."""
BIGINT_END = 2**63
"""The first number no row can have."""


def is_number(text: str) -> bool:
    """Whether a text is a number that a row may have (bigint, written in ASCII digits)."""
    return text.isascii() and text.isdigit() and int(text[:20]) < BIGINT_END and len(text) < 20


def _read_asked(value: object) -> object:
    return (parse_date(value) if value.strip() else None) if isinstance(value, str) else value


def _read_month(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        return None if isinstance(value, str) else value
    if not _MONTH.fullmatch(value.strip()):
        raise ValueError("年月は 2026-12 のように入力してください。")
    return date.fromisoformat(f"{value.strip()}-01")


Day = Annotated[date, BeforeValidator(_read_date, json_schema_input_type=str)]
"""A date written in 和暦 or the western calendar; what is no day becomes an error at the field."""

AskedDay = Annotated[date | None, BeforeValidator(_read_asked, json_schema_input_type=str | None)]
"""A `Day` of a query, where an empty field means none was asked for."""
AskedMoment = Annotated[Annotated[datetime, AfterValidator(in_japan)] | None, NOTHING]
"""A moment of a query, aware (without a zone it is Japanese time), where an empty field means none was asked for."""
AskedMonth = Annotated[date | None, BeforeValidator(_read_month, json_schema_input_type=str | None)]
"""The first day of a month of a query (`2026-12`), where an empty field means none was asked for."""
