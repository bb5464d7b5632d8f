"""児童手当, judged month by month: who counts as a child, in which order of birth, at which rate, from and to which month.

Two levels: a `judgement` is one recipient in one month; its `child` rows are that recipient's children. An age is attained at the
end of the day before the birthday, so a child born on the first of a month attains it in the month before.
"""

from collections.abc import Callable

import polars as pl

from yoriai.rules import Calculation, Gather, Input, Level, Row, Spread, Step, Use, either

_DAY = pl.Date()
_FLAG = pl.Boolean()
_SCHOOL_YEAR_END = 3
"""March: the school year is a matter of the calendar, not a figure that a law sets here."""

_PERIOD_INPUTS = (
    Input("claimed_on", "請求日", _DAY, unit="date"),
    Input("event_on", "出生・転入などの日", _DAY, unit="date"),
    Input("lost_on", "受給事由・養育の消滅日", _DAY, unit="date"),
)

JUDGEMENT = Level(
    "judgement",
    "受給者の月",
    key="judgement_no",
    title="title",
    inputs=(Input("month", "対象月 (1日)", _DAY, unit="date"), *_PERIOD_INPUTS),
)
CHILD = Level(
    "child",
    "児童",
    key="child_no",
    parents=("judgement",),
    title="title",
    inputs=(
        Input("birth_date", "生年月日", _DAY, unit="date"),
        Input("age", "年齢 (生年月日に代えて、年度末に達している年齢)", pl.Int64(), unit="age"),
        Input("is_cared", "監護・生計同一", _FLAG, True, unit="flag"),
        Input("is_supported", "18歳年度末より後の生計費の負担 (確認書)", _FLAG, True, unit="flag"),
        *_PERIOD_INPUTS,
    ),
)


def first_month_steps(on: str, group: str) -> tuple[Step, ...]:
    """The steps from a claim to the first and the last month it pays for."""
    return (
        Row(
            key="counts_as_claimed_on",
            on=on,
            group=group,
            unit="date",
            label="請求があったとみなす日",
            formula="出生・転入などの日の翌日から15日以内の請求は、その日の請求とみなす (15日特例)",
            article="児童手当法8条3項、9条",
            value=_counts_as_claimed_on,
        ),
        Row(
            key="first_month",
            on=on,
            group=group,
            unit="date",
            label="支給の始まる月",
            formula="請求があったとみなす日の属する月の翌月",
            article="児童手当法8条2項、9条1項",
            value=lambda p: pl.col("counts_as_claimed_on").dt.month_start().dt.offset_by("1mo"),
        ),
    )


def _counts_as_claimed_on(p: Use) -> pl.Expr:
    late = (pl.col("claimed_on") - pl.col("event_on")).dt.total_days()
    in_time = (late >= 0) & (late <= p.count("claim.grace_days"))
    return pl.when(in_time.fill_null(value=False)).then(pl.col("event_on")).otherwise(pl.col("claimed_on"))


def _attained(key: str) -> Callable[[Use], pl.Expr]:
    """The day on which the age of the figure `key` is attained: the eve of the birthday."""
    return lambda p: pl.col("birth_date").dt.offset_by("-1d").dt.offset_by(f"{p.count(key)}y")


def _school_year_end(day: pl.Expr) -> pl.Expr:
    """The first 31 March on or after the day."""
    year = day.dt.year() + (day.dt.month() > _SCHOOL_YEAR_END).cast(pl.Int32)
    return pl.date(year, _SCHOOL_YEAR_END, 31)


def _until(key: str) -> Callable[[Use], pl.Expr]:
    return lambda p: _school_year_end(_attained(key)(p))


def _has_not_passed(last_day: str, age_key: str, *, is_limit_included: bool) -> Callable[[Use], pl.Expr]:
    """Whether the month is not after the last day; where only an age is known, whether it is within the limit."""

    def value(p: Use) -> pl.Expr:
        limit = p.count(age_key)
        by_age = pl.col("age") <= limit if is_limit_included else pl.col("age") < limit
        by_date = pl.col("target_month") <= pl.col(last_day)
        return pl.when(pl.col("age").is_not_null()).then(by_age).otherwise(by_date.fill_null(value=False))

    return value


def _is_in_period(month: str) -> pl.Expr:
    begun = (pl.col(month) >= pl.col("first_month")).fill_null(value=True)
    return begun & (pl.col(month) <= pl.col("lost_on").dt.month_end()).fill_null(value=True)


def _is_counted(p: Use) -> pl.Expr:
    upkeep = pl.when(pl.col("is_school_age")).then(pl.col("is_cared")).otherwise(pl.col("is_supported"))
    is_born = (pl.col("birth_date") < pl.col("target_month")).fill_null(value=True)
    return pl.col("is_countable_age") & upkeep & is_born & _is_in_period("target_month")


def _birth_order(p: Use) -> pl.Expr:
    eldest_first = pl.coalesce(pl.col("birth_date").dt.epoch("d").cast(pl.Int64), -pl.col("age"))
    place = pl.when(pl.col("is_counted")).then(eldest_first).rank("ordinal").over("_judgement")
    return place.cast(pl.Int64).fill_null(0)


def _monthly_amount(p: Use) -> pl.Expr:
    rate = either(pl.col("is_young"), p.yen("amount.young"), p.yen("amount.standard"))
    return either(pl.col("is_eligible"), either(pl.col("is_third"), p.yen("amount.third"), rate))


_DATES: tuple[Step, ...] = (
    Spread(
        key="target_month",
        on="child",
        group="対象月",
        unit="date",
        label="対象月",
        formula="判定する月",
        source="judgement",
        column="month",
    ),
    *first_month_steps("child", "児童ごとの期間"),
    Row(
        key="young_until",
        on="child",
        group="年齢",
        unit="date",
        label="3歳未満の額の最後の日",
        formula="3歳に達する日 (誕生日の前日) の属する月の末日",
        article="児童手当法6条1項1号、年齢計算ニ関スル法律",
        value=lambda p: _attained("age.young")(p).dt.month_end(),
    ),
    Row(
        key="eligible_until",
        on="child",
        group="年齢",
        unit="date",
        label="支給要件児童である最後の日",
        formula="18歳に達する日 (誕生日の前日) 以後の最初の3月31日",
        article="児童手当法3条1項、4条",
        value=_until("age.eligible"),
    ),
    Row(
        key="counted_until",
        on="child",
        group="年齢",
        unit="date",
        label="子の数に数える最後の日",
        formula="22歳に達する日 (誕生日の前日) 以後の最初の3月31日",
        article="児童手当法3条、6条",
        value=_until("age.counted"),
    ),
)

_CHILD_STEPS: tuple[Step, ...] = (
    Row(
        key="is_young",
        on="child",
        group="年齢",
        unit="flag",
        label="3歳未満の額",
        formula="対象月が3歳に達する月まで",
        article="児童手当法6条1項1号",
        value=_has_not_passed("young_until", "age.young", is_limit_included=False),
    ),
    Row(
        key="is_school_age",
        on="child",
        group="年齢",
        unit="flag",
        label="18歳の年度末まで",
        formula="対象月が支給要件児童である最後の日まで",
        article="児童手当法3条1項",
        value=_has_not_passed("eligible_until", "age.eligible", is_limit_included=True),
    ),
    Row(
        key="is_countable_age",
        on="child",
        group="年齢",
        unit="flag",
        label="22歳の年度末まで",
        formula="対象月が子の数に数える最後の日まで",
        article="児童手当法3条",
        value=_has_not_passed("counted_until", "age.counted", is_limit_included=True),
    ),
    Row(
        key="is_counted",
        on="child",
        group="子の数",
        unit="flag",
        label="子の数に数える",
        formula="22歳の年度末まで、かつ 18歳の年度末までは監護・生計同一、その後は生計費の負担があり、期間の中である",
        article="児童手当法3条、4条、6条",
        value=_is_counted,
    ),
    Row(
        key="birth_order",
        on="child",
        group="子の数",
        unit="order",
        label="何番目の子か",
        formula="数える子を年上から並べた順番 (数えない子は0)",
        article="児童手当法6条1項1号",
        value=_birth_order,
    ),
    Row(
        key="is_third",
        on="child",
        group="子の数",
        unit="flag",
        label="第3子以降",
        formula="何番目の子かが3以上",
        article="児童手当法6条1項1号",
        value=lambda p: pl.col("birth_order") >= p.count("order.third"),
    ),
    Row(
        key="is_eligible",
        on="child",
        group="児童ごとの額",
        unit="flag",
        label="支給要件児童",
        formula="子の数に数え、18歳の年度末まで",
        article="児童手当法4条",
        value=lambda p: pl.col("is_counted") & pl.col("is_school_age"),
    ),
    Row(
        key="monthly_amount",
        on="child",
        group="児童ごとの額",
        label="児童ごとの月額",
        formula="3番目以降は多子の額、それ以外は3歳未満か3歳以上の額。支給要件児童でなければ0円",
        article="児童手当法6条1項1号",
        value=_monthly_amount,
    ),
)

_JUDGEMENT_STEPS: tuple[Step, ...] = (
    *first_month_steps("judgement", "受給者の期間"),
    Row(
        key="is_in_period",
        on="judgement",
        group="受給者の期間",
        unit="flag",
        label="支給する月",
        formula="支給の始まる月から、受給事由の消滅した日の属する月まで",
        article="児童手当法8条2項",
        value=lambda p: _is_in_period("month"),
    ),
    Gather(
        key="eligible_children",
        on="judgement",
        of="child",
        group="手当の額",
        unit="count",
        label="支給要件児童の数",
        formula="支給要件児童を数える",
        article="児童手当法4条",
        value=lambda p: pl.col("is_eligible").sum().cast(pl.Int64),
    ),
    Gather(
        key="children_amount",
        on="judgement",
        of="child",
        group="手当の額",
        label="児童ごとの月額の合計",
        formula="児童ごとの月額を足す",
        article="児童手当法6条1項1号",
        value=lambda p: pl.col("monthly_amount").sum(),
    ),
    Row(
        key="amount",
        on="judgement",
        group="手当の額",
        label="手当の月額",
        formula="支給する月なら児童ごとの月額の合計、そうでなければ0円",
        article="児童手当法6条、8条",
        value=lambda p: either(pl.col("is_in_period"), pl.col("children_amount")),
    ),
)

CHILD_ALLOWANCE = Calculation(
    "child_allowance", "児童手当の月次判定", (JUDGEMENT, CHILD), (*_DATES, *_CHILD_STEPS, *_JUDGEMENT_STEPS)
)
