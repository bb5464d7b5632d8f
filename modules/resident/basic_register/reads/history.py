"""異動履歴: movements with their values before and after."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from modules.resident.basic_register.chips import label_of, status_chip
from modules.resident.basic_register.labels import CLASS_LABELS, SEX_LABELS, country_name
from modules.resident.basic_register.protections.masking import HIDDEN_TEXT, Veil, find_veil
from modules.resident.basic_register.reads.form_shapes import RESIDENCE_CLASSES
from modules.resident.basic_register.reads.rows import address_of
from modules.resident.basic_register.reads.shapes import Change, MovementList, MovementRow
from yoriai.clock import JAPAN
from yoriai.dates import format_wareki
from yoriai.tenancy.session import Reader, Record

_FIRST_DAY, _LAST_DAY = date(1868, 1, 1), date(9998, 12, 31)
"""Days beyond these have no moment a clock could show."""
_RECORD = (
    "name, name_kana, kana_confirmed, alias, former_surname, birth_date, sex, nationality, address, building, address_since, "
    "became_resident_on, household_no, relationship_text, registered_domicile, family_register_head, residence_class, "
    "residence_status, residence_period, residence_until, residence_card_no, sheet_no, planned_removal_on, destination, "
    "removed_on, status, removal_reason"
)
_PLACES = ("住所", "本籍", "転出先")
_OF_PEOPLE = """
SELECT DISTINCT movement_no FROM movement_person WHERE addressee_no = ANY($1::bigint[]) ORDER BY movement_no DESC LIMIT 200"""
_PEOPLE_OF_HOUSEHOLD = """
SELECT DISTINCT addressee_no FROM resident_record WHERE household_no = $1 AND superseded_at IS NULL"""
_OF_PERIOD = """
SELECT movement_no FROM movement WHERE processed_at >= $1 AND processed_at < $2 AND reason <> 'conversion'
 ORDER BY movement_no DESC LIMIT 500"""
_MOVEMENTS = """
SELECT m.movement_no, m.reason, m.class, m.event_date, m.notified_on, m.processed_at, m.notifier, m.former_address,
       m.ground, EXISTS (SELECT FROM movement c WHERE c.cancels = m.movement_no) AS is_cancelled,
       coalesce(s.display_name, CASE m.staff_id WHEN 'conversion' THEN '移行' ELSE m.staff_id END) AS staff
  FROM movement m LEFT JOIN staff s ON s.login = m.staff_id
 WHERE m.movement_no = ANY($1::bigint[]) AND ($2 = '' OR m.class = $2) ORDER BY m.movement_no DESC"""
_PARTS = """
SELECT movement_no, addressee_no, before_record_id, after_record_id FROM movement_person
 WHERE movement_no = ANY($1::bigint[]) ORDER BY movement_no, after_record_id"""
# A conversion is one movement of everybody: of it, only the part of those asked for is read.
_PARTS_OF_PEOPLE = """
SELECT movement_no, addressee_no, before_record_id, after_record_id FROM movement_person
 WHERE movement_no = ANY($1::bigint[]) AND addressee_no = ANY($2::bigint[]) ORDER BY movement_no, after_record_id"""
_RECORDS = f"SELECT id, {_RECORD} FROM resident_record WHERE id = ANY($1::bigint[])"  # noqa: S608 – constants only


async def list_of_person(session: Reader, addressee_no: int, base: str, movement_class: str = "") -> list[MovementRow]:
    """The movements of a person, newest first, with what each changed for this person."""
    return await _of_people(session, [addressee_no], base, movement_class)


async def list_of_household(session: Reader, household_no: int, base: str) -> list[MovementRow]:
    """The movements of everybody who lives or lived in a household, newest first."""
    people = [row["addressee_no"] for row in await session.fetch(_PEOPLE_OF_HOUSEHOLD, household_no)]
    return await _of_people(session, people, base)


async def list_of_period(
    session: Reader, since: date, until: date, base: str, movement_class: str = ""
) -> MovementList:
    """The movements processed from one day to another, both included."""
    first = datetime.combine(max(since, _FIRST_DAY), time(), JAPAN)
    end = datetime.combine(min(until, _LAST_DAY) + timedelta(days=1), time(), JAPAN)
    movements = await _complete(session, await session.fetch(_OF_PERIOD, first, end), base, movement_class)
    return MovementList(movements=movements, movement_class=movement_class, since=since, until=until)


async def list_movements(session: Reader, numbers: Sequence[int], base: str) -> list[MovementRow]:
    """These movements, newest first."""
    return await _complete(session, [{"movement_no": number} for number in numbers], base)


async def _of_people(session: Reader, people: Sequence[int], base: str, movement_class: str = "") -> list[MovementRow]:
    return await _complete(session, await session.fetch(_OF_PEOPLE, people), base, movement_class, only=people)


async def _complete(
    session: Reader,
    numbers: Sequence[Record],
    base: str,
    movement_class: str = "",
    only: Sequence[int] | None = None,
) -> list[MovementRow]:
    rows = await session.fetch(_MOVEMENTS, [row["movement_no"] for row in numbers], movement_class)
    movements = [row["movement_no"] for row in rows]
    if only is None:
        parts = await session.fetch(_PARTS, movements)
    else:
        parts = await session.fetch(_PARTS_OF_PEOPLE, movements, only)
    ids = {value for part in parts for value in (part["before_record_id"], part["after_record_id"]) if value}
    records = {row["id"]: row for row in await session.fetch(_RECORDS, sorted(ids))}
    by_movement: dict[int, list[Record]] = {}
    for part in parts:
        by_movement.setdefault(part["movement_no"], []).append(part)
    veil = await find_veil(session, [part["addressee_no"] for part in parts], "history")
    shown = [row for row in rows if not _is_concealed(by_movement.get(row["movement_no"], []), veil)]
    return [_row(row, by_movement.get(row["movement_no"], []), records, base, veil) for row in shown]


def _is_concealed(parts: Sequence[Record], veil: Veil) -> bool:
    return any(part["addressee_no"] in veil.concealed for part in parts)


def _row(row: Record, parts: Sequence[Record], records: Mapping[int, Record], base: str, veil: Veil) -> MovementRow:
    names = [records[part["after_record_id"]]["name"] for part in parts if part["after_record_id"] in records]
    changes = [
        change
        for part in parts
        for change in _veiled(
            changes_between(records.get(part["before_record_id"]), records.get(part["after_record_id"])),
            is_hidden=veil.covers(part["addressee_no"]),
        )
    ]
    hidden = next((part["addressee_no"] for part in parts if veil.covers(part["addressee_no"])), 0)
    shown = [f"{change.label}: {change.before or 'なし'} → {change.after or 'なし'}" for change in changes]
    return MovementRow(
        movement_no=row["movement_no"],
        event_date=row["event_date"],
        notified_on=row["notified_on"],
        processed_on=row["processed_at"].astimezone(JAPAN).date(),
        reason=label_of(row["reason"]) + ("（取消済）" if row["is_cancelled"] else ""),
        ground=row["ground"] or "",
        is_ended=row["is_cancelled"],
        movement_class=row["class"],
        class_label=CLASS_LABELS[row["class"]],
        staff=row["staff"],
        notifier=row["notifier"] or "",
        former_address=veil.text(hidden, row["former_address"]),
        persons=names,
        changes=changes,
        summary="、".join(shown) or "、".join(names),
        href=f"{base}/movements/{row['movement_no']}" if parts and row["reason"] != "conversion" else "",
    )


def changes_between(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """The items that differ between two versions; nothing for the first one."""
    if before is None or after is None:
        return []
    old, new = _values(before), _values(after)
    return [Change(label=label, before=old[label], after=new[label]) for label in new if old[label] != new[label]]


def _veiled(changes: Sequence[Change], *, is_hidden: bool) -> list[Change]:
    """The changes, where somebody lives or lived replaced by the words that it is hidden."""
    if not is_hidden:
        return list(changes)
    return [
        Change(label=change.label, before=HIDDEN_TEXT, after=HIDDEN_TEXT) if change.label in _PLACES else change
        for change in changes
    ]


def _values(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "氏名": row["name"],
        "フリガナ": row["name_kana"],
        "フリガナの確認": "済" if row["kana_confirmed"] else "",
        "通称": row["alias"] or "",
        "旧氏": row["former_surname"] or "",
        "生年月日": format_wareki(row["birth_date"]),
        "性別": SEX_LABELS[row["sex"]],
        "国籍・地域": country_name(row["nationality"]),
        "住所": address_of(row),
        "住所を定めた日": format_wareki(row["address_since"]),
        "住民となった日": format_wareki(row["became_resident_on"]),
        "世帯番号": str(row["household_no"]),
        "続柄": row["relationship_text"],
        "本籍": row["registered_domicile"] or "",
        "筆頭者": row["family_register_head"] or "",
        "30条の45の区分": RESIDENCE_CLASSES.get(row["residence_class"] or "", ""),
        "在留資格": row["residence_status"] or "",
        "在留期間": row["residence_period"] or "",
        "在留期間の満了の日": _day(row["residence_until"]),
        "在留カード等の番号": row["residence_card_no"] or "",
        "住民票": f"{row['sheet_no']}枚目",
        "転出予定日": _day(row["planned_removal_on"]),
        "転出先": row["destination"] or "",
        "消除の日": _day(row["removed_on"]),
        "状態": status_chip(row).label,
    }


def _day(day: date | None) -> str:
    return format_wareki(day) if day else ""
