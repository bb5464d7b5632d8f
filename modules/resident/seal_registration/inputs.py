"""What a clerk or a terminal sends, and the short answers to it. Dates may be written in 和暦 or the western calendar."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from yoriai.web.fields import Day

_FILE = 1_000_000
Text = Annotated[str, Field(max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Number = Annotated[int, Field(ge=1)]


class Application(BaseModel):
    """印鑑登録申請. `image` is a PNG or JPEG in Base64; a form sends the chosen file as `image_file` and keeps it in `image`."""

    addressee_no: Number = Field(title="宛名番号")
    applied_on: Day = Field(title="申請日")
    seal_text: str = Field(min_length=1, max_length=40, title="印影の文字")
    material: Literal["hard", "resin", "rubber", "clay"] = Field(default="hard", title="印材")
    image: str = Field(min_length=1, max_length=_FILE, title="印影の画像")
    dpi: int | None = Field(default=None, ge=1, le=9999, title="解像度")
    applicant: Literal["self", "agent"] = Field(default="self", title="申請者")
    agent_name: Name | None = Field(default=None, title="代理人の氏名")
    representative_name: Name | None = Field(default=None, title="同行した法定代理人の氏名")
    identity_kind: Literal["photo_document", "guarantor", "inquiry"] = Field(title="本人確認の方法")
    identity_document: Text = Field(default="", title="確認した書類")
    guarantor_no: Number | None = Field(default=None, title="保証人の登録番号")
    card_no: Number | None = Field(default=None, title="登録証の番号")
    replaces: bool = Field(default=False, title="改印")
    office: Text = Field(default="", title="受付窓口")
    note: Text = Field(default="", title="備考")
    confirmed: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _take_file(cls, raw: object) -> object:
        if isinstance(raw, dict) and raw.get("image_file"):
            return {**raw, "image": raw["image_file"]}
        return raw


class Answer(BaseModel):
    """The answer to a 照会書: brought back by the person or the agent, with a document."""

    version: Number
    on: Day = Field(title="回答日")
    answered_by: Literal["self", "agent"] = Field(default="self", title="持参した人")
    answer_document: Annotated[str, Field(min_length=1, max_length=200)] = Field(title="確認した書類")
    card_no: Number | None = Field(default=None, title="登録証の番号")
    office: Text = ""


class RegistrationAct(BaseModel):
    """一時停止, 解除, 抹消, 復活 or 不受理 of a registration."""

    version: Number
    act: Literal["reject", "suspend", "resume", "end", "restore"] = Field(title="処理")
    on: Day = Field(title="処理の日")
    end_reason: Literal["application", "lost_card", "lost_seal", "guardianship", "wrong"] | None = Field(
        default=None, title="抹消の事由"
    )
    reason: Text = Field(default="", title="理由")
    applicant: Text = Field(default="", title="申請者")
    office: Text = ""


class CardAct(BaseModel):
    """亡失届, 再交付, 引替え or 返納 of a card."""

    version: Number
    card_act: Literal["lost", "reissued", "exchanged", "returned"] = Field(title="登録証の処理")
    card_on: Day = Field(title="届出の日")
    card_applicant: Name = Field(title="届出人")
    card_reason: Text = Field(default="", title="理由")
    card_no: Number | None = Field(default=None, title="新しい登録証の番号")
    office: Text = ""


class RegistrationResult(BaseModel):
    """A registration after an act."""

    registration_no: int
    status: str
    version: int
    card_no: int | None = None
    card_fee: int = 0


class CertificateRequest(BaseModel):
    """印鑑登録証明書の交付申請: without the card nothing is issued, whoever asks."""

    card_no: Number = Field(title="登録証の番号")
    birth_date: Day = Field(title="登録者の生年月日")
    applicant: Literal["self", "agent"] = Field(default="self", title="申請者")
    agent_name: Name | None = Field(default=None, title="代理人の氏名")
    copies: int = Field(default=1, ge=1, le=20, title="通数")
    purpose: Text = Field(default="", title="使用目的")
    fee_exempt_reason: Text = Field(default="", title="手数料を免除する理由")
    office: Text = ""
    confirmed: list[str] = []


class ConvenienceRequest(BaseModel):
    """コンビニ交付: the card's chip has told who the person is."""

    addressee_no: Number
    terminal: Annotated[str, Field(min_length=1, max_length=40)]
    copies: int = Field(default=1, ge=1, le=20)


class Reissue(BaseModel):
    """Void an issued copy; `again` issues a new one in its place without a fee (a paper jam, a misprint)."""

    void_reason: Annotated[str, Field(min_length=1, max_length=200)] = Field(title="無効にする理由")
    again: bool = Field(default=True, title="代わりを交付する")
    office: Text = ""


class IssueResult(BaseModel):
    """Issued copies; `fee` is the sum in yen."""

    serial_no: int
    serial_nos: list[int]
    fee: int


class Issuable(BaseModel):
    """Whether コンビニ交付 may issue at this moment, and if not, why."""

    is_issuable: bool
    reason: str = ""
    rule: str = ""


class GuardianshipNotice(BaseModel):
    """後見開始の通知, or its end (`ended_on`)."""

    addressee_no: Number = Field(title="宛名番号")
    started_on: Day = Field(title="後見開始の日")
    notified_on: Day = Field(title="通知を受けた日")
    source: Annotated[str, Field(min_length=1, max_length=100)] = Field(title="通知元")
    ended_on: Day | None = Field(default=None, title="後見が終わった日")


class GuardianshipResult(BaseModel):
    """A recorded notice, and the registration that ended by it."""

    addressee_no: int
    ended_registration_no: int | None = None


class ReviewClosed(BaseModel):
    """The judgement of a seal that no longer fits: ended, or kept with a reason."""

    outcome: Literal["ended", "kept"] = Field(title="判断")
    close_reason: Annotated[str, Field(min_length=1, max_length=200)] = Field(title="判断の理由")


class ReviewResult(BaseModel):
    """A closed judgement."""

    id: int
    registration_no: int
    outcome: str
