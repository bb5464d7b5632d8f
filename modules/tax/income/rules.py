"""From revenue to income: 給与所得, 公的年金等に係る雑所得, 所得金額調整控除, 合計所得金額, 総所得金額等.

The steps are written for any level that has one row per person, so that a business that judges by income puts them in front of its
own. An amount that is already known (`known_*`) is taken as it is; an unknown one is computed.
"""

from datetime import date

import polars as pl

from yoriai.rules import (
    Calculation,
    Input,
    Level,
    Rounding,
    Row,
    Step,
    Use,
    at_least_zero,
    bracket,
    either,
    floor_by_row,
    larger_of,
    piecewise,
    smaller_of,
    times,
)

_YEN = pl.Int64()

PERSON_INPUTS: tuple[Input, ...] = (
    Input("birth_date", "生年月日", pl.Date(), unit="date"),
    Input("age", "年齢 (生年月日に代えて)", _YEN, unit="age"),
    Input("salary_revenue", "給与収入", _YEN),
    Input("known_salary_income", "給与所得 (判明額)", _YEN),
    Input("pension_revenue", "公的年金等収入", _YEN),
    Input("known_pension_income", "公的年金等に係る雑所得 (判明額)", _YEN),
    Input("business_income", "営業等所得", _YEN, 0),
    Input("farm_income", "農業所得", _YEN, 0),
    Input("property_income", "不動産所得", _YEN, 0),
    Input("other_income", "その他の総合課税所得", _YEN, 0),
    Input("separate_income", "分離課税所得 (特別控除後)", _YEN, 0),
    Input("separate_special_deduction", "分離譲渡所得の特別控除額", _YEN, 0),
    Input("forestry_income", "山林所得", _YEN, 0),
    Input("net_loss_carried", "純損失等の繰越控除額", _YEN, 0),
    Input("casualty_loss_carried", "雑損失の繰越控除額", _YEN, 0),
    Input(
        "has_special_dependant", "所得金額調整控除の対象 (23歳未満扶養・特別障害者)", pl.Boolean(), False, unit="flag"
    ),
    Input("known_total_income", "総所得金額等 (判明額)", _YEN),
    Input("known_sum_income", "合計所得金額 (判明額)", _YEN),
)

PERSON = Level("person", "所得者", key="person_no", inputs=PERSON_INPUTS, title="title")


def income_steps(on: str, group: str = "所得") -> tuple[Step, ...]:
    """The steps from revenue to income for the level `on`, which must have the columns of `PERSON_INPUTS`."""
    return (
        Row(
            key="is_senior",
            on=on,
            group=group,
            unit="flag",
            label="年金の年齢区分 (65歳以上)",
            formula="所得の年の12月31日に65歳以上 (1月1日生まれを含む)",
            article="所得税法35条4項、年齢計算ニ関スル法律",
            value=_is_senior,
        ),
        Row(
            key="salary_rounded",
            on=on,
            group=group,
            label="給与収入 (端数整理後)",
            formula="計算表の区分が4,000円単位で計算するものなら、4,000円未満を切り捨てた額",
            article="所得税法別表第五",
            rounding="区分により4,000円未満切捨て",
            value=lambda p: floor_by_row(pl.col("salary_revenue").fill_null(0), p.table("salary.income_table")),
        ),
        Row(
            key="salary_before_adjustment",
            on=on,
            group=group,
            label="給与所得 (調整控除前)",
            formula="給与収入を計算表に当てはめた額。所得が判明していればその額",
            article="所得税法28条",
            rounding="660万円未満は4,000円単位に切り下げてから計算、1円未満切捨て",
            value=_salary_income,
        ),
        Row(
            key="large_salary_adjustment",
            on=on,
            group=group,
            label="所得金額調整控除 (子ども・特別障害者等)",
            formula="(給与収入 (1,000万円まで) − 850万円) × 10%",
            article="租税特別措置法41条の3の11第1項",
            rounding="1円未満切上げ",
            value=_large_salary_adjustment,
        ),
        Row(
            key="income_other_than_pension",
            on=on,
            group=group,
            label="年金以外の合計所得金額",
            formula="給与所得 − 所得金額調整控除 + 年金以外の各所得 (特別控除前)",
            article="所得税法35条4項",
            value=lambda p: at_least_zero(
                pl.col("salary_before_adjustment")
                - pl.col("large_salary_adjustment")
                + _general_income()
                + pl.col("separate_income")
                + pl.col("separate_special_deduction")
                + pl.col("forestry_income")
            ),
        ),
        Row(
            key="pension_income",
            on=on,
            group=group,
            label="公的年金等に係る雑所得",
            formula="年金収入を年齢区分の計算表に当てはめ、年金以外の所得による控除の減額を加えた額 (0円未満は0円)",
            article="所得税法35条2項・4項",
            rounding="1円未満切捨て",
            value=_pension_income,
        ),
        Row(
            key="salary_and_pension_adjustment",
            on=on,
            group=group,
            label="所得金額調整控除 (給与と年金)",
            formula="給与所得 (10万円まで) + 年金所得 (10万円まで) − 10万円",
            article="租税特別措置法41条の3の11第2項",
            value=_salary_and_pension_adjustment,
        ),
        Row(
            key="salary_income",
            on=on,
            group=group,
            label="給与所得",
            formula="給与所得 (調整控除前) − 所得金額調整控除",
            article="所得税法28条",
            value=lambda p: at_least_zero(
                pl.col("salary_before_adjustment")
                - pl.col("large_salary_adjustment")
                - pl.col("salary_and_pension_adjustment")
            ),
        ),
        Row(
            key="ordinary_income",
            on=on,
            group=group,
            label="総所得金額 (損益通算後、繰越控除前)",
            formula="給与・年金・営業等・農業・不動産・その他の所得の合計 (0円未満は0円)",
            article="所得税法22条2項、69条",
            value=lambda p: at_least_zero(pl.col("salary_income") + pl.col("pension_income") + _general_income()),
        ),
        Row(
            key="sum_income",
            on=on,
            group=group,
            label="合計所得金額",
            formula="総所得金額 + 分離課税所得 (特別控除前) + 山林所得。繰越控除はしない。判明した総所得金額等を下回らない",
            article="地方税法292条1項13号",
            value=_sum_income,
        ),
        Row(
            key="income_before_casualty_loss",
            on=on,
            group=group,
            label="総所得金額等 (雑損失の繰越控除前)",
            formula="総所得金額 − 純損失等の繰越控除 + 分離課税所得 + 山林所得",
            article="地方税法314条の2",
            value=_income_before_casualty_loss,
        ),
        Row(
            key="total_income",
            on=on,
            group=group,
            label="総所得金額等",
            formula="雑損失の繰越控除をした後の額",
            article="地方税法314条の2",
            value=lambda p: at_least_zero(pl.col("income_before_casualty_loss") - pl.col("casualty_loss_carried")),
        ),
    )


def _general_income() -> pl.Expr:
    return pl.col("business_income") + pl.col("farm_income") + pl.col("property_income") + pl.col("other_income")


def _is_senior(p: Use) -> pl.Expr:
    age = p.count("pension.senior_age")
    # Attained on the eve: somebody born on 1 January has the age on 31 December.
    born_by = pl.col("birth_date") <= pl.lit(date(p.income_year + 1 - age, 1, 1))
    return pl.when(pl.col("age").is_not_null()).then(pl.col("age") >= age).otherwise(born_by.fill_null(value=False))


def _salary_income(p: Use) -> pl.Expr:
    computed = piecewise(pl.col("salary_revenue").fill_null(0), p.table("salary.income_table"))
    return pl.coalesce("known_salary_income", computed)


def _large_salary_adjustment(p: Use) -> pl.Expr:
    row = p.table("income_adjustment.large_salary")[0]
    low, high, rate = p.row_yen(row, "from_revenue"), p.row_yen(row, "to_revenue"), p.row_rate(row, "rate")
    excess = at_least_zero(smaller_of(pl.col("salary_revenue").fill_null(0), high) - low)
    applies = pl.col("has_special_dependant") & pl.col("known_salary_income").is_null()
    return either(applies, times(excess, rate, Rounding.CEILING))


def _pension_income(p: Use) -> pl.Expr:
    revenue = pl.col("pension_revenue").fill_null(0)
    senior = piecewise(revenue, p.table("pension.income_table_senior"))
    junior = piecewise(revenue, p.table("pension.income_table_junior"))
    cut = bracket(pl.col("income_other_than_pension"), p.table("pension.other_income_bands"), "amount")
    computed = either(revenue > 0, at_least_zero(either(pl.col("is_senior"), senior, junior) + cut))
    return pl.coalesce("known_pension_income", computed)


def _salary_and_pension_adjustment(p: Use) -> pl.Expr:
    limit = p.yen("income_adjustment.salary_and_pension")
    salary = pl.col("salary_before_adjustment") - pl.col("large_salary_adjustment")
    pension = pl.col("pension_income")
    both = (salary > 0) & (pension > 0) & pl.col("known_salary_income").is_null()
    return either(both, larger_of(smaller_of(salary, limit) + smaller_of(pension, limit) - limit, 0))


def _sum_income(p: Use) -> pl.Expr:
    computed = (
        pl.col("ordinary_income")
        + pl.col("separate_income")
        + pl.col("separate_special_deduction")
        + pl.col("forestry_income")
    )
    # Where only 総所得金額等 is known its parts are not, and the sum before loss carry-overs is at least that.
    return pl.coalesce("known_sum_income", pl.max_horizontal(computed, "known_total_income"))


def _income_before_casualty_loss(p: Use) -> pl.Expr:
    known = pl.col("known_total_income") + pl.col("casualty_loss_carried")
    ordinary = at_least_zero(pl.col("ordinary_income") - pl.col("net_loss_carried"))
    return pl.coalesce(known, ordinary + pl.col("separate_income") + pl.col("forestry_income"))


INCOME_CALCULATION = Calculation("income", "所得の計算", (PERSON,), income_steps("person"))
