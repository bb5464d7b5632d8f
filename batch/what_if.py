"""What is tried out in a plan, as text on the command line or in a form: `CODE=3/2`, `nhi.annual=2026-07-10`."""

import re
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from batch.catalogue import Catalogue
from batch.request import WhatIf
from yoriai.errors import FieldError, Invalid

_FACTOR = re.compile(r"^[0-9]{1,4}(/[0-9]{1,4}|\.[0-9]{1,4})?$")


def parse_what_if(scales: Sequence[str], moves: Sequence[str], catalogue: Catalogue) -> WhatIf:
    """The what-if of these texts; factors are exact. Raises Invalid with every one that cannot be read."""
    errors: list[FieldError] = []
    factors: dict[str, Fraction] = {}
    days: dict[str, date] = {}
    for text in scales:
        code, _, factor = text.partition("=")
        value = _factor(factor.strip())
        if value is None or not code.strip():
            errors.append(FieldError("scale", f"「{text}」は読めません。例: 団体コード=3/2", "factor"))
        else:
            factors[code.strip()] = value
    nets = {net.name for net in catalogue.nets}
    for text in moves:
        net, _, day = text.partition("=")
        try:
            days[net.strip()] = date.fromisoformat(day.strip())
        except ValueError:
            errors.append(FieldError("move", f"「{text}」は読めません。例: nhi.annual=2026-07-10", "date"))
        if net.strip() not in nets:
            errors.append(FieldError("move", f"ジョブネット「{net.strip()}」はありません。", "unknown_net"))
    if errors:
        raise Invalid(fields=errors)
    return WhatIf(factors, days)


def _factor(text: str) -> Fraction | None:
    if not _FACTOR.match(text):
        return None
    try:
        value = Fraction(text)
    except ZeroDivisionError:
        return None
    return value if value > 0 else None
