"""Fees and exemptions on a day: the municipality's 手数料条例."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from modules.resident.certificates.kinds import CERTIFICATES, Kind
from yoriai.rules import Moment, ParameterSet, load_definitions
from yoriai.tenancy.config import TenantConfig

DEFINITIONS = load_definitions("certificate", Path(__file__).parent / "parameters")


def figures_of(config: TenantConfig, day: date) -> ParameterSet:
    """The figures in force on the day."""
    return config.figures(DEFINITIONS, Moment(day))


def fee_of(figures: ParameterSet, kind: Kind) -> int:
    """The fee of one certificate in yen; raises MissingParameter when the ordinance's figure is not known."""
    value = figures[CERTIFICATES[kind].fee].value
    if not isinstance(value, int):
        raise TypeError(f"{kind}: the fee is no amount")
    return value


def exemptions_of(figures: ParameterSet) -> dict[str, str]:
    """Grounds on which no fee is taken: code to words."""
    rows = figures["exemption.reasons"].value
    return (
        {str(row["code"]): str(row["label"]) for row in rows if isinstance(row, Mapping)}
        if isinstance(rows, tuple)
        else {}
    )
