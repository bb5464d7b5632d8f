"""The addresses of incomes: a person's years, a year with its conversion, the form."""

from modules.tax.income import service
from modules.tax.income.calc import PARAMETERS
from modules.tax.income.inputs import (
    SOURCE_LABELS,
    IncomeForm,
    IncomeInput,
    IncomeResult,
    IncomeView,
    PersonIncomes,
)
from yoriai.errors import NotFound
from yoriai.rules import Moment, ParameterSet
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.explained import shown_steps

router = BusinessRouter("income")
_FIRST_YEAR, _LAST_YEAR = 1950, 2199
_INCOME = form_or_json(IncomeInput)
_TOTALS = frozenset({"sum_income", "total_income"})


def _figures(ctx: Ctx, income_year: int) -> ParameterSet:
    if not _FIRST_YEAR <= income_year <= _LAST_YEAR:
        raise NotFound("その年の所得は扱っていません。")
    return ctx.config.figures(PARAMETERS, Moment.of_income_year(income_year))


@router.get(
    "/persons/{addressee_no}", permission="income.view", screen="income/person.html", summary="所得の照会 (年別)"
)
async def show_incomes(ctx: Ctx, addressee_no: int) -> PersonIncomes:
    """A person's incomes by year."""
    async with ctx.read() as session:
        person = await service.get_person(session, addressee_no, ctx.today)
        rows = await service.list_incomes(session, addressee_no)
    return PersonIncomes(person=person, rows=rows, next_year=ctx.today.year - 1)


@router.get(
    "/persons/{addressee_no}/years/{income_year}",
    permission="income.view",
    screen="income/year.html",
    summary="所得の計算の内訳",
)
async def show_income(ctx: Ctx, addressee_no: int, income_year: int) -> IncomeView:
    """One year's income and how it follows from the revenues."""
    figures = _figures(ctx, income_year)
    async with ctx.read() as session:
        person = await service.get_person(session, addressee_no, ctx.today)
        income, explanation = await service.explain_income(session, person, income_year, figures)
    steps = shown_steps(explanation, _TOTALS)
    return IncomeView(person=person, income=income, steps=steps, parameter_digest=figures.digest)


@router.get(
    "/persons/{addressee_no}/years/{income_year}/edit",
    permission="income.edit",
    screen="income/edit.html",
    summary="所得の登録・訂正の入力",
)
async def edit_income(ctx: Ctx, addressee_no: int, income_year: int) -> IncomeForm:
    """The form, filled with what is known."""
    return await _form(ctx, addressee_no, income_year)


async def _form(ctx: Ctx, addressee_no: int, income_year: int) -> IncomeForm:
    _figures(ctx, income_year)
    async with ctx.read() as session:
        person = await service.get_person(session, addressee_no, ctx.today)
        known = await service.find_income(session, addressee_no, income_year)
    names = [name for name in IncomeInput.model_fields if name != "replaces"]
    initial = {name: _typed(known[name]) for name in names if known[name]} if known else {"is_declared": "true"}
    return IncomeForm(
        person=person,
        income_year=income_year,
        sources=list(SOURCE_LABELS.items()),
        replaces=known["id"] if known else None,
        initial=initial,
    )


async def _again(ctx: Ctx) -> IncomeForm:
    path = ctx.request.path_params
    return await _form(ctx, int(path["addressee_no"]), int(path["income_year"]))


@router.post(
    "/persons/{addressee_no}/years/{income_year}",
    permission="income.edit",
    screen="income/edit.html",
    then="/persons/{addressee_no}/years/{income_year}",
    again=_again,
    summary="所得の登録・訂正",
)
async def record_income(ctx: Ctx, addressee_no: int, income_year: int, body: IncomeInput = _INCOME) -> IncomeResult:
    """Register or correct a year's income; businesses that judged from it are told."""
    figures = _figures(ctx, income_year)
    async with ctx.write() as session:
        person = await service.get_person(session, addressee_no, ctx.today)
        return await service.record_income(session, person, income_year, body, figures, ctx.now)


def _typed(value: object) -> str:
    """A value as a form field has it."""
    return "true" if value is True else str(value)
