"""What is checked before a claim or a child is recorded."""

from dataclasses import dataclass
from datetime import date

from modules.resident.basic_register.facts import Resident, find_resident
from modules.resident.non_resident.facts import list_same
from modules.welfare.child_allowance.earner import list_candidates
from modules.welfare.child_allowance.inputs import ChildInput, Claim
from yoriai.findings import Findings
from yoriai.rules import ParameterSet, Use
from yoriai.tenancy.session import Reader

_OPEN_CASE = """
SELECT case_no FROM child_allowance_case
 WHERE recipient_no = ANY($1::bigint[]) AND status IN ('claimed', 'approved', 'paying', 'held')
"""
_TAKEN = """
SELECT k.child_no, c.case_no FROM child_allowance_child k JOIN child_allowance_case c ON c.case_no = k.case_no
 WHERE k.superseded_at IS NULL AND k.lost_on IS NULL AND c.status IN ('claimed', 'approved', 'paying', 'held')
   AND k.child_no = ANY($1::bigint[])
"""


@dataclass(frozen=True)
class KnownChild:
    """A child with the name and birth date that are recorded."""

    given: ChildInput
    name: str
    birth_date: date


async def check_claim(
    session: Reader, findings: Findings, body: Claim, figures: ParameterSet, today: date
) -> Resident | None:
    """The claimant, dates and the earner; children are checked by `check_children`."""
    claimant = await find_resident(session, body.recipient_no)
    if claimant is None:
        findings.refuse("recipient_no", "この宛名番号の住民はいません。", "児童手当法4条")
        return None
    check_days(findings, body.claimed_on, body.event_on, today)
    if body.event != "other" and body.event_on is None:
        findings.refuse("event_on", "出生・転入の日を入力してください。", rule="required")
    numbers = await list_same(session, body.recipient_no) or [body.recipient_no]
    if case_no := await session.fetchval(_OPEN_CASE, numbers):
        findings.refuse("recipient_no", f"この人の請求はすでにあります (受給者番号 {case_no})。", rule="duplicate")
    check_grace(findings, body.claimed_on, body.event_on, figures)
    if body.recipient_kind == "parent":
        await _check_earner(session, findings, claimant, today)
    return claimant


def check_days(findings: Findings, claimed_on: date, event_on: date | None, today: date) -> None:
    """The order of the days."""
    if claimed_on > today:
        findings.refuse("claimed_on", "受付日が今日より後です。", rule="order")
    if event_on and event_on > claimed_on:
        findings.refuse("event_on", "出生・転入などの日が受付日より後です。", rule="order")


def check_grace(findings: Findings, claimed_on: date, event_on: date | None, figures: ParameterSet) -> None:
    """A claim later than the 15 days loses months: the clerk is told before recording it."""
    days = Use(figures).count("claim.grace_days")
    if event_on is None or (claimed_on - event_on).days <= days:
        return
    if (claimed_on.year, claimed_on.month) != (event_on.year, event_on.month):
        message = f"出生・転入などの日から{days}日を過ぎているため、受付日の翌月分からの支給になります。"
        findings.warn("late_claim", "claimed_on", message, "児童手当法8条2項・3項")


async def _check_earner(session: Reader, findings: Findings, claimant: Resident, today: date) -> None:
    candidates = await list_candidates(session, claimant.household_no, today)
    if not candidates or candidates[0].resident.addressee_no == claimant.addressee_no or candidates[0].income is None:
        return
    message = f"所得の最も高い父母は{candidates[0].resident.name}さんです。請求者が生計中心者か確かめてください。"
    findings.warn("not_main_earner", "recipient_no", message, "児童手当法4条3項")


async def check_children(
    session: Reader, findings: Findings, children: list[ChildInput], prefix: str, today: date
) -> list[KnownChild]:
    """The children with their names and birth dates; whoever is in another open case is refused."""
    numbers = [child.child_no for child in children if child.child_no is not None]
    taken = {row["child_no"]: row["case_no"] for row in await session.fetch(_TAKEN, numbers)}
    known = []
    for index, child in enumerate(children):
        place = f"{prefix}{index}." if prefix else ""
        if numbers.count(child.child_no or 0) > 1:
            findings.refuse(f"{place}child_no", "同じ児童が二度書かれています。", rule="duplicate")
        if child.child_no in taken:
            message = f"この児童は受給者番号 {taken[child.child_no]} の児童として登録されています。"
            findings.refuse(f"{place}child_no", message, "児童手当法4条", rule="taken")
        if found := await _known_child(session, findings, child, place):
            known.append(found)
            if found.birth_date > today:
                findings.refuse(f"{place}birth_date", "生年月日が今日より後です。", rule="order")
    return known


async def _known_child(session: Reader, findings: Findings, child: ChildInput, place: str) -> KnownChild | None:
    if child.child_no is not None:
        resident = await find_resident(session, child.child_no)
        if resident:
            return KnownChild(child, resident.name, resident.birth_date)
        findings.refuse(f"{place}child_no", "この宛名番号の住民はいません。", rule="unknown")
        return None
    if child.name and child.birth_date:
        return KnownChild(child, child.name, child.birth_date)
    findings.refuse(f"{place}child_no", "宛名番号か、氏名と生年月日を入力してください。", rule="required")
    return None
