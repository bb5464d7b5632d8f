"""Incomes: revenues as drawn, converted by the rules of each income year."""

import polars as pl

from demo.loading.numbers import numbered
from demo.population import Population
from modules.tax.income.calc import PARAMETERS
from modules.tax.income.conversion import convert
from yoriai.rules.parameters import Moment
from yoriai.tenancy.bulk import BulkWriteSession
from yoriai.tenancy.config import TenantConfig


def load_incomes(session: BulkWriteSession, people: Population, config: TenantConfig) -> int:
    """Write a row per person and income year; returns their number."""
    births = people.residents.select("person_no", "birth_date")
    return sum(
        _load_year(session, frame.join(births, on="person_no"), year, config)
        for (year,), frame in people.incomes.group_by("income_year", maintain_order=True)
        if isinstance(year, int)
    )


def _load_year(session: BulkWriteSession, frame: pl.DataFrame, year: int, config: TenantConfig) -> int:
    figures = config.figures(PARAMETERS, Moment.of_income_year(year))
    rows = numbered(convert(frame, figures)).with_columns(source=pl.lit("conversion"), staff_id=pl.lit("conversion"))
    return session.append("income", rows.drop("birth_date"))
