"""The clerk's side of 入場券の一括作成: open a run, pull and add persons until the night, see what was made, take the files."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import select

from modules.resident.basic_register.facts import without_concealed
from modules.resident.electoral_roll.barcode import card_code, card_number
from modules.resident.electoral_roll.card_models import (
    RUN_STATES,
    ElectoralCardChange,
    ElectoralCardRun,
)
from modules.resident.electoral_roll.cards import PLAIN_CARD
from modules.resident.electoral_roll.election_models import Election
from modules.resident.electoral_roll.protection import protected_among, shut_from
from modules.resident.non_resident.facts import list_diverted
from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, WriteSession
from yoriai.web.fields import Day

ACTS = {"pull": "引抜", "add": "追加", "undo": "取りやめ"}
_RUN = 'SELECT sort, "on", status, version, listed_at, made_at FROM electoral_card_run WHERE election_no = $1'
_PARTS = """
SELECT part_no, label, sheets, persons, made_at IS NOT NULL AS is_made, octet_length(pdf) AS bytes
  FROM electoral_card_part WHERE election_no = $1 ORDER BY part_no
"""
_CHANGES = """
SELECT c.entry_no, c.act, c.note, v.card_no, v.name FROM electoral_card_change c
  JOIN electoral_voter v ON v.election_no = c.election_no AND v.entry_no = c.entry_no
 WHERE c.election_no = $1 AND c.superseded_at IS NULL ORDER BY v.card_no
"""
_MAYBE_HELD = """
SELECT v.entry_no, v.card_no, v.addressee_no, v.name, h.addressee_no IS NOT NULL AS is_hidden FROM electoral_voter v
  LEFT JOIN fact_hidden_person h ON h.addressee_no = v.addressee_no
 WHERE v.election_no = $1 AND NOT v.is_added
   AND (h.addressee_no IS NOT NULL OR v.addressee_no = ANY($2::bigint[])
     OR EXISTS (SELECT 1 FROM electoral_care c
                 WHERE c.addressee_no = v.addressee_no AND c.superseded_at IS NULL AND c.is_protected))
 ORDER BY v.card_no
"""
_VOTER = "SELECT entry_no FROM electoral_voter WHERE election_no = $1 AND card_no = $2"
_FILE = """
SELECT p.label, p.pdf FROM electoral_card_part p WHERE p.election_no = $1 AND p.part_no = $2 AND p.made_at IS NOT NULL
"""
_HIDDEN = """
SELECT DISTINCT h.addressee_no FROM electoral_card k
  JOIN electoral_voter v ON v.election_no = k.election_no AND v.entry_no = k.entry_no
  JOIN fact_hidden_person h ON h.addressee_no = v.addressee_no
 WHERE k.election_no = $1 AND k.part_no = $2 ORDER BY 1
"""
_POSTCODES = """
SELECT postcode, count(*) AS sheets FROM (
SELECT DISTINCT k.sheet_no,
       CASE WHEN h.addressee_no IS NULL THEN coalesce(c.sending_postcode, v.postcode, '') ELSE '' END AS postcode
  FROM electoral_card k JOIN electoral_voter v ON v.election_no = k.election_no AND v.entry_no = k.entry_no
  LEFT JOIN fact_hidden_person h ON h.addressee_no = v.addressee_no
  LEFT JOIN electoral_care c ON c.addressee_no = v.addressee_no AND c.superseded_at IS NULL AND c.sending_address IS NOT NULL
 WHERE k.election_no = $1 AND k.place = 1
) AS sheet GROUP BY postcode ORDER BY postcode = '', postcode
"""


class CardRunInput(BaseModel):
    """A run for an election: from which night, in which order."""

    on: Day = Field(title="作成する夜")
    sort: Literal["roll", "postal"] | None = Field(default=None, title="順番")


class CardChange(BaseModel):
    """引抜, 追加, or taking either back, of the card with a number or barcode."""

    card: str = Field(min_length=1, max_length=20, title="入場券の番号 (バーコード)")
    act: Literal["pull", "add", "undo"] = Field(title="処理")
    note: str = Field(default="", max_length=200, title="理由")


class CardRunResult(BaseModel):
    """The election whose run was changed."""

    election_no: int


async def open_run(
    session: WriteSession, config: TenantConfig, election_no: int, body: CardRunInput, now: datetime
) -> CardRunResult:
    """Open the run of an election; raises NotFound, Conflict when there is one, Invalid for a night that is over or too late."""
    election = await session.get(Election, election_no, with_for_update=True)
    if election is None:
        raise NotFound("この選挙はありません。")
    if election.status == "cancelled":
        raise Conflict("取りやめた選挙です。")
    if await session.get(ElectoralCardRun, election_no) is not None:
        raise Conflict("この選挙の入場券の一括作成は、すでに登録されています。")
    findings = Findings()
    if body.on < now.date():
        findings.refuse("on", "今日より前の日付です。", rule="order")
    if body.on < election.registered_on:
        findings.refuse("on", "登録日より前です。名簿が確定する夜からの日を入力してください。", rule="order")
    if body.on >= election.vote_on:
        findings.refuse("on", "選挙期日より前の日を入力してください。", rule="order")
    findings.settle()
    card = config.settings("electoral_roll").get("card") or {}
    sort = body.sort or card.get("sort") or "roll"
    session.add(
        ElectoralCardRun(
            election_no=election_no,
            sort=sort,
            on=body.on,
            status="open",
            version=1,
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    detail = {"election_no": election_no, "sort": sort, "on": body.on.isoformat()}
    session.audit(AuditEvent("electoral_roll.card_run", detail=detail))
    await session.flush()
    return CardRunResult(election_no=election_no)


async def change_run(session: WriteSession, election_no: int, body: CardChange, now: datetime) -> CardRunResult:
    """Pull a card, add one, or take that back, while the run is open; raises NotFound, Conflict, Invalid."""
    run = await session.get(ElectoralCardRun, election_no, with_for_update=True)
    if run is None:
        raise NotFound("この選挙の入場券の一括作成は、まだ登録されていません。")
    if run.status != "open":
        raise Conflict("入場券はもう割り付けられています。引抜きの一覧を見て、刷り上がりから抜いてください。")
    entry_no = await find_entry(session, election_no, body.card)
    query = select(ElectoralCardChange).where(
        ElectoralCardChange.election_no == election_no,
        ElectoralCardChange.entry_no == entry_no,
        ElectoralCardChange.superseded_at.is_(None),
    )
    known = await session.scalar(query)
    if body.act == "undo" and known is None:
        raise Invalid(fields=[FieldError("card", "この券は引き抜きも追加もされていません。", rule="unknown")])
    if known is not None and body.act == known.act:
        raise Invalid(fields=[FieldError("card", f"この券はすでに{ACTS[body.act]}されています。", rule="duplicate")])
    if body.act == "pull" and not body.note.strip():
        raise Invalid(fields=[FieldError("note", "引き抜く理由を入力してください。", rule="required")])
    if known is not None:
        known.superseded_at = now
        await session.flush()
    if body.act != "undo":
        session.add(
            ElectoralCardChange(
                election_no=election_no,
                entry_no=entry_no,
                act=body.act,
                note=body.note.strip(),
                recorded_at=now,
                staff_id=session.principal.login,
            )
        )
    run.version += 1
    detail = {"election_no": election_no, "act": body.act, "entry_no": entry_no}
    session.audit(AuditEvent("electoral_roll.card_change", reason=body.note, detail=detail))
    await session.flush()
    return CardRunResult(election_no=election_no)


async def find_entry(session: Reader, election_no: int, card: str) -> int:
    """The registration of a card by its barcode or number; raises Invalid for one that is not of this election or misread."""
    number = card_number(card, election_no)
    found: int | None = await session.fetchval(_VOTER, election_no, number) if number is not None else None
    if found is None:
        message = "この選挙の入場券の番号ではありません。バーコードを読み直すか、番号を確かめてください。"
        raise Invalid(fields=[FieldError("card", message, rule="card")])
    return found


async def get_run(session: Reader, config: TenantConfig, election_no: int, today: date) -> dict[str, Any]:
    """The run with its changes, its files, and who is kept back by the settings; `state` is None where there is no run."""
    run = await session.fetchrow(_RUN, election_no)
    card = config.settings("electoral_roll").get("card") or PLAIN_CARD
    diverted = await list_diverted(session, "electoral_roll", today)
    undelivered = {number: sent.told for number, sent in diverted.items() if sent.told}
    rows = await without_concealed(session, await session.fetch(_MAYBE_HELD, election_no, list(undelivered)))
    hidden = await protected_among(session, [row["addressee_no"] for row in rows], today)
    holds = card.get("protected") == "hold"
    held = [
        {**_line(election_no, row), "why": undelivered.get(row["addressee_no"], "支援措置・手渡し")}
        for row in rows
        if row["is_hidden"] or row["addressee_no"] in undelivered or (holds and row["addressee_no"] in hidden)
    ]
    changes = [
        {**_line(election_no, row), "act": row["act"], "label": ACTS[row["act"]], "note": row["note"]}
        for row in await session.fetch(_CHANGES, election_no)
    ]
    return {
        "state": dict(zip(("label", "kind"), RUN_STATES[run["status"]], strict=True)) if run else None,
        "is_open": bool(run and run["status"] == "open"),
        "sort": {"roll": "名簿の順", "postal": "郵便番号の順"}[run["sort"]] if run else "",
        "on": run["on"] if run else None,
        "changes": changes,
        "held": held,
        "parts": [dict(row) for row in await session.fetch(_PARTS, election_no)],
    }


async def get_file(session: Reader, election_no: int, part_no: int) -> tuple[str, bytes]:
    """The label and the PDF of a file; audited. Raises NotFound while the night has not made it.

    Raises Forbidden when somebody on it has been protected since the cards were laid out, but for who may see where they live.
    """
    row = await session.fetchrow(_FILE, election_no, part_no)
    if row is None:
        raise NotFound("このファイルはまだ作成されていません。")
    hidden = frozenset(found["addressee_no"] for found in await session.fetch(_HIDDEN, election_no, part_no))
    if shut_from(session, hidden, "electoral_roll.card_file"):
        message = (
            "作成の後で支援措置を受けた人の券があります。住所を表示できる責任者が取り出し、その券を抜いてください。"
        )
        raise Forbidden(message)
    detail = {"election_no": election_no, "part_no": part_no}
    session.audit(AuditEvent("electoral_roll.card_file", detail=detail))
    return row["label"], row["pdf"]


async def list_postcodes(session: Reader, election_no: int) -> list[tuple[str, int]]:
    """区分の一覧: how many sheets go to each postcode, in the order of the post; those without one last."""
    rows = await session.fetch(_POSTCODES, election_no)
    session.audit(AuditEvent("electoral_roll.card_postcodes", detail={"election_no": election_no}))
    return [(row["postcode"], row["sheets"]) for row in rows]


def _line(election_no: int, row: Any) -> dict[str, Any]:
    return {"entry_no": row["entry_no"], "card": card_code(election_no, row["card_no"]), "name": row["name"]}
