"""What a levy is computed from: one statement reads it, for a household at the counter and for a range of them at night."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from modules.nhi.health_insurance.rules import HOUSEHOLD, MEMBER
from yoriai.dates import fiscal_year_start
from yoriai.rules import Frames, ParameterSet, Use
from yoriai.tenancy.bulk import BulkReadSession
from yoriai.tenancy.session import Reader

# A person with two spells has two rows; what is counted once per person (head, former member) stands on the first.
# Whose 住民票 ended is still the head of the levy until another follows, hence the order in `head`.
# The incomes are the tax office's; they are not computed again.
MEMBERS = """
WITH spell AS (
  SELECT household_no, addressee_no, acquired_on, lost_on, loss_reason,
         row_number() OVER (PARTITION BY household_no, addressee_no ORDER BY acquired_on) AS spell_no
    FROM nhi_enrolment
   WHERE superseded_at IS NULL AND household_no >= $1 AND household_no < $2 AND acquired_on < $4 AND lost_on > $3
), levied AS (
  SELECT DISTINCT household_no FROM spell
), former AS (
  SELECT household_no, addressee_no, since FROM nhi_former_member
   WHERE superseded_at IS NULL AND household_no >= $1 AND household_no < $2 AND since < $4 AND until > $3
), head AS (
  SELECT DISTINCT ON (household_no) household_no, addressee_no FROM fact_resident_version
   WHERE is_head AND household_no >= $1 AND household_no < $2
   ORDER BY household_no, status = 'removed', valid_to DESC, valid_from DESC
), person AS (
  SELECT household_no, addressee_no, true AS is_insured, acquired_on, lost_on, loss_reason, spell_no FROM spell
  UNION ALL
  SELECT household_no, addressee_no, false, NULL, NULL, NULL, 1
    FROM (SELECT household_no, addressee_no FROM head UNION SELECT household_no, addressee_no FROM former) AS other
   WHERE household_no IN (SELECT household_no FROM levied)
     AND (household_no, addressee_no) NOT IN (SELECT household_no, addressee_no FROM spell)
), circumstance AS (
  SELECT addressee_no,
         max(starts_on) FILTER (WHERE kind = 'non_voluntary') AS non_voluntary_from,
         max(starts_on) FILTER (WHERE kind = 'delivery') AS delivery_on,
         bool_or(is_multiple_birth) FILTER (WHERE kind = 'delivery') AS is_multiple_birth,
         bool_or(kind = 'care_exempt' AND ends_on > $3) AS is_care_exempt
    FROM nhi_circumstance
   WHERE superseded_at IS NULL AND addressee_no IN (SELECT addressee_no FROM spell) AND starts_on < $4
   GROUP BY addressee_no
), liability AS (
  SELECT household_no, max(starts_on) AS liability_from FROM nhi_circumstance
   WHERE superseded_at IS NULL AND household_no >= $1 AND household_no < $2 AND kind = 'head_changed'
     AND starts_on >= $3 AND starts_on < $4
   GROUP BY household_no
)
SELECT p.household_no, p.addressee_no AS member_no, p.is_insured, p.acquired_on, nullif(p.lost_on, '9999-12-31') AS lost_on,
       coalesce(p.loss_reason IN ('employee_scheme_joined', 'nhi_association_joined'), false) AS lost_to_other_insurance,
       coalesce(h.addressee_no = p.addressee_no AND p.spell_no = 1, false) AS is_head,
       f.addressee_no IS NOT NULL AND p.spell_no = 1 AS is_former_member, f.since AS former_since, r.birth_date,
       coalesce(i.is_declared, r.birth_date > $6, false) AS is_declared,
       coalesce(i.is_dedicated_worker, false) AS is_dedicated_worker,
       i.salary_revenue, i.salary_income AS known_salary_income, i.pension_revenue, i.pension_income AS known_pension_income,
       i.business_income, i.farm_income, i.property_income, i.other_income, i.separate_income, i.separate_special_deduction,
       i.forestry_income, i.casualty_loss_carried, i.total_income_amount AS known_total_income,
       i.sum_income_amount AS known_sum_income, i.fixed_asset_tax,
       coalesce(c.non_voluntary_from, i.non_voluntary_from) AS non_voluntary_from, c.delivery_on,
       coalesce(c.is_multiple_birth, false) AS is_multiple_birth, coalesce(c.is_care_exempt, false) AS is_care_exempt,
       l.liability_from
  FROM person p
  LEFT JOIN head h ON h.household_no = p.household_no
  LEFT JOIN former f ON f.household_no = p.household_no AND f.addressee_no = p.addressee_no
  LEFT JOIN fact_resident_version r ON r.addressee_no = p.addressee_no AND r.valid_to = '9999-12-31'
  LEFT JOIN fact_income i ON i.addressee_no = p.addressee_no AND i.income_year = $5
  LEFT JOIN circumstance c ON c.addressee_no = p.addressee_no
  LEFT JOIN liability l ON l.household_no = p.household_no
 ORDER BY p.household_no, is_head DESC, p.addressee_no, p.spell_no
"""

_OWN_BUSINESS = ("business_income", "farm_income", "property_income")


@dataclass(frozen=True)
class Scope:
    """The households [lower, upper) of a 年度. Who was born after `minor_after` need not declare an income."""

    lower: int
    upper: int
    fiscal_year: int
    minor_after: date

    @classmethod
    def of(cls, lower: int, upper: int, figures: ParameterSet) -> "Scope":
        """The scope under the figures of a 年度."""
        use = Use(figures)
        # The age is attained on the eve: whoever was born on New Year's Day has it on 31 December.
        minor_after = date(use.fiscal_year - use.count("declaration.from_age"), 1, 1)
        return cls(lower, upper, use.fiscal_year, minor_after)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The arguments of `MEMBERS`."""
        start, end = fiscal_year_start(self.fiscal_year), fiscal_year_start(self.fiscal_year + 1)
        return self.lower, self.upper, start, end, self.fiscal_year - 1, self.minor_after


_TYPES: dict[str, Any] = {
    "household_no": pl.Int64(),
    "member_no": pl.Int64(),
    "former_since": pl.Date(),
    "is_dedicated_worker": pl.Boolean(),
    **{column.key: column.dtype for column in (*MEMBER.inputs, *HOUSEHOLD.inputs)},
}


def read_members(session: BulkReadSession, scope: Scope) -> pl.DataFrame:
    """Everybody who matters to the levy of the scope's households, a row per spell."""
    return session.read(MEMBERS, scope.arguments)


async def fetch_members(session: Reader, scope: Scope) -> pl.DataFrame:
    """The same for the counter."""
    rows = [dict(row) for row in await session.fetch(MEMBERS, *scope.arguments)]
    names = rows[0].keys() if rows else ("household_no", "member_no", "is_head", "is_insured")
    return pl.DataFrame(rows, schema={name: _TYPES[name] for name in names})


def make_frames(members: pl.DataFrame, emptied: pl.Series | None = None) -> Frames:
    """The frames of the calculation; `emptied` are households that were assessed and have nobody insured any more."""
    households = members.group_by("household_no", maintain_order=True).agg(_household_columns(members))
    if emptied is not None:
        households = pl.concat([households, emptied.alias("household_no").to_frame()], how="diagonal")
    given = [column.key for column in MEMBER.inputs if column.key in members.columns]
    chosen = _with_dedicated_workers(members).select(
        "household_no", "member_no", *given, "dedicated_worker_pay", "dedicated_worker_deduction"
    )
    return {"household": households, "member": chosen}


def _household_columns(members: pl.DataFrame) -> list[pl.Expr]:
    columns = []
    if "former_since" in members.columns:
        # The change that was last makes the household 特定世帯 for the longest.
        columns.append(pl.col("former_since").max().alias("special_since"))
    if "liability_from" in members.columns:
        columns.append(pl.col("liability_from").first())
    return columns


def _with_dedicated_workers(members: pl.DataFrame) -> pl.DataFrame:
    """事業専従者: their pay, and the same amount as the deduction of the member with the largest business of the household.

    In the judgement of the reduction the pay is put back to who paid it (地方税法703条の5第1項).
    """
    if "is_dedicated_worker" not in members.columns:
        none = pl.lit(0, pl.Int64)
        return members.with_columns(none.alias("dedicated_worker_pay"), none.alias("dedicated_worker_deduction"))
    pay = pl.when("is_dedicated_worker").then("salary_revenue").otherwise(0).fill_null(0)
    paid = members.with_columns(pay.alias("dedicated_worker_pay"))
    workers = paid.filter(pl.col("dedicated_worker_pay") > 0).unique(["household_no", "member_no"])
    sums = workers.group_by("household_no").agg(
        pl.col("dedicated_worker_pay").sum().alias("dedicated_worker_deduction")
    )
    business = pl.sum_horizontal(_OWN_BUSINESS)
    owners = (
        members.join(sums, on="household_no", how="inner")
        .filter((business > 0) & ~pl.col("is_dedicated_worker"))
        .sort(business, "member_no", descending=[True, False])
        .unique("household_no", keep="first", maintain_order=True)
        .select("household_no", "member_no", "dedicated_worker_deduction")
    )
    joined = paid.join(owners, on=["household_no", "member_no"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("dedicated_worker_deduction").fill_null(0))
