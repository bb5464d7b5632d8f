"""From revenues to the legal measures of income, for one person or a whole municipality, with the steps of `yoriai calc income`."""

import polars as pl

from modules.tax.income.rules import INCOME_CALCULATION, PERSON
from yoriai.rules import ParameterSet

_STEPS = {
    "salary_income": "salary_income",
    "pension_income": "pension_income",
    "total_income": "total_income_amount",
    "sum_income": "sum_income_amount",
}


def convert(frame: pl.DataFrame, figures: ParameterSet) -> pl.DataFrame:
    """The frame with `salary_income`, `pension_income`, `total_income_amount` and `sum_income_amount` in yen, in its row order.

    It has revenues under the names of `rules.PERSON_INPUTS` (absent ones are 0) and `birth_date`; all rows are of the income
    year of `figures`: `config.figures(PARAMETERS, Moment.of_income_year(year))`. Raises MissingParameter.
    """
    given = [column.key for column in PERSON.inputs if column.key in frame.columns]
    results = INCOME_CALCULATION.run({"person": frame.select(given)}, figures, keep={"person": tuple(_STEPS)})
    return frame.with_columns(results["person"][step].alias(column) for step, column in _STEPS.items())
