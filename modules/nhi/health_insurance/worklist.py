"""資格異動の候補: what movements of the register and birthdays ask NHI to do (NHI-01, NHI-08)."""

from collections.abc import Sequence
from typing import Any

from modules.nhi.health_insurance.codes import ACQUISITION_REASONS, LOSS_REASONS
from modules.resident.basic_register.facts import without_concealed
from yoriai.audit import AuditEvent
from yoriai.tenancy.session import Reader, Record

# Whoever moved in and is gone again asks for nothing; whoever moved twice asks once.
_OPEN = """
SELECT c.source, c.addressee_no, c.kind, c.household_no, c.reason, c.effective_on, c.name, c.name_kana, c.birth_date,
       EXISTS (SELECT FROM nhi_enrolment n
                WHERE n.household_no = c.household_no AND n.superseded_at IS NULL AND n.lost_on = '9999-12-31') AS has_insured
  FROM (SELECT DISTINCT ON (c.addressee_no, c.kind)
               c.source, c.addressee_no, c.kind, c.household_no, c.reason, c.effective_on, r.name, r.name_kana,
               coalesce(r.birth_date, c.birth_date) AS birth_date
          FROM nhi_candidate c
          LEFT JOIN fact_resident r USING (addressee_no)
         WHERE c.kind <> 'acquire'
            OR (r.addressee_no IS NOT NULL AND r.birth_date + make_interval(years => $1::int) > c.effective_on)
         ORDER BY c.addressee_no, c.kind, c.effective_on DESC) AS c
 ORDER BY c.effective_on, c.household_no, c.addressee_no
 LIMIT $2
"""
_OF_PERSON = "SELECT kind, reason, effective_on FROM nhi_candidate WHERE addressee_no = $1 ORDER BY effective_on"
KIND_LABELS = {"acquire": "取得の候補", "lose": "喪失の候補", "transfer": "世帯の移替え"}


async def list_candidates(session: Reader, elderly_age: int, limit: int = 500) -> list[dict[str, Any]]:
    """The open candidates, the oldest first, at most `limit`; everyone shown is audited."""
    found = await without_concealed(session, await session.fetch(_OPEN, elderly_age, limit))
    rows = [_shown(row) for row in found]
    for row in rows:
        session.audit(AuditEvent("nhi.candidate_view", f"addressee:{row['addressee_no']}"))
    return rows


async def list_candidates_of(session: Reader, addressee_no: int) -> Sequence[Record]:
    """What is open for one person."""
    return await session.fetch(_OF_PERSON, addressee_no)


def _shown(row: Record) -> dict[str, Any]:
    labels = ACQUISITION_REASONS if row["kind"] == "acquire" else LOSS_REASONS
    return dict(row) | {"kind_label": KIND_LABELS[row["kind"]], "reason_label": labels[row["reason"]]}
