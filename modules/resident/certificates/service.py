"""The use cases of the certificates: apply, issue, print, make void. One function is one transaction."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from modules.resident.basic_register.facts import find_concealed
from modules.resident.certificates import checks
from modules.resident.certificates.contents import certify, digest_of
from modules.resident.certificates.figures import exemptions_of, fee_of, figures_of
from modules.resident.certificates.fitting import check_fit, fit
from modules.resident.certificates.inputs import (
    Application,
    ApplicationResult,
    Decision,
    IssueResult,
    PrintOrder,
    Voiding,
    VoidResult,
)
from modules.resident.certificates.kinds import Item, Kind
from modules.resident.certificates.models import (
    CertificateIssue,
    CertificateNotice,
    CertificatePerson,
    CertificatePrint,
    CertificateRequest,
)
from modules.resident.certificates.notices import find_registrations
from modules.resident.certificates.numbers import audit_numbers, require_permission
from modules.resident.certificates.rules import CAPACITIES, Asker
from modules.resident.certificates.sources import Target, find_content
from modules.resident.certificates.states import IssueState, RequestState, change
from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.office import certifier_on
from yoriai.outbox import DomainEvent, publish
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))"
_REPEATED = "SELECT request_no FROM certificate_request WHERE request_key = $1"
_PERSONS = "SELECT addressee_no FROM certificate_person WHERE serial = $1"
_PRINTS = "SELECT coalesce(max(print_no), 0) FROM certificate_print WHERE serial = $1"
_DEPARTURE = "転出証明書の交付（住基法施行令23条）"
_CHANGED = "確かめた後で住民票の内容が変わりました。この申請を取り下げ、もう一度入力して内容を確かめてください。"


def place_of(config: TenantConfig) -> str:
    """What is written before an address: prefecture, 郡 and municipality."""
    return config.full_name


def join(values: Iterable[object]) -> str:
    """Codes or numbers in one column."""
    return ",".join(str(value) for value in sorted(values, key=str))


def target_of(request: CertificateRequest) -> Target:
    """What a recorded application asks for."""
    return Target(
        kind=Kind(request.kind),
        items=frozenset(Item(code) for code in request.items.split(",") if code),
        addressee_no=request.addressee_no,
        members=tuple(int(number) for number in request.members.split(",") if number),
        sheet_from=request.sheet_from,
        asked_name=request.asked_name,
        asked_address=request.asked_address,
    )


async def apply(session: WriteSession, config: TenantConfig, body: Application, now: datetime) -> ApplicationResult:
    """Check an application and record it for the preview; raises Invalid with all that is wrong, or NeedsConfirmation."""
    if body.request_key:
        await session.fetchval(_ONE_AT_A_TIME, str(body.request_key))
        if known := await session.fetchval(_REPEATED, body.request_key):
            return ApplicationResult(request_no=known, is_repeat=True)
    day = now.date()
    findings = Findings()
    target = checks.target_of(body)
    content = await find_content(session, target, day, place_of(config))
    if content:
        if await find_concealed(session, content["addressee_nos"]):
            raise NotFound("この宛名番号の人は見つかりません。")
        _audit_sight(session, content["addressee_nos"])
    await checks.check_target(session, findings, body, content, place_of(config), day)
    checks.check_right(findings, body)
    asker = await checks.check_asker(session, findings, body, day)
    checks.check_numbers(findings, body, content, may_print=session.principal.may("certificate.numbers"))
    checks.check_exemption(findings, body, exemptions_of(figures_of(config, day)))
    if content:
        await checks.check_stops(session, findings, content["addressee_nos"], day, body.override_reason)
        check_fit(findings, content, "kind")
    findings.settle(body.confirmed)
    if content is None:
        raise Invalid
    request = CertificateRequest(
        request_no=await allocate(session, "certificate_request"),
        status=RequestState.DRAFT,
        kind=body.kind,
        addressee_no=target.addressee_no,
        members=join(target.members),
        sheet_from=body.sheet_from,
        items=join(target.items),
        asked_name=target.asked_name,
        asked_address=target.asked_address,
        asker=body.asker,
        asker_no=asker.addressee_no if asker else None,
        asker_name=checks.asker_name_of(body, asker),
        asker_address=body.asker_address.strip(),
        asker_body=body.asker_body.strip(),
        has_proof=body.has_proof,
        purpose=body.purpose.strip() or (_DEPARTURE if body.kind is Kind.DEPARTURE else ""),
        items_reason=body.items_reason.strip(),
        identity=body.identity,
        identity_note=body.identity_note.strip(),
        copies=body.copies,
        exemption=body.exemption,
        override_reason=body.override_reason.strip(),
        content_digest=digest_of(content),
        request_key=body.request_key,
        received_at=now,
        staff_id=session.principal.login,
    )
    session.add(request)
    await session.flush()
    return ApplicationResult(request_no=request.request_no)


async def issue(session: WriteSession, config: TenantConfig, request_no: int, now: datetime) -> IssueResult:
    """Issue what was previewed: serials, fee, the stored contents. Raises Conflict when it would no longer be the same."""
    request = await get_request(session, request_no)
    change(RequestState(request.status), RequestState.ISSUED)
    content = await _same_content(session, config, request, now.date())
    fee = 0 if request.exemption else fee_of(figures_of(config, now.date()), Kind(request.kind))
    serials = await write_issues(session, config, request, [content] * request.copies, fee, now)
    _close(request, RequestState.ISSUED, session.principal.login, "", now)
    return IssueResult(request_no=request_no, serials=serials, fee=fee * len(serials))


async def withdraw(session: WriteSession, request_no: int, body: Decision, now: datetime) -> ApplicationResult:
    """取下げ before the issue."""
    request = await get_request(session, request_no)
    change(RequestState(request.status), RequestState.WITHDRAWN)
    _close(request, RequestState.WITHDRAWN, session.principal.login, body.reason.strip(), now)
    return ApplicationResult(request_no=request_no)


async def make_void(
    session: WriteSession, config: TenantConfig, serial: int, body: Voiding, now: datetime
) -> VoidResult:
    """無効処理. The certificate stays in the log; the fee goes back, or pays for the one issued in its place."""
    issued = await get_issue(session, serial)
    before = IssueState(issued.status)
    issued.status = change(before, IssueState.VOID)
    issued.voided_at, issued.voided_on = now, now.date()
    issued.voided_by, issued.void_reason = session.principal.login, body.reason.strip()
    issued.refund = 0 if body.reissue else issued.fee
    session.audit(AuditEvent("certificate.void", f"certificate:{serial}", body.reason.strip()))
    replaced_by = None
    if body.reissue:
        request = await get_request(session, issued.request_no)
        content = await _fresh_content(session, config, request, now.date())
        (replaced_by,) = await write_issues(session, config, request, [content], 0, now, replaces=serial)
    await session.flush()
    return VoidResult(request_no=issued.request_no, serial=serial, replaced_by=replaced_by, refund=issued.refund)


async def record_print(
    session: WriteSession, serial: int, body: PrintOrder, now: datetime
) -> tuple[CertificateIssue, int]:
    """Count a print; every one after the first needs a reason, and a void certificate is not printed again.

    Raises Forbidden for a page with numbers when the caller may not see them; their sight is audited with the purpose.
    What was issued before somebody on it was protected or stopped is not printed either, but by who may pass over the stop.
    """
    issued = await get_issue(session, serial)
    if issued.status != IssueState.ISSUED:
        raise Conflict("無効にした証明書は印刷できません。")
    request = await get_request(session, issued.request_no)
    print_no = 1 + int(await session.fetchval(_PRINTS, serial))
    reason = body.reason.strip()
    findings = Findings()
    passed = request.override_reason or reason
    numbers = [row["addressee_no"] for row in await session.fetch(_PERSONS, serial)]
    if await checks.check_stops(session, findings, numbers, now.date(), passed, "reason"):
        findings.settle()
        for number in numbers:
            session.audit(AuditEvent("certificate.override", f"addressee:{number}", passed, {"serial": serial}))
    audit_numbers(session, json.loads(issued.content), request.purpose, "certificate")
    if print_no > 1 and not reason:
        message = "一度印刷しています。もう一度印刷する理由を入力してください（紙に「再印刷」と入ります）。"
        raise Invalid(message, fields=[FieldError("reason", message, "reprint")])
    session.add(
        CertificatePrint(
            serial=serial,
            print_no=print_no,
            printed_at=now,
            staff_id=session.principal.login,
            reason=reason,
            destination=body.printer,
        )
    )
    action = "certificate.print" if print_no == 1 else "certificate.reprint"
    session.audit(AuditEvent(action, f"certificate:{serial}", reason, {"print_no": print_no, "printer": body.printer}))
    return issued, print_no


async def write_issues(
    session: WriteSession,
    config: TenantConfig,
    request: CertificateRequest,
    contents: list[dict[str, Any]],
    fee: int,
    now: datetime,
    *,
    replaces: int | None = None,
) -> list[int]:
    """Give serials in a row and store the contents. Their numbers belong to this transaction: a rollback leaves no gap."""
    day = now.date()
    certifier = certifier_on(config, day)
    settings = config.settings("certificate")
    first = await allocate(session, "certificate", len(contents))
    for serial, content in enumerate(contents, first):
        session.add(
            CertificateIssue(
                serial=serial,
                request_no=request.request_no,
                kind=request.kind,
                status=IssueState.ISSUED,
                issued_on=day,
                issued_at=now,
                staff_id=session.principal.login,
                fee=fee,
                replaces=replaces,
                content=json.dumps(certify(content, settings, certifier, day, serial), ensure_ascii=False),
                refund=0,
            )
        )
    await session.flush()
    shown = sorted({number for content in contents for number in content["addressee_nos"]})
    registered = await find_registrations(session, shown, day)
    for serial, content in enumerate(contents, first):
        session.add_all(CertificatePerson(serial=serial, addressee_no=number) for number in content["addressee_nos"])
        for number in content["addressee_nos"]:
            detail = {"serial": serial, "kind": request.kind, "asker": request.asker}
            session.audit(AuditEvent("certificate.issue", f"addressee:{number}", request.purpose, detail))
            _announce(session, request, serial, number, day, registered)
        if not content["addressee_nos"]:
            session.audit(AuditEvent("certificate.issue", f"certificate:{serial}", request.purpose))
    return list(range(first, first + len(contents)))


async def get_request(session: WriteSession, request_no: int) -> CertificateRequest:
    """The application, locked; raises NotFound."""
    request = await session.get(CertificateRequest, request_no, with_for_update=True)
    if request is None:
        raise NotFound("この申請はありません。")
    return request


async def get_issue(session: WriteSession, serial: int) -> CertificateIssue:
    """The certificate, locked; raises NotFound."""
    issued = await session.get(CertificateIssue, serial, with_for_update=True)
    if issued is None:
        raise NotFound("この番号の証明書はありません。")
    return issued


async def _same_content(
    session: WriteSession, config: TenantConfig, request: CertificateRequest, day: date
) -> dict[str, Any]:
    content = await _fresh_content(session, config, request, day)
    if digest_of(content) != request.content_digest:
        raise Conflict(_CHANGED)
    return content


async def _fresh_content(
    session: WriteSession, config: TenantConfig, request: CertificateRequest, day: date
) -> dict[str, Any]:
    """The content as of the day, and that nothing stops it now; what overflows is marked as in the preview.

    Raises Forbidden when it carries numbers and the caller may not issue these.
    """
    require_permission(session, request.items)
    content = await find_content(session, target_of(request), day, place_of(config))
    if content is None:
        raise Conflict(_CHANGED)
    findings = Findings()
    numbers = content["addressee_nos"]
    if await checks.check_stops(session, findings, numbers, day, request.override_reason):
        findings.settle()
        for number in numbers:
            detail = {"request_no": request.request_no}
            session.audit(AuditEvent("certificate.override", f"addressee:{number}", request.override_reason, detail))
    fit(content)
    return content


def _announce(
    session: WriteSession,
    request: CertificateRequest,
    serial: int,
    number: int,
    day: date,
    registered: Mapping[int, int],
) -> None:
    """Tell of a copy given to somebody else: whoever registered for 本人通知 is to hear of it."""
    if CAPACITIES[Asker(request.asker)].is_own and request.asker != Asker.PROXY:
        return
    payload = {"serial": serial, "kind": request.kind, "asker": request.asker}
    if registration := registered.get(number):
        session.add(CertificateNotice(serial=serial, addressee_no=number, registration_no=registration))
    publish(session, DomainEvent("certificate.issued_to_other", f"addressee:{number}", day, payload))


def _audit_sight(session: WriteSession, numbers: Iterable[int]) -> None:
    for number in numbers:
        session.audit(AuditEvent("person.view", f"addressee:{number}", detail={"part": "certificate"}))


def _close(request: CertificateRequest, state: RequestState, login: str, reason: str, now: datetime) -> None:
    request.status = state
    request.closed_at, request.closed_by, request.close_reason = now, login, reason
