"""What a clerk sends to record a movement. Dates may be written in 和暦 or the western calendar."""

import re
import unicodedata
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, computed_field

from modules.resident.basic_register.labels import country_code
from yoriai.web.fields import Day

_TEXT = 200


Name = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=_TEXT)]
Relationship = Annotated[str, Field(pattern="^([0-9]{2}){1,4}$", title="続柄")]


def _code(value: object, pattern: str, told: str) -> object:
    """A code as it is written in capitals, however it was typed; raises ValueError in words for the field."""
    if not isinstance(value, str):
        return value
    plain = unicodedata.normalize("NFKC", value).strip().upper()
    if not re.fullmatch(pattern, plain):
        raise ValueError(told)
    return plain


def _nationality(value: object) -> object:
    if not isinstance(value, str):
        return value
    if code := country_code(value):
        return code
    raise ValueError("国籍・地域を名前（例 ベトナム）か3文字の記号（例 VNM）で入力してください。日本は空欄にします。")


def _card_no(value: object) -> object:
    return _code(
        value, "[A-Z]{2}[0-9]{8}[A-Z]{2}", "英字2文字・数字8桁・英字2文字で入力してください（例 AB12345678CD）。"
    )


Nationality = Annotated[str, BeforeValidator(_nationality), Field(pattern="^[A-Z]{3}$")]
ResidenceCardNo = Annotated[str, BeforeValidator(_card_no), Field(pattern="^[A-Z]{2}[0-9]{8}[A-Z]{2}$")]


class MovementInput(BaseModel):
    """What every movement has. The same `request_key` sent twice records once; `confirmed` lists alerts accepted by the clerk."""

    movement_class: Literal["notified", "ex_officio"] = Field(default="notified", title="届出・職権の別")
    event_date: Day = Field(title="異動日")
    notified_on: Day = Field(title="届出日")
    notifier: Text | None = Field(default=None, title="届出人")
    office: Text | None = Field(default=None, title="受付窓口")
    note: Text | None = Field(default=None, title="備考")
    ground: Text | None = Field(default=None, title="職権の根拠")
    approval_no: Text | None = Field(default=None, title="決裁番号")
    intake_no: int | None = Field(default=None, ge=1, title="受信した届出の番号")
    request_key: UUID | None = None
    confirmed: list[str] = []


class AddressInput(BaseModel):
    """An address in this municipality."""

    town_code: str = Field(min_length=1, max_length=20, title="町字")
    block: str = Field(min_length=1, max_length=100, title="番地")
    building: Text | None = Field(default=None, title="方書")


class HouseholdRef(BaseModel):
    """A household as the clerk saw it: `version` tells whether somebody changed it since."""

    household_no: int = Field(ge=1, title="世帯番号")
    version: int = Field(ge=1)


class TargetRef(BaseModel):
    """A household to move into; its version is compared when it is given."""

    household_no: int = Field(ge=1, title="世帯番号")
    version: int | None = Field(default=None, ge=1)


class PersonRef(BaseModel):
    """A member of the household; `is_chosen` false means that a form listed the person and the clerk left it out."""

    addressee_no: int = Field(ge=1, title="宛名番号")
    is_chosen: bool = Field(default=True, title="対象")


class Related(PersonRef):
    """A person and the 続柄 after the movement."""

    relationship: Relationship


class Staying(BaseModel):
    """Somebody who stays behind, with the new 続柄; none means that it stays as it is."""

    addressee_no: int = Field(ge=1, title="宛名番号")
    relationship: Relationship | None = None


class HouseholdMovement(MovementInput):
    """A movement of members of one household, which is locked and whose version is compared."""

    household: HouseholdRef


class ForeignItems(BaseModel):
    """What a foreign resident's 住民票 has beside (住基法30条の45)."""

    residence_class: Literal["mid_long", "special_permanent", "temporary", "transitional"] | None = Field(
        default=None, title="30条の45の区分"
    )
    residence_status: Text | None = Field(default=None, title="在留資格")
    residence_period: Text | None = Field(default=None, title="在留期間")
    residence_until: Day | None = Field(default=None, title="在留期間の満了の日")
    residence_card_no: ResidenceCardNo | None = Field(default=None, title="在留カード番号・特別永住者証明書番号")
    foreign_resident_since: Day | None = Field(default=None, title="外国人住民となった年月日")


class PersonInput(ForeignItems):
    """A person newly entered."""

    name: Name = Field(title="氏名")
    name_kana: Name = Field(title="フリガナ")
    kana_confirmed: bool = Field(default=False, title="フリガナを本人に確認した")
    birth_date: Day = Field(title="生年月日")
    birth_date_unknown: bool = Field(default=False, title="生年月日不詳（入力した日は推定）")
    sex: Literal["1", "2", "9"] = Field(title="性別")
    relationship: Relationship
    alias: Text | None = Field(default=None, title="通称")
    former_surname: Text | None = Field(default=None, title="旧氏")
    nationality: Nationality = Field(default="JPN", title="国籍・地域")
    registered_domicile: Text | None = Field(default=None, title="本籍")
    family_register_head: Text | None = Field(default=None, title="筆頭者")


class MoveInMember(PersonInput):
    """Somebody who moves in; `addressee_no` is the number of an earlier 住民票 when the person lived here before."""

    addressee_no: int | None = Field(default=None, ge=1, title="再転入する人の宛名番号")


class MoveIn(MovementInput):
    """転入: into a new household with an address, or into an existing household at its address."""

    household: HouseholdRef | None = None
    address: AddressInput | None = None
    former_address: str = Field(min_length=1, max_length=_TEXT, title="転入前住所")
    members: list[MoveInMember] = Field(min_length=1, max_length=30)


class MoveWithin(HouseholdMovement):
    """転居 of all or some members. `to_household` joins another household; else who leaves others behind forms a new one."""

    to_household: TargetRef | None = None
    address: AddressInput | None = None
    members: list[Related] = Field(max_length=30)
    staying: list[Staying] = []


class MoveOut(HouseholdMovement):
    """転出: planned (the notice before leaving) or certain. `staying`: when the head leaves, everybody's new 続柄."""

    members: list[PersonRef] = Field(max_length=30)
    destination: str = Field(min_length=1, max_length=_TEXT, title="転出先")
    is_certain: bool = Field(default=False, title="転出確定")
    staying: list[Staying] = []


class Birth(HouseholdMovement):
    """出生: the child enters the mother's household; `event_date` is the day of birth."""

    mother_addressee_no: int = Field(ge=1, title="母の宛名番号")
    name: Name = Field(title="氏名")
    name_kana: Name = Field(title="フリガナ")
    sex: Literal["1", "2", "9"] = Field(title="性別")
    relationship: Relationship
    nationality: Nationality = Field(default="JPN", title="国籍・地域")
    registered_domicile: Text | None = Field(default=None, title="本籍")
    family_register_head: Text | None = Field(default=None, title="筆頭者")


class Death(HouseholdMovement):
    """死亡: `event_date` is the day of death."""

    addressee_no: int = Field(ge=1, title="宛名番号")
    staying: list[Staying] = []


class MovementResult(BaseModel):
    """A recorded movement; `is_repeat` says that the same request had been recorded before."""

    movement_no: int
    reason: str
    household_no: int
    addressee_no: int
    addressee_nos: list[int]
    is_repeat: bool = False

    @computed_field  # type: ignore[prop-decorator]
    @property
    def next_path(self) -> str:
        """Where the clerk goes on, below the business: what follows from the movement."""
        return f"/movements/{self.movement_no}/next"
