"""What is shown of 口座振替. Whoever is listed is audited; who does not exist for the reader is left out."""

from modules.nhi.health_insurance.debits.views import DebitFileRow, DebitFiles, DebitFileView, DebitRow
from modules.resident.basic_register.facts import without_concealed
from yoriai.audit import AuditEvent
from yoriai.banking import RESULT_CODES, encode
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader, Record

_FILE = """
SELECT file_no, due_date, bank_code, bank_name, count, total, made_at, result_at, paid_count, paid_total, unpaid_count,
       unpaid_total
  FROM nhi_debit_file
"""
_FILES = f"{_FILE} ORDER BY due_date DESC, file_no DESC LIMIT 200"
_ONE = f"{_FILE} WHERE file_no = $1"
_PROBLEMS = """
SELECT d.household_no, d.fiscal_year, d.instalment_no, d.due_date, d.amount, d.payer_no, coalesce(r.name, '') AS name, d.problem
  FROM nhi_debit d LEFT JOIN fact_addressee r ON r.addressee_no = d.payer_no
 WHERE d.problem IS NOT NULL ORDER BY d.due_date DESC, d.household_no LIMIT 500
"""
_UNPAID = """
SELECT d.household_no, d.fiscal_year, d.instalment_no, d.payer_no, coalesce(r.name, '') AS name, d.amount, d.result
  FROM nhi_debit d LEFT JOIN fact_addressee r ON r.addressee_no = d.payer_no
 WHERE d.file_no = $1 AND d.result <> '0' ORDER BY d.result, d.household_no
"""
_BY_RESULT = """
SELECT result, count(*) AS count, sum(amount)::bigint AS total FROM nhi_debit
 WHERE file_no = $1 AND result IS NOT NULL GROUP BY result ORDER BY result
"""
_CONTENT = "SELECT due_date, bank_code, count, content FROM nhi_debit_file WHERE file_no = $1"
_OF_HOUSEHOLD = """
SELECT d.instalment_no, d.file_no, d.result, d.collected_on, d.amount, i.amount AS due
  FROM nhi_debit d
  LEFT JOIN nhi_assessment a ON a.household_no = d.household_no AND a.fiscal_year = d.fiscal_year AND a.superseded_at IS NULL
  LEFT JOIN nhi_instalment i ON i.assessment_id = a.id AND i.no = d.instalment_no
 WHERE d.household_no = $1 AND d.fiscal_year = $2
"""


async def list_files(session: Reader) -> DebitFiles:
    """The request files and what could be put into none."""
    problems = await without_concealed(session, await session.fetch(_PROBLEMS), "payer_no")
    _audit(session, problems)
    files = [DebitFileRow(**dict(row)) for row in await session.fetch(_FILES)]
    return DebitFiles(rows=files, problems=[dict(row) for row in problems])


async def get_file(session: Reader, file_no: int) -> DebitFileView:
    """A file with its unpaid requests; raises NotFound."""
    row = await session.fetchrow(_ONE, file_no)
    if row is None:
        raise NotFound("この振替請求ファイルはありません。")
    unpaid = await without_concealed(session, await session.fetch(_UNPAID, file_no), "payer_no")
    _audit(session, unpaid)
    counted = await session.fetch(_BY_RESULT, file_no)
    return DebitFileView(
        file=DebitFileRow(**dict(row)),
        unpaid=[DebitRow(**dict(each), result_label=RESULT_CODES[each["result"]]) for each in unpaid],
        by_result=[
            {
                "label": f"{each['result']} {RESULT_CODES[each['result']]}",
                "count": each["count"],
                "total": each["total"],
            }
            for each in counted
        ],
    )


async def get_content(session: Reader, file_no: int) -> tuple[str, bytes]:
    """Name and bytes of the request file, the same at each download; audited with its count. Raises NotFound."""
    row = await session.fetchrow(_CONTENT, file_no)
    if row is None:
        raise NotFound("この振替請求ファイルはありません。")
    detail = {"file_no": file_no, "count": row["count"]}
    session.audit(AuditEvent("nhi.debit_download", f"nhi_debit_file:{file_no}", detail=detail))
    return f"口座振替_{row['due_date']:%Y%m%d}_{row['bank_code']}.txt", encode(row["content"])


async def find_debits(session: Reader, household_no: int, fiscal_year: int) -> dict[int, str]:
    """What became of each instalment by 口座振替, in words, by its number; without those never asked for."""
    rows = await session.fetch(_OF_HOUSEHOLD, household_no, fiscal_year)
    return {row["instalment_no"]: _told(row) for row in rows}


def _told(row: Record) -> str:
    if row["file_no"] is None:
        return "振替できません (取りまとめ店なし)"
    # The levy may have been corrected since the bank was asked: what it was asked for is another sum then.
    asked = f" 請求額{row['amount']:,}円" if row["amount"] != row["due"] else ""
    if row["result"] is None:
        return f"振替を請求中{asked}"
    return f"口座振替済{asked}" if row["collected_on"] else f"振替不能 ({RESULT_CODES[row['result']]}){asked}"


def _audit(session: Reader, rows: list[Record]) -> None:
    for number in sorted({row["payer_no"] for row in rows}):
        session.audit(AuditEvent("nhi.debit_view", f"addressee:{number}"))
