"""Taking a bank's answer in: all of the file or nothing, and once."""

import base64
import binascii
from datetime import datetime

from sqlalchemy import select

from modules.nhi.health_insurance.debits.models import NhiDebitFile
from modules.nhi.health_insurance.debits.views import ResultTaken, ResultUpload
from yoriai.audit import AuditEvent
from yoriai.banking import identify_request, read_results
from yoriai.banking.results import request_key
from yoriai.errors import Conflict, FieldError, Invalid
from yoriai.outbox import DomainEvent, publish
from yoriai.tenancy.session import WriteSession

_STORE = """
UPDATE nhi_debit d SET result = r.result, collected_on = CASE WHEN r.result = '0' THEN d.debit_on END
  FROM unnest($2::bigint[], $3::text[]) AS r (id, result)
 WHERE d.file_no = $1 AND d.id = r.id AND d.result IS NULL RETURNING d.id
"""


async def take_results(session: WriteSession, body: ResultUpload, now: datetime) -> ResultTaken:
    """Store the results of a file. Raises Invalid with every mistake by line and column, Conflict for a file taken in before."""
    try:
        content = base64.b64decode(body.file, validate=True)
    except binascii.Error as error:
        raise Invalid(
            fields=[FieldError("file", "ファイルを読めません。選び直してください。", rule="base64")]
        ) from error
    asked = await _find_request(session, identify_request(content))
    results = read_results(content, asked.content)
    if asked.result_at is not None:
        raise Conflict("この結果ファイルはすでに取り込んであります。二度は取り込めません。")
    paid = [result.amount for result in results if result.is_paid]
    unpaid = [result.amount for result in results if not result.is_paid]
    numbers = [result.customer_no for result in results]
    stored = await session.fetch(_STORE, asked.file_no, numbers, [result.code for result in results])
    if len(stored) != asked.count:
        raise Conflict("請求の一部にもう結果があります。何も取り込んでいません。")
    asked.result_at, asked.result_by = now, session.principal.login
    asked.paid_count, asked.paid_total = len(paid), sum(paid)
    asked.unpaid_count, asked.unpaid_total = len(unpaid), sum(unpaid)
    taken = ResultTaken(
        file_no=asked.file_no,
        paid_count=len(paid),
        paid_total=sum(paid),
        unpaid_count=len(unpaid),
        unpaid_total=sum(unpaid),
    )
    session.audit(AuditEvent("nhi.debit_results", f"nhi_debit_file:{asked.file_no}", detail=taken.model_dump()))
    publish(
        session, DomainEvent("nhi.collected", f"nhi_debit_file:{asked.file_no}", asked.debit_on, taken.model_dump())
    )
    await session.flush()
    return taken


async def _find_request(session: WriteSession, key: tuple[str, ...]) -> NhiDebitFile:
    """The request the answer's header names, locked; raises Invalid."""
    _, code, _, bank, _ = key
    query = (
        select(NhiDebitFile)
        .where(NhiDebitFile.originator_code == code, NhiDebitFile.bank_code == bank)
        .order_by(NhiDebitFile.debit_on.desc())
        .with_for_update()
    )
    for found in (await session.scalars(query)).all():
        if request_key(found.content) == key:
            return found
    message = (
        "1行目: この委託者コード・引落日・取引銀行の振替請求はありません。"
        "ほかの団体や業務のファイルではないか確かめてください。"
    )
    raise Invalid(
        "どの請求の結果か分からないため、何も取り込んでいません。",
        fields=[FieldError("records", message, rule="unknown", line=1)],
    )
