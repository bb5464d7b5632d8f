"""Sending a document to a print server or printer: IPP Print-Job over HTTP (RFC 8010, RFC 8011), as CUPS takes it."""

import http.client
import itertools
import struct
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from yoriai.errors import YoriaiError
from yoriai.printing.printers import Destination

_PORT: Final = 631
_SECONDS: Final = 15
_PRINT_JOB: Final = 0x0002
_OPERATION, _JOB, _END = 0x01, 0x02, 0x03
_INTEGER, _KEYWORD, _URI, _CHARSET, _LANGUAGE, _MIME, _NAME = 0x21, 0x44, 0x45, 0x47, 0x48, 0x49, 0x42
_BEGIN_COLLECTION, _END_COLLECTION, _MEMBER = 0x34, 0x37, 0x4A
_request_ids = itertools.count(1)


class PrinterFailure(YoriaiError):
    """The document did not reach the printer; nothing is counted as printed."""

    status = 503
    code = "printer_failure"
    default_message = "プリンターに送れませんでした。電源、用紙、印刷サーバーを確かめて、もう一度操作してください。"


def send_document(
    destination: Destination,
    content: bytes,
    *,
    title: str,
    user: str,
    copies: int = 1,
    media_type: str = "application/pdf",
) -> int:
    """Hand a document to the printer and give its job number there. Blocks until the printer has taken it: call it in a thread.

    `title` is what the queue shows (no personal data). Raises PrinterFailure when the printer is away or refuses.
    """
    parts = urlsplit(destination.printer.uri)
    message = _print_job(destination, title=title, user=user, copies=copies, media_type=media_type) + content
    secure = parts.scheme == "ipps"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port or _PORT, timeout=_SECONDS)
    try:
        connection.request("POST", parts.path, message, {"Content-Type": "application/ipp"})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise PrinterFailure(f"{destination.label}に接続できませんでした。{PrinterFailure.default_message}") from error
    finally:
        connection.close()
    if answer.status != http.client.OK or len(body) < 8:
        raise PrinterFailure(f"{destination.label}が受け付けませんでした（HTTP {answer.status}）。")
    status = struct.unpack(">H", body[2:4])[0]
    if status >= 0x0100:
        raise PrinterFailure(
            f"{destination.label}が受け付けませんでした（IPP 0x{status:04x}）。用紙とトレイを確かめてください。"
        )
    return next((struct.unpack(">i", value)[0] for name, value in _attributes(body) if name == "job-id"), 0)


def _print_job(destination: Destination, *, title: str, user: str, copies: int, media_type: str) -> bytes:
    head = struct.pack(">BBHI", 2, 0, _PRINT_JOB, next(_request_ids) & 0x7FFFFFFF)
    operation = [
        _attribute(_CHARSET, "attributes-charset", b"utf-8"),
        _attribute(_LANGUAGE, "attributes-natural-language", b"ja"),
        _attribute(_URI, "printer-uri", destination.printer.uri.encode()),
        _attribute(_NAME, "requesting-user-name", user.encode()),
        _attribute(_NAME, "job-name", title.encode()),
        _attribute(_MIME, "document-format", media_type.encode()),
    ]
    job = [_attribute(_INTEGER, "copies", struct.pack(">i", copies))]
    if destination.tray:
        job.append(_media_source(destination.tray))
    return b"".join((head, bytes([_OPERATION]), *operation, bytes([_JOB]), *job, bytes([_END])))


def _media_source(tray: str) -> bytes:
    """`media-col` with the tray (PWG 5100.7 media-source)."""
    return b"".join(
        (
            _attribute(_BEGIN_COLLECTION, "media-col", b""),
            _attribute(_MEMBER, "", b"media-source"),
            _attribute(_KEYWORD, "", tray.encode()),
            _attribute(_END_COLLECTION, "", b""),
        )
    )


def _attribute(tag: int, name: str, value: bytes) -> bytes:
    label = name.encode()
    return struct.pack(">BH", tag, len(label)) + label + struct.pack(">H", len(value)) + value


def _attributes(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and value of each attribute of an answer; a further value of the same attribute has no name."""
    place = 8
    while place < len(body) and body[place] != _END:
        if body[place] < 0x10:
            place += 1
            continue
        length = struct.unpack(">H", body[place + 1 : place + 3])[0]
        name = body[place + 3 : place + 3 + length].decode(errors="replace")
        place += 3 + length
        size = struct.unpack(">H", body[place : place + 2])[0]
        yield name, body[place + 2 : place + 2 + size]
        place += 2 + size
