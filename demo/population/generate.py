"""Makes the synthetic population of a municipality: same arguments, same people, on every machine."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from demo.population import frames
from demo.population.accounts import Account, Accounts
from demo.population.addresses import Directory, Elsewhere
from demo.population.departures import Departures
from demo.population.dice import Dice
from demo.population.households import form_households
from demo.population.incomes import Revenue, Revenues
from demo.population.insurance import Insurance
from demo.population.naming import Registrar
from demo.population.people import Household, draw_people
from demo.population.profile import Profile, load_society
from demo.population.register import PersonRow, Register
from demo.population.residency import Chronicle, Setting
from demo.population.towns import load_elsewhere, load_place
from demo.population.working import Employment
from yoriai.dates import fiscal_year_of

SMALLEST = 100
_REMOVED_ONLY = ("removed_on", "removal_reason", "destination", "removal_movement_no")


@dataclass(frozen=True)
class Population:
    """A municipality's people as frames; money is Int64 yen, numbers count from 1.

    `residents` holds current residents only; `removed` those who died or left, numbered after them.
    `insurance` covers both; `incomes` and `accounts` current residents.
    """

    residents: pl.DataFrame
    removed: pl.DataFrame
    histories: pl.DataFrame
    movements: pl.DataFrame
    movement_persons: pl.DataFrame
    incomes: pl.DataFrame
    insurance: pl.DataFrame
    accounts: pl.DataFrame
    towns: pl.DataFrame


def scaled_size(residents: int, scale: Fraction) -> int:
    """How many residents a demo of that scale has: the rounded part, at least a hundred."""
    return max(SMALLEST, round(residents * scale))


def generate(code: str, residents: int, profile: Profile, seed: int, as_of: date, towns: pl.DataFrame) -> Population:
    """Exactly `residents` current residents of the municipality `code` as of a day, with kin, homes, work, insurance.

    `towns` is what `load_towns(code)` gives. Raises ValueError for an unknown code or fewer than one resident.
    """
    if residents < 1:
        raise ValueError("residents: 1人以上にしてください")
    with _collector_paused():
        return _generate(code, residents, profile, (seed, code), as_of, towns)


@contextmanager
def _collector_paused() -> Iterator[None]:
    # Half a million linked objects are alive to the end: looking for cycles among them costs a fifth of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
        gc.collect()


def _generate(
    code: str, residents: int, profile: Profile, key: tuple[int, str], as_of: date, towns: pl.DataFrame
) -> Population:
    setting = _setting(code, profile, towns, key)
    society = setting.society
    people = draw_people(profile, residents, as_of, Dice(*key, "people"))
    households = form_households(people, profile, society, Dice(*key, "households"))
    setting.registrar.settle_foreigners(households, residents)
    Dice(*key, "order").shuffle(households)
    _number(households)
    chronicle = Chronicle(setting, as_of, Dice(*key, "residency"))
    employment = Employment(profile, society, Dice(*key, "work"))
    for household in households:
        setting.directory.house(household)
        setting.registrar.name_household(household)
        chronicle.settle(household)
        employment.employ(household)
    departures = Departures(setting, chronicle, households, residents, Dice(*key, "departures")).draw()
    insurance = Insurance(profile, society, chronicle, Dice(*key, "insurance"))
    for household in households:
        insurance.cover(household)
    revenues, accounts = _money(households, insurance, setting, as_of, key)
    insurance.cover_departures(departures)
    register = Register(
        chronicle, setting.elsewhere, setting.place.text, profile.movement.planned_move_outs, Dice(*key, "register")
    )
    rows = [row for household in households for row in register.household_rows(household)]
    return Population(
        residents=frames.to_frame(rows, PersonRow, drop=_REMOVED_ONLY),
        removed=frames.to_frame(
            [register.removed_row(d) for d in departures], PersonRow, drop=("planned_move_out_on",)
        ),
        histories=frames.histories_frame(chronicle.past),
        movements=frames.movements_frame(chronicle.movements),
        movement_persons=frames.movement_persons_frame(chronicle.movements),
        incomes=frames.incomes_frame(revenues),
        insurance=frames.insurance_frame(list(insurance.covers.values())),
        accounts=frames.accounts_frame(accounts),
        towns=towns,
    )


def _setting(code: str, profile: Profile, towns: pl.DataFrame, key: tuple[int, str]) -> Setting:
    society, place = load_society(), load_place(code)
    near, far = load_elsewhere(place)
    registrar = Registrar(code[:2], towns.height, profile, society, Dice(*key, "names"))
    directory = Directory(towns, profile, Dice(*key, "addresses"))
    return Setting(place, profile, society, directory, Elsewhere(near, far, Dice(*key, "elsewhere")), registrar)


def _number(households: list[Household]) -> None:
    person_no = 0
    for household_no, household in enumerate(households, start=1):
        household.no = household_no
        for member in household.members:
            person_no += 1
            member.no = person_no


def _money(
    households: list[Household], insurance: Insurance, setting: Setting, as_of: date, key: tuple[int, str]
) -> tuple[list[Revenue], list[Account]]:
    drawn = Revenues(setting.profile, setting.society, as_of, Dice(*key, "incomes"))
    opened = Accounts(setting.society, fiscal_year_of(as_of), Dice(*key, "accounts"))
    revenues: list[Revenue] = []
    accounts: list[Account] = []
    for household in households:
        own = list(drawn.of_household(household, insurance.covers))
        revenues += own
        earned = {revenue.person_no: revenue.total for revenue in own if revenue.income_year == as_of.year - 1}
        accounts += opened.of_household(household, insurance.covers, earned)
    return revenues, accounts
