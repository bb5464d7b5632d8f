"""What is checked before a seal is registered. Errors stop, alerts are confirmed by the clerk; all come at once."""

from dataclasses import dataclass
from datetime import date, timedelta

from modules.resident.basic_register.facts import Names, Resident, find_names, find_resident, list_protections
from modules.resident.seal_registration.imaging import Impression
from modules.resident.seal_registration.inputs import Application
from modules.resident.seal_registration.models import MATERIALS
from modules.resident.seal_registration.rules import PersonNames, TextKind, may_register_from, size_fault, text_kind
from yoriai.dates import format_wareki
from yoriai.findings import Findings
from yoriai.rules import ParameterSet, Use
from yoriai.tenancy.session import Reader

_MODEL = "印鑑登録証明事務処理要領"
_ALIKE_CELLS = 14
"""Of 256 cells that may differ between two stamps of one seal."""
_OPEN_OF_PERSON = """
SELECT registration_no, status, valid_from FROM seal_registration_state
 WHERE addressee_no = $1 AND superseded_at IS NULL AND valid_to = '9999-12-31'
   AND status IN ('inquiring', 'active', 'suspended')
"""
_SAME_IMAGE = """
SELECT registration_no, addressee_no FROM seal_registration_state
 WHERE image_digest = $1 AND addressee_no <> $2 AND superseded_at IS NULL AND valid_to = '9999-12-31'
   AND status IN ('inquiring', 'active', 'suspended')
"""
_ALIKE = """
SELECT s.registration_no FROM seal_registration_state s JOIN seal_image i ON i.registration_no = s.registration_no
 WHERE s.addressee_no <> $2 AND s.superseded_at IS NULL AND s.valid_to = '9999-12-31'
   AND s.status IN ('inquiring', 'active', 'suspended') AND s.image_digest <> $5
   AND bit_count(i.likeness::bit(256) # $1::text::bit(256)) <= $3
   AND ($4::bigint IS NULL OR s.addressee_no IN (SELECT addressee_no FROM fact_resident WHERE household_no = $4))
 ORDER BY s.registration_no LIMIT 5
"""
_GUARANTOR = """
SELECT addressee_no, status FROM seal_registration_state
 WHERE registration_no = $1 AND superseded_at IS NULL AND valid_to = '9999-12-31'
"""
_WARD = "SELECT count(*) FROM seal_guardianship WHERE addressee_no = $1 AND ended_on IS NULL"


@dataclass(frozen=True)
class Checked:
    """Who registers, which name the seal shows, and the registration it takes the place of (改印)."""

    resident: Resident
    names: Names
    text_kind: TextKind
    replaced_no: int | None


async def check_application(
    session: Reader, body: Application, impression: Impression | None, figures: ParameterSet, today: date,
    findings: Findings,
) -> Checked | None:  # fmt: skip
    """All that stands against the registration, noted in `findings`; None when somebody or something is not known at all."""
    use = Use(figures)
    if body.applied_on > today:
        findings.refuse("applied_on", "申請日が今日より後です。", rule="order")
    resident = await find_resident(session, body.addressee_no)
    names = await find_names(session, body.addressee_no)
    if resident is None or names is None:
        message = "この宛名番号の住民はいません。印鑑登録は住民基本台帳に記録されている人に限ります。"
        findings.refuse("addressee_no", message, f"{_MODEL} 第2-1", rule="not_resident")
        return None
    _check_person(findings, resident, names, use, body.applied_on)
    await _check_capacity(session, findings, body)
    _check_seal(findings, body, impression, use)
    kind = _check_text(findings, body.seal_text, names, use)
    await _check_identity(session, findings, body, use)
    replaced = await _check_open(session, findings, body)
    if impression is not None:
        await _check_others(session, findings, body, impression, resident, use)
    return Checked(resident, names, kind, replaced) if kind else None


def person_names(names: Names) -> PersonNames:
    """The register's names as the rules take them."""
    return PersonNames(
        names.name, names.alias, names.former_surname, names.name_kana, allows_kana=names.nationality != "JPN"
    )


async def is_ward(session: Reader, addressee_no: int, on: date) -> bool:
    """Whether a 後見開始の通知 stands for the person, here or noted in the register (成年後見)."""
    if await session.fetchval(_WARD, addressee_no):
        return True
    return any(item.kind == "guardianship" for item in await list_protections(session, addressee_no, on))


def _check_person(findings: Findings, resident: Resident, names: Names, use: Use, on: date) -> None:
    age = use.count("age.minimum")
    first = may_register_from(resident.birth_date, age)
    # The age is attained at the end of the eve, so the eve itself still is too early at a counter.
    if on < first:
        message = f"満{age}歳になるまで登録できません（{format_wareki(first)}から）。"
        findings.refuse("addressee_no", message, f"{_MODEL} 第2-1・年齢計算ニ関スル法律", rule="age")
    planned = names.planned_removal_on
    if planned is not None and on >= planned:
        message = f"転出予定日（{format_wareki(planned)}）になったため登録できません。"
        findings.refuse("addressee_no", message, f"{_MODEL} 第4", rule="leaving")
    elif planned is not None:
        message = f"転出予定の人です。登録は{format_wareki(planned - timedelta(days=1))}まで有効です。"
        findings.warn("leaving", "addressee_no", message)


async def _check_capacity(session: Reader, findings: Findings, body: Application) -> None:
    if not await is_ward(session, body.addressee_no, body.applied_on):
        return
    article = f"{_MODEL} 第2-1（令和元年改正）"
    if body.applicant == "agent":
        message = "成年被後見人は、本人が法定代理人とともに窓口に来た場合に限り登録できます。"
        findings.refuse("applicant", message, article, rule="ward")
    elif not body.representative_name:
        message = "成年被後見人です。同行した法定代理人の氏名を入力してください。"
        findings.refuse("representative_name", message, article, rule="ward")
    else:
        message = "成年被後見人です。本人の意思能力と法定代理人の同行を確かめましたか。"
        findings.warn("ward", "addressee_no", message, article)


def _check_seal(findings: Findings, body: Application, impression: Impression | None, use: Use) -> None:
    article = f"{_MODEL} 第2-3"
    if body.material in use.texts("material.refused"):
        message = f"{MATERIALS[body.material]}は変形しやすいため登録できません。"
        findings.refuse("material", message, article, rule="material")
    if impression is None:
        return
    minimum, maximum = use.count("size.minimum_mm"), use.count("size.maximum_mm")
    if fault := size_fault(impression.width, impression.height, minimum, maximum):
        measured = f"読取り {impression.width // 10 / 10:.1f}×{impression.height // 10 / 10:.1f}mm"
        findings.refuse("image", f"{fault.message}{measured}。", article, rule=fault.rule)
    if not impression.has_rim:
        findings.warn(
            "rim", "image", "印影の外枠が欠けているか、ないように見えます。鮮明に押し直す必要はありませんか。", article
        )


def _check_text(findings: Findings, seal_text: str, names: Names, use: Use) -> TextKind | None:
    kind = text_kind(seal_text, person_names(names), use.texts("text.suffixes"))
    if kind is None:
        known = "、".join(text for text in (names.name, names.former_surname, names.alias) if text)
        message = f"印影の文字が住民票の氏名・旧氏・通称（{known}）と合いません。"
        findings.refuse("seal_text", message, f"{_MODEL} 第2-3", rule="name")
    return kind


async def _check_identity(session: Reader, findings: Findings, body: Application, use: Use) -> None:
    article = f"{_MODEL} 第2-4"
    if body.applicant == "agent":
        if not body.agent_name:
            findings.refuse("agent_name", "代理人の氏名を入力してください。", rule="required")
        if body.identity_kind != "inquiry":
            message = "代理人による申請は、照会書によって本人の意思を確かめます。"
            findings.refuse("identity_kind", message, article, rule="agent")
    if body.identity_kind == "photo_document" and not body.identity_document.strip():
        findings.refuse(
            "identity_document", "確認した写真付き証明書の名称を入力してください。", article, rule="required"
        )
    if body.identity_kind == "guarantor":
        await _check_guarantor(session, findings, body, article, is_allowed=use.flag("guarantor.allowed"))


async def _check_guarantor(
    session: Reader, findings: Findings, body: Application, article: str, *, is_allowed: bool
) -> None:
    if not is_allowed:
        findings.refuse("identity_kind", "この市町村では保証人による本人確認を行いません。", article, rule="guarantor")
    if body.guarantor_no is None:
        findings.refuse("guarantor_no", "保証人の登録番号を入力してください。", article, rule="required")
        return
    row = await session.fetchrow(_GUARANTOR, body.guarantor_no)
    if row is None or row["status"] != "active":
        findings.refuse("guarantor_no", "保証人の印鑑登録が有効ではありません。", article, rule="guarantor")
    elif row["addressee_no"] == body.addressee_no:
        findings.refuse("guarantor_no", "本人は保証人になれません。", article, rule="guarantor")


async def _check_open(session: Reader, findings: Findings, body: Application) -> int | None:
    row = await session.fetchrow(_OPEN_OF_PERSON, body.addressee_no)
    if row is None:
        return None
    number: int = row["registration_no"]
    if row["status"] == "inquiring":
        message = f"照会中の申請があります（登録番号 {number}）。先に回答を受けるか、取り下げてください。"
        findings.refuse("addressee_no", message, rule="duplicate")
    elif not body.replaces:
        message = (
            f"すでに登録があります（登録番号 {number}）。一人一個に限ります。改印の場合は「改印」に印を付けてください。"
        )
        findings.refuse("addressee_no", message, f"{_MODEL} 第2-2", rule="duplicate")
    elif body.identity_kind == "inquiry":
        message = "照会による改印は、先にいまの登録を廃止してから受け付けてください。"
        findings.refuse("replaces", message, rule="order")
    elif body.applied_on < row["valid_from"]:
        message = f"いまの登録の状態になった日（{format_wareki(row['valid_from'])}）より前の申請日です。"
        findings.refuse("applied_on", message, rule="order")
    return number


async def _check_others(
    session: Reader, findings: Findings, body: Application, impression: Impression, resident: Resident, use: Use
) -> None:
    article = f"{_MODEL} 第2-3"
    if row := await session.fetchrow(_SAME_IMAGE, impression.digest, body.addressee_no):
        message = f"同じ印影がほかの人の印鑑として登録されています（登録番号 {row['registration_no']}）。"
        findings.refuse("image", message, article, rule="taken")
        return
    household = resident.household_no if use.text("duplicate.scope") == "household" else None
    alike = await session.fetch(
        _ALIKE, impression.likeness, body.addressee_no, _ALIKE_CELLS, household, impression.digest
    )
    if alike:
        numbers = "、".join(str(row["registration_no"]) for row in alike)
        message = f"よく似た印影がほかの人に登録されています（登録番号 {numbers}）。同じ印鑑でないか見比べましたか。"
        findings.warn("alike", "image", message, article)
