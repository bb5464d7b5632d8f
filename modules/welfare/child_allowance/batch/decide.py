"""月次判定: the allowance of every case for the month, and for earlier months whose facts have changed since."""

import json
from datetime import date

import polars as pl

from modules.welfare.child_allowance.judging import CASES, CHILDREN, figures_of, judge, months_back, stored_input
from modules.welfare.child_allowance.states import JUDGED, TRANSITIONS, Act
from yoriai.jobs import Chunk, ChunkResult, JobContext
from yoriai.rules import ParameterSet, Use
from yoriai.rules.parameters import MissingParameter
from yoriai.tenancy.bulk import BulkWriteSession

_DECIDED = """
SELECT id, case_no, month, amount, detail, parameter_digest FROM child_allowance_decision
 WHERE superseded_at IS NULL AND case_no >= $1 AND case_no < $2 AND month >= $3
"""
_SUPERSEDE = "UPDATE child_allowance_decision SET superseded_at = $1 WHERE id = ANY($2::bigint[])"
_KEEP_FIGURES = "INSERT INTO child_allowance_figures (digest, content) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_START = """
WITH begun AS (
  UPDATE child_allowance_case SET status = $1, version = version + 1
   WHERE status = ANY($2::text[]) AND first_month <= $3 AND case_no >= $4 AND case_no < $5 RETURNING case_no, first_month
)
INSERT INTO child_allowance_act (case_no, act, state_before, state_after, "on", staff_id)
SELECT case_no, $6, $7, $1, first_month, $8 FROM begun
"""
_SAME = ("amount", "detail", "parameter_digest")


def run_decide(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Judge the chunk's cases; the control total is the yen of the current month."""
    month = context.business_date.replace(day=1)
    cases = session.read(CASES, (list(JUDGED), chunk.lower, chunk.upper))
    children = session.read(CHILDREN, (chunk.lower, chunk.upper))
    judged = _judge_months(session, context, cases, children, month)
    changed, ended = _compare(session, chunk, judged)
    _write(session, context, cases, children, changed, ended)
    _start_payment(session, context, chunk, month)
    total = judged.filter(pl.col("month") == month)["amount"].sum() if judged.height else 0
    return ChunkResult(rows_in=cases.height, rows_out=changed.height, control_total=int(total))


def _judge_months(
    session: BulkWriteSession, context: JobContext, cases: pl.DataFrame, children: pl.DataFrame, month: date
) -> pl.DataFrame:
    now = figures_of(context.config, month)
    judged = []
    for earlier in months_back(month, Use(now).count("claim.lapse_months")):
        figures = now if earlier == month else figures_of(context.config, earlier)
        try:
            judged.append(judge(cases, children, earlier, figures))
        except MissingParameter:
            if earlier == month:
                raise
            # Months under the law before these figures were judged by the former system.
            continue
        _keep_figures(session, figures)
    return pl.concat(judged)


def _compare(session: BulkWriteSession, chunk: Chunk, judged: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
    """The judgements that differ from what was decided, and the numbers of the decisions they end."""
    first = judged["month"].min()
    decided = session.read(_DECIDED, (chunk.lower, chunk.upper, first))
    both = judged.join(decided, on=["case_no", "month"], how="left", suffix="_before", maintain_order="left")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_before")) for name in _SAME)
    # A month without a decision and without an amount needs none.
    is_nothing = pl.col("id").is_null() & (pl.col("amount") == 0)
    changed = both.filter(~same & ~is_nothing)
    return changed.select(judged.columns), changed["id"].drop_nulls().to_list()


def _write(
    session: BulkWriteSession,
    context: JobContext,
    cases: pl.DataFrame,
    children: pl.DataFrame,
    changed: pl.DataFrame,
    ended: list[int],
) -> None:
    if ended:
        session.execute(_SUPERSEDE, (context.now, ended))
    by_case = {row["case_no"]: row for row in cases.iter_rows(named=True)}
    family = {
        key[0]: list(part.iter_rows(named=True)) for key, part in children.partition_by("case_no", as_dict=True).items()
    }
    inputs = [
        stored_input(by_case[case_no], family.get(case_no, ()), month)
        for case_no, month in changed.select("case_no", "month").iter_rows()
    ]
    session.append(
        "child_allowance_decision",
        changed.with_columns(pl.Series("input", inputs, pl.String), run_key=pl.lit(context.run_key)),
    )


def _keep_figures(session: BulkWriteSession, figures: ParameterSet) -> None:
    content = json.dumps(figures.to_json(), ensure_ascii=False, sort_keys=True)
    session.execute(_KEEP_FIGURES, (figures.digest, content))


def _start_payment(session: BulkWriteSession, context: JobContext, chunk: Chunk, month: date) -> None:
    start = TRANSITIONS[Act.START]
    sources = [str(state) for state in start.sources]
    who = f"batch:{context.run_key}"
    session.execute(
        _START, (str(start.target), sources, month, chunk.lower, chunk.upper, str(Act.START), sources[0], who)
    )
