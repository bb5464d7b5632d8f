"""入場券の一括作成: one job lays the cards out on sheets and cuts them into files, the next typesets a file in each chunk.

Who is pulled out, kept back or may not vote any more is on no sheet; who that was stands on the election's page.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

import polars as pl

from modules.resident.electoral_roll.cards import (
    ELECTION,
    VOTER_COLUMNS,
    VOTERS,
    Voter,
    card_data,
    goes_to,
    make_cards,
    render_cards,
)
from modules.resident.electoral_roll.districts import division_on
from modules.resident.electoral_roll.elections import PULLED
from modules.resident.electoral_roll.following import follow
from modules.resident.non_resident.facts import read_diverted
from yoriai.jobs import Chunk, ChunkResult, JobContext
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession
from yoriai.tenancy.config import TenantConfig

SHEETS_A_PART = 250
"""So many sheets are typeset together: a larger file keeps the counters waiting, a smaller one repeats its fonts."""
_DUE = """
SELECT r.election_no FROM electoral_card_run r JOIN election e ON e.election_no = r.election_no
 WHERE r.status = 'open' AND r."on" <= $1 AND e.status NOT IN ('planned', 'cancelled') ORDER BY r.election_no
"""
_RUN = "SELECT sort FROM electoral_card_run WHERE election_no = $1 AND status = 'open' FOR UPDATE"
_CHANGES = "SELECT entry_no, act FROM electoral_card_change WHERE election_no = $1 AND superseded_at IS NULL"
_PROTECTED = """
SELECT addressee_no FROM electoral_care
 WHERE superseded_at IS NULL AND is_protected AND from_on <= $1 AND (until_on IS NULL OR until_on >= $1)
UNION SELECT addressee_no FROM fact_hidden_person
"""
_LISTED = """
UPDATE electoral_card_run SET status = CASE WHEN $3 THEN 'listed' ELSE 'made' END, listed_at = $2, version = version + 1
 WHERE election_no = $1
"""
_WAITING = """
SELECT p.id FROM electoral_card_part p JOIN electoral_card_run r ON r.election_no = p.election_no
 WHERE r.status = 'listed' AND p.made_at IS NULL ORDER BY p.id
"""
_PART = "SELECT election_no, part_no FROM electoral_card_part WHERE id = $1 AND made_at IS NULL FOR UPDATE"
_OF_PART = f"""
SELECT k.sheet_no, k.place, {", ".join(f"w.{name}" for name in VOTER_COLUMNS)} FROM electoral_card k
  JOIN ({VOTERS}) AS w ON w.entry_no = k.entry_no
 WHERE k.election_no = $1 AND k.part_no = $3 ORDER BY k.sheet_no, k.place
"""  # noqa: S608 - constants
_STORE = "UPDATE electoral_card_part SET pdf = $2, digest = $3, made_at = $4 WHERE id = $1"
_DONE = """
UPDATE electoral_card_run SET status = 'made', made_at = $2, version = version + 1
 WHERE election_no = $1 AND status = 'listed'
   AND NOT EXISTS (SELECT 1 FROM electoral_card_part p WHERE p.election_no = $1 AND p.made_at IS NULL)
"""


def plan_card_lists(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """A chunk for each election whose run is due and whose list of voters is fixed."""
    due = session.read(_DUE, (context.business_date,))["election_no"]
    return [Chunk(number, election, election + 1) for number, election in enumerate(due, 1)]


def run_card_list(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Lay out the cards of the chunk's election; the control total is the persons on them."""
    election_no = chunk.lower
    run = session.read(_RUN, (election_no,))
    if run.is_empty():
        return ChunkResult(0, 0)
    sort = str(run["sort"][0])
    sheets = sheets_of(session, context.config, election_no, context.business_date, sort)
    names = division_on(context.config, session.read(ELECTION, (election_no,))["base_on"][0])
    parts = list(cut(sheets, sort, context.config))
    rows = [
        {
            "election_no": election_no,
            "part_no": number,
            "label": names.name_of(label) if sort == "roll" else label,
            "sheets": len(part),
            "persons": sum(len(sheet) for sheet in part),
        }
        for number, (label, part) in enumerate(parts, 1)
    ]
    session.append("electoral_card_part", pl.DataFrame(rows, infer_schema_length=None))
    places = [
        (election_no, voter["entry_no"], number, sheet_no, place)
        for number, sheet_no, sheet in _numbered(part for _, part in parts)
        for place, voter in enumerate(sheet, 1)
    ]
    schema = ("election_no", "entry_no", "part_no", "sheet_no", "place")
    session.append("electoral_card", pl.DataFrame(places, schema=schema, orient="row"))
    session.execute(_LISTED, (election_no, context.now, bool(parts)))
    return ChunkResult(len(places), len(sheets), 0, len(places))


def sheets_of(
    session: BulkReadSession, config: TenantConfig, election_no: int, day: date, sort: str
) -> list[list[Voter]]:
    """The sheets of an election as they would be laid out on the day, with what clerks have pulled and added."""
    diverted = read_diverted(session, "electoral_roll", day)
    voters = follow(session.read(f"{VOTERS} ORDER BY v.card_no", (election_no, day)).to_dicts(), diverted)
    protected = frozenset(session.read(_PROTECTED, (day,))["addressee_no"])
    added = {entry for entry, act in session.read(_CHANGES, (election_no,)).rows() if act == "add"}
    return lay_out(_chosen(session, election_no, voters, config.prefecture), protected, added, config, sort)


def lay_out(
    voters: Sequence[Voter], protected: frozenset[int], added: set[int], config: TenantConfig, sort: str
) -> list[list[Voter]]:
    """The sheets in the order in which they are printed: by district as the roll, or (`postal`) by postcode and address."""
    settings = config.settings("electoral_roll")
    sheets: list[list[Voter]] = []
    for _, members in groupby(sorted(voters, key=_district), key=_district):
        groups, held = make_cards(list(members), protected, settings)
        sheets += groups + [[voter] for voter in held if voter["entry_no"] in added and not voter["is_hidden"]]
    if sort == "postal":
        # Who has no postcode comes last: those are sent without the discount.
        return sorted(sheets, key=lambda sheet: (not (key := goes_to(sheet[0], config))[0], *key, sheet[0]["card_no"]))
    return sorted(sheets, key=lambda sheet: (_district(sheet[0]), sheet[0]["card_no"]))


def cut(sheets: Sequence[list[Voter]], sort: str, config: TenantConfig) -> Iterator[tuple[str, Sequence[list[Voter]]]]:
    """The files: of the roll's order each district's own, with its code; of the postal order with the postcodes from and to."""
    by_district = groupby(sheets, key=lambda sheet: _district(sheet[0]) if sort == "roll" else "")
    for code, members in by_district:
        listed = list(members)
        for start in range(0, len(listed), SHEETS_A_PART):
            part = listed[start : start + SHEETS_A_PART]
            first, last = (goes_to(sheet[0], config)[0] or "なし" for sheet in (part[0], part[-1]))
            yield (code if sort == "roll" else f"〒{first}〜{last}"), part


def plan_card_parts(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """A chunk for each file that is not made yet."""
    return [Chunk(number, part, part + 1) for number, part in enumerate(session.read(_WAITING)["id"], 1)]


def run_card_part(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Typeset the file of the chunk and keep it; the control total is its bytes. A file that is there is left as it is."""
    found = session.read(_PART, (chunk.lower,))
    if found.is_empty():
        return ChunkResult(0, 0)
    election_no, part_no = found.row(0)
    diverted = read_diverted(session, "electoral_roll", context.business_date)
    voters = follow(session.read(_OF_PART, (election_no, context.business_date, part_no)).to_dicts(), diverted)
    sheets = [list(members) for _, members in groupby(voters, key=lambda voter: voter["sheet_no"])]
    election: Mapping[str, Any] = session.read(ELECTION, (election_no,)).row(0, named=True)
    pdf = render_cards(card_data(context.config, election_no, election, sheets, context.now), context.now)
    session.execute(_STORE, (chunk.lower, pdf, hashlib.sha256(pdf).hexdigest(), context.now))
    printed = pl.DataFrame({"entry_no": [voter["entry_no"] for voter in voters]}).with_columns(
        election_no=pl.lit(election_no),
        kind=pl.lit("bulk"),
        printed_at=pl.lit(context.now),
        staff_id=pl.lit(f"batch:{context.run_key}"),
    )
    session.append("electoral_card_print", printed)
    session.execute(_DONE, (election_no, context.now))
    return ChunkResult(len(voters), len(sheets), 0, len(pdf))


def _chosen(session: BulkReadSession, election_no: int, voters: Sequence[Voter], prefecture: str) -> list[Voter]:
    """The voters who get a card in bulk: on the list from the beginning or added by a clerk, neither pulled nor barred since."""
    changes = dict(session.read(_CHANGES, (election_no,)).rows())
    barred = set(session.read(PULLED, (election_no, prefecture))["entry_no"])
    return [
        voter
        for voter in voters
        if voter["entry_no"] not in barred
        and changes.get(voter["entry_no"]) != "pull"
        and (not voter["is_added"] or changes.get(voter["entry_no"]) == "add")
    ]


def _numbered(parts: Iterable[Sequence[list[Voter]]]) -> Iterator[tuple[int, int, list[Voter]]]:
    sheet_no = 0
    for number, part in enumerate(parts, 1):
        for sheet in part:
            sheet_no += 1
            yield number, sheet_no, sheet


def _district(voter: Voter) -> str:
    return str(voter["district_code"])
