"""就学義務: from when to when a child has to go to school, and the grade of a 年度.

One level, `child`, as of a day. An age is attained at the end of the day before the birthday (年齢計算ニ関スル法律), so who
is born on 1 April attains six on 31 March and starts school the next day, a year before those born on 2 April.
"""

from collections.abc import Callable

import polars as pl

from yoriai.rules import Calculation, Input, Level, Row, Step, Use

_APRIL = 4
"""The school year begins on 1 April (学校教育法施行規則59条)."""

CHILD = Level(
    "child",
    "子",
    key="child_no",
    title="title",
    inputs=(
        Input("birth_date", "生年月日", pl.Date(), unit="date"),
        Input("day", "判定する日", pl.Date(), unit="date"),
        Input("held_years", "原級留置・猶予で遅れた年数", pl.Int64(), 0, unit="count"),
    ),
)


def _attained(key: str) -> Callable[[Use], pl.Expr]:
    return lambda p: pl.col("birth_date").dt.offset_by("-1d").dt.offset_by(f"{p.count(key)}y")


def _school_year_after(day: pl.Expr) -> pl.Expr:
    """The year of the first 1 April after the day."""
    return day.dt.year().cast(pl.Int64) + (day.dt.month() >= _APRIL).cast(pl.Int64)


def _fiscal_year(day: pl.Expr) -> pl.Expr:
    return day.dt.year().cast(pl.Int64) - (day.dt.month() < _APRIL).cast(pl.Int64)


def _grade(p: Use) -> pl.Expr:
    grade = pl.col("fiscal_year") - pl.col("entry_year") + 1 - pl.col("held_years")
    return pl.when((grade >= 1) & (grade <= p.count("grades.compulsory"))).then(grade).otherwise(0)


def _stage(p: Use) -> pl.Expr:
    elementary = p.count("grades.elementary")
    return (
        pl.when(pl.col("fiscal_year") < pl.col("entry_year"))
        .then(pl.lit("before"))
        .when(pl.col("grade") == 0)
        .then(pl.lit("after"))
        .when(pl.col("grade") <= elementary)
        .then(pl.lit("elementary"))
        .otherwise(pl.lit("junior_high"))
    )


_STEPS: tuple[Step, ...] = (
    Row(
        key="attained_entry_on",
        on="child",
        group="年齢",
        unit="date",
        label="満6歳に達する日",
        formula="6歳の誕生日の前日",
        article="年齢計算ニ関スル法律、学校教育法17条1項",
        value=_attained("age.entry"),
    ),
    Row(
        key="entry_year",
        on="child",
        group="就学義務",
        unit="count",
        label="小学校に入学する年度",
        formula="満6歳に達した日の翌日以後の最初の4月1日の属する年度",
        article="学校教育法17条1項",
        value=lambda p: _school_year_after(pl.col("attained_entry_on")),
    ),
    Row(
        key="obliged_from",
        on="child",
        group="就学義務",
        unit="date",
        label="就学義務の始まる日",
        formula="満6歳に達した日の翌日以後の最初の4月1日",
        article="学校教育法17条1項",
        value=lambda p: pl.date(pl.col("entry_year"), _APRIL, 1),
    ),
    Row(
        key="attained_end_on",
        on="child",
        group="年齢",
        unit="date",
        label="満15歳に達する日",
        formula="15歳の誕生日の前日",
        article="年齢計算ニ関スル法律、学校教育法17条2項",
        value=_attained("age.end"),
    ),
    Row(
        key="obliged_until",
        on="child",
        group="就学義務",
        unit="date",
        label="就学義務の終わる日",
        formula="満15歳に達した日の属する学年の終わり (3月31日)",
        article="学校教育法17条2項",
        value=lambda p: pl.date(_school_year_after(pl.col("attained_end_on")), _APRIL, 1).dt.offset_by("-1d"),
    ),
    Row(
        key="fiscal_year",
        on="child",
        group="学年",
        unit="count",
        label="判定する日の学年 (年度)",
        formula="4月1日から翌年3月31日まで",
        article="学校教育法施行規則59条",
        value=lambda p: _fiscal_year(pl.col("day")),
    ),
    Row(
        key="grade",
        on="child",
        group="学年",
        unit="count",
        label="学年 (1〜9、義務教育の外は0)",
        formula="年度 - 入学する年度 + 1 - 遅れた年数",
        article="学校教育法32条、47条",
        value=_grade,
    ),
    Row(
        key="stage",
        on="child",
        group="学年",
        unit="text",
        label="段階",
        formula="1〜6学年は小学校、7〜9学年は中学校",
        article="学校教育法16条、32条",
        value=_stage,
    ),
    Row(
        key="is_obliged",
        on="child",
        group="就学義務",
        unit="flag",
        label="その日に就学義務がある",
        formula="始まる日から終わる日まで",
        article="学校教育法17条",
        value=lambda p: pl.col("day").is_between(pl.col("obliged_from"), pl.col("obliged_until")),
    ),
)

SCHOOL_AGE = Calculation("school_age", "就学義務と学年", (CHILD,), _STEPS)
