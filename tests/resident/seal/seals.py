"""Seals of the tests, drawn: what a scanner would give, and the bodies they are sent in."""

import base64
import io
from datetime import datetime
from typing import Any

from PIL import Image, ImageDraw

from modules.resident.seal_registration import service
from modules.resident.seal_registration.figures import figures_of
from modules.resident.seal_registration.inputs import Application, RegistrationResult
from tests.resident.people import NOW
from yoriai.clock import JAPAN
from yoriai.jobs import JobContext
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

DPI = 600
LATER = datetime(2026, 12, 24, 9, 0, tzinfo=JAPAN)


def stamp(
    mm: float = 12, *, pattern: int = 1, dpi: int = DPI, kind: str = "PNG", says_dpi: bool = True, shift: int = 0,
    rim: bool = True, margin_mm: float = 2,
) -> str:  # fmt: skip
    """A round seal of the diameter, in Base64; another pattern is another seal, a shift the same one stamped again."""
    side, margin = round(mm * dpi / 25.4), round(margin_mm * dpi / 25.4)
    picture = Image.new("RGB", (side + 2 * margin, side + 2 * margin), "white")
    pen = ImageDraw.Draw(picture)
    box = (margin, margin, margin + side - 1, margin + side - 1)
    width = max(4, side // 18)
    if rim:
        pen.ellipse(box, outline=(200, 20, 30), width=width)
    else:
        for edge in ((0, side // 2), (side - 1, side // 2), (side // 2, 0), (side // 2, side - 1)):
            pen.rectangle(
                (margin + edge[0] - 3, margin + edge[1] - 3, margin + edge[0] + 3, margin + edge[1] + 3), "red"
            )
    cell = side // 10
    for bit in range(16):
        if pattern * 40503 >> bit & 1:
            x, y = margin + side // 4 + bit % 4 * cell * 3 // 2 + shift, margin + side // 4 + bit // 4 * cell * 3 // 2
            pen.rectangle((x, y, x + cell, y + cell), fill=(200, 20, 30))
    target = io.BytesIO()
    options: dict[str, Any] = {"dpi": (dpi, dpi)} if says_dpi else {}
    picture.save(target, kind, **options)
    return base64.b64encode(target.getvalue()).decode()


def application(addressee_no: int, **values: Any) -> dict[str, Any]:
    """A person comes with a driver's licence."""
    return {
        "addressee_no": addressee_no,
        "applied_on": "2026-11-18",
        "seal_text": "渡辺",
        "image": stamp(),
        "identity_kind": "photo_document",
        "identity_document": "運転免許証",
        **values,
    }


async def register(
    session: WriteSession, config: TenantConfig, addressee_no: int, now: datetime = NOW, **values: Any
) -> RegistrationResult:
    """Record an application."""
    body = Application.model_validate(application(addressee_no, **values))
    return await service.apply(session, body, figures_of(config, now.date()), now)


def night(config: TenantConfig, moment: datetime, key: str = "night") -> JobContext:
    """A night of that moment's day."""
    day = moment.date()
    return JobContext(config.tenant, config, day, day.year, f"{key}-{day}", moment)
