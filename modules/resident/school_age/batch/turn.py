"""年度更新: 入学, 進級, 卒業 in the night before 1 April; who is held stays in its grade."""

from datetime import timedelta
from typing import Any

import polars as pl

from modules.resident.school_age.grades import grade_label
from modules.resident.school_age.placements import CLOSE
from modules.resident.school_age.placing import Turn, figures_of, plan_turn
from modules.resident.school_age.roll import CHILDREN, entry_day
from modules.resident.school_age.settings import read_settings
from yoriai.dates import OPEN_END
from yoriai.jobs import Chunk, ChunkResult, JobContext, RowError
from yoriai.tenancy.bulk import BulkWriteSession

TURNING = f"""{CHILDREN}
 WHERE c.state = 'enrolled' AND p.valid_from < $2 AND NOT EXISTS (
         SELECT 1 FROM school_age_act a WHERE a.addressee_no = c.addressee_no AND a."on" = $2
            AND a.act IN ('enrol', 'promote', 'hold', 'graduate') AND a.staff_id LIKE 'batch:%')
    OR c.state = 'planned' AND c.entry_year = $3
 ORDER BY c.addressee_no"""  # noqa: S608
"""`$2` is 1 April, `$3` its year: a child whose year was turned is not turned again by a rerun, nor is one that has come, or was
taken over from another system, since that day: its grade is the new year's."""
HELD = "SELECT addressee_no FROM school_age_hold WHERE fiscal_year = $1 AND superseded_at IS NULL"
_STATE = "UPDATE school_age_child SET state = $1, version = version + 1 WHERE addressee_no = ANY($2::bigint[])"
_HELD_YEARS = """
UPDATE school_age_child SET held_years = held_years + 1, version = version + 1 WHERE addressee_no = ANY($1::bigint[])
"""


def run_turn(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Turn every child's year; the control total is the number of pupils of the new year."""
    year = context.business_date.year
    april = entry_day(year)
    settings = read_settings(context.config)
    rows = session.read(TURNING, (april - timedelta(days=1), april, year)).to_dicts()
    held = set(session.read(HELD, (year - 1,))["addressee_no"])
    turns = plan_turn(rows, held, year, settings, figures_of(context.config, april))
    _write(session, context, turns)
    lost = [turn for turn in turns if turn.place and turn.place.kind == "unassigned"]
    errors = tuple(
        RowError(f"addressee:{turn.addressee_no}", "進学する中学校の通学区域がありません。") for turn in lost
    )
    pupils = sum(1 for turn in turns if turn.act != "graduate")
    return ChunkResult(len(rows), len(turns), len(errors), pupils, errors)


def _write(session: BulkWriteSession, context: JobContext, turns: list[Turn]) -> None:
    who = f"batch:{context.run_key}"
    april = entry_day(context.business_date.year)
    by_act: dict[str, list[int]] = {}
    for turn in turns:
        by_act.setdefault(turn.act, []).append(turn.addressee_no)
    moving = by_act.get("promote", []) + by_act.get("graduate", [])
    if moving:
        session.execute(CLOSE, (context.now, moving, april - timedelta(days=1), who))
    for act, state in (("enrol", "enrolled"), ("graduate", "finished")):
        if act in by_act:
            session.execute(_STATE, (state, by_act[act]))
    held = [turn.addressee_no for turn in turns if turn.act == "hold"]
    if held:
        session.execute(_HELD_YEARS, (held,))
    placements: list[dict[str, Any]] = [
        {
            "addressee_no": turn.addressee_no,
            "kind": turn.place.kind,
            "grade": turn.grade,
            "school_code": turn.place.school_code,
            "school_name": turn.place.school_name,
            "basis": "進級",
            "valid_from": april,
            "valid_to": OPEN_END,
            "staff_id": who,
        }
        for turn in turns
        if turn.place
    ]
    acts = [
        {
            "addressee_no": turn.addressee_no,
            "act": turn.act,
            "on": april,
            "before": grade_label(turn.before, april) if turn.before else "",
            "after": grade_label(turn.grade, april) if turn.grade else "",
            "staff_id": who,
        }
        for turn in turns
    ]
    session.append("school_age_placement", pl.DataFrame(placements, infer_schema_length=None))
    session.append("school_age_act", pl.DataFrame(acts, infer_schema_length=None))
