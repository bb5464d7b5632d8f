"""National Health Insurance: who is insured since when, who went on to 後期高齢者医療, who lost a job not by choice."""

from datetime import date

import polars as pl

from demo.loading.numbers import numbered
from demo.population import Population
from yoriai.dates import OPEN_END
from yoriai.tenancy.bulk import BulkWriteSession

_LEFT_JOB = "11"
"""離職理由コード of a dismissal."""


def load_insurance(session: BulkWriteSession, people: Population) -> int:
    """Write enrolments, former members and circumstances; returns the number of enrolments."""
    homes = pl.concat(
        [people.residents.select("person_no", "household_no"), people.removed.select("person_no", "household_no")]
    )
    covers = people.insurance.join(homes, on="person_no")
    _load_former_members(session, covers)
    _load_circumstances(session, people, covers)
    return _load_enrolments(session, covers)


def _load_enrolments(session: BulkWriteSession, covers: pl.DataFrame) -> int:
    spells = covers.filter(pl.col("nhi_acquired_on").is_not_null()).select(
        "person_no",
        "household_no",
        acquired_on="nhi_acquired_on",
        lost_on=pl.col("nhi_lost_on").fill_null(OPEN_END),
        acquisition_reason="nhi_acquisition_reason",
        loss_reason="nhi_loss_reason",
        notified_on="nhi_acquired_on",
        staff_id=pl.lit("conversion"),
    )
    return session.append("nhi_enrolment", numbered(spells))


def _load_former_members(session: BulkWriteSession, covers: pl.DataFrame) -> None:
    former = covers.filter("is_former_member").select(
        "person_no", "household_no", since="elderly_since", until=pl.lit(OPEN_END)
    )
    session.append("nhi_former_member", numbered(former))


def _load_circumstances(session: BulkWriteSession, people: Population, covers: pl.DataFrame) -> None:
    insured = covers.filter(pl.col("scheme") == "nhi").select("person_no", "household_no")
    left = people.incomes.filter(pl.col("non_voluntary_from").is_not_null()).unique("person_no", maintain_order=True)
    rows = left.join(insured, on="person_no").select(
        "person_no",
        "household_no",
        kind=pl.lit("non_voluntary"),
        starts_on="non_voluntary_from",
        ends_on=pl.col("non_voluntary_from").map_elements(_end_of_relief, return_dtype=pl.Date),
        code=pl.lit(_LEFT_JOB),
        notified_on="non_voluntary_from",
        staff_id=pl.lit("conversion"),
    )
    session.append("nhi_circumstance", numbered(rows))


def _end_of_relief(start: date) -> date:
    """The end of the fiscal year after the one the job was lost in (地方税法703条の5の2)."""
    fiscal_year = start.year if start.month >= 4 else start.year - 1
    return date(fiscal_year + 2, 3, 31)
