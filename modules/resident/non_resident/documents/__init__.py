"""The address of a letter, as a sheet for a window envelope."""

from datetime import datetime
from pathlib import Path

from modules.resident.non_resident.facts import Mailing
from yoriai.dates import format_wareki
from yoriai.documents import render_pdf
from yoriai.documents.letters import full_address
from yoriai.tenancy.config import TenantConfig


def print_address(mailing: Mailing, config: TenantConfig, *, made_at: datetime, practice: bool) -> bytes:
    """The sheet as PDF/A: the addressee, and in whose matter. Blocks; raises FontMissing."""
    data = {
        "name": mailing.name,
        "postcode": mailing.postcode,
        "address": full_address(config, mailing.address, is_home=mailing.is_home),
        "building": mailing.building,
        "role": mailing.role,
        "principal": mailing.principal,
        "made": format_wareki(made_at.date()),
        "practice": practice,
    }
    return render_pdf(Path(__file__).parent / "address.typ", data, made_at=made_at)
