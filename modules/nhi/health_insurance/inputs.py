"""What a clerk sends about 資格 and what the levy depends on. Dates may be written in 和暦 or the western calendar."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from modules.nhi.health_insurance.codes import ACQUISITION_REASONS, CIRCUMSTANCES, LOSS_REASONS
from yoriai.web.fields import Day


def _known(codes: dict[str, str]) -> BeforeValidator:
    def check(value: object) -> object:
        if not isinstance(value, str) or value not in codes:
            raise ValueError("選択肢の中から選んでください。")
        return value

    return BeforeValidator(check)


class Notice(BaseModel):
    """What every notice has; `confirmed` lists the alerts the clerk has accepted."""

    addressee_no: int = Field(ge=1, title="宛名番号")
    notified_on: Day = Field(title="届出日")
    confirmed: list[str] = []


class Enrol(Notice):
    """資格の取得."""

    acquired_on: Day = Field(title="資格取得日")
    reason: Annotated[str, _known(ACQUISITION_REASONS)] = Field(title="取得の理由")


class Withdraw(Notice):
    """資格の喪失; `lost_on` is the first day without cover."""

    lost_on: Day = Field(title="資格喪失日")
    reason: Annotated[str, _known(LOSS_REASONS)] = Field(title="喪失の理由")


class Transfer(Notice):
    """世帯の移替え: the person lives in another household since `moved_on`."""

    moved_on: Day = Field(title="世帯の変わった日")


class Circumstance(Notice):
    """非自発的失業、出産、介護保険適用除外、世帯主変更."""

    kind: Annotated[str, _known(CIRCUMSTANCES)] = Field(title="事情")
    starts_on: Day = Field(
        title="始まる日", description="離職日の翌日、出産(予定)日、適用除外の始まる日、世帯主になった日"
    )
    ends_on: Day | None = Field(default=None, title="終わる日")
    is_multiple_birth: bool = Field(default=False, title="多胎")
    code: str | None = Field(default=None, max_length=2, title="離職理由コード")


class Assess(BaseModel):
    """賦課・更正 of one household; the reason stands in the audit event."""

    reason: str = Field(default="", max_length=200, title="賦課し直す理由")


class Dismissal(BaseModel):
    """A candidate that asks for nothing: the person is insured elsewhere, for example."""

    source: str = Field(pattern=r"^(event:\d{1,18}|age)$")
    addressee_no: int = Field(ge=1)
    kind: Literal["acquire", "lose", "transfer"]


class EnrolmentResult(BaseModel):
    """What was recorded; `fiscal_years` are to be assessed anew."""

    addressee_no: int
    household_no: int
    fiscal_year: int
    fiscal_years: list[int]


class EnrolmentForm(BaseModel):
    """The form of 取得, 喪失 and 事情: who it is about and what may be chosen."""

    addressee_no: int | None
    person: dict[str, Any] | None
    household_no: int | None
    enrolments: list[dict[str, Any]]
    mates: list[dict[str, Any]] = []
    """Others of the household who may join with the same notice."""
    acquisition_reasons: list[tuple[str, str]] = list(ACQUISITION_REASONS.items())
    loss_reasons: list[tuple[str, str]] = list(LOSS_REASONS.items())
    circumstances: list[tuple[str, str]] = list(CIRCUMSTANCES.items())
    initial: dict[str, Any]
