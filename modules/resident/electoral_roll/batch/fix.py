"""選挙人名簿の確定: the list of voters of an election, made once, numbered in the order in which the cards are printed."""

from datetime import date

import polars as pl

from modules.resident.electoral_roll.batch.register import by_address
from modules.resident.electoral_roll.districts import division_on
from yoriai.jobs import Chunk, ChunkResult, JobContext
from yoriai.tenancy.bulk import BulkWriteSession

_ELECTION = "SELECT kind, base_on, vote_on, registered_on FROM election WHERE election_no = $1 AND status = 'planned' FOR UPDATE"
# Who has left votes at the old address for the country, and within the prefecture for it; never for the municipality (9条2項・3項).
_VOTERS = """
SELECT e.entry_no, e.addressee_no, e.household_no, e.district_code, e.serial_no, e.name, e.name_kana, e.name_fold, e.kana_fold,
       e.birth_date, e.sex, e.postcode, e.address, e.building, e.status = 'moved_out' AS is_former_address
  FROM electoral_entry e
 WHERE e.registered_on <= $1 AND e.elsewhere_on IS NULL
   AND (e.status = 'registered'
     OR (e.status = 'moved_out' AND e.moved_out_on > $3)
     OR (e.status = 'moved_out' AND e.remove_on > $2
         AND ($4 = 'national' OR ($4 = 'prefectural' AND (e.destination IS NULL OR starts_with(e.destination, $5))))))
   AND NOT EXISTS (SELECT 1 FROM electoral_suspension s
                    WHERE s.addressee_no = e.addressee_no AND s.superseded_at IS NULL AND s.from_on <= $2
                      AND (s.until_on IS NULL OR s.until_on >= $2))
"""
_FIXED = "UPDATE election SET status = 'fixed', fixed_at = $2, version = version + 1 WHERE election_no = $1"
_COUNTER = (
    "INSERT INTO number_counter (kind, next) VALUES ($1, $2) ON CONFLICT (kind) DO UPDATE SET next = excluded.next"
)
_ORDERS = {
    "household": ("district_code", "postcode", "address_order", "building", "household_no", "birth_date", "entry_no"),
    "kana": ("district_code", "kana_fold", "birth_date", "entry_no"),
    "address": ("district_code", "postcode", "address_order", "building", "birth_date", "entry_no"),
}


def run_fix(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Fix the list of the chunk's election; the control total is its voters. A list that is fixed is left as it is."""
    election_no = chunk.lower
    election = session.read(_ELECTION, (election_no,))
    if election.is_empty():
        return ChunkResult(0, 0)
    kind, base_on, vote_on, registered_on = election.row(0)
    return fix(session, context, election_no, kind, base_on, vote_on, registered_on)


def fix(
    session: BulkWriteSession,
    context: JobContext,
    election_no: int,
    kind: str,
    base_on: date,
    vote_on: date,
    registered_on: date,
) -> ChunkResult:
    """Write the voters and close the list."""
    voters = session.read(_VOTERS, (registered_on, vote_on, base_on, kind, context.config.prefecture))
    division = division_on(context.config, base_on)
    card = context.config.settings("electoral_roll").get("card") or {}
    ordered = by_address(voters, _ORDERS[card.get("order", "household")])
    numbered = ordered.with_columns(
        election_no=pl.lit(election_no),
        card_no=pl.int_range(1, ordered.height + 1, dtype=pl.Int64),
        is_added=pl.lit(value=False),
    )
    session.append("electoral_voter", numbered)
    session.execute(_COUNTER, (f"electoral_card:{election_no}", ordered.height + 1))
    session.execute(_FIXED, (election_no, context.now))
    unknown = sum(1 for code in ordered["district_code"] if code not in division.districts)
    return ChunkResult(voters.height, voters.height, 0, voters.height - unknown)
