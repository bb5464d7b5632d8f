"""The use cases of 児童手当: claim, decide, hold, end, change the children. One function is one transaction."""

from datetime import date, datetime

from sqlalchemy import select

from modules.welfare.child_allowance.checks import KnownChild, check_children, check_claim, check_days, check_grace
from modules.welfare.child_allowance.inputs import (
    CaseAct,
    CaseResult,
    ChildAdded,
    ChildLost,
    Claim,
    ProposalClosed,
    ProposalResult,
)
from modules.welfare.child_allowance.judging import case_frame, child_frame, frames_of
from modules.welfare.child_allowance.models import (
    ChildAllowanceAct,
    ChildAllowanceCase,
    ChildAllowanceChild,
    ChildAllowanceProposal,
)
from modules.welfare.child_allowance.rules import CHILD_ALLOWANCE
from modules.welfare.child_allowance.states import OPEN, TRANSITIONS, Act, Situation, State, next_state
from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.outbox import DomainEvent, publish
from yoriai.rules import ParameterSet
from yoriai.tenancy.session import WriteSession


async def record_claim(session: WriteSession, body: Claim, figures: ParameterSet, now: datetime) -> CaseResult:
    """認定請求; raises Invalid with everything wrong, or NeedsConfirmation (`late_claim`, `not_main_earner`)."""
    findings = Findings()
    await check_claim(session, findings, body, figures, now.date())
    children = await check_children(session, findings, body.children, "children.", now.date())
    findings.settle(body.confirmed)
    case = ChildAllowanceCase(
        case_no=await allocate(session, "child_allowance_case"),
        recipient_no=body.recipient_no,
        recipient_kind=body.recipient_kind,
        status=State.CLAIMED,
        version=1,
        claimed_on=body.claimed_on,
        event=body.event,
        event_on=body.event_on,
        recorded_at=now,
        staff_id=session.principal.login,
    )
    session.add(case)
    await session.flush()
    for child in children:
        session.add(_child(session, case, child, now))
    _note(session, case, "claim", None, body.claimed_on, "", now)
    await session.flush()
    return _result(case)


async def act_on_case(
    session: WriteSession, case_no: int, body: CaseAct, figures: ParameterSet, now: datetime
) -> CaseResult:
    """認定, 却下, 差止, 解除 or 消滅 by the table of transitions; `figures` are those of the month. Raises Conflict or Invalid."""
    case = await _open_case(session, case_no, body.version)
    act, before = Act(body.act), State(case.status)
    situation = await _situation(session, case, body.on, body.reason, figures)
    after = next_state(before, act, situation)
    case.status = after
    case.version += 1
    if act is Act.APPROVE:
        case.first_month, case.decided_on = situation.first_month, body.on
    elif act is Act.REJECT:
        case.decided_on = body.on
    elif act is Act.END:
        case.lost_on = body.on
    _note(session, case, act, before, body.on, body.reason, now)
    await session.flush()
    return _result(case)


async def add_child(
    session: WriteSession, case_no: int, body: ChildAdded, figures: ParameterSet, now: datetime
) -> CaseResult:
    """額改定請求 (増額): counted from the month after the claim, or after the event when claimed within 15 days."""
    case = await _open_case(session, case_no, body.version)
    _require_open(case)
    findings = Findings()
    check_days(findings, body.claimed_on, body.event_on, now.date())
    check_grace(findings, body.claimed_on, body.event_on, figures)
    children = await check_children(session, findings, [body], "", now.date())
    if findings.errors:
        raise Invalid(fields=findings.errors)
    for child in children:
        session.add(_child(session, case, child, now, body.claimed_on, body.event_on))
    case.version += 1
    _note(session, case, "add_child", State(case.status), body.claimed_on, "額改定請求", now)
    await session.flush()
    return _result(case)


async def lose_child(session: WriteSession, case_no: int, body: ChildLost, now: datetime) -> CaseResult:
    """額改定 (減額): the child counts to the month of the loss."""
    case = await _open_case(session, case_no, body.version)
    _require_open(case)
    query = select(ChildAllowanceChild).where(
        ChildAllowanceChild.id == body.child_id,
        ChildAllowanceChild.case_no == case_no,
        ChildAllowanceChild.superseded_at.is_(None),
    )
    child = await session.scalar(query)
    if child is None:
        raise NotFound("この児童は登録されていません。")
    if body.lost_on < child.birth_date:
        raise Invalid(fields=[FieldError("lost_on", "生年月日より前の日付です。", rule="order")])
    child.superseded_at = now
    await session.flush()
    names = [column.name for column in ChildAllowanceChild.__table__.columns]
    kept = {name: getattr(child, name) for name in names if name not in ("id", "superseded_at", "recorded_at")}
    changed = kept | {"lost_on": body.lost_on, "recorded_at": now, "staff_id": session.principal.login}
    session.add(ChildAllowanceChild(**changed))
    case.version += 1
    _note(session, case, "lose_child", State(case.status), body.lost_on, body.loss_reason, now)
    await session.flush()
    return _result(case)


async def close_proposal(session: WriteSession, event_id: int, body: ProposalClosed, now: datetime) -> ProposalResult:
    """Mark an 案内 as dealt with; raises NotFound or Conflict."""
    proposal = await session.get(ChildAllowanceProposal, (event_id, body.person_no, body.kind))
    if proposal is None:
        raise NotFound
    if proposal.closed_at:
        raise Conflict("この案内はすでに処理されています。")
    proposal.closed_at, proposal.closed_by, proposal.outcome = now, session.principal.login, body.outcome
    detail = {"event_id": event_id, "kind": body.kind, "outcome": body.outcome}
    session.audit(AuditEvent("child_allowance.proposal", f"addressee:{body.person_no}", detail=detail))
    await session.flush()
    return ProposalResult(event_id=event_id, outcome=body.outcome)


async def _open_case(session: WriteSession, case_no: int, version: int) -> ChildAllowanceCase:
    """The case, locked; raises NotFound, or Conflict when it has changed since it was shown."""
    case = await session.get(ChildAllowanceCase, case_no, with_for_update=True)
    if case is None:
        raise NotFound("この受給者番号はありません。")
    if case.version != version:
        raise Conflict
    return case


def _require_open(case: ChildAllowanceCase) -> None:
    if State(case.status) not in OPEN:
        raise Conflict("消滅・却下した請求の児童は変更できません。")


async def _situation(
    session: WriteSession, case: ChildAllowanceCase, on: date, reason: str, figures: ParameterSet
) -> Situation:
    query = select(ChildAllowanceChild).where(
        ChildAllowanceChild.case_no == case.case_no, ChildAllowanceChild.superseded_at.is_(None)
    )
    children = [vars(child) for child in await session.scalars(query)]
    first_month, eligible = first_month_of(vars(case), children, figures)
    return Situation(on, reason, case.claimed_on, case.first_month or first_month, eligible)


def first_month_of(
    case: dict[str, object], children: list[dict[str, object]], figures: ParameterSet
) -> tuple[date, int]:
    """支給開始年月 by the rules, and how many children are eligible in it."""
    cases, rows = case_frame([case]), child_frame(children)
    keep = {"judgement": ("first_month",)}
    frames = frames_of(cases, rows, figures.moment.day)
    first: date = CHILD_ALLOWANCE.run(frames, figures, keep=keep)["judgement"]["first_month"].item()
    judged = CHILD_ALLOWANCE.run(frames_of(cases, rows, first), figures, keep={"judgement": ("eligible_children",)})
    return first, int(judged["judgement"]["eligible_children"].item())


def _child(
    session: WriteSession,
    case: ChildAllowanceCase,
    child: KnownChild,
    now: datetime,
    claimed_on: date | None = None,
    event_on: date | None = None,
) -> ChildAllowanceChild:
    return ChildAllowanceChild(
        case_no=case.case_no,
        child_no=child.given.child_no,
        name=child.name,
        birth_date=child.birth_date,
        is_cared=child.given.is_cared,
        is_supported=child.given.is_supported,
        claimed_on=claimed_on,
        event_on=event_on,
        recorded_at=now,
        staff_id=session.principal.login,
    )


def _note(
    session: WriteSession,
    case: ChildAllowanceCase,
    act: str,
    before: State | None,
    on: date,
    reason: str,
    now: datetime,
) -> None:
    """Record what happened: in the case's history, in the audit trail, and for others."""
    session.add(
        ChildAllowanceAct(
            case_no=case.case_no,
            act=act,
            state_before=before,
            state_after=case.status,
            on=on,
            reason=reason,
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    detail = {"case_no": case.case_no, "act": str(act), "status": str(case.status)}
    session.audit(AuditEvent("child_allowance.act", f"addressee:{case.recipient_no}", reason=reason, detail=detail))
    publish(session, DomainEvent(f"child_allowance.{act}", f"addressee:{case.recipient_no}", on, detail))


def _result(case: ChildAllowanceCase) -> CaseResult:
    return CaseResult(case_no=case.case_no, status=case.status, version=case.version)


def label_of(act: str) -> str:
    """The word for an entry of a case's history."""
    words = {"claim": "認定請求の受付", "add_child": "額改定 (増額)", "lose_child": "額改定 (減額)"}
    return words.get(act) or TRANSITIONS[Act(act)].label
