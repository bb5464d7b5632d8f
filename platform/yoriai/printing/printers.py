"""The printers of a municipality's offices, their trays, and the terminals that print (`printing` of the tenant file).

A printer is an IPP address: a queue of the print server (CUPS), or a printer that speaks IPP itself. A new printer is a line there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yoriai.errors import FieldError, Invalid
from yoriai.tenancy.config import TenantConfig

_CODE = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,40}$"}
_LABEL = {"type": "string", "minLength": 1, "maxLength": 60}
PRINTING: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "プリンター、給紙トレイ、窓口の端末",
    "properties": {
        "printers": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["code", "label", "uri"],
                "properties": {
                    "code": {**_CODE, "description": "プリンターの記号"},
                    "label": {**_LABEL, "description": "画面に出す名前"},
                    "sections": {
                        "type": "array",
                        "items": _LABEL,
                        "description": "この課だけに出す（なければすべての課に出す）",
                    },
                    "uri": {
                        "type": "string",
                        "pattern": "^ipps?://[^/ ]+/[^ ]*$",
                        "description": "印刷サーバーのキューまたはプリンターのIPPアドレス（ipp://… または ipps://…）",
                    },
                    "trays": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["code", "label"],
                            "properties": {
                                "code": {**_CODE, "description": "トレイのIPPでの名前（media-source。tray-1 など）"},
                                "label": {**_LABEL, "description": "画面に出す名前（改ざん防止用紙 など）"},
                            },
                        },
                    },
                },
            },
        },
        "terminals": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["address", "number"],
                "properties": {
                    "address": {"type": "string", "maxLength": 60, "description": "端末のIPアドレス"},
                    "number": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 12,
                        "description": "証明書に印字する端末番号",
                    },
                    "printer": {**_CODE, "description": "初めから選んでおくプリンター"},
                    "tray": {**_CODE, "description": "初めから選んでおくトレイ"},
                },
            },
        },
    },
}
"""JSON Schema of the section."""


@dataclass(frozen=True)
class Printer:
    """A printer: `trays` are (code, label)."""

    code: str
    label: str
    uri: str
    trays: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Terminal:
    """A counter's terminal: its number on the paper, and where it usually prints."""

    number: str = ""
    printer: str = ""
    tray: str = ""


@dataclass(frozen=True)
class Destination:
    """A printer and one of its trays; `tray` empty: the printer's own choice."""

    printer: Printer
    tray: str = ""

    @property
    def label(self) -> str:
        """How staff know it."""
        tray = dict(self.printer.trays).get(self.tray, "")
        return f"{self.printer.label} {tray}".strip()


def list_printers(config: TenantConfig, section: str) -> list[Printer]:
    """The printers that staff of a section may use."""
    found = config.section("printing").get("printers") or ()
    return [_printer(item) for item in found if not item.get("sections") or section in item["sections"]]


def find_terminal(config: TenantConfig, address: str) -> Terminal:
    """The terminal of an address; one without number and printer when it is not configured."""
    for item in config.section("printing").get("terminals") or ():
        if item["address"] == address:
            return Terminal(item["number"], item.get("printer", ""), item.get("tray", ""))
    return Terminal()


def find_destination(config: TenantConfig, section: str, code: str) -> Destination:
    """What a form sends, `printer` or `printer/tray`; raises Invalid for one that the section does not have."""
    name, _, tray = code.partition("/")
    for printer in list_printers(config, section):
        if printer.code == name and (not tray or tray in dict(printer.trays)):
            return Destination(printer, tray)
    message = "このプリンターまたはトレイは設定にありません。一覧から選んでください。"
    raise Invalid(message, fields=[FieldError("printer", message, rule="printer")])


def check_printing(document: Mapping[str, Any]) -> Iterator[FieldError]:
    """What a schema cannot say: no code twice, and terminals name printers and trays that exist."""
    section = document.get("printing") or {}
    trays: dict[str, set[str]] = {}
    for place, item in enumerate(section.get("printers") or ()):
        if item["code"] in trays:
            yield FieldError(
                f"printing.printers[{place}].code", f"プリンター「{item['code']}」が2つあります。", rule="twice"
            )
        trays[item["code"]] = {tray["code"] for tray in item.get("trays") or ()}
    for place, item in enumerate(section.get("terminals") or ()):
        printer, tray = item.get("printer", ""), item.get("tray", "")
        if printer and printer not in trays:
            message = f"プリンター「{printer}」は printers にありません。"
            yield FieldError(f"printing.terminals[{place}].printer", message, rule="unknown")
        elif tray and tray not in trays.get(printer, set()):
            message = f"トレイ「{tray}」はそのプリンターにありません。"
            yield FieldError(f"printing.terminals[{place}].tray", message, rule="unknown")


def _printer(item: Mapping[str, Any]) -> Printer:
    trays = tuple((tray["code"], tray["label"]) for tray in item.get("trays") or ())
    return Printer(item["code"], item["label"], item["uri"], trays)
