"""From the frames of households to the rows of `nhi_assessment`: the one way amounts come about, for one household or thousands."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from modules.nhi.health_insurance.calc import calculation_for, components_of
from modules.nhi.health_insurance.rules import COMPONENT_LABELS
from yoriai.rules import Frames, ParameterSet

PARTS = ("income_levy", "asset_levy", "per_capita", "per_household")
AMOUNTS = tuple(f"{component}_amount" for component in COMPONENT_LABELS)
CURRENT = """
SELECT household_no, id AS previous_id, revision AS previous_revision, payer_no AS previous_payer_no, total AS previous_total,
       medical_amount AS previous_medical_amount, elderly_support_amount AS previous_elderly_support_amount,
       care_amount AS previous_care_amount, child_support_amount AS previous_child_support_amount
  FROM nhi_assessment
 WHERE fiscal_year = $1 AND household_no >= $2 AND household_no < $3 AND superseded_at IS NULL
"""
_SUMMARY = ("total", "charged_months", "tier", "judged_total", "counted_people", "has_undeclared")
_COMPARED = ("payer_no", "total", *AMOUNTS)


def assess(frames: Frames, figures: ParameterSet) -> pl.DataFrame:
    """The levy of every household, in yen, in the order of the household frame; raises MissingParameter."""
    components = components_of(figures)
    raw = [f"{component}.{part}" for component in components for part in (*PARTS, "raw", "capped")]
    keep = {
        "household": (*_SUMMARY, *(f"{name}.amount" for name in components)),
        "segment": raw,
        "member": ("months_insured",),
    }
    results = calculation_for(figures).run(frames, figures, keep)
    households = results["household"].with_row_index("_household")
    for part in (_last_periods(results["segment"], raw), _insured(results["member"])):
        households = households.join(part, on="_household", how="left", maintain_order="left")
    payers = frames["member"].filter("is_head").unique("household_no", keep="first", maintain_order=True)
    payers = payers.select("household_no", payer_no="member_no", is_nominal_head=~pl.col("is_insured"))
    return households.join(payers, on="household_no", how="left", maintain_order="left").select(
        "household_no",
        "payer_no",
        pl.col("is_nominal_head").fill_null(value=False),
        "total",
        pl.col("charged_months").alias("months"),
        pl.col("insured_count").fill_null(0),
        "tier",
        "has_undeclared",
        pl.col("judged_total").alias("judged_income"),
        pl.col("counted_people").alias("judged_people"),
        *_component_columns(components),
    )


def changed(assessed: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The households whose levy is new or differs from the current one, with the `previous_` columns of `CURRENT`.

    A household nobody of which was insured for a month has no levy, unless it had one before.
    """
    joined = assessed.join(current, on="household_no", how="left", maintain_order="left")
    is_new = pl.col("previous_id").is_null() & (pl.col("months") > 0)
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"previous_{name}")) for name in _COMPARED)
    return joined.filter(is_new | (pl.col("previous_id").is_not_null() & differs))


def record(changed: pl.DataFrame, inputs: pl.DataFrame, **common: Any) -> pl.DataFrame:
    """The columns of `nhi_assessment` (without `id`) and `input` for changed households; `common` are the same for all."""
    rows = changed.join(inputs, on="household_no", how="left", maintain_order="left")
    previous = [name for name in rows.columns if name.startswith("previous_")]
    revision = (pl.col("previous_revision").fill_null(0) + 1).alias("revision")
    constants = [
        pl.lit(value, pl.Date() if type(value) is date else None).alias(name) for name, value in common.items()
    ]
    return rows.with_columns(revision, *constants).drop(previous)


def _component_columns(components: tuple[str, ...]) -> list[pl.Expr]:
    columns: list[pl.Expr] = []
    for component in COMPONENT_LABELS:
        if component in components:
            over = (pl.col(f"{component}.raw") - pl.col(f"{component}.capped")).fill_null(0)
            columns.append(pl.col(f"{component}.amount").alias(f"{component}_amount"))
            columns += [pl.col(f"{component}.{part}").fill_null(0).alias(f"{component}_{part}") for part in PARTS]
            columns.append(over.alias(f"{component}_over_cap"))
        else:
            none = pl.lit(None, pl.Int64())
            columns += [none.alias(f"{component}_{part}") for part in ("amount", *PARTS, "over_cap")]
    return columns


def _last_periods(segments: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The last period of the year of each household: the calculation gives them in their order."""
    is_last = pl.col("_household").ne_missing(pl.col("_household").shift(-1))
    return segments.filter(is_last).select("_household", *columns)


def _insured(members: pl.DataFrame) -> pl.DataFrame:
    charged = members.filter(pl.col("months_insured") > 0)
    return charged.group_by("_household").agg(pl.col("member_no").n_unique().cast(pl.Int64).alias("insured_count"))
