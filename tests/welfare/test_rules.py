"""The boundaries of 児童手当: ages by the eve of the birthday, school years, birth order, first and last months."""

from datetime import date
from typing import Any

import pytest

from modules.welfare.child_allowance.calc import CHILD_ALLOWANCE_CALCULATOR as CALCULATOR
from yoriai.errors import Invalid
from yoriai.rules import resolve
from yoriai.rules.parameters import MissingParameter


def calculate(document: dict[str, Any]) -> dict[str, Any]:
    parsed = CALCULATOR.parse(document)
    figures = resolve(CALCULATOR.definitions, CALCULATOR.moment(parsed, date(2026, 10, 1)))
    return CALCULATOR.calculate(parsed, figures)


def amounts(month: str, *children: dict[str, Any], recipient: dict[str, Any] | None = None) -> list[int]:
    result = calculate({"month": month, "children": list(children), "recipient": recipient or {}})
    return [child["amount"] for child in result["months"][0]["children"]]


def born(day: str, **values: Any) -> dict[str, Any]:
    return {"birth_date": day, **values}


def test_under_three_rate_lasts_to_the_month_of_the_third_birthday() -> None:
    assert amounts("2026-10", born("2023-10-15")) == [15_000]
    assert amounts("2026-11", born("2023-10-15")) == [10_000]


def test_a_child_born_on_the_first_attains_three_in_the_month_before() -> None:
    assert amounts("2026-09", born("2023-10-01")) == [15_000]
    assert amounts("2026-10", born("2023-10-01")) == [10_000]


def test_a_child_born_on_1_april_belongs_to_the_older_school_year() -> None:
    assert amounts("2026-03", born("2008-04-01")) == [10_000]
    assert amounts("2026-04", born("2008-04-01")) == [0]
    assert amounts("2026-04", born("2008-04-02")) == [10_000]
    assert amounts("2027-03", born("2008-04-02")) == [10_000]
    assert amounts("2027-04", born("2008-04-02")) == [0]


def test_a_child_born_on_29_february_attains_on_the_28th() -> None:
    assert amounts("2027-02", born("2024-02-29")) == [15_000]
    assert amounts("2027-03", born("2024-02-29")) == [10_000]


def test_third_child_counts_until_march_after_22nd_birthday_of_the_first() -> None:
    family = (born("2003-12-20"), born("2010-06-01"), born("2016-06-01"))
    assert amounts("2026-03", *family) == [0, 10_000, 30_000]
    assert amounts("2026-04", *family) == [0, 10_000, 10_000]


def test_first_child_born_on_2_april_counts_a_year_longer_than_one_born_on_the_1st() -> None:
    younger = (born("2010-06-01"), born("2016-06-01"))
    assert amounts("2026-03", born("2004-04-01"), *younger) == [0, 10_000, 30_000]
    assert amounts("2026-04", born("2004-04-01"), *younger) == [0, 10_000, 10_000]
    assert amounts("2027-03", born("2004-04-02"), *younger) == [0, 10_000, 30_000]


def test_a_grown_up_child_counts_only_while_supported() -> None:
    younger = (born("2010-06-01"), born("2016-06-01"))
    assert amounts("2026-10", born("2005-06-01", is_supported=False), *younger) == [0, 10_000, 10_000]
    assert amounts("2026-10", born("2005-06-01"), *younger) == [0, 10_000, 30_000]


def test_a_child_not_cared_for_gets_nothing_and_does_not_count() -> None:
    family = (born("2012-06-01", is_cared=False), born("2014-06-01"), born("2016-06-01"))
    assert amounts("2026-10", *family) == [0, 10_000, 10_000]


def test_third_child_gets_the_same_at_any_age_and_in_any_order_of_input() -> None:
    family = (born("2025-06-01"), born("2012-06-01"), born("2014-06-01"))
    assert amounts("2026-10", *family) == [30_000, 10_000, 10_000]


def test_twins_after_one_child_are_second_and_third() -> None:
    family = (born("2020-06-01"), born("2025-06-01"), born("2025-06-01"))
    assert amounts("2026-10", *family) == [10_000, 15_000, 30_000]


def test_payment_begins_in_the_month_after_the_claim() -> None:
    recipient = {"claimed_on": "2026-09-20"}
    assert amounts("2026-09", born("2020-06-01"), recipient=recipient) == [0]
    assert amounts("2026-10", born("2020-06-01"), recipient=recipient) == [10_000]


def test_claim_within_15_days_of_a_birth_late_in_the_month_begins_in_the_month_after_the_birth() -> None:
    recipient = {"claimed_on": "2026-10-10", "event_on": "2026-09-28"}
    child = born("2026-09-28")
    assert amounts("2026-09", child, recipient=recipient) == [0]
    assert amounts("2026-10", child, recipient=recipient) == [15_000]


@pytest.mark.parametrize(("claimed_on", "october"), [("2026-10-13", 15_000), ("2026-10-14", 0)])
def test_the_fifteenth_day_after_the_event_is_the_last(claimed_on: str, october: int) -> None:
    recipient = {"claimed_on": claimed_on, "event_on": "2026-09-28"}
    assert amounts("2026-10", born("2026-09-28"), recipient=recipient) == [october]
    assert amounts("2026-11", born("2026-09-28"), recipient=recipient) == [15_000]


def test_a_child_born_later_raises_the_amount_from_the_month_after_its_own_claim() -> None:
    elder = born("2020-06-01")
    baby = born("2026-09-28", claimed_on="2026-10-20", event_on="2026-09-28")
    assert amounts("2026-10", elder, baby) == [10_000, 0]
    assert amounts("2026-11", elder, baby) == [10_000, 15_000]


@pytest.mark.parametrize("birth", ["2026-10-01", "2026-10-31"])
def test_a_child_counts_from_the_month_after_its_birth(birth: str) -> None:
    elder = (born("2012-06-01"), born("2014-06-01"))
    assert amounts("2026-10", *elder, born(birth)) == [10_000, 10_000, 0]
    assert amounts("2026-11", *elder, born(birth)) == [10_000, 10_000, 30_000]


def test_payment_ends_with_the_month_of_loss() -> None:
    recipient = {"claimed_on": "2026-04-01", "lost_on": "2026-10-01"}
    assert amounts("2026-10", born("2020-06-01"), recipient=recipient) == [10_000]
    assert amounts("2026-11", born("2020-06-01"), recipient=recipient) == [0]


def test_a_year_is_paid_in_even_months_for_the_two_months_before() -> None:
    result = calculate({"fiscal_year": 2026, "children": [born("2023-10-15")]})
    assert [payment["paid_in"] for payment in result["payments"]] == [
        "2026-06", "2026-08", "2026-10", "2026-12", "2027-02", "2027-04",
    ]  # fmt: skip
    assert result["payments"][3] == {"paid_in": "2026-12", "months": ["2026-10", "2026-11"], "amount": 25_000}
    assert result["total"] == 7 * 15_000 + 5 * 10_000


def test_a_month_under_the_old_law_is_refused_and_says_why() -> None:
    with pytest.raises(MissingParameter) as failure:
        calculate({"month": "2024-09", "children": [born("2020-06-01")]})
    assert "旧制度" in failure.value.fields[0].message


def test_a_year_in_which_the_law_changed_must_be_asked_month_by_month() -> None:
    with pytest.raises(Invalid) as failure:
        calculate({"fiscal_year": 2024, "children": [born("2020-06-01")]})
    assert failure.value.fields[0].rule == "changes_within"


def test_every_mistake_of_an_input_is_named() -> None:
    document = {
        "month": "2026-10",
        "fiscal_year": 2026,
        "recipient": {"event_on": "2026-09-28"},
        "children": [{"birth_date": "2020-06-01", "claimed_on": "2020-05-01"}],
    }
    with pytest.raises(Invalid) as failure:
        CALCULATOR.parse(document)
    assert [error.field for error in failure.value.fields] == [
        "month", "recipient.claimed_on", "children[0].birth_date",
    ]  # fmt: skip


def test_a_child_needs_a_birth_date_or_an_age() -> None:
    with pytest.raises(Invalid) as failure:
        CALCULATOR.parse({"children": [{}]})
    assert failure.value.fields[0].field == "children[0]"


def test_every_step_of_the_explanation_names_its_article_and_shows_each_child() -> None:
    parsed = CALCULATOR.parse({"month": "2026-10", "children": [born("2020-06-01"), born("2025-06-01")]})
    figures = resolve(CALCULATOR.definitions, CALCULATOR.moment(parsed, date(2026, 10, 1)))
    explanation = CALCULATOR.explain(parsed, figures)
    assert all(step.article or step.key == "target_month" for step in explanation.steps)
    steps = {step.key: step for step in explanation.steps}
    assert [value.value for value in steps["monthly_amount"].values] == [10_000, 15_000]
    assert {figure.key for figure in steps["monthly_amount"].parameters} == {
        "amount.young", "amount.standard", "amount.third",
    }  # fmt: skip
