"""The night of 住登外管理: who moved in and is surely a known non-resident is joined with the new 住民票's number."""

from datetime import timedelta

import polars as pl

from modules.resident.non_resident.matching import only_once, sure_residents
from yoriai.jobs import Chunk, ChunkResult, Job, JobContext, JobNet, Needs, RowError
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession

_LOOK_BACK = timedelta(days=60)
_NEW = """
SELECT e.id, p.addressee_no FROM outbox_event e
 CROSS JOIN LATERAL jsonb_to_recordset(e.payload->'persons') AS p(addressee_no bigint)
 WHERE e.topic IN ('resident.moved_in', 'resident.born') AND e.recorded_at >= $1
   AND NOT EXISTS (SELECT 1 FROM non_resident_event seen WHERE seen.event_id = e.id)
"""
_BORN_ALIKE = """
SELECT r.addressee_no, p.addressee_no AS other_no, r.name, r.name_kana, p.name AS other_name, p.name_kana AS other_kana
  FROM fact_resident p
  JOIN non_resident_record r ON r.birth_date = p.birth_date AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
  JOIN non_resident n ON n.addressee_no = r.addressee_no AND n.state = 'active'
 WHERE p.addressee_no = ANY($1::bigint[])
   AND NOT EXISTS (SELECT 1 FROM addressee_link l WHERE l.superseded_at IS NULL
                      AND (l.from_no = r.addressee_no OR l.to_no = r.addressee_no))
 ORDER BY 1, 2
"""
_JOINED = "UPDATE non_resident SET state = 'resident', version = version + 1 WHERE addressee_no = ANY($1::bigint[])"
_SEEN = "INSERT INTO non_resident_event (event_id) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING"


def plan_whole(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """One chunk for the whole municipality."""
    return [Chunk(1, 0, 1)]


def run_joining(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Join where name, kana and birth date all agree and nobody else comes into question; the rest is a list for a human."""
    new = session.read(_NEW, (context.now - _LOOK_BACK,)).to_dicts()
    if not new:
        return ChunkResult(rows_in=0, rows_out=0)
    numbers = sorted({row["addressee_no"] for row in new})
    alike = session.read(_BORN_ALIKE, (numbers,)).to_dicts()
    sure = only_once(sure_residents(alike, fully=True))
    rows = [
        {
            "from_no": pair["addressee_no"],
            "to_no": pair["other_no"],
            "kind": "moved_in",
            "reason": "転入により住民となった (氏名・フリガナ・生年月日が一致)",
            "staff_id": f"batch:{context.run_key}",
        }
        for pair in sure
    ]
    session.append("addressee_link", pl.DataFrame(rows, infer_schema_length=None))
    if sure:
        session.execute(_JOINED, ([pair["addressee_no"] for pair in sure],))
    joined = {(pair["addressee_no"], pair["other_no"]) for pair in sure}
    errors = tuple(
        RowError(
            f"addressee:{pair['addressee_no']}", f"転入した宛名番号 {pair['other_no']} と同じ人か確かめてください。"
        )
        for pair in sure_residents(alike)
        if (pair["addressee_no"], pair["other_no"]) not in joined
    )
    session.execute(_SEEN, (sorted({row["id"] for row in new}),))
    return ChunkResult(len(numbers), len(sure), len(errors), len(sure), errors)


NETS = (
    JobNet(
        "non_resident.daily",
        "住登外 日次",
        jobs=(
            Job(
                "non_resident.joining",
                "転入者と住登外者の名寄せ",
                plan_whole,
                run_joining,
                after=("resident.close",),
                needs=Needs(cpu=1, io=1, connections=1),
                size_driver="non_residents",
                rows_per_second=50_000,
                priority=4,
            ),
        ),
    ),
)
