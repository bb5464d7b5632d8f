"""How a business declares its batch jobs: data and two functions a job. `batch/` plans and runs them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from yoriai.calendar.rules import DAILY, CalendarRule

if TYPE_CHECKING:
    from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession
    from yoriai.tenancy.config import TenantConfig
    from yoriai.tenancy.ref import TenantRef
    from yoriai.tenancy.use_cases import UseCases


@dataclass(frozen=True)
class Needs:
    """Units of each shared resource a job holds while it runs."""

    cpu: int = 1
    io: int = 1
    connections: int = 2
    print: int = 0


@dataclass(frozen=True)
class Chunk:
    """A half-open key range [lower, upper) of the job's own choosing."""

    no: int
    lower: int
    upper: int


@dataclass(frozen=True)
class RowError:
    """A row that could not be processed: whose it is (`addressee:123`) and why, for the error list of the business section."""

    subject: str
    reason: str


@dataclass(frozen=True)
class ChunkResult:
    """Counts of a finished chunk; `control_total` (yen or a count) is compared with the last run's.

    `errors` says which rows could not be processed; it is kept with the chunk, in the municipality's schema.
    """

    rows_in: int
    rows_out: int
    rows_error: int = 0
    control_total: int = 0
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True)
class JobContext:
    """For whom and as of when a job runs. `now` is read once, when the job starts.

    `use_cases` runs what the counter does, for the few jobs whose rows need all checks of a clerk's act.
    """

    tenant: "TenantRef"
    config: "TenantConfig"
    business_date: date
    fiscal_year: int
    run_key: str
    now: datetime
    use_cases: "UseCases | None" = None


@dataclass(frozen=True)
class Job:
    """A job of one municipality and business date. What `run_chunk` writes commits together with the chunk's mark.

    All clocks count on past the business date's midnight: 25:00 is one at night. `release` and `deadline` bound the run: what is
    not done by the deadline is cut off. `start_by` and `end_by` only raise an alert (開始遅延, 終了遅延), by a time or, as
    `+30`, by minutes after the planned start; so does a run longer than `max_minutes`. Each is left out when empty.
    `timeout_seconds` ends a statement that runs away.
    """

    name: str
    label: str
    plan_chunks: Callable[["BulkReadSession", JobContext], list[Chunk]]
    run_chunk: Callable[["BulkWriteSession", JobContext, Chunk], ChunkResult]
    after: tuple[str, ...] = ()
    needs: Needs = Needs()
    size_driver: str = "residents"
    rows_per_second: int = 20_000
    priority: int = 3
    chunk_rows: int = 5_000
    release: str = "00:00"
    deadline: str = "32:30"
    start_by: str = ""
    end_by: str = ""
    max_minutes: int = 0
    timeout_seconds: int = 900
    job_class: str = ""
    """Jobs of one class (printing, a link to outside) may be limited together, over all municipalities."""
    waits_for: tuple[str, ...] = ()
    """Outside events (a delivery of 住基ネット, a bank's file) that must have arrived before it starts."""


@dataclass(frozen=True)
class OutsideEvent:
    """Something from outside that is waited for: 住基ネットの配信, 地銀協の結果ファイル, 印刷会社の引取.

    `expected` (on the business date's clock) is what a plan reckons with; the run waits until it has really arrived.
    `jobs` are those of the net that wait, empty for all that no other job of the net comes before.
    """

    name: str
    label: str
    expected: str
    jobs: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobNet:
    """ジョブネット: jobs that belong together and run on the same days."""

    name: str
    label: str
    jobs: tuple[Job, ...]
    calendar: CalendarRule = DAILY
    waits_for: tuple[OutsideEvent, ...] = ()
