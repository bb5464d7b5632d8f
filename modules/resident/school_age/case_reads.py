"""What the screens of the applications show."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import hidden_from_reader, refuse_concealed, without_concealed
from modules.resident.school_age.codes import ACTS, CASE_KINDS, CASE_STATES, NOTICES
from modules.resident.school_age.roll import HIDDEN
from modules.resident.school_age.settings import SchoolSettings
from modules.resident.school_age.states import possible_acts
from modules.resident.school_age.views import ActLine, CaseForm, CaseLine, CaseList, CaseView, Chip, NoticeLine
from yoriai.audit import AuditEvent
from yoriai.dates import fiscal_year_of
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader

_COLUMNS = "case_no, kind, state, addressee_no, child_name, school_name, other_board, applied_on, valid_from, valid_to"
_LIST = f"SELECT {_COLUMNS} FROM school_age_case WHERE $1 = '' OR state = $1 ORDER BY applied_on DESC, case_no DESC LIMIT 300"  # noqa: S608
_OVER = f"SELECT {_COLUMNS} FROM school_age_case WHERE state = 'approved' AND valid_to < $1 ORDER BY valid_to, case_no LIMIT 300"  # noqa: S608
_OVER_COUNT = "SELECT count(*) FROM school_age_case WHERE state = 'approved' AND valid_to < $1"
_COUNTS = "SELECT state, count(*) AS count FROM school_age_case GROUP BY state"
_ONE = f"""
SELECT {_COLUMNS}, version, birth_date, child_address, guardian_name, reason, consulted_on, consented_on, decided_on, ended_on
  FROM school_age_case WHERE case_no = $1
"""  # noqa: S608
_ACTS = 'SELECT act, "on", before, after, reason, recorded_at, staff_id FROM school_age_act WHERE case_no = $1 ORDER BY id DESC'
_NOTICES = """
SELECT id, kind, issued_on, is_withheld, superseded_at IS NOT NULL AS is_replaced FROM school_age_notice
 WHERE case_no = $1 ORDER BY id DESC
"""


async def list_cases(session: Reader, state: str, today: date) -> CaseList:
    """The applications of a state (all of them without one), the newest first; `over`: approved ones whose period has passed."""
    found = await session.fetch(_OVER, today) if state == "over" else await session.fetch(_LIST, state)
    rows = await without_concealed(session, found)
    shut = await _shut(session, rows)
    counts = {row["state"]: row["count"] for row in await session.fetch(_COUNTS)}
    session.audit(AuditEvent("school_age.cases", detail={"state": state, "found": len(rows)}))
    return CaseList(
        rows=[case_line(row, is_shut=row["addressee_no"] in shut) for row in rows],
        state=state,
        counts=[
            {"state": "", "label": "すべて", "count": sum(counts.values())},
            *({"state": key, "label": label, "count": counts.get(key, 0)} for key, (label, _) in CASE_STATES.items()),
            {"state": "over", "label": "期間満了 (要終了)", "count": await session.fetchval(_OVER_COUNT, today)},
        ],
    )


async def get_case(session: Reader, case_no: int, today: date) -> CaseView:
    """An application with its course; raises NotFound."""
    row = await session.fetchrow(_ONE, case_no)
    if row is None:
        raise NotFound("この番号の申請はありません。")
    await refuse_concealed(session, [row["addressee_no"]], "この番号の申請はありません。")
    subject = f"addressee:{row['addressee_no']}" if row["addressee_no"] else f"school_age_case:{case_no}"
    session.audit(AuditEvent("school_age.case.view", subject))
    rest = {key: row[key] for key in ("version", "birth_date", "child_address", "guardian_name", "reason")}
    is_shut = bool(await _shut(session, [row]))
    if is_shut:
        rest["child_address"] = HIDDEN
    days = {key: row[key] for key in ("consulted_on", "consented_on", "decided_on", "ended_on")}
    return CaseView(
        **case_line(row, is_shut=is_shut).model_dump(),
        **rest,
        **days,
        article=CASE_KINDS[row["kind"]][1],
        acts=[
            ActLine(label=ACTS[act["act"]], **{key: value for key, value in dict(act).items() if key != "act"})
            for act in await session.fetch(_ACTS, case_no)
        ],
        notices=[
            NoticeLine(label=NOTICES[item["kind"]], **dict(item)) for item in await session.fetch(_NOTICES, case_no)
        ],
        possible=[(str(act), ACTS[act]) for act in possible_acts(row["kind"], row["state"])],
        is_consulted=row["kind"].startswith("out_of_area"),
        initial={"on": today.isoformat()},
    )


def case_form(settings: SchoolSettings, today: date, kind: str, addressee_no: int | None) -> CaseForm:
    """A blank application, to the end of the school year."""
    end = date(fiscal_year_of(today) + 1, 3, 31)
    return CaseForm(
        kinds=[(code, label) for code, (label, _) in CASE_KINDS.items()],
        schools=[(school.code, school.name) for school in settings.schools.values()],
        initial={
            "kind": kind if kind in CASE_KINDS else "designation_change",
            "addressee_no": str(addressee_no or ""),
            "applied_on": today.isoformat(),
            "valid_from": today.isoformat(),
            "valid_to": end.isoformat(),
        },
    )


def case_line(row: Mapping[str, Any], *, is_shut: bool = False) -> CaseLine:
    """An application as lists show it; `is_shut`: without the school and the other board, which tell where the child lives."""
    label, kind = CASE_STATES[row["state"]]
    facts = {key: row[key] for key in CaseLine.model_fields if key not in ("state", "kind_label")}
    if is_shut:
        facts |= {key: HIDDEN for key in ("school_name", "other_board") if row[key]}
    return CaseLine(**facts, kind_label=CASE_KINDS[row["kind"]][0], state=Chip(label=label, kind=kind))


async def _shut(session: Reader, rows: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    people = {row["addressee_no"] for row in rows if row["addressee_no"] is not None}
    return await hidden_from_reader(session, people, "school_age.case") if people else frozenset()
