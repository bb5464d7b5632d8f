"""The three acts of a data migration: check, rehearse in the practice copy, load for real. Each leaves a row and an audit event."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from yoriai import registry
from yoriai.audit import APPEND, AuditEvent, Principal, to_argument, to_rows
from yoriai.clock import Clock
from yoriai.database.migrate import Migrator
from yoriai.errors import FieldError, Invalid
from yoriai.numbering import allocate_in_bulk
from yoriai.onboarding.checking import Checked, Progress, check
from yoriai.onboarding.layout import Context
from yoriai.onboarding.loading import load
from yoriai.onboarding.reconciling import ItemResult
from yoriai.onboarding.settings import Settings
from yoriai.tenancy.bulk import BulkDatabase, BulkWriteSession
from yoriai.tenancy.ref import TenantRef


@dataclass(frozen=True)
class Done:
    """What an act has done; `items` is empty for a check."""

    run_no: int
    kind: str
    checked: Checked
    items: tuple[ItemResult, ...]
    started_at: datetime
    finished_at: datetime

    def to_json(self) -> dict[str, Any]:
        """The result as JSON, with the remarks."""
        return {
            "run_no": self.run_no,
            "kind": self.kind,
            "digest": self.checked.digest,
            "is_clean": self.checked.is_clean,
            "files": dict(self.checked.files),
            "tables": [result.to_json() for result in self.checked.tables],
            "rules": count_rules(self.checked),
            "remarks": [remark.to_json() for remark in self.checked.remarks],
            "reconciliation": [item.to_json() for item in self.items],
        }


@dataclass(frozen=True)
class Work:
    """One municipality's data migration, with what it needs."""

    database: BulkDatabase
    migrator: Migrator
    settings: Settings
    context: Context
    clock: Clock

    def check(self, progress: Progress = lambda _: None) -> Done:
        """Judge the files. Raises Invalid where they are not of the layout."""
        started = self.clock()
        return self._record("check", check(self.settings, self.context, progress), (), started)

    def rehearse(self, accepted: str, progress: Progress = lambda _: None, *, keep: bool = False) -> Done:
        """Load into a fresh practice copy, which is removed again unless it is to be kept for looking at it.

        `accepted` is the digest of the check whose refused and set aside records somebody has accepted. Raises Invalid, and
        Conflict while somebody else rehearses or loads.
        """
        started = self.clock()
        with self.migrator.only_practice(self.context.config.tenant):
            checked = self._accepted(accepted, progress)
            progress("練習用の領域を作っています")
            practice = self.migrator.make_practice(self.context.config.tenant)
            try:
                with self.database.write(practice) as session:
                    for business in registry.businesses():
                        if business.prepare:
                            registry.load(business.prepare)(session, self.context.config)
                items = load(self.database, practice, checked, self.context, progress)
            finally:
                if not keep:
                    self.migrator.drop_practice(practice)
        return self._record("rehearsal", checked, items, started)

    def load(self, accepted: str, progress: Progress = lambda _: None) -> Done:
        """Load for real, all of what passed with the record of it, or nothing. Raises Invalid and Conflict like the rehearsal."""
        started = self.clock()
        done: list[Done] = []
        with self.migrator.only_practice(self.context.config.tenant):
            checked = self._accepted(accepted, progress)

            def finish(session: BulkWriteSession, items: Sequence[ItemResult]) -> None:
                done.append(self._record_in(session, "load", checked, items, started))

            load(self.database, self.context.config.tenant, checked, self.context, progress, finish)
            # A rehearsal that was kept for looking at is a second copy of everybody's data: now it has no purpose any more.
            self.migrator.drop_practice(TenantRef(self.context.config.code, practice=True))
        self.migrator.analyze(self.context.config.tenant)
        return done[0]

    def _accepted(self, accepted: str, progress: Progress) -> Checked:
        checked = check(self.settings, self.context, progress)
        if checked.is_clean or accepted == checked.digest:
            return checked
        left = sum(result.records - result.loaded for result in checked.tables)
        number = checked.digest
        message = (
            f"移行されない記録が{left:,}件あります。検査の報告を確かめ、番号 {number} を --accept に指定してください。"
        )
        raise Invalid("何も登録していません。", fields=[FieldError("accept", message, "not_accepted")])

    def _record(self, kind: str, checked: Checked, items: Sequence[ItemResult], started: datetime) -> Done:
        with self.database.write(self.context.config.tenant) as session:
            return self._record_in(session, kind, checked, items, started)

    def _record_in(
        self, session: BulkWriteSession, kind: str, checked: Checked, items: Sequence[ItemResult], started: datetime
    ) -> Done:
        number = allocate_in_bulk(session, "onboarding_run")
        done = Done(number, kind, checked, tuple(items), started, self.clock())
        self._write(session, done)
        return done

    def _write(self, session: BulkWriteSession, done: Done) -> None:
        row = {
            "run_no": done.run_no,
            "kind": done.kind,
            "system": self.settings.system,
            "as_of": self.context.as_of,
            "digest": done.checked.digest,
            "started_at": done.started_at,
            "finished_at": done.finished_at,
            "staff_id": self.context.staff,
            "tables": _json([result.to_json() for result in done.checked.tables]),
            "rules": _json(count_rules(done.checked)),
            "items": _json([item.to_json() for item in done.items]),
        }
        session.append("onboarding_run", pl.DataFrame([row]))
        request = f"onboarding:{done.checked.digest}"
        who = Principal(self.context.staff, terminal=self.context.terminal, request_id=request)
        counts = {result.table.name: result.to_json() for result in done.checked.tables}
        event = AuditEvent(f"onboarding.{done.kind}.view", f"onboarding_run:{done.run_no}", "データ移行", counts)
        session.read(APPEND, (to_argument(to_rows(who, [event])),))


def count_rules(checked: Checked) -> list[dict[str, Any]]:
    """How often each rule was broken, by table and item."""
    found = Counter(
        (remark.table, remark.column, remark.rule, str(remark.outcome or "noted")) for remark in checked.remarks
    )
    return [
        {"table": table, "column": column, "rule": rule, "outcome": outcome, "count": count}
        for (table, column, rule, outcome), count in sorted(found.items())
    ]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
