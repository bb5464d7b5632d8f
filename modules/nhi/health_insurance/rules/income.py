"""What of a person's income is levied on, and what is judged for the 7/5/2割 reduction."""

import polars as pl

from modules.tax.income.rules import income_steps
from yoriai.rules import Row, Step, Use, at_least_zero, bracket, either, larger_of, piecewise, smaller_of, times

_MEMBER = "member"


def member_income_steps() -> tuple[Step, ...]:
    """The income of each member, its levy base, and its judged income, with and without the relief of the jobless."""
    return (*income_steps(_MEMBER), *_base_steps(), *_judged_steps())


def _base_steps() -> tuple[Step, ...]:
    return (
        Row(
            key="basic_deduction_amount",
            on=_MEMBER,
            group="賦課のもととなる所得",
            label="基礎控除",
            formula="合計所得金額の区分に応じた額",
            article="地方税法314条の2第2項",
            value=lambda p: bracket(pl.col("sum_income"), p.table("basic_deduction"), "amount"),
        ),
        Row(
            key="non_voluntary_cut",
            on=_MEMBER,
            group="賦課のもととなる所得",
            label="非自発的失業による給与所得の減額",
            formula="給与所得 − 給与所得 × 30/100",
            article="地方税法703条の5の2",
            rounding="30/100を掛けた額の1円未満切捨て",
            value=_non_voluntary_cut,
        ),
        Row(
            key="levy_base",
            on=_MEMBER,
            group="賦課のもととなる所得",
            label="賦課のもととなる所得 (旧ただし書所得)",
            formula="総所得金額等 (雑損失の繰越控除前) − 基礎控除 (0円未満は0円)",
            article="地方税法703条の4第6項・国保法施行令29条の7第2項4号",
            value=lambda p: at_least_zero(pl.col("income_before_casualty_loss") - pl.col("basic_deduction_amount")),
        ),
        Row(
            key="levy_base_relieved",
            on=_MEMBER,
            group="賦課のもととなる所得",
            label="賦課のもととなる所得 (非自発的失業の月)",
            formula="総所得金額等 − 給与所得の減額 − 基礎控除 (0円未満は0円)",
            article="地方税法703条の5の2",
            value=lambda p: at_least_zero(
                pl.col("income_before_casualty_loss") - pl.col("non_voluntary_cut") - pl.col("basic_deduction_amount")
            ),
        ),
    )


def _judged_steps() -> tuple[Step, ...]:
    return (
        Row(
            key="senior_pension_cut",
            on=_MEMBER,
            group="軽減判定",
            label="65歳以上の年金特別控除",
            formula="公的年金等に係る雑所得から15万円まで",
            article="地方税法施行令56条の89",
            value=lambda p: either(
                pl.col("is_senior"), smaller_of(pl.col("pension_income"), p.yen("judgement.senior_pension_deduction"))
            ),
        ),
        Row(
            key="family_pay_income",
            on=_MEMBER,
            group="軽減判定",
            label="専従者給与に係る所得",
            formula="給与所得 − 専従者給与を除いた給与収入の給与所得",
            article="地方税法703条の5第1項",
            value=_family_pay_income,
        ),
        Row(
            key="judged_income",
            on=_MEMBER,
            group="軽減判定",
            label="軽減判定所得",
            formula="総所得金額等 + 譲渡の特別控除 + 専従者控除 − 専従者給与の所得 − 65歳以上の年金特別控除",
            article="地方税法703条の5第1項、施行令56条の89",
            value=lambda p: at_least_zero(
                pl.col("total_income")
                + pl.col("separate_special_deduction")
                + pl.col("dedicated_worker_deduction")
                - pl.col("family_pay_income")
                - pl.col("senior_pension_cut")
            ),
        ),
        Row(
            key="judged_income_relieved",
            on=_MEMBER,
            group="軽減判定",
            label="軽減判定所得 (非自発的失業の月)",
            formula="軽減判定所得 − 給与所得の減額",
            article="地方税法703条の5の2",
            value=lambda p: at_least_zero(pl.col("judged_income") - pl.col("non_voluntary_cut")),
        ),
        Row(
            key="is_earner",
            on=_MEMBER,
            group="軽減判定",
            unit="flag",
            label="給与所得者等",
            formula="判定に含める人で、給与収入 (専従者給与を除く) または年金収入が基準を超える",
            article="地方税法703条の5第1項",
            value=_is_earner,
        ),
    )


def _non_voluntary_cut(p: Use) -> pl.Expr:
    salary = pl.col("salary_income")
    relieved = pl.col("relieved_until") > pl.col("relieved_from")
    return either(relieved, salary - times(salary, p.rate("non_voluntary.share")))


def _family_pay_income(p: Use) -> pl.Expr:
    pay = pl.col("dedicated_worker_pay")
    rest = larger_of(pl.col("salary_revenue").fill_null(0) - pay, 0)
    income = pl.col("salary_income") - piecewise(rest, p.table("salary.income_table"))
    return either(pay > 0, at_least_zero(income))


def _is_earner(p: Use) -> pl.Expr:
    revenue = pl.col("salary_revenue") - pl.col("dedicated_worker_pay")
    # Where only the income is known, any salary income means the revenue was above the minimum deduction.
    known = (pl.col("salary_income") > 0) & (pl.col("dedicated_worker_pay") == 0)
    by_salary = pl.when(revenue.is_not_null()).then(revenue > p.yen("judgement.salary_line")).otherwise(known)
    line = either(pl.col("is_senior"), p.yen("judgement.pension_line_senior"), p.yen("judgement.pension_line_junior"))
    pension = pl.col("pension_revenue")
    by_income = pl.col("pension_income") > pl.col("senior_pension_cut")
    by_pension = pl.when(pension.is_not_null()).then(pension > line).otherwise(by_income)
    return pl.col("is_judged") & (by_salary | by_pension)
