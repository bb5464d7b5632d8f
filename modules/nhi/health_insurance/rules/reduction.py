"""低所得軽減: whose income is judged, against which lines, and how many tenths come off 均等割 and 平等割."""

import polars as pl

from yoriai.rules import Gather, Row, Spread, Step, Use, either, larger_of

_GROUP = "軽減判定"
_ARTICLE = "地方税法703条の5第1項、施行令56条の89・国保法施行令29条の7第5項"


def judgement_steps() -> tuple[Step, ...]:
    """The household's three lines; they do not change within the year unless the liability begins anew."""
    return (
        Gather(
            key="counted_people",
            on="household",
            of="member",
            group=_GROUP,
            unit="count",
            label="判定の人数",
            formula="基準日の被保険者 + 特定同一世帯所属者 (擬制世帯主は数えない)",
            article=_ARTICLE,
            value=lambda p: (pl.col("is_counted") | pl.col("is_former_member")).sum(),
        ),
        Gather(
            key="earners",
            on="household",
            of="member",
            group=_GROUP,
            unit="count",
            label="給与所得者等の数",
            formula="判定に含める人のうち給与所得者等",
            article=_ARTICLE,
            value=lambda p: pl.col("is_earner").sum(),
        ),
        Gather(
            key="has_undeclared",
            on="household",
            of="member",
            group=_GROUP,
            unit="flag",
            label="未申告者がいる世帯",
            formula="判定に含める人に所得の申告のない人がいる",
            article="条例 (所得の申告)",
            value=lambda p: (pl.col("is_judged") & ~pl.col("is_declared")).any(),
            empty=False,
        ),
        Row(
            key="line_7",
            on="household",
            group=_GROUP,
            label="7割軽減の基準額",
            formula="基準額 + 10万円 × (給与所得者等の数 − 1)",
            article=_ARTICLE,
            value=lambda p: (
                p.yen("judgement.base") + larger_of(pl.col("earners") - 1, 0) * p.yen("judgement.per_extra_earner")
            ),
        ),
        _line("line_5", "5割軽減の基準額", "judgement.add_5"),
        _line("line_2", "2割軽減の基準額", "judgement.add_2"),
    )


def tier_steps() -> tuple[Step, ...]:
    """The judged income and the tier in each period (they differ only where the jobless relief begins)."""
    return (
        Row(
            key="judged_part",
            on="coverage",
            group=_GROUP,
            label="判定に含める所得",
            formula="判定に含める人の軽減判定所得 (非自発的失業の月は減額後)",
            article=_ARTICLE,
            value=lambda p: either(
                pl.col("is_judged"),
                either(_in_relief(), pl.col("judged_income_relieved"), pl.col("judged_income")),
            ),
        ),
        Gather(
            key="household_judged_income",
            on="segment",
            of="coverage",
            group=_GROUP,
            label="世帯の軽減判定所得",
            formula="判定に含める所得の合計",
            article=_ARTICLE,
            value=lambda p: pl.col("judged_part").sum(),
        ),
        *(
            Spread(
                key=key,
                on="segment",
                source="household",
                column=key,
                group=_GROUP,
                unit=unit,
                label=label,
                formula="世帯の値",
                article=_ARTICLE,
            )
            for key, label, unit in (
                ("line_7", "7割軽減の基準額", "yen"),
                ("line_5", "5割軽減の基準額", "yen"),
                ("line_2", "2割軽減の基準額", "yen"),
                ("has_undeclared", "未申告者がいる世帯", "flag"),
                ("apply_reduction", "低所得軽減を判定する", "flag"),
            )
        ),
        Row(
            key="tier",
            on="segment",
            group=_GROUP,
            unit="tier",
            label="軽減の区分",
            formula="世帯の軽減判定所得が基準額以下なら7割・5割・2割。未申告者がいる世帯は軽減しない",
            article="地方税法703条の5第1項",
            value=_tier,
        ),
        Spread(
            key="tier",
            on="coverage",
            source="segment",
            column="tier",
            group=_GROUP,
            unit="tier",
            label="軽減の区分",
            formula="期間の軽減の区分",
            article="地方税法703条の5第1項",
        ),
    )


def _line(key: str, label: str, parameter: str) -> Step:
    return Row(
        key=key,
        on="household",
        group=_GROUP,
        label=label,
        formula="7割軽減の基準額 + 一人当たり加算額 × 判定の人数",
        article=_ARTICLE,
        value=lambda p: pl.col("line_7") + pl.col("counted_people") * p.yen(parameter),
    )


def _in_relief() -> pl.Expr:
    return (pl.col("relieved_from") <= pl.col("since")) & (pl.col("until") <= pl.col("relieved_until"))


def _tier(p: Use) -> pl.Expr:
    income = pl.col("household_judged_income")
    tier = pl.lit(0, pl.Int64)
    for row in sorted(p.table("reduction.shares"), key=lambda row: p.row_yen(row, "tier")):
        step = p.row_yen(row, "tier")
        tier = either(income <= pl.col(f"line_{step}"), step, tier)
    return either(pl.col("apply_reduction") & ~pl.col("has_undeclared"), tier)
