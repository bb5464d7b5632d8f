"""The incomes a municipality takes from files of its tax system: a person's year in a row, converted as at the counter."""

from datetime import datetime

from pydantic import Field

from modules.resident.non_resident.facts import concealed_among
from modules.tax.income.calc import PARAMETERS
from modules.tax.income.inputs import SOURCE_LABELS, IncomeInput, Source
from modules.tax.income.service import find_income, get_person, record_income
from yoriai.errors import Conflict
from yoriai.exchange.receivers import Receiver
from yoriai.rules import Moment
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

_HIGHEST = 10**15 - 1
_OWN = {"addressee_no", "income_year", "is_correction", "replaces"}


class ReceivedIncome(IncomeInput):
    """A year's income as another system sends it. Only a row that says so replaces what is registered and differs."""

    addressee_no: int = Field(ge=1, le=_HIGHEST, title="宛名番号")
    income_year: int = Field(ge=1950, le=2199, title="所得の年")
    source: Source = Field(default="reported", title="資料の種類")
    is_correction: bool = Field(default=False, title="訂正")


async def _record(session: WriteSession, row: ReceivedIncome, now: datetime, config: TenantConfig) -> object:
    """Register the row as a clerk would; the same values again change nothing. Raises NotFound, Invalid, Conflict."""
    person = await get_person(session, row.addressee_no, now.date())
    given = row.model_dump(exclude=_OWN)
    known = await find_income(session, row.addressee_no, row.income_year)
    if known is not None:
        if all(known[name] == value for name, value in given.items()):
            return known["id"]
        if not row.is_correction:
            # The reason stands in the list of rows, which shows what nobody earned.
            message = f"{row.income_year}年分の所得は、違う内容で登録済みです。"
            raise Conflict(f"{message}比べて、置き換えるときは「訂正」を1にしてください。")
    body = IncomeInput.model_validate(given | {"replaces": known["id"] if known else None})
    figures = config.figures(PARAMETERS, Moment.of_income_year(row.income_year))
    return await record_income(session, person, row.income_year, body, figures, now)


RECEIVERS = (
    Receiver(
        "income.income",
        "所得",
        {"宛名番号": "addressee_no", "所得の年": "income_year", "訂正": "is_correction"}
        | {
            # A heading says no more than the field of the form.
            (field.title or name).replace(" (土地・家屋)", "").replace(" (特別控除後)", ""): name
            for name, field in IncomeInput.model_fields.items()
            if name != "replaces"
        },
        ReceivedIncome,
        _record,
        permission="income.edit",
        person="宛名番号",
        concealed=concealed_among,
        hints={
            "所得の年": "西暦4桁",
            "訂正": "1=登録済みの内容を置き換える（なければ0）",
            "資料の種類": "、".join(f"{code}={word}" for code, word in SOURCE_LABELS.items()),
            "申告・報告の有無": "1=あり、0=未申告（なければ1）",
            "所得金額調整控除の対象": "1=対象（なければ0）",
            "事業専従者": "1=専従者（なければ0）",
            "非自発的失業の離職日の翌日": "2026-04-01 または R080401",
        },
        required=("宛名番号", "所得の年"),
    ),
)
