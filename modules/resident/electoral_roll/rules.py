"""被登録資格 (公職選挙法21条): age, nationality, three months on the register, or four months after leaving.

A period is reckoned by 民法140条・143条: its first day is not counted, and it ends on the eve of the day that corresponds to its
beginning, or with the month where there is no such day. An age is attained at the end of the birthday's eve.
"""

import polars as pl

from yoriai.rules import Calculation, Input, Level, Row, Use

_DAY = pl.Date()
_FLAG = pl.Boolean()

PERSON = Level(
    "person",
    "本人",
    key="person_no",
    title="title",
    inputs=(
        Input("base_on", "基準日", _DAY, unit="date"),
        Input("age_on", "年齢を判定する日 (定時登録は基準日、選挙時登録は選挙期日)", _DAY, unit="date"),
        Input("birth_date", "生年月日 (書かなければ年齢を満たすとみなす)", _DAY, unit="date"),
        Input("is_japanese", "日本国民", _FLAG, True, unit="flag"),
        Input("recorded_on", "住民票の作成日 (転入は届出日)", _DAY, unit="date"),
        Input("left_on", "転出した日", _DAY, unit="date"),
        Input("died_on", "死亡した日", _DAY, unit="date"),
        Input("is_suspended", "選挙権がない (11条1項、252条)", _FLAG, False, unit="flag"),
        Input("is_registered_elsewhere", "転出先で登録された", _FLAG, False, unit="flag"),
    ),
)


def period_end(start: pl.Expr, length: str) -> pl.Expr:
    """The last day of a period that begins with the day `start`; `length` like `3mo` or `18y` (民法143条2項)."""
    due = start.dt.offset_by(length)
    return pl.when(due.dt.day() == start.dt.day()).then(due.dt.offset_by("-1d")).otherwise(due)


def _after(column: str, months: int) -> pl.Expr:
    """The last day of so many months after the day of the column, which itself is not counted (民法140条)."""
    return period_end(pl.col(column).dt.offset_by("1d"), f"{months}mo")


def _former_until(p: Use) -> pl.Expr:
    if not p.is_set("former_address.months"):
        return pl.lit(None, _DAY)
    return _after("left_on", p.count("former_address.months"))


def _has_address(p: Use) -> pl.Expr:
    return (pl.col("left_on").is_null() | (pl.col("left_on") > pl.col("base_on"))) & (
        pl.col("recorded_on") <= pl.col("base_on")
    )


def _is_former(p: Use) -> pl.Expr:
    left = (pl.col("left_on") <= pl.col("base_on")).fill_null(value=False)
    had = (pl.col("residence_until") <= pl.col("left_on")).fill_null(value=False)
    in_time = (pl.col("base_on") <= pl.col("former_until")).fill_null(value=False)
    return left & had & in_time & ~pl.col("is_registered_elsewhere")


PERSON_STEPS = (
    Row(
        key="of_age_on",
        on="person",
        group="年齢",
        unit="date",
        label="選挙権年齢に達する日",
        formula="選挙権年齢の誕生日の前日",
        article="年齢計算ニ関スル法律、公職選挙法9条、21条1項",
        value=lambda p: period_end(pl.col("birth_date"), f"{p.count('age.voting')}y"),
    ),
    Row(
        key="is_of_age",
        on="person",
        group="年齢",
        unit="flag",
        label="年齢を満たす",
        formula="年齢を判定する日までに選挙権年齢に達する",
        article="公職選挙法21条1項、22条",
        value=lambda p: (pl.col("of_age_on") <= pl.col("age_on")).fill_null(value=True),
    ),
    Row(
        key="residence_until",
        on="person",
        group="住所",
        unit="date",
        label="住民基本台帳の記録が必要な月数に達する日",
        formula="住民票の作成日(転入は届出日)の翌日から数えて満了する日",
        article="公職選挙法21条1項、民法140条、143条",
        value=lambda p: _after("recorded_on", p.count("residence.months")),
    ),
    Row(
        key="has_address",
        on="person",
        group="住所",
        unit="flag",
        label="基準日に住所がある",
        formula="基準日までに記録され、基準日までに転出していない",
        article="公職選挙法21条1項",
        value=_has_address,
    ),
    Row(
        key="is_resident_long",
        on="person",
        group="住所",
        unit="flag",
        label="引き続き必要な月数以上記録されている",
        formula="基準日に住所があり、必要な月数に達する日が基準日まで",
        article="公職選挙法21条1項",
        value=lambda p: pl.col("has_address") & (pl.col("residence_until") <= pl.col("base_on")),
    ),
    Row(
        key="former_until",
        on="person",
        group="旧住所地",
        unit="date",
        label="旧住所地で登録できる最後の日",
        formula="転出した日の翌日から数えて満了する日",
        article="公職選挙法21条2項、民法140条、143条",
        value=_former_until,
    ),
    Row(
        key="is_former",
        on="person",
        group="旧住所地",
        unit="flag",
        label="旧住所地で登録できる",
        formula="転出の日までに必要な月数以上記録され、満了する日を過ぎず、転出先で登録されていない",
        article="公職選挙法21条2項",
        value=_is_former,
    ),
    Row(
        key="is_alive",
        on="person",
        group="判定",
        unit="flag",
        label="基準日に生存",
        formula="基準日までに死亡していない",
        value=lambda p: (pl.col("died_on") > pl.col("base_on")).fill_null(value=True),
    ),
    Row(
        key="is_registrable",
        on="person",
        group="判定",
        unit="flag",
        label="被登録資格",
        formula="日本国民で、年齢と住所(または旧住所地)の要件を満たし、生存し、選挙権を失っていない",
        article="公職選挙法21条",
        value=lambda p: (
            pl.col("is_japanese")
            & pl.col("is_of_age")
            & pl.col("is_alive")
            & ~pl.col("is_suspended")
            & (pl.col("is_resident_long") | pl.col("is_former"))
        ),
    ),
)

QUALIFICATION = Calculation("electoral_roll", "被登録資格の判定", (PERSON,), PERSON_STEPS)
