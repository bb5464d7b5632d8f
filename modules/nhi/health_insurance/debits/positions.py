"""Where the instalments stand that banks were asked for, by night and at the counter from the same statement.

Of an instalment with requests: what is owed now, collected, asked for and refused. Without any, only where it was assessed after
the file of its due date had been made, for somebody with an account: who had none then has a payment slip and is never debited.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from modules.nhi.health_insurance.calc import is_closed
from modules.nhi.health_insurance.debits.codes import HANDLINGS_OF
from modules.nhi.health_insurance.debits.rules import DebitDays, Position, Step, StepKind, next_step
from modules.nhi.health_insurance.figures import figures_of
from modules.nhi.health_insurance.instalments import plan_of
from modules.resident.non_resident.facts import ACCOUNT, ACCOUNT_COLUMNS
from yoriai.banking import Originator, find_originators
from yoriai.banking.originators import originator_for
from yoriai.calendar import OperatingCalendar
from yoriai.dates import fiscal_year_of
from yoriai.rules.parameters import MissingParameter
from yoriai.tenancy.bulk import BulkReadSession
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':nhi-debit', 0)) IS NULL AS locked"
"""Held while requests are made and while a clerk decides on a slip: neither may overtake the other."""
_MADE: Final = "SELECT DISTINCT debit_on FROM nhi_debit_file WHERE debit_on > $1"
# First what differs, by whole tables; only then, for the few that are left, accounts and last requests by index.
POSITIONS: Final = f"""
WITH asked AS MATERIALIZED (
  SELECT household_no, fiscal_year, instalment_no,
         coalesce(sum(amount) FILTER (WHERE result = '0'), 0)::bigint AS collected,
         coalesce(sum(amount) FILTER (WHERE file_no IS NOT NULL AND result IS NULL), 0)::bigint AS pending,
         max(debit_on) FILTER (WHERE file_no IS NOT NULL AND result IS NULL) AS pending_on,
         max(due_date) FILTER (WHERE file_no IS NOT NULL AND result IS NULL) AS pending_due_date,
         count(*) FILTER (WHERE result <> '0') AS failures,
         coalesce(max(problem), '') AS problem
    FROM nhi_debit WHERE $4::bigint = 0 OR household_no = $4
   GROUP BY household_no, fiscal_year, instalment_no HAVING count(file_no) > 0
), a AS MATERIALIZED (
  SELECT q.household_no, q.fiscal_year, q.instalment_no, coalesce(i.amount, 0) AS due, i.due_date, s.decided_on,
         s.id AS assessment_id, s.payer_no AS addressee_no, q.collected, q.pending, q.pending_on, q.pending_due_date, q.failures,
         q.problem, true AS is_asked
    FROM asked q
    LEFT JOIN nhi_assessment s
      ON s.household_no = q.household_no AND s.fiscal_year = q.fiscal_year AND s.superseded_at IS NULL
    LEFT JOIN nhi_instalment i ON i.assessment_id = s.id AND i.no = q.instalment_no
   WHERE (q.collected + q.pending <> coalesce(i.amount, 0) OR (q.pending > 0 AND q.pending_due_date <> i.due_date))
     AND ($4 <> 0 OR q.pending > 0 OR NOT EXISTS (
           SELECT FROM nhi_debit_handling n
            WHERE n.household_no = q.household_no AND n.fiscal_year = q.fiscal_year AND n.instalment_no = q.instalment_no
              AND n.handling = 'slip' AND n.amount = coalesce(i.amount, 0) - q.collected))
  UNION ALL
  SELECT s.household_no, s.fiscal_year, i.no, i.amount, i.due_date, s.decided_on, s.id, s.payer_no, 0, 0, NULL, NULL, 0, '', false
    FROM (SELECT debit_on, min(made_at) AS made_at FROM nhi_debit_file GROUP BY debit_on) AS f
    JOIN nhi_assessment s ON s.superseded_at IS NULL AND s.created_at > f.made_at AND s.payer_no IS NOT NULL
     AND ($4 = 0 OR s.household_no = $4)
    JOIN nhi_instalment i ON i.assessment_id = s.id AND i.due_date = f.debit_on AND i.amount > 0
   WHERE NOT EXISTS (SELECT FROM nhi_debit d WHERE d.household_no = s.household_no AND d.fiscal_year = s.fiscal_year
                        AND d.instalment_no = i.no)
     AND NOT EXISTS (SELECT FROM nhi_assessment b JOIN nhi_instalment j ON j.assessment_id = b.id AND j.no = i.no
                      WHERE b.household_no = s.household_no AND b.fiscal_year = s.fiscal_year AND b.created_at <= f.made_at
                        AND j.amount > 0)
)
SELECT a.household_no, a.fiscal_year, a.instalment_no, a.due, a.due_date, a.decided_on, a.assessment_id, a.collected, a.pending,
       a.pending_on, a.pending_due_date, a.failures, l.result AS last_result, l.debit_on AS last_on, l.amount AS last_amount,
       a.problem, h.slips > 0 AS is_by_slip, h.handling, h.amount AS handled_amount, coalesce(own.no, l.payer_no) AS payer_no,
       {ACCOUNT_COLUMNS}
  FROM a
  {ACCOUNT}
  LEFT JOIN LATERAL (SELECT d.result, d.debit_on, d.amount, d.payer_no FROM nhi_debit d
                      WHERE d.household_no = a.household_no AND d.fiscal_year = a.fiscal_year
                        AND d.instalment_no = a.instalment_no AND d.file_no IS NOT NULL
                      ORDER BY d.debit_on DESC LIMIT 1) AS l ON true
  LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE n.handling = 'slip') AS slips,
                            (array_agg(n.handling ORDER BY n.id DESC))[1] AS handling,
                            (array_agg(n.amount ORDER BY n.id DESC))[1] AS amount
                       FROM nhi_debit_handling n
                      WHERE n.household_no = a.household_no AND n.fiscal_year = a.fiscal_year
                        AND n.instalment_no = a.instalment_no) AS h ON true
 WHERE a.is_asked
    OR EXISTS (SELECT FROM fact_bank_account f
                WHERE f.addressee_no = ANY(own.nos) AND f.business IN ($1, 'all') AND f.account_use = $3
                  AND f.valid_from <= a.decided_on AND f.valid_to >= a.decided_on)
 ORDER BY a.household_no, a.fiscal_year, a.instalment_no
"""  # noqa: S608  the join of 宛名
"""`$1` the business, `$2` the day of the accounts, `$3` the use, `$4` a household (0: all, but those whose slip was sent for what
is still owed). Only what is not simply settled.
"""


@dataclass(frozen=True)
class Standing:
    """An instalment that is not simply settled, with what comes next; `row` is its row of `POSITIONS`."""

    row: Mapping[str, Any]
    step: Step

    @property
    def key(self) -> tuple[int, int, int]:
        """Household, 年度, number of the instalment."""
        return self.row["household_no"], self.row["fiscal_year"], self.row["instalment_no"]

    @property
    def is_handled(self) -> bool:
        """Whether a clerk has seen to it as it is now: another sum, or another situation of the same sum, is not seen to."""
        is_same = self.row["handled_amount"] == self.step.amount
        return is_same and self.row["handling"] in HANDLINGS_OF[self.step.kind]


async def list_standings(session: Reader, config: TenantConfig, today: date, household_no: int = 0) -> list[Standing]:
    """What is not settled as of today; of one household or all. Empty where the municipality sends no files."""
    originators = find_originators(config, "nhi", "debit")
    rows = await session.fetch(POSITIONS, "nhi", today, "debit", household_no) if originators else []
    if not rows:
        return []
    made = [row["debit_on"] for row in await session.fetch(_MADE, today)]
    return list(_judge(map(dict, rows), config, originators, today, made))


def read_standings(session: BulkReadSession, config: TenantConfig, today: date, on: date) -> list[Standing]:
    """The same for the night of `today`, with the accounts in force on the debit day `on`; there must be who sends files."""
    made = session.read(_MADE, (today,))["debit_on"].to_list()
    rows = session.read(POSITIONS, ("nhi", on, "debit", 0)).iter_rows(named=True)
    return list(_judge(rows, config, find_originators(config, "nhi", "debit"), today, made))


def _judge(
    rows: Iterable[Mapping[str, Any]],
    config: TenantConfig,
    originators: tuple[Originator, ...],
    today: date,
    made: Iterable[date],
) -> Iterator[Standing]:
    days = _debit_days(config, originators, today, frozenset(made))
    for row in rows:
        served = originator_for(originators, row["bank_code"]) if row["bank_code"] else None
        position = _position(row, is_served=served is not None)
        own = replace(days, retry=served.retry, notice_days=served.notice_days) if served else days
        step = next_step(position, own, row["fiscal_year"])
        if step.kind is not StepKind.NOTHING:
            yield Standing(row, step)


def _position(row: Mapping[str, Any], *, is_served: bool) -> Position:
    same = (
        "due", "due_date", "decided_on", "collected", "pending", "pending_on", "pending_due_date", "failures", "last_result",
        "last_on", "problem",
    )  # fmt: skip
    return Position(
        **{name: row[name] for name in same},
        last_amount=row["last_amount"] or 0,
        is_by_slip=bool(row["is_by_slip"]),
        has_account=row["bank_code"] is not None,
        is_served=is_served or row["bank_code"] is None,
    )


def _debit_days(
    config: TenantConfig, originators: tuple[Originator, ...], today: date, made: frozenset[date]
) -> DebitDays:
    return DebitDays(
        today=today,
        lead=max(item.business_days_before for item in originators),
        calendar=OperatingCalendar.of(config.section("calendar")),
        due_dates=_due_dates(config, fiscal_year_of(today)),
        is_closed=is_closed,
        made=made,
    )


def _due_dates(config: TenantConfig, fiscal_year: int) -> dict[int, tuple[date, ...]]:
    """The due dates of the year before, this and the next one, as far as the ordinance's figures are known."""
    found = {}
    for year in (fiscal_year - 1, fiscal_year, fiscal_year + 1):
        try:
            found[year] = plan_of(figures_of(config, year)).due_dates
        except MissingParameter:
            continue
    return found
