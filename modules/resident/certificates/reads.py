"""What the screens show: the form, an application, the log with its totals."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from modules.resident.basic_register.facts import (
    HIDDEN_TEXT,
    SEE,
    Sheet,
    find_certificate_stops,
    find_concealed,
    is_hidden_from_reader,
    refuse_concealed,
)
from modules.resident.certificates.checks import DEAD
from modules.resident.certificates.contents import certify
from modules.resident.certificates.figures import exemptions_of, fee_of, figures_of
from modules.resident.certificates.fitting import notes_of
from modules.resident.certificates.inputs import IDENTITIES
from modules.resident.certificates.kinds import CERTIFICATES, ITEM_LABELS, KIND_LABELS, NUMBERS, Item, Kind
from modules.resident.certificates.numbers import audit_numbers, open_numbers
from modules.resident.certificates.printing import to_page
from modules.resident.certificates.rules import ASKER_LABELS, CAPACITIES, Asker, may_ask
from modules.resident.certificates.service import place_of
from modules.resident.certificates.sources import Target, find_content, take_snapshot
from modules.resident.certificates.states import ISSUE_LABELS, REQUEST_LABELS
from modules.resident.certificates.views import (
    ApplicationForm,
    Chip,
    Choice,
    DayTotal,
    IssueLog,
    IssueRow,
    MemberChoice,
    RequestView,
)
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import format_wareki
from yoriai.errors import Forbidden, NotFound
from yoriai.office import certifier_on
from yoriai.sealing import Sealer
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, Record

SHOWN = 200
_ISSUE = """
SELECT i.serial, i.request_no, i.kind, i.status, i.issued_on, i.issued_at,
       coalesce((SELECT s.display_name FROM staff s WHERE s.login = i.staff_id), i.staff_id) AS staff,
       i.fee, i.refund, i.replaces, i.void_reason,
       q.asker, q.asker_name, q.asker_body, q.asked_name, n.serial AS replaced_by,
       (SELECT count(*) FROM certificate_print p WHERE p.serial = i.serial) AS prints,
       (SELECT p.destination FROM certificate_print p WHERE p.serial = i.serial ORDER BY p.print_no DESC LIMIT 1) AS printed_at,
       (SELECT string_agg(s.name, '、' ORDER BY c.addressee_no) FROM certificate_person c
          JOIN fact_resident_sheet s ON s.addressee_no = c.addressee_no AND s.valid_to = '9999-12-31'
         WHERE c.serial = i.serial) AS persons
  FROM certificate_issue i JOIN certificate_request q ON q.request_no = i.request_no
  LEFT JOIN certificate_issue n ON n.replaces = i.serial"""
_WHERE = """
 WHERE i.issued_on >= $1 AND i.issued_on <= $2 AND ($3 = '' OR i.kind = $3) AND ($4 = '' OR i.status = $4)
   AND ($5::bigint IS NULL OR i.serial = $5)
   AND ($6::bigint IS NULL OR EXISTS (SELECT FROM certificate_person c WHERE c.serial = i.serial AND c.addressee_no = $6))
   AND ($7 OR NOT EXISTS (SELECT FROM certificate_person c JOIN fact_hidden_person h ON h.addressee_no = c.addressee_no
                           WHERE c.serial = i.serial AND h.is_concealed))"""
_LOG = f"{_ISSUE} {_WHERE} ORDER BY i.serial DESC LIMIT {SHOWN}"
_COUNT = f"SELECT count(*) FROM certificate_issue i {_WHERE}"  # noqa: S608
_OF_REQUEST = f"{_ISSUE} WHERE i.request_no = $1 ORDER BY i.serial"
_TOTALS = """
SELECT kind, sum(issued)::bigint AS issued, sum(fee)::bigint AS fee, sum(voided)::bigint AS voided, sum(refund)::bigint AS refund
  FROM (SELECT kind, count(*) AS issued, sum(fee) AS fee, 0 AS voided, 0 AS refund FROM certificate_issue
         WHERE issued_on >= $1 AND issued_on <= $2 GROUP BY kind
        UNION ALL
        SELECT kind, 0, 0, count(*), sum(refund) FROM certificate_issue
         WHERE voided_on >= $1 AND voided_on <= $2 GROUP BY kind) t
 GROUP BY kind"""
_REQUEST = """
SELECT request_no, status, kind, addressee_no, members, sheet_from, items, asked_name, asked_address, asker, asker_no, asker_name,
       asker_address, asker_body, has_proof, purpose, items_reason, identity, identity_note, copies, exemption, override_reason,
       received_at, close_reason,
       coalesce((SELECT s.display_name FROM staff s WHERE s.login = q.staff_id), q.staff_id) AS staff
  FROM certificate_request q WHERE request_no = $1"""


async def get_form(
    session: Reader, config: TenantConfig, addressee_no: int | None, kind: str, day: date
) -> ApplicationForm:
    """A blank application for a person, or for a 不在住証明; raises NotFound for a number nobody has."""
    figures = figures_of(config, day)
    person: Sheet | None = None
    members: list[MemberChoice] = []
    removed: list[Choice] = []
    is_stopped = False
    if addressee_no is not None:
        snapshot = await take_snapshot(session, [addressee_no], day)
        sheets = snapshot.sheets.get(addressee_no, ())
        if not sheets or await find_concealed(session, [addressee_no]):
            raise NotFound("この宛名番号の人は見つかりません。")
        session.audit(AuditEvent("person.view", f"addressee:{addressee_no}", detail={"part": "certificate"}))
        person = snapshot.present(addressee_no) or sheets[0]
        if not person.is_removed:
            members = [
                MemberChoice(addressee_no=row.addressee_no, name=row.name, relationship=row.relationship_text)
                for row in snapshot.members(person.household_no)
            ]
        removed = [_removed_choice(sheet) for sheet in snapshot.closed(addressee_no)]
        is_stopped = bool(await find_certificate_stops(session, [addressee_no], day))
    chosen = kind or (Kind.REMOVED if person and person.is_removed else Kind.HOUSEHOLD if person else Kind.ABSENCE)
    items = [item for item in Item if item not in NUMBERS or session.principal.may("certificate.numbers")]
    return ApplicationForm(
        addressee_no=addressee_no,
        name=person.name if person else "",
        kana=person.name_kana if person else "",
        birth_date=None if person is None or person.birth_date_unknown else person.birth_date,
        status=_person_chip(person),
        is_stopped=is_stopped,
        may_override=session.principal.may("certificate.override"),
        kind=chosen,
        kinds=[_choice(one, KIND_LABELS[one]) for one in Kind if (one is Kind.ABSENCE) == (person is None)],
        items=[_choice(item, ITEM_LABELS[item]) for item in items],
        askers=[
            _choice(asker, ASKER_LABELS[asker]) for asker in Asker if person is not None or may_ask(Kind.ABSENCE, asker)
        ],
        identities=[_choice(code, label) for code, label in IDENTITIES.items()],
        exemptions=[_choice(code, label) for code, label in exemptions_of(figures).items()],
        fees=[
            {"label": KIND_LABELS[one], "value": fee_of(figures, one), "kind": "yen"}
            for one in Kind
            if (one is Kind.ABSENCE) == (person is None)
        ],
        members=members,
        removed_sheets=removed,
        initial={
            "kind": str(chosen),
            "addressee_no": addressee_no,
            "asker": "self" if person and person.removal_reason not in DEAD else "third_party",
            "identity": "photo",
            "copies": 1,
            "request_key": str(uuid4()),
            "items": [str(item) for item in config.settings("certificate").get("default_items", ())],
        },
    )


async def get_request_view(session: Reader, config: TenantConfig, request_no: int, day: date) -> RequestView:
    """An application, what has to be told of its page, its certificates. Audited. Raises NotFound."""
    row = await _request(session, request_no)
    await refuse_concealed(session, [row["addressee_no"]], "この申請はありません。")
    session.audit(AuditEvent("certificate.view", f"request:{request_no}"))
    issues = [to_issue_row(issue, config.code) for issue in await session.fetch(_OF_REQUEST, request_no)]
    content = await find_content(session, target_in(row), day, place_of(config)) if row["status"] == "draft" else None
    figures = figures_of(config, day)
    exemptions = exemptions_of(figures)
    resolved = figures[CERTIFICATES[Kind(row["kind"])].fee]
    fee = 0 if row["exemption"] else fee_of(figures, Kind(row["kind"])) * row["copies"]
    if row["status"] == "issued":
        fee = sum(issue.fee for issue in issues)
    note = exemptions.get(row["exemption"], row["exemption"]) if row["exemption"] else ""
    if not resolved.is_confirmed and not note:
        note = "要確認: 手数料の額は条例で確かめていません"
    return RequestView(
        request_no=request_no,
        status=row["status"],
        status_chip=_request_chip(row["status"]),
        kind=KIND_LABELS[row["kind"]],
        facts=_facts(row, exemptions, is_hidden=await _is_hidden(session, row)),
        has_preview=content is not None,
        notes=list(notes_of(content)) if content else [],
        fee=fee,
        fee_note=note,
        close_reason=row["close_reason"] or "",
        issues=issues,
        addressee_no=row["addressee_no"],
        name=await _name_of(session, row),
        may_void=session.principal.may("certificate.void"),
    )


async def get_preview(
    session: Reader, config: TenantConfig, sealer: Sealer, request_no: int, day: date
) -> dict[str, Any]:
    """The page of a draft as it would print today, marked 見本 and unsealed. Audited. Raises NotFound when it is no draft."""
    row = await _request(session, request_no)
    content = await find_content(session, target_in(row), day, place_of(config)) if row["status"] == "draft" else None
    if content is None:
        raise NotFound("発行前の申請ではありません。発行した証明書は発行履歴から開いてください。")
    numbers = content["addressee_nos"]
    if not session.principal.may("certificate.override") and await find_certificate_stops(session, numbers, day):
        raise Forbidden("申請の後で交付が停止されました。停止中の交付の権限がある職員に引き継いでください。")
    for number in numbers:
        session.audit(AuditEvent("person.view", f"addressee:{number}", detail={"part": "certificate.preview"}))
    list(notes_of(content))
    audit_numbers(session, content, row["purpose"], "certificate.preview")
    page = certify(
        open_numbers(content, sealer, config.tenant),
        config.settings("certificate"),
        certifier_on(config, day),
        day,
        None,
    )
    return to_page(page, mark="見本", note="発行前の確認用", is_sealed=False)


async def get_log(
    session: Reader,
    code: str,
    since: date,
    until: date,
    kind: str,
    status: str,
    serial: int | None,
    addressee_no: int | None,
) -> IssueLog:
    """The certificates of a period, newest first, and what the till should hold. Audited."""
    detail = {"since": since, "until": until, "serial": serial, "addressee_no": addressee_no}
    session.audit(AuditEvent("certificate.log", detail=detail))
    arguments = (since, until, kind, status, serial, addressee_no, session.principal.may(SEE))
    rows = await session.fetch(_LOG, *arguments)
    return IssueLog(
        since=since,
        until=until,
        kind=kind,
        status=status,
        serial=serial,
        addressee_no=addressee_no,
        kinds=[_choice(one, KIND_LABELS[one]) for one in Kind],
        rows=[to_issue_row(row, code) for row in rows],
        total=await session.fetchval(_COUNT, *arguments),
        totals=await list_totals(session, since, until),
    )


async def list_totals(session: Reader, since: date, until: date) -> list[DayTotal]:
    """The certificates issued and made void in the period, by kind; the last line is the sum."""
    found = {row["kind"]: row for row in await session.fetch(_TOTALS, since, until)}
    lines = [
        DayTotal(
            kind=KIND_LABELS[kind],
            issued=found[kind]["issued"],
            fee=found[kind]["fee"],
            voided=found[kind]["voided"],
            refund=found[kind]["refund"],
            net=found[kind]["fee"] - found[kind]["refund"],
        )
        for kind in Kind
        if kind in found
    ]
    names = ("issued", "fee", "voided", "refund", "net")
    return [*lines, DayTotal(kind="合計", **{name: sum(getattr(line, name) for line in lines) for name in names})]


def target_in(row: Record) -> Target:
    """What a recorded application asks for."""
    return Target(
        kind=Kind(row["kind"]),
        items=frozenset(Item(code) for code in row["items"].split(",") if code),
        addressee_no=row["addressee_no"],
        members=tuple(int(number) for number in row["members"].split(",") if number),
        sheet_from=row["sheet_from"],
        asked_name=row["asked_name"],
        asked_address=row["asked_address"],
    )


def to_issue_row(row: Record, code: str) -> IssueRow:
    """A line of the log; `code` begins its address."""
    is_void = row["status"] == "void"
    return IssueRow(
        serial=row["serial"],
        request_no=row["request_no"],
        kind=KIND_LABELS[row["kind"]],
        status=Chip(label=ISSUE_LABELS[row["status"]], kind="danger" if is_void else "ok"),
        issued_on=row["issued_on"],
        issued_at=row["issued_at"],
        staff=row["staff"],
        persons=row["persons"] or row["asked_name"],
        asker=ASKER_LABELS[row["asker"]],
        asker_name=" ".join(filter(None, (row["asker_body"], row["asker_name"]))),
        fee=row["fee"],
        refund=row["refund"],
        prints=row["prints"],
        printed_at=row["printed_at"] or "",
        replaces=row["replaces"],
        replaced_by=row["replaced_by"],
        void_reason=row["void_reason"] or "",
        href=f"/{code}/certificate/requests/{row['request_no']}",
        is_ended=is_void,
    )


def load_content(content: str) -> dict[str, Any]:
    """A stored content."""
    loaded: dict[str, Any] = json.loads(content)
    return loaded


async def _request(session: Reader, request_no: int) -> Record:
    row = await session.fetchrow(_REQUEST, request_no)
    if row is None:
        raise NotFound("この申請はありません。")
    return row


async def _name_of(session: Reader, row: Record) -> str:
    if row["addressee_no"] is None:
        return str(row["asked_name"])
    snapshot = await take_snapshot(session, [row["addressee_no"]], row["received_at"].astimezone(JAPAN).date())
    sheets: Sequence[Sheet] = snapshot.sheets.get(row["addressee_no"], ())
    return sheets[0].name if sheets else ""


async def _is_hidden(session: Reader, row: Record) -> bool:
    """Whether who asks for themselves or theirs may be living where the reader must not see."""
    numbers = {row["addressee_no"], row["asker_no"]} - {None}
    return any([await is_hidden_from_reader(session, number) for number in sorted(numbers)])


def _facts(row: Record, exemptions: dict[str, str], *, is_hidden: bool) -> list[dict[str, Any]]:
    capacity = CAPACITIES[row["asker"]]
    items = [ITEM_LABELS[item] for item in Item if item in row["items"].split(",")]
    facts = [
        ("記載する事項", "、".join(items) or "基礎証明事項のみ", "text"),
        ("請求者", capacity.label, "text"),
        ("機関名・資格", row["asker_body"], "text"),
        ("氏名", row["asker_name"], "name"),
        ("住所", HIDDEN_TEXT if is_hidden and capacity.is_own else row["asker_address"], "text"),
        ("確かめた書類", capacity.needs_proof if row["has_proof"] else "", "text"),
        ("利用の目的", row["purpose"], "text"),
        ("記載が必要な理由", row["items_reason"], "text"),
        ("本人確認", " ".join(filter(None, (IDENTITIES[row["identity"]], row["identity_note"]))), "text"),
        ("停止中に交付する理由", row["override_reason"], "text"),
        ("手数料の免除", exemptions.get(row["exemption"], row["exemption"]), "text"),
        ("通数", row["copies"], "number"),
        ("受付", row["received_at"].astimezone(JAPAN).date(), "date"),
        ("受付者", row["staff"], "text"),
    ]
    return [{"label": label, "value": value, "kind": kind} for label, value, kind in facts if value]


def _removed_choice(sheet: Sheet) -> Choice:
    words = f"{format_wareki(sheet.valid_from)}消除の除票"
    if not sheet.is_removed:
        words = f"{format_wareki(sheet.valid_to)}の改製による改製原住民票"
    return _choice(sheet.valid_from.isoformat(), words)


def _request_chip(status: str) -> Chip:
    kinds = {"draft": "warn", "issued": "ok", "withdrawn": "neutral"}
    return Chip(label=REQUEST_LABELS[status], kind=kinds[status])


def _person_chip(person: Sheet | None) -> Chip:
    if person is None:
        return Chip(label="")
    if person.is_removed:
        return Chip(label="除票")
    return Chip(label="転出予定", kind="warn") if person.planned_removal_on else Chip(label="住民", kind="ok")


def _choice(value: str, label: str) -> Choice:
    return Choice(value=str(value), label=label)
