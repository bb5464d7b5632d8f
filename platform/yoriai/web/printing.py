"""Printing from a screen: the printers a caller may choose, and sending a document to the one chosen."""

import asyncio

from pydantic import BaseModel, Field

from yoriai.audit import AuditEvent
from yoriai.printing import find_destination, find_terminal, list_printers, send_document
from yoriai.tenancy.session import Reader
from yoriai.web.context import Ctx


class PrinterChoice(BaseModel):
    """Where a document is to be printed: `printer` or `printer/tray` of the municipality's configuration."""

    printer: str = Field(min_length=1, max_length=90, title="プリンター")


def printer_choices(ctx: Ctx) -> tuple[list[tuple[str, str]], str]:
    """The printers and trays of the caller's section as (value, label), and the one this terminal usually prints on."""
    choices = []
    for printer in list_printers(ctx.config, ctx.principal.section):
        choices += [(f"{printer.code}/{tray}", f"{printer.label} {label}") for tray, label in printer.trays]
        if not printer.trays:
            choices.append((printer.code, printer.label))
    usual = find_terminal(ctx.config, ctx.principal.terminal)
    return choices, f"{usual.printer}/{usual.tray}".rstrip("/")


async def send_to_printer(
    ctx: Ctx, session: Reader, code: str, pdf: bytes, title: str, subject: str, copies: int = 1
) -> str:
    """Send a document to `printer/tray` and audit where `subject` went; gives it in words. Raises Invalid or PrinterFailure.

    Called inside the transaction that counts the print: what did not reach the printer is not counted.
    """
    destination = find_destination(ctx.config, ctx.principal.section, code)
    job = await asyncio.to_thread(send_document, destination, pdf, title=title, user=ctx.principal.login, copies=copies)
    where = f"{destination.label}（印刷ジョブ {job}）"
    session.audit(
        AuditEvent("document.sent", subject, detail={"document": title, "destination": where, "copies": copies})
    )
    return where
