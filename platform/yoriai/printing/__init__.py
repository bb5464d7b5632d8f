"""Printers: which there are and where (configuration), and sending a document to one (IPP)."""

from yoriai.printing.ipp import PrinterFailure, send_document
from yoriai.printing.printers import (
    PRINTING,
    Destination,
    Printer,
    Terminal,
    check_printing,
    find_destination,
    find_terminal,
    list_printers,
)

__all__ = [
    "PRINTING",
    "Destination",
    "Printer",
    "PrinterFailure",
    "Terminal",
    "check_printing",
    "find_destination",
    "find_terminal",
    "list_printers",
    "send_document",
]
