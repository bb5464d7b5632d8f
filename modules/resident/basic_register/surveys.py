"""実態調査 (住基法34条): who may not live where the register says; visits and their results; when to act next, until an outcome.

The outcome changes no 住民票: a 職権消除 is a movement of its own, for which the survey is the ground.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from modules.resident.basic_register.protections.masking import find_veil
from modules.resident.basic_register.reads.person import get_row
from modules.resident.basic_register.reads.rows import address_of
from modules.resident.basic_register.survey_models import ResidenceSurvey, ResidenceSurveyVisit
from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.tenancy.session import Reader, WriteSession
from yoriai.web.fields import Day

RESULTS: Mapping[str, str] = {
    "met": "本人または家族に会えた",
    "absent": "留守（住んでいる様子がある）",
    "vacant": "空き家・住んでいる様子がない",
    "other_lives": "別の人が住んでいる",
    "heard_left": "近隣・家主から転居したと聞いた",
    "answered": "文書照会に回答があった",
}
METHODS: Mapping[str, str] = {
    "visit": "訪問",
    "letter": "文書照会",
    "phone": "電話",
    "neighbour": "近隣・家主への聞き取り",
}
OUTCOMES: Mapping[str, str] = {
    "present": "居住を確認した",
    "removed": "不現住（職権消除へ）",
    "moved": "転居・転出の届出があった",
    "withdrawn": "調査を取りやめた",
}
STATES: Mapping[str, str] = {"open": "調査中", **OUTCOMES}
_ARTICLE = "住基法34条2項"
_KNOWN = "SELECT survey_no FROM residence_survey WHERE addressee_no = $1 AND status = 'open'"
_LIST = """
SELECT s.survey_no, s.addressee_no, s.reason, s.opened_on, s.next_on, s.status, s.closed_on, r.name, r.name_kana,
       r.address, r.building, v.visited_on, v.result,
       (SELECT count(*) FROM residence_survey_visit c WHERE c.survey_no = s.survey_no) AS visits
  FROM residence_survey s
  JOIN resident_record r ON r.addressee_no = s.addressee_no AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
  LEFT JOIN LATERAL (SELECT visited_on, result FROM residence_survey_visit w WHERE w.survey_no = s.survey_no
                      ORDER BY w.visited_on DESC, w.id DESC LIMIT 1) v ON true
 WHERE ($1 = '' OR (s.status = 'open') = ($1 = 'open')) ORDER BY s.status <> 'open', s.next_on, s.survey_no LIMIT 500"""
_ONE = """
SELECT survey_no, addressee_no, reason, requested_by, opened_on, next_on, status, closed_on, outcome, version
  FROM residence_survey WHERE survey_no = $1"""
_VISITS = """
SELECT v.visited_on, v.method, v.result, v.note, coalesce(s.display_name, v.staff_id) AS staff
  FROM residence_survey_visit v LEFT JOIN staff s ON s.login = v.staff_id WHERE v.survey_no = $1 ORDER BY v.visited_on, v.id"""
_Text = Field(default="", max_length=200)


class SurveyEntry(BaseModel):
    """A person to be surveyed."""

    addressee_no: int = Field(ge=1, title="宛名番号")
    reason: str = Field(min_length=1, max_length=200, title="調査の理由")
    requested_by: str = Field(default="", max_length=100, title="依頼元")
    next_on: Day = Field(title="調査の予定日")


class SurveyVisit(BaseModel):
    """What a visit or inquiry showed, and when to act next."""

    version: int = Field(ge=1)
    visited_on: Day = Field(title="調査した日")
    method: Literal["visit", "letter", "phone", "neighbour"] = Field(title="方法")
    result: Literal["met", "absent", "vacant", "other_lives", "heard_left", "answered"] = Field(title="結果")
    note: str = Field(default="", max_length=200, title="備考")
    next_on: Day | None = Field(default=None, title="次の予定日")


class SurveyOutcome(BaseModel):
    """The end of a survey."""

    version: int = Field(ge=1)
    status: Literal["present", "removed", "moved", "withdrawn"] = Field(title="結論")
    outcome: str = Field(min_length=1, max_length=200, title="結論の理由")


class SurveyResult(BaseModel):
    """The survey that was written."""

    survey_no: int


class SurveyRow(BaseModel):
    """A survey in the list."""

    survey_no: int
    addressee_no: int
    name: str
    kana: str
    address: str
    reason: str
    opened_on: date
    next_on: date
    is_due: bool
    last: str
    visits: int
    status: str
    is_ended: bool
    href: str


class SurveyList(BaseModel):
    """The surveys, what is due first."""

    show: str
    rows: list[SurveyRow]
    due: int
    initial: dict[str, Any]


class VisitRow(BaseModel):
    """A visit in the history."""

    visited_on: date
    method: str
    result: str
    note: str
    staff: str


class SurveyView(BaseModel):
    """A survey with its visits and what may be done."""

    survey_no: int
    addressee_no: int
    name: str
    address: str
    reason: str
    requested_by: str
    opened_on: date
    next_on: date
    status: str
    outcome: str
    is_open: bool
    visits: list[VisitRow]
    methods: list[tuple[str, str]]
    results: list[tuple[str, str]]
    outcomes: list[tuple[str, str]]
    initial: dict[str, Any]


async def open_survey(session: WriteSession, body: SurveyEntry, now: datetime) -> SurveyResult:
    """Register a target. Raises NotFound, or Invalid for who no longer is a resident or is surveyed already."""
    row, _ = await get_row(session, body.addressee_no, "survey")
    findings = Findings()
    if row["status"] == "removed":
        findings.refuse("addressee_no", "この人の住民票は消除されています。", _ARTICLE)
    if known := await session.fetchval(_KNOWN, body.addressee_no):
        findings.refuse("addressee_no", f"この人は調査{known}で調査中です。", _ARTICLE)
    if body.next_on < now.date():
        findings.refuse("next_on", "調査の予定日が過ぎています。")
    findings.settle()
    number = await allocate(session, "residence_survey")
    session.add(
        ResidenceSurvey(
            survey_no=number,
            addressee_no=body.addressee_no,
            reason=body.reason.strip(),
            requested_by=body.requested_by.strip(),
            opened_on=now.date(),
            next_on=body.next_on,
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    session.audit(AuditEvent("survey.open", f"addressee:{body.addressee_no}", body.reason, {"survey_no": number}))
    await session.flush()
    return SurveyResult(survey_no=number)


async def record_visit(session: WriteSession, survey_no: int, body: SurveyVisit, now: datetime) -> SurveyResult:
    """A visit with its result; without another day the next one stays. Raises NotFound, Conflict or Invalid."""
    survey = await _open(session, survey_no, body.version)
    findings = Findings()
    if body.visited_on > now.date():
        findings.refuse("visited_on", "調査した日が未来の日付です。")
    if body.visited_on < survey.opened_on:
        findings.refuse("visited_on", "調査を始めた日より前の日付です。")
    if body.next_on and body.next_on < body.visited_on:
        findings.refuse("next_on", "次の予定日が調査した日より前です。")
    findings.settle()
    session.add(
        ResidenceSurveyVisit(
            survey_no=survey_no,
            visited_on=body.visited_on,
            method=body.method,
            result=body.result,
            note=body.note.strip(),
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    survey.next_on = body.next_on or survey.next_on
    survey.version += 1
    detail = {"survey_no": survey_no, "result": body.result}
    session.audit(AuditEvent("survey.visit", f"addressee:{survey.addressee_no}", detail=detail))
    await session.flush()
    return SurveyResult(survey_no=survey_no)


async def close_survey(session: WriteSession, survey_no: int, body: SurveyOutcome, now: datetime) -> SurveyResult:
    """The outcome. 不現住 wants a visit on record: nobody is removed unseen. Raises NotFound, Conflict or Invalid."""
    survey = await _open(session, survey_no, body.version)
    findings = Findings()
    visits = await session.fetch(_VISITS, survey_no)
    if body.status in ("present", "removed") and not visits:
        findings.refuse("status", "調査の結果を1回以上登録してから結論を入力してください。", _ARTICLE)
    findings.settle()
    survey.status, survey.closed_on, survey.outcome = body.status, now.date(), body.outcome.strip()
    survey.version += 1
    detail = {"survey_no": survey_no, "status": body.status}
    session.audit(AuditEvent("survey.close", f"addressee:{survey.addressee_no}", body.outcome, detail))
    await session.flush()
    return SurveyResult(survey_no=survey_no)


async def list_surveys(session: Reader, show: str, addressee_no: int | None, today: date, base: str) -> SurveyList:
    """The surveys (`open`, `closed` or all), what is due first. Audited; whose address is hidden is shown without."""
    found = await session.fetch(_LIST, show)
    veil = await find_veil(session, [row["addressee_no"] for row in found], "surveys")
    session.audit(AuditEvent("survey.list", detail={"show": show, "rows": len(found)}))
    rows = [
        SurveyRow(
            survey_no=row["survey_no"],
            addressee_no=row["addressee_no"],
            name=row["name"],
            kana=row["name_kana"],
            address=veil.text(row["addressee_no"], address_of(row)),
            reason=row["reason"],
            opened_on=row["opened_on"],
            next_on=row["next_on"],
            is_due=row["status"] == "open" and row["next_on"] <= today,
            last=RESULTS[row["result"]] if row["result"] else "",
            visits=row["visits"],
            status=STATES[row["status"]],
            is_ended=row["status"] != "open",
            href=f"{base}/surveys/{row['survey_no']}",
        )
        for row in found
        if row["addressee_no"] not in veil.concealed
    ]
    initial = {"addressee_no": addressee_no, "next_on": today.isoformat()}
    return SurveyList(show=show, rows=rows, due=sum(row.is_due for row in rows), initial=initial)


async def get_survey(session: Reader, survey_no: int, today: date) -> SurveyView:
    """A survey. Audited. Raises NotFound."""
    row = await session.fetchrow(_ONE, survey_no)
    if row is None:
        raise NotFound("この調査はありません。")
    person, veil = await get_row(session, row["addressee_no"], "survey")
    session.audit(AuditEvent("survey.view", f"addressee:{row['addressee_no']}", detail={"survey_no": survey_no}))
    visits = [
        VisitRow(
            visited_on=visit["visited_on"],
            method=METHODS[visit["method"]],
            result=RESULTS[visit["result"]],
            note=visit["note"],
            staff=visit["staff"],
        )
        for visit in await session.fetch(_VISITS, survey_no)
    ]
    return SurveyView(
        survey_no=survey_no,
        addressee_no=row["addressee_no"],
        name=person["name"],
        address=veil.text(row["addressee_no"], address_of(person)),
        reason=row["reason"],
        requested_by=row["requested_by"],
        opened_on=row["opened_on"],
        next_on=row["next_on"],
        status=STATES[row["status"]],
        outcome=row["outcome"],
        is_open=row["status"] == "open",
        visits=visits,
        methods=list(METHODS.items()),
        results=list(RESULTS.items()),
        outcomes=list(OUTCOMES.items()),
        initial={"version": row["version"], "visited_on": today.isoformat(), "method": "visit"},
    )


async def _open(session: WriteSession, survey_no: int, version: int) -> ResidenceSurvey:
    survey = await session.get(ResidenceSurvey, survey_no, with_for_update=True)
    if survey is None:
        raise NotFound("この調査はありません。")
    if survey.status != "open":
        raise Conflict("この調査はもう終わっています。")
    if survey.version != version:
        raise Conflict("ほかの職員がこの調査を変更しました。開き直してください。")
    return survey
