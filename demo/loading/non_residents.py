"""Owners and companies that are not on the register, one for every fifty residents; some with an agent or returned mail."""

from datetime import date
from typing import Any

import polars as pl

from demo.loading.numbers import set_counter
from modules.resident.non_resident.codes import ALL
from yoriai.dates import OPEN_END
from yoriai.japanese import fold_kana, fold_name
from yoriai.numbers import check_digit_of_corporate_number
from yoriai.tenancy.bulk import BulkWriteSession

_NAMES = "SELECT name, name_kana, birth_date FROM fact_resident ORDER BY addressee_no"
_NEXT = "SELECT next FROM number_counter WHERE kind = 'addressee'"
_SHARE = 50
_COMPANIES = (("商事", "ショウジ"), ("建設", "ケンセツ"), ("水産", "スイサン"), ("工業", "コウギョウ"))
_CITIES = (
    "広島県広島市中区本通",
    "広島県呉市中央",
    "広島県東広島市西条町",
    "山口県岩国市麻里布町",
    "広島県福山市三之丸町",
)
_STAFF = "conversion"


def load_non_residents(session: BulkWriteSession, as_of: date) -> int:
    """Write them with numbers after the residents'; returns how many."""
    people = session.read(_NAMES).rows()
    first: int = session.read(_NEXT).item()
    count = max(len(people) // _SHARE, 4)
    rows = [_row(first + index, index, people, as_of) for index in range(count)]
    holders = [{"addressee_no": row["addressee_no"], "kind": row.pop("kind"), "staff_id": _STAFF} for row in rows]
    session.append("non_resident", pl.DataFrame(holders))
    session.append("non_resident_record", pl.DataFrame(rows, infer_schema_length=None))
    session.append("mailing_destination", pl.DataFrame([tax_agent(row, as_of) for row in rows[::10]]))
    session.append("returned_mail", pl.DataFrame([returned_letter(row, as_of) for row in rows[3::25]]))
    set_counter(session, "addressee", first + count - 1)
    return count


def _row(number: int, index: int, people: list[tuple[Any, ...]], as_of: date) -> dict[str, Any]:
    """Every second one a company; a person has one resident's surname with another's given name and birthday."""
    name, kana, _ = people[index * 37 % len(people)]
    other_name, other_kana, birth = people[(index * 53 + 11) % len(people)]
    surname, surname_kana = name.split("　")[0], kana.split("　")[0]
    if index % 2 == 0:
        word, word_kana = _COMPANIES[index // 2 % len(_COMPANIES)]
        base = f"{number:012d}"
        facts: dict[str, Any] = {
            "kind": "corporation",
            "name": f"{surname}{word}株式会社",
            "name_kana": f"{surname_kana}{word_kana}",
            "representative": f"代表取締役 {name}",
            "birth_date": None,
            "corporate_number": f"{check_digit_of_corporate_number(base)}{base}",
        }
    else:
        facts = {
            "kind": "person",
            "name": f"{surname}　{other_name.split('　')[-1]}",
            "name_kana": f"{surname_kana}　{other_kana.split('　')[-1]}",
            "representative": "",
            "birth_date": birth,
            "corporate_number": None,
        }
    return facts | {
        "addressee_no": number,
        "name_fold": fold_name(facts["name"]),
        "kana_fold": fold_kana(facts["name_kana"]),
        "address": f"{_CITIES[index % len(_CITIES)]}{index % 9 + 1}番{index % 20 + 1}号",
        "source": "登記",
        "reason": "固定資産の所有",
        "owner_business": "income",
        "valid_from": date(as_of.year - 3, 4, 1),
        "valid_to": OPEN_END,
        "staff_id": _STAFF,
    }


def tax_agent(row: dict[str, Any], as_of: date) -> dict[str, Any]:
    """A 納税管理人 for the letters of all businesses."""
    return {
        "addressee_no": row["addressee_no"],
        "kind": "tax_agent",
        "business": ALL,
        "name": f"{row['name']} 納税管理人",
        "address": row["address"],
        "reason": "納税管理人申告書",
        "valid_from": date(as_of.year, 4, 1),
        "valid_to": OPEN_END,
        "staff_id": _STAFF,
    }


def returned_letter(row: dict[str, Any], as_of: date) -> dict[str, Any]:
    """A letter that came back, whichever business the next one is of."""
    return {
        "addressee_no": row["addressee_no"],
        "kind": "returned",
        "business": ALL,
        "item": "固定資産税 納税通知書",
        "on": date(as_of.year, 5, 20),
        "staff_id": _STAFF,
    }
