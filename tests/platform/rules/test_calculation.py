"""A calculation as its author sees it: levels, kinds of steps, what is kept, what is refused, what is explained."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import polars as pl
import pytest

from yoriai.errors import Invalid
from yoriai.rules import (
    Calculation,
    Frames,
    Gather,
    Input,
    Level,
    Moment,
    Open,
    ParameterSet,
    Row,
    RulesError,
    Spread,
    Step,
    Use,
    explain,
    times,
)
from yoriai.rules.parameters import MissingParameter, Resolved, Unit

HOUSE = Level("house", "世帯", key="house_no")
PERSON = Level(
    "person",
    "人",
    key="person_no",
    parents=("house",),
    title="name",
    inputs=(Input("name", "氏名", pl.String(), "", "text"), Input("income", "所得", pl.Int64(), 0)),
)
HALF = Level("half", "半期", key="half_no", parents=("house",), title="half")


def _figure(key: str, unit: Unit, value: int | Fraction) -> Resolved:
    return Resolved(key, key, unit, "条", value, "ordinance", 2026, "条例", "?")


FIGURES = ParameterSet(
    Moment(date(2026, 4, 1)),
    {"rate": _figure("rate", Unit.RATE, Fraction(1, 10)), "fee": _figure("fee", Unit.YEN, 100)},
    {"unknown": "未登録です。"},
)
FRAMES = {
    "house": pl.DataFrame({"house_no": [20, 10, 30]}),
    "person": pl.DataFrame(
        {"person_no": [1, 2, 3], "house_no": [10, 20, 10], "name": ["あ", "い", "う"], "income": [1005, 2000, 300]}
    ),
}


def _halves(frames: Frames, p: Use) -> pl.DataFrame:
    houses = frames["house"].with_row_index("_house").select("_house")
    return houses.join(pl.DataFrame({"half": ["上期", "下期"]}), how="cross").with_row_index("half_no")


TAX = Row(
    key="tax",
    on="person",
    label="税",
    formula="所得 × 率",
    article="1条",
    value=lambda p: times(pl.col("income"), p.rate("rate")),
)
SUM = Gather(key="sum", on="house", of="person", label="計", formula="税の計", value=lambda p: pl.col("tax").sum())
FEE = Row(key="due", on="house", label="納付額", formula="計 + 手数料", value=lambda p: pl.col("sum") + p.yen("fee"))
BACK = Spread(key="house_due", on="person", source="house", column="due", label="世帯の額", formula="世帯の額")
OPEN = Open(key="half", on="half", label="半期", formula="半分", unit="text", rows=_halves, needs=(("house", "due"),))


def _calculation(*steps: Step) -> Calculation:
    levels = (HOUSE, PERSON) if steps else (HOUSE, PERSON, HALF)
    return Calculation("test", "試験", levels, steps or (TAX, SUM, FEE, BACK, OPEN))


def test_steps_gather_up_and_spread_down_in_the_order_of_the_rows() -> None:
    results = _calculation().run(FRAMES, FIGURES)
    assert results["person"]["tax"].to_list() == [100, 200, 30]
    assert results["house"]["due"].to_list() == [300, 230, 100]
    assert results["person"]["house_due"].to_list() == [230, 300, 230]
    assert results["half"].height == 6


def test_one_row_gives_what_it_gives_among_many() -> None:
    calculation = _calculation()
    alone = calculation.run(
        {"house": FRAMES["house"].filter(house_no=10), "person": FRAMES["person"].filter(house_no=10)}, FIGURES
    )
    assert alone["house"]["due"].to_list() == [230]


def test_keep_computes_and_returns_only_what_was_asked_for() -> None:
    broken = Row(key="x", on="person", label="", formula="", value=lambda p: pl.col("nowhere"))
    results = _calculation(TAX, SUM, broken).run(FRAMES, FIGURES, keep={"house": ["sum"]})
    assert list(results) == ["house"]
    assert results["house"].columns == ["house_no", "sum"]


def test_float_result_is_a_mistake_in_the_rules() -> None:
    floating = Row(key="x", on="person", label="", formula="", value=lambda p: pl.col("income") / 3)
    with pytest.raises(RulesError, match="Float64"):
        _calculation(floating).run(FRAMES, FIGURES)


def test_amount_beyond_ten_trillion_yen_is_refused() -> None:
    huge = FRAMES["person"].with_columns(pl.lit(10**13 + 1).alias("income"))
    with pytest.raises(Invalid) as caught:
        _calculation().run({**FRAMES, "person": huge}, FIGURES)
    assert caught.value.fields[0].rule == "overflow"


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([TAX, TAX], "twice"),
        ([Row(key="income", on="person", label="", formula="", value=lambda p: pl.lit(1))], "twice"),
        ([Row(key="x", on="street", label="", formula="", value=lambda p: pl.lit(1))], "unknown level"),
    ],
)
def test_badly_shaped_calculation_is_refused(steps: Sequence[Step], message: str) -> None:
    with pytest.raises(RulesError, match=message):
        _calculation(*steps)


def test_child_without_parent_is_refused() -> None:
    with pytest.raises(Invalid, match="世帯がない人"):
        _calculation().run({**FRAMES, "house": FRAMES["house"].filter(house_no=10)}, FIGURES)


def test_missing_figure_is_named() -> None:
    wanting = Row(key="x", on="person", label="", formula="", value=lambda p: pl.lit(p.yen("unknown")))
    with pytest.raises(MissingParameter) as caught:
        _calculation(wanting).run(FRAMES, FIGURES)
    assert caught.value.fields[0].field == "parameters.unknown"
    assert caught.value.fields[0].message == "未登録です。"


def test_explanation_lists_steps_with_values_operands_and_figures() -> None:
    explanation = explain(_calculation(), FRAMES, FIGURES)
    tax = explanation.steps[0]
    assert [(value.title, value.display) for value in tax.values] == [("あ", "100円"), ("い", "200円"), ("う", "30円")]
    assert [operand.label for operand in tax.operands] == ["所得"]
    assert [(figure.key, figure.layer, figure.since) for figure in tax.parameters] == [("rate", "ordinance", 2026)]
    assert [figure.key for figure in explanation.unconfirmed] == ["rate", "fee"]
    assert [given.key for given in explanation.inputs] == ["income"]
    assert explanation.digest == FIGURES.digest
