"""How dates become months of the 年度: 0 is April, 12 the end of the year; ages count from the eve of the birthday."""

from datetime import date

import polars as pl

from modules.nhi.health_insurance.rules.levels import MONTHS_IN_YEAR
from yoriai.rules import Use, either, larger_of, smaller_of


def year_start(p: Use) -> date:
    """1 April of the year."""
    return date(p.fiscal_year, 4, 1)


def month_of(column: str, p: Use) -> pl.Expr:
    """The month a date lies in, numbered from April of the year; negative before it."""
    day = pl.col(column).dt
    return day.year().cast(pl.Int64) * MONTHS_IN_YEAR + day.month() - (p.fiscal_year * MONTHS_IN_YEAR + 4)


def in_year(month: pl.Expr) -> pl.Expr:
    """A month number kept inside the year, 0 to 12."""
    return month.clip(0, MONTHS_IN_YEAR)


def attained_month(p: Use, age: int) -> pl.Expr:
    """The month in which the age is attained: on the eve of the birthday, so the month before for those born on the 1st."""
    on_first = (pl.col("birth_date").dt.day() == 1).cast(pl.Int64)
    return month_of("birth_date", p) + age * MONTHS_IN_YEAR - on_first


def birthday_month(p: Use, age: int) -> pl.Expr:
    """The month of the birthday itself; 29 February recurs on 1 March in a common year."""
    born = pl.col("birth_date").dt
    leap_day = (born.month() == 2) & (born.day() == 29)
    common_year = pl.lit(1, pl.Int64) - either((born.year() + age) % 4 == 0, 1)
    return month_of("birth_date", p) + age * MONTHS_IN_YEAR + either(leap_day, common_year)


def elderly_month(p: Use) -> pl.Expr:
    """The month from which a person belongs to 後期高齢者医療: that of the 75th birthday."""
    age = p.count("elderly_medical.age")
    by_age = either(pl.col("age") >= age, 0, MONTHS_IN_YEAR)
    by_birth = birthday_month(p, age).fill_null(MONTHS_IN_YEAR)
    return pl.when(pl.col("age").is_not_null()).then(by_age).otherwise(by_birth)


def insured_until(p: Use) -> pl.Expr:
    """The month after the last charged one: that of the loss or of the 75th birthday."""
    # A loss on the 1st because another scheme began the day before counts as a loss on that day before.
    on_first = pl.col("lost_to_other_insurance") & (pl.col("lost_on").dt.day() == 1)
    lost = (month_of("lost_on", p) - either(on_first, 1)).fill_null(MONTHS_IN_YEAR)
    until = in_year(pl.min_horizontal(lost, elderly_month(p)))
    return either(pl.col("is_insured"), larger_of(until, pl.col("insured_from")), pl.col("insured_from"))


def care_boundary(p: Use, age_key: str, until_age: int) -> pl.Expr:
    """The month in which an age of the 介護分 is attained; with a bare age, the year's start or end."""
    age = p.count(age_key)
    by_age = either((pl.col("age") >= age) & (pl.col("age") < until_age), 0, MONTHS_IN_YEAR)
    by_birth = in_year(attained_month(p, age)).fill_null(MONTHS_IN_YEAR)
    return pl.when(pl.col("age").is_not_null()).then(by_age).otherwise(by_birth)


def care_until(p: Use) -> pl.Expr:
    """The month in which 65 is attained, inside the insured months."""
    by_birth = in_year(attained_month(p, p.count("care.until_age"))).fill_null(MONTHS_IN_YEAR)
    limit = pl.when(pl.col("age").is_not_null()).then(pl.lit(MONTHS_IN_YEAR, pl.Int64)).otherwise(by_birth)
    until = larger_of(smaller_of(limit, pl.col("insured_until")), pl.col("care_from"))
    return either(pl.col("is_care_exempt"), pl.col("care_from"), until)


def maternity(p: Use, column: str) -> int:
    """A count of months around a birth."""
    return p.row_yen(p.table("maternity.months")[0], column)


def maternity_from(p: Use) -> pl.Expr:
    """The first relieved month around a birth."""
    year, month = p.text("maternity.first_month").split("-")
    first = (int(year) - p.fiscal_year) * MONTHS_IN_YEAR + int(month) - 4
    before = either(pl.col("is_multiple_birth"), maternity(p, "before_multiple"), maternity(p, "before"))
    start = in_year(larger_of(month_of("delivery_on", p) - before, first))
    return either(pl.col("delivery_on").is_not_null(), start, 0)


def not_past_school_year(p: Use, age: int) -> pl.Expr:
    """Whether the 31 March after an age is attained has not passed."""
    # Born on 2 April or later: the age is attained after 31 March, so the year still counts.
    young = pl.col("birth_date") >= pl.lit(date(p.fiscal_year - age, 4, 2))
    return pl.when(pl.col("age").is_not_null()).then(pl.col("age") < age).otherwise(young).fill_null(value=False)


def counted_from(p: Use) -> pl.Expr:
    """The first day of the year a person is insured on, empty for nobody insured in it."""
    start = pl.lit(year_start(p))
    # Charged months end in a month; whoever leaves during April is still insured on 1 April.
    leaves_before = (pl.col("lost_on") <= start).fill_null(value=False)
    counts = pl.col("is_insured") & ~leaves_before
    inside = pl.max_horizontal(pl.col("acquired_on"), start)
    end = pl.lit(date(p.fiscal_year + 1, 3, 31))
    return pl.when(counts & ~elderly_at_start(p) & (inside <= end)).then(inside).otherwise(None)


def elderly_at_start(p: Use) -> pl.Expr:
    """Whether the person already belongs to 後期高齢者医療 on 1 April."""
    age = p.count("elderly_medical.age")
    by_age = pl.col("age") >= age
    by_birth = pl.col("birth_date") <= pl.lit(date(p.fiscal_year - age, 4, 1))
    return pl.when(pl.col("age").is_not_null()).then(by_age).otherwise(by_birth).fill_null(value=False)


def is_counted(p: Use) -> pl.Expr:
    """Whether the person is insured on the household's reference date."""
    reference = pl.col("household_reference_date")
    began = (pl.col("counted_from") <= reference).fill_null(value=False)
    lost = (pl.col("lost_on") <= reference).fill_null(value=False)
    return began & ~lost
