"""通知書の一括作成: 就学時健康診断 in October, 入学通知 in January (by the 31st, 学校教育法施行令5条)."""

import json

import polars as pl

from modules.resident.non_resident.facts import read_diverted
from modules.resident.school_age.bulk_letters import DUE, REPLACED, letters_for
from modules.resident.school_age.settings import read_settings
from yoriai.jobs import Chunk, ChunkResult, JobContext, RowError
from yoriai.tenancy.bulk import BulkWriteSession

_IS_FIXED = "SELECT count(*) FROM school_age_year WHERE entry_year = $1 AND fixed_at IS NOT NULL"
_COMING = "SELECT count(*) FROM school_age_child WHERE entry_year = $1 AND state = 'planned'"


def run_health_checks(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """The letters of the 就学時健康診断."""
    return _run(session, context, "health_check")


def run_enrolment_letters(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """The letters of 入学. A list that is not fixed yet is an error to be seen to before 31 January."""
    year = context.fiscal_year + 1
    coming = session.read(_COMING, (year,)).item()
    if coming and not session.read(_IS_FIXED, (year,)).item():
        reason = "新入学者が確定していないため、入学通知書を作れません。名簿を確かめて確定してください。"
        return ChunkResult(coming, 0, 1, 0, (RowError(f"entry_year:{year}", reason),))
    return _run(session, context, "enrolment")


def _run(session: BulkWriteSession, context: JobContext, kind: str) -> ChunkResult:
    settings = read_settings(context.config)
    rows = session.read(DUE, (context.business_date, context.fiscal_year + 1, kind)).to_dicts()
    diverted = read_diverted(session, "school_age", context.business_date)
    letters = letters_for(kind, rows, settings, context.business_date, diverted)
    if letters:
        numbers = [letter["addressee_no"] for letter in letters]
        session.execute(REPLACED, (context.now, numbers, context.fiscal_year + 1, kind))
        kept = [letter | {"content": json.dumps(letter["content"], ensure_ascii=False)} for letter in letters]
        frame = pl.DataFrame(kept, infer_schema_length=None)
        session.append("school_age_notice", frame.with_columns(staff_id=pl.lit(f"batch:{context.run_key}")))
    withheld = [(letter, letter["content"]["undelivered"]) for letter in letters if letter["is_withheld"]]
    errors = tuple(RowError(f"addressee:{letter['addressee_no']}", _reason(told)) for letter, told in withheld)
    return ChunkResult(len(rows), len(letters), len(errors), len(letters) - len(withheld), errors)


def _reason(undelivered: str) -> str:
    if undelivered:
        return f"{undelivered}。居所を確かめてください。一括印刷から除きました。"
    return "支援措置・居所不明のため一括印刷から除きました。"
