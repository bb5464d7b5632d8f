"""The use cases of incomes. A correction writes a new row and ends the old one; what others judged from stays readable."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import select

from modules.resident.basic_register.facts import find_concealed, find_resident
from modules.resident.non_resident.facts import find_addressee
from modules.tax.income.conversion import convert
from modules.tax.income.inputs import SOURCE_LABELS, IncomeInput, IncomeResult, IncomeRow, PersonLine
from modules.tax.income.models import Income
from modules.tax.income.rules import INCOME_CALCULATION, PERSON
from yoriai.audit import AuditEvent
from yoriai.dates import age_at_end_of
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.outbox import DomainEvent, publish
from yoriai.rules import Explanation, ParameterSet, explain
from yoriai.tenancy.session import Reader, Record, WriteSession

_FIRST_YEAR = 2013
_SEX = {"1": "男", "2": "女", "9": "不明"}
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))"
_INPUTS = tuple(column.key for column in PERSON.inputs if hasattr(Income, column.key))
_COLUMNS = ", ".join(Income.__table__.columns.keys())
_ROWS = f"SELECT {_COLUMNS} FROM income WHERE addressee_no = $1 ORDER BY income_year DESC, recorded_at DESC LIMIT 200"  # noqa: S608
_KNOWN = f"SELECT {_COLUMNS} FROM income WHERE addressee_no = $1 AND income_year = $2 AND superseded_at IS NULL"  # noqa: S608


async def get_person(session: Reader, addressee_no: int, today: date) -> PersonLine:
    """The person, who need not live here any more or ever have (住登外者 are taxed, too). NotFound; the look is recorded."""
    resident = await find_resident(session, addressee_no)
    if resident is None:
        return await _not_resident(session, addressee_no, today)
    session.audit(AuditEvent("income.view", f"addressee:{addressee_no}"))
    return PersonLine(
        addressee_no=addressee_no,
        name=resident.name,
        kana=resident.name_kana,
        birth_date=resident.birth_date,
        age=age_at_end_of(today, resident.birth_date),
        sex=_SEX[resident.sex],
        address=" ".join(part for part in (resident.address, resident.building) if part),
        href=f"/resident/persons/{addressee_no}",
    )


async def _not_resident(session: Reader, addressee_no: int, today: date) -> PersonLine:
    person = await find_addressee(session, addressee_no)
    if person is None or person.kind != "person" or await find_concealed(session, [addressee_no]):
        raise NotFound("この宛名番号の人は見つかりません。")
    session.audit(AuditEvent("income.view", f"addressee:{addressee_no}"))
    return PersonLine(
        addressee_no=addressee_no,
        name=person.name,
        kana=person.name_kana,
        birth_date=person.birth_date,
        age=age_at_end_of(today, person.birth_date) if person.birth_date else 0,
        sex="",
        address=" ".join(part for part in (person.address, person.building) if part),
        href=f"/resident/persons/{addressee_no}"
        if person.standing == "former"
        else f"/non_resident/addressees/{addressee_no}",
    )


async def list_incomes(session: Reader, addressee_no: int) -> list[IncomeRow]:
    """All records of the person's incomes, superseded ones included."""
    return [_row(record) for record in await session.fetch(_ROWS, addressee_no)]


async def find_income(session: Reader, addressee_no: int, income_year: int) -> Record | None:
    """What is known now of that year."""
    return await session.fetchrow(_KNOWN, addressee_no, income_year)


async def explain_income(
    session: Reader, person: PersonLine, income_year: int, figures: ParameterSet
) -> tuple[IncomeRow, Explanation]:
    """The year's income and the steps that lead to it; raises NotFound."""
    record = await find_income(session, person.addressee_no, income_year)
    if record is None:
        raise NotFound(f"{income_year}年分の所得は登録されていません。")
    frame = _frame({name: record[name] for name in _INPUTS}, person)
    return _row(record), explain(INCOME_CALCULATION, {"person": frame}, figures)


async def record_income(
    session: WriteSession, person: PersonLine, income_year: int, body: IncomeInput, figures: ParameterSet, now: datetime
) -> IncomeResult:
    """Register or correct a year's income and tell the others; raises Invalid, or Conflict when it was changed meanwhile."""
    _check(body, income_year, now.date())
    await session.fetchval(_LOCK, f"income:{person.addressee_no}:{income_year}")
    known = await session.scalar(
        select(Income).where(
            Income.addressee_no == person.addressee_no,
            Income.income_year == income_year,
            Income.superseded_at.is_(None),
        )
    )
    if (known.id if known else None) != body.replaces:
        raise Conflict(f"{income_year}年分の所得は、表示した後に変更されました。表示し直してください。")
    if known:
        known.superseded_at = now
        await session.flush()
    given = body.model_dump(exclude={"replaces"})
    converted = convert(_frame({name: given[name] for name in _INPUTS}, person), figures).row(0, named=True)
    amounts = ("salary_income", "pension_income", "total_income_amount", "sum_income_amount")
    income = Income(
        addressee_no=person.addressee_no,
        income_year=income_year,
        staff_id=session.principal.login,
        recorded_at=now,
        **given,
        **{name: converted[name] for name in amounts},
    )
    session.add(income)
    await session.flush()
    _tell(session, income, known)
    return IncomeResult(
        id=income.id,
        addressee_no=income.addressee_no,
        income_year=income_year,
        sum_income_amount=income.sum_income_amount,
        total_income_amount=income.total_income_amount,
    )


def _tell(session: WriteSession, income: Income, replaced: Income | None) -> None:
    subject = f"addressee:{income.addressee_no}"
    detail = {"income_id": income.id, "income_year": income.income_year, "replaces": replaced.id if replaced else None}
    session.audit(AuditEvent("income.record", subject, detail=detail))
    before = replaced.sum_income_amount if replaced else None
    payload = detail | {"sum_income_amount": income.sum_income_amount, "sum_income_amount_before": before}
    publish(session, DomainEvent("income.changed", subject, date(income.income_year, 12, 31), payload))


def _check(body: IncomeInput, income_year: int, today: date) -> None:
    errors = []
    if not _FIRST_YEAR <= income_year <= today.year:
        errors.append(
            FieldError("income_year", f"{_FIRST_YEAR}年から{today.year}年までの所得を登録できます。", rule="year")
        )
    amounts = [name for name in _INPUTS if name != "has_special_dependant" and getattr(body, name)]
    if not body.is_declared and amounts:
        errors.append(FieldError("is_declared", "未申告の人に金額は登録できません。", rule="undeclared"))
    if errors:
        raise Invalid(fields=errors)


def _frame(values: dict[str, Any], person: PersonLine) -> pl.DataFrame:
    types: dict[str, Any] = {column.key: column.dtype for column in PERSON.inputs} | {"title": pl.String()}
    row = values | {"birth_date": person.birth_date, "title": person.name}
    return pl.DataFrame([row], schema={name: types[name] for name in row})


def _row(record: Record) -> IncomeRow:
    names: Sequence[str] = [name for name in IncomeRow.model_fields if name != "source_label"]
    return IncomeRow(source_label=SOURCE_LABELS[record["source"]], **{name: record[name] for name in names})
