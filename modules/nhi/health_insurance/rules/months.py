"""From which month to which each person is charged. Months are numbered 0 (April) to 12 (the end of the year), half-open."""

import polars as pl

from modules.nhi.health_insurance.rules.levels import MONTHS_IN_YEAR
from modules.nhi.health_insurance.rules.month_values import (
    care_boundary,
    care_until,
    counted_from,
    in_year,
    insured_until,
    is_counted,
    maternity,
    maternity_from,
    month_of,
    not_past_school_year,
    year_start,
)
from yoriai.rules import Gather, Row, Spread, Step, either, larger_of, smaller_of

_GROUP = "月割"
_MEMBER = "member"


def month_steps(components: tuple[str, ...]) -> tuple[Step, ...]:
    """The months of each member: insured, care, relieved, around a birth; and who is judged at the reference date."""
    minors = (_minor_step(),) if "child_support" in components else ()
    return (*_insured_steps(), *_care_steps(), *_event_steps(), _preschool_step(), *minors, *_reference_steps())


def _insured_steps() -> tuple[Step, ...]:
    return (
        Row(
            key="insured_from",
            on=_MEMBER,
            group=_GROUP,
            unit="month_no",
            label="賦課の始まる月",
            formula="資格取得日の属する月 (年度より前は4月)",
            article="地方税法706条の2・国保法76条の2、条例",
            value=lambda p: either(pl.col("acquired_on").is_not_null(), in_year(month_of("acquired_on", p)), 0),
        ),
        Row(
            key="insured_until",
            on=_MEMBER,
            group=_GROUP,
            unit="month_no",
            label="賦課の終わる月 (その月は含まない)",
            formula="資格喪失日の属する月。75歳になる人は誕生日の属する月。被保険者でない人は賦課しない",
            article="国保法6条8号、8条、高齢者の医療の確保に関する法律50条",
            value=insured_until,
        ),
        Row(
            key="months_insured",
            on=_MEMBER,
            group=_GROUP,
            unit="months",
            label="被保険者の月数",
            formula="取得の月から喪失の前月まで",
            article="条例 (月割賦課)",
            value=lambda p: pl.col("insured_until") - pl.col("insured_from"),
        ),
    )


def _care_steps() -> tuple[Step, ...]:
    return (
        Row(
            key="care_from",
            on=_MEMBER,
            group=_GROUP,
            unit="month_no",
            label="介護分の始まる月",
            formula="40歳に達する日 (誕生日の前日) の属する月",
            article="介護保険法9条2号、年齢計算ニ関スル法律",
            value=lambda p: smaller_of(
                larger_of(pl.col("insured_from"), care_boundary(p, "care.from_age", p.count("care.until_age"))),
                pl.col("insured_until"),
            ),
        ),
        Row(
            key="care_until",
            on=_MEMBER,
            group=_GROUP,
            unit="month_no",
            label="介護分の終わる月 (その月は含まない)",
            formula="65歳に達する日 (誕生日の前日) の属する月。適用除外の人は賦課しない",
            article="介護保険法9条1号、11条",
            value=care_until,
        ),
        Row(
            key="months_care",
            on=_MEMBER,
            group=_GROUP,
            unit="months",
            label="介護分の月数",
            formula="40歳に達する月から65歳に達する月の前月まで",
            article="条例 (月割賦課)",
            value=lambda p: pl.col("care_until") - pl.col("care_from"),
        ),
    )


def _event_steps() -> tuple[Step, ...]:
    return (
        Row(
            key="relieved_from",
            on=_MEMBER,
            group=_GROUP,
            unit="month_no",
            label="非自発的失業の特例の始まる月",
            formula="離職日の翌日の属する月",
            article="地方税法703条の5の2",
            value=lambda p: either(
                pl.col("non_voluntary_from").is_not_null(),
                in_year(month_of("non_voluntary_from", p)),
                MONTHS_IN_YEAR,
            ),
        ),
        Row(
            key="relieved_until",
            on=_MEMBER,
            group=_GROUP,
            unit="month_no",
            label="非自発的失業の特例の終わる月 (その月は含まない)",
            formula="離職日の翌日の属する年度の翌年度末",
            article="地方税法703条の5の2",
            value=lambda p: either(
                month_of("non_voluntary_from", p) >= -MONTHS_IN_YEAR * p.count("non_voluntary.following_years"),
                MONTHS_IN_YEAR,
                pl.col("relieved_from"),
            ),
        ),
        Row(
            key="maternity_from",
            on=_MEMBER,
            group=_GROUP,
            unit="month_no",
            label="産前産後の軽減の始まる月",
            formula="出産 (予定) 月の前月、多胎は3か月前",
            article="地方税法703条の5第3項",
            value=maternity_from,
        ),
        Row(
            key="maternity_until",
            on=_MEMBER,
            group=_GROUP,
            unit="month_no",
            label="産前産後の軽減の終わる月 (その月は含まない)",
            formula="出産 (予定) 月の翌々月まで",
            article="地方税法703条の5第3項",
            value=lambda p: either(
                pl.col("delivery_on").is_not_null(),
                larger_of(in_year(month_of("delivery_on", p) + maternity(p, "after") + 1), pl.col("maternity_from")),
                pl.col("maternity_from"),
            ),
        ),
    )


def _preschool_step() -> Step:
    return Row(
        key="is_preschool",
        on=_MEMBER,
        group=_GROUP,
        unit="flag",
        label="未就学児",
        formula="6歳に達する日以後の最初の3月31日まで",
        article="地方税法703条の5第2項",
        value=lambda p: not_past_school_year(p, p.count("preschool.last_age")),
    )


def _minor_step() -> Step:
    return Row(
        key="is_minor",
        on=_MEMBER,
        group=_GROUP,
        unit="flag",
        label="18歳未満 (子ども分)",
        formula="18歳に達する日以後の最初の3月31日まで",
        article="国保法施行令29条の7 (令和8年4月1日施行)",
        value=lambda p: not_past_school_year(p, p.count("minor.last_age")),
    )


def _reference_steps() -> tuple[Step, ...]:
    return (
        Row(
            key="counted_from",
            on=_MEMBER,
            group="軽減判定",
            unit="date",
            label="年度内で被保険者となる日",
            formula="4月1日または資格取得日。年度内に被保険者でない人は空",
            article="地方税法施行令56条の89",
            value=counted_from,
        ),
        Gather(
            key="first_insured_on",
            on="household",
            of=_MEMBER,
            group="軽減判定",
            unit="date",
            label="世帯に被保険者がいる最初の日",
            formula="被保険者となる日のうち最も早い日",
            article="地方税法施行令56条の89",
            value=lambda p: pl.col("counted_from").min(),
            empty=None,
        ),
        Row(
            key="reference_date",
            on="household",
            group="軽減判定",
            unit="date",
            label="軽減判定の基準日",
            formula="4月1日。年度の途中で納税義務が発生したときはその日",
            article="地方税法703条の5第1項",
            value=lambda p: pl.max_horizontal("first_insured_on", "liability_from", pl.lit(year_start(p))),
        ),
        Spread(
            key="household_reference_date",
            on=_MEMBER,
            source="household",
            column="reference_date",
            group="軽減判定",
            unit="date",
            label="世帯の軽減判定の基準日",
            formula="世帯の基準日",
            article="地方税法703条の5第1項",
        ),
        Row(
            key="is_counted",
            on=_MEMBER,
            group="軽減判定",
            unit="flag",
            label="基準日の被保険者",
            formula="基準日に資格がある人",
            article="地方税法703条の5第1項",
            value=is_counted,
        ),
        Row(
            key="is_judged",
            on=_MEMBER,
            group="軽減判定",
            unit="flag",
            label="所得を判定に含める人",
            formula="世帯主 (擬制世帯主を含む)、基準日の被保険者、特定同一世帯所属者",
            article="地方税法703条の5第1項",
            value=lambda p: pl.col("is_head") | pl.col("is_counted") | pl.col("is_former_member"),
        ),
    )
