"""What a clerk sends. Dates may be written in 和暦 or the western calendar."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from yoriai.web.fields import Day

Reason = Annotated[str, Field(max_length=200)]
_TEXT = 100


class ChildItems(BaseModel):
    """記載事項 of a child's row that the register does not know."""

    wish: Literal["none", "unknown", "wishes", "declines"] = Field(default="none", title="就学の希望 (外国籍の子)")
    name_choice: Literal["name", "alias"] = Field(default="name", title="通知書の氏名")
    is_missing: bool = Field(default=False, title="居所不明")
    guardian_no: int | None = Field(default=None, ge=1, title="保護者の宛名番号")
    remark: str = Field(default="", max_length=500, title="備考 (在学証明書・教科書給与証明書など)")
    on: Day = Field(title="変更の日")
    reason: Reason = Field(min_length=1, title="変更の理由")
    version: int = Field(ge=1)


class SchoolChange(BaseModel):
    """Where the child attends from a day on, by notice: another kind of school, or back to the municipality's."""

    kind: Literal[
        "municipal", "national", "prefectural", "private", "special_needs", "foreign_school", "not_attending"
    ] = Field(title="在籍の区分")
    school_code: str | None = Field(default=None, max_length=10, title="学校 (市町村立)")
    school_name: str = Field(default="", max_length=_TEXT, title="学校名 (国立・私立など)")
    since: Day = Field(title="いつから")
    reason: Reason = Field(min_length=1, title="届出・根拠")
    version: int = Field(ge=1)


class Hold(BaseModel):
    """原級留置 at the end of a 年度, or its cancellation."""

    fiscal_year: int = Field(ge=2000, le=2199, title="年度")
    is_held: bool = Field(default=False, title="原級に留める")
    reason: Reason = Field(min_length=1, title="理由")
    version: int = Field(ge=1)


class NoticeRequest(BaseModel):
    """A letter for one child."""

    kind: Literal["enrolment", "transfer", "health_check", "attendance", "guidance"] = Field(title="通知書")
    reason: Reason = Field(default="", title="理由 (督促など)")


class BulkNoticeRequest(BaseModel):
    """The letters of a year."""

    kind: Literal["enrolment", "health_check"] = Field(title="通知書")


class LetterChange(BaseModel):
    """引抜 of a child's letter from the bulk printing, or its return into it."""

    kind: Literal["enrolment", "health_check"] = Field(title="通知書")
    addressee_no: int = Field(ge=1, title="宛名番号")
    act: Literal["pull", "add"] = Field(title="処理")
    reason: str = Field(min_length=1, max_length=200, title="理由")


class Fixing(BaseModel):
    """確定 of the entrants: nothing but the act."""


class Transfer(BaseModel):
    """転入学 at the resident counter."""

    addressee_no: int = Field(ge=1, title="子の宛名番号")
    since: Day = Field(title="転入学の期日")
    former_school: str = Field(default="", max_length=_TEXT, title="前の学校")
    has_attendance_certificate: bool = Field(default=False, title="在学証明書を受け取った")
    has_textbook_certificate: bool = Field(default=False, title="教科用図書給与証明書を受け取った")


class CaseInput(BaseModel):
    """指定校変更, 区域外就学, 就学猶予・免除. A child of another municipality is written out."""

    kind: Literal["designation_change", "out_of_area_out", "out_of_area_in", "deferral", "exemption"] = Field(
        title="申請の種類"
    )
    addressee_no: int | None = Field(default=None, ge=1, title="子の宛名番号")
    child_name: str = Field(default="", max_length=_TEXT, title="子の氏名 (市外の子)")
    birth_date: Day | None = Field(default=None, title="生年月日 (市外の子)")
    child_address: str = Field(default="", max_length=200, title="住所 (市外の子)")
    guardian_name: str = Field(default="", max_length=_TEXT, title="保護者 (市外の子)")
    school_code: str | None = Field(default=None, max_length=10, title="就学する市町村立学校")
    school_name: str = Field(default="", max_length=_TEXT, title="就学する市外の学校")
    other_board: str = Field(default="", max_length=_TEXT, title="相手方の教育委員会")
    applied_on: Day = Field(title="申請日")
    valid_from: Day = Field(title="期間の始まり")
    valid_to: Day = Field(title="期間の終わり")
    reason: Reason = Field(min_length=1, title="理由")
    confirmed: list[str] = []


class CaseAct(BaseModel):
    """協議, 同意, 承認, 不承認, 取下げ, 終了; `version` is the case as the clerk saw it."""

    act: Literal["consult", "consent", "approve", "refuse", "withdraw", "end"] = Field(title="処理")
    on: Day = Field(title="日")
    reason: Reason = Field(default="", title="理由・文書番号")
    version: int = Field(ge=1)


class ChildResult(BaseModel):
    """A child after an act."""

    addressee_no: int
    version: int


class TransferResult(ChildResult):
    """A 転入学 with its notice."""

    notice_id: int
    school_name: str


class YearResult(BaseModel):
    """A year of entrance after an act."""

    entry_year: int
    made: int = 0
    withheld: int = 0


class NoticeResult(BaseModel):
    """A letter that was made."""

    notice_id: int
    addressee_no: int


class CaseResult(BaseModel):
    """A case after an act."""

    case_no: int
    state: str
    version: int
