"""Printers as configuration, and documents sent to them by IPP (COM-020)."""

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from yoriai.errors import Invalid
from yoriai.printing import (
    Destination,
    Printer,
    PrinterFailure,
    check_printing,
    find_destination,
    find_terminal,
    list_printers,
    send_document,
)
from yoriai.tenancy.config import TenantConfig

PDF = b"%PDF-1.7 a document"
TRAYS = [{"code": "tray-1", "label": "普通紙"}, {"code": "tray-2", "label": "改ざん防止用紙"}]
PRINTING = {
    "printers": [
        {
            "code": "shimin1",
            "label": "市民課1号機",
            "sections": ["市民課"],
            "uri": "ipp://127.0.0.1:1/ipp",
            "trays": TRAYS,
        },
        {"code": "all", "label": "共用機", "uri": "ipp://127.0.0.1:1/ipp"},
    ],
    "terminals": [{"address": "192.0.2.5", "number": "101", "printer": "shimin1", "tray": "tray-2"}],
}
CONFIG = TenantConfig({"code": "000000", "name": "見本市", "printing": PRINTING})


class Queue(BaseHTTPRequestHandler):
    """A print server on the loopback: it reads requests as RFC 8010 writes them and keeps what it was sent."""

    received: ClassVar[list[tuple[dict[str, list[bytes]], bytes]]] = []
    status = 0

    def do_POST(self) -> None:
        """Take a Print-Job."""
        body = self.rfile.read(int(self.headers["content-length"]))
        version, operation, request_id = struct.unpack(">HHI", body[:8])
        attributes, place, name = {}, 8, ""
        while body[place] != 0x03:
            if body[place] < 0x10:
                place += 1
                continue
            length = struct.unpack(">H", body[place + 1 : place + 3])[0]
            name = body[place + 3 : place + 3 + length].decode() or name
            size = struct.unpack(">H", body[place + 3 + length : place + 5 + length])[0]
            start = place + 5 + length
            attributes.setdefault(name, []).append(body[start : start + size])
            place = start + size
        assert (version, operation, self.headers["content-type"]) == (0x0200, 2, "application/ipp")
        self.received.append((attributes, body[place + 1 :]))
        job = b"\x02\x21" + struct.pack(">H", 6) + b"job-id" + struct.pack(">Hi", 4, 41 + len(self.received))
        answer = struct.pack(">HHI", 0x0200, self.status, request_id) + b"\x01" + job + b"\x03"
        self.send_response(200)
        self.send_header("Content-Type", "application/ipp")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def served(status: int = 0) -> Iterator[tuple[type[Queue], str]]:
    """A print server of one test: what it receives, and the address of its queue."""
    kind = type("Own", (Queue,), {"received": [], "status": status})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kind, f"ipp://127.0.0.1:{server.server_port}/printers/one"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_com_020_staff_see_the_printers_of_their_section_and_the_shared_ones() -> None:
    assert [printer.code for printer in list_printers(CONFIG, "市民課")] == ["shimin1", "all"]
    assert [printer.code for printer in list_printers(CONFIG, "税務課")] == ["all"]
    found = find_destination(CONFIG, "市民課", "shimin1/tray-2")
    assert (found.printer.code, found.tray, found.label) == ("shimin1", "tray-2", "市民課1号機 改ざん防止用紙")
    for code in ("shimin1/tray-9", "nothing", ""):
        with pytest.raises(Invalid):
            find_destination(CONFIG, "市民課", code)
    with pytest.raises(Invalid):
        find_destination(CONFIG, "税務課", "shimin1")


def test_inkan_021_a_terminal_has_a_number_and_a_usual_printer() -> None:
    terminal = find_terminal(CONFIG, "192.0.2.5")
    assert (terminal.number, terminal.printer, terminal.tray) == ("101", "shimin1", "tray-2")
    assert find_terminal(CONFIG, "192.0.2.6").number == ""


def test_wrong_printers_are_told_all_at_once() -> None:
    wrong = {
        "printers": [PRINTING["printers"][1], PRINTING["printers"][1]],
        "terminals": [
            {"address": "a", "number": "1", "printer": "gone"},
            {"address": "b", "number": "2", "printer": "all", "tray": "tray-1"},
        ],
    }
    fields = [error.field for error in check_printing({"printing": wrong})]
    assert fields == ["printing.printers[1].code", "printing.terminals[0].printer", "printing.terminals[1].tray"]
    assert list(check_printing({"printing": PRINTING})) == []


def test_com_020_a_document_goes_to_two_printers_with_its_tray_unchanged() -> None:
    with served() as (first, first_uri), served() as (second, second_uri):
        trays = (("tray-1", "普通紙"), ("tray-2", "改ざん防止用紙"))
        one, two = Printer("a", "1号機", first_uri, trays), Printer("b", "2号機", second_uri, trays)
        assert send_document(Destination(one, "tray-2"), PDF, title="証明書 第1号", user="clerk", copies=2) == 42
        assert send_document(Destination(two), PDF, title="証明書 第1号", user="clerk") == 42
    (attributes, document), (plain, same) = first.received[0], second.received[0]
    assert document == same == PDF
    assert attributes["printer-uri"] == [first_uri.encode()]
    assert attributes["document-format"] == [b"application/pdf"]
    assert attributes["job-name"] == ["証明書 第1号".encode()]
    assert attributes["copies"] == [struct.pack(">i", 2)]
    assert b"tray-2" in attributes["media-col"]
    assert "media-col" not in plain


def test_com_020_a_printer_that_is_away_or_refuses_is_told() -> None:
    with served(status=0x0507) as (_, uri):
        refusing = Printer("a", "1号機", uri, ())
        with pytest.raises(PrinterFailure, match="IPP 0x0507"):
            send_document(Destination(refusing), PDF, title="x", user="clerk")
    with pytest.raises(PrinterFailure, match="1号機に接続できません"):
        send_document(Destination(refusing), PDF, title="x", user="clerk")
