"""Who might be the same: candidates by the 4 basic items among residents, former residents and non-residents, with a score."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import HIDDEN_TEXT
from modules.resident.non_resident.veil import hidden_among
from yoriai.japanese import fold_kana, fold_name
from yoriai.tenancy.session import Reader

_RESIDENTS = """
SELECT DISTINCT ON (addressee_no) addressee_no, name, name_kana, birth_date, sex, address, status
  FROM fact_resident_period p
 WHERE (($1::date IS NOT NULL AND birth_date = $1) OR name_kana = $2 OR name = $3)
   AND NOT EXISTS (SELECT 1 FROM fact_hidden_person h WHERE h.addressee_no = p.addressee_no AND h.is_concealed)
 ORDER BY addressee_no, valid_from DESC
"""
_OTHERS = """
SELECT r.addressee_no, r.name, r.name_kana, r.birth_date, r.sex, r.address, r.corporate_number, n.kind
  FROM non_resident_record r JOIN non_resident n ON n.addressee_no = r.addressee_no
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31' AND n.state = 'active'
   AND (($1::date IS NOT NULL AND r.birth_date = $1) OR r.kana_fold = $2 OR r.name_fold = $3
        OR ($4::text IS NOT NULL AND r.corporate_number = $4))
 ORDER BY r.addressee_no
"""
SURE = 6
"""The score from which two are taken for the same until somebody has looked: name or kana, and the birth date."""
_LIMIT = 50


@dataclass(frozen=True)
class Looked:
    """What is looked for."""

    name: str
    name_kana: str
    birth_date: date | None
    address: str = ""
    corporate_number: str | None = None


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be meant; `standing` is resident, former or non_resident; `agrees` names what is equal."""

    addressee_no: int
    name: str
    name_kana: str
    birth_date: date | None
    address: str
    standing: str
    score: int
    agrees: tuple[str, ...]


async def find_candidates(session: Reader, looked: Looked) -> list[Candidate]:
    """The candidates, the likeliest first; a partial agreement is enough to be shown."""
    residents = await session.fetch(_RESIDENTS, looked.birth_date, looked.name_kana, looked.name)
    known = await session.fetch(
        _OTHERS, looked.birth_date, fold_kana(looked.name_kana), fold_name(looked.name), looked.corporate_number
    )
    # Whether an address agrees would tell a clerk who tries some where somebody protected is.
    hidden = await hidden_among(session, [row["addressee_no"] for row in known], "non_resident.candidates")
    others = [dict(row) | ({"address": HIDDEN_TEXT} if row["addressee_no"] in hidden else {}) for row in known]
    found = [
        *(_judge(looked, dict(row), "former" if row["status"] == "removed" else "resident") for row in residents),
        *(_judge(looked, row, "non_resident") for row in others),
    ]
    return sorted((item for item in found if item.score >= 2), key=lambda item: -item.score)[:_LIMIT]


def _judge(looked: Looked, row: Mapping[str, Any], standing: str) -> Candidate:
    """Name and birth date weigh 3, kana 3, address 2, 法人番号 6."""
    checks = (
        ("氏名", 3, fold_name(row["name"]) == fold_name(looked.name)),
        ("フリガナ", 3, fold_kana(row["name_kana"]) == fold_kana(looked.name_kana)),
        ("生年月日", 3, looked.birth_date is not None and row["birth_date"] == looked.birth_date),
        ("住所", 2, bool(looked.address) and fold_name(row["address"] or "") == fold_name(looked.address)),
        ("法人番号", 6, looked.corporate_number is not None and row.get("corporate_number") == looked.corporate_number),
    )
    agrees = tuple(label for label, _, equal in checks if equal)
    score = sum(weight for _, weight, equal in checks if equal)
    shown = {key: row[key] for key in ("addressee_no", "name", "name_kana", "birth_date")}
    return Candidate(**shown, address=row["address"] or "", standing=standing, score=score, agrees=agrees)


_PAIRS = """
SELECT r.addressee_no, o.addressee_no AS other_no
  FROM non_resident_record r JOIN non_resident n ON n.addressee_no = r.addressee_no AND n.state = 'active'
  JOIN non_resident_record o ON o.addressee_no > r.addressee_no AND o.superseded_at IS NULL AND o.valid_to = '9999-12-31'
   AND ((o.birth_date = r.birth_date AND (o.kana_fold = r.kana_fold OR o.name_fold = r.name_fold))
        OR o.corporate_number = r.corporate_number OR (o.name_fold = r.name_fold AND o.address = r.address))
  JOIN non_resident m ON m.addressee_no = o.addressee_no AND m.state = 'active'
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
   AND NOT EXISTS (SELECT 1 FROM addressee_link l WHERE l.superseded_at IS NULL
                      AND l.from_no IN (r.addressee_no, o.addressee_no) AND l.to_no IN (r.addressee_no, o.addressee_no))
 ORDER BY 1, 2 LIMIT 500
"""
_WITH_RESIDENTS = """
SELECT r.addressee_no, p.addressee_no AS other_no, r.name, r.name_kana, r.birth_date, r.address,
       p.name AS other_name, p.name_kana AS other_kana, p.address AS other_address, p.status
  FROM non_resident_record r JOIN non_resident n ON n.addressee_no = r.addressee_no AND n.state = 'active'
  JOIN fact_resident_period p ON p.birth_date = r.birth_date AND p.valid_to = '9999-12-31'
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
   AND NOT EXISTS (SELECT 1 FROM addressee_link l WHERE l.superseded_at IS NULL AND l.from_no = r.addressee_no)
   AND NOT EXISTS (SELECT 1 FROM fact_hidden_person h WHERE h.addressee_no = p.addressee_no AND h.is_concealed)
 ORDER BY 1, 2
"""


async def list_pairs(session: Reader) -> list[dict[str, Any]]:
    """Suspected duplicates: same birth date with name or kana, same 法人番号, or same name and address; by 宛名番号 of both."""
    pairs = [dict(row) for row in await session.fetch(_PAIRS)]
    return [*pairs, *sure_residents(await session.fetch(_WITH_RESIDENTS))]


def sure_residents(rows: Iterable[Mapping[str, Any]], *, fully: bool = False) -> list[dict[str, Any]]:
    """Of non-residents and residents born on one day, the pairs whose folded name or kana agree (`fully`: both)."""
    found = []
    for row in rows:
        equal = (
            fold_name(row["name"]) == fold_name(row["other_name"]),
            fold_kana(row["name_kana"]) == fold_kana(row["other_kana"]),
        )
        if all(equal) if fully else any(equal):
            found.append({"addressee_no": row["addressee_no"], "other_no": row["other_no"]})
    return found


def only_once(pairs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The pairs in which neither number stands in a second one: those that can be joined without a human eye."""
    numbers = [number for pair in pairs for number in (pair["addressee_no"], pair["other_no"])]
    return [pair for pair in pairs if numbers.count(pair["addressee_no"]) == numbers.count(pair["other_no"]) == 1]
