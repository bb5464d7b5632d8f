"""異動予定一覧 and one plan; 転出予定 stand in the same list."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from modules.resident.basic_register.chips import Chip, label_of
from modules.resident.basic_register.labels import SEX_LABELS
from modules.resident.basic_register.protections.masking import Veil, find_veil
from modules.resident.basic_register.reads.form_shapes import CORRECTED_FIELDS, RESIDENCE_CLASSES
from modules.resident.basic_register.reads.shapes import Attention
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import format_wareki, format_wareki_time
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader, Record

Show = Literal["open", "applied", "cancelled"]
_STATES: Mapping[str, Chip] = {
    "planned": Chip(label="予定", kind="info"),
    "refused": Chip(label="登録できません", kind="danger"),
    "applied": Chip(label="登録済"),
    "cancelled": Chip(label="取消済"),
}
_OPEN = ("planned", "refused")
_MOST = 500
_COLUMNS = """p.plan_no, p.kind, p.reason, p.event_date, p.household_no, p.addressee_nos, p.body, p.status, p.refusal,
 p.movement_no, p.planned_at, p.closed_at, p.close_reason, coalesce(s.display_name, p.planned_by) AS staff,
 coalesce(c.display_name, p.closed_by) AS closer"""
_FROM = (
    """FROM planned_movement p LEFT JOIN staff s ON s.login = p.planned_by LEFT JOIN staff c ON c.login = p.closed_by"""
)
_LIST = f"""
SELECT {_COLUMNS} {_FROM} WHERE p.status = ANY($1::text[])
 ORDER BY p.status <> 'refused', p.event_date, p.plan_no LIMIT {_MOST}"""
_ONE = f"SELECT {_COLUMNS} {_FROM} WHERE p.plan_no = $1"
_OF_HOUSEHOLD = f"""
SELECT {_COLUMNS} {_FROM} WHERE p.household_no = $1 AND p.status = ANY('{{planned,refused}}'::text[])
 ORDER BY p.event_date, p.plan_no"""
_LEAVING = f"""
SELECT r.household_no, r.planned_removal_on, array_agg(r.addressee_no ORDER BY r.addressee_no) AS addressee_nos,
       min(m.processed_at) AS planned_at, min(coalesce(s.display_name, m.staff_id)) AS staff
  FROM resident_record r JOIN movement m ON m.movement_no = r.movement_no LEFT JOIN staff s ON s.login = m.staff_id
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31' AND r.status = 'move_out_planned'
 GROUP BY r.household_no, r.planned_removal_on ORDER BY 2, 1 LIMIT {_MOST}"""  # noqa: S608 – constants only
_NAMES = """
SELECT addressee_no, name, name_kana FROM resident_record
 WHERE addressee_no = ANY($1::bigint[]) AND superseded_at IS NULL AND valid_to = '9999-12-31'"""
_TOWN = "SELECT name FROM town WHERE town_code = $1"
_PLACES = ("registered_domicile", "previous_address")


class PlanRow(BaseModel):
    """A plan in the list."""

    event_date: date
    reason: str
    names: str
    household_no: int
    status: Chip
    refusal: str
    staff: str
    planned_at: str
    href: str


class PlanList(BaseModel):
    """The plans that wait, those refused first; those recorded; or those taken back."""

    show: Show
    rows: list[PlanRow]
    refused: int


class PlanView(BaseModel):
    """One plan: what will be recorded, of whom, by whom it was planned, what became of it."""

    plan_no: int
    reason: str
    names: str
    status: Chip
    is_open: bool
    is_due: bool
    refusal: str
    facts: list[dict[str, Any]]
    content: list[dict[str, Any]]
    people: list[dict[str, Any]]


async def list_plans(session: Reader, show: Show, base: str) -> PlanList:
    """The list; everybody named in it is audited."""
    plans = await session.fetch(_LIST, list(_OPEN) if show == "open" else [show])
    leaving = await session.fetch(_LEAVING) if show == "open" else []
    people = {number for row in (*plans, *leaving) for number in row["addressee_nos"]}
    veil, names = await _people(session, people, "plans")
    rows = [
        _row(row, row["event_date"], label_of(row["reason"]), _STATES[row["status"]], f"{base}/plans/{row['plan_no']}")
        | {"refusal": row["refusal"]}
        for row in plans
        if not veil.concealed.intersection(row["addressee_nos"])
    ]
    rows += [
        _row(row, row["planned_removal_on"], "転出", _STATES["planned"], f"{base}/households/{row['household_no']}")
        for row in leaving
        if not veil.concealed.intersection(row["addressee_nos"])
    ]
    rows.sort(key=lambda row: (row["status"].kind != "danger", row["event_date"]))
    for row in rows:
        row["names"] = _named(row.pop("people"), names)
    refused = sum(row["status"].kind == "danger" for row in rows)
    return PlanList(show=show, rows=[PlanRow(**row) for row in rows], refused=refused)


async def get_plan(session: Reader, plan_no: int, today: date, base: str) -> PlanView:
    """One plan; its people's views are audited. Raises NotFound."""
    row = await session.fetchrow(_ONE, plan_no)
    if row is None:
        raise NotFound("この異動予定は見つかりません。")
    veil, names = await _people(session, row["addressee_nos"], "plan")
    if veil.concealed:
        raise NotFound("この異動予定は見つかりません。")
    return PlanView(
        plan_no=plan_no,
        reason=label_of(row["reason"]),
        names=_named(row["addressee_nos"], names),
        status=_STATES[row["status"]],
        is_open=row["status"] in _OPEN,
        is_due=row["event_date"] <= today,
        refusal=row["refusal"],
        facts=_facts(row, base),
        content=await _content(session, row, veil),
        people=[
            {"name": names[number]["name"], "href": f"{base}/persons/{number}"}
            for number in row["addressee_nos"]
            if number in names
        ],
    )


async def list_attention(session: Reader, household_no: int, base: str) -> list[Attention]:
    """What is planned for a household, for the pages of it and of its people: whoever changes something has to know."""
    rows = await session.fetch(_OF_HOUSEHOLD, household_no)
    return [
        Attention(
            kind="error" if row["status"] == "refused" else "alert",
            title=f"{label_of(row['reason'])}が{format_wareki(row['event_date'])}に予定されています",
            text=row["refusal"],
            href=f"{base}/plans/{row['plan_no']}",
            link_label="予定を見る",
        )
        for row in rows
    ]


async def _people(session: Reader, people: Sequence[int] | set[int], purpose: str) -> tuple[Veil, dict[int, Record]]:
    """Who is hidden, and the names of everybody else."""
    veil = await find_veil(session, people, purpose)
    found = await session.fetch(_NAMES, sorted(set(people) - veil.concealed))
    for row in found:
        session.audit(AuditEvent("person.view", f"addressee:{row['addressee_no']}", detail={"as": purpose}))
    return veil, {row["addressee_no"]: row for row in found}


def _row(row: Record, day: date, reason: str, status: Chip, href: str) -> dict[str, Any]:
    return {
        "event_date": day,
        "reason": reason,
        "people": row["addressee_nos"],
        "household_no": row["household_no"],
        "status": status,
        "refusal": "",
        "staff": row["staff"],
        "planned_at": _at(row["planned_at"]),
        "href": href,
    }


def _named(numbers: Sequence[int], names: Mapping[int, Record]) -> str:
    return "、".join(names[number]["name"] for number in numbers if number in names)


def _at(moment: datetime) -> str:
    return format_wareki_time(moment.astimezone(JAPAN))


def _facts(row: Record, base: str) -> list[dict[str, Any]]:
    facts = [
        ("異動事由", label_of(row["reason"]), "text", ""),
        ("異動日（予定）", row["event_date"], "date", ""),
        ("世帯番号", row["household_no"], "code", f"{base}/households/{row['household_no']}"),
        ("予定の登録", f"{_at(row['planned_at'])} {row['staff']}", "text", ""),
    ]
    if row["movement_no"]:
        facts.append(("登録した異動", row["movement_no"], "code", f"{base}/movements/{row['movement_no']}"))
    if row["closed_at"]:
        label = "取り消した人" if row["status"] == "cancelled" else "登録した人"
        facts.append((label, f"{_at(row['closed_at'])} {row['closer']}", "text", ""))
    if row["close_reason"]:
        facts.append(("取り消した理由", row["close_reason"], "text", ""))
    return [{"label": label, "value": value, "kind": kind, "href": href} for label, value, kind, href in facts]


async def _content(session: Reader, row: Record, veil: Veil) -> list[dict[str, Any]]:
    """What will be recorded, in words; places of hidden people are not shown."""
    body: dict[str, Any] = json.loads(row["body"])
    hidden = next((number for number in row["addressee_nos"] if veil.covers(number)), 0)
    shown: list[tuple[str, Any]] = []
    for field in CORRECTED_FIELDS:
        if value := body.get(field.name):
            text = _words(field.name, value)
            shown.append((field.label, veil.text(hidden, text) if field.name in _PLACES else text))
    if address := body.get("address"):
        town = await session.fetchval(_TOWN, address["town_code"]) or address["town_code"]
        text = " ".join(filter(None, (f"{town}{address['block']}", address.get("building"))))
        shown.append(("住所", veil.text(hidden, text)))
    removed = {"former_surname": "旧氏", "alias": "通称"}
    shown += [(removed[name], "削除する") for name in body.get("removed_items") or []]
    shown.append(("職権の根拠", veil.text(hidden, body.get("ground"))))
    shown.append(("決裁番号", body.get("approval_no")))
    shown.append(("備考", veil.text(hidden, body.get("note"))))
    return [{"label": label, "value": value} for label, value in shown if value]


def _words(name: str, value: Any) -> str:
    if name == "sex":
        return SEX_LABELS[value]
    if name == "residence_class":
        return RESIDENCE_CLASSES[value]
    if name.endswith(("_on", "_date", "_since", "_until")):
        return format_wareki(date.fromisoformat(value))
    return str(value)
