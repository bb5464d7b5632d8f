"""What is shown of 口座振替. Whoever is listed is audited; who does not exist for the reader is left out."""

from collections import defaultdict
from datetime import date

from modules.nhi.health_insurance.debits.codes import KINDS
from modules.nhi.health_insurance.debits.positions import Standing, list_standings
from modules.nhi.health_insurance.debits.telling import count_open, told_shortly
from modules.nhi.health_insurance.debits.views import DebitFileRow, DebitFiles, DebitFileView, DebitRow
from modules.resident.basic_register.facts import without_concealed
from yoriai.audit import AuditEvent
from yoriai.banking import RESULT_CODES, encode
from yoriai.dates import format_wareki
from yoriai.errors import NotFound
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, Record

_FILE = """
SELECT file_no, debit_on, bank_code, bank_name, count, total, made_at, result_at, paid_count, paid_total, unpaid_count,
       unpaid_total
  FROM nhi_debit_file
"""
_FILES = f"{_FILE} ORDER BY debit_on DESC, file_no DESC LIMIT 200"
_ONE = f"{_FILE} WHERE file_no = $1"
_PROBLEMS = """
SELECT d.household_no, d.fiscal_year, d.instalment_no, d.due_date, d.amount, d.payer_no, coalesce(r.name, '') AS name, d.problem
  FROM nhi_debit d LEFT JOIN fact_addressee r ON r.addressee_no = d.payer_no
 WHERE d.problem IS NOT NULL ORDER BY d.due_date DESC, d.household_no LIMIT 500
"""
_UNPAID = """
SELECT d.household_no, d.fiscal_year, d.instalment_no, d.payer_no, coalesce(r.name, '') AS name, d.amount, d.result, d.kind
  FROM nhi_debit d LEFT JOIN fact_addressee r ON r.addressee_no = d.payer_no
 WHERE d.file_no = $1 AND d.result <> '0' ORDER BY d.result, d.household_no
"""
_BY_RESULT = """
SELECT result, count(*) AS count, sum(amount)::bigint AS total FROM nhi_debit
 WHERE file_no = $1 AND result IS NOT NULL GROUP BY result ORDER BY result
"""
_BY_KIND = """
SELECT kind, count(*) AS count, sum(amount)::bigint AS total FROM nhi_debit WHERE file_no = $1 GROUP BY kind ORDER BY kind DESC
"""
_CONTENT = "SELECT debit_on, bank_code, count, content FROM nhi_debit_file WHERE file_no = $1"
_OF_HOUSEHOLD = """
SELECT d.instalment_no, d.file_no, d.result, d.collected_on, d.amount, d.kind, d.debit_on, i.amount AS due
  FROM nhi_debit d
  LEFT JOIN nhi_assessment a ON a.household_no = d.household_no AND a.fiscal_year = d.fiscal_year AND a.superseded_at IS NULL
  LEFT JOIN nhi_instalment i ON i.assessment_id = a.id AND i.no = d.instalment_no
 WHERE d.household_no = $1 AND d.fiscal_year = $2 ORDER BY d.debit_on, d.id
"""


async def list_files(session: Reader, config: TenantConfig, today: date) -> DebitFiles:
    """The request files, what could be put into none, and how much a clerk has to look at."""
    problems = await without_concealed(session, await session.fetch(_PROBLEMS), "payer_no")
    _audit(session, problems)
    files = [DebitFileRow(**dict(row)) for row in await session.fetch(_FILES)]
    counts = count_open(await list_standings(session, config, today))
    return DebitFiles(rows=files, problems=[dict(row) for row in problems], open_counts=counts)


async def get_file(session: Reader, config: TenantConfig, file_no: int, today: date) -> DebitFileView:
    """A file with its unpaid requests and what comes next for each; raises NotFound."""
    row = await session.fetchrow(_ONE, file_no)
    if row is None:
        raise NotFound("この振替請求ファイルはありません。")
    unpaid = await without_concealed(session, await session.fetch(_UNPAID, file_no), "payer_no")
    _audit(session, unpaid)
    steps = {standing.key: standing for standing in await list_standings(session, config, today)} if unpaid else {}
    return DebitFileView(
        file=DebitFileRow(**dict(row)),
        unpaid=[_unpaid(each, steps) for each in unpaid],
        by_result=[
            {
                "label": f"{each['result']} {RESULT_CODES[each['result']]}",
                "count": each["count"],
                "total": each["total"],
            }
            for each in await session.fetch(_BY_RESULT, file_no)
        ],
        by_kind=[
            {"label": KINDS[each["kind"]], "count": each["count"], "total": each["total"]}
            for each in await session.fetch(_BY_KIND, file_no)
        ],
    )


async def get_content(session: Reader, file_no: int) -> tuple[str, bytes]:
    """Name and bytes of the request file, the same at each download; audited with its count. Raises NotFound."""
    row = await session.fetchrow(_CONTENT, file_no)
    if row is None:
        raise NotFound("この振替請求ファイルはありません。")
    detail = {"file_no": file_no, "count": row["count"]}
    session.audit(AuditEvent("nhi.debit_download", f"nhi_debit_file:{file_no}", detail=detail))
    return f"口座振替_{row['debit_on']:%Y%m%d}_{row['bank_code']}.txt", encode(row["content"])


async def find_debits(
    session: Reader, config: TenantConfig, household_no: int, fiscal_year: int, today: date
) -> dict[int, str]:
    """What became of each instalment by 口座振替 and what comes next, in words, by its number; without those never asked for."""
    told = defaultdict[int, list[str]](list)
    for row in await session.fetch(_OF_HOUSEHOLD, household_no, fiscal_year):
        told[row["instalment_no"]].append(_told(row))
    for standing in await list_standings(session, config, today, household_no):
        if standing.key[1] == fiscal_year:
            told[standing.key[2]].append(f"→ {told_shortly(standing)}")
    return {number: "、".join(parts).replace("、→", " →") for number, parts in told.items()}


def _told(row: Record) -> str:
    if row["file_no"] is None:
        return "振替できません (取りまとめ店なし)"
    kind = "" if row["kind"] == "regular" else f"{KINDS[row['kind']]} ({format_wareki(row['debit_on'])}) "
    # The levy may have been corrected since the bank was asked: what it was asked for is another sum then.
    asked = f" 請求額{row['amount']:,}円" if row["amount"] != row["due"] else ""
    if row["result"] is None:
        return f"{kind}振替を請求中{asked}"
    return (
        f"{kind}口座振替済{asked}" if row["collected_on"] else f"{kind}振替不能 ({RESULT_CODES[row['result']]}){asked}"
    )


def _unpaid(row: Record, steps: dict[tuple[int, int, int], Standing]) -> DebitRow:
    standing = steps.get((row["household_no"], row["fiscal_year"], row["instalment_no"]))
    return DebitRow(
        **{name: value for name, value in dict(row).items() if name != "kind"},
        result_label=RESULT_CODES[row["result"]],
        kind_label=KINDS[row["kind"]],
        next=told_shortly(standing) if standing else "済",
    )


def _audit(session: Reader, rows: list[Record]) -> None:
    for number in sorted({row["payer_no"] for row in rows}):
        session.audit(AuditEvent("nhi.debit_view", f"addressee:{number}"))
