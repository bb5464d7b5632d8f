"""What a clerk sends to change households, items of a 住民票, or the register itself (職権, 取消, 訂正)."""

from typing import Literal

from pydantic import BaseModel, Field

from modules.resident.basic_register.movements.inputs import (
    AddressInput,
    ForeignItems,
    HouseholdMovement,
    MoveIn,
    Name,
    Nationality,
    PersonRef,
    Related,
    Staying,
    TargetRef,
    Text,
)
from yoriai.web.fields import Day


class HouseholdSplit(HouseholdMovement):
    """世帯分離: the chosen members form a household of their own at the same address."""

    members: list[Related] = Field(max_length=30)
    staying: list[Staying] = Field(default=[])


class HouseholdMerge(HouseholdSplit):
    """世帯合併: the chosen members join another household that lives at the same address."""

    to_household: TargetRef


class Relations(HouseholdMovement):
    """世帯主変更, 世帯構成変更: the 続柄 of everybody who lives in the household, as they are afterwards."""

    members: list[Related] = Field(min_length=1, max_length=30)


class PersonItems(ForeignItems):
    """Items of a 住民票; what is left out stays as it is."""

    name: Name | None = Field(default=None, title="氏名")
    name_kana: Name | None = Field(default=None, title="フリガナ")
    kana_confirmed: bool | None = Field(default=None, title="フリガナを本人に確認した")
    former_surname: Text | None = Field(default=None, title="旧氏")
    alias: Text | None = Field(default=None, title="通称")
    nationality: Nationality | None = Field(default=None, title="国籍・地域")
    registered_domicile: Text | None = Field(default=None, title="本籍")
    family_register_head: Text | None = Field(default=None, title="筆頭者")
    removed_items: list[Literal["former_surname", "alias"]] = Field(default=[], title="削除する項目")
    """Items that are taken off the 住民票; an empty field alone means that it stays."""


class ChangedPerson(PersonItems):
    """One person whose items change; not chosen means that a form listed the person and the clerk left it out."""

    addressee_no: int = Field(ge=1, title="宛名番号")
    is_chosen: bool = Field(default=True, title="対象")


class FamilyRegisterChange(HouseholdMovement):
    """戸籍の届出等による修正 (婚姻, 離婚, 養子, 氏名, 転籍, 帰化) and 旧氏, 通称, 振り仮名, of one or several people."""

    reason: Literal[
        "marriage",
        "divorce",
        "adoption",
        "name_change",
        "kana_confirmed",
        "domicile_change",
        "former_surname",
        "alias",
        "naturalization",
    ] = Field(title="事由")
    members: list[ChangedPerson] = Field(max_length=30)


class ChangedResidence(ForeignItems):
    """A foreign resident whose 在留情報 change."""

    addressee_no: int = Field(ge=1, title="宛名番号")
    is_chosen: bool = Field(default=True, title="対象")


class ResidenceChange(HouseholdMovement):
    """在留情報の変更・在留期間の更新, as 出入国在留管理庁 notifies them (住基法30条の50)."""

    members: list[ChangedResidence] = Field(max_length=30)


class ExOfficioEntry(MoveIn):
    """職権記載: people who should have been entered and are not; `ground` is required."""

    former_address: Text = Field(default="", title="転入前住所")


class ExOfficioRemoval(HouseholdMovement):
    """職権消除, 失踪宣告, 国籍喪失: the 住民票 are removed; `ground` is required."""

    reason: Literal["ex_officio_removal", "disappearance", "nationality_loss"] = Field(
        default="ex_officio_removal", title="事由"
    )
    members: list[PersonRef] = Field(max_length=30)
    staying: list[Staying] = Field(default=[])


class CorrectedItems(PersonItems):
    """Items an office may correct: those of a change, and what no notification changes."""

    birth_date: Day | None = Field(default=None, title="生年月日")
    sex: Literal["1", "2", "9"] | None = Field(default=None, title="性別")
    address: AddressInput | None = Field(default=None, title="住所")
    became_resident_on: Day | None = Field(default=None, title="住民となった年月日")
    address_since: Day | None = Field(default=None, title="住所を定めた年月日")
    previous_address: Text | None = Field(default=None, title="転入前住所")


class ExOfficioCorrection(HouseholdMovement, CorrectedItems):
    """職権修正 of one person from a day on; `ground` is required."""

    addressee_no: int = Field(ge=1, title="宛名番号")


class Restoration(HouseholdMovement):
    """職権回復: who was removed is a resident again with the original days; `event_date` is when the removal was."""

    members: list[Related] = Field(max_length=30)


class MoveOutCancel(HouseholdMovement):
    """転出取消 of the chosen; when only some of those who left come back, `staying` says how those present are related then."""

    members: list[PersonRef] = Field(max_length=30)
    staying: list[Staying] = Field(default=[])


class MoveOutNotice(HouseholdMovement):
    """転入通知 from the new municipality (住基法9条1項): `event_date` is the day of 転入 there."""

    members: list[PersonRef] = Field(max_length=30)
    destination: Text | None = Field(default=None, title="実際の転出先")


class Reissue(HouseholdMovement):
    """改製: every 住民票 of the household is made anew; the old ones are kept as 改製原住民票."""


class Cancellation(BaseModel):
    """異動取消: the last movement of everybody in it is taken back."""

    reason_text: str = Field(min_length=1, max_length=200, title="取り消す理由")
    approval_no: Text | None = Field(default=None, title="決裁番号")
    confirmed: list[str] = Field(default=[])


class Correction(CorrectedItems):
    """異動訂正: what a past movement said of one person, corrected from its day on; `event_date` corrects the day itself."""

    addressee_no: int = Field(ge=1, title="宛名番号")
    event_date: Day | None = Field(default=None, title="正しい異動日")
    reason_text: str = Field(min_length=1, max_length=200, title="訂正する理由")
    approval_no: Text | None = Field(default=None, title="決裁番号")
    confirmed: list[str] = Field(default=[])
