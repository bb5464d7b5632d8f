"""The levy of a household: per component and period the sum, the cap, then the months, then the year and the total."""

from functools import cache

import polars as pl

from modules.nhi.health_insurance.rules.amounts import by_tier, charged, coverage_steps, person_steps
from modules.nhi.health_insurance.rules.income import member_income_steps
from modules.nhi.health_insurance.rules.levels import (
    COMPONENT_LABELS,
    COVERAGE,
    HOUSEHOLD,
    MEMBER,
    MONTHS_IN_YEAR,
    SEGMENT,
)
from modules.nhi.health_insurance.rules.months import month_steps
from modules.nhi.health_insurance.rules.periods import period_steps
from modules.nhi.health_insurance.rules.reduction import judgement_steps, tier_steps
from modules.nhi.health_insurance.rules.summary import segment_summary_steps, year_summary_steps
from yoriai.rules import Calculation, Gather, Rounding, Row, Spread, Step, Use, divide, either, smaller_of, times

_LAW = "地方税法703条の4・国保法施行令29条の7"


@cache
def nhi_calculation(components: tuple[str, ...]) -> Calculation:
    """The levy made of these components; one calculation per set of components is kept."""
    steps = (
        *month_steps(components),
        *member_income_steps(),
        *judgement_steps(),
        *period_steps(components),
        *coverage_steps(),
        *tier_steps(),
        *_special_state_steps(),
        *(step for component in components for step in _component_steps(component)),
        *segment_summary_steps(components),
        *(_year_step(component) for component in components),
        _total_step(components),
        *year_summary_steps(),
    )
    return Calculation("nhi", "国民健康保険税(料)の賦課", (HOUSEHOLD, MEMBER, SEGMENT, COVERAGE), steps)


def _special_state_steps() -> tuple[Step, ...]:
    cuts = (
        ("special_from", "特定世帯の始まる月"),
        ("continuing_from", "特定継続世帯の始まる月"),
        ("continuing_until", "特定継続世帯の終わる月"),
    )
    return (
        *(
            Spread(
                key=key,
                on="segment",
                source="household",
                column=key,
                group="特定世帯",
                unit="month_no",
                label=label,
                formula="世帯の値",
                article=_LAW,
            )
            for key, label in cuts
        ),
        Row(
            key="is_special",
            on="segment",
            group="特定世帯",
            unit="flag",
            label="特定世帯",
            formula="特定月から5年の間の期間で、被保険者が一人の世帯",
            article=_LAW,
            value=lambda p: (
                (pl.col("special_from") <= pl.col("since")) & (pl.col("until") <= pl.col("continuing_from"))
            ),
        ),
        Row(
            key="is_continuing",
            on="segment",
            group="特定世帯",
            unit="flag",
            label="特定継続世帯",
            formula="特定世帯であった5年の後の3年の間の期間",
            article=_LAW,
            value=lambda p: (
                (pl.col("continuing_from") <= pl.col("since")) & (pl.col("until") <= pl.col("continuing_until"))
            ),
        ),
    )


def _component_steps(component: str) -> tuple[Step, ...]:
    return (*person_steps(component), *_sum_steps(component), *_household_steps(component), *_cap_steps(component))


def _sum_steps(component: str) -> tuple[Step, ...]:
    label = COMPONENT_LABELS[component]
    return (
        Gather(
            key=f"{component}.heads",
            on="segment",
            of="coverage",
            group=label,
            unit="count",
            label="人数",
            formula="この区分がかかる被保険者の数",
            article=_LAW,
            value=lambda p: charged(component).sum(),
        ),
        Gather(
            key=f"{component}.income_levy",
            on="segment",
            of="coverage",
            group=label,
            label="所得割",
            formula="所得割の合計 − 産前産後の軽減",
            article=_LAW,
            rounding="一人ごと、または世帯の所得の合計に率を掛けて1円未満切捨て (条例)",
            value=lambda p: _income_levy(p, component),
        ),
        Gather(
            key=f"{component}.per_capita",
            on="segment",
            of="coverage",
            group=label,
            label="均等割",
            formula="一人ごとの均等割 (軽減後) の合計",
            article=_LAW,
            value=lambda p: pl.col(f"{component}.per_capita").sum(),
        ),
        Gather(
            key=f"{component}.asset_levy",
            on="segment",
            of="coverage",
            group=label,
            label="資産割",
            formula="土地・家屋の固定資産税額の合計 × 資産割率",
            article=_LAW,
            rounding="1円未満切捨て",
            value=lambda p: times(
                pl.col("fixed_asset_tax").filter(charged(component)).sum(), p.rate(f"{component}.asset_rate")
            ),
        ),
    )


def _household_steps(component: str) -> tuple[Step, ...]:
    label = COMPONENT_LABELS[component]
    return (
        Row(
            key=f"{component}.per_household",
            on="segment",
            group=label,
            label="平等割",
            formula="平等割額 (特定世帯は1/2、特定継続世帯は3/4) × (1 − 軽減割合)",
            article="地方税法703条の4、703条の5第1項・国保法施行令29条の7",
            rounding="特定世帯の額、軽減後の額の1円未満はそれぞれ条例による",
            value=lambda p: either(pl.col(f"{component}.heads") > 0, _per_household(p, component)),
        ),
    )


def _cap_steps(component: str) -> tuple[Step, ...]:
    label = COMPONENT_LABELS[component]
    parts = ("income_levy", "asset_levy", "per_capita", "per_household")
    return (
        Row(
            key=f"{component}.raw",
            on="segment",
            group=label,
            label="年額 (限度額適用前)",
            formula="所得割 + 資産割 + 均等割 + 平等割",
            article=_LAW,
            value=lambda p: pl.sum_horizontal(f"{component}.{part}" for part in parts),
        ),
        Row(
            key=f"{component}.capped",
            on="segment",
            group=label,
            label="年額 (限度額適用後)",
            formula="年額と賦課限度額の小さい方",
            article="地方税法施行令56条の88の2・国保法施行令29条の7",
            value=lambda p: smaller_of(pl.col(f"{component}.raw"), p.yen(f"{component}.cap")),
        ),
        Row(
            key=f"{component}.capped_months",
            on="segment",
            group=label,
            unit="yen_months",
            label="年額 × 月数",
            formula="年額 (限度額適用後) × 期間の月数",
            article="条例 (月割賦課)",
            value=lambda p: pl.col(f"{component}.capped") * pl.col("months"),
        ),
    )


def _year_step(component: str) -> Step:
    return Gather(
        key=f"{component}.amount",
        on="household",
        of="segment",
        group=COMPONENT_LABELS[component],
        label=f"{COMPONENT_LABELS[component]}の額",
        formula="期間ごとの (年額 × 月数) の合計 ÷ 12",
        article="地方税法20条の4の2第3項・条例",
        rounding="区分ごとの端数処理は条例による",
        value=lambda p: divide(
            pl.col(f"{component}.capped_months").sum(),
            MONTHS_IN_YEAR,
            Rounding(p.text("rounding.component_mode")),
            p.count("rounding.component_unit"),
        ),
    )


def _total_step(components: tuple[str, ...]) -> Step:
    return Row(
        key="total",
        on="household",
        group="合計",
        label="年税額 (年間保険料)",
        formula="区分ごとの額の合計",
        article="地方税法20条の4の2第3項・条例",
        rounding="合計の端数処理は条例による",
        value=lambda p: divide(
            pl.sum_horizontal(f"{component}.amount" for component in components),
            1,
            Rounding(p.text("rounding.total_mode")),
            p.count("rounding.total_unit"),
        ),
    )


def _income_levy(p: Use, component: str) -> pl.Expr:
    cut = pl.col(f"{component}.income_levy_cut").sum()
    if p.text("rounding.income_levy") == "household":
        base = pl.col("charged_base").filter(charged(component)).sum()
        return times(base, p.rate(f"{component}.income_rate")) - cut
    return pl.col(f"{component}.income_levy").sum() - cut


def _per_household(p: Use, component: str) -> pl.Expr:
    full = by_tier(p, component, p.yen(f"{component}.per_household"), "per_household")
    if not p.flag(f"{component}.has_special_household"):
        return full
    special = by_tier(p, component, _special(p, component, "special", "half_share"), "per_household_special")
    continuing = by_tier(
        p, component, _special(p, component, "continuing", "continuing_share"), "per_household_continuing"
    )
    alone = pl.col(f"{component}.heads") == 1
    return either(pl.col("is_special") & alone, special, either(pl.col("is_continuing") & alone, continuing, full))


def _special(p: Use, component: str, state: str, share: str) -> int:
    """The amount for such a household: the ordinance's own yen where it states them, else the share of the full amount."""
    if p.is_set(f"{component}.per_household_{state}"):
        return p.yen(f"{component}.per_household_{state}")
    exact = p.yen(f"{component}.per_household") * p.row_rate(p.table("special_household.months")[0], share)
    return _round(exact.numerator, exact.denominator, Rounding(p.text("rounding.special_household")))


def _round(numerator: int, denominator: int, rounding: Rounding) -> int:
    rounded = pl.select(divide(pl.lit(numerator, pl.Int64), denominator, rounding)).item()
    return int(rounded)
