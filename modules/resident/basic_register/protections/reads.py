"""What is suppressed: the list with what needs renewal, one protection with its revisions, the warnings of a person's page."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.chips import Chip
from modules.resident.basic_register.protections.kinds import CATEGORIES, KINDS, SCOPES, SUPPORT
from modules.resident.basic_register.reads.shapes import Attention
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import add_months, format_wareki, format_wareki_time
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader, Record

_MOST = 500
_REMIND_MONTHS = 1
_LIST = """
SELECT p.protection_no, p.kind, p.category, p.starts_on, p.ends_on, p.released_on, p.stops_issue, p.stops_movement, p.hides_address,
       array_agg(r.name ORDER BY s.addressee_no) AS names
  FROM protection p JOIN protection_subject s ON s.protection_no = p.protection_no
  JOIN resident_record r ON r.addressee_no = s.addressee_no AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
 WHERE p.superseded_at IS NULL AND ($1 = 'released') = (p.released_on IS NOT NULL)
   AND ($1 <> 'due' OR p.ends_on <= $2)
 GROUP BY p.id ORDER BY p.ends_on NULLS LAST, p.protection_no LIMIT $3"""
_REVISIONS = """
SELECT p.kind, p.category, p.starts_on, p.ends_on, p.applicant, p.hides_address, p.hides_from_search, p.stops_issue,
       p.stops_movement, p.scope, p.offender, p.opinion, p.first_municipality, p.forwarded_to, p.note, p.released_on, p.reason,
       p.recorded_at, p.superseded_at,
       coalesce(t.display_name, CASE p.staff_id WHEN 'conversion' THEN '移行' ELSE p.staff_id END) AS staff
  FROM protection p LEFT JOIN staff t ON t.login = p.staff_id WHERE p.protection_no = $1 ORDER BY p.id DESC"""
_LIFTS = """
SELECT l.lifted_at, l.until, l.reason, coalesce(t.display_name, l.staff_id) AS staff
  FROM protection_lift l LEFT JOIN staff t ON t.login = l.staff_id WHERE l.protection_no = $1 ORDER BY l.id DESC"""
_SUBJECTS = """
SELECT s.addressee_no, r.name FROM protection_subject s
  JOIN resident_record r ON r.addressee_no = s.addressee_no AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
 WHERE s.protection_no = $1 ORDER BY s.addressee_no"""
_OF_PERSON = """
SELECT protection_no, kind, since, until, due_on, stops_issue, stops_movement, note, lifted_until FROM fact_protection
 WHERE addressee_no = $1 ORDER BY kind <> 'support', protection_no"""


class ProtectionRow(BaseModel):
    """A suppression in the list."""

    protection_no: int
    names: str
    kind: str
    category: str
    starts_on: date
    ends_on: date | None
    effects: str
    state: Chip
    href: str


class ProtectionList(BaseModel):
    """The suppressions in force, those to be renewed, or those released."""

    show: str
    rows: list[ProtectionRow]
    due: int


class ProtectionView(BaseModel):
    """One suppression: its present revision, its people, what was done to it by whom and why."""

    protection_no: int
    kind: str
    is_open: bool
    facts: list[dict[str, Any]]
    subjects: list[dict[str, Any]]
    acts: list[dict[str, Any]]
    initial: dict[str, Any]


async def list_protections(session: Reader, show: str, today: date, base: str) -> ProtectionList:
    """The list; looking at it is audited. `due`: those whose end is within a month or past."""
    remind = add_months(today, _REMIND_MONTHS)
    rows = await session.fetch(_LIST, show, remind, _MOST)
    due = rows if show == "due" else await session.fetch(_LIST, "due", remind, _MOST)
    session.audit(AuditEvent("protection.list", detail={"show": show, "found": len(rows)}))
    return ProtectionList(show=show, rows=[_row(row, today, base) for row in rows], due=len(due))


async def get_protection(session: Reader, protection_no: int, base: str) -> ProtectionView:
    """One suppression; audited for each of its people. Raises NotFound."""
    revisions = await session.fetch(_REVISIONS, protection_no)
    if not revisions:
        raise NotFound("この抑止の登録は見つかりません。")
    subjects = await session.fetch(_SUBJECTS, protection_no)
    for subject in subjects:
        detail = {"protection_no": protection_no}
        session.audit(AuditEvent("protection.view", f"addressee:{subject['addressee_no']}", detail=detail))
    lifts = await session.fetch(_LIFTS, protection_no)
    return ProtectionView(
        protection_no=protection_no,
        kind=KINDS[revisions[0]["kind"]],
        is_open=revisions[0]["released_on"] is None,
        facts=_facts(revisions[0]),
        subjects=[
            {
                "addressee_no": row["addressee_no"],
                "name": row["name"],
                "href": f"{base}/persons/{row['addressee_no']}",
            }
            for row in subjects
        ],
        acts=[*_lift_acts(lifts), *_revision_acts(revisions)],
        initial={"minutes": 30},
    )


async def list_warnings(session: Reader, addressee_no: int, now: datetime) -> list[Attention]:
    """What everybody who opens the person's page has to know, without what only those in charge may read."""
    today = now.date()
    found = []
    for row in await session.fetch(_OF_PERSON, addressee_no):
        is_over = row["until"] <= today
        if row["kind"] == SUPPORT:
            text = "住所や世帯の状況を、加害者にも第三者にも伝えないでください。証明書は発行できません。"
            if row["due_on"] is not None and row["due_on"] <= add_months(today, _REMIND_MONTHS):
                text += f"期限は{format_wareki(row['due_on'])}です。延長か解除の手続が必要です。"
            found.append(Attention(kind="error", title="支援措置の対象者です", text=_lifted(text, row, now)))
        elif not is_over and row["since"] <= today:
            stops = [word for key, word in _STOPS if row[key]]
            text = "、".join(filter(None, (row["note"] or "", *stops)))
            kind = "error" if stops else "alert"
            found.append(Attention(kind=kind, title=KINDS[row["kind"]], text=_lifted(text, row, now)))
    return found


_STOPS = (("stops_issue", "証明書の発行停止"), ("stops_movement", "異動の停止"))


def _lifted(text: str, row: Record, now: datetime) -> str:
    until = row["lifted_until"]
    return f"{text}（{until.astimezone(JAPAN):%H時%M分}まで一時解除中）" if until and until > now else text


def _row(row: Record, today: date, base: str) -> ProtectionRow:
    if row["released_on"] is not None:
        state = Chip(label=f"解除 {format_wareki(row['released_on'])}")
    elif row["ends_on"] is not None and row["ends_on"] < today:
        state = Chip(label="期限超過（継続中）" if row["kind"] == SUPPORT else "期間終了", kind="danger")
    elif row["ends_on"] is not None and row["ends_on"] <= add_months(today, _REMIND_MONTHS):
        state = Chip(label="延長の時期", kind="warn")
    else:
        state = Chip(label="継続中", kind="ok")
    effects = [("hides_address", "住所非表示"), *_STOPS]
    return ProtectionRow(
        protection_no=row["protection_no"],
        names="、".join(row["names"]),
        kind=KINDS[row["kind"]],
        category=CATEGORIES.get(row["category"] or "", ""),
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        effects="、".join(word for key, word in effects if row[key]),
        state=state,
        href=f"{base}/protections/{row['protection_no']}",
    )


def _facts(row: Record) -> list[dict[str, Any]]:
    effects = [("hides_address", "住所を表示しない"), ("hides_from_search", "検索に出さない"), *_STOPS]
    items = [
        ("種別", KINDS[row["kind"]], "text"),
        ("区分", CATEGORIES.get(row["category"] or ""), "text"),
        ("開始日", row["starts_on"], "date"),
        ("終了日", row["ends_on"], "date"),
        ("解除日", row["released_on"], "date"),
        ("効果", "、".join(word for key, word in effects if row[key]), "text"),
        ("対象事務", "、".join(SCOPES[code] for code in row["scope"]), "text"),
        ("申出者", row["applicant"], "text"),
        ("加害者", row["offender"], "text"),
        ("相談機関の意見", row["opinion"], "text"),
        ("当初受付市町村", row["first_municipality"], "text"),
        ("転送先", row["forwarded_to"], "text"),
        ("注意・備考", row["note"], "text"),
    ]
    return [{"label": label, "value": value, "kind": kind} for label, value, kind in items if value]


def _revision_acts(revisions: Sequence[Record]) -> list[dict[str, Any]]:
    acts = []
    for index, row in enumerate(revisions):
        act = "登録" if index == len(revisions) - 1 else "解除" if row["released_on"] else "延長"
        acts.append(_act(act, row["recorded_at"], row["staff"], row["reason"]))
    return acts


def _lift_acts(lifts: Sequence[Record]) -> list[dict[str, Any]]:
    return [
        _act(
            f"一時解除（{row['until'].astimezone(JAPAN):%m月%d日 %H時%M分}まで）",
            row["lifted_at"],
            row["staff"],
            row["reason"],
        )
        for row in lifts
    ]


def _act(act: str, at: datetime, staff: str, reason: str) -> dict[str, Any]:
    return {"act": act, "at": format_wareki_time(at.astimezone(JAPAN)), "staff": staff, "reason": reason}
