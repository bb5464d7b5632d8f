"""What a clerk sends to register an income, and what the screens show. Amounts are yen; commas are allowed."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from yoriai.web.fields import Day

LIMIT = 10**12
Source = Literal["reported", "declared", "inquiry", "conversion"]
SOURCE_LABELS: dict[str, str] = {
    "reported": "支払報告書",
    "declared": "申告",
    "inquiry": "他市町村への照会",
    "conversion": "移行データ",
}


def _plain(value: object) -> object:
    return value.replace(",", "").replace("円", "").strip() if isinstance(value, str) else value


Amount = Annotated[int, BeforeValidator(_plain), Field(ge=0, le=LIMIT)]
GainOrLoss = Annotated[int, BeforeValidator(_plain), Field(ge=-LIMIT, le=LIMIT)]


class IncomeInput(BaseModel):
    """A person's income of one year. `replaces` is the number of the record the clerk saw, so that no correction is lost."""

    source: Source = Field(title="資料の種類")
    is_declared: bool = Field(default=True, title="申告・報告の有無")
    salary_revenue: Amount = Field(default=0, title="給与収入")
    pension_revenue: Amount = Field(default=0, title="公的年金等収入")
    business_income: GainOrLoss = Field(default=0, title="営業等所得")
    farm_income: GainOrLoss = Field(default=0, title="農業所得")
    property_income: GainOrLoss = Field(default=0, title="不動産所得")
    other_income: Amount = Field(default=0, title="その他の総合課税の所得")
    separate_income: Amount = Field(default=0, title="分離課税の所得 (特別控除後)")
    separate_special_deduction: Amount = Field(default=0, title="分離譲渡所得の特別控除額")
    forestry_income: Amount = Field(default=0, title="山林所得")
    net_loss_carried: Amount = Field(default=0, title="純損失等の繰越控除額")
    casualty_loss_carried: Amount = Field(default=0, title="雑損失の繰越控除額")
    has_special_dependant: bool = Field(default=False, title="所得金額調整控除の対象")
    is_dedicated_worker: bool = Field(default=False, title="事業専従者")
    non_voluntary_from: Day | None = Field(default=None, title="非自発的失業の離職日の翌日")
    fixed_asset_tax: Amount = Field(default=0, title="固定資産税額 (土地・家屋)")
    replaces: int | None = Field(default=None, ge=1, title="訂正する記録の番号")


class PersonLine(BaseModel):
    """Who the incomes are of."""

    addressee_no: int
    name: str
    kana: str
    birth_date: date | None
    age: int
    sex: str
    address: str
    href: str


class IncomeRow(BaseModel):
    """One record of a person's income, in yen; a superseded one stays readable."""

    id: int
    income_year: int
    is_declared: bool
    source_label: str
    salary_revenue: int
    salary_income: int
    pension_revenue: int
    pension_income: int
    sum_income_amount: int
    total_income_amount: int
    recorded_at: datetime
    superseded_at: datetime | None
    staff_id: str


class PersonIncomes(BaseModel):
    """A person's incomes, the latest year first."""

    person: PersonLine
    rows: list[IncomeRow]
    next_year: int


class IncomeView(BaseModel):
    """A year's income with the steps of its conversion; `steps` as the macro `explanation` takes them."""

    person: PersonLine
    income: IncomeRow
    steps: list[dict[str, Any]]
    parameter_digest: str


class IncomeForm(BaseModel):
    """The form of a year: what it starts with."""

    person: PersonLine
    income_year: int
    sources: list[tuple[str, str]]
    replaces: int | None
    initial: dict[str, Any]


class IncomeResult(BaseModel):
    """A registered income."""

    id: int
    addressee_no: int
    income_year: int
    sum_income_amount: int
    total_income_amount: int
