"""What a clerk sends. Dates may be written in 和暦 or the western calendar."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from yoriai.web.fields import Day

_TEXT = 200


Reason = Annotated[str, Field(max_length=_TEXT)]


class ChildInput(BaseModel):
    """A child: a resident by number, or one who lives elsewhere by name and birth date."""

    child_no: int | None = Field(default=None, ge=1, title="宛名番号")
    name: str | None = Field(default=None, min_length=1, max_length=100, title="氏名 (市外の子)")
    birth_date: Day | None = Field(default=None, title="生年月日 (市外の子)")
    is_cared: bool = Field(default=False, title="監護し生計を同じくする")
    is_supported: bool = Field(default=False, title="生計費を負担する (確認書)")


class Claim(BaseModel):
    """認定請求. `confirmed` lists the alerts the clerk accepted."""

    recipient_no: int = Field(ge=1, title="請求者の宛名番号")
    recipient_kind: Literal["parent", "guardian", "designated", "institution"] = Field(
        default="parent", title="請求者の区分"
    )
    claimed_on: Day = Field(title="受付日")
    event: Literal["birth", "move_in", "other"] = Field(default="other", title="請求の事由")
    event_on: Day | None = Field(default=None, title="出生・転入などの日")
    children: list[ChildInput] = Field(min_length=1, max_length=100, title="児童")
    confirmed: list[str] = []


class CaseAct(BaseModel):
    """認定, 却下, 差止, 解除, 消滅; `version` is the case as the clerk saw it."""

    act: Literal["approve", "reject", "hold", "resume", "end"] = Field(title="処理")
    on: Day = Field(title="決定日・事由の日")
    reason: Reason = Field(default="", title="理由")
    version: int = Field(ge=1)


class ChildAdded(ChildInput):
    """額改定請求 (増額): one more child."""

    claimed_on: Day = Field(title="受付日")
    event_on: Day | None = Field(default=None, title="出生などの日")
    version: int = Field(ge=1)


class ChildLost(BaseModel):
    """額改定 (減額): a child no longer counts."""

    child_id: int = Field(ge=1, title="減る児童 (児童の記録の番号)")
    lost_on: Day = Field(title="養育しなくなった日")
    loss_reason: Reason = Field(min_length=1, title="減額の理由")
    version: int = Field(ge=1)


class ProposalClosed(BaseModel):
    """An 案内 that was dealt with."""

    person_no: int = Field(ge=1)
    kind: Literal["claim", "add_child", "lose_child", "end"]
    outcome: Literal["done", "not_needed"] = Field(title="結果")


class CaseResult(BaseModel):
    """A case after an act."""

    case_no: int
    status: str
    version: int


class ProposalResult(BaseModel):
    """A closed 案内."""

    event_id: int
    outcome: str
