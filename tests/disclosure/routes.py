"""Every address of the application with the numbers of the family in it: what a curious clerk could type."""

import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx
import pypdf

from tests.disclosure.world import World

_NUMBERS: Mapping[str, str] = {
    "addressee_no": "SELECT array_agg(DISTINCT addressee_no) FROM (SELECT addressee_no FROM resident_record UNION SELECT addressee_no FROM non_resident) n",  # noqa: E501
    "household_no": "SELECT array_agg(household_no) FROM household",
    "movement_no": "SELECT array_agg(movement_no) FROM movement",
    "protection_no": "SELECT array_agg(DISTINCT protection_no) FROM protection",
    "registration_no": "SELECT array_agg(registration_no) FROM seal_registration",
    "serial_no": "SELECT array_agg(serial_no) FROM seal_certificate",
    "serial": "SELECT array_agg(serial) FROM certificate_issue",
    "request_no": "SELECT array_agg(request_no) FROM certificate_request",
    "bulk_no": "SELECT array_agg(bulk_no) FROM certificate_bulk",
    "election_no": "SELECT array_agg(election_no) FROM election",
    "entry_no": "SELECT array_agg(entry_no) FROM electoral_entry",
    "inspection_no": "SELECT array_agg(inspection_no) FROM electoral_inspection",
    "resident:inspection_no": "SELECT array_agg(inspection_no) FROM inspection",
    "school_age:case_no": "SELECT array_agg(case_no) FROM school_age_case",
    "child_allowance:case_no": "SELECT array_agg(case_no) FROM child_allowance_case",
    "nhi:file_no": "SELECT array_agg(file_no) FROM nhi_debit_file",
    "child_allowance:file_no": "SELECT array_agg(file_no) FROM child_allowance_transfer_file",
    "instalment_no": "SELECT array_agg(DISTINCT instalment_no) FROM nhi_debit",
    "payment_no": "SELECT array_agg(payment_no) FROM child_allowance_transfer",
    "act_id": "SELECT array_agg(id) FROM child_allowance_act",
    "part_no": "SELECT array_agg(DISTINCT part_no) FROM electoral_card_part",
    "notice_id": "SELECT array_agg(id) FROM school_age_notice",
}
_FIXED: Mapping[str, Sequence[str]] = {
    "chunk_no": ("1",),
    "entry_year": ("2027",),
    "fiscal_year": ("2026",),
    "income_year": ("2025",),
    "net": ("electoral_roll.daily",),
    "login": ("ordinary",),
    "job_id": ("1",),
    "template_no": ("1",),
    "run_no": ("1",),
    "plan_no": ("1",),
    "survey_no": ("1",),
    "export_no": ("1",),
    "data_set": ("resident.person",),
    "row_no": ("1",),
    "act": ("destination", "returned", "record", "link", "unlink"),
}
_ASKED: Mapping[str, Sequence[str]] = {
    "q": ("渡邉", "花子", "ワタナベ", "1", "2"), "show": ("open", "due"), "sort": ("address", "kana"), "removed": ("true",),
    "former": ("true",), "since": ("2026-01-01",), "until": ("2026-12-31",), "status": ("inquiring", "ended", "approved"),
    "kind": ("household", "enrolment", "municipal", "day"), "month": ("2026-08", "2026-11"), "year": ("2027",),
    "first": ("2026-05-01",),
    "last": ("2026-12-31",), "place": ("A1", "07"), "birth_date": ("1987-05-03",), "business": ("nhi",), "force": ("true",),
    "on": ("2026-07-01", "2026-11-20"), "as_of": ("2026-11-20",), "base_on": ("2026-09-01",), "as_pdf": ("true",), "part": ("1",),
    "to": ("aid", "school_affairs"),
    "recipient_no": ("2",), "fiscal_year": ("2026",), "intake_no": ("1",), "title": ("名簿",), "limit": ("100",),
}  # fmt: skip
"""Values of queries, tried one by one; a query named like a number in `_NUMBERS` takes those."""


async def numbers_of(world: World) -> dict[str, list[str]]:
    """The values of each part of an address."""
    found = {key: [str(number) for number in world.value(sql) or ()] for key, sql in _NUMBERS.items()}
    districts = world.value("SELECT array_agg(DISTINCT district_code) FROM electoral_entry")
    return found | {key: list(values) for key, values in _FIXED.items()} | {"district": list(districts)}


def addresses_of(
    path: str, operation: Mapping[str, Any], code: str, numbers: Mapping[str, Sequence[str]], *, is_plain: bool = False
) -> Iterator[str]:
    """The route with all numbers, plain and with each of its queries; KeyError for a part nobody has thought of.

    `is_plain`: with the queries it cannot do without, and no others.
    """
    business = path.split("/")[2] or "home"
    parts = [name for name in re.findall(r"{(\w+)}", path) if name != "code"]
    choices = [numbers.get(f"{business}:{part}") or numbers[part] for part in parts]
    asked = [item for item in operation.get("parameters", ()) if item["in"] == "query"]
    required = {item["name"]: _values(item["name"], numbers, business) for item in asked if item.get("required")}
    queries: list[dict[str, str]] = [
        dict(zip(required, values, strict=True)) for values in itertools.product(*required.values())
    ]
    for item in asked:
        if not (item.get("required") or is_plain):
            values = _values(item["name"], numbers, business)
            queries += [{**queries[0], item["name"]: value} for value in values]
    for values in itertools.product(*choices):
        filled = path.format(code=code, **dict(zip(parts, values, strict=True)))
        for query in queries:
            yield f"{filled}?{urlencode(query)}" if query else filled


def _values(name: str, numbers: Mapping[str, Sequence[str]], business: str) -> Sequence[str]:
    return _ASKED.get(name) or numbers.get(f"{business}:{name}") or numbers.get(name) or ()


def text_of(answer: httpx.Response) -> str:
    """What an answer says: of a PDF what stands on it. The list of all 町字 to choose from tells nothing of anybody."""
    if answer.headers.get("content-type", "").startswith("application/pdf"):
        pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
        return "".join(page.extract_text() for page in pages).replace("\n", "")
    text = re.sub(r"<datalist.*?</datalist>", "", answer.text, flags=re.DOTALL)
    text = re.sub(r"<option[^>]*>.*?</option>", "", text, flags=re.DOTALL)
    return re.sub(r'"towns":\[.*?\]', "", text, flags=re.DOTALL)
