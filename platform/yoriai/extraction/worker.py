"""Makes the files of what waits: one snapshot read through a cursor, frame by frame, in a process of low priority.

Whoever is in a frame is in the audit chain before the frame goes into the file, and the file exists only when it is whole.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from yoriai.audit import APPEND, AuditEvent, Principal, to_argument, to_rows
from yoriai.clock import Clock
from yoriai.errors import YoriaiError
from yoriai.extraction.catalogue import find_veil
from yoriai.extraction.definition import Definition
from yoriai.extraction.formats import headings, new_password, protect, shown, writer_of
from yoriai.extraction.lease import LEASE
from yoriai.extraction.limits import limits_of
from yoriai.extraction.statement import MASKED, PERSON, Statement, compile_statement
from yoriai.sealing import Sealed, Sealer
from yoriai.tenancy.bulk import BulkDatabase, BulkWriteSession
from yoriai.tenancy.config import TenantConfig

ROWS = 5_000
"""Rows of one frame: some tens of milliseconds of work, and one audit event."""
MAX_ATTEMPTS = 3
STATEMENT_SECONDS = 900
PART_BYTES = 1024 * 1024
_LONGEST_REST = 1.0
"""Seconds. After each frame the worker rests as long as the frame took, but no longer than this: counters come first."""

_CLAIM = """
UPDATE extraction_run SET status = CASE WHEN attempt >= $3::bigint THEN 'failed' ELSE 'running' END, attempt = attempt + 1,
       started_at = $1::timestamptz, beaten_at = $1::timestamptz, rows_done = 0, rows_masked = 0, people = 0,
       error = CASE WHEN attempt >= $3::bigint THEN '途中で止まることが続いたため、打ち切りました。' ELSE '' END
 WHERE run_no = (SELECT run_no FROM extraction_run
                  WHERE status = 'waiting' OR (status = 'running' AND beaten_at < $2::timestamptz)
                  ORDER BY run_no LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING run_no, name, definition::text AS definition, digest, base_date, purpose, format, reveals, is_sealed, staff_id, terminal,
          status, attempt, file_name"""
_BEAT = """
UPDATE extraction_run SET beaten_at = $3::timestamptz, rows_done = $4::bigint, rows_masked = $5::bigint, people = $6::bigint
 WHERE run_no = $1::bigint AND attempt = $2::bigint AND status = 'running' RETURNING run_no"""
_FOUND = """
UPDATE extraction_run SET beaten_at = $3::timestamptz, rows_found = $4::bigint
 WHERE run_no = $1::bigint AND attempt = $2::bigint AND status = 'running' RETURNING run_no"""
_KNOWN = """
INSERT INTO extraction_person (run_no, addressee_no) SELECT $1::bigint, unnest($2::bigint[]) ON CONFLICT DO NOTHING"""
_DONE = """
UPDATE extraction_run SET status = 'done', finished_at = $3::timestamptz, file_size = $4::bigint,
       sealed_password = nullif($5::text, ''), expires_at = $6::timestamptz, is_mass = $7::boolean
 WHERE run_no = $1::bigint AND attempt = $2::bigint AND status = 'running' RETURNING run_no"""
_FAILED = """
UPDATE extraction_run SET status = 'failed', finished_at = $3::timestamptz, error = $4::text
 WHERE run_no = $1::bigint AND attempt = $2::bigint AND status = 'running' RETURNING run_no"""
_EXPIRE = """
UPDATE extraction_run SET status = 'expired', sealed_password = NULL WHERE status = 'done' AND expires_at <= $1::timestamptz
RETURNING run_no"""
_EMPTY = "DELETE FROM extraction_part WHERE run_no = ANY($1::bigint[])"


class Superseded(Exception):
    """The run was taken over by another worker or cancelled: what this one has is thrown away."""


@dataclass(frozen=True)
class Run:
    """A claimed run."""

    run_no: int
    attempt: int
    definition: Definition
    row: dict[str, Any]

    @property
    def principal(self) -> Principal:
        """Whose act it is: who asked for it, from the terminal it was asked from."""
        return Principal(self.row["staff_id"], terminal=self.row["terminal"], request_id=f"extraction:{self.run_no}")

    @property
    def subject(self) -> str:
        """What audit events name it by."""
        return f"extraction:{self.run_no}"


class Worker:
    """Works off one municipality's runs. `sealer` opens 個人番号 of approved runs."""

    def __init__(
        self, database: BulkDatabase, sealer: Sealer, config: TenantConfig, clock: Clock, *, rests: bool = True
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._config = config
        self._clock = clock
        self._tenant = config.tenant
        self._rests = rests

    def drain(self) -> int:
        """Make every file that waits, and remove those whose days are over; how many runs were taken up."""
        self._expire()
        taken = 0
        while (run := self._claim()) is not None:
            taken += 1
            self._work(run)
        return taken

    def _claim(self) -> Run | None:
        """The next run; one that stopped too often is given up on the way."""
        while True:
            now = self._clock()
            with self._database.write(self._tenant) as session:
                rows = session.read(_CLAIM, (now.isoformat(), (now - LEASE).isoformat(), MAX_ATTEMPTS)).to_dicts()
            if not rows:
                return None
            row = rows[0]
            if row["status"] == "running":
                return Run(row["run_no"], row["attempt"], Definition.model_validate_json(row["definition"]), row)

    def _work(self, run: Run) -> None:
        try:
            self._make(run)
        except Superseded:
            return
        except YoriaiError as error:
            self._fail(run, error.message)
        except Exception as error:  # what went wrong is told to the requester, and the next run is taken up
            self._fail(run, _in_words(error))

    def _make(self, run: Run) -> None:
        veil = find_veil()
        statement = compile_statement(run.definition, veil, run.row["base_date"], reveals=run.row["reveals"])
        writer = writer_of(run.row["format"], headings(statement.columns))
        people: set[int] = set()
        done = masked = 0
        with self._database.read(self._tenant, timeout_seconds=STATEMENT_SECONDS) as session:
            found = session.read(statement.counting(), statement.arguments).row(0, named=True)
            self._tell(run, _FOUND, found["found"])
            for frame in session.stream(statement.sql, statement.arguments, rows=ROWS):
                begun = time.monotonic()
                numbers = _people_of(frame)
                done += frame.height
                masked += int(frame[MASKED].sum() or 0) if MASKED in frame.columns else 0
                self._record(run, frame, numbers - people, done, masked, len(people | numbers))
                people |= numbers
                writer.write(shown(self._opened(run, frame, statement), statement.columns, veil.text if veil else ""))
                self._rest(time.monotonic() - begun)
        self._finish(run, writer.finish(), len(people), done)

    def _rest(self, seconds: float) -> None:
        if self._rests:
            time.sleep(min(_LONGEST_REST, seconds))

    def _record(self, run: Run, frame: pl.DataFrame, fresh: set[int], done: int, masked: int, people: int) -> None:
        """Progress, and whoever is in the frame, durable before the frame is used."""
        numbers = sorted(fresh)
        detail = {"persons": numbers, "count": len(numbers), "base_date": run.row["base_date"].isoformat()}
        events = [AuditEvent("extraction.view", run.subject, run.row["purpose"], detail)] if numbers else []
        if run.row["is_sealed"]:
            events += [
                AuditEvent("number.view", f"addressee:{no}", run.row["purpose"], {"as": run.subject}) for no in numbers
            ]
        if run.row["reveals"] and MASKED in frame.columns:
            shown_ = _people_of(frame.filter(pl.col(MASKED)))
            events += [
                AuditEvent("protected.view", f"addressee:{no}", run.row["purpose"], {"as": run.subject})
                for no in sorted(shown_)
            ]
        with self._database.write(self._tenant) as session:
            self._checked(session, run, _BEAT, done, masked, people)
            if numbers:
                session.execute(_KNOWN, (run.run_no, numbers))
            if events:
                session.read(APPEND, (to_argument(to_rows(run.principal, events)),))

    def _opened(self, run: Run, frame: pl.DataFrame, statement: Statement) -> pl.DataFrame:
        """The frame with its sealed values opened. Only a run a second person approved has any."""
        for column in statement.columns:
            if not column.item or not column.item.sealed or frame.is_empty():
                continue
            kind = column.item.sealed
            values = [
                self._sealer.open(Sealed(self._tenant, kind, f"addressee:{person}"), sealed) if sealed else None
                for person, sealed in zip(frame[column.person], frame[column.name], strict=True)
            ]
            frame = frame.with_columns(pl.Series(column.name, values, dtype=pl.String))
        return frame

    def _finish(self, run: Run, content: bytes, people: int, rows: int) -> None:
        password = new_password() if run.row["is_sealed"] else ""
        sealed = ""
        if password:
            content = protect(content, run.row["file_name"].removesuffix(".zip"), password)
            sealed = self._sealer.seal(Sealed(self._tenant, "extraction_password", run.subject), password)
        limits, now = limits_of(self._config), self._clock()
        is_mass = people >= limits.mass_people
        detail = {"rows": rows, "people": people, "bytes": len(content), "digest": run.row["digest"]}
        events = [AuditEvent("extraction.made", run.subject, run.row["purpose"], detail)]
        if is_mass:
            events.append(
                AuditEvent("extraction.mass", run.subject, run.row["purpose"], {**detail, "from": limits.mass_people})
            )
        parts = [content[start : start + PART_BYTES] for start in range(0, len(content), PART_BYTES)]
        with self._database.write(self._tenant) as session:
            until = (now + timedelta(days=limits.keep_days)).isoformat()
            self._checked(session, run, _DONE, len(content), sealed, until, is_mass)
            session.execute(_EMPTY, ([run.run_no],))
            session.append(
                "extraction_part",
                pl.DataFrame(
                    {"run_no": [run.run_no] * len(parts), "part_no": range(len(parts)), "content": parts},
                    schema={"run_no": pl.Int64, "part_no": pl.Int64, "content": pl.Binary},
                ),
            )
            session.read(APPEND, (to_argument(to_rows(run.principal, events)),))

    def _tell(self, run: Run, statement: str, *values: Any) -> None:
        with self._database.write(self._tenant) as session:
            self._checked(session, run, statement, *values)

    def _fail(self, run: Run, reason: str) -> None:
        with self._database.write(self._tenant) as session:
            session.read(_FAILED, (run.run_no, run.attempt, self._clock().isoformat(), reason))
            events = [AuditEvent("extraction.failed", run.subject, detail={"reason": reason})]
            session.read(APPEND, (to_argument(to_rows(run.principal, events)),))

    def _checked(self, session: BulkWriteSession, run: Run, statement: str, *values: Any) -> None:
        """Write on condition that the run is still this worker's. Raises Superseded."""
        arguments = (run.run_no, run.attempt, self._clock().isoformat(), *values)
        if session.read(statement, arguments).is_empty():
            raise Superseded

    def _expire(self) -> None:
        with self._database.write(self._tenant) as session:
            gone = session.read(_EXPIRE, (self._clock().isoformat(),))["run_no"].to_list()
            if gone:
                session.execute(_EMPTY, (gone,))


def _people_of(frame: pl.DataFrame) -> set[int]:
    columns = [name for name in frame.columns if name.startswith(PERSON)]
    return {number for name in columns for number in frame[name].drop_nulls().to_list()}


def _in_words(error: Exception) -> str:
    if "57014" in str(error) or "statement timeout" in str(error):
        return f"{STATEMENT_SECONDS // 60}分以内に終わらなかったため、打ち切りました。条件を絞ってください。"
    return f"抽出できませんでした（{type(error).__name__}）。システム担当に連絡してください。"
