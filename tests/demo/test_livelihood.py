"""Revenues, insurance and accounts of the synthetic people."""

import polars as pl

from demo.population import Population
from tests.demo.conftest import AS_OF

YEN = [
    "salary_revenue",
    "pension_revenue",
    "business_income",
    "farm_income",
    "property_income",
    "other_income",
    "separate_income",
    "forestry_income",
    "fixed_asset_tax",
]


def current(population: Population) -> pl.DataFrame:
    return population.residents.join(population.insurance, on="person_no")


def test_revenues_are_whole_yen_and_never_negative(population: Population) -> None:
    for name in YEN:
        assert population.incomes.schema[name] == pl.Int64
        assert int(str(population.incomes[name].min())) >= 0


def test_revenues_are_of_the_two_years_before(population: Population) -> None:
    assert set(population.incomes["income_year"]) == {AS_OF.year - 1, AS_OF.year - 2}
    assert not population.incomes.select("person_no", "income_year").is_duplicated().any()


def test_only_adults_of_the_income_year_have_revenues(population: Population) -> None:
    people = population.incomes.join(population.residents.select("person_no", "birth_date"), on="person_no", how="left")
    assert people["birth_date"].null_count() == 0
    assert people.select((pl.col("income_year") - pl.col("birth_date").dt.year()).min()).item() >= 17


def test_a_few_percent_of_adults_are_undeclared_and_then_nothing_is_known(population: Population) -> None:
    last = population.incomes.filter(pl.col("income_year") == AS_OF.year - 1)
    undeclared = last.filter(~pl.col("is_declared"))
    assert 5 <= 1000 * undeclared.height // last.height <= 50
    assert undeclared.select(pl.sum_horizontal(YEN[:-1]).sum()).item() == 0


def test_pensions_are_paid_from_sixty_five(population: Population) -> None:
    pensioners = population.incomes.filter(pl.col("pension_revenue") > 0).join(population.residents, on="person_no")
    assert pensioners.select((pl.col("income_year") - pl.col("birth_date").dt.year()).min()).item() >= 64


def test_dedicated_workers_are_paid_a_salary(population: Population) -> None:
    helpers = population.incomes.filter("is_dedicated_worker")
    assert helpers.height > 0
    assert (helpers["salary_revenue"] > 0).all()


def test_everyone_has_a_scheme_and_every_present_member_a_date(population: Population) -> None:
    people = current(population)
    assert people.height == population.residents.height
    assert set(people["scheme"]) <= {"nhi", "employee", "elderly", "none"}
    members = people.filter(pl.col("scheme") == "nhi")
    assert members["nhi_acquired_on"].null_count() == 0
    assert members["nhi_lost_on"].null_count() == members.height
    assert (members["nhi_acquired_on"] >= members["became_resident_on"]).all()
    assert (members["nhi_acquired_on"] <= AS_OF).all()


def test_nhi_covers_about_a_fifth(population: Population) -> None:
    share = 1000 * int((current(population)["scheme"] == "nhi").sum()) // population.residents.height
    assert 170 <= share <= 270


def test_everyone_of_seventy_five_is_in_the_elderly_scheme_or_on_assistance(population: Population) -> None:
    old = current(population).filter(pl.col("birth_date").dt.offset_by("75y") <= AS_OF)
    assert set(old["scheme"]) <= {"elderly", "none"}
    assert (old.filter(pl.col("scheme") == "elderly")["elderly_since"] >= old["birth_date"].min()).all()


def test_spells_end_after_they_began(population: Population) -> None:
    ended = population.insurance.filter(pl.col("nhi_lost_on").is_not_null())
    assert (ended["nhi_lost_on"] >= ended["nhi_acquired_on"]).all()
    reasons = {"employee_scheme_joined", "elderly_medical", "death", "move_out"}
    assert set(ended["nhi_loss_reason"]) == reasons


def test_some_joined_and_left_in_the_current_fiscal_year(population: Population) -> None:
    start = pl.date(AS_OF.year, 4, 1)
    assert population.insurance.filter(pl.col("nhi_acquired_on") >= start).height > 0
    assert population.insurance.filter(pl.col("nhi_lost_on") >= start).height > 0


def test_former_members_live_with_a_present_member(population: Population) -> None:
    people = current(population)
    members = people.filter(pl.col("scheme") == "nhi")["household_no"].unique()
    former = people.filter("is_former_member")
    assert former.height > 0
    assert former["household_no"].is_in(members.implode()).all()
    assert (former["nhi_lost_on"] == former["elderly_since"]).all()


def test_involuntary_unemployment_starts_with_the_membership(population: Population) -> None:
    left = population.incomes.filter(pl.col("non_voluntary_from").is_not_null()).join(
        population.insurance, on="person_no"
    )
    assert (left["non_voluntary_from"] == left["nhi_acquired_on"]).all()
    assert (left["salary_revenue"] > 0).any()


def test_debit_accounts_are_the_heads_of_insured_households(population: Population) -> None:
    accounts = population.accounts.filter(pl.col("purpose") == "nhi").join(current(population), on="person_no")
    assert accounts["is_head"].all()
    members = current(population).filter(pl.col("scheme") == "nhi")["household_no"].unique()
    assert accounts["household_no"].is_in(members.implode()).all()
    assert accounts["account_number"].str.contains(r"^\d{7}$").all()


def test_allowance_accounts_are_of_households_with_children(population: Population) -> None:
    accounts = population.accounts.filter(pl.col("purpose") == "child_allowance")
    assert not accounts["person_no"].is_duplicated().any()
    children = population.residents.filter(pl.col("birth_date") > pl.date(2008, 4, 1))["household_no"].unique()
    assert accounts["household_no"].is_in(children.implode()).all()
