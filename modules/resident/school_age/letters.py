"""What a letter says, as data: the same words on the screen, in JSON and on paper, kept as they went out."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from modules.resident.non_resident.facts import Diverted
from modules.resident.school_age.codes import NOTICES
from modules.resident.school_age.grades import grade_label
from modules.resident.school_age.roll import entry_day, printed_name
from modules.resident.school_age.settings import SchoolSettings
from yoriai.dates import format_wareki

_ARTICLES = {
    "enrolment": "学校教育法施行令5条1項",
    "transfer": "学校教育法施行令6条",
    "health_check": "学校保健安全法11条",
    "attendance": "学校教育法施行令21条",
    "consultation": "学校教育法施行令9条2項",
    "guidance": "",
}
_BODIES = {
    "enrolment": "お子さんの入学する学校と入学期日を次のとおり指定しましたので、通知します。",
    "transfer": "お子さんの転入学する学校と期日を次のとおり指定しましたので、通知します。",
    "health_check": "入学に先立ち健康診断を行います。次のお子さんに受けさせてください。",
    "attendance": "次のお子さんが正当な理由なく出席していないため、速やかに出席させるよう督促します。",
    "guidance": "外国籍のお子さんも、希望すれば小学校・中学校に入学できます。希望の有無をお知らせください。",
}


_LABELS = {
    "enrolment": {"school": "入学する学校", "day": "入学期日"},
    "transfer": {"school": "転入学する学校", "day": "転入学の期日"},
    "health_check": {"school": "入学予定の学校"},
    "attendance": {"school": "学校"},
}
"""What a letter tells of the school and of a day; a day without a label is not told: of a health check it would be misread."""


def letter(
    kind: str,
    row: Mapping[str, Any],
    settings: SchoolSettings,
    *,
    issued_on: date,
    is_protected: bool,
    diverted: Mapping[int, Diverted],
) -> dict[str, Any]:
    """The content of a letter to the guardian of a row of `roll.CHILDREN`.

    Of a protected child it carries no address: that is filled in when somebody prints it who may see it (`printing.get_letter`).
    """
    board: Mapping[str, Any] = settings.document.get("board", {})
    day = max(entry_day(row["entry_year"]), row["valid_from"] or entry_day(row["entry_year"]))
    return {
        "kind": kind,
        "title": NOTICES[kind],
        "article": _ARTICLES[kind],
        "issued_on": format_wareki(issued_on),
        "addressee_no": row["addressee_no"],
        "to": _to(row, {} if is_protected else diverted),
        "undelivered": undelivered(row, diverted),
        "child": {"name": printed_name(row), "birth_date": format_wareki(row["birth_date"])},
        "school": row["school_name"] if row["kind"] == "municipal" else "",
        "grade": grade_label(row["grade"] or 1, day) if kind in ("transfer", "attendance") else "",
        "day": format_wareki(day) if "day" in _LABELS.get(kind, {}) else "",
        "labels": _LABELS.get(kind, {}),
        "when": _health_check_of(row, settings) if kind == "health_check" else "",
        "body": _BODIES[kind],
        "extra": settings.document.get("notice_texts", {}).get(kind, ""),
        "board": {"name": board.get("name", ""), "head": board.get("head", ""), "contact": board.get("contact", "")},
        "is_protected": is_protected,
    }


def _health_check_of(row: Mapping[str, Any], settings: SchoolSettings) -> str:
    school = settings.schools.get(row["school_code"] or "")
    return school.health_check if school else ""


def undelivered(row: Mapping[str, Any], diverted: Mapping[int, Diverted]) -> str:
    """The open 返戻 and 公示送達 of the guardian and the child; empty for none."""
    numbers = dict.fromkeys(number for number in (row["guardian_no"], row["addressee_no"]) if number)
    return "、".join(diverted[number].told for number in numbers if number in diverted and diverted[number].told)


def _to(row: Mapping[str, Any], diverted: Mapping[int, Diverted]) -> dict[str, Any]:
    """Who gets the letter: the guardian at home, or where 宛名 says that the guardian's letters go.

    `is_home`: the address is here and does not name the municipality.
    """
    name = row["guardian_name"] or printed_name(row) + " の保護者"
    sent = diverted.get(row["guardian_no"] or row["addressee_no"])
    if sent and sent.is_sent_elsewhere:
        principal = f"{name} 様の{sent.role}" if sent.principal else ""
        place = {"postcode": sent.postcode, "address": sent.address, "building": sent.building}
        return {"name": sent.name if sent.principal else name, **place, "principal": principal, "is_home": sent.is_home}
    return {
        "name": name,
        "postcode": row["guardian_postcode"] or row["postcode"] or "",
        "address": row["guardian_place"] or row["mail_address"] or "",
        "building": row["guardian_place_building"] or row["mail_building"] or "",
        "principal": "",
        "is_home": True,
    }


def consultation(case: Mapping[str, Any], settings: SchoolSettings, *, place: str, issued_on: date) -> dict[str, Any]:
    """The letter by which one board of education asks another about a child of 区域外就学.

    `place` is what an address here begins with: the other board is not of this municipality.
    """
    board: Mapping[str, Any] = settings.document.get("board", {})
    coming = case["kind"] == "out_of_area_in"
    asked = "受け入れること" if coming else "就学させること"
    return {
        "kind": "consultation",
        "title": NOTICES["consultation"],
        "article": _ARTICLES["consultation"],
        "issued_on": format_wareki(issued_on),
        "to": {"name": case["other_board"], "postcode": "", "address": "", "building": ""},
        "child": {"name": case["child_name"], "birth_date": format_wareki(case["birth_date"])},
        "address": case["child_address"] if coming else f"{place}{case['child_address']}",
        "guardian": case["guardian_name"],
        "school": case["school_name"],
        "period": f"{format_wareki(case['valid_from'])}から{format_wareki(case['valid_to'])}まで",
        "reason": case["reason"],
        "body": f"次の児童生徒を{case['school_name']}に{asked}について、協議します。",
        "extra": "",
        "board": {"name": board.get("name", ""), "head": board.get("head", ""), "contact": board.get("contact", "")},
        "is_protected": False,
    }
