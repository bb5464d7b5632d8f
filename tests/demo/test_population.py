"""The synthetic people: counts, kin, names, homes and what the register knows of their past."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import fields
from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from demo.loading.non_residents import returned_letter, tax_agent
from demo.loading.sealed import given_on
from demo.population import Population, generate, load_profile, load_towns, profile_names, scaled_size
from demo.population.households import relationship_codes
from modules.resident.basic_register.numbers.kinds import MY_NUMBER, RESIDENT_CODE
from modules.resident.non_resident.businesses import business_choices
from tests.demo.conftest import AS_OF, SIZES

KANA = re.compile(r"[ァ-ヶー]+(\u3000[ァ-ヶー]+)+")
SMALL = "343684"


def small(seed: int = 1, residents: int = 300) -> Population:
    return generate(SMALL, residents, load_profile("mountain"), seed, AS_OF, load_towns(SMALL))


def frames(population: Population) -> dict[str, pl.DataFrame]:
    return {field.name: getattr(population, field.name) for field in fields(population)}


def ages(frame: pl.DataFrame) -> pl.Series:
    born = frame["birth_date"]
    had_birthday = born.dt.month().cast(pl.Int32) * 100 + born.dt.day() <= AS_OF.month * 100 + AS_OF.day
    return AS_OF.year - born.dt.year() - 1 + had_birthday.cast(pl.Int32)


def with_kin(population: Population, link: str) -> pl.DataFrame:
    people = population.residents
    kin = people.select(pl.col("person_no").alias(link), pl.col("birth_date").alias("kin_birth"), "sex", "household_no")
    return people.select("person_no", "birth_date", "household_no", link).join(kin, on=link, suffix="_kin")


def test_same_seed_gives_same_people() -> None:
    for one, other in zip(frames(small()).values(), frames(small()).values(), strict=True):
        assert_frame_equal(one, other)


def test_other_seed_gives_other_people() -> None:
    assert not small(1).residents["name"].equals(small(2).residents["name"])


def test_hash_seed_does_not_matter() -> None:
    script = (
        "import hashlib, datetime;from demo.population import *;"
        f"p = generate('{SMALL}', 150, load_profile('mountain'), 1, datetime.date(2026, 11, 22), load_towns('{SMALL}'));"
        "print(hashlib.sha256((p.residents.write_csv() + p.incomes.write_csv() + p.accounts.write_csv()).encode()).hexdigest())"
    )
    here = small(residents=150)
    text = here.residents.write_csv() + here.incomes.write_csv() + here.accounts.write_csv()
    for hash_seed in ("0", "4711"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        output = subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
        ).stdout
        assert output.strip() == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("residents", [1, 100, 101, 997])
def test_any_number_of_residents_is_exact(residents: int) -> None:
    population = small(residents=residents)
    assert population.residents["person_no"].to_list() == list(range(1, residents + 1))


def test_no_residents_is_refused() -> None:
    with pytest.raises(ValueError, match="residents"):
        small(residents=0)


def test_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="suburban"):
        load_profile("metropolis")


def test_every_profile_is_tried_here() -> None:
    assert set(profile_names()) == set(SIZES)


@pytest.mark.parametrize(
    ("residents", "scale", "expected"), [(114_038, "1", 114_038), (27_031, "0.02", 541), (7_255, "0.001", 100)]
)
def test_scale_rounds_and_keeps_a_hundred(residents: int, scale: str, expected: int) -> None:
    assert scaled_size(residents, Fraction(scale)) == expected


def test_residents_are_exact_and_removed_are_numbered_after_them(population: Population, residents_wanted: int) -> None:
    assert population.residents.height == residents_wanted
    assert population.residents["person_no"].n_unique() == residents_wanted
    first = residents_wanted + 1
    assert population.removed["person_no"].to_list() == list(range(first, first + population.removed.height))
    assert set(population.residents["status"].unique()) <= {"resident", "move_out_planned"}


def test_no_binary_floats_anywhere(population: Population) -> None:
    allowed = {pl.Int64, pl.String, pl.Date, pl.Boolean}
    for name, frame in frames(population).items():
        assert {type(kind) for kind in frame.schema.values()} <= {*map(type, allowed), *allowed}, name
        assert not any(kind.is_float() for kind in frame.schema.values()), name


def test_ages_are_possible(population: Population) -> None:
    found = ages(population.residents)
    assert found.min() == 0
    assert 90 <= int(str(found.max())) <= 106


def test_share_of_elderly_is_the_profiles(population: Population, profile_name: str) -> None:
    profile = load_profile(profile_name)
    share = 1000 * int((ages(population.residents) >= 65).sum()) // population.residents.height
    assert abs(share - profile.elderly_share) <= profile.elderly_tolerance


def test_births_fall_from_year_to_year(population: Population) -> None:
    found = ages(population.residents)
    assert int((found < 5).sum()) < int(found.is_between(5, 9).sum()) < int(found.is_between(10, 14).sum())


def test_every_household_has_exactly_one_head(population: Population) -> None:
    heads = population.residents.group_by("household_no").agg(
        heads=(pl.col("relationship") == "02").sum(), marked=pl.col("is_head").sum()
    )
    assert heads["heads"].unique().to_list() == [1]
    assert heads["marked"].unique().to_list() == [1]


def test_household_size_is_that_of_the_country(population: Population) -> None:
    households = population.residents["household_no"].n_unique()
    assert 190 <= 100 * population.residents.height // households <= 240


def test_relationships_are_of_the_code_table(population: Population) -> None:
    for joined in population.residents["relationship"].unique():
        assert {joined[i : i + 2] for i in range(0, len(joined), 2)} <= relationship_codes()


def test_three_generations_live_together(population: Population) -> None:
    assert {"世帯主", "妻", "子", "子の子", "子の妻", "母"} <= set(population.residents["relationship_text"])


@pytest.mark.parametrize(("link", "sex"), [("father_no", "1"), ("mother_no", "2")])
def test_parents_are_at_least_fifteen_years_older(population: Population, link: str, sex: str) -> None:
    kin = with_kin(population, link)
    assert kin.height > 0
    assert kin["sex"].unique().to_list() == [sex]
    assert kin.select((pl.col("kin_birth").dt.offset_by("15y") <= pl.col("birth_date")).all()).item()


def test_mothers_are_at_most_fifty_years_older(population: Population) -> None:
    kin = with_kin(population, "mother_no")
    assert kin.select((pl.col("kin_birth").dt.offset_by("50y") >= pl.col("birth_date")).all()).item()


def test_spouses_are_mutual_adults_in_one_household(population: Population) -> None:
    kin = with_kin(population, "spouse_no")
    assert (kin["household_no"] == kin["household_no_kin"]).all()
    assert kin.select((pl.col("birth_date").dt.offset_by("18y") <= AS_OF).all()).item()
    back = dict(population.residents.select("person_no", "spouse_no").drop_nulls().rows())
    assert all(back[spouse] == person for person, spouse in back.items())


def test_no_minor_heads_a_household(population: Population) -> None:
    heads = population.residents.filter("is_head")
    assert (ages(heads) >= 18).all()


def test_siblings_are_born_apart_and_twins_are_rare(population: Population) -> None:
    children = population.residents.filter(pl.col("mother_no").is_not_null()).sort("mother_no", "birth_date")
    gaps = children.select(gap=pl.col("birth_date").diff().over("mother_no").dt.total_days()).drop_nulls()["gap"]
    assert (gaps.filter(gaps != 0) >= 300).all()
    assert int((gaps == 0).sum()) * 25 <= children.height


def test_readings_are_katakana(population: Population) -> None:
    for frame in (population.residents, population.removed, population.histories):
        assert all(KANA.fullmatch(kana) for kana in frame["name_kana"])
    assert all(KANA.fullmatch(kana) for kana in population.residents["alias_kana"].drop_nulls())


def test_japanese_names_have_a_full_width_space_and_foreign_ones_the_alphabet(population: Population) -> None:
    japanese = population.residents.filter(pl.col("nationality") == "JPN")["name"]
    assert (japanese.str.count_matches("\u3000") == 1).all()
    foreign = population.residents.filter(pl.col("nationality") != "JPN")
    assert foreign.height > 0
    assert foreign["name"].str.contains(r"^[A-Z]+( [A-Z]+)+$").all()
    assert foreign["registered_domicile"].null_count() == foreign.height


def test_some_names_are_written_with_variant_characters() -> None:
    population = generate("342157", 6_000, load_profile("island"), 3, AS_OF, load_towns("342157"))
    written = "".join(population.residents["name"])
    assert {"髙", "﨑", "邊", "濱"} <= set(written)
    assert "\U00020bb7" in written
    assert any(0xE0100 <= ord(char) <= 0xE01EF for char in written)


def test_couples_with_children_share_a_surname(population: Population) -> None:
    people = population.residents.filter(pl.col("nationality") == "JPN").select(
        "person_no", "spouse_no", "relationship_text", surname=pl.col("name").str.split("\u3000").list.first()
    )
    wives = people.filter(pl.col("relationship_text") == "妻").join(people, left_on="spouse_no", right_on="person_no")
    assert (wives["surname"] == wives["surname_right"]).all()


def test_addresses_are_in_the_towns(population: Population) -> None:
    joined = population.residents.join(population.towns, on="town_code", how="left", suffix="_town")
    assert (joined["postcode"] == joined["postcode_town"]).all()
    assert joined.select(pl.col("address").str.starts_with(pl.col("name_town")).all()).item()


def test_a_household_lives_at_one_address(population: Population) -> None:
    homes = population.residents.group_by("household_no").agg(
        pl.struct("address", "building").n_unique().alias("homes")
    )
    assert homes["homes"].max() == 1


def test_dates_of_residence_are_in_order(population: Population) -> None:
    for frame in (population.residents, population.removed):
        order = (
            (pl.col("birth_date") <= pl.col("became_resident_on"))
            & (pl.col("became_resident_on") <= pl.col("address_since"))
            & (pl.col("address_since") <= pl.col("valid_from"))
            & (pl.col("valid_from") <= AS_OF)
        )
        assert frame.filter(~order).height == 0
    assert (population.removed["removed_on"] > population.removed["valid_from"]).all()
    assert (population.removed["removed_on"] < AS_OF).all()


def test_former_versions_lead_without_gap_to_the_present_one(population: Population) -> None:
    past = population.histories.sort("person_no", "valid_from")
    assert (past["valid_from"] < past["valid_to"]).all()
    current = population.residents.select("person_no", pl.col("valid_from").alias("current_from"))
    following = past.join(current, on="person_no").with_columns(
        next_from=pl.col("valid_from").shift(-1).over("person_no").fill_null(pl.col("current_from"))
    )
    assert (following["valid_to"] == following["next_from"]).all()


def test_a_widow_became_head_when_her_husband_died(population: Population) -> None:
    widows = population.histories.filter(pl.col("relationship_text") == "妻").join(
        population.residents.filter("is_head").select("person_no", "valid_from", "movement_no"),
        on="person_no",
        suffix="_now",
    )
    assert widows.height > 0
    deaths = widows.join(population.movements, left_on="movement_no_now", right_on="movement_no")
    assert deaths["reason"].unique().to_list() == ["death"]
    assert (deaths["event_date"] == deaths["valid_to"]).all()


def test_movements_concern_known_people_and_are_notified_by_today(population: Population) -> None:
    known = pl.concat([population.residents["person_no"], population.removed["person_no"]])
    assert population.movement_persons["person_no"].is_in(known.implode()).all()
    assert set(population.movement_persons["movement_no"]) == set(population.movements["movement_no"])
    assert (population.movements["notified_on"] <= AS_OF).all()
    reasons = {"birth", "death", "marriage", "move_in", "move_out", "move_within"}
    assert set(population.movements["reason"]) <= reasons


def test_removed_left_by_death_or_moving_out(population: Population) -> None:
    assert set(population.removed["removal_reason"]) == {"death", "move_out"}
    moved = population.removed.filter(pl.col("removal_reason") == "move_out")
    assert moved["destination"].null_count() == 0


def test_as_of_may_be_a_leap_day() -> None:
    profile, towns = load_profile("rural"), load_towns(SMALL)
    population = generate(SMALL, 200, profile, 1, date(2028, 2, 29), towns)
    assert population.residents.height == 200


def test_nobody_has_a_number_from_before_its_law() -> None:
    people = pl.DataFrame({"became_resident_on": [date(1946, 11, 17), date(2010, 1, 1), date(2020, 1, 1)]})
    days = people.select(code=given_on(RESIDENT_CODE), number=given_on(MY_NUMBER))
    assert days["code"].to_list() == [date(2002, 8, 5), date(2010, 1, 1), date(2020, 1, 1)]
    assert days["number"].to_list() == [date(2015, 10, 5), date(2015, 10, 5), date(2020, 1, 1)]


def test_letters_of_non_residents_are_of_installed_businesses() -> None:
    """A screen tells a business by its name; of one that is not there only the code."""
    row = {"addressee_no": 1, "name": "甲", "address": "広島県呉市中央1番1号"}
    known = dict(business_choices())
    assert {tax_agent(row, AS_OF)["business"], returned_letter(row, AS_OF)["business"]} <= known.keys()
