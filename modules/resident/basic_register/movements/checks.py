"""The guards of all movements. Each notes what it finds; none writes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from modules.resident.basic_register.labels import HEAD, NATIONALITY_JAPAN, is_relationship
from modules.resident.basic_register.models import ResidentRecord
from modules.resident.basic_register.movements.ahead import MAY_BE_PLANNED, why_not_ahead
from modules.resident.basic_register.movements.change_inputs import PersonItems
from modules.resident.basic_register.movements.deadline import deadline_of
from modules.resident.basic_register.movements.inputs import AddressInput, ForeignItems, MovementInput, Staying
from modules.resident.basic_register.movements.present import PresentHousehold, status_of
from modules.resident.basic_register.movements.transitions import TRANSITIONS, Reason, Transition, parameters, refusal
from yoriai.dates import format_wareki
from yoriai.findings import Findings
from yoriai.japanese import has_only_kana, has_only_name_chars
from yoriai.rules.parameters import Moment, resolve

_OLDEST = 130
"""No one has lived longer than this many years; an earlier birth is a slip of the pen."""


def check_dates(findings: Findings, body: MovementInput, reason: Reason, today: date) -> None:
    """Order of the dates, and the notice period of the law."""
    transition = TRANSITIONS[reason]
    if transition.is_ex_officio and not body.ground:
        message = f"{transition.label}の根拠（調査・通知・裁判など）を入力してください。"
        findings.refuse("ground", message, transition.article)
    if body.notified_on > today:
        findings.refuse("notified_on", "届出日が未来の日付です。今日以前の日付を入力してください。")
    if transition.is_plan:
        return
    if body.event_date > today:
        findings.refuse("event_date", *why_not_ahead(reason))
    elif body.notified_on < body.event_date and not (transition.is_announced_before or reason in MAY_BE_PLANNED):
        message = f"届出日が{transition.label}の日より前です。{transition.label}の後に届け出るものです。"
        findings.refuse("notified_on", message, transition.article)
    elif transition.notice and body.movement_class == "notified":
        _check_notice(findings, body, transition)


def check_present_names(findings: Findings, record: ResidentRecord, items: PersonItems, place: str) -> None:
    """The name and フリガナ as they read after a change: one of them alone may be new."""
    if items.name or items.name_kana:
        check_names(findings, items.name or record.name, items.name_kana or record.name_kana, place)


def check_foreign_items(
    findings: Findings, nationality: str, items: ForeignItems, event_date: date, place: str
) -> None:
    """Foreign residents have them (住基法30条の45) and nobody else; a period of stay ends after it began."""
    given = [name for name in ForeignItems.model_fields if getattr(items, name) is not None]
    if nationality == NATIONALITY_JAPAN and given:
        message = f"日本の国籍の人には{ForeignItems.model_fields[given[0]].title}を記載しません。"
        findings.refuse(f"{place}{given[0]}", message, "住基法30条の45")
    if items.residence_until is not None and items.residence_until < event_date:
        findings.refuse(f"{place}residence_until", "在留期間の満了の日が異動日より前です。", "住基法30条の45")


def _check_notice(findings: Findings, body: MovementInput, transition: Transition) -> None:
    """A late notice is accepted, but the clerk has to have seen that it is late (過料, 住基法52条2項)."""
    key, figures = transition.notice, resolve(parameters(), Moment(body.event_date))
    if key not in figures:
        return
    days = figures[key].value
    if not isinstance(days, int):
        return
    last = deadline_of(body.event_date, days, counts_first_day=transition.counts_first_day)
    if body.notified_on > last:
        message = f"届出期間（{days}日以内）を過ぎています。期限は{format_wareki(last)}でした。届出が遅れた理由を確かめてください。"
        findings.warn_at("late_notice", "notified_on", message, figures[key].article)


def check_states(findings: Findings, reason: Reason, records: Iterable[tuple[str, ResidentRecord]]) -> None:
    """Whether the table of transitions lets each person make the movement. `records` come with their field."""
    for place, record in records:
        if problem := refusal(reason, status_of(record)):
            message = f"{record.name}さんは{problem}"
            findings.refuse(place, message, TRANSITIONS[reason].article, rule="transition")


def check_order(findings: Findings, event_date: date, records: Iterable[ResidentRecord]) -> None:
    """A movement may not lie before the person's last one, nor before the birth."""
    for record in records:
        if event_date < record.birth_date and not record.birth_date_unknown:
            findings.refuse(
                "event_date", f"{record.name}さんの生年月日（{format_wareki(record.birth_date)}）より前の日付です。"
            )
        elif event_date < record.valid_from:
            since = format_wareki(record.valid_from)
            findings.refuse("event_date", f"{record.name}さんの直前の異動の日（{since}）より前の日付です。")


def check_names(findings: Findings, name: str, kana: str, place: str = "") -> None:
    """Kanji in the name, kana in the フリガナ, and as many parts in the one as in the other."""
    if not has_only_name_chars(name):
        findings.refuse(f"{place}name", "氏名に使えない文字があります。漢字・かな・英字で入力してください。")
    if not has_only_kana(kana):
        findings.refuse(f"{place}name_kana", "フリガナはカタカナで入力してください。", "住基法7条1号の2")
    elif len(name.split()) != len(kana.split()) and has_only_name_chars(name):
        findings.refuse(f"{place}name_kana", "氏名とフリガナで、姓と名の区切り（空白）の数が合いません。")


def check_birth(findings: Findings, birth_date: date, event_date: date, place: str) -> None:
    """The birth comes before the movement and is not absurdly long ago."""
    if birth_date > event_date:
        findings.refuse(place, "生年月日が異動日より後です。")
    elif birth_date.year < event_date.year - _OLDEST:
        findings.refuse(place, f"生年月日が{_OLDEST}年以上前です。元号を確かめてください。")


def check_relationship(findings: Findings, code: str, place: str) -> None:
    """The code is one the register knows."""
    if not is_relationship(code):
        findings.refuse(place, "続柄の組み合わせが正しくありません。")


def check_heads(findings: Findings, codes: Sequence[str], place: str) -> None:
    """A household has exactly one head."""
    heads = codes.count(HEAD)
    if heads == 0:
        findings.refuse(place, "世帯主がいません。世帯主を1人決めてください。", "住基法7条4号")
    elif heads > 1:
        findings.refuse(place, f"世帯主が{heads}人います。1人にしてください。", "住基法7条4号")


class Listed(Protocol):
    """Somebody a form lists, chosen or not."""

    addressee_no: int
    is_chosen: bool


def choose(members: Sequence[Listed]) -> dict[str, int]:
    """The numbers of those chosen, by their field."""
    return {f"members.{index}.addressee_no": m.addressee_no for index, m in enumerate(members) if m.is_chosen}


def check_members(findings: Findings, household: PresentHousehold, chosen: Mapping[str, int]) -> None:
    """Somebody is chosen; everybody chosen lives in the household and is named once."""
    if not chosen:
        findings.refuse("members", "対象の人を1人以上選んでください。")
    numbers = list(chosen.values())
    for index, (place, number) in enumerate(chosen.items()):
        if number not in household.members:
            findings.refuse(place, f"宛名番号{number}の人はこの世帯にいません。")
        elif number in numbers[:index]:
            findings.refuse(place, "同じ人が2度選ばれています。")


def check_staying(
    findings: Findings, household: PresentHousehold, leaving: Sequence[int], staying: Sequence[Staying]
) -> None:
    """When the head leaves, everybody who stays gets a new 続柄, one of them as the next head."""
    remaining = {record.addressee_no: record for record in household.others(leaving)}
    named = {person.addressee_no: person.relationship for person in staying if person.relationship}
    for index, person in enumerate(staying):
        if person.relationship is not None:
            place = f"staying.{index}.relationship"
            check_relationship(findings, person.relationship, place)
            if person.addressee_no not in remaining:
                findings.refuse(place, "この人は残らないので、新しい続柄は要りません。")
    loses_head = household.head is not None and household.head.addressee_no in leaving
    if not remaining or not (named or loses_head):
        return
    for number, record in remaining.items():
        if loses_head and number not in named:
            findings.refuse("staying", f"世帯主が抜けるため、{record.name}さんの新しい続柄が必要です。", "住基法25条")
    if loses_head and len(named) < len(remaining):
        return
    after = {number: named.get(number, record.relationship) for number, record in remaining.items()}
    check_heads(findings, list(after.values()), "staying")


def check_address(findings: Findings, address: AddressInput | None, *, is_known: bool) -> None:
    """An address is given and its 町字 exists here."""
    if address is None:
        findings.refuse("address.town_code", "新しい住所を入力してください。")
    elif not is_known:
        findings.refuse("address.town_code", "この町字はありません。一覧から選んでください。")
