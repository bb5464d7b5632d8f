"""What one person owes of one component for a year of a period's make-up: 所得割 and 均等割, with their reductions."""

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from modules.nhi.health_insurance.rules.levels import COMPONENT_LABELS
from yoriai.rules import Rounding, Row, Step, Use, divide, either, times
from yoriai.rules.parameters.value import Scalar


def coverage_steps() -> tuple[Step, ...]:
    """Who is charged in a period, and on which base."""
    return (
        Row(
            key="is_covered",
            on="coverage",
            group="月割",
            unit="flag",
            label="期間の被保険者",
            formula="期間のすべての月で賦課される人",
            article="条例 (月割賦課)",
            value=lambda p: _inside("insured_from", "insured_until"),
        ),
        Row(
            key="is_care_covered",
            on="coverage",
            group="月割",
            unit="flag",
            label="期間の介護分の被保険者",
            formula="期間のすべての月で介護分が賦課される人",
            article="介護保険法9条2号",
            value=lambda p: _inside("care_from", "care_until"),
        ),
        Row(
            key="charged_base",
            on="coverage",
            group="賦課のもととなる所得",
            label="期間の賦課のもととなる所得",
            formula="非自発的失業の月は減額後の所得",
            article="地方税法703条の4第6項、703条の5の2",
            value=lambda p: either(
                pl.col("is_covered"),
                either(_inside("relieved_from", "relieved_until"), pl.col("levy_base_relieved"), pl.col("levy_base")),
            ),
        ),
        Row(
            key="maternity_months",
            on="coverage",
            group="産前産後",
            unit="months",
            label="産前産後の軽減の月数",
            formula="産前産後の月のうち期間に入る月数",
            article="地方税法703条の5第3項",
            value=lambda p: either(
                pl.col("is_covered"),
                pl.max_horizontal(
                    pl.min_horizontal("until", "maternity_until") - pl.max_horizontal("since", "maternity_from"),
                    pl.lit(0, pl.Int64),
                ),
            ),
        ),
    )


def person_steps(component: str) -> tuple[Step, ...]:
    """所得割 and 均等割 of one component per person and period, as a yearly amount."""
    label = COMPONENT_LABELS[component]
    return (
        Row(
            key=f"{component}.income_levy",
            on="coverage",
            group=label,
            label="所得割",
            formula="賦課のもととなる所得 × 所得割率",
            article="地方税法703条の4・国保法施行令29条の7",
            rounding="一人ごとに1円未満切捨て",
            value=lambda p: either(
                charged(component), times(pl.col("charged_base"), p.rate(f"{component}.income_rate"))
            ),
        ),
        Row(
            key=f"{component}.income_levy_cut",
            on="coverage",
            group=label,
            label="所得割の産前産後の軽減",
            formula="所得割 × 産前産後の月数 ÷ 期間の月数",
            article="地方税法703条の5第3項",
            rounding="条例による (既定は軽減後の額を1円未満切捨て)",
            value=lambda p: _maternity_cut(p, pl.col(f"{component}.income_levy")),
        ),
        Row(
            key=f"{component}.per_capita_full",
            on="coverage",
            group=label,
            label="均等割 (軽減前)",
            formula="均等割額。子ども分は18歳以上の人に18歳以上被保険者均等割額を加える",
            article="地方税法703条の4・国保法施行令29条の7",
            value=lambda p: either(charged(component), _per_capita(p, component)),
        ),
        Row(
            key=f"{component}.per_capita_reduced",
            on="coverage",
            group=label,
            label="均等割 (7・5・2割、未就学児、18歳未満の軽減後)",
            formula="均等割額 × (1 − 軽減割合)。未就学児はさらに1/2、子ども分の18歳未満は0円",
            article="地方税法703条の5第1項・2項",
            rounding="軽減後の額の1円未満は条例による (既定は切捨て)",
            value=lambda p: either(charged(component), _reduced(p, component)),
        ),
        Row(
            key=f"{component}.per_capita",
            on="coverage",
            group=label,
            label="均等割",
            formula="軽減後の均等割 − 産前産後の軽減 (均等割 × 月数 ÷ 期間の月数)",
            article="地方税法703条の5第3項",
            rounding="条例による (既定は軽減後の額を1円未満切捨て)",
            value=lambda p: (
                pl.col(f"{component}.per_capita_reduced") - _maternity_cut(p, pl.col(f"{component}.per_capita_reduced"))
            ),
        ),
    )


def charged(component: str) -> pl.Expr:
    """Whether the person is charged the component in the period."""
    return pl.col("is_care_covered" if component == "care" else "is_covered")


def ordinance_cut(p: Use, component: str, tier: int, column: str) -> int | None:
    """The yen the ordinance itself says to deduct, where it lists them."""
    for row in p.table("reduction.amounts"):
        if row["component"] == component and row["tier"] == tier and row[column] is not None:
            return p.row_yen(row, column)
    return None


def by_tier(p: Use, component: str, amount: int, column: str) -> pl.Expr:
    """An amount after the 7/5/2割 reduction: the ordinance's yen where listed, else the exact share, rounded once."""
    rounding = Rounding(p.text("rounding.reduced_amount"))
    answer = pl.lit(amount, pl.Int64)
    for row in p.table("reduction.shares"):
        tier = p.row_yen(row, "tier")
        cut = ordinance_cut(p, component, tier, column)
        payable = times(pl.lit(amount, pl.Int64), 1 - p.row_rate(row, "share"), rounding)
        answer = either(pl.col("tier") == tier, payable if cut is None else amount - cut, answer)
    return answer


def _inside(start: str, end: str) -> pl.Expr:
    return (pl.col(start) <= pl.col("since")) & (pl.col("until") <= pl.col(end))


def _adult_extra(p: Use, component: str) -> int:
    return p.yen(f"{component}.adult_extra") if p.is_set(f"{component}.adult_extra") else 0


def _per_capita(p: Use, component: str) -> pl.Expr:
    amount = pl.lit(p.yen(f"{component}.per_capita"), pl.Int64)
    if component != "child_support":
        return amount
    return amount + either(~pl.col("is_minor"), _adult_extra(p, component))


def _reduced(p: Use, component: str) -> pl.Expr:
    reduced = by_tier(p, component, p.yen(f"{component}.per_capita"), "per_capita")
    if component == "child_support":
        adult = reduced + by_tier(p, component, _adult_extra(p, component), "adult_extra")
        minor = times(reduced, 1 - p.rate("minor.share"), Rounding(p.text("rounding.reduced_amount")))
        return either(pl.col("is_minor"), minor, adult)
    if component == "care":
        return reduced
    return either(pl.col("is_preschool"), _preschool(p, component, reduced), reduced)


def _preschool(p: Use, component: str, reduced: pl.Expr) -> pl.Expr:
    share: Fraction = 1 - p.rate("preschool.share")
    answer = times(reduced, share, Rounding(p.text("rounding.reduced_amount")))
    rows: tuple[Mapping[str, Scalar], ...] = p.table("reduction.amounts")
    for row in rows:
        if row["component"] == component and row["preschool"] is not None:
            cut = reduced - p.row_yen(row, "preschool")
            answer = either(pl.col("tier") == p.row_yen(row, "tier"), cut, answer)
    return answer


def _maternity_cut(p: Use, amount: pl.Expr) -> pl.Expr:
    months, eligible = pl.col("months"), pl.col("maternity_months")
    if p.text("rounding.maternity") == "relief_floor":
        return divide(amount * eligible, months)
    return amount - divide(amount * (months - eligible), months)
