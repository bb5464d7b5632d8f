"""What is kept of a household's year beside its amounts: the state in its last charged period, months, whether a cap was met."""

from collections.abc import Callable

import polars as pl

from yoriai.rules import Gather, Row, Step

_GROUP = "合計"


def segment_summary_steps(components: tuple[str, ...]) -> tuple[Step, ...]:
    """The whole of a period: its levy base and whether any component met its cap."""
    return (
        Gather(
            key="levy_base",
            on="segment",
            of="coverage",
            group="賦課のもととなる所得",
            label="期間の賦課のもととなる所得の合計",
            formula="被保険者の賦課のもととなる所得の合計",
            article="地方税法703条の4第6項",
            value=lambda p: pl.col("charged_base").sum(),
        ),
        Row(
            key="is_capped",
            on="segment",
            group=_GROUP,
            unit="flag",
            label="賦課限度額に達した期間",
            formula="いずれかの区分の年額が賦課限度額を超える",
            article="地方税法施行令56条の88の2・国保法施行令29条の7",
            value=lambda p: pl.any_horizontal(
                pl.col(f"{component}.raw") > pl.col(f"{component}.capped") for component in components
            ),
        ),
    )


def year_summary_steps() -> tuple[Step, ...]:
    """The year's state: that of the last period with an insured person; a household without one has none."""
    return (
        _of_segments("charged_months", "賦課される月数", "期間の月数の合計", "months", lambda: pl.col("months").sum()),
        _of_segments("tier", "軽減の区分", "最後の期間の軽減の区分", "tier", lambda: pl.col("tier").last()),
        _of_segments("heads", "被保険者の数", "最後の期間の人数", "count", lambda: pl.col("medical.heads").last()),
        _of_segments(
            "judged_total",
            "世帯の軽減判定所得",
            "最後の期間の軽減判定所得",
            "yen",
            lambda: pl.col("household_judged_income").last(),
        ),
        _of_segments(
            "levy_base",
            "賦課のもととなる所得の合計",
            "最後の期間の賦課のもととなる所得",
            "yen",
            lambda: pl.col("levy_base").last(),
        ),
        _of_segments(
            "is_capped",
            "賦課限度額に達した世帯",
            "いずれかの期間で限度額に達した",
            "flag",
            lambda: pl.col("is_capped").any(),
            empty=False,
        ),
    )


def _of_segments(
    key: str, label: str, formula: str, unit: str, value: Callable[[], pl.Expr], empty: int | bool = 0
) -> Step:
    return Gather(
        key=key,
        on="household",
        of="segment",
        group=_GROUP,
        unit=unit,
        label=label,
        formula=formula,
        article="条例",
        value=lambda p: value(),
        empty=empty,
    )
