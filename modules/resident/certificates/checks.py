"""What is checked of an application, in the order of the screen. Errors stop it; alerts ask."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import (
    Sheet,
    find_certificate_stops,
    list_household_sheets,
    list_namesakes,
    list_sheets,
)
from modules.resident.certificates.contents import UNASSIGNED
from modules.resident.certificates.inputs import Application
from modules.resident.certificates.kinds import CERTIFICATES, ITEM_LABELS, NUMBERS, Item, Kind, items_of
from modules.resident.certificates.rules import CAPACITIES, Ask, Asker, article_of, list_refusals
from modules.resident.certificates.sources import OVERRIDE, Target, is_registered_at
from yoriai.dates import OPEN_END, age_at_end_of, format_wareki
from yoriai.findings import Findings
from yoriai.tenancy.session import Reader

_CAPABLE_AGE = 15
"""Below it a child is usually not trusted to apply alone: the clerk looks (事務処理要領の運用)."""
DEAD = ("death", "disappearance")
"""A 代理権 ends with the death too (民法111条); 失踪宣告 counts as death (民法31条)."""
_STOP_ARTICLE = "住民基本台帳事務処理要領 第5-10"


def target_of(body: Application) -> Target:
    """What the application asks for."""
    return Target(
        kind=body.kind,
        items=items_of(body.kind, body.items),
        addressee_no=None if body.kind is Kind.ABSENCE else body.addressee_no,
        members=tuple(sorted(set(body.members))),
        sheet_from=body.sheet_from,
        asked_name=body.asked_name.strip(),
        asked_address=body.asked_address.strip(),
    )


def check_right(findings: Findings, body: Application) -> None:
    """Whether somebody in this capacity may have this certificate with these items."""
    ask = Ask(
        kind=body.kind,
        asker=body.asker,
        items=items_of(body.kind, body.items),
        has_proof=body.has_proof,
        has_name=bool(body.asker_name.strip() and body.asker_address.strip()),
        has_body=bool(body.asker_body.strip()),
        purpose=body.purpose,
        items_reason=body.items_reason,
    )
    for refusal in list_refusals(ask):
        findings.refuse(refusal.field, refusal.message, refusal.article, rule="right")
    if body.identity == "asked":
        message = "本人確認書類がなく、聞き取りだけで確かめています。聞き取った内容を記録してください。"
        if body.identity_note.strip():
            findings.warn("identity_by_questions", "identity", message, "住基法12条3項")
        else:
            findings.refuse("identity_note", message, "住基法12条3項")


def check_exemption(findings: Findings, body: Application, exemptions: Mapping[str, str]) -> None:
    """An exemption is one of the municipality's."""
    if body.exemption and body.exemption not in exemptions:
        findings.refuse("exemption", "この免除の事由は条例にありません。選択肢の中から選んでください。")


async def check_target(
    session: Reader,
    findings: Findings,
    body: Application,
    content: Mapping[str, Any] | None,
    place: str,
    day: date,
) -> None:
    """Whether there is what is asked for; of a 不在住証明, that there is not."""
    article = CERTIFICATES[body.kind].article
    if body.kind is Kind.ABSENCE:
        for field, label in (("asked_name", "氏名"), ("asked_address", "住所")):
            if not getattr(body, field).strip():
                findings.refuse(field, f"不在を証明する{label}を入力してください。", article)
        is_open = not findings.errors and await _may_be_told(session, findings, body, day)
        if is_open and await is_registered_at(session, body.asked_name, body.asked_address, place):
            message = "この住所にこの氏名の住民票または除票があります。不在住証明書は交付できません。"
            findings.refuse("asked_name", message, article)
    elif body.addressee_no is None:
        findings.refuse("addressee_no", "証明する人の宛名番号を入力してください。", article)
    elif content is None:
        findings.refuse("kind", _NO_SHEET[body.kind], article)


async def _may_be_told(session: Reader, findings: Findings, body: Application, day: date) -> bool:
    """Whether the answer gives nobody away: of a protected person's namesakes it is the same for every address, by the clerk never.

    Else 不在住証明 would answer the question where somebody lives.
    """
    numbers = {sheet.addressee_no for sheet in await list_namesakes(session, body.asked_name)}
    return not await check_stops(session, findings, numbers, day, body.override_reason) or not findings.errors


_NO_SHEET: Mapping[Kind, str] = {
    Kind.HOUSEHOLD: "この人は今の住民ではありません。除票の写しを選んでください。",
    Kind.INDIVIDUAL: "この人は今の住民ではありません。除票の写しを選んでください。",
    Kind.ENTRIES: "この人は今の住民ではありません。除票の写しを選んでください。",
    Kind.REMOVED: "この人に除票も改製原住民票もありません。住民票の写しを選んでください。",
    Kind.DEPARTURE: "この人に転出の予定も転出による除票もありません。先に転出届を登録してください。",
}


async def check_asker(session: Reader, findings: Findings, body: Application, day: date) -> Sheet | None:
    """Who asks, when it is somebody of the register: 本人, or a member of the household on the day."""
    if body.kind is Kind.ABSENCE or body.addressee_no is None:
        return None
    article = article_of(body.kind, body.asker)
    own = next(iter(await list_sheets(session, [body.addressee_no])), None)
    if own and own.removal_reason in DEAD and CAPACITIES[body.asker].is_own:
        message = (
            f"{own.name}さんは亡くなっているため、本人としても代理人としても請求できません。"
            "相続人などは第三者として請求します。"
        )
        findings.refuse("asker", message, "住基法15条の4第3項")
        return None
    if body.asker is Asker.SELF:
        if own and not own.birth_date_unknown and age_at_end_of(day, own.birth_date) < _CAPABLE_AGE:
            message = f"{own.name}さんは{_CAPABLE_AGE}歳未満です。本人が申請の意味を分かっているか確かめてください。"
            findings.warn("young_asker", "asker", message, article)
        return own
    if body.asker is Asker.HOUSEHOLD and own:
        members = await list_household_sheets(session, [own.household_no], day)
        asker = next((member for member in members if member.addressee_no == body.asker_no), None)
        if asker is None:
            findings.refuse(
                "asker_no", "請求者が同じ世帯にいません。世帯の人を選ぶか、請求者の区分を直してください。", article
            )
        return asker
    return None


def check_numbers(findings: Findings, body: Application, content: Mapping[str, Any] | None, *, may_print: bool) -> None:
    """住民票コード and 個人番号: an own permission, never into a proxy's hands, and only where the register has them."""
    items = items_of(body.kind, body.items) & NUMBERS
    if not items:
        return
    if not may_print:
        findings.refuse(
            "items", "住民票コード・個人番号を記載する権限がありません。係長に引き継いでください。", "番号法"
        )
    is_departure = body.kind is Kind.DEPARTURE
    if body.asker is Asker.PROXY and not is_departure:
        message = "代理人には手渡さず、本人の住所へ転送不要の郵便で送ります。郵送の手続きを確かめてください。"
        findings.warn("numbers_by_post", "items", message, "住民基本台帳事務処理要領 第2-4")
    for item in sorted(items) if content else ():
        _check_assigned(findings, item, content or {}, is_must=is_departure)


def _check_assigned(findings: Findings, item: Item, content: Mapping[str, Any], *, is_must: bool) -> None:
    """Of nobody it is an error; where some have none (a newborn child), the clerk is told whose field stays empty.

    `is_must`: the paper has to be made all the same, so it is only told.
    """
    label = ITEM_LABELS[item]
    without = []
    for person in content["persons"]:
        values = {line["label"]: line["value"] for line in person["lines"]}
        if values.get(label) == UNASSIGNED:
            without.append(values["氏名"])
    if len(without) == len(content["persons"]) and not is_must:
        findings.refuse("items", f"{label}が住民基本台帳に登録されていないため、記載できません。")
    elif without:
        names = "、".join(without)
        findings.warn(
            f"unassigned:{item}", "items", f"{names}さんの{label}は未付番です。空欄ではなく未付番と印字します。"
        )


async def check_stops(
    session: Reader,
    findings: Findings,
    addressee_nos: Collection[int],
    day: date,
    override_reason: str,
    field: str = "override_reason",
) -> bool:
    """Whether certificates of one of these persons are stopped, and passed over by somebody who may, with a reason.

    Without that it is an error, and the message names no address.
    """
    stops = await find_certificate_stops(session, sorted(addressee_nos), day)
    if not stops:
        return False
    numbers = "、".join(str(number) for number in sorted(stops))
    until = format_wareki(max(stop.until for stop in stops.values()))
    end = "解除されるまで" if max(stop.until for stop in stops.values()) == OPEN_END else f"{until}の前日まで"
    text = f"宛名番号{numbers}の人の証明書は、支援措置または発行停止により交付できません（{end}）。"
    if not session.principal.may(OVERRIDE):
        message = f"{text}本人からの申し出であっても、停止中の交付の権限がある職員に引き継いでください。"
        findings.refuse(field, message, _STOP_ARTICLE, rule="stopped")
    elif not override_reason.strip():
        message = f"{text}交付する場合は、確かめた内容と理由を入力してください。"
        findings.refuse(field, message, _STOP_ARTICLE, rule="stopped")
    return True


def asker_name_of(body: Application, asker: Sheet | None) -> str:
    """The name to be recorded: the register's for 本人 and 同一世帯, else what was written."""
    if CAPACITIES[body.asker].needs_name or asker is None:
        return body.asker_name.strip()
    return asker.name


def numbers_in(contents: Sequence[Mapping[str, Any]]) -> set[int]:
    """Whose data the contents show."""
    return {number for content in contents for number in content["addressee_nos"]}
