"""What a clerk sends."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from modules.resident.certificates.kinds import Item, Kind
from modules.resident.certificates.rules import Asker
from yoriai.web.fields import Day

IDENTITIES = {
    "photo": "官公署発行の写真付き証明書 1点",
    "two": "健康保険の資格確認書など 2点",
    "asked": "聞き取りで補った",
    "staff": "職員証・身分証明書（公用・職務上）",
    "mail": "郵送請求の本人確認書類の写し",
}
_Text = Annotated[str, Field(max_length=200)]
_Identity = Literal["photo", "two", "asked", "staff", "mail"]
_Number = Annotated[int, Field(ge=1)]


class Application(BaseModel):
    """申請. `confirmed` lists the alerts the clerk accepted."""

    kind: Kind = Field(title="証明書の種類")
    addressee_no: int | None = Field(default=None, ge=1, title="宛名番号")
    members: list[_Number] = Field(default=[], max_length=100, title="記載する人")
    sheet_from: Day | None = Field(default=None, title="除票の始まりの日")
    items: list[Item] = Field(default=[], max_length=10, title="記載事項")
    asked_name: str = Field(default="", max_length=100, title="氏名（不在住証明）")
    asked_address: str = Field(default="", max_length=200, title="住所（不在住証明）")
    asker: Asker = Field(title="請求者の区分")
    asker_no: int | None = Field(default=None, ge=1, title="請求者の宛名番号")
    asker_name: str = Field(default="", max_length=100, title="請求者の氏名")
    asker_address: _Text = Field(default="", title="請求者の住所")
    asker_body: _Text = Field(default="", title="機関名・資格")
    has_proof: bool = Field(default=False, title="委任状・請求書などを確かめた")
    purpose: _Text = Field(default="", title="利用の目的")
    items_reason: _Text = Field(default="", title="記載が必要な理由")
    identity: _Identity = Field(title="本人確認")
    identity_note: _Text = Field(default="", title="本人確認の記録")
    copies: int = Field(default=1, ge=1, le=20, title="通数")
    exemption: str = Field(default="", max_length=40, title="手数料の免除")
    override_reason: _Text = Field(default="", title="停止中でも交付する理由")
    request_key: UUID | None = None
    confirmed: list[str] = []


class ApplicationResult(BaseModel):
    """The application as recorded."""

    request_no: int
    is_repeat: bool = False


class Decision(BaseModel):
    """An act on an application; `reason` when it is withdrawn."""

    reason: _Text = Field(default="", title="理由")
    printer: str = Field(default="", max_length=90, title="印刷先・トレイ")
    """Of a letter: `printer/tray`; empty, it is opened as PDF."""


class IssueResult(BaseModel):
    """The certificates of an application."""

    request_no: int
    serials: list[int]
    fee: int


class Voiding(BaseModel):
    """無効処理; with `reissue` another is issued in its place at once, without a second fee."""

    reason: str = Field(min_length=1, max_length=200, title="無効にする理由")
    reissue: bool = Field(default=False, title="続けて再発行する")


class VoidResult(BaseModel):
    """The void certificate and, when there is one, what replaces it."""

    request_no: int
    serial: int
    replaced_by: int | None
    refund: int


class PrintOrder(BaseModel):
    """A print; every one after the first wants a reason."""

    reason: _Text = Field(default="", title="もう一度印刷する理由")
    printer: str = Field(
        default="", max_length=90, title="プリンター", description="プリンターまたはプリンター/トレイ。空ならファイル"
    )


class PrintResult(BaseModel):
    """Where a document went."""

    request_no: int = 0
    destination: str


class BulkPlan(BaseModel):
    """一括発行の対象: numbers, or all households of a 町字."""

    label: str = Field(min_length=1, max_length=80, title="件名")
    kind: Literal[Kind.HOUSEHOLD, Kind.INDIVIDUAL] = Field(title="証明書の種類")
    items: list[Item] = Field(default=[], max_length=10, title="記載事項")
    asker_body: str = Field(min_length=1, max_length=200, title="請求する機関")
    purpose: str = Field(min_length=1, max_length=200, title="利用の目的")
    numbers: str = Field(default="", max_length=200_000, title="宛名番号（1行に1人）")
    town_code: str = Field(default="", max_length=20, title="町字コード")


class BulkResult(BaseModel):
    """A bulk run."""

    bulk_no: int


class BulkPrint(BaseModel):
    """Where a file of a bulk run went."""

    bulk_no: int
    destination: str


class BulkChange(BaseModel):
    """引抜, its undoing, or one person more."""

    act: Literal["pull", "put_back", "add"] = Field(title="操作")
    addressee_no: int = Field(ge=1, title="宛名番号")
    note: _Text = Field(default="", title="理由")
