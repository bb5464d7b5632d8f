"""In whose name a municipality certifies: the head with the term, who acts for the head, the official seal, the desk to ask.

All of it is configuration (`office` of the tenant file): a new mayor is a line there, and every document of that day on
bears the name.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from yoriai.errors import FieldError, Invalid
from yoriai.tenancy.config import TenantConfig

_DAY = {"type": "string", "format": "date"}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 60}
_TERMS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["from", "title", "name"],
        "properties": {
            "from": {**_DAY, "description": "この日から(この日を含む)"},
            "until": {**_DAY, "description": "この日まで(この日を含む)"},
            "title": {**_TEXT, "description": "職名(市長、町長職務代理者 副町長 など)"},
            "name": {**_TEXT, "description": "氏名"},
        },
    },
}
OFFICE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "証明や通知をする者: 首長、職務代理者、公印、問合せ先",
    "properties": {
        "heads": {**_TERMS, "description": "首長とその任期"},
        "acting": {**_TERMS, "description": "職務代理者とその期間(地方自治法152条)。期間中は首長に代わる"},
        "seal": {"type": "string", "minLength": 2, "maxLength": 16, "description": "公印の印文"},
        "seal_mm": {"type": "integer", "minimum": 12, "maximum": 40, "description": "公印の一辺(ミリメートル)"},
        "desk": {"type": "string", "minLength": 1, "maxLength": 80, "description": "問合せ先"},
    },
}
"""JSON Schema of the section."""
_SEAL_MM = 24


@dataclass(frozen=True)
class Certifier:
    """Who certifies on a day, and the seal that is put beside the name."""

    title: str
    name: str
    is_acting: bool
    seal: str
    seal_mm: int
    desk: str


def certifier_on(config: TenantConfig, day: date) -> Certifier:
    """The 職務代理者 of the day, else the head in office; raises Invalid when the configuration names nobody."""
    office = config.section("office")
    for key in ("acting", "heads"):
        if term := _term_on(office.get(key) or (), day):
            return Certifier(
                title=term["title"],
                name=term["name"],
                is_acting=key == "acting",
                seal=office.get("seal") or f"{config.name}長之印",
                seal_mm=int(office.get("seal_mm") or _SEAL_MM),
                desk=office.get("desk") or config.name,
            )
    message = f"{day:%Y-%m-%d}に証明する者が設定にありません。市町村の設定の office.heads に首長の氏名と任期を登録してください。"
    raise Invalid(message, fields=[FieldError("office.heads", message, rule="missing")])


def _term_on(terms: Any, day: date) -> Any:
    """The latest begun of the terms that hold on the day."""
    text = day.isoformat()
    holding = [term for term in terms if term["from"] <= text <= (term.get("until") or "9999-12-31")]
    return max(holding, key=lambda term: str(term["from"]), default=None)
