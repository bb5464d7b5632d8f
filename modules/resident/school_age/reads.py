"""What the screens of 就学 show: lists and rolls, a child, the entrants, the trial of the turn."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from modules.resident.basic_register.facts import SEE, find_concealed, without_concealed
from modules.resident.non_resident.facts import list_mail_warnings
from modules.resident.school_age.calc import SCHOOL_AGE_CALCULATOR, SchoolAgeInput
from modules.resident.school_age.case_reads import case_line
from modules.resident.school_age.codes import (
    ACTS,
    CHILD_STATES,
    NOTICES,
    OUTSIDE,
    PLACEMENTS,
    SEXES,
    WISHES,
)
from modules.resident.school_age.grades import grade_label, grades_on, stage_of
from modules.resident.school_age.placing import figures_of, judge, plan_turn
from modules.resident.school_age.printing import LETTERS_AT_ONCE
from modules.resident.school_age.roll import CHILDREN, HIDDEN, entry_day, is_foreign, shown, veil
from modules.resident.school_age.service import get_row
from modules.resident.school_age.settings import SchoolSettings, read_settings
from modules.resident.school_age.views import (
    ActLine,
    ChildLine,
    ChildList,
    ChildView,
    Chip,
    EntrantList,
    NoticeLine,
    PlacementLine,
    TurnLine,
    TurnTrial,
)
from yoriai.audit import AuditEvent
from yoriai.dates import fiscal_year_of, format_wareki_year
from yoriai.rules import Use
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, Record
from yoriai.web.explained import shown_steps

_LIST = f"""{CHILDREN}
 WHERE c.state = 'enrolled' AND ($2 = '' OR p.school_code = $2) AND ($3::bigint IS NULL OR p.grade = $3)
   AND ($2 = '' OR c.wish NOT IN ('unknown', 'declines'))
   AND ($4 = '' OR p.kind = $4 OR $4 = 'attention' AND (c.is_missing OR p.kind IN ('unassigned', 'not_attending')
        OR c.wish = 'unknown')) AND p.valid_from <= $1
 ORDER BY p.school_code, p.grade, k.name_kana, c.addressee_no"""
_INCOMING = """
SELECT case_no, child_name, birth_date, child_address, guardian_name, school_code, school_name, valid_from FROM school_age_case
 WHERE kind = 'out_of_area_in' AND state = 'approved' AND valid_from <= $1 AND valid_to >= $1 AND ($2 = '' OR school_code = $2)
 ORDER BY case_no
"""
_ENTRANTS = (
    f"{CHILDREN} WHERE c.state = 'planned' AND c.entry_year = $2 ORDER BY p.school_code NULLS FIRST, k.name_kana"
)
_YEAR = "SELECT base_date, extracted_at, fixed_at FROM school_age_year WHERE entry_year = $1"
_NOTICE_COUNTS = """
SELECT kind, count(*) AS made, count(*) FILTER (WHERE is_withheld) AS withheld FROM school_age_notice
 WHERE entry_year = $1 AND superseded_at IS NULL AND kind IN ('enrolment', 'health_check', 'guidance') GROUP BY kind ORDER BY kind
"""
_PLACEMENTS = """
SELECT kind, grade, school_name, basis, valid_from, valid_to, superseded_at IS NOT NULL AS is_corrected FROM school_age_placement
 WHERE addressee_no = $1 ORDER BY superseded_at IS NOT NULL, valid_from, id
"""
_ACTS = """
SELECT act, "on", before, after, reason, recorded_at, staff_id FROM school_age_act WHERE addressee_no = $1 ORDER BY id DESC
"""
_CASES = """
SELECT case_no, kind, state, addressee_no, child_name, school_name, other_board, applied_on, valid_from, valid_to
  FROM school_age_case WHERE addressee_no = $1 ORDER BY case_no DESC
"""
_NOTICES = """
SELECT id, kind, issued_on, is_withheld, superseded_at IS NOT NULL AS is_replaced FROM school_age_notice
 WHERE addressee_no = $1 ORDER BY id DESC
"""
_TURNING = f"{CHILDREN} WHERE c.state = 'enrolled' OR c.state = 'planned' AND c.entry_year = $2 ORDER BY c.addressee_no"
_HELD = "SELECT addressee_no FROM school_age_hold WHERE fiscal_year = $1 AND superseded_at IS NULL"
_OF_SCHOOLS = ("compile", "transfer_in", "return", "leave", "remove", "address", "outside", "designate")
"""What these acts tell is from which school to which."""
_SHOWN = 500


async def list_children(
    session: Reader, config: TenantConfig, day: date, *, school: str = "", grade: int | None = None, kind: str = "",
    district: str = "", limit: int = _SHOWN, is_own: bool = False,
) -> ChildList:  # fmt: skip
    """The children of a school, a grade or a kind as of the day; pupils taken in from elsewhere stand on their school's roll.

    A foreign child stands on a school's roll once it wishes to attend. Protected children stand on the roll of a school only for
    the school itself (`is_own`) and for who may see where they live. `kind` is a placement, or `attention`: 居所不明, 不就学,
    without a 指定校, foreign children whose wish is not known. `district` is the school in whose 通学区域 the address lies,
    wherever the child attends.
    """
    settings = read_settings(config)
    rows: Sequence[Mapping[str, Any]] = await session.fetch(_LIST, day, school, grade, kind)
    if district:
        rows = [row for row in rows if _district_of(row, settings, day) == district]
    lines, left_out = await _lines(session, rows, settings, is_own=is_own)
    if school or district:
        lines = [line for line in lines if not line.is_masked]
    if kind in ("", "municipal") and not district:
        lines += await list_incoming(session, config, day, school, grade)
    session.audit(
        AuditEvent(
            "school_age.list",
            detail={"school": school, "grade": grade, "kind": kind, "district": district, "found": len(lines)},
        )
    )
    return ChildList(
        day=day,
        rows=lines[:limit],
        total=len(lines),
        left_out=left_out,
        is_partial=bool(school or district) and not is_own and not session.principal.may(SEE),
        schools=school_options(settings),
        grades=[(str(number), label) for number, label in enumerate(grades_on(day).labels(), 1)],
        school=school,
        grade=grade,
        kind=kind,
        district=district,
        initial={
            "day": day.isoformat(),
            "school": school,
            "grade": "" if grade is None else str(grade),
            "kind": kind,
            "district": district,
        },
    )


async def get_child(
    session: Reader, config: TenantConfig, addressee_no: int, today: date, *, is_own: bool = False
) -> ChildView:
    """A child with placements, acts, letters and applications; raises NotFound. `is_own`: for the child's own school."""
    settings = read_settings(config)
    row = await get_row(session, addressee_no, today)
    if not is_own:
        (row,) = await veil(session, [row], "school_age.child")
    is_shut = bool(row.get("is_masked"))
    session.audit(AuditEvent("school_age.view", f"addressee:{addressee_no}"))
    line = child_line(row, settings)
    figures = figures_of(config, today)
    given = SchoolAgeInput([{"title": line.name, "birth_date": row["birth_date"], "held_years": row["held_years"]}])
    judged = SCHOOL_AGE_CALCULATOR.calculate(given, figures)["children"][0]
    explanation = SCHOOL_AGE_CALCULATOR.explain(given, figures)
    since = max(today, row["valid_from"] or today).isoformat()
    warnings = await list_mail_warnings(session, addressee_no, "school_age")
    if row["guardian_no"]:
        warnings += await list_mail_warnings(session, row["guardian_no"], "school_age")
    initial = {
        "wish": row["wish"], "name_choice": row["name_choice"], "is_missing": "true" if row["is_missing"] else "",
        "guardian_no": "", "remark": row["remark"], "on": today.isoformat(), "since": since,
        "fiscal_year": str(fiscal_year_of(today)), "is_held": "true",
    }  # fmt: skip
    return ChildView(
        line=line,
        mail_warnings=list(dict.fromkeys(warnings)),
        entry_year=row["entry_year"],
        obliged_from=date.fromisoformat(judged["obliged_from"]),
        obliged_until=date.fromisoformat(judged["obliged_until"]),
        guardian_no=row["guardian_no"],
        alias=row["alias"],
        held_years=row["held_years"],
        version=row["version"],
        placements=[_placement(item, is_shut=is_shut) for item in await session.fetch(_PLACEMENTS, addressee_no)],
        acts=[act_line(item, is_shut=is_shut) for item in await session.fetch(_ACTS, addressee_no)],
        notices=[notice_line(item) for item in await session.fetch(_NOTICES, addressee_no)],
        cases=[case_line(item, is_shut=is_shut) for item in await session.fetch(_CASES, addressee_no)],
        steps=shown_steps(explanation, frozenset({"grade"})),
        wishes=list(WISHES.items()),
        kinds=[(code, PLACEMENTS[code]) for code in ("municipal", *OUTSIDE)],
        schools=school_options(settings),
        notice_kinds=[(code, NOTICES[code]) for code in ("transfer", "attendance", "enrolment", "guidance")],
        initial=initial,
    )


async def get_entrants(session: Reader, config: TenantConfig, entry_year: int, today: date) -> EntrantList:
    """新入学 of a 年度; those without a 指定校 apart."""
    settings = read_settings(config)
    rows = await session.fetch(_ENTRANTS, today, entry_year)
    lines, left_out = await _lines(session, rows, settings)
    year = await session.fetchrow(_YEAR, entry_year)
    use = Use(figures_of(config, entry_day(entry_year) - timedelta(days=1)))
    session.audit(AuditEvent("school_age.entrants", detail={"entry_year": entry_year, "found": len(lines)}))
    return EntrantList(
        entry_year=entry_year,
        label=format_wareki_year(entry_year),
        base_date=year["base_date"] if year else None,
        extracted_at=year["extracted_at"] if year else None,
        fixed_at=year["fixed_at"] if year else None,
        rows=lines,
        unmatched=[line for line in lines if line.kind == "unassigned"],
        health_check_by=_day_before_entry(use, "days.health_check", entry_year),
        notice_by=_day_before_entry(use, "days.notice", entry_year),
        notices=[
            {
                "kind": row["kind"],
                "label": NOTICES[row["kind"]],
                "made": row["made"],
                "withheld": row["withheld"],
                "parts": -(-(row["made"] - row["withheld"]) // LETTERS_AT_ONCE),
            }
            for row in await session.fetch(_NOTICE_COUNTS, entry_year)
        ],
        left_out=left_out,
        initial={"kind": "enrolment"},
    )


async def try_turn(session: Reader, config: TenantConfig, year: int) -> TurnTrial:
    """年度更新 as it would run, without writing: exceptions (原級留置, without a school) first."""
    settings = read_settings(config)
    april = entry_day(year)
    rows = [dict(row) for row in await session.fetch(_TURNING, april - timedelta(days=1), year)]
    held = {row["addressee_no"] for row in await session.fetch(_HELD, year - 1)}
    turns = plan_turn(rows, held, year, settings, figures_of(config, april))
    session.audit(AuditEvent("school_age.turn_trial", detail={"year": year, "found": len(turns)}))
    lines = []
    gone = await find_concealed(session, [row["addressee_no"] for row in rows])
    for row, turn in zip(await veil(session, rows, "school_age.turn"), turns, strict=True):
        if turn.addressee_no in gone:
            continue
        school = turn.place.school_name if turn.place else ("" if turn.act == "graduate" else row["school_name"])
        if row["is_masked"] and school:
            school = HIDDEN
        lines.append(
            TurnLine(
                addressee_no=turn.addressee_no,
                name=row["name"] or "",
                act=turn.act,
                act_label=ACTS[turn.act],
                before=grade_label(turn.before, april),
                after=grade_label(turn.grade, april) if turn.grade else "修了",
                school_before=row["school_name"],
                school_after=school,
            )
        )
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.act_label] = counts.get(line.act_label, 0) + 1
    order = {"hold": 0}
    lines.sort(key=lambda line: order.get(line.act, 1 if not line.school_after and line.act != "graduate" else 2))
    return TurnTrial(year=year, rows=lines[:_SHOWN], counts=[{"label": key, "count": n} for key, n in counts.items()])


def _district_of(row: Mapping[str, Any], settings: SchoolSettings, day: date) -> str | None:
    return settings.designate(row["place"] or "", stage_of(row["grade"] or 1, day), day)


async def _lines(
    session: Reader, rows: Sequence[Mapping[str, Any]], settings: SchoolSettings, *, is_own: bool = False
) -> tuple[list[ChildLine], int]:
    kept: Sequence[Mapping[str, Any]] = [
        row for row in await without_concealed(session, rows) if not shown(row, settings).is_left_out
    ]
    if not is_own:
        # Those whose school is masked come last: their place in the order of the schools would tell it.
        kept = sorted(await veil(session, kept, "school_age.list"), key=lambda row: row["is_masked"])
    return [child_line(row, settings) for row in kept], len(rows) - len(kept)


async def list_incoming(
    session: Reader, config: TenantConfig, day: date, school: str = "", grade: int | None = None
) -> list[ChildLine]:
    """Pupils of other municipalities who attend here (区域外就学), of one school and grade or all."""
    rows = await session.fetch(_INCOMING, day, school)
    people = [{"addressee_no": row["case_no"], "birth_date": row["birth_date"]} for row in rows]
    judged = judge(people, day, figures_of(config, day)) if people else {}
    lines = [
        ChildLine(
            addressee_no=None,
            name=row["child_name"],
            kana="",
            birth_date=row["birth_date"],
            sex="",
            is_foreign=False,
            grade=judged[row["case_no"]]["grade"],
            grade_label=grade_label(judged[row["case_no"]]["grade"], day),
            kind="municipal",
            kind_label="区域外就学 (受入れ)",
            school_code=row["school_code"],
            school_name=row["school_name"],
            basis="区域外就学",
            address=row["child_address"],
            guardian_name=row["guardian_name"],
            state=Chip(label="市外", kind="info"),
            wish="",
            is_missing=False,
            is_protected=False,
            since=row["valid_from"],
            remark="",
        )
        for row in rows
    ]
    return [line for line in lines if grade is None or line.grade == grade]


def child_line(row: Mapping[str, Any], settings: SchoolSettings) -> ChildLine:
    """A row of `roll.CHILDREN` as lists show it."""
    state = shown(row, settings)
    label, kind = CHILD_STATES[row["state"]]
    return ChildLine(
        addressee_no=row["addressee_no"],
        name=row["name"] or "",
        kana=row["name_kana"] or "",
        birth_date=row["birth_date"],
        sex=SEXES.get(row["sex"], ""),
        is_foreign=is_foreign(row),
        grade=row["grade"],
        grade_label=grade_label(row["grade"], row["valid_from"]) if row["state"] == "enrolled" else label,
        kind=row["kind"],
        kind_label=PLACEMENTS[row["kind"]],
        school_code=row["school_code"],
        school_name=row["school_name"],
        basis=row["basis"],
        address=" ".join(part for part in (state.address, state.building) if part),
        guardian_name=row["guardian_name"],
        state=Chip(label=label, kind=kind),
        wish="" if row["wish"] == "none" else WISHES[row["wish"]],
        is_missing=row["is_missing"],
        is_protected=state.is_protected,
        is_masked=bool(row.get("is_masked")),
        since=row["valid_from"],
        remark=row["remark"],
    )


def act_line(row: Record, *, is_shut: bool = False) -> ActLine:
    """An act in words; `is_shut`: without the school it tells of."""
    told = {key: value for key, value in dict(row).items() if key != "act"}
    if is_shut and row["act"] in _OF_SCHOOLS:
        told |= {key: HIDDEN for key in ("before", "after") if row[key]}
    return ActLine(label=ACTS[row["act"]], **told)


def notice_line(row: Record) -> NoticeLine:
    """A letter in words."""
    return NoticeLine(label=NOTICES[row["kind"]], **dict(row))


def school_options(settings: SchoolSettings) -> list[tuple[str, str]]:
    """The municipality's schools for a choice."""
    return [(school.code, school.name) for school in settings.schools.values()]


def _placement(row: Record, *, is_shut: bool) -> PlacementLine:
    return PlacementLine(
        kind_label=PLACEMENTS[row["kind"]],
        grade_label=grade_label(row["grade"], row["valid_from"]),
        school_name=HIDDEN if is_shut and row["school_name"] else row["school_name"],
        **{key: row[key] for key in ("basis", "valid_from", "valid_to", "is_corrected")},
    )


def _day_before_entry(use: Use, key: str, entry_year: int) -> date:
    """The month and day of the figure in the 年度 before the entrance."""
    month, day = map(int, use.texts(key)[0].split("-"))
    return date(entry_year - 1 if month >= 4 else entry_year, month, day)
