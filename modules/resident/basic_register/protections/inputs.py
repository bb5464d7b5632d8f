"""What a clerk sends to protect somebody, to renew, to lift for a while, to release."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from yoriai.web.fields import Day

Reason = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=500)]
Scope = Literal["view", "copy", "removed_copy", "supplement"]


class ProtectionEntry(BaseModel):
    """A suppression of one or several people. A 支援措置 always hides addresses and stops certificates."""

    kind: Literal["support", "issue_stop", "movement_stop", "attention", "guardianship", "other"] = Field(title="種別")
    category: Literal["dv", "stalking", "child_abuse", "similar"] | None = Field(default=None, title="支援措置の区分")
    subjects: list[int] = Field(min_length=1, max_length=30, title="対象者の宛名番号")
    whole_household: bool = Field(default=False, title="世帯の全員を対象にする")
    starts_on: Day = Field(title="開始日")
    ends_on: Day | None = Field(default=None, title="終了日")
    applicant: Text | None = Field(default=None, title="申出者")
    hides_address: bool = Field(default=False, title="住所を表示しない")
    hides_from_search: bool = Field(default=False, title="検索でも該当なしとする")
    stops_issue: bool = Field(default=False, title="証明書の発行を止める")
    stops_movement: bool = Field(default=False, title="異動を止める")
    scope: list[Scope] = Field(default=[], title="対象事務")
    offender: Text | None = Field(default=None, title="加害者")
    opinion: Text | None = Field(default=None, title="相談機関の意見")
    first_municipality: Text | None = Field(default=None, title="当初受付市町村")
    forwarded_to: Text | None = Field(default=None, title="転送先")
    note: Text | None = Field(default=None, title="注意・備考")
    confirmed: list[str] = Field(default=[])


class Renewal(BaseModel):
    """延長: the same protection until another day."""

    ends_on: Day = Field(title="新しい終了日")
    reason: Reason = Field(title="延長の理由")
    confirmed: list[str] = Field(default=[])


class Release(BaseModel):
    """解除 by a named person with a reason; nothing opens by itself."""

    reason: Reason = Field(title="解除の理由")


class Lift(BaseModel):
    """一時解除: certificates may be issued for some minutes, to the person themselves for example."""

    minutes: int = Field(default=30, ge=1, le=480, title="分")
    reason: Reason = Field(title="一時解除の理由")


class ProtectionResult(BaseModel):
    """The protection that was written."""

    protection_no: int
    addressee_nos: list[int]
