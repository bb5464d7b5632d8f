"""A small register with incomes and enrolments, written in bulk as a conversion from an old system would."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from yoriai.dates import OPEN_END
from yoriai.tenancy.bulk import BulkWriteSession

FISCAL_YEAR = 2026
INCOME_YEAR = 2025
_INT, _DATE, _TEXT, _FLAG = pl.Int64(), pl.Date(), pl.String(), pl.Boolean()
_RECORD = {
    "addressee_no": _INT,
    "household_no": _INT,
    "name": _TEXT,
    "name_kana": _TEXT,
    "name_fold": _TEXT,
    "kana_fold": _TEXT,
    "gram": pl.List(pl.String),
    "birth_date": _DATE,
    "birth_date_unknown": _FLAG,
    "sex": _TEXT,
    "relationship": _TEXT,
    "relationship_text": _TEXT,
    "address": _TEXT,
    "postcode": _TEXT,
    "became_resident_on": _DATE,
    "address_since": _DATE,
    "status": _TEXT,
    "removed_on": _DATE,
    "valid_from": _DATE,
    "valid_to": _DATE,
    "movement_no": _INT,
}
_ENROLMENT = {
    "addressee_no": _INT,
    "household_no": _INT,
    "acquired_on": _DATE,
    "lost_on": _DATE,
    "acquisition_reason": _TEXT,
    "loss_reason": _TEXT,
}


@dataclass
class Person:
    """Somebody of a test: insured unless `acquired_on` is None; without `salary` no income is known."""

    no: int
    household: int
    birth: date
    is_head: bool = False
    acquired_on: date | None = date(2015, 4, 1)
    lost_on: date = OPEN_END
    loss_reason: str | None = None
    salary: int | None = 0
    removed_on: date | None = None
    income: dict[str, Any] = field(default_factory=dict)


HEAD = Person(1, 100, date(1980, 6, 15), is_head=True, salary=4_000_000)
SPOUSE = Person(2, 100, date(1982, 2, 3))
CHILD = Person(3, 100, date(2022, 7, 7), salary=None)
NOMINAL = Person(4, 200, date(1975, 1, 20), is_head=True, acquired_on=None, salary=5_000_000)
STUDENT = Person(5, 200, date(2006, 9, 9))
PENSIONER = Person(
    6, 300, date(1955, 3, 3), is_head=True, income={"pension_revenue": 1_500_000, "pension_income": 400_000}
)
UNDECLARED = Person(7, 400, date(1990, 5, 5), is_head=True, salary=None)
TOWN = (HEAD, SPOUSE, CHILD, NOMINAL, STUDENT, PENSIONER, UNDECLARED)


def settle(session: BulkWriteSession, *people: Person) -> None:
    """Write the people with their incomes and enrolments."""
    numbers = sorted({person.household for person in people})
    session.append(
        "household", pl.DataFrame({"household_no": numbers, "created_on": [date(2000, 1, 1)] * len(numbers)})
    )
    session.append("resident_record", pl.DataFrame([_record(person) for person in people], schema=_RECORD))
    incomes = [
        income_row(person.no, person.salary or 0, **person.income) for person in people if person.salary is not None
    ]
    if incomes:
        session.append("income", pl.DataFrame(incomes))
    enrolments = [_enrolment(person) for person in people if person.acquired_on]
    if enrolments:
        session.append("nhi_enrolment", pl.DataFrame(enrolments, schema=_ENROLMENT))


def income_row(addressee_no: int, salary_income: int, **changes: int) -> dict[str, Any]:
    """An income of 2025 that is salary, and what else is given."""
    total = salary_income + changes.get("pension_income", 0) + changes.get("business_income", 0)
    revenue = salary_income + 650_000 if salary_income else 0
    return {
        "addressee_no": addressee_no,
        "income_year": INCOME_YEAR,
        "is_declared": True,
        "salary_revenue": revenue,
        "salary_income": salary_income,
        "pension_revenue": 0,
        "pension_income": 0,
        "business_income": 0,
        "is_dedicated_worker": False,
        "total_income_amount": total,
        "sum_income_amount": total,
        **changes,
    }


def _record(person: Person) -> dict[str, Any]:
    removed = person.removed_on
    since = removed or date(2010, 4, 1)
    return {
        "addressee_no": person.no,
        "household_no": person.household,
        "name": f"山田 {person.no}子",
        "name_kana": "ヤマダ コ",
        "name_fold": f"山田{person.no}子",
        "kana_fold": "ヤマタコ",
        "gram": ["山"],
        "birth_date": person.birth,
        "birth_date_unknown": False,
        "sex": "2",
        "relationship": "02" if person.is_head else "20",
        "relationship_text": "世帯主" if person.is_head else "子",
        "address": "ためし町1番地",
        "postcode": "7390000",
        "became_resident_on": max(person.birth, date(2010, 4, 1)),
        "address_since": date(2010, 4, 1),
        "status": "removed" if removed else "resident",
        "removed_on": removed,
        "valid_from": since,
        "valid_to": OPEN_END,
        "movement_no": 0,
    }


def _enrolment(person: Person) -> dict[str, Any]:
    return {
        "addressee_no": person.no,
        "household_no": person.household,
        "acquired_on": max(person.acquired_on or OPEN_END, person.birth),
        "lost_on": person.lost_on,
        "acquisition_reason": "move_in",
        "loss_reason": person.loss_reason,
    }
