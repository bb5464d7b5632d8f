"""One movement: who notified what, what it changed for whom, and what became of it."""

from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.chips import Chip
from modules.resident.basic_register.protections.masking import find_veil
from modules.resident.basic_register.reads.form_shapes import CORRECTED_FIELDS, ItemField
from modules.resident.basic_register.reads.forms import TownOption, list_towns
from modules.resident.basic_register.reads.history import list_movements
from modules.resident.basic_register.reads.shapes import MovementRow
from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader

_MOVEMENT = "SELECT reason, note, ground, approval_no, cancels, corrects, office FROM movement WHERE movement_no = $1"
_REFERRING = (
    "SELECT movement_no, cancels, corrects FROM movement WHERE cancels = $1 OR corrects = $1 ORDER BY movement_no"
)
_SUBJECTS = """
SELECT p.addressee_no, r.name, r.valid_to = '9999-12-31' AND r.superseded_at IS NULL AS is_last
  FROM movement_person p JOIN resident_record r ON r.id = p.after_record_id
 WHERE p.movement_no = $1 ORDER BY p.addressee_no LIMIT 100"""


class Subject(BaseModel):
    """Somebody the movement concerned."""

    addressee_no: int
    name: str
    href: str


class MovementView(BaseModel):
    """The movement with what refers to it; `fields` are the items a correction may change."""

    movement_no: int
    movement: MovementRow
    state: Chip
    facts: list[dict[str, Any]]
    subjects: list[Subject]
    is_cancelled: bool
    fields: list[ItemField]
    towns: list[TownOption]
    initial: dict[str, Any]


async def get_movement(session: Reader, movement_no: int, base: str) -> MovementView:
    """The movement; its people's views are audited. Raises NotFound."""
    row = await session.fetchrow(_MOVEMENT, movement_no)
    shown = await list_movements(session, [movement_no], base)
    if row is None or not shown or row["reason"] == "conversion":
        raise NotFound("この異動は見つかりません。")
    subjects = await session.fetch(_SUBJECTS, movement_no)
    for subject in subjects:
        session.audit(
            AuditEvent("person.view", f"addressee:{subject['addressee_no']}", detail={"movement": movement_no})
        )
    veil = await find_veil(session, [subject["addressee_no"] for subject in subjects], "movement")
    hidden = next((item["addressee_no"] for item in subjects if veil.covers(item["addressee_no"])), 0)
    referring = await session.fetch(_REFERRING, movement_no)
    cancelled = next((item["movement_no"] for item in referring if item["cancels"]), None)
    corrected = [item["movement_no"] for item in referring if item["corrects"]]
    facts = [
        ("職権の根拠・理由", veil.text(hidden, row["ground"]), ""),
        ("決裁番号", row["approval_no"], ""),
        ("備考", veil.text(hidden, row["note"]), ""),
        ("受付窓口", row["office"], ""),
        ("取り消した異動", row["cancels"], row["cancels"]),
        ("訂正した異動", row["corrects"], row["corrects"]),
        ("この異動の取消", cancelled, cancelled),
        *(("この異動の訂正", number, number) for number in corrected),
    ]
    return MovementView(
        movement_no=movement_no,
        movement=shown[0],
        state=_state(cancelled, corrected),
        facts=[
            {"label": label, "value": value, "href": f"{base}/movements/{to}" if to else ""}
            for label, value, to in facts
            if value
        ],
        subjects=[
            Subject(
                addressee_no=item["addressee_no"],
                name=item["name"],
                href=f"{base}/persons/{item['addressee_no']}",
            )
            for item in subjects
        ],
        is_cancelled=cancelled is not None,
        fields=CORRECTED_FIELDS,
        towns=await list_towns(session),
        initial={"addressee_no": subjects[0]["addressee_no"] if len(subjects) == 1 else ""},
    )


def _state(cancelled: int | None, corrected: list[int]) -> Chip:
    if cancelled:
        return Chip(label="取消済", kind="danger")
    return Chip(label="訂正あり", kind="warn") if corrected else Chip(label="有効", kind="ok")
