"""Beside the roll: 閲覧, 在外選挙人名簿, 郵便等投票証明書. One function is one transaction."""

from datetime import date, datetime, timedelta

from modules.resident.electoral_roll.batch.plan import base_day, registration_day
from modules.resident.electoral_roll.card_models import ElectoralRegularChange
from modules.resident.electoral_roll.districts import UNASSIGNED, division_on
from modules.resident.electoral_roll.inputs import (
    CertificateInput,
    CertificateReturn,
    InspectionInput,
    OverseasAct,
    OverseasInput,
    Recorded,
    RegularChange,
)
from modules.resident.electoral_roll.judging import figures_of
from modules.resident.electoral_roll.models import (
    ElectoralInspection,
    ElectoralOverseas,
    PostalVotingCertificate,
)
from modules.resident.electoral_roll.service import check_person, lock_person
from modules.resident.electoral_roll.voting import voting_age_day
from yoriai.audit import AuditEvent
from yoriai.calendar import OperatingCalendar
from yoriai.dates import add_months
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.japanese import has_only_kana, to_katakana
from yoriai.numbering import allocate
from yoriai.rules import Use
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

_MONTHS_A_YEAR = 12
_ONE_DAY = timedelta(days=1)
_MONTHS_BETWEEN = 3
"""From one 登録月 to the next."""
_ELECTOR = "SELECT count(*) FROM electoral_entry WHERE addressee_no = $1 AND status <> 'removed'"
_VALID = """
SELECT certificate_no FROM postal_voting_certificate WHERE addressee_no = $1 AND returned_on IS NULL AND expires_on >= $2 LIMIT 1
"""
_IS_MADE = "SELECT count(*) FROM electoral_run WHERE run_key = $1"


async def change_regular(session: WriteSession, body: RegularChange, config: TenantConfig, now: datetime) -> Recorded:
    """登録日の変更 of a 定時登録 to a later day (公職選挙法22条1項ただし書); raises Invalid with every reason against it."""
    findings = Findings()
    article = "公職選挙法22条1項"
    if base_day(body.base_on) != body.base_on:
        findings.refuse("base_on", "登録月 (3・6・9・12月) の1日を入力してください。", article, rule="base_day")
    else:
        usual = registration_day(body.base_on, OperatingCalendar.of(config.section("calendar")))
        if body.registered_on <= usual:
            message = f"通常の登録日 ({usual.isoformat()}) より後の日を入力してください。"
            findings.refuse("registered_on", message, article, rule="order")
        if body.registered_on < now.date():
            findings.refuse("registered_on", "今日より前の日付です。", article, rule="order")
        if body.registered_on >= add_months(body.base_on, _MONTHS_BETWEEN):
            findings.refuse("registered_on", "次の登録月より前の日を入力してください。", article, rule="order")
    if await session.get(ElectoralRegularChange, body.base_on) is not None:
        findings.refuse("base_on", "この登録月の登録日は、すでに変更されています。", article, rule="duplicate")
    if await session.fetchval(_IS_MADE, f"regular:{body.base_on}"):
        findings.refuse("base_on", "この登録月の定時登録は、もう済んでいます。", article, rule="made")
    findings.settle()
    session.add(ElectoralRegularChange(**body.model_dump(), recorded_at=now, staff_id=session.principal.login))
    detail = {"base_on": body.base_on.isoformat(), "registered_on": body.registered_on.isoformat()}
    session.audit(AuditEvent("electoral_roll.regular_change", reason=body.reason, detail=detail))
    await session.flush()
    return Recorded(number=0)


async def record_inspection(
    session: WriteSession, body: InspectionInput, config: TenantConfig, now: datetime
) -> Recorded:
    """閲覧の申出 with its decision; raises Invalid for a district that does not exist."""
    known = division_on(config, now.date()).districts
    findings = Findings()
    for code in body.districts:
        if code not in known:
            findings.refuse("districts", f"投票区{code}はありません。", rule="unknown")
    if body.requested_on > now.date():
        findings.refuse("requested_on", "申出日が今日より後です。", rule="order")
    findings.settle()
    number = await allocate(session, "electoral_inspection")
    session.add(
        ElectoralInspection(
            inspection_no=number,
            requested_on=body.requested_on,
            applicant=body.applicant,
            purpose=body.purpose,
            detail=body.detail,
            districts=",".join(sorted(set(body.districts))),
            status="granted" if body.is_granted else "refused",
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    session.audit(
        AuditEvent("electoral_roll.inspection", detail={"inspection_no": number, "applicant": body.applicant})
    )
    await session.flush()
    return Recorded(number=number)


async def complete_inspection(session: WriteSession, inspection_no: int, shown: int, now: datetime) -> Recorded:
    """Record that the list was shown, and how many persons were on it; raises NotFound or Conflict."""
    inspection = await session.get(ElectoralInspection, inspection_no, with_for_update=True)
    if inspection is None:
        raise NotFound("この閲覧の申出はありません。")
    if inspection.status == "refused":
        raise Conflict("閲覧を認めなかった申出です。")
    inspection.status, inspection.inspected_on, inspection.shown = "done", now.date(), shown
    session.audit(AuditEvent("electoral_roll.inspection_done", detail={"inspection_no": inspection_no, "shown": shown}))
    await session.flush()
    return Recorded(number=inspection_no)


async def register_overseas(
    session: WriteSession, body: OverseasInput, config: TenantConfig, now: datetime
) -> Recorded:
    """在外選挙人名簿への登録; raises Invalid for a minor, wrong days, or somebody who is on the list."""
    findings = Findings()
    if body.addressee_no is not None:
        await check_person(session, findings, body.addressee_no)
        await lock_person(session, body.addressee_no)
        listed = "SELECT count(*) FROM electoral_overseas WHERE addressee_no = $1 AND removed_on IS NULL"
        if await session.fetchval(listed, body.addressee_no):
            findings.refuse("addressee_no", "すでに在外選挙人名簿に登録されています。", rule="duplicate")
    if not has_only_kana(body.name_kana):
        findings.refuse("name_kana", "フリガナはカタカナで入力してください。", rule="kana")
    if voting_age_day(config, body.birth_date, body.registered_on) > body.registered_on:
        findings.refuse("birth_date", "選挙権年齢に達していません。", "公職選挙法30条の4", rule="age")
    if not body.applied_on <= body.registered_on <= now.date():
        findings.refuse("registered_on", "登録日は申請日から今日までの日です。", rule="order")
    findings.settle()
    number = await allocate(session, "electoral_overseas")
    values = body.model_dump() | {
        "overseas_no": number,
        "district_code": _last_district(config, body.last_address, body.registered_on),
        "name_kana": to_katakana(body.name_kana),
    }
    session.add(ElectoralOverseas(**values, recorded_at=now, staff_id=session.principal.login))
    session.audit(AuditEvent("electoral_roll.overseas", _subject(body.addressee_no), detail={"overseas_no": number}))
    await session.flush()
    return Recorded(number=number, addressee_no=body.addressee_no)


def _last_district(config: TenantConfig, address: str, on: date) -> str:
    """The district of the last address, written with 都道府県 and 市区町村 before it, or without."""
    division = division_on(config, on)
    for before in ("", config.full_name, f"{config.prefecture}{config.name}", config.name):
        if address.startswith(before) and (code := division.district_of(address.removeprefix(before))) != UNASSIGNED:
            return code
    return UNASSIGNED


async def act_on_overseas(
    session: WriteSession, overseas_no: int, body: OverseasAct, config: TenantConfig, now: datetime
) -> Recorded:
    """A return sets the day of removal (30条の11), a death or the loss of nationality removes at once."""
    entry = await session.get(ElectoralOverseas, overseas_no, with_for_update=True)
    if entry is None:
        raise NotFound("この登録はありません。")
    if entry.removed_on:
        raise Conflict("すでに抹消されています。")
    if not entry.registered_on <= body.on <= now.date():
        raise Invalid(fields=[FieldError("on", "登録日から今日までの日を入力してください。", rule="order")])
    if body.act == "returned":
        months = Use(figures_of(config, body.on)).count("overseas.months")
        entry.returned_on, entry.remove_on = body.on, _period_end(body.on, months) + _ONE_DAY
    else:
        entry.removed_on, entry.removal_reason = body.on, body.act
    detail = {"overseas_no": overseas_no, "act": body.act}
    session.audit(AuditEvent("electoral_roll.overseas", _subject(entry.addressee_no), detail=detail))
    await session.flush()
    return Recorded(number=overseas_no, addressee_no=entry.addressee_no)


async def issue_certificate(
    session: WriteSession, body: CertificateInput, config: TenantConfig, now: datetime
) -> Recorded:
    """郵便等投票証明書の交付; raises Invalid."""
    findings = Findings()
    await check_person(session, findings, body.addressee_no)
    await lock_person(session, body.addressee_no)
    if not await session.fetchval(_ELECTOR, body.addressee_no):
        message = "選挙人名簿に登録されていない人には交付できません。"
        findings.refuse("addressee_no", message, "公職選挙法施行令59条の3", rule="not_listed")
    if number := await session.fetchval(_VALID, body.addressee_no, body.issued_on):
        message = f"有効な証明書があります (番号 {number})。返還を記録してから交付してください。"
        findings.refuse("addressee_no", message, rule="duplicate")
    if body.issued_on > now.date():
        findings.refuse("issued_on", "交付日が今日より後です。", rule="order")
    if body.basis == "care" and body.expires_on is None:
        message = "要介護5の証明書の有効期限は、被保険者証の認定の有効期間の末日です。"
        findings.refuse("expires_on", message, "公職選挙法施行令59条の3", rule="required")
    if body.is_proxy and not body.proxy_name:
        findings.refuse("proxy_name", "代理記載人を入力してください。", "公職選挙法施行令59条の3の2", rule="required")
    expires_on = body.expires_on or _seven_years(config, body.issued_on)
    if expires_on <= body.issued_on:
        findings.refuse("expires_on", "有効期限が交付日より後ではありません。", rule="order")
    findings.settle()
    number = await allocate(session, "postal_voting_certificate")
    values = body.model_dump() | {"certificate_no": number, "expires_on": expires_on}
    session.add(PostalVotingCertificate(**values, recorded_at=now, staff_id=session.principal.login))
    detail = {"certificate_no": number}
    session.audit(AuditEvent("electoral_roll.certificate", f"addressee:{body.addressee_no}", detail=detail))
    await session.flush()
    return Recorded(number=number, addressee_no=body.addressee_no)


async def return_certificate(session: WriteSession, body: CertificateReturn, now: datetime) -> Recorded:
    """返還; the certificate is no longer asked for votes. Raises NotFound or Invalid."""
    paper = await session.get(PostalVotingCertificate, body.certificate_no, with_for_update=True)
    if paper is None or paper.returned_on:
        raise NotFound("この番号の有効な証明書はありません。")
    if not paper.issued_on <= body.returned_on <= now.date():
        raise Invalid(fields=[FieldError("returned_on", "交付日から今日までの日を入力してください。", rule="order")])
    paper.returned_on = body.returned_on
    detail = {"certificate_no": paper.certificate_no, "act": "return"}
    session.audit(AuditEvent("electoral_roll.certificate", f"addressee:{paper.addressee_no}", detail=detail))
    await session.flush()
    return Recorded(number=paper.certificate_no, addressee_no=paper.addressee_no)


def _subject(addressee_no: int | None) -> str:
    return f"addressee:{addressee_no}" if addressee_no else ""


def _period_end(day: date, months: int) -> date:
    """The last day of so many months after the day, which is not counted (民法140条、143条2項)."""
    first = day + _ONE_DAY
    due = add_months(first, months)
    return due - _ONE_DAY if due.day == first.day else due


def _seven_years(config: TenantConfig, issued_on: date) -> date:
    years = Use(figures_of(config, issued_on)).count("postal_certificate.years")
    return add_months(issued_on, _MONTHS_A_YEAR * years) - _ONE_DAY
