"""出生: the child enters the household of its mother (戸籍法49条; 住民票への記載は住基法8条)."""

from datetime import datetime

from modules.resident.basic_register.labels import HEAD
from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.inputs import Birth, MovementResult
from modules.resident.basic_register.movements.persons import NOBODY_LEAVES, address_of, identity_columns
from modules.resident.basic_register.movements.present import PresentHousehold, open_household
from modules.resident.basic_register.movements.transitions import Reason
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.dates import age_at_end_of
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.tenancy.session import WriteSession

_USUAL_MOTHER = range(13, 56)
"""Ages outside it are possible, and more often a wrong choice of mother."""


async def birth(session: WriteSession, body: Birth, now: datetime) -> MovementResult:
    """Record a 出生 after all its checks; raises Invalid, NeedsConfirmation or Conflict."""
    findings = Findings()
    household = await open_household(session, body.household)
    checks.check_dates(findings, body, Reason.BIRTH, now.date())
    checks.check_names(findings, body.name, body.name_kana)
    checks.check_relationship(findings, body.relationship, "relationship")
    if body.relationship == HEAD:
        findings.refuse("relationship", "生まれた子を世帯主にはできません。")
    _check_mother(findings, body, household)
    findings.settle(body.confirmed)
    mother = household.members[body.mother_addressee_no]
    number = await allocate(session, "addressee")
    writer = await MovementWriter.begin(session, body, Reason.BIRTH, household.number, now)
    await writer.enter(
        addressee_no=number,
        **identity_columns(body),
        **address_of(mother),
        **NOBODY_LEAVES,
        household_no=household.number,
        birth_date=body.event_date,
        previous_address=None,
        became_resident_on=body.event_date,
        address_since=body.event_date,
    )
    writer.touch(household.household)
    return await writer.finish()


def _check_mother(findings: Findings, body: Birth, household: PresentHousehold) -> None:
    mother = household.members.get(body.mother_addressee_no)
    if mother is None:
        findings.refuse("mother_addressee_no", "母がこの世帯にいません。")
        return
    if mother.sex == "1":
        findings.refuse("mother_addressee_no", f"{mother.name}さんは男性です。母を選んでください。")
    age = age_at_end_of(body.event_date, mother.birth_date)
    if age not in _USUAL_MOTHER and not mother.birth_date_unknown:
        findings.warn_at(
            "mother_age", "mother_addressee_no", f"出生の日に母は{age}歳です。母の選択を確かめてください。"
        )
    twins = [record.name for record in household.members.values() if record.birth_date == body.event_date]
    if twins:
        findings.warn_at(
            "twin",
            "name",
            f"同じ日に生まれた{'、'.join(twins)}さんがこの世帯にいます。二重の登録でないか確かめてください。",
        )
