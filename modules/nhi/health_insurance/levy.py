"""賦課 at the counter: assess a household, show its levy, explain a stored assessment. One function is one transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from modules.nhi.health_insurance.assessment import CURRENT, assess, changed, record
from modules.nhi.health_insurance.calc import calculation_for
from modules.nhi.health_insurance.figures import KEEP, get_kept_figures, kept_row
from modules.nhi.health_insurance.instalments import plan_of, split, spread_revision
from modules.nhi.health_insurance.job_statements import MAKE_NOTICES
from modules.nhi.health_insurance.models import NhiAssessment, NhiAssessmentInput, NhiInstalment
from modules.nhi.health_insurance.rules import InstalmentPlan
from modules.nhi.health_insurance.sources import Scope, fetch_members, make_frames
from modules.nhi.health_insurance.stored_input import member_numbers, read_input, write_inputs
from modules.resident.basic_register.facts import list_household, refuse_concealed
from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.outbox import DomainEvent, publish
from yoriai.rules import Explanation, Frames, ParameterSet, explain
from yoriai.tenancy.session import Reader, WriteSession

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':nhi-levy:' || $1::text, 0))"
_END = "UPDATE nhi_assessment SET superseded_at = $2 WHERE id = $1 AND superseded_at IS NULL"
_BILLED = "SELECT amount FROM nhi_instalment WHERE assessment_id = $1 ORDER BY no"
_ASSESSMENTS = """
SELECT id, household_no, fiscal_year, revision, cause, decided_on, payer_no, is_nominal_head, total, months, insured_count, tier,
       has_undeclared, judged_income, judged_people, medical_amount, medical_income_levy, medical_asset_levy, medical_per_capita,
       medical_per_household, medical_over_cap, elderly_support_amount, elderly_support_income_levy,
       elderly_support_asset_levy, elderly_support_per_capita, elderly_support_per_household, elderly_support_over_cap,
       care_amount, care_income_levy, care_asset_levy, care_per_capita, care_per_household, care_over_cap,
       child_support_amount, child_support_income_levy, child_support_asset_levy, child_support_per_capita,
       child_support_per_household, child_support_over_cap, parameter_digest, created_at, superseded_at
  FROM nhi_assessment WHERE household_no = $1 AND fiscal_year = $2 ORDER BY revision DESC
"""
_INPUT = "SELECT input FROM nhi_assessment_input WHERE assessment_id = $1"
_INSTALMENTS = "SELECT no, due_date, amount FROM nhi_instalment WHERE assessment_id = $1 ORDER BY no"
_PROBLEM = "SELECT problem FROM nhi_notice WHERE assessment_id = $1"
_NAMES = "SELECT addressee_no, name FROM fact_resident WHERE addressee_no = ANY($1::bigint[])"
# What came to be known after the assessment: the clerk is told to assess again.
_NEWER = """
SELECT EXISTS (SELECT FROM nhi_enrolment WHERE household_no = $1 AND superseded_at IS NULL AND recorded_at > $2)
    OR EXISTS (SELECT FROM nhi_circumstance WHERE household_no = $1 AND superseded_at IS NULL AND recorded_at > $2)
    OR EXISTS (SELECT FROM fact_income
                WHERE income_year = $3 AND recorded_at > $2 AND addressee_no = ANY($4::bigint[]))
"""
_MONTHS = ("months_insured", "months_care")


async def assess_household(
    session: WriteSession, household_no: int, figures: ParameterSet, decided_on: date, now: datetime, reason: str = ""
) -> Mapping[str, Any] | None:
    """Assess a household with the steps the night uses; None when nothing differs from the current assessment.

    A difference is the next revision, with its instalments and notice. Raises NotFound when the household never was in NHI that
    year, MissingParameter when the year's figures are not known.
    """
    await session.fetchval(_LOCK, str(household_no))
    scope = Scope.of(household_no, household_no + 1, figures)
    members = await fetch_members(session, scope)
    current = await _fetch_current(session, scope)
    if members.is_empty() and current.is_empty():
        raise NotFound("この世帯には、その年度に国民健康保険の資格のある人がいません。")
    _audit_people(session, "nhi.assess", household_no, members["member_no"].to_list(), reason)
    frames = make_frames(members, current["household_no"] if members.is_empty() else None)
    different = changed(assess(frames, figures), current)
    if different.is_empty():
        return None
    previous_id = different["previous_id"][0]
    common = {
        "fiscal_year": scope.fiscal_year,
        "decided_on": decided_on,
        "cause": "counter" if previous_id is None else "correction",
        "parameter_digest": figures.digest,
        "run_key": f"counter:{session.principal.login}",
    }
    row = record(different, write_inputs(frames), **common).row(0, named=True)
    await _store(session, row, previous_id, figures, now)
    event = {"fiscal_year": scope.fiscal_year, "revision": row["revision"], "total": row["total"]}
    publish(session, DomainEvent("nhi.assessed", f"household:{household_no}", decided_on, event))
    return row


async def explain_assessment(
    session: Reader, household_no: int, fiscal_year: int, revision: int | None = None
) -> tuple[Mapping[str, Any], Explanation]:
    """A stored assessment and the steps of its amount, from the input and figures kept with it; raises NotFound."""
    found = await _list_assessments(session, household_no, fiscal_year)
    assessment = next((row for row in found if revision in (None, row["revision"])), None)
    if assessment is None:
        raise NotFound("この世帯のその年度の賦課はありません。")
    await refuse_concealed(session, [assessment["payer_no"]], "この世帯のその年度の賦課はありません。")
    figures = await get_kept_figures(session, assessment["parameter_digest"])
    frames = await _stored_frames(session, assessment["id"])
    _audit_people(session, "nhi.explain", household_no, frames["member"]["member_no"].to_list())
    return assessment, explain(calculation_for(figures), frames, figures)


async def get_levy(session: Reader, household_no: int, fiscal_year: int) -> dict[str, Any]:
    """What the levy page shows of a household: the current assessment, its people and instalments, and earlier revisions.

    Without an assessment only the people; raises NotFound when nobody is known of the household.
    """
    assessments = await _list_assessments(session, household_no, fiscal_year)
    await refuse_concealed(session, [row["payer_no"] for row in assessments], "この世帯はありません。")
    residents = await list_household(session, household_no)
    if not assessments and not residents:
        raise NotFound("この世帯はありません。")
    if not assessments:
        _audit_people(session, "nhi.view", household_no, [person.addressee_no for person in residents])
        people = [{"addressee_no": person.addressee_no, "name": person.name} for person in residents]
        return {
            "assessment": None,
            "people": people,
            "instalments": [],
            "revisions": [],
            "problem": None,
            "is_stale": False,
        }
    current = assessments[0]
    figures = await get_kept_figures(session, current["parameter_digest"])
    frames = await _stored_frames(session, current["id"])
    numbers = frames["member"]["member_no"].to_list()
    _audit_people(session, "nhi.view", household_no, numbers)
    return {
        "assessment": dict(current),
        "people": _people(frames, figures),
        "instalments": [dict(row) for row in await session.fetch(_INSTALMENTS, current["id"])],
        "revisions": [dict(row) for row in assessments],
        "problem": await session.fetchval(_PROBLEM, current["id"]),
        "is_stale": await session.fetchval(_NEWER, household_no, current["created_at"], fiscal_year - 1, numbers),
    }


async def _list_assessments(session: Reader, household_no: int, fiscal_year: int) -> Sequence[Mapping[str, Any]]:
    return await session.fetch(_ASSESSMENTS, household_no, fiscal_year)


async def _fetch_current(session: Reader, scope: Scope) -> pl.DataFrame:
    rows = [dict(row) for row in await session.fetch(CURRENT, scope.fiscal_year, scope.lower, scope.upper)]
    names = ("id", "revision", "payer_no", "total", "medical_amount", "elderly_support_amount", "care_amount")
    columns = ["household_no", *(f"previous_{name}" for name in (*names, "child_support_amount"))]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.Int64()))


async def _stored_frames(session: Reader, assessment_id: int) -> Frames:
    text = await session.fetchval(_INPUT, assessment_id)
    if text is None:
        raise NotFound("計算の入力の記録がありません。")
    rows = await session.fetch(_NAMES, member_numbers(text))
    return read_input(text, {row["addressee_no"]: row["name"] for row in rows})


async def _store(
    session: WriteSession, row: dict[str, Any], previous_id: int | None, figures: ParameterSet, now: datetime
) -> None:
    if previous_id is not None:
        await session.fetchval(_END, previous_id, now)
    await session.fetchval(KEEP, *kept_row(figures, now))
    text = row.pop("input")
    assessment = NhiAssessment(**row, created_at=now)
    session.add(assessment)
    await session.flush()
    session.add(NhiAssessmentInput(assessment_id=assessment.id, input=text))
    billed = [item["amount"] for item in await session.fetch(_BILLED, previous_id)] if previous_id else []
    plan = plan_of(figures)
    due = zip(plan.due_dates, _amounts(assessment, billed, plan), strict=True)
    for no, (day, amount) in enumerate(due, 1):
        session.add(NhiInstalment(assessment_id=assessment.id, no=no, due_date=day, amount=amount))
    household_no = assessment.household_no
    await session.fetch(
        MAKE_NOTICES, "nhi", assessment.decided_on, assessment.fiscal_year, household_no, household_no + 1
    )


def _amounts(assessment: NhiAssessment, billed: list[int], plan: InstalmentPlan) -> Sequence[int]:
    if billed:
        return spread_revision(billed, assessment.total, assessment.decided_on, plan)
    first = {name: [getattr(assessment, name)] for name in ("id", "total", "cause", "decided_on")}
    amounts: list[int] = split(pl.DataFrame(first), plan)["amount"].to_list()
    return amounts


def _people(frames: Frames, figures: ParameterSet) -> list[dict[str, Any]]:
    """Everybody in the calculation with the months charged."""
    results = calculation_for(figures).run(frames, figures, keep={"member": _MONTHS})["member"]
    members = frames["member"]
    return [
        {
            "addressee_no": row["member_no"],
            "name": row["title"],
            "role": _role(row),
            "acquired_on": row.get("acquired_on"),
            "lost_on": row.get("lost_on"),
            "months": months["months_insured"],
            "care_months": months["months_care"],
            "is_declared": row.get("is_declared") is not False,
        }
        for row, months in zip(members.iter_rows(named=True), results.iter_rows(named=True), strict=True)
    ]


def _role(row: Mapping[str, Any]) -> str:
    is_insured = row.get("is_insured") is not False
    if row.get("is_head"):
        return "世帯主" if is_insured else "擬制世帯主"
    return "被保険者" if is_insured else "特定同一世帯所属者"


def _audit_people(session: Reader, action: str, household_no: int, numbers: Sequence[int], reason: str = "") -> None:
    for number in dict.fromkeys(numbers):
        session.audit(AuditEvent(action, f"addressee:{number}", reason, {"household_no": household_no}))
