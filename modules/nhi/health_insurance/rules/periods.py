"""Splitting the year into periods in which the make-up of a household, and so its annual structure, stays the same."""

import polars as pl

from modules.nhi.health_insurance.rules.levels import CARRIED, MONTHS_IN_YEAR
from yoriai.rules import Frames, Open, Row, Step, Use

_PAIRS = (("insured_from", "insured_until"), ("care_from", "care_until"), ("relieved_from", "relieved_until"))
_HOUSEHOLD_CUTS = ("special_from", "continuing_from", "continuing_until")
_MONTH_NAMES = ("4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月", "1月", "2月", "3月")


def period_steps(components: tuple[str, ...]) -> tuple[Step, ...]:
    """Open the periods and each person's row in them."""
    carried = CARRIED + (("is_minor",) if "child_support" in components else ())
    return (
        *(_special_step(*spec) for spec in _SPECIAL),
        Open(
            key="segment",
            on="segment",
            group="月割",
            unit="text",
            label="期間",
            formula="被保険者、介護分、特例、特定世帯のいずれかが変わる月で年度を区切る",
            article="条例 (月割賦課)",
            rows=_open_segments,
            needs=(
                *(("member", name) for pair in _PAIRS for name in pair),
                *(("household", name) for name in _HOUSEHOLD_CUTS),
            ),
        ),
        Row(
            key="months",
            on="segment",
            group="月割",
            unit="months",
            label="期間の月数",
            formula="期間の終わり − 始まり",
            article="条例 (月割賦課)",
            value=lambda p: pl.col("until") - pl.col("since"),
        ),
        Open(
            key="coverage",
            on="coverage",
            group="月割",
            unit="text",
            label="期間ごとの世帯員",
            formula="世帯員をそれぞれの期間に置く",
            rows=lambda frames, p: _open_coverage(frames, carried),
            needs=(*(("member", name) for name in carried), ("segment", "segment")),
        ),
    )


_SPECIAL = (
    ("special_from", "特定世帯の始まる月", "特定月", 0, False),
    ("continuing_from", "特定継続世帯の始まる月", "特定月から5年を経過した月", 1, False),
    ("continuing_until", "特定継続世帯の終わる月 (その月は含まない)", "特定月から8年を経過した月", 1, True),
)


def _special_step(key: str, label: str, formula: str, half: int, continuing: bool) -> Step:
    def value(p: Use) -> pl.Expr:
        row = p.table("special_household.months")[0]
        wait = half * p.row_yen(row, "half_months") + continuing * p.row_yen(row, "continuing_months")
        since = pl.col("special_since").dt
        month = since.year().cast(pl.Int64) * MONTHS_IN_YEAR + since.month() - (p.fiscal_year * MONTHS_IN_YEAR + 4)
        return (month + wait).clip(0, MONTHS_IN_YEAR).fill_null(MONTHS_IN_YEAR)

    return Row(
        key=key,
        on="household",
        group="月割",
        unit="month_no",
        label=label,
        formula=formula,
        article="地方税法703条の4・国保法施行令29条の7",
        value=value,
    )


def _open_segments(frames: Frames, p: Use) -> pl.DataFrame:
    members, households = frames["member"], frames["household"]
    charged = members.filter(pl.col("insured_until") > pl.col("insured_from"))
    numbered = households.with_row_index("_household")
    cuts = [charged.select("_household", pl.lit(0, pl.Int64).alias("since"))]
    cuts += [_cuts(charged.filter(pl.col(end) > pl.col(start)), name) for start, end in _PAIRS for name in (start, end)]
    cuts += [_cuts(numbered, name) for name in _HOUSEHOLD_CUTS]
    starts = pl.concat(cuts).unique().sort("_household", "since")
    same = pl.col("_household").shift(-1) == pl.col("_household")
    periods = starts.with_columns(
        pl.when(same.fill_null(value=False)).then(pl.col("since").shift(-1)).otherwise(MONTHS_IN_YEAR).alias("until")
    )
    covered = _covered(periods.with_row_index("segment_no"), charged)
    return covered.with_columns(_period_title().alias("title")).with_columns(pl.col("title").alias("segment"))


def _cuts(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    inside = (pl.col(name) > 0) & (pl.col(name) < MONTHS_IN_YEAR)
    return frame.filter(inside).select("_household", pl.col(name).alias("since"))


def _covered(periods: pl.DataFrame, charged: pl.DataFrame) -> pl.DataFrame:
    """Only periods in which somebody is insured."""
    inside = (pl.col("insured_from") <= pl.col("since")) & (pl.col("until") <= pl.col("insured_until"))
    spans = charged.select("_household", "insured_from", "insured_until")
    kept = periods.join(spans, on="_household", how="inner").filter(inside)["segment_no"].unique()
    return periods.filter(pl.col("segment_no").is_in(kept.implode()))


def _period_title() -> pl.Expr:
    names = pl.lit(pl.Series(_MONTH_NAMES))
    return names.gather(pl.col("since")) + "〜" + names.gather(pl.col("until") - 1)


def _open_coverage(frames: Frames, carried: tuple[str, ...]) -> pl.DataFrame:
    segments = frames["segment"].select("_household", "since", "until", "months", pl.col("title").alias("period"))
    people = frames["member"].with_row_index("_member").select("_member", "_household", *carried)
    rows = segments.with_row_index("_segment").join(people, on="_household", how="inner", maintain_order="left_right")
    title = (pl.col("title") + " " + pl.col("period")).str.strip_chars()
    return rows.with_row_index("coverage_no").with_columns(title.alias("title"))
