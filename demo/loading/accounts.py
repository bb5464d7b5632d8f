"""口座: the invented accounts of the population, for the debit of the levy and the payment of child allowance."""

from datetime import date

import polars as pl

from demo.loading.numbers import numbered
from demo.population import Population
from yoriai.dates import OPEN_END
from yoriai.japanese import to_bank_kana
from yoriai.tenancy.bulk import BulkWriteSession

_USES = {"nhi": "debit", "child_allowance": "benefit"}


def load_accounts(session: BulkWriteSession, people: Population, as_of: date) -> int:
    """Write an account for each purpose; returns their number."""
    begun = date(as_of.year - 1, 4, 1)
    accounts = people.accounts.select(
        "person_no",
        "bank_code",
        "bank_name",
        "branch_code",
        "account_type",
        "account_number",
        business="purpose",
        account_use=pl.col("purpose").replace_strict(_USES),
        branch_name=pl.format("{}支店", "branch_code"),
        holder_kana=pl.Series([to_bank_kana(kana) or "" for kana in people.accounts["holder_kana"]], dtype=pl.String),
        valid_from=pl.lit(begun),
        valid_to=pl.lit(OPEN_END),
        reason=pl.lit("移行"),
        staff_id=pl.lit("conversion"),
    )
    return session.append("bank_account", numbered(accounts))
