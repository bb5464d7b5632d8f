"""The finished population as Polars frames."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from operator import attrgetter
from typing import Any, get_args

import polars as pl

from demo.population.accounts import Account
from demo.population.households import relationship_text
from demo.population.incomes import Revenue
from demo.population.insurance import Cover
from demo.population.residency import Movement, Past

_TYPES: dict[Any, type[pl.DataType]] = {int: pl.Int64, str: pl.String, date: pl.Date, bool: pl.Boolean}


def to_frame(rows: Sequence[Any], row_type: type, drop: tuple[str, ...] = ()) -> pl.DataFrame:
    """A frame with a column per field of the row type, typed by its annotation."""
    kinds = {f.name: _TYPES[next(iter(get_args(f.type)), f.type)] for f in fields(row_type) if f.name not in drop}
    series = [pl.Series(name, list(map(attrgetter(name), rows)), dtype=kind) for name, kind in kinds.items()]
    return pl.DataFrame(series)


def histories_frame(past: Sequence[Past]) -> pl.DataFrame:
    """Former versions of current residents' records."""
    columns: dict[str, tuple[list[Any], type[pl.DataType]]] = {
        "person_no": ([p.person.no for p in past], pl.Int64),
        "household_no": ([p.person.household.no if p.person.household else None for p in past], pl.Int64),
        "valid_from": ([p.valid_from for p in past], pl.Date),
        "valid_to": ([p.valid_to for p in past], pl.Date),
        "name": ([p.name[0] for p in past], pl.String),
        "name_kana": ([p.name[1] for p in past], pl.String),
        "relationship": (["".join(p.relationship) for p in past], pl.String),
        "relationship_text": ([relationship_text(p.relationship) for p in past], pl.String),
        "town_code": ([p.address.town_code for p in past], pl.String),
        "postcode": ([p.address.postcode for p in past], pl.String),
        "address": ([p.address.text for p in past], pl.String),
        "building": ([p.address.building for p in past], pl.String),
        "address_since": ([p.address_since for p in past], pl.Date),
        "movement_no": ([p.movement_no for p in past], pl.Int64),
    }
    return pl.DataFrame({name: pl.Series(name, values, dtype=kind) for name, (values, kind) in columns.items()})


def movements_frame(movements: Sequence[Movement]) -> pl.DataFrame:
    """The movements of the last years."""
    columns: dict[str, tuple[list[Any], type[pl.DataType]]] = {
        "movement_no": ([m.no for m in movements], pl.Int64),
        "household_no": ([m.household_no for m in movements], pl.Int64),
        "reason": ([m.reason for m in movements], pl.String),
        "class": ([m.movement_class for m in movements], pl.String),
        "event_date": ([m.event_date for m in movements], pl.Date),
        "notified_on": ([m.notified_on for m in movements], pl.Date),
        "former_address": ([m.former_address for m in movements], pl.String),
    }
    return pl.DataFrame({name: pl.Series(name, values, dtype=kind) for name, (values, kind) in columns.items()})


def movement_persons_frame(movements: Sequence[Movement]) -> pl.DataFrame:
    """Whom each movement concerned."""
    pairs = [(movement.no, person_no) for movement in movements for person_no in movement.person_nos]
    return pl.DataFrame(pairs, schema={"movement_no": pl.Int64, "person_no": pl.Int64}, orient="row")


def insurance_frame(covers: Sequence[Cover]) -> pl.DataFrame:
    """The scheme of each person and the latest NHI spell."""
    frame = to_frame(covers, Cover, drop=("person",))
    names = {"acquired_on": "nhi_acquired_on", "acquisition_reason": "nhi_acquisition_reason"}
    numbers = pl.Series("person_no", [cover.person.no for cover in covers], dtype=pl.Int64)
    return frame.rename({**names, "lost_on": "nhi_lost_on", "loss_reason": "nhi_loss_reason"}).insert_column(0, numbers)


def accounts_frame(accounts: Sequence[Account]) -> pl.DataFrame:
    """Bank accounts by purpose."""
    return to_frame(accounts, Account)


def incomes_frame(revenues: Sequence[Revenue]) -> pl.DataFrame:
    """Revenues by person and year, in yen."""
    return to_frame(revenues, Revenue)
