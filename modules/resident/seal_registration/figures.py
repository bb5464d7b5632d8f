"""The figures of 印鑑登録 on a day: law's model and the municipality's ordinance together."""

from datetime import date
from pathlib import Path

from yoriai.rules import Moment, ParameterSet, load_definitions
from yoriai.tenancy.config import TenantConfig

NAME = "seal_registration"
DEFINITIONS = load_definitions(NAME, Path(__file__).parent / "parameters")


def figures_of(config: TenantConfig, day: date) -> ParameterSet:
    """The figures in force on the day."""
    return config.figures(DEFINITIONS, Moment(day))
