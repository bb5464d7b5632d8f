"""The 案内 and the claim form they lead to."""

from datetime import date
from typing import Any

from modules.resident.basic_register.facts import Resident, find_resident, list_household, without_concealed
from modules.welfare.child_allowance.batch.propose import TAKEN_BACK, youngest_school_leaver
from modules.welfare.child_allowance.earner import list_candidates
from modules.welfare.child_allowance.models import EVENTS, RECIPIENT_KINDS
from modules.welfare.child_allowance.views import ClaimForm, ProposalList, ProposalRow
from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.rules import ParameterSet, Use
from yoriai.tenancy.session import Reader

_LABELS = {"claim": "認定請求", "add_child": "額改定請求", "lose_child": "額改定 (減額)", "end": "消滅届"}
_REASONS = {"birth": "出生", "move_in": "転入", "other": "転出・死亡"}
_ALL_OPEN = """
SELECT p.event_id, p.person_no, p.kind, coalesce(r.name, '(除票)') AS name, r.birth_date, p.household_no, p.case_no, p.event,
       p.effective_on, p.due_on
  FROM child_allowance_proposal p LEFT JOIN fact_resident r ON r.addressee_no = p.person_no
  JOIN outbox_event e ON e.id = p.event_id
 WHERE p.closed_at IS NULL
"""
_OPEN = f"{_ALL_OPEN} AND NOT {TAKEN_BACK} ORDER BY p.due_on, p.event_id, p.person_no LIMIT 200"
_OF_PERSON = """
SELECT kind, event, effective_on, due_on FROM child_allowance_proposal
 WHERE closed_at IS NULL AND kind IN ('claim', 'add_child')
   AND person_no IN (SELECT addressee_no FROM fact_resident WHERE household_no = $1)
 ORDER BY effective_on DESC LIMIT 1
"""


async def list_proposals(session: Reader, today: date) -> ProposalList:
    """What waits, the nearest end of the 15 days first."""
    rows = await without_concealed(session, await session.fetch(_OPEN), "person_no")
    session.audit(AuditEvent("child_allowance.proposals", detail={"found": len(rows)}))
    return ProposalList(
        rows=[
            ProposalRow(
                label=_LABELS[row["kind"]],
                reason=_REASONS[row["event"]],
                is_late=row["due_on"] < today,
                **{name: value for name, value in row.items() if name != "event"},
            )
            for row in rows
        ]
    )


async def get_claim_form(
    session: Reader, household_no: int | None, recipient_no: int | None, figures: ParameterSet, today: date
) -> ClaimForm:
    """A claim with the household's main earner proposed as claimant and its children filled in."""
    if recipient_no is not None and household_no is None:
        resident = await find_resident(session, recipient_no)
        if resident is None:
            raise NotFound("この宛名番号の住民はいません。")
        household_no = resident.household_no
    form = ClaimForm(
        household_no=household_no,
        candidates=[],
        recipient_kinds=list(RECIPIENT_KINDS.items()),
        events=list(EVENTS.items()),
        initial={"claimed_on": today.isoformat(), "recipient_kind": "parent", "event": "other"},
    )
    if household_no is not None:
        await _fill(session, form, household_no, recipient_no, figures, today)
    return form


async def _fill(
    session: Reader, form: ClaimForm, household_no: int, recipient_no: int | None, figures: ParameterSet, today: date
) -> None:
    session.audit(AuditEvent("child_allowance.claim_form", f"household:{household_no}"))
    candidates = await list_candidates(session, household_no, today)
    form.candidates = [
        {
            "addressee_no": each.resident.addressee_no,
            "name": each.resident.name,
            "relationship": each.resident.relationship_text,
            "income": each.income,
            "is_proposed": number == 0,
        }
        for number, each in enumerate(candidates)
    ]
    proposed = recipient_no or (candidates[0].resident.addressee_no if candidates else "")
    p = Use(figures)
    counted_from = youngest_school_leaver(today, p.count("age.counted"))
    eligible_from = youngest_school_leaver(today, p.count("age.eligible"))
    adults = {each.resident.addressee_no for each in candidates}
    children = [
        _child(person, is_eligible=person.birth_date >= eligible_from)
        for person in await list_household(session, household_no)
        if person.birth_date >= counted_from and person.addressee_no not in adults
    ]
    form.initial |= {"recipient_no": proposed, "children": children}
    if event := await session.fetchrow(_OF_PERSON, household_no):
        form.initial |= {"event": event["event"], "event_on": event["effective_on"].isoformat()}


def _child(person: Resident, *, is_eligible: bool) -> dict[str, Any]:
    upkeep = {"is_cared": "true"} if is_eligible else {"is_supported": "true"}
    shown = {"name": person.name, "birth_date": person.birth_date.isoformat()}
    return {"child_no": person.addressee_no, **shown, **upkeep}
