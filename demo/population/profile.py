"""Kinds of municipality as data: age pyramid, households, dwellings, origin, work and movement."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from ruamel.yaml import YAML

from demo.population.dice import Distribution, Steps, Weighted

FOLDER = Path(__file__).parent
BANDS = 21
"""Five-year bands of the pyramid: 0-4, 5-9 ... 95-99, 100 and over."""

Share = Annotated[int, Field(ge=0, le=1000)]
AgeSteps = Annotated[Steps, BeforeValidator(Steps)]
Points = Annotated[Distribution, BeforeValidator(Distribution)]
Gaps = Annotated[Weighted[int], BeforeValidator(lambda gaps: Weighted(gaps.items()))]
Band = Annotated[tuple[int, ...], Field(min_length=BANDS, max_length=BANDS)]
WorkTable = dict[int, tuple[int, int, int, int, int, int, int]]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Pyramid(_Data):
    """Weights of the five-year bands by sex."""

    male: Band
    female: Band


class Households(_Data):
    """Who lives with whom, per thousand."""

    adult_child_at_home: AgeSteps
    three_generations: Share
    three_generations_alone: Share
    care_home: Share


class Dwelling(_Data):
    """How people live, and for how long (years)."""

    owner: Share
    apartment: Share
    town_concentration: Share
    chome_weight: int
    tenure_owner: Points
    tenure_renter: Points


class Origin(_Data):
    """Where people come from, per thousand residents."""

    native: Share
    foreign: Share
    foreign_worker: Share


class Work(_Data):
    """Weights of the kinds of work by sex and age, and what depends on them."""

    male: WorkTable
    female: WorkTable
    student: AgeSteps
    side_farm: Share
    pay_level: int
    undeclared: Share
    public_assistance: Share


class Movement(_Data):
    """What changed in the last years, per thousand a year."""

    horizon_years: int
    deaths: Share
    move_outs: Share
    head_by_death: Share
    planned_move_outs: Share
    weddings: Share


class Profile(_Data):
    """One kind of municipality (`profiles/*.yaml`). Shares are per thousand."""

    pyramid: Pyramid
    elderly_share: Share
    elderly_tolerance: Share
    households: Households
    dwelling: Dwelling
    origin: Origin
    work: Work
    movement: Movement


class Society(_Data):
    """What all profiles share (`data/society.yaml`)."""

    married_male: AgeSteps
    married_female: AgeSteps
    spouse_age_gap: Gaps
    mother_age_gap: Gaps
    sibling_readiness: AgeSteps
    twins: Share
    minor_family: tuple[int, int, int]
    adult_child_family: tuple[int, int, int]
    through_son: Share
    wife_surname: Share
    wife_native: Share
    siblings_together: Share
    elder_is_head: AgeSteps
    grown_child_is_head: Share
    boys: Share
    ancestral_home: Share
    came_straight: Share
    moved_within_town: Share
    leavers_owning: Share
    unregistered_marriage: Share
    former_surname: Share
    death_age: dict[int, int]
    move_out_kind: tuple[int, int, int]
    distributions: dict[str, Points]
    salary_by_age: AgeSteps
    property_owner: AgeSteps
    separate_income_holder: AgeSteps
    other_income_holder: AgeSteps
    employees_pension_share: tuple[int, int]
    last_year_ratio: tuple[int, int]
    part_time_insured: Share
    part_time_dependant: Share
    regular_in_small_business: Share
    retired_dependant_of_spouse: Share
    retired_dependant_of_child: Share
    continued_scheme: AgeSteps
    adult_dependant_of_parent: Share
    student_alone_dependant: Share
    disabled_elderly: AgeSteps
    dedicated_worker: Share
    moved_this_year: Share
    left_this_year: Share
    involuntary: Share
    was_insured_before_75: Share
    debit_share: Share
    allowance_by_employer: Share
    late_notice: Share
    foreign_register_from: date
    elderly_scheme_from: date


def read_data(path: Path) -> Any:
    """A YAML file of this package."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def profile_names() -> list[str]:
    """The profiles a municipality may be given."""
    return sorted(path.stem for path in (FOLDER / "profiles").glob("*.yaml"))


def load_profile(name: str) -> Profile:
    """The profile of that name; raises ValueError when there is none or a field is wrong."""
    if name not in profile_names():
        raise ValueError(f"人口の型「{name}」はありません（{', '.join(profile_names())}）")
    return Profile.model_validate(read_data(FOLDER / "profiles" / f"{name}.yaml"))


@cache
def load_society() -> Society:
    """The habits that all profiles share."""
    return Society.model_validate(read_data(FOLDER / "data" / "society.yaml"))
