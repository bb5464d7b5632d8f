"""The bulk runs as the screens show them, and the pages of one of their files."""

from datetime import date
from typing import Any

from modules.resident.basic_register.facts import find_certificate_stops, without_concealed
from modules.resident.certificates.kinds import ITEM_LABELS, KIND_LABELS, NUMBERS, Item, Kind
from modules.resident.certificates.printing import to_page
from modules.resident.certificates.reads import load_content
from modules.resident.certificates.states import BULK_LABELS, ENTRY_LABELS
from modules.resident.certificates.views import BulkList, BulkRow, BulkView, Chip, Choice, EntryRow
from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, Record

SHOWN = 300
DEFAULT_CHUNK = 500
_COUNTS = """count(*) FILTER (WHERE e.status = 'planned') AS planned, count(*) FILTER (WHERE e.status = 'issued') AS issued,
 count(*) FILTER (WHERE e.status = 'left_out') AS left_out, count(*) FILTER (WHERE e.status = 'pulled') AS pulled"""
_BULKS = f"""
SELECT b.bulk_no, b.label, b.kind, b.status, b.made_at,
       coalesce((SELECT s.display_name FROM staff s WHERE s.login = b.staff_id), b.staff_id) AS staff, {_COUNTS}
  FROM certificate_bulk b LEFT JOIN certificate_bulk_entry e ON e.bulk_no = b.bulk_no
 GROUP BY b.bulk_no ORDER BY b.bulk_no DESC LIMIT 100"""  # noqa: S608
_BULK = f"""
SELECT b.bulk_no, b.label, b.kind, b.status, b.purpose, b.asker_body, {_COUNTS},
       count(*) FILTER (WHERE e.status = 'issued' AND e.note <> '') AS noted
  FROM certificate_bulk b LEFT JOIN certificate_bulk_entry e ON e.bulk_no = b.bulk_no WHERE b.bulk_no = $1 GROUP BY b.bulk_no"""  # noqa: S608
_ENTRIES = f"""
SELECT position, addressee_no, name, status, note, serial FROM certificate_bulk_entry
 WHERE bulk_no = $1 ORDER BY status NOT IN ('left_out', 'pulled'), note = '', position LIMIT {SHOWN}"""  # noqa: S608
_NOTES = """
SELECT position, addressee_no, name, status, note, serial FROM certificate_bulk_entry
 WHERE bulk_no = $1 AND (note <> '' OR status IN ('left_out', 'pulled')) ORDER BY position, id"""
_PAGES = """
SELECT i.serial, i.content, i.status FROM certificate_bulk_entry e JOIN certificate_issue i ON i.serial = e.serial
 WHERE e.bulk_no = $1 AND e.status = 'issued' ORDER BY e.position, e.id LIMIT $2 OFFSET $3"""
_PERSONS = "SELECT serial, addressee_no FROM certificate_person WHERE serial = ANY($1::bigint[])"
_ENTRY_KINDS = {"planned": "info", "pulled": "warn", "issued": "ok", "left_out": "danger"}


async def list_bulk(session: Reader, code: str) -> BulkList:
    """The bulk runs, newest first."""
    rows = [
        BulkRow(
            bulk_no=row["bulk_no"],
            label=row["label"],
            kind=KIND_LABELS[row["kind"]],
            status=_chip(row["status"]),
            made_at=row["made_at"],
            staff=row["staff"],
            planned=row["planned"],
            issued=row["issued"],
            left_out=row["left_out"],
            pulled=row["pulled"],
            href=f"/{code}/certificate/bulk/{row['bulk_no']}",
        )
        for row in await session.fetch(_BULKS)
    ]
    kinds = [Choice(value=kind, label=KIND_LABELS[kind]) for kind in (Kind.HOUSEHOLD, Kind.INDIVIDUAL)]
    items = [Choice(value=item, label=ITEM_LABELS[item]) for item in Item if item not in NUMBERS]
    return BulkList(rows=rows, kinds=kinds, items=items, initial={"kind": "individual"})


async def get_bulk(session: Reader, config: TenantConfig, bulk_no: int) -> BulkView:
    """A bulk run; who was pulled or left out, and whose page has to be looked at, come first. Audited. Raises NotFound."""
    row = await session.fetchrow(_BULK, bulk_no)
    if row is None:
        raise NotFound("この一括発行はありません。")
    session.audit(AuditEvent("certificate.bulk_view", f"bulk:{bulk_no}"))
    entries = [_entry(entry) for entry in await without_concealed(session, await session.fetch(_ENTRIES, bulk_no))]
    counts = {name: row[name] for name in ("planned", "issued", "left_out", "pulled", "noted")}
    size = chunk_of(config)
    chunks = [
        {"no": no, "first": (no - 1) * size + 1, "last": min(no * size, row["issued"])}
        for no in range(1, (row["issued"] + size - 1) // size + 1)
    ]
    return BulkView(
        bulk_no=bulk_no,
        label=row["label"],
        kind=KIND_LABELS[row["kind"]],
        status=row["status"],
        status_chip=_chip(row["status"]),
        purpose=row["purpose"],
        asker_body=row["asker_body"],
        counts=counts,
        entries=entries,
        total=sum(row[name] for name in ("planned", "issued", "left_out", "pulled")),
        chunks=chunks,
    )


async def list_notes(session: Reader, bulk_no: int) -> list[EntryRow]:
    """All of whom something has to be told, in the run's order. Audited. An empty list for a run without notes, or for none."""
    session.audit(AuditEvent("certificate.bulk_view", f"bulk:{bulk_no}", detail={"part": "notes"}))
    return [_entry(row) for row in await without_concealed(session, await session.fetch(_NOTES, bulk_no))]


async def get_pages(
    session: Reader, config: TenantConfig, bulk_no: int, chunk_no: int, day: date
) -> list[dict[str, Any]]:
    """The pages of one file of a bulk run; what was made void since is marked so. Audited. Raises NotFound.

    Pages with somebody whose certificates have been stopped since the run are left out.
    """
    size = chunk_of(config)
    rows = await session.fetch(_PAGES, bulk_no, size, (max(chunk_no, 1) - 1) * size)
    people = await session.fetch(_PERSONS, [row["serial"] for row in rows])
    stopped = await find_certificate_stops(session, sorted({row["addressee_no"] for row in people}), day)
    shut = {row["serial"] for row in people if row["addressee_no"] in stopped}
    rows = [row for row in rows if row["serial"] not in shut]
    if not rows:
        raise NotFound("この一括発行に、その分割のファイルはありません。")
    session.audit(
        AuditEvent("certificate.bulk_print", f"bulk:{bulk_no}", detail={"chunk": chunk_no, "pages": len(rows)})
    )
    return [
        to_page(load_content(row["content"]), mark="無効" if row["status"] == "void" else "", is_sealed=True)
        for row in rows
    ]


def chunk_of(config: TenantConfig) -> int:
    """Certificates in one file: more than some hundred make the compiler's memory grow."""
    return int(config.settings("certificate").get("bulk_chunk", DEFAULT_CHUNK))


def _entry(row: Record) -> EntryRow:
    return EntryRow(
        position=row["position"],
        addressee_no=row["addressee_no"],
        name=row["name"],
        status=Chip(label=ENTRY_LABELS[row["status"]], kind=_ENTRY_KINDS[row["status"]]),
        status_code=row["status"],
        note=row["note"],
        serial=row["serial"],
    )


def _chip(status: str) -> Chip:
    return Chip(label=BULK_LABELS[status], kind="ok" if status == "issued" else "warn")
