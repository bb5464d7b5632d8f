"""振替請求データ作成: some business days before a debit day, a file for each collecting bank; yen are the control total.

A file holds what falls due on the day, and what was not collected before and is asked for again on it (再振替・追加).
"""

from datetime import date

import polars as pl

from modules.nhi.health_insurance.debits.positions import LOCK, read_standings
from modules.nhi.health_insurance.debits.rules import StepKind
from modules.resident.non_resident.facts import ACCOUNT, ACCOUNT_COLUMNS
from yoriai.banking import CHANGED, FIRST, OTHER, Entry, Originator, count_control, debit_file, find_originators
from yoriai.banking.originators import originator_for
from yoriai.calendar import OperatingCalendar
from yoriai.jobs import Chunk, ChunkResult, JobContext, RowError
from yoriai.numbering import allocate_in_bulk
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession

_DUE_DATES = """
SELECT DISTINCT i.due_date
  FROM nhi_instalment i JOIN nhi_assessment a ON a.id = i.assessment_id
 WHERE a.superseded_at IS NULL AND i.due_date > $1 AND i.due_date <= $2
   AND NOT EXISTS (SELECT FROM nhi_debit_file f WHERE f.debit_on = i.due_date)
 ORDER BY i.due_date
"""
_DUE = f"""
SELECT a.household_no, a.fiscal_year, a.instalment_no, 'regular' AS kind, a.due_date, a.amount, a.assessment_id,
       own.no AS payer_no,
       {ACCOUNT_COLUMNS}
  FROM (SELECT s.household_no, s.fiscal_year, s.payer_no AS addressee_no, s.id AS assessment_id, i.no AS instalment_no,
               i.amount, i.due_date
          FROM nhi_assessment s JOIN nhi_instalment i ON i.assessment_id = s.id
         WHERE s.superseded_at IS NULL AND s.payer_no IS NOT NULL AND i.due_date = $2 AND i.amount > 0
           AND NOT EXISTS (SELECT FROM nhi_debit_file f WHERE f.debit_on = i.due_date)
           AND NOT EXISTS (SELECT FROM nhi_debit d WHERE d.household_no = s.household_no AND d.fiscal_year = s.fiscal_year
                              AND d.instalment_no = i.no)) AS a
  {ACCOUNT}
 WHERE account.id IS NOT NULL
 ORDER BY a.household_no, a.fiscal_year, a.instalment_no
"""  # noqa: S608  the join of 宛名
_LAST = """
SELECT DISTINCT ON (payer_no) payer_no, coalesce(account, '') AS last_account FROM nhi_debit
 WHERE problem IS NULL AND payer_no = ANY($1::bigint[]) ORDER BY payer_no, id DESC"""
_AGAIN = {StepKind.RETRY: "retry", StepKind.FURTHER: "further"}
_FAR = 60
"""Days that are looked ahead: more than any setting of business days before can reach."""


def plan_debits(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """The debit days that are near enough to be asked for; nothing where the municipality sends no files."""
    originators = find_originators(context.config, "nhi", "debit")
    if not originators:
        return []
    calendar = OperatingCalendar.of(context.config.section("calendar"))
    before = max(item.business_days_before for item in originators)
    today = context.business_date
    dates = session.read(_DUE_DATES, (today, date.fromordinal(today.toordinal() + _FAR)))["due_date"]
    again = {
        standing.step.on
        for standing in read_standings(session, context.config, today, today)
        if standing.step.kind in _AGAIN and standing.step.on is not None
    }
    near = {day for day in {*dates, *again} if calendar.business_days_away(day, -before) <= today}
    return [Chunk(no, day.toordinal(), day.toordinal() + 1) for no, day in enumerate(sorted(near), 1)]


def run_debits(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """The files of one debit day. Whose bank no collecting bank serves is kept with the reason, as an error."""
    day = date.fromordinal(chunk.lower)
    originators = find_originators(context.config, "nhi", "debit")
    session.read(LOCK)
    rows = pl.concat([session.read(_DUE, ("nhi", day, "debit")), _again(session, context, day)], how="vertical_relaxed")
    if rows.is_empty():
        return ChunkResult(0, 0)
    first = allocate_in_bulk(session, "nhi_debit", rows.height)
    # The number of a request is given before it is stored: 顧客番号 has to stand in the file.
    numbers = pl.int_range(first, first + rows.height, dtype=pl.Int64)
    rows = _with_novelty(session, rows.with_columns(id=numbers, debit_on=pl.lit(day)))
    chosen = {bank: originator_for(originators, bank) for bank in rows["bank_code"].unique()}
    written, total, errors = 0, 0, []
    for originator in originators:
        banks = [bank for bank, item in chosen.items() if item == originator]
        part = rows.filter(pl.col("bank_code").is_in(banks))
        if part.height:
            total += _write(session, context, originator, day, part)
            written += part.height
    rest = rows.filter(pl.col("bank_code").is_in([bank for bank, item in chosen.items() if item is None]))
    if rest.height:
        problem = pl.format(
            "金融機関 {} の取りまとめ店がありません。納付書で納めてもらってください。", pl.col("bank_code")
        )
        rest = rest.with_columns(problem=problem, file_no=pl.lit(None, pl.Int64))
        session.append("nhi_debit", rest.select(*_KEPT, "problem"))
        errors = [RowError(f"household:{row['household_no']}", row["problem"]) for row in rest.iter_rows(named=True)]
    return ChunkResult(rows.height, written, len(errors), total, tuple(errors))


_KEPT = (
    "id", "file_no", "household_no", "fiscal_year", "instalment_no", "due_date", "debit_on", "kind", "amount", "payer_no",
    "assessment_id", "account",
)  # fmt: skip
_ACCOUNT = (
    "bank_code", "bank_name", "branch_code", "branch_name", "account_type", "account_number", "holder_kana",
)  # fmt: skip
_ASKED = {
    "household_no": pl.Int64, "fiscal_year": pl.Int64, "instalment_no": pl.Int64, "kind": pl.String, "due_date": pl.Date,
    "amount": pl.Int64, "assessment_id": pl.Int64, "payer_no": pl.Int64, **dict.fromkeys(_ACCOUNT, pl.String),
}  # fmt: skip
"""The columns of `_DUE`."""


def _again(session: BulkWriteSession, context: JobContext, day: date) -> pl.DataFrame:
    """What is asked for once more on the day: the part that is still owed, from the account in force then."""
    rows = []
    for standing in read_standings(session, context.config, context.business_date, day):
        kind, row = _AGAIN.get(standing.step.kind), standing.row
        if kind and standing.step.on == day:
            asked = {"kind": kind, "amount": standing.step.amount}
            rows.append({name: asked.get(name, row.get(name)) for name in _ASKED})
    return pl.DataFrame(rows, schema=_ASKED)


def _with_novelty(session: BulkWriteSession, rows: pl.DataFrame) -> pl.DataFrame:
    """新規コード by the payer, whichever household it is for: the first request, or one from another account than the last.

    Of requests made before accounts were kept with them it is not known whether the account has changed.
    """
    last = session.read(_LAST, (rows["payer_no"].unique().to_list(),)).with_columns(was_asked=pl.lit(True))
    account = pl.format(
        "{}-{}-{}-{}", pl.col("bank_code"), pl.col("branch_code"), pl.col("account_type"), pl.col("account_number")
    )
    joined = rows.with_columns(account=account).join(last, on="payer_no", how="left", maintain_order="left")
    has_changed = (pl.col("last_account") != "") & (pl.col("last_account") != pl.col("account"))
    novelty = pl.when(pl.col("was_asked").is_null()).then(pl.lit(FIRST)).when(has_changed).then(pl.lit(CHANGED))
    return joined.with_columns(novelty=novelty.otherwise(pl.lit(OTHER))).drop("was_asked", "last_account")


def _write(
    session: BulkWriteSession, context: JobContext, originator: Originator, day: date, rows: pl.DataFrame
) -> int:
    """One file with its requests; its yen."""
    file_no = allocate_in_bulk(session, "nhi_debit_file")
    ordered = rows.sort("bank_code", "branch_code", "id")
    entries = [Entry.of(row["id"], row) for row in ordered.iter_rows(named=True)]
    count, total = count_control(entries)
    made = {
        "file_no": file_no,
        "debit_on": day,
        "originator_code": originator.code,
        "bank_code": originator.bank_code,
        "bank_name": originator.bank_name,
        "count": count,
        "total": total,
        "content": debit_file(originator, day, entries),
        "run_key": context.run_key,
    }
    session.append("nhi_debit_file", pl.DataFrame([made]))
    session.append("nhi_debit", ordered.with_columns(file_no=pl.lit(file_no)).select(*_KEPT))
    return total
