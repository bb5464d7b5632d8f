"""What is read of issued certificates: one copy, the log of a period, the counts of a month."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from modules.resident.basic_register.facts import is_hidden_from_reader, refuse_concealed, without_concealed
from modules.resident.seal_registration.models import CHANNELS
from modules.resident.seal_registration.states import END_REASONS, TRANSITIONS, Act
from modules.resident.seal_registration.views import (
    CertificateForm,
    CertificateList,
    CertificateRow,
    CertificateView,
    Chip,
    CountRow,
    Statistics,
)
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import add_months, format_wareki_month
from yoriai.errors import NotFound
from yoriai.rules import ParameterSet, Use
from yoriai.tenancy.session import Reader, Record

PAGE = 100
_ROW = """
SELECT c.serial_no, c.registration_no, c.addressee_no, c.content, c.issued_at, c.channel, c.applicant, c.agent_name, c.purpose,
       c.fee, c.office, c.staff_id, c.card_no, c.reissue_of, c.void_reason, c.terminal,
       c.fee_exempt_reason, a.serial_no AS reissued_as
  FROM seal_certificate c LEFT JOIN seal_certificate a ON a.reissue_of = c.serial_no
"""
_ONE = f"{_ROW} WHERE c.serial_no = $1"
_OF_REGISTRATION = f"{_ROW} WHERE c.registration_no = $1 ORDER BY c.serial_no DESC LIMIT 50"
_OF_PERIOD = f"{_ROW} WHERE c.issued_at >= $1 AND c.issued_at < $2 ORDER BY c.serial_no DESC LIMIT $3 OFFSET $4"
_SUM = """
SELECT count(*) AS count, coalesce(sum(fee) FILTER (WHERE voided_at IS NULL), 0)::bigint AS fees FROM seal_certificate
 WHERE issued_at >= $1 AND issued_at < $2
"""
_SIBLINGS = """
SELECT b.serial_no FROM seal_certificate a JOIN seal_certificate b
    ON b.registration_no = a.registration_no AND b.issued_at = a.issued_at
 WHERE a.serial_no = $1 ORDER BY b.serial_no
"""
_REGISTERED = """
SELECT count(*) FROM seal_registration_state
 WHERE superseded_at IS NULL AND status IN ('active', 'suspended') AND valid_from < $1 AND valid_to >= $1
"""
_ACTS = """
SELECT act, coalesce(end_reason, '') AS end_reason, office, count(*) AS count, sum(fee)::bigint AS fee FROM seal_act
 WHERE "on" >= $1 AND "on" < $2 GROUP BY act, end_reason, office ORDER BY act, end_reason, office
"""
_CERTIFICATES = """
SELECT channel, office, count(*) AS count, coalesce(sum(fee) FILTER (WHERE voided_at IS NULL), 0)::bigint AS fee,
       count(*) FILTER (WHERE voided_at IS NOT NULL) AS voided
  FROM seal_certificate WHERE issued_at >= $1 AND issued_at < $2 GROUP BY channel, office ORDER BY channel, office
"""
_CARD_LABELS = {
    "card_lost": "登録証 亡失届",
    "card_reissued": "登録証 再交付",
    "card_exchanged": "登録証 引替え",
    "card_returned": "登録証 返納",
}


async def certificates_of(session: Reader, registration_no: int) -> list[CertificateRow]:
    """The last copies issued for a registration."""
    return [_row(row) for row in await session.fetch(_OF_REGISTRATION, registration_no)]


async def get_certificate(session: Reader, serial_no: int, today: date) -> CertificateView:
    """An issued copy with what stood on it; raises NotFound."""
    row = await session.fetchrow(_ONE, serial_no)
    if row is None:
        raise NotFound("この証明番号はありません。")
    await refuse_concealed(session, [row["addressee_no"]], "この証明番号はありません。")
    detail = {"serial_no": serial_no}
    session.audit(AuditEvent("seal_registration.view", f"addressee:{row['addressee_no']}", detail=detail))
    siblings = [item["serial_no"] for item in await session.fetch(_SIBLINGS, serial_no)]
    content = json.loads(row["content"])
    if await is_hidden_from_reader(session, row["addressee_no"]):
        content["address"] = None
    is_today = row["issued_at"].astimezone(JAPAN).date() == today
    return CertificateView(
        row=_row(row),
        siblings=siblings,
        content=content,
        terminal=row["terminal"],
        fee_exempt_reason=row["fee_exempt_reason"],
        agent_name=row["agent_name"] or "",
        can_reissue=is_today and row["void_reason"] is None,
        initial={"again": "true" if is_today else ""},
    )


async def list_certificates(session: Reader, since: date, until: date, page: int) -> CertificateList:
    """A page of the issue log from `since` to `until`, both included, newest first."""
    first, last = _moment(since), _moment(until + timedelta(days=1))
    found = await session.fetch(_OF_PERIOD, first, last, PAGE, (page - 1) * PAGE)
    rows = await without_concealed(session, found)
    total = await session.fetchrow(_SUM, first, last)
    count = total["count"] if total else 0
    period = {"since": since.isoformat(), "until": until.isoformat()}
    session.audit(AuditEvent("seal_registration.certificates", detail={**period, "found": len(rows)}))
    return CertificateList(
        rows=[_row(row) for row in rows],
        total=count,
        fees=total["fees"] if total else 0,
        page=page,
        pages=max(1, -(-count // PAGE)),
        since=since,
        until=until,
        initial=period,
    )


def blank_request(figures: ParameterSet, card_no: int | None) -> CertificateForm:
    """The form of a request."""
    initial: dict[str, Any] = {"card_no": card_no or "", "copies": 1, "applicant": "self"}
    return CertificateForm(fee=Use(figures).yen("fee.certificate"), initial=initial)


async def count_month(session: Reader, month: date) -> Statistics:
    """登録・抹消・登録証・証明書 of a month by office and channel (INKAN-024)."""
    end = add_months(month, 1)
    session.audit(AuditEvent("seal_registration.statistics", detail={"month": f"{month:%Y-%m}"}))
    rows = [_act_count(row) for row in await session.fetch(_ACTS, month, end)]
    for row in await session.fetch(_CERTIFICATES, _moment(month), _moment(end)):
        channel = CHANNELS[row["channel"]]
        rows.append(
            CountRow(label="証明書の交付", office=row["office"], channel=channel, count=row["count"], fee=row["fee"])
        )
        if row["voided"]:
            rows.append(CountRow(label="うち無効", office=row["office"], channel=channel, count=row["voided"], fee=0))
    return Statistics(
        month=month,
        month_label=format_wareki_month(month),
        previous=f"{add_months(month, -1):%Y-%m}",
        following=f"{end:%Y-%m}",
        registered=await session.fetchval(_REGISTERED, end),
        rows=rows,
    )


def _act_count(row: Record) -> CountRow:
    label = _CARD_LABELS.get(row["act"]) or TRANSITIONS[Act(row["act"])].label
    why = END_REASONS.get(row["end_reason"], "")
    return CountRow(
        label=f"{label}（{why}）" if why else label,
        office=row["office"],
        channel="",
        count=row["count"],
        fee=row["fee"],
    )


def _row(row: Record) -> CertificateRow:
    names = [
        name
        for name in CertificateRow.model_fields
        if name not in ("name", "channel", "applicant", "status", "issued_at")
    ]
    is_void = row["void_reason"] is not None
    return CertificateRow(
        **({name: row[name] for name in names} | {"void_reason": row["void_reason"] or ""}),
        name=json.loads(row["content"])["name"],
        issued_at=row["issued_at"].astimezone(JAPAN),
        channel=CHANNELS[row["channel"]],
        applicant=f"代理人 {row['agent_name']}" if row["agent_name"] else "本人",
        status=Chip(label="無効", kind="danger") if is_void else Chip(label="交付", kind="ok"),
    )


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
