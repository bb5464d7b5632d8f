"""What a clerk sends. Dates may be written in 和暦 or the western calendar."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from yoriai.web.fields import Day

Reason = Annotated[str, Field(min_length=1, max_length=200)]
Business = Annotated[str, Field(pattern="^[a-z_]{2,40}$")]


class Member(BaseModel):
    """A co-owner with the share."""

    member_no: int = Field(ge=1, title="共有者の宛名番号")
    numerator: int = Field(ge=1, le=10**9, title="持分の分子")
    denominator: int = Field(ge=1, le=10**9, title="持分の分母")


class Facts(BaseModel):
    """What is known of somebody who is not on the register."""

    name: str = Field(min_length=1, max_length=100, title="氏名・名称")
    name_kana: str = Field(min_length=1, max_length=100, title="フリガナ")
    alias: str = Field(default="", max_length=100, title="通称")
    branch: str = Field(default="", max_length=100, title="支店・部署")
    representative: str = Field(default="", max_length=100, title="代表者")
    birth_date: Day | None = Field(default=None, title="生年月日")
    sex: Literal["0", "1", "2"] = Field(default="0", title="性別")
    corporate_number: str | None = Field(default=None, max_length=20, title="法人番号")
    postcode: str | None = Field(default=None, pattern=r"^\d{3}-?\d{4}$", title="郵便番号")
    address: str = Field(min_length=1, max_length=300, title="住所・所在地")
    building: str = Field(default="", max_length=300, title="方書")
    source: str = Field(min_length=1, max_length=100, title="情報の出所")
    is_restricted: bool = Field(default=False, title="他業務参照不可")
    since: Day = Field(title="いつから")
    reason: Reason = Field(title="理由")
    confirmed: list[str] = []


class Registration(Facts):
    """付番: a new addressee. `addressee_no` is given only by a migration, which keeps the numbers there were."""

    kind: Literal["person", "corporation", "body", "co_owners"] = Field(default="person", title="区分")
    owner_business: str = Field(default="", max_length=40, title="登録した業務")
    members: list[Member] = Field(default=[], max_length=500, title="共有者")


class Change(Facts):
    """A change from a day on."""

    version: int = Field(ge=1)


class Migrated(Registration):
    """A record of the former system with its number."""

    addressee_no: int = Field(ge=1, title="宛名番号")


class Migration(BaseModel):
    """Records of the former system: all of them or none."""

    rows: list[Migrated] = Field(min_length=1, max_length=5000)


class Link(BaseModel):
    """名寄せ: the number of the page points to the representative."""

    to_no: int = Field(ge=1, title="代表の宛名番号")
    reason: Reason = Field(title="理由")


class Unlink(BaseModel):
    """取消し of a 名寄せ."""

    reason: Reason = Field(title="取消しの理由")


DestinationKind = Literal["mailing", "tax_agent", "heir", "guardian", "trustee"]


class Destination(BaseModel):
    """送付先 and the like; of an agent who has a number, name and address are taken from there."""

    kind: DestinationKind = Field(title="種類")
    business: Business = Field(default="all", title="対象の業務")
    agent_no: int | None = Field(default=None, ge=1, title="管理人などの宛名番号")
    name: str = Field(default="", max_length=100, title="宛名")
    postcode: str | None = Field(default=None, pattern=r"^\d{3}-?\d{4}$", title="郵便番号")
    address: str = Field(default="", max_length=300, title="住所")
    building: str = Field(default="", max_length=300, title="方書")
    valid_from: Day = Field(title="いつから")
    valid_to: Day | None = Field(default=None, title="いつまで")
    reason: Reason = Field(title="理由・届出")


class Returned(BaseModel):
    """返戻 or 公示送達 of one item."""

    kind: Literal["returned", "public_notice"] = Field(title="区分")
    business: Business = Field(default="all", title="業務")
    item: str = Field(min_length=1, max_length=100, title="郵便物")
    on: Day = Field(title="返戻・公示の日")


class Settled(BaseModel):
    """The end of a 返戻 or 公示送達."""

    outcome: Reason = Field(title="結果 (居所判明など)")


class AddresseeResult(BaseModel):
    """An addressee after an act."""

    addressee_no: int
    version: int = 1


class MigrationResult(BaseModel):
    """How many records were taken over, with the numbers they had."""

    taken: int
