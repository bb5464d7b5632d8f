"""Invented 個人番号 and 住民票コード for everybody, sealed as the register seals them, and a few supporting measures."""

from datetime import date, datetime

import polars as pl

from demo.loading.numbers import set_counter
from modules.resident.basic_register.numbers.kinds import MY_NUMBER, RESIDENT_CODE, check_digit_of_resident_code
from yoriai.numbers import check_digit_of_my_number
from yoriai.sealing import Sealed, Sealer
from yoriai.tenancy.bulk import BulkWriteSession

_PEOPLE = """
SELECT addressee_no, became_resident_on FROM resident_record
 WHERE superseded_at IS NULL AND valid_to = '9999-12-31' ORDER BY addressee_no"""
_STEP = 12_345_701
"""Odd and no multiple of five: the numbers jump about and none comes twice."""
_SINCE = {MY_NUMBER: date(2015, 10, 5), RESIDENT_CODE: date(2002, 8, 5)}
"""番号法 and, for the 住民票コード, 平成11年法律133号 in force."""
_PROTECTED = """
SELECT addressee_no FROM fact_resident WHERE addressee_no % 1999 = 1500 ORDER BY addressee_no"""
_PROTECTION = """
INSERT INTO protection (protection_no, kind, category, starts_on, ends_on, applicant, hides_address, hides_from_search, stops_issue,
       stops_movement, scope, reason, staff_id, recorded_at)
SELECT row_number() OVER (ORDER BY addressee_no), 'support', 'dv', $1, $2, name, true, false, true, false,
       '{view,copy,removed_copy,supplement}', '移行', 'conversion', $3::timestamptz
  FROM fact_resident WHERE addressee_no = ANY($4::bigint[])"""
_SUBJECTS = """
INSERT INTO protection_subject (protection_no, addressee_no)
SELECT row_number() OVER (ORDER BY addressee_no), addressee_no FROM unnest($1::bigint[]) AS addressee_no"""


def given_on(kind: str) -> pl.Expr:
    """The day on which somebody got a number: of `became_resident_on`, but nobody before its law was in force."""
    return pl.max_horizontal("became_resident_on", pl.lit(_SINCE[kind]))


def load_numbers(session: BulkWriteSession, sealer: Sealer) -> int:
    """Give everybody both numbers; returns how many were written."""
    people = session.read(_PEOPLE)
    written = 0
    for kind in (MY_NUMBER, RESIDENT_CODE):
        numbers = [_number(kind, addressee) for addressee in people["addressee_no"]]
        frame = people.select("addressee_no", valid_from=given_on(kind)).with_columns(
            kind=pl.lit(kind),
            sealed=pl.Series(
                [
                    sealer.seal(Sealed(session.tenant, kind, f"addressee:{addressee}"), number)
                    for addressee, number in zip(people["addressee_no"], numbers, strict=True)
                ],
                dtype=pl.String,
            ),
            fingerprint=pl.Series(
                [sealer.fingerprints(session.tenant, kind, number)[0] for number in numbers], dtype=pl.String
            ),
            reason=pl.lit("assigned"),
            staff_id=pl.lit("conversion"),
            recorded_at=pl.col("valid_from").cast(pl.Datetime("us", "UTC")),
        )
        written += session.append("person_number", frame)
    return written


def load_protections(session: BulkWriteSession, as_of: date, now: datetime) -> int:
    """A handful of 支援措置, some of them soon to be renewed; returns how many."""
    people = session.read(_PROTECTED)["addressee_no"].to_list()
    if not people:
        return 0
    numbers = "{" + ",".join(map(str, people)) + "}"
    start, end = date(as_of.year - 1, as_of.month, 20), date(as_of.year, as_of.month, 19)
    session.execute(_PROTECTION, (start, end, now.isoformat(), numbers))
    session.execute(_SUBJECTS, (numbers,))
    set_counter(session, "protection", len(people))
    return len(people)


def _number(kind: str, addressee_no: int) -> str:
    if kind == MY_NUMBER:
        base = f"{addressee_no * _STEP % 10**11:011d}"
        return f"{base}{check_digit_of_my_number(base)}"
    base = f"{addressee_no * _STEP % 10**10:010d}"
    return f"{base}{check_digit_of_resident_code(base)}"
