"""請求との差異: instalments whose levy changed after a bank was asked, or that were not collected; what a clerk does about them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from modules.nhi.health_insurance.debits import slips
from modules.nhi.health_insurance.debits.codes import HANDLINGS, HANDLINGS_OF, KINDS, SLIP
from modules.nhi.health_insurance.debits.models import NhiDebitHandling
from modules.nhi.health_insurance.debits.positions import LOCK, Standing, list_standings
from modules.nhi.health_insurance.debits.rules import StepKind
from modules.nhi.health_insurance.debits.telling import (
    CHIPS,
    LABELS,
    SHOWN,
    Show,
    count_open,
    shown,
    told_shortly,
)
from modules.nhi.health_insurance.debits.views import (
    DebitEntry,
    Difference,
    Differences,
    DifferenceView,
    Handle,
    Handled,
    HandlingEntry,
    SlipsSent,
)
from modules.resident.basic_register.facts import find_concealed, refuse_concealed
from yoriai.audit import AuditEvent
from yoriai.banking import RESULT_CODES
from yoriai.dates import format_wareki_year
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, Record, WriteSession

_NAMES = "SELECT addressee_no, name FROM fact_addressee WHERE addressee_no = ANY($1::bigint[])"
_REQUESTS = """
SELECT debit_on, kind, amount, result, problem, file_no, payer_no FROM nhi_debit
 WHERE household_no = $1 AND fiscal_year = $2 AND instalment_no = $3 ORDER BY debit_on, id
"""
_OWED = """
SELECT i.amount, i.due_date, s.payer_no FROM nhi_assessment s JOIN nhi_instalment i ON i.assessment_id = s.id
 WHERE s.household_no = $1 AND s.fiscal_year = $2 AND i.no = $3 AND s.superseded_at IS NULL
"""
_HANDLED = """
SELECT recorded_at, handling, amount, note, staff_id FROM nhi_debit_handling
 WHERE household_no = $1 AND fiscal_year = $2 AND instalment_no = $3 ORDER BY id DESC
"""
_SHOWN = 500
_NONE = "この期の口座振替の請求はありません。"


async def list_differences(session: Reader, config: TenantConfig, show: Show, today: date) -> Differences:
    """One list of what is not settled, by household; everybody shown is audited."""
    standings = await list_standings(session, config, today)
    counts = count_open(standings)
    found = shown(standings, show)
    bulk = await slips.sort_out(session, found, today) if show == "slip" else slips.NONE
    rows = await _rows(session, found[:_SHOWN], bulk.withheld)
    for number in sorted({row.payer_no for row in rows}):
        session.audit(AuditEvent("nhi.debit_view", f"addressee:{number}"))
    return Differences(
        show=show,
        tabs=[{"show": key, "label": label, "count": counts[key]} for key, label in LABELS.items()],
        rows=rows,
        count=len(found),
        total=sum(each.step.amount for each in found),
        printed_count=len(bulk.printed),
        printed_total=bulk.total,
        parts=bulk.parts,
    )


async def get_difference(
    session: Reader, config: TenantConfig, household_no: int, fiscal_year: int, instalment_no: int, today: date
) -> DifferenceView:
    """An instalment with its requests; raises NotFound where there is neither a request nor anything to settle."""
    key = (household_no, fiscal_year, instalment_no)
    requests = await session.fetch(_REQUESTS, *key)
    standing = await _standing(session, config, key, today)
    owed = await session.fetchrow(_OWED, *key)
    if not requests and standing is None:
        raise NotFound(_NONE)
    payer_no: int = standing.row["payer_no"] if standing else requests[-1]["payer_no"]
    seen = [payer_no, *(row["payer_no"] for row in requests), *([owed["payer_no"]] if owed else [])]
    await refuse_concealed(session, seen, _NONE)
    session.audit(AuditEvent("nhi.debit_view", f"addressee:{payer_no}", detail={"household_no": household_no}))
    names = await session.fetch(_NAMES, [payer_no])
    name = names[0]["name"] if names else ""
    allowed = HANDLINGS_OF[standing.step.kind] if standing and not standing.is_handled else ()
    return DifferenceView(
        household_no=household_no,
        fiscal_year=fiscal_year,
        instalment_no=instalment_no,
        year_label=format_wareki_year(fiscal_year),
        payer_no=payer_no,
        name=name,
        due=owed["amount"] if owed else 0,
        due_date=owed["due_date"] if owed else None,
        difference=_row(standing, name, "") if standing else None,
        is_handled=bool(standing and standing.is_handled),
        has_slip=bool(standing and standing.step.kind is StepKind.SLIP),
        entries=[_entry(row) for row in requests],
        handled=[
            HandlingEntry(**dict(row) | {"handling": HANDLINGS[row["handling"]]})
            for row in await session.fetch(_HANDLED, *key)
        ],
        handlings=[(code, HANDLINGS[code]) for code in allowed],
        initial={"handling": allowed[0] if len(allowed) == 1 else "", "note": ""},
    )


async def handle(
    session: WriteSession, config: TenantConfig, key: tuple[int, int, int], body: Handle, now: datetime
) -> Handled:
    """Record what was done about a difference. Raises NotFound, Conflict where it is another by now, Invalid for another act."""
    # Not while the night makes requests: an instalment must not be asked for while a clerk hands out its slip.
    await session.fetchval(LOCK)
    standing = await _standing(session, config, key, now.date())
    if standing is None:
        raise NotFound("この期に処理する差異はありません。")
    await refuse_concealed(session, [standing.row["payer_no"]], _NONE)
    if standing.is_handled or standing.step.amount != body.difference:
        raise Conflict("差異が、ほかの操作か夜間の処理で変わりました。最新の内容を確かめてください。")
    if body.handling not in HANDLINGS_OF[standing.step.kind]:
        raise Invalid(
            fields=[FieldError("handling", "この差異にはできない処理です。選び直してください。", rule="choice")]
        )
    await _record(session, [standing], body.handling, body.note, now)
    show = next(name for name, kinds in SHOWN.items() if standing.step.kind in kinds)
    return Handled(count=1, show=show)


async def send_slips(session: WriteSession, config: TenantConfig, body: SlipsSent, now: datetime) -> Handled:
    """Record that a slip was sent for each of the list. Raises NeedsConfirmation, Conflict where the list is another by now."""
    await session.fetchval(LOCK)
    found = shown(await list_standings(session, config, now.date()), "slip")
    bulk = await slips.sort_out(session, found, now.date())
    count = len(bulk.printed)
    if (count, bulk.total) != (body.count, body.total) or not count:
        raise Conflict("納付書に切り替える期が、ほかの操作で変わりました。最新の内容を確かめてください。")
    findings = Findings()
    sent = f"{count:,}件・{body.total:,}円の納付書をすべて送りました。これらの期はもう振り替えません。"
    findings.warn(f"slips:{count}", "count", sent)
    findings.settle(body.confirmed)
    await _record(session, [slip.standing for slip in bulk.printed], SLIP, "", now)
    return Handled(count=count, show="slip")


async def _record(
    session: WriteSession, standings: Sequence[Standing], handling: str, note: str, now: datetime
) -> None:
    for standing in standings:
        household_no, fiscal_year, instalment_no = standing.key
        session.add(
            NhiDebitHandling(
                household_no=household_no,
                fiscal_year=fiscal_year,
                instalment_no=instalment_no,
                handling=handling,
                amount=standing.step.amount,
                note=note,
                staff_id=session.principal.login,
                recorded_at=now,
            )
        )
        detail = {"household_no": household_no, "fiscal_year": fiscal_year, "instalment_no": instalment_no}
        subject = f"addressee:{standing.row['payer_no']}"
        session.audit(AuditEvent("nhi.debit_handle", subject, note, detail | {"handling": handling}))
    await session.flush()


async def _standing(session: Reader, config: TenantConfig, key: tuple[int, int, int], today: date) -> Standing | None:
    standings = await list_standings(session, config, today, key[0])
    return next((standing for standing in standings if standing.key == key), None)


async def _rows(
    session: Reader, standings: Sequence[Standing], withheld: Mapping[tuple[int, int, int], str]
) -> list[Difference]:
    """As they are shown, without who does not exist for the reader."""
    payers = sorted({each.row["payer_no"] for each in standings})
    gone = await find_concealed(session, payers) if payers else set()
    named = {row["addressee_no"]: row["name"] for row in await session.fetch(_NAMES, payers)}
    return [
        _row(each, named.get(each.row["payer_no"], ""), withheld.get(each.key, ""))
        for each in standings
        if each.row["payer_no"] not in gone
    ]


def _row(standing: Standing, name: str, unsent: str) -> Difference:
    row, step = standing.row, standing.step
    return Difference(
        **{
            field: row[field]
            for field in ("household_no", "fiscal_year", "instalment_no", "due_date", "due", "collected", "pending")
        },
        year_label=format_wareki_year(row["fiscal_year"]),
        payer_no=row["payer_no"],
        name=name,
        difference=step.amount,
        chip=CHIPS[step.kind],
        reason=step.reason,
        next=told_shortly(standing),
        unsent=unsent,
    )


def _entry(row: Record) -> DebitEntry:
    if row["file_no"] is None:
        told = row["problem"]
    elif row["result"] is None:
        told = "請求中"
    else:
        told = RESULT_CODES[row["result"]]
    return DebitEntry(
        debit_on=row["debit_on"],
        kind_label=KINDS[row["kind"]],
        amount=row["amount"],
        told=told,
        file_no=row["file_no"],
    )
