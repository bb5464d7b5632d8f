"""Runs: asked for, approved where 個人番号 is in them, made in the background, received by who asked for them."""

from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from yoriai.audit import AuditEvent, Principal
from yoriai.clock import JAPAN
from yoriai.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yoriai.extraction.catalogue import find_veil
from yoriai.extraction.checking import check
from yoriai.extraction.definition import Definition, describe
from yoriai.extraction.inputs import Composed, Decision, Requested
from yoriai.extraction.lease import LEASE
from yoriai.extraction.states import LABELS, RunState, change
from yoriai.extraction.tenant_models import ExtractionRun
from yoriai.numbering import allocate
from yoriai.sealing import Sealed, Sealer
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Reader, WriteSession

NUMBER, APPROVE, SUPERVISE = "extraction.number", "extraction.approve", "extraction.supervise"
_MOST_WAITING = 5
_LIST = """
SELECT r.run_no, r.name, r.definition::text AS definition, r.base_date, r.purpose, r.format, r.reveals, r.is_sealed, r.staff_id,
       r.staff_name, r.section, r.status, r.requested_at, r.approved_by, coalesce(a.display_name, r.approved_by) AS approver_name,
       r.decided_at, r.decision_note, r.finished_at, r.rows_found, r.rows_done, r.rows_masked, r.people, r.is_mass, r.file_name,
       r.file_size, r.sealed_password IS NOT NULL AS has_password, r.expires_at, r.downloads, r.error
  FROM extraction_run r LEFT JOIN staff a ON a.login = r.approved_by"""
_WAITING = "SELECT count(*) FROM extraction_run WHERE staff_id = $1 AND status IN ('waiting', 'running')"
_STUCK = """
SELECT EXISTS (
  SELECT FROM extraction_run
   WHERE (status = 'waiting' AND coalesce(decided_at, requested_at) < $1) OR (status = 'running' AND beaten_at < $2))"""
_PATIENCE = timedelta(seconds=30)
_PARTS = "SELECT content FROM extraction_part WHERE run_no = $1 ORDER BY part_no"
_OF_PERSON = f"""{_LIST}
  JOIN extraction_person p ON p.run_no = r.run_no WHERE p.addressee_no = $1 ORDER BY r.run_no DESC LIMIT 200"""


class RunView(BaseModel):
    """A run as its list and its page show it."""

    run_no: int
    name: str
    base_date: date
    purpose: str
    format: str
    reveals: bool
    is_sealed: bool
    staff_id: str
    staff_name: str
    section: str
    status: str
    status_label: str
    status_kind: str
    requested_at: datetime
    approver_name: str | None
    decided_at: datetime | None
    decision_note: str
    finished_at: datetime | None
    rows_found: int | None
    rows_done: int
    rows_masked: int
    people: int
    is_mass: bool
    file_name: str
    file_size: int | None
    has_password: bool
    expires_at: datetime | None
    downloads: int
    error: str
    is_own: bool
    may_decide: bool
    words: list[str]

    @property
    def is_moving(self) -> bool:
        """Whether it changes by itself."""
        return self.status in (RunState.WAITING, RunState.RUNNING)


class Password(BaseModel):
    """The password of a protected file, shown this once."""

    run_no: int
    password: str


async def request_run(session: WriteSession, body: Composed, now: datetime) -> Requested:
    """Ask for an extraction. With 個人番号 it waits for a second person. Raises Invalid with everything that is wrong."""
    who, definition = session.principal, body.definition
    _refuse(await _mistakes(session, body, definition))
    check(definition, who, now.date())
    is_sealed = definition.has_sealed
    name = body.name.strip() or definition.views()[0].label
    number = await allocate(session, "extraction_run")
    file_name = f"{_file_safe(name)}_{now.astimezone(JAPAN):%Y%m%d}_{number}.{body.format}{'.zip' if is_sealed else ''}"
    session.add(
        ExtractionRun(
            run_no=number,
            template_no=body.template_no,
            name=name,
            definition=definition.model_dump(mode="json"),
            digest=definition.digest,
            base_date=definition.day(now.date()),
            purpose=body.purpose.strip(),
            format=body.format,
            reveals=body.reveals,
            is_sealed=is_sealed,
            staff_id=who.login,
            staff_name=who.display_name or who.login,
            section=who.section,
            terminal=who.terminal,
            status=RunState.APPROVAL if is_sealed else RunState.WAITING,
            requested_at=now,
            decision_note="",
            file_name=file_name,
            error="",
        )
    )
    await session.flush()
    detail = {
        "definition": definition.model_dump(mode="json"),
        "sealed": is_sealed,
        "reveals": body.reveals,
        "format": body.format,
    }
    session.audit(AuditEvent("extraction.request", f"extraction:{number}", body.purpose.strip(), detail))
    return Requested(run_no=number)


async def decide_run(session: WriteSession, run_no: int, body: Decision, now: datetime) -> Requested:
    """Approve or refuse what somebody else asked for. Nothing is output before."""
    run = await _locked(session, run_no)
    who = session.principal
    if run.staff_id == who.login:
        raise Forbidden("自分の申請は承認できません。ほかの承認者に依頼してください。")
    if body.decision == "refuse" and not body.note.strip():
        raise Invalid(fields=[FieldError("note", "却下の理由を入力してください。", "empty")])
    after = RunState.WAITING if body.decision == "approve" else RunState.REFUSED
    run.status = change(RunState(run.status), after)
    run.approved_by, run.decided_at, run.decision_note = who.login, now, body.note.strip()
    detail = {"digest": run.digest, "requested_by": run.staff_id}
    session.audit(AuditEvent(f"extraction.{body.decision}", f"extraction:{run_no}", body.note.strip(), detail))
    await session.flush()
    return Requested(run_no=run_no)


async def cancel_run(session: WriteSession, run_no: int) -> Requested:
    """Take an own run back; what its worker has made is thrown away."""
    run = await _locked(session, run_no)
    if run.staff_id != session.principal.login:
        raise Forbidden("自分の抽出だけを取り消せます。")
    run.status = change(RunState(run.status), RunState.CANCELLED)
    session.audit(AuditEvent("extraction.cancel", f"extraction:{run_no}"))
    await session.flush()
    return Requested(run_no=run_no)


async def reveal_password(session: WriteSession, tenant: TenantRef, sealer: Sealer, run_no: int) -> Password:
    """The password of an own protected file, once: after that nobody can read it any more."""
    run = await _locked(session, run_no)
    if run.staff_id != session.principal.login:
        raise Forbidden("パスワードは申請した本人だけに表示します。")
    if run.status != RunState.DONE or run.sealed_password is None:
        raise Conflict("パスワードは表示済みか、まだありません。分からなくなったときは、もう一度申請してください。")
    place = Sealed(tenant, "extraction_password", f"extraction:{run_no}")
    password = sealer.open(place, run.sealed_password)
    run.sealed_password = None
    session.audit(AuditEvent("extraction.password", f"extraction:{run_no}", run.purpose))
    await session.flush()
    return Password(run_no=run_no, password=password)


async def fetch_file(session: WriteSession, run_no: int, now: datetime) -> tuple[str, bytes]:
    """Name and content of an own finished file."""
    run = await _locked(session, run_no)
    if run.staff_id != session.principal.login:
        raise Forbidden("ファイルは申し込んだ本人だけが受け取れます。")
    if run.status != RunState.DONE or run.expires_at is None or run.expires_at <= now:
        raise Conflict("このファイルはまだないか、受け取れる期間が過ぎました。")
    run.downloads += 1
    content = b"".join(row["content"] for row in await session.fetch(_PARTS, run_no))
    session.audit(
        AuditEvent(
            "extraction.download", f"extraction:{run_no}", run.purpose, {"bytes": len(content), "time": run.downloads}
        )
    )
    return run.file_name, content


async def list_runs(session: Reader) -> list[RunView]:
    """Own runs, those to be decided for who decides, all for who supervises; the newest first, 200 at most."""
    who = session.principal
    condition = "r.staff_id = $1 OR $2 OR ($3 AND r.is_sealed)"
    rows = await session.fetch(
        f"{_LIST} WHERE {condition} ORDER BY r.run_no DESC LIMIT 200", who.login, who.may(SUPERVISE), who.may(APPROVE)
    )
    return [_view(row, who) for row in rows]


async def get_run(session: Reader, run_no: int) -> RunView:
    """A run one may see. Raises NotFound."""
    who = session.principal
    row = await session.fetchrow(f"{_LIST} WHERE r.run_no = $1", run_no)
    is_seen = row is not None and (
        row["staff_id"] == who.login or who.may(SUPERVISE) or (who.may(APPROVE) and row["is_sealed"])
    )
    if row is None or not is_seen:
        raise NotFound("この抽出はありません。")
    return _view(row, who)


async def has_stuck_runs(session: Reader, now: datetime) -> bool:
    """Whether something waits that no worker has taken up, as after a restart of the serving process."""
    stuck: bool = await session.fetchval(_STUCK, now - _PATIENCE, now - LEASE)
    return stuck


async def list_runs_of_person(session: Reader, addressee_no: int) -> list[RunView]:
    """The extractions somebody was in: the answer to who has had the person's data. Audited."""
    rows = await session.fetch(_OF_PERSON, addressee_no)
    session.audit(AuditEvent("extraction.trace", f"addressee:{addressee_no}", detail={"runs": len(rows)}))
    return [_view(row, session.principal) for row in rows]


async def _mistakes(session: Reader, body: Composed, definition: Definition) -> list[FieldError]:
    who, errors, veil = session.principal, [], find_veil()
    if not body.purpose.strip():
        errors.append(FieldError("purpose", "利用目的を入力してください。抽出の記録に残ります。", "empty"))
    if definition.has_sealed and not who.may(NUMBER):
        errors.append(FieldError("items", "個人番号を含む抽出を申請する権限がありません。", "permission"))
    if body.reveals and not (veil and who.may(veil.permission)):
        errors.append(FieldError("reveals", "支援措置対象者の住所を見る権限がありません。", "permission"))
    waiting: int = await session.fetchval(_WAITING, who.login)
    if waiting >= _MOST_WAITING:
        errors.append(FieldError("", f"実行中の抽出が{waiting}件あります。終わってから申し込んでください。", "busy"))
    return errors


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise Invalid(fields=errors)


async def _locked(session: WriteSession, run_no: int) -> ExtractionRun:
    run = await session.get(ExtractionRun, run_no, with_for_update=True)
    if run is None:
        raise NotFound("この抽出はありません。")
    return run


def _file_safe(name: str) -> str:
    """The name without what no file name may hold."""
    return "".join("_" if letter in '\\/:*?"<>|' or ord(letter) < 32 else letter for letter in name)[:60]


def _view(row: Any, who: Principal) -> RunView:
    definition = Definition.model_validate_json(row["definition"])
    label, kind = LABELS[RunState(row["status"])]
    values = {key: row[key] for key in RunView.model_fields if key in row}
    return RunView(
        **values,
        status_label=label,
        status_kind=kind,
        is_own=row["staff_id"] == who.login,
        may_decide=row["status"] == RunState.APPROVAL and who.may(APPROVE) and row["staff_id"] != who.login,
        words=list(describe(definition)),
    )
