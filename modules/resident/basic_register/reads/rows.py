"""Rows of `resident_record` as the answers' shapes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from modules.resident.basic_register.chips import Chip, label_of, status_chip
from modules.resident.basic_register.labels import HEAD, NATIONALITY_JAPAN, SEX_LABELS, country_name
from modules.resident.basic_register.movements.transitions import Status
from modules.resident.basic_register.protections.masking import Veil
from modules.resident.basic_register.reads.form_shapes import RESIDENCE_CLASSES
from modules.resident.basic_register.reads.shapes import Attention, Member, PersonCard, Version
from yoriai.dates import OPEN_END, age_at_end_of, format_wareki

Row = Mapping[str, Any]
OPEN = Veil()
"""Nothing is hidden."""


def to_card(row: Row, as_of: date, base: str, veil: Veil = OPEN) -> PersonCard:
    """The head of the person's page; `base` is the address of the business."""
    birth = birth_of(row)
    return PersonCard(
        addressee_no=row["addressee_no"],
        household_no=row["household_no"],
        household_version=row["household_version"],
        version=row["version"],
        name=row["name"],
        kana=row["name_kana"],
        alias=row["alias"],
        former_surname=row["former_surname"],
        birth_date=birth,
        age=_age(row, birth, as_of),
        sex=SEX_LABELS[row["sex"]],
        address=None if veil.covers(row["addressee_no"]) else address_of(row),
        status=status_chip(row),
        status_code=row["status"],
        href=f"{base}/persons/{row['addressee_no']}",
    )


def to_member(row: Row, as_of: date, base: str, of: int | None = None, veil: Veil = OPEN) -> Member:
    """A line of the household's table; `of` is the person whose page it stands on."""
    birth = birth_of(row)
    return Member(
        addressee_no=row["addressee_no"],
        name=row["name"],
        kana=row["name_kana"],
        relationship=row["relationship_text"],
        relationship_code=row["relationship"],
        birth_date=birth,
        age=_age(row, birth, as_of),
        sex=SEX_LABELS[row["sex"]],
        became_resident_on=row["became_resident_on"],
        status=status_chip(row),
        status_code=row["status"],
        href=f"{base}/persons/{row['addressee_no']}",
        badges=[Chip(label="支援措置", kind="danger")] if veil.covers(row["addressee_no"]) else [],
        is_current=row["addressee_no"] == of,
        is_ended=row["status"] == Status.REMOVED,
        is_foreign=row["nationality"] != NATIONALITY_JAPAN,
    )


def to_version(row: Row, veil: Veil = OPEN) -> Version:
    """A line of the history."""
    return Version(
        valid_from=row["valid_from"],
        valid_to=None if row["valid_to"] == OPEN_END else row["valid_to"],
        name=row["name"],
        address=veil.text(row["addressee_no"], address_of(row)),
        household_no=row["household_no"],
        relationship=row["relationship_text"],
        status=status_chip(row).label,
        recorded_at=row["recorded_at"],
        movement_no=row["movement_no"],
    )


def birth_of(row: Row) -> date | None:
    """The day of birth, or None when it is 不詳."""
    return None if row["birth_date_unknown"] else row["birth_date"]


def address_of(row: Row) -> str:
    """住所 and 方書 in one line."""
    return " ".join(filter(None, (row["address"], row["building"])))


def to_items(row: Row, veil: Veil = OPEN) -> list[dict[str, Any]]:
    """The further items of the 住民票, as the template macro `facts` takes them."""

    def shown(name: str) -> str:
        """An item that says where the person lives or lived; 本籍 is often there."""
        return veil.text(row["addressee_no"], row[name])

    items = [
        ("続柄", row["relationship_text"], "text"),
        ("住民となった日", row["became_resident_on"], "date"),
        ("住所を定めた日", row["address_since"], "date"),
        ("転入前住所", shown("previous_address"), "text"),
        ("本籍", shown("registered_domicile"), "text"),
        ("筆頭者", row["family_register_head"], "name"),
        ("フリガナ", "" if row["kana_confirmed"] else "本人に未確認", "text"),
        ("国籍・地域", "" if row["nationality"] == "JPN" else country_name(row["nationality"]), "text"),
        ("30条の45の区分", RESIDENCE_CLASSES.get(row["residence_class"] or ""), "text"),
        ("在留資格", row["residence_status"], "text"),
        ("在留期間", row["residence_period"], "text"),
        ("在留期間の満了の日", row["residence_until"], "date"),
        ("在留カード等の番号", row["residence_card_no"], "code"),
        ("外国人住民となった日", row["foreign_resident_since"], "date"),
        ("改製", f"{row['sheet_no'] - 1}回" if row["sheet_no"] > 1 else "", "text"),
        ("転出先", shown("destination"), "text"),
    ]
    return [{"label": label, "value": value, "kind": kind} for label, value, kind in items if value]


def to_attention(row: Row, has_head: bool, base: str, as_of: date, veil: Veil = OPEN) -> list[Attention]:
    """What needs attention, the gravest first."""
    found = []
    if row["status"] == Status.REMOVED:
        text = f"{format_wareki(row['removed_on'])}に{label_of(row['removal_reason'] or '消除')}により消除されました。"
        found.append(Attention(kind="error", title="除票です", text=text))
    elif not has_head:
        found.append(
            Attention(kind="error", title="世帯主がいない世帯です", text="世帯主変更の届出が必要です（住基法25条）。")
        )
    if row["status"] == Status.MOVE_OUT_PLANNED:
        destination = veil.text(row["addressee_no"], row["destination"]) or "市区町村外"
        text = f"{format_wareki(row['planned_removal_on'])}に{destination}へ転出する予定です。"
        href = f"{base}/households/{row['household_no']}/move-out"
        found.append(Attention(kind="alert", title="転出予定です", text=text, href=href, link_label="転出を確定する"))
    if row["residence_until"] is not None and row["residence_until"] < as_of and row["status"] != Status.REMOVED:
        text = f"在留期間の満了の日は{format_wareki(row['residence_until'])}です。在留カードを確かめてください。"
        found.append(Attention(kind="alert", title="在留期間が過ぎています", text=text))
    if row["birth_date_unknown"]:
        found.append(Attention(kind="info", title="生年月日が不詳です"))
    return found


def is_head(row: Row) -> bool:
    """Whether the row is of a head who lives here."""
    return bool(row["relationship"] == HEAD and row["status"] != Status.REMOVED)


def _age(row: Row, birth: date | None, as_of: date) -> int | None:
    """The age today, or at the end for who was removed."""
    return age_at_end_of(row["removed_on"] or as_of, birth) if birth else None
