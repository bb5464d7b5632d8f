"""What a clerk sends, and what an act answers. Dates may be written in 和暦 or the western calendar."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from yoriai.web.fields import Day

Note = Annotated[str, Field(max_length=200)]
Number = Annotated[int, Field(ge=1)]
Reason = Annotated[str, Field(min_length=1, max_length=200)]


class ElectionInput(BaseModel):
    """A new election; the days left out follow from the others."""

    name: str = Field(min_length=1, max_length=100, title="選挙の名称")
    kind: Literal["national", "prefectural", "municipal"] = Field(title="選挙の種類")
    notice_on: Day = Field(title="公示日・告示日")
    vote_on: Day = Field(title="選挙期日")
    base_on: Day | None = Field(default=None, title="選挙時登録の基準日")
    registered_on: Day | None = Field(default=None, title="登録日")
    early_from: Day | None = Field(default=None, title="期日前投票の始まり")
    early_until: Day | None = Field(default=None, title="期日前投票の終わり")


class ElectionCorrection(ElectionInput):
    """The same of an election whose list of voters has not been made; all its days are sent again."""

    version: Number


class ElectionCancel(BaseModel):
    """取りやめ of an election whose list of voters has not been made (無投票, or recorded by mistake)."""

    version: Number
    reason: Reason = Field(title="取りやめる理由")


class ElectionResult(BaseModel):
    """The election."""

    election_no: int
    status: str
    version: int


class VersionOnly(BaseModel):
    """An act on what was shown."""

    version: Number


class CorrectionInput(BaseModel):
    """補正登録 (26条): somebody who was registrable and was left out; `election_no` adds the person to its list too."""

    addressee_no: Number = Field(title="宛名番号")
    election_no: Number | None = Field(default=None, title="選挙")
    note: Note = Field(default="", title="理由")


class EntryAct(BaseModel):
    """What a clerk records about a registration: 誤載, 在外への移替え, or the notice of another municipality."""

    act: Literal["mistake", "overseas", "elsewhere"] = Field(title="処理")
    on: Day = Field(title="年月日")
    note: Reason = Field(title="理由")
    version: Number


class EntryResult(BaseModel):
    """The registration."""

    entry_no: int
    status: str
    version: int


class RegularChange(BaseModel):
    """登録日の変更 of a 定時登録 (公職選挙法22条1項ただし書)."""

    base_on: Day = Field(title="登録月の1日")
    registered_on: Day = Field(title="変更後の登録日")
    reason: Reason = Field(title="理由 (天災その他特別の事情)")


class SuspensionInput(BaseModel):
    """公民権停止 from a day on, to a last day where it is known."""

    addressee_no: Number = Field(title="宛名番号")
    article: Literal["11", "252", "28"] = Field(title="根拠")
    from_on: Day = Field(title="停止の始まり")
    until_on: Day | None = Field(default=None, title="停止の最後の日")
    note: Note = Field(default="", title="備考")


class Withdrawal(BaseModel):
    """What was recorded by mistake is taken back, with the reason."""

    addressee_no: Number = Field(title="宛名番号")
    number: Number = Field(title="記録の番号")
    withdraw_reason: Reason = Field(title="取り消す理由")


class CareInput(BaseModel):
    """支援措置の申出, or another address for the card, or both; it takes the place of what was recorded before."""

    addressee_no: Number = Field(title="宛名番号")
    is_protected: bool = Field(default=False, title="閲覧・名簿から除く (支援措置)")
    sending_postcode: Annotated[str, Field(pattern=r"^\d{3}-?\d{4}$")] | None = Field(
        default=None, title="送付先の郵便番号"
    )
    sending_address: Note | None = Field(default=None, title="送付先")
    from_on: Day = Field(title="始まり")
    until_on: Day | None = Field(default=None, title="終わり")
    confirmed: list[str] = []


class Recorded(BaseModel):
    """What was recorded, by its number, and whom it is about."""

    number: int
    addressee_no: int | None = None


class InspectionInput(BaseModel):
    """閲覧の申出."""

    requested_on: Day = Field(title="申出日")
    applicant: str = Field(min_length=1, max_length=100, title="申出者")
    purpose: Literal["check", "political", "survey"] = Field(title="閲覧の目的")
    detail: Reason = Field(title="利用の目的")
    districts: list[str] = Field(min_length=1, title="閲覧する投票区")
    is_granted: bool = Field(default=True, title="閲覧を認める")


class InspectionDone(BaseModel):
    """The list was shown; `total` is how many persons were on it when it was."""

    total: int = Field(ge=0)


class OverseasInput(BaseModel):
    """在外選挙人名簿への登録: by 出国時申請 of a resident, or through a consulate."""

    addressee_no: Number | None = Field(default=None, title="宛名番号")
    name: str = Field(min_length=1, max_length=100, title="氏名")
    name_kana: str = Field(min_length=1, max_length=100, title="フリガナ")
    birth_date: Day = Field(title="生年月日")
    sex: Literal["1", "2", "9"] = Field(title="性別")
    last_address: Reason = Field(title="最終住所")
    country: str = Field(min_length=1, max_length=50, title="居住する国")
    consulate: str = Field(min_length=1, max_length=50, title="領事官")
    applied_on: Day = Field(title="申請日")
    registered_on: Day = Field(title="登録日")


class OverseasAct(BaseModel):
    """Return to Japan (removed four months later), death, or loss of nationality."""

    act: Literal["returned", "death", "nationality"] = Field(title="事由")
    on: Day = Field(title="年月日")


class CertificateInput(BaseModel):
    """郵便等投票証明書の交付; the expiry of a 要介護 certificate is that of the insurance, of others it is counted."""

    addressee_no: Number = Field(title="宛名番号")
    basis: Literal["disability", "war", "care"] = Field(title="交付の根拠")
    issued_on: Day = Field(title="交付日")
    expires_on: Day | None = Field(default=None, title="有効期限")
    is_proxy: bool = Field(default=False, title="代理記載")
    proxy_name: Note | None = Field(default=None, title="代理記載人")


class CertificateReturn(BaseModel):
    """返還 of a 郵便等投票証明書: the voter has died, moved away or needs it no more."""

    certificate_no: Number = Field(title="証明書の番号")
    returned_on: Day = Field(title="返還日")


class BallotInput(BaseModel):
    """Somebody comes to vote, or has sent the ballot."""

    entry_no: Number
    kind: Literal["early", "day"] = Field(title="投票の種類")
    place_code: str = Field(min_length=1, max_length=8, title="投票所")
    reason: Literal["work", "travel", "illness", "island", "moved", "weather"] | None = Field(
        default=None, title="宣誓書の事由"
    )
    q: str = ""
    """What had been searched for: the screen returns to an empty box at the same place."""
    confirmed: list[str] = []


class BallotResult(BaseModel):
    """The ballot received, and where the screen goes on."""

    ballot_id: int
    election_no: int
    entry_no: int
    kind: str
    place_code: str


class BallotCancel(BaseModel):
    """受付の取消し."""

    cancel_reason: Reason = Field(title="取り消す理由")


class AbsenteeInput(BaseModel):
    """不在者投票の請求, by the card's number as a barcode reader sends it or as it is typed."""

    card: str = Field(min_length=1, max_length=20, title="入場券の番号 (バーコード)")
    method: Literal["elsewhere", "facility", "postal", "own"] = Field(title="投票の方法")
    place: Note = Field(default="", title="滞在地・施設・送付先")
    requested_on: Day = Field(title="請求日")
    certificate_no: Number | None = Field(default=None, title="郵便等投票証明書の番号")


class AbsenteeAct(BaseModel):
    """交付, 到着, 受理, 不受理 or 返還."""

    act: Literal["send", "arrive", "accept", "refuse", "return"] = Field(title="処理")
    on: Day = Field(title="年月日")
    note: Note = Field(default="", title="備考")
    version: Number


class AbsenteeUndo(BaseModel):
    """直前の処理の取消し."""

    undo_reason: Reason = Field(title="取り消す理由")
    version: Number


class AbsenteeResult(BaseModel):
    """The request."""

    absentee_id: int
    election_no: int
    status: str
    version: int
