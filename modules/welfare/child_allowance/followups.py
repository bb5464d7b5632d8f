"""What a movement asks of 児童手当: 認定請求, 額改定, 消滅 (児童手当法7条, 8条, 9条)."""

from collections.abc import Sequence
from datetime import date, timedelta

from modules.resident.basic_register.facts import Resident, find_resident
from modules.welfare.child_allowance.batch.propose import youngest_school_leaver
from modules.welfare.child_allowance.calc import PARAMETERS
from yoriai.proposals import Happening, Proposal
from yoriai.rules import Moment, ParameterSet, Use
from yoriai.rules.parameters import resolve
from yoriai.tenancy.session import Reader, Record

_CASES = """
SELECT c.case_no, c.recipient_no, r.household_no FROM child_allowance_case c
  LEFT JOIN fact_resident r ON r.addressee_no = c.recipient_no
 WHERE c.status IN ('claimed', 'approved', 'paying', 'held') AND r.household_no = ANY($1::bigint[]) ORDER BY c.case_no"""
_OF_PEOPLE = """
SELECT c.case_no, c.recipient_no, k.child_no FROM child_allowance_case c
  LEFT JOIN child_allowance_child k ON k.case_no = c.case_no AND k.superseded_at IS NULL AND k.lost_on IS NULL
 WHERE c.status IN ('claimed', 'approved', 'paying', 'held')
   AND (c.recipient_no = ANY($1::bigint[]) OR k.child_no = ANY($1::bigint[])) ORDER BY c.case_no"""
_KNOWN = """
SELECT k.child_no FROM child_allowance_child k JOIN child_allowance_case c ON c.case_no = k.case_no
 WHERE k.child_no = ANY($1::bigint[]) AND k.superseded_at IS NULL AND k.lost_on IS NULL
   AND c.status IN ('claimed', 'approved', 'paying', 'held')"""
_BRING = ("請求者の振込先口座が分かるもの", "請求者の健康保険の資格情報", "請求者と配偶者の個人番号が分かるもの")


async def propose(session: Reader, happening: Happening) -> list[Proposal]:
    """A claim or a child more after 転入 and 出生; the end or a child less after 転出 and 死亡."""
    figures = resolve(PARAMETERS, Moment(happening.effective_on.replace(day=1)))
    if happening.kind in ("move_in", "birth"):
        return await _coming(session, happening, figures)
    if happening.kind in ("move_out", "death"):
        return await _leaving(session, happening, figures)
    return []


async def _coming(session: Reader, happening: Happening, figures: ParameterSet) -> list[Proposal]:
    born_from = youngest_school_leaver(happening.effective_on, Use(figures).count("age.eligible"))
    people = [await find_resident(session, number) for number in happening.addressee_nos]
    children = [person for person in people if person is not None and person.birth_date >= born_from]
    if not children:
        return []
    numbers = [child.addressee_no for child in children]
    known = {row["child_no"] for row in await session.fetch(_KNOWN, numbers)}
    cases = await session.fetch(_CASES, [child.household_no for child in children])
    due = _due(figures, happening.effective_on)
    return [_for_child(child, cases, due, is_done=child.addressee_no in known) for child in children]


def _for_child(child: Resident, cases: Sequence[Record], due: date, *, is_done: bool) -> Proposal:
    case = next((row for row in cases if row["household_no"] == child.household_no), None)
    if case is None:
        return Proposal(
            "child_allowance.claim",
            "児童手当の認定請求",
            child.addressee_no,
            "高校生の年代までの子を養育する人に支給されます。期限までに請求すると、翌月の分から支給されます。",
            _BRING,
            f"/child_allowance/claims/new?household_no={child.household_no}",
            due,
            "児童手当法7条・8条",
            is_done,
        )
    return Proposal(
        "child_allowance.add",
        "児童手当の額改定請求",
        child.addressee_no,
        "手当を受けている世帯の子が増えたため、額を改めます。",
        ("請求者の個人番号が分かるもの",),
        f"/child_allowance/cases/{case['case_no']}",
        due,
        "児童手当法9条",
        is_done,
    )


async def _leaving(session: Reader, happening: Happening, figures: ParameterSet) -> list[Proposal]:
    people = set(happening.addressee_nos)
    due, found = _due(figures, happening.effective_on), dict[str, Proposal]()
    for row in await session.fetch(_OF_PEOPLE, sorted(people)):
        href = f"/child_allowance/cases/{row['case_no']}"
        if row["recipient_no"] in people:
            because = "手当を受けている人がいなくなるため、受給資格が消滅します。子を養育する次の人が請求します。"
            key = f"child_allowance.end.{row['case_no']}"
            found[key] = Proposal(
                key, "児童手当の消滅届", row["recipient_no"], because, (), href, due, "児童手当法施行規則7条"
            )
        elif row["child_no"] in people:
            because = "手当の対象の子が減るため、額を改めます。"
            key = f"child_allowance.lose.{row['child_no']}"
            found[key] = Proposal(
                key, "児童手当の額改定届（減額）", row["child_no"], because, (), href, due, "児童手当法9条"
            )
    return list(found.values())


def _due(figures: ParameterSet, day: date) -> date:
    """The end of the 15日特例: counted from the day after the event."""
    return day + timedelta(days=Use(figures).count("claim.grace_days"))
