"""What a movement asks of 児童手当: 認定請求, 額改定, 消滅 (児童手当法7条, 8条, 9条)."""

from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import quote

from modules.resident.basic_register.facts import Resident, find_resident
from modules.welfare.child_allowance.batch.propose import youngest_school_leaver
from modules.welfare.child_allowance.calc import PARAMETERS
from yoriai.proposals import Happening, Proposal
from yoriai.rules import Moment, ParameterSet, Use
from yoriai.rules.parameters import resolve
from yoriai.tenancy.session import Reader, Record

_CASES = """
SELECT c.case_no, c.recipient_no, r.household_no, c.claimed_on FROM child_allowance_case c
  LEFT JOIN fact_resident r ON r.addressee_no = c.recipient_no
 WHERE c.status IN ('claimed', 'approved', 'paying', 'held') AND r.household_no = ANY($1::bigint[]) ORDER BY c.case_no"""
# What was ended or lost because of the movement (since its day) stays in the list as done.
_OF_PEOPLE = """
SELECT c.case_no, c.recipient_no, k.child_no, c.status = 'ended' AS is_ended, k.lost_on IS NOT NULL AS is_lost
  FROM child_allowance_case c
  LEFT JOIN child_allowance_child k ON k.case_no = c.case_no AND k.superseded_at IS NULL
        AND (k.lost_on IS NULL OR k.lost_on >= $2)
 WHERE (c.status IN ('claimed', 'approved', 'paying', 'held') OR (c.status = 'ended' AND c.lost_on >= $2))
   AND (c.recipient_no = ANY($1::bigint[]) OR k.child_no = ANY($1::bigint[])) ORDER BY c.case_no"""
_PARTED = """
SELECT c.case_no, k.child_no, child.household_no, k.lost_on IS NOT NULL AS is_lost,
       EXISTS (SELECT FROM child_allowance_child o JOIN child_allowance_case d ON d.case_no = o.case_no
                WHERE o.child_no = k.child_no AND o.case_no <> c.case_no AND o.superseded_at IS NULL AND o.lost_on IS NULL
                  AND d.status IN ('claimed', 'approved', 'paying', 'held')) AS is_claimed
  FROM child_allowance_case c
  JOIN child_allowance_child k ON k.case_no = c.case_no AND k.superseded_at IS NULL AND (k.lost_on IS NULL OR k.lost_on >= $2)
  JOIN fact_resident child ON child.addressee_no = k.child_no
  JOIN fact_resident recipient ON recipient.addressee_no = c.recipient_no
 WHERE (c.status IN ('claimed', 'approved', 'paying', 'held') OR (c.status = 'ended' AND c.lost_on >= $2))
   AND child.household_no <> recipient.household_no
   AND (k.child_no = ANY($1::bigint[]) OR c.recipient_no = ANY($1::bigint[])) ORDER BY c.case_no, k.child_no"""
_KNOWN = """
SELECT k.child_no FROM child_allowance_child k JOIN child_allowance_case c ON c.case_no = k.case_no
 WHERE k.child_no = ANY($1::bigint[]) AND k.superseded_at IS NULL AND k.lost_on IS NULL
   AND c.status IN ('claimed', 'approved', 'paying', 'held')"""
_BRING = ("請求者の振込先口座が分かるもの", "請求者の健康保険の資格情報", "請求者と配偶者の個人番号が分かるもの")


async def propose(session: Reader, happening: Happening) -> list[Proposal]:
    """What comes after 転入 and 出生, after 転出 and 死亡, and when a family parts into two households."""
    figures = resolve(PARAMETERS, Moment(happening.effective_on.replace(day=1)))
    if happening.kind in ("move_in", "birth"):
        return await _coming(session, happening, figures)
    if happening.kind in ("move_out", "death"):
        return await _leaving(session, happening, figures)
    if happening.kind in ("move_within", "household_change"):
        return await _parting(session, happening, figures)
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
    return [_for_child(child, cases, happening, due, is_done=child.addressee_no in known) for child in children]


def _for_child(child: Resident, cases: Sequence[Record], happening: Happening, due: date, *, is_done: bool) -> Proposal:
    day = happening.effective_on.isoformat()
    case = next((row for row in cases if row["household_no"] == child.household_no), None)
    # Claimed because of this very movement: the claim is what was asked for, and it is done.
    if case is None or (is_done and case["claimed_on"] >= happening.effective_on):
        return Proposal(
            "child_allowance.claim",
            "児童手当の認定請求",
            child.addressee_no,
            "高校生の年代までの子を養育する人に支給されます。期限までに請求すると、翌月の分から支給されます。",
            _BRING,
            f"/child_allowance/claims/new?household_no={child.household_no}&event={happening.kind}&event_on={day}",
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
        f"/child_allowance/cases/{case['case_no']}?child_no={child.addressee_no}&on={day}#f-child_no",
        due,
        "児童手当法9条",
        is_done,
    )


async def _leaving(session: Reader, happening: Happening, figures: ParameterSet) -> list[Proposal]:
    people = set(happening.addressee_nos)
    due, found = _due(figures, happening.effective_on), dict[str, Proposal]()
    day = happening.effective_on
    for row in await session.fetch(_OF_PEOPLE, sorted(people), day):
        case = f"/child_allowance/cases/{row['case_no']}"
        if row["recipient_no"] in people:
            because = "手当を受けている人がいなくなるため、受給資格が消滅します。子を養育する次の人が請求します。"
            key = f"child_allowance.end.{row['case_no']}"
            found[key] = Proposal(
                key,
                "児童手当の消滅届",
                row["recipient_no"],
                because,
                href=f"{case}?act=end&on={day}&reason={_why(happening)}#f-act",
                due_on=due,
                article="児童手当法施行規則7条",
                is_done=row["is_ended"],
            )
        elif row["child_no"] in people:
            key = f"child_allowance.lose.{row['child_no']}"
            because = "手当の対象の子が減るため、額を改めます。"
            found[key] = _losing(key, row, happening, due, because)
    return list(found.values())


def _losing(key: str, row: Record, happening: Happening, due: date, because: str) -> Proposal:
    day, why = happening.effective_on, _why(happening)
    return Proposal(
        key,
        "児童手当の額改定届（減額）",
        row["child_no"],
        because,
        href=f"/child_allowance/cases/{row['case_no']}?child_no={row['child_no']}&on={day}&reason={why}#f-child_id",
        due_on=due,
        article="児童手当法9条",
        is_done=row["is_lost"],
    )


async def _parting(session: Reader, happening: Happening, figures: ParameterSet) -> list[Proposal]:
    """When recipient and child live in two households: the child may leave the one case, and who keeps it claims anew."""
    day, due = happening.effective_on, _due(figures, happening.effective_on)
    found = []
    for row in await session.fetch(_PARTED, list(happening.addressee_nos), day):
        child = row["child_no"]
        because = "手当を受けている人とお子さんの世帯が分かれました。養育する人が変わるときは、この人の分を減らします。"
        found.append(_losing(f"child_allowance.lose.{child}", row, happening, due, because))
        found.append(
            Proposal(
                "child_allowance.claim",
                "児童手当の認定請求（養育する人が変わるとき）",
                child,
                "お子さんと同じ世帯でこれから養育する人が請求します。離婚や別居の協議中でも請求できます。",
                _BRING,
                f"/child_allowance/claims/new?household_no={row['household_no']}&event=other&event_on={day}",
                due,
                "児童手当法4条・7条",
                row["is_claimed"],
            )
        )
    return found


def _why(happening: Happening) -> str:
    """The reason that stands in the form, as part of an address."""
    return quote({"death": "死亡", "move_out": "転出"}.get(happening.kind, "養育する人の世帯が変わったため"))


def _due(figures: ParameterSet, day: date) -> date:
    """The end of the 15日特例: counted from the day after the event."""
    return day + timedelta(days=Use(figures).count("claim.grace_days"))
