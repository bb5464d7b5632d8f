"""軽減: 7/5/2割, preschool children, minors, childbirth, the jobless, households left behind."""

from typing import Any

import pytest

HEAD = {"role": "head", "birth_date": "1990-07-10"}


def _head(**income: int) -> dict[str, Any]:
    return HEAD | {"income": income}


def _child(born: str) -> dict[str, Any]:
    return {"role": "member", "birth_date": born}


@pytest.mark.parametrize(
    ("fiscal_year", "people", "income", "tier"),
    [
        (2026, 1, 430_000, 7),
        (2026, 1, 430_001, 5),
        (2026, 1, 740_000, 5),
        (2026, 1, 740_001, 2),
        (2026, 1, 1_000_000, 2),
        (2026, 1, 1_000_001, 0),
        (2026, 3, 430_000 + 3 * 570_000, 2),
        (2026, 3, 430_000 + 3 * 570_000 + 1, 0),
        (2025, 2, 430_000 + 2 * 305_000, 5),
        (2025, 2, 430_000 + 2 * 305_000 + 1, 2),
        (2024, 2, 430_000 + 2 * 545_000, 2),
        (2023, 1, 430_000 + 535_000 + 1, 0),
        (2022, 1, 430_000 + 285_000, 5),
        (2020, 1, 330_000, 7),
        (2020, 1, 330_001, 5),
    ],
)
def test_tier_changes_one_yen_above_its_line(levy: Any, fiscal_year: int, people: int, income: int, tier: int) -> None:
    others = [_child("2010-05-05")] * (people - 1)
    assert levy(_head(total_income=income), *others, fiscal_year=fiscal_year)["tier"] == tier


def test_each_further_earner_raises_the_lines_by_100_000(levy: Any) -> None:
    earner = {"role": "member", "birth_date": "1991-01-01", "income": {"salary_revenue": 900_000}}
    result = levy(_head(salary_revenue=930_000), earner)
    assert result["judgement"]["earners"] == 2
    assert result["judgement"]["line_7"] == 530_000
    assert (result["judged_income"], result["tier"]) == (530_000, 7)


@pytest.mark.parametrize(
    ("fiscal_year", "revenue", "earners"), [(2025, 550_000, 0), (2025, 550_001, 1), (2026, 650_000, 0)]
)
def test_earner_line_follows_the_minimum_salary_deduction(
    levy: Any, fiscal_year: int, revenue: int, earners: int
) -> None:
    assert levy(_head(salary_revenue=revenue), fiscal_year=fiscal_year)["judgement"]["earners"] == earners


def test_pension_of_people_over_65_is_judged_after_150_000(levy: Any) -> None:
    old = {"role": "head", "birth_date": "1956-05-01", "income": {"pension_revenue": 1_680_000}}
    result = levy(old)
    assert (result["levy_base"], result["judged_income"], result["tier"]) == (150_000, 430_000, 7)


def test_born_on_1_january_is_65_for_the_income_of_the_year_before(levy: Any) -> None:
    on_first = {"role": "head", "birth_date": "1961-01-01", "income": {"pension_revenue": 1_200_000}}
    on_second = on_first | {"birth_date": "1961-01-02"}
    assert levy(on_first)["members"][0]["pension_income"] == 100_000
    assert levy(on_second)["members"][0]["pension_income"] == 600_000


def test_nominal_head_is_judged_but_neither_counted_nor_levied(levy: Any) -> None:
    head = {"role": "nominal_head", "birth_date": "1980-01-01", "income": {"total_income": 5_000_000}}
    insured = {"role": "member", "birth_date": "2001-05-05"}
    result = levy(head, insured)
    assert result["judgement"]["counted_people"] == 1
    assert (result["levy_base"], result["judged_income"], result["tier"]) == (0, 5_000_000, 0)
    assert result["components"]["medical"]["per_capita"] == 24_000


def test_former_insured_member_is_judged_and_counted_but_not_levied(levy: Any) -> None:
    former = {"role": "former_member", "birth_date": "1948-01-01", "income": {"total_income": 600_000}}
    result = levy(_head(), former)
    assert result["judgement"]["counted_people"] == 2
    assert (result["judged_income"], result["tier"], result["components"]["medical"]["heads"]) == (600_000, 5, 1)


def test_undeclared_income_of_anybody_judged_takes_the_reduction_away(levy: Any) -> None:
    assert levy(_head(), _child("1960-01-01"))["tier"] == 7
    result = levy(_head(), _child("1960-01-01") | {"is_declared": False})
    assert (result["tier"], result["judgement"]["has_undeclared"]) == (0, True)


def test_member_joining_later_does_not_change_the_judgement(levy: Any) -> None:
    joining = {
        "role": "member",
        "birth_date": "1992-01-01",
        "acquired_on": "2026-10-15",
        "income": {"total_income": 5_000_000},
    }
    assert levy(_head(), joining)["tier"] == 7
    assert levy(_head(), joining, liability_from="2026-11-01")["tier"] == 0


def test_reference_date_is_the_first_day_somebody_is_insured(levy: Any) -> None:
    result = levy(_head() | {"acquired_on": "2026-07-20"})
    assert result["judgement"]["reference_date"] == "2026-07-20"


def test_pay_within_the_family_is_judged_at_the_employer_only(levy: Any) -> None:
    owner = _head(business_income=1_000_000, dedicated_worker_deduction=860_000)
    worker = {
        "role": "member",
        "birth_date": "1991-01-01",
        "income": {"salary_revenue": 860_000, "dedicated_worker_pay": 860_000},
    }
    result = levy(owner, worker)
    assert result["judged_income"] == 1_860_000
    assert result["judgement"]["earners"] == 0


@pytest.mark.parametrize(
    ("born", "medical"),
    [("2020-04-01", 24_000), ("2020-04-02", 12_000), ("2026-05-05", 12_000)],
)
def test_preschool_children_pay_half_until_the_31_march_after_their_6th_birthday(
    levy: Any, born: str, medical: int
) -> None:
    alone = levy(_head(total_income=9_000_000))["components"]["medical"]["per_capita"]
    together = levy(_head(total_income=9_000_000), _child(born))["components"]["medical"]["per_capita"]
    assert together - alone == medical


@pytest.mark.parametrize(("tier_income", "share"), [(0, 15), (600_000, 25), (1_200_000, 40), (9_000_000, 50)])
def test_preschool_half_comes_after_the_tier(levy: Any, tier_income: int, share: int) -> None:
    result = levy(_head(total_income=tier_income), _child("2022-05-05"))
    child = result["segments"][0]["members"][1]["components"]["medical"]["per_capita"]
    assert child == 24_000 * share // 100


@pytest.mark.parametrize(("born", "amount"), [("2008-04-02", 0), ("2008-04-01", 1_260)])
def test_minors_pay_no_per_capita_of_the_child_support_component(levy: Any, born: str, amount: int) -> None:
    result = levy(_head(total_income=9_000_000), _child(born))
    assert result["components"]["child_support"]["per_capita"] == 1_260 + amount


def test_child_support_component_exists_from_fiscal_year_2026(levy: Any) -> None:
    assert "child_support" not in levy(_head(), fiscal_year=2025)["components"]
    assert levy(_head(total_income=1_430_000))["components"]["child_support"]["amount"] == 3_000 + 1_260 + 600


@pytest.mark.parametrize(
    ("delivery", "fiscal_year", "months"),
    [
        ({"month": "2026-08"}, 2026, 4),
        ({"month": "2026-08", "multiple": True}, 2026, 6),
        ({"month": "2026-03"}, 2026, 2),
        ({"month": "2027-04"}, 2026, 1),
        ({"month": "2023-12"}, 2023, 2),
        ({"month": "2023-10"}, 2023, 0),
    ],
)
def test_childbirth_frees_the_months_around_it(levy: Any, delivery: Any, fiscal_year: int, months: int) -> None:
    mother = _head(total_income=3_430_000)
    free = levy(mother, fiscal_year=fiscal_year)["components"]["medical"]["amount"]
    relieved = levy(mother | {"delivery": delivery}, fiscal_year=fiscal_year)["components"]["medical"]["amount"]
    assert free - relieved == (240_000 + 24_000) * months // 12


@pytest.mark.parametrize(
    ("since", "fiscal_year", "income", "tier"),
    [("2026-04-01", 2026, 1_278_000, 0), ("2025-05-01", 2026, 1_278_000, 0), ("2025-03-31", 2026, 4_260_000, 0)],
)
def test_jobless_count_30_percent_of_their_salary_until_the_end_of_the_next_fiscal_year(
    levy: Any, since: str, fiscal_year: int, income: int, tier: int
) -> None:
    result = levy(_head(salary_income=4_260_000) | {"non_voluntary_from": since}, fiscal_year=fiscal_year)
    assert (result["levy_base"], result["judged_income"], result["tier"]) == (income - 430_000, income, tier)


def test_relief_of_the_jobless_begins_in_the_month_after_separation(levy: Any) -> None:
    jobless = _head(salary_income=1_400_000) | {"non_voluntary_from": "2026-10-01"}
    result = levy(jobless)
    assert [segment["levy_base"] for segment in result["segments"]] == [970_000, 0]
    assert [segment["tier"] for segment in result["segments"]] == [0, 7]
    assert result["components"]["medical"]["amount"] == ((77_600 + 42_000) * 6 + (7_200 + 5_400) * 6) // 12


@pytest.mark.parametrize(
    ("since", "amount"),
    [("2026-04", 9_000), ("2021-05", 9_000), ("2021-04", 13_500), ("2018-05", 13_500), ("2018-04", 18_000)],
)
def test_household_left_behind_pays_half_for_five_years_then_three_quarters_for_three(
    levy: Any, since: str, amount: int
) -> None:
    result = levy(_head(total_income=9_000_000), special_since=since)
    assert result["segments"][0]["components"]["medical"]["per_household"] == amount
    assert result["segments"][0]["components"]["care"]["per_household"] == 0


def test_tier_applies_to_the_halved_amount(levy: Any) -> None:
    result = levy(_head(), special_since="2025-04")
    assert result["components"]["medical"]["per_household"] == 9_000 * 3 // 10


def test_ordinance_may_state_the_yen_to_deduct(levy: Any) -> None:
    amounts = [{"component": "medical", "tier": 7, "per_capita": 16_799, "per_household": 12_601}]
    result = levy(_head(), changes={"reduction.amounts": amounts})
    assert result["components"]["medical"]["per_capita"] == 24_000 - 16_799
    assert result["components"]["medical"]["per_household"] == 18_000 - 12_601
    assert result["components"]["elderly_support"]["per_capita"] == 12_000 * 3 // 10


def test_ordinance_may_state_the_yen_of_each_amount_of_the_child_support_component(levy: Any) -> None:
    amounts = [{"component": "child_support", "tier": 7, "per_capita": 841, "adult_extra": 43}]
    result = levy(_head(), changes={"reduction.amounts": amounts})
    assert result["components"]["child_support"]["per_capita"] == (1_200 - 841) + (60 - 43)


def test_ordinance_may_state_the_yen_off_for_preschool_children(levy: Any) -> None:
    amounts = [{"component": "medical", "tier": 7, "per_capita": 16_800, "preschool": 3_601}]
    result = levy(_head(), _child("2022-05-05"), changes={"reduction.amounts": amounts})
    assert result["components"]["medical"]["per_capita"] == 7_200 + (7_200 - 3_601)


def test_asset_levy_is_charged_on_the_fixed_asset_tax_of_the_insured(levy: Any) -> None:
    changes = {"medical.asset_rate": "7%", "care.asset_rate": "1.5%"}
    result = levy(_head(total_income=9_000_000) | {"fixed_asset_tax": 50_001}, changes=changes)
    assert result["components"]["medical"]["asset_levy"] == 3_500
    assert result["components"]["care"]["asset_levy"] == 0


@pytest.mark.parametrize(("sum_income", "deduction"), [(24_000_000, 430_000), (24_000_001, 290_000), (25_000_001, 0)])
def test_basic_deduction_tapers_above_24_million(levy: Any, sum_income: int, deduction: int) -> None:
    result = levy(_head(total_income=sum_income, sum_income=sum_income))
    assert result["members"][0]["basic_deduction_amount"] == deduction
