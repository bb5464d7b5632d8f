"""What is read for the register's screens. Every registration that is opened is recorded."""

from datetime import date
from typing import Any

from modules.resident.basic_register.facts import (
    find_certificate_stop,
    find_names,
    find_resident,
    refuse_concealed,
    without_concealed,
)
from modules.resident.non_resident.facts import list_mail_warnings
from modules.resident.seal_registration.cards import CARD_ACTS
from modules.resident.seal_registration.certificates import certificates_of
from modules.resident.seal_registration.checks import is_ward
from modules.resident.seal_registration.models import CARD_ENDS, IDENTITY_LABELS, MATERIALS
from modules.resident.seal_registration.protection import shown_address
from modules.resident.seal_registration.rules import TEXT_LABELS
from modules.resident.seal_registration.states import (
    END_REASONS,
    STATE_LABELS,
    TRANSITIONS,
    Act,
    State,
    possible_acts,
)
from modules.resident.seal_registration.views import (
    ActRow,
    ApplicationForm,
    CardRow,
    Chip,
    Comparison,
    GuardianshipForm,
    InquiryRow,
    PersonLine,
    Picture,
    RegistrationList,
    RegistrationRow,
    RegistrationView,
    ReviewList,
    ReviewRow,
    StateRow,
)
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import OPEN_END, age_at_end_of, format_wareki
from yoriai.errors import NotFound
from yoriai.rules import ParameterSet
from yoriai.tenancy.session import Reader, Record
from yoriai.web.fields import is_number

_SEX = {"1": "男", "2": "女", "9": "不明"}
PAGE = 100
_OUTCOMES = {"answered": "回答あり", "rejected": "取下げ・不受理", "lapsed": "期限経過"}
_PEOPLE = {"self": "本人", "agent": "代理人"}
_CLERK_END = ("application", "lost_card", "lost_seal", "guardianship", "wrong")
_ROW = """
SELECT r.registration_no, r.addressee_no, coalesce(n.name, r.name) AS name, r.seal_text, r.identity_kind, s.status,
       s.valid_from AS since, s.end_reason, c.card_no, q.due_on
  FROM seal_registration_state s JOIN seal_registration r ON r.registration_no = s.registration_no
  LEFT JOIN fact_resident_name n ON n.addressee_no = r.addressee_no
  LEFT JOIN seal_card c ON c.registration_no = r.registration_no AND c.ended_on IS NULL
  LEFT JOIN seal_inquiry q ON q.registration_no = r.registration_no AND q.closed_on IS NULL
 WHERE s.superseded_at IS NULL AND s.valid_to = '9999-12-31'
"""
_BY_STATUS = f"{_ROW} AND s.status = $1 ORDER BY r.registration_no DESC LIMIT $2 OFFSET $3"
_BY_NUMBER = f"""{_ROW} AND (r.registration_no = $1 OR r.addressee_no = $1
   OR r.registration_no IN (SELECT registration_no FROM seal_card WHERE card_no = $1)) ORDER BY r.registration_no DESC LIMIT $2"""  # noqa: S608
_OVERDUE = f"{_ROW} AND s.status = 'inquiring' AND q.due_on < $1 ORDER BY q.due_on, r.registration_no LIMIT 200"
_COUNTS = """
SELECT status, count(*) AS count FROM seal_registration_state
 WHERE superseded_at IS NULL AND valid_to = '9999-12-31' GROUP BY status
"""
_ONE = """
SELECT r.registration_no, r.addressee_no, r.version, r.applied_on, r.seal_text, r.text_kind, r.material, r.name, r.applicant,
       r.agent_name, r.representative_name, r.identity_kind, r.identity_document, r.guarantor_no, r.office, r.note,
       i.width, i.height, i.picture_width, i.picture_height,
       s.status, s.valid_from, s.end_reason
  FROM seal_registration r JOIN seal_image i ON i.registration_no = r.registration_no
  JOIN seal_registration_state s ON s.registration_no = r.registration_no
   AND s.superseded_at IS NULL AND s.valid_to = '9999-12-31'
 WHERE r.registration_no = $1
"""
_CARDS = """
SELECT card_no, issued_on, ended_on, end_reason FROM seal_card WHERE registration_no = $1 ORDER BY issued_on DESC, card_no DESC
"""
_INQUIRIES = """
SELECT inquiry_no, sent_on, due_on, closed_on, outcome, answered_by, answer_document FROM seal_inquiry
 WHERE registration_no = $1 ORDER BY inquiry_no DESC
"""
_STATES = """
SELECT status, end_reason, valid_from, valid_to, recorded_at, superseded_at FROM seal_registration_state
 WHERE registration_no = $1 ORDER BY recorded_at DESC, valid_from DESC, id DESC LIMIT 100
"""
_HISTORY = """
SELECT act, "on", state_after, end_reason, reason, applicant, fee, recorded_at, staff_id FROM seal_act
 WHERE registration_no = $1 ORDER BY id DESC LIMIT 100
"""
_OPEN = """
SELECT registration_no FROM seal_registration_state
 WHERE addressee_no = $1 AND superseded_at IS NULL AND valid_to = '9999-12-31'
   AND status IN ('inquiring', 'active', 'suspended')
"""
_REVIEWS = """
SELECT v.id, v.registration_no, r.addressee_no, r.seal_text, v.name_before, v.name_after, v.effective_on,
       i.width, i.height, i.picture_width, i.picture_height
  FROM seal_review v JOIN seal_registration r ON r.registration_no = v.registration_no
  JOIN seal_image i ON i.registration_no = v.registration_no
 WHERE v.closed_at IS NULL ORDER BY v.effective_on, v.id LIMIT 200
"""
_HOUSEHOLD = """
SELECT f.addressee_no, f.name, f.relationship_text, r.registration_no, r.seal_text, s.status,
       i.width, i.height, i.picture_width, i.picture_height
  FROM fact_resident f JOIN seal_registration_state s ON s.addressee_no = f.addressee_no
   AND s.superseded_at IS NULL AND s.valid_to = '9999-12-31' AND s.status IN ('inquiring', 'active', 'suspended')
  JOIN seal_registration r ON r.registration_no = s.registration_no JOIN seal_image i ON i.registration_no = r.registration_no
 WHERE f.household_no = $1 ORDER BY NOT f.is_head, f.birth_date
"""
_PNG = """
SELECT r.addressee_no, i.png FROM seal_image i JOIN seal_registration r ON r.registration_no = i.registration_no
 WHERE i.registration_no = $1
"""
_WARDS = """
SELECT g.addressee_no, coalesce(n.name, '(除票)') AS name, g.started_on, g.notified_on, g.source
  FROM seal_guardianship g LEFT JOIN fact_resident_name n ON n.addressee_no = g.addressee_no
 WHERE g.ended_on IS NULL ORDER BY g.notified_on DESC LIMIT 200
"""


async def list_registrations(session: Reader, status: State, q: str, page: int, today: date) -> RegistrationList:
    """A page of the registrations of a state, newest first; or those of a registration, card or 宛名番号."""
    counts = {row["status"]: row["count"] for row in await session.fetch(_COUNTS)}
    if q:
        found = await session.fetch(_BY_NUMBER, int(q), PAGE) if is_number(q) else []
        total = len(found)
    else:
        found = await session.fetch(_BY_STATUS, str(status), PAGE, (page - 1) * PAGE)
        total = counts.get(str(status), 0)
    found = await without_concealed(session, found)
    session.audit(AuditEvent("seal_registration.list", detail={"status": str(status), "q": q, "found": len(found)}))
    return RegistrationList(
        rows=[_row(row, today) for row in found],
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE)),
        status="" if q else str(status),
        q=q,
        counts=[
            {"status": str(each), "label": STATE_LABELS[each][0], "count": counts.get(str(each), 0)} for each in State
        ],
        initial={"q": q},
    )


async def get_registration(session: Reader, registration_no: int, today: date) -> RegistrationView:
    """登録原票; raises NotFound."""
    row = await session.fetchrow(_ONE, registration_no)
    if row is None:
        raise NotFound("この登録番号はありません。")
    number, state = row["addressee_no"], State(row["status"])
    await refuse_concealed(session, [number], "この登録番号はありません。")
    session.audit(
        AuditEvent("seal_registration.view", f"addressee:{number}", detail={"registration_no": registration_no})
    )
    changes = [(key, change.label) for key, change in CARD_ACTS.items() if state in change.sources]
    return RegistrationView(
        registration_no=registration_no,
        version=row["version"],
        person=await person_line(session, number, row["name"], today),
        status=chip(state),
        status_code=state,
        since=row["valid_from"],
        end_reason=END_REASONS.get(row["end_reason"] or "", ""),
        applied_on=row["applied_on"],
        seal_text=row["seal_text"],
        text_kind=TEXT_LABELS[row["text_kind"]],
        material=MATERIALS[row["material"]],
        name=row["name"],
        applicant=f"代理人 {row['agent_name']}" if row["agent_name"] else "本人",
        representative_name=row["representative_name"] or "",
        identity=IDENTITY_LABELS[row["identity_kind"]],
        identity_document=row["identity_document"],
        guarantor_no=row["guarantor_no"],
        office=row["office"],
        note=row["note"],
        alerts=await _alerts(session, number, today),
        picture=picture(row),
        cards=[_card(card) for card in await session.fetch(_CARDS, registration_no)],
        inquiries=[_inquiry(item, today) for item in await session.fetch(_INQUIRIES, registration_no)],
        certificates=await certificates_of(session, registration_no),
        states=[_state(item) for item in await session.fetch(_STATES, registration_no)],
        history=[_act(item) for item in await session.fetch(_HISTORY, registration_no)],
        acts=[(str(act), TRANSITIONS[act].label) for act in possible_acts(state)],
        end_reasons=[(code, END_REASONS[code]) for code in _CLERK_END],
        card_acts=changes if state in (State.ACTIVE, State.SUSPENDED, State.ENDED) else [],
        initial={"on": today.isoformat(), "card_on": today.isoformat(), "answered_by": "self"},
    )


async def get_image(session: Reader, registration_no: int) -> bytes:
    """The impression as PNG; every sight is recorded. Raises NotFound."""
    row = await session.fetchrow(_PNG, registration_no)
    if row is None:
        raise NotFound("この登録番号はありません。")
    await refuse_concealed(session, [row["addressee_no"]], "この登録番号はありません。")
    detail = {"registration_no": registration_no}
    session.audit(AuditEvent("seal_registration.image.view", f"addressee:{row['addressee_no']}", detail=detail))
    return bytes(row["png"])


async def get_application_form(
    session: Reader, addressee_no: int | None, figures: ParameterSet, today: date
) -> ApplicationForm:
    """The form, with the person's names and what is already known when a number was given; raises NotFound."""
    form = ApplicationForm(
        person=None,
        names=[],
        open_no=None,
        is_ward=False,
        figures=_shown_figures(figures),
        materials=list(MATERIALS.items()),
        identities=[(code, label) for code, label in IDENTITY_LABELS.items() if code != "conversion"],
        initial={"applied_on": today.isoformat(), "applicant": "self", "material": "hard", "dpi": ""},
    )
    if addressee_no is None:
        return form
    names = await find_names(session, addressee_no)
    if names is None:
        raise NotFound("この宛名番号の住民はいません。")
    await refuse_concealed(session, [addressee_no], "この宛名番号の住民はいません。")
    session.audit(AuditEvent("seal_registration.view", f"addressee:{addressee_no}", detail={"part": "application"}))
    form.person = await person_line(session, addressee_no, names.name, today)
    form.names = [text for text in (names.name, names.former_surname, names.alias) if text]
    form.open_no = await session.fetchval(_OPEN, addressee_no)
    form.is_ward = await is_ward(session, addressee_no, today)
    form.initial |= {"addressee_no": addressee_no, "seal_text": names.name.split()[0]}
    return form


async def list_reviews(session: Reader, today: date) -> ReviewList:
    """What waits for a judgement, and the 照会書 without an answer in time."""
    rows = await without_concealed(session, await session.fetch(_REVIEWS))
    overdue = await without_concealed(session, await session.fetch(_OVERDUE, today))
    session.audit(AuditEvent("seal_registration.reviews", detail={"found": len(rows), "overdue": len(overdue)}))
    return ReviewList(
        rows=[
            ReviewRow(**{name: row[name] for name in ReviewRow.model_fields if name != "picture"}, picture=picture(row))
            for row in rows
        ],
        overdue=[_row(row, today) for row in overdue],
    )


async def get_comparison(session: Reader, household_no: int) -> Comparison:
    """The impressions of one household; each person shown is recorded."""
    rows = await without_concealed(session, await session.fetch(_HOUSEHOLD, household_no))
    for row in rows:
        detail = {"registration_no": row["registration_no"], "part": "comparison"}
        session.audit(AuditEvent("seal_registration.view", f"addressee:{row['addressee_no']}", detail=detail))
    return Comparison(
        household_no=household_no,
        rows=[
            {
                **{name: row[name] for name in ("addressee_no", "name", "registration_no", "seal_text")},
                "relationship": row["relationship_text"],
                "status": chip(row["status"]).model_dump(),
                "picture": picture(row).model_dump(),
            }
            for row in rows
        ],
    )


async def get_guardianship_form(session: Reader, addressee_no: int | None, today: date) -> GuardianshipForm:
    """The notices that stand, and a blank one."""
    rows = [dict(row) for row in await without_concealed(session, await session.fetch(_WARDS))]
    session.audit(AuditEvent("seal_registration.guardianships", detail={"found": len(rows)}))
    initial: dict[str, Any] = {"notified_on": today.isoformat(), "addressee_no": addressee_no or ""}
    return GuardianshipForm(rows=rows, initial=initial)


async def person_line(session: Reader, addressee_no: int, name: str, today: date) -> PersonLine:
    """The person as the register has them; somebody who has left by the name of the registration."""
    resident = await find_resident(session, addressee_no)
    return PersonLine(
        addressee_no=addressee_no,
        name=resident.name if resident else name,
        kana=resident.name_kana if resident else "",
        birth_date=resident.birth_date if resident else None,
        age=age_at_end_of(today, resident.birth_date) if resident else 0,
        sex=_SEX[resident.sex] if resident else "",
        address=await shown_address(session, resident) if resident else "(除票)",
        household_no=resident.household_no if resident else None,
        href=f"/resident/persons/{addressee_no}",
    )


def chip(status: str) -> Chip:
    """A state as a chip."""
    label, kind = STATE_LABELS[status]
    return Chip(label=label, kind=kind)


def picture(row: Record) -> Picture:
    """An impression's measures."""
    return Picture(**{name: row[name] for name in Picture.model_fields})


async def _alerts(session: Reader, addressee_no: int, today: date) -> list[str]:
    names = await find_names(session, addressee_no)
    found = []
    if await find_certificate_stop(session, addressee_no, today):
        found.append("証明書の交付が抑止されています。交付・住所の案内をせず、担当者に引き継いでください。")
    if names is None:
        found.append("住民票がありません（転出・死亡など）。")
    elif names.planned_removal_on:
        found.append(f"転出予定日 {format_wareki(names.planned_removal_on)}。その日に登録は効力を失います。")
    if await is_ward(session, addressee_no, today):
        found.append("後見開始の通知があります。")
    told = await list_mail_warnings(session, addressee_no, "seal_registration")
    return [*found, *(f"{text}。照会書・通知書を送る前に居所を確かめてください。" for text in told)]


def _shown_figures(figures: ParameterSet) -> list[dict[str, Any]]:
    units = {
        "age.minimum": "歳",
        "size.minimum_mm": "mm",
        "size.maximum_mm": "mm",
        "inquiry.reply_days": "日",
        "fee.card": "円",
    }
    return [{**figures[key].to_json(), "unit": unit} for key, unit in units.items() if key in figures]


def _row(row: Record, today: date) -> RegistrationRow:
    return RegistrationRow(
        **{name: row[name] for name in ("registration_no", "addressee_no", "name", "seal_text", "since", "card_no")},
        identity=IDENTITY_LABELS[row["identity_kind"]],
        status=chip(row["status"]),
        end_reason=END_REASONS.get(row["end_reason"] or "", ""),
        due_on=row["due_on"],
        is_overdue=bool(row["due_on"] and row["due_on"] < today),
    )


def _card(row: Record) -> CardRow:
    return CardRow(**(dict(row) | {"end_reason": CARD_ENDS.get(row["end_reason"] or "", "")}))


def _inquiry(row: Record, today: date) -> InquiryRow:
    return InquiryRow(
        **{name: row[name] for name in ("inquiry_no", "sent_on", "due_on", "closed_on")},
        outcome=_OUTCOMES.get(row["outcome"] or "", "回答待ち"),
        answered_by=_PEOPLE.get(row["answered_by"] or "", ""),
        answer_document=row["answer_document"] or "",
        is_overdue=row["closed_on"] is None and row["due_on"] < today,
    )


def _state(row: Record) -> StateRow:
    return StateRow(
        status=chip(row["status"]),
        end_reason=END_REASONS.get(row["end_reason"] or "", ""),
        valid_from=row["valid_from"],
        valid_to=None if row["valid_to"] == OPEN_END else row["valid_to"],
        recorded_at=row["recorded_at"].astimezone(JAPAN),
        superseded_at=row["superseded_at"] and row["superseded_at"].astimezone(JAPAN),
    )


def _act(row: Record) -> ActRow:
    key: str = row["act"]
    label = CARD_ACTS[key.removeprefix("card_")].label if key.startswith("card_") else TRANSITIONS[Act(key)].label
    why = END_REASONS.get(row["end_reason"] or "", "")
    return ActRow(
        on=row["on"],
        label=f"登録証 {label}" if key.startswith("card_") else label,
        status=chip(row["state_after"]),
        reason=" ".join(part for part in (why, row["reason"]) if part),
        applicant=row["applicant"],
        fee=row["fee"],
        recorded_at=row["recorded_at"].astimezone(JAPAN),
        staff_id=row["staff_id"],
    )
