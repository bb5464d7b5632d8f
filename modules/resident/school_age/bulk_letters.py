"""Which letters are due to whom; the night and the clerk's button make them from the same list."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from modules.resident.non_resident.facts import Diverted
from modules.resident.school_age.letters import letter
from modules.resident.school_age.roll import CHILDREN, is_foreign, shown
from modules.resident.school_age.settings import SchoolSettings

DUE = f"""{CHILDREN}
 WHERE c.entry_year = $2 AND c.state = 'planned' AND NOT EXISTS (
       SELECT 1 FROM school_age_notice m WHERE m.addressee_no = c.addressee_no AND m.entry_year = $2 AND m.superseded_at IS NULL
          AND (m.kind = $3 AND (m.kind <> 'enrolment' OR m.school_code IS NOT DISTINCT FROM p.school_code)
            OR $3 = 'enrolment' AND m.kind = 'guidance' AND c.wish <> 'wishes'))
 ORDER BY m.postcode, m.address, c.addressee_no"""  # noqa: S608
"""`$1` the day, `$2` the 年度 of entry, `$3` the kind of letter; sorted as the post wants it.

Who was notified of a school is due again when it has become another one, and a foreign child when it has come to wish to attend.
"""
REPLACED = """
UPDATE school_age_notice SET superseded_at = $1
 WHERE addressee_no = ANY($2::bigint[]) AND entry_year = $3 AND superseded_at IS NULL
   AND (kind = $4 OR $4 = 'enrolment' AND kind = 'guidance')
"""
"""The letters that those made now take the place of."""


def letters_for(
    kind: str,
    rows: Iterable[Mapping[str, Any]],
    settings: SchoolSettings,
    issued_on: date,
    diverted: Mapping[int, Diverted],
) -> list[dict[str, Any]]:
    """The rows of `school_age_notice`, their content still as data.

    Instead of a notice of entrance a foreign child whose wish is not known gets the 就学案内, and one that declined nothing.
    Without a 指定校, or at another school, there is no notice of entrance. Whom letters do not reach gets none
    in bulk.
    """
    made = []
    for row in rows:
        its_kind = _kind_for(kind, row)
        if its_kind:
            state = shown(row, settings)
            content = letter(
                its_kind, row, settings, issued_on=issued_on, is_protected=state.is_protected, diverted=diverted
            )
            made.append(
                {
                    "kind": its_kind,
                    "entry_year": row["entry_year"],
                    "addressee_no": row["addressee_no"],
                    "school_code": row["school_code"],
                    "issued_on": issued_on,
                    "content": content,
                    "is_withheld": state.is_protected or row["is_missing"] or bool(content["undelivered"]),
                }
            )
    return made


def _kind_for(kind: str, row: Mapping[str, Any]) -> str | None:
    if is_foreign(row) and row["wish"] == "declines":
        return None
    if kind == "enrolment" and is_foreign(row) and row["wish"] != "wishes":
        return "guidance"
    if kind == "enrolment" and row["kind"] != "municipal":
        return None
    return kind
