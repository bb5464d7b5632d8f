"""In whose name a municipality certifies: the head with the term, who acts for the head, the official seal, the desk to ask,
the note about the paper.

All of it is configuration (`office` of the tenant file): a new mayor is a line there, and every document of that day on
bears the name.
"""

import base64
import binascii
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from PIL import Image, UnidentifiedImageError

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
        "seal_images": {
            "type": "array",
            "description": "電子公印の印影。前のものも残す（前に交付した証明書の再印刷に使う）",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["from", "png"],
                "properties": {
                    "from": {**_DAY, "description": "この日から使う"},
                    "png": {"type": "string", "minLength": 60, "maxLength": 400_000, "description": "PNG画像のBase64"},
                },
            },
        },
        "paper_note": {
            "type": "string",
            "minLength": 1,
            "maxLength": 120,
            "description": "証明書の下に入れる、改ざん防止用紙の見分け方の注記",
        },
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
    paper_note: str = ""

    @property
    def signature(self) -> str:
        """職名 and 氏名 in one line."""
        return f"{self.title}　{self.name}"


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
                paper_note=office.get("paper_note") or "",
            )
    message = f"{day:%Y-%m-%d}に証明する者が設定にありません。市町村の設定の office.heads に首長の氏名と任期を登録してください。"
    raise Invalid(message, fields=[FieldError("office.heads", message, rule="missing")])


def find_seal_image(config: TenantConfig, day: date) -> bytes | None:
    """The registered picture (PNG) of the official seal as used on the day; None while only its words are known."""
    images = config.section("office").get("seal_images") or ()
    begun = [image for image in images if image["from"] <= day.isoformat()]
    latest = max(begun, key=lambda image: str(image["from"]), default=None)
    return base64.b64decode(latest["png"]) if latest else None


def check_office(document: Mapping[str, Any]) -> Iterator[FieldError]:
    """What a schema cannot say of the section: that pictures of seals are pictures, and no term ends before it begins."""
    office = document.get("office") or {}
    for place, image in enumerate(office.get("seal_images") or ()):
        if not _is_png(image["png"]):
            message = "PNG画像として読めません。公印の印影をPNGで書き出し、Base64にして入れてください。"
            yield FieldError(f"office.seal_images[{place}].png", message, rule="png")
    for key in ("heads", "acting"):
        for place, term in enumerate(office.get(key) or ()):
            if (term.get("until") or "9999-12-31") < term["from"]:
                yield FieldError(f"office.{key}[{place}].until", "任期の終わりが始まりより前です。", rule="order")


def _is_png(text: str) -> bool:
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"]) as picture:
            picture.verify()
    except (binascii.Error, UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return False
    return True


def _term_on(terms: Any, day: date) -> Any:
    """The latest begun of the terms that hold on the day."""
    text = day.isoformat()
    holding = [term for term in terms if term["from"] <= text <= (term.get("until") or "9999-12-31")]
    return max(holding, key=lambda term: str(term["from"]), default=None)
