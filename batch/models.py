"""The night's tables in the installation's schema: the plan, the queue, what happened, what it used."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from batch.states import Status
from yoriai.database.metadata import APPEND, CLOCK, PlatformBase, own_rows

_STATUSES = ", ".join(f"'{status.value}'" for status in Status)


class BatchNight(PlatformBase):
    """A run of one business date over all municipalities. Who holds the lock of its row may start a job."""

    __tablename__ = "batch_night"
    __table_args__ = (
        CheckConstraint("status in ('planned', 'running', 'ended', 'cancelled')", name="status"),
        UniqueConstraint("business_date", "rerun_no"),
        Index("uq_batch_night_one_running", "status", unique=True, postgresql_where=text("status = 'running'")),
        {"info": own_rows("", "night_key", "business_date", "rerun_no", "status", "origin", "started_at", "ended_at")},
    )
    night_key: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date]
    rerun_no: Mapped[int]
    status: Mapped[str]
    is_staggered: Mapped[bool] = mapped_column(Boolean)
    cpu: Mapped[int]
    io: Mapped[int]
    connections: Mapped[int]
    print: Mapped[int] = mapped_column(server_default=text("0"))
    steps: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    """Changes of the capacity over the night: [{"at": moment, "capacity": {resource: units}}], in order of time."""
    blackouts: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    """When nothing runs: [{"start", "end", "municipality_code" ("" for all), "reason"}]."""
    municipality_limit: Mapped[int | None]
    """Jobs of one municipality at once; NULL: any number."""
    class_limits: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """Jobs of one class at once, over all municipalities."""
    use_limits: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """Measured use above which nothing more starts: {"cpu_millicores", "io_kilobytes", "connections"}."""
    counter_limit_ms: Mapped[int | None]
    """Above this 95th percentile at the counters the batch slows down; NULL: never."""
    counter_quiet_us: Mapped[int | None]
    """The counters' 95th percentile while no job ran, when the night was opened."""
    jobs_beside_counters: Mapped[int | None]
    """How many jobs may run at once while people are at the counters, more as long as they do not notice. NULL: nobody is."""
    pace: Mapped[int] = mapped_column(server_default=text("100"))
    """How much of the time running jobs may work, in percent; 0: they pause between chunks. Lowered while the counters are slow."""
    origin: Mapped[datetime]
    """Moment 0 of the plan."""
    plan: Mapped[dict[str, Any]] = mapped_column(JSONB)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """What was entered when it was planned, kept as evidence."""
    forecast: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """The latest forecast: {"at", "end", "high_end", "missed": [job id]}."""
    confirmed_by: Mapped[str] = mapped_column(server_default=text("''"))
    caretaker: Mapped[str] = mapped_column(server_default=text("''"))
    """The worker that watches, samples and forecasts; another takes over when `caretaker_until` has passed."""
    caretaker_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reaped_at: Mapped[datetime | None]
    thinned_at: Mapped[datetime | None]
    """Since when of its samples only one a minute is left."""
    totals: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """How its jobs ended, since its jobs and log were cleared away; NULL while they are there."""


class BatchJob(PlatformBase):
    """One job of one municipality in one night. `fence` grows with every claim; an older holder counts no more."""

    __tablename__ = "batch_job"
    __table_args__ = (
        CheckConstraint(f"status in ({_STATUSES})", name="status"),
        UniqueConstraint("night_key", "municipality_code", "job_name"),
        Index(None, "night_key", "status", "planned_start", "priority", "id"),
        Index(None, "lease_until", postgresql_where=text("status = 'running'")),
        Index(
            None,
            "municipality_code",
            "job_name",
            "ended_at",
            postgresql_where=text("status in ('succeeded', 'warned')"),
        ),
        {"info": own_rows("municipality_code")},
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    night_key: Mapped[str] = mapped_column(ForeignKey("batch_night.night_key"))
    municipality_code: Mapped[str]
    net: Mapped[str]
    job_name: Mapped[str]
    label: Mapped[str]
    run_key: Mapped[str]
    status: Mapped[str]
    priority: Mapped[int]
    cpu: Mapped[int]
    io: Mapped[int]
    connections: Mapped[int]
    print: Mapped[int] = mapped_column(server_default=text("0"))
    job_class: Mapped[str] = mapped_column(server_default=text("''"))
    size: Mapped[int]
    estimate_ms: Mapped[int]
    high_ms: Mapped[int | None]
    """The high quantile of its past durations; longer than that is unusual. NULL: it has no past."""
    timeout_seconds: Mapped[int] = mapped_column(server_default=text("900"))
    planned_start: Mapped[datetime]
    planned_end: Mapped[datetime]
    not_before: Mapped[datetime]
    deadline_at: Mapped[datetime]
    start_by: Mapped[datetime | None]
    end_by: Mapped[datetime | None]
    max_ms: Mapped[int | None]
    waits_for: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    """Outside events that must have arrived."""
    generation: Mapped[int] = mapped_column(server_default=text("0"))
    """How often it was run again from the top; part of `run_key`."""
    is_changed: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """Whether an operator changed its time or order for this night."""
    is_forced: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """強制正常: two people declared it done."""
    expected_end: Mapped[datetime | None]
    """The latest forecast."""
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    max_attempts: Mapped[int]
    fence: Mapped[int] = mapped_column(server_default=text("0"))
    worker: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    chunks_total: Mapped[int | None]
    chunks_done: Mapped[int] = mapped_column(server_default=text("0"))
    rows_in: Mapped[int | None]
    rows_out: Mapped[int | None]
    rows_error: Mapped[int | None]
    control_total: Mapped[int | None]
    message: Mapped[str] = mapped_column(server_default=text("''"))


class BatchJobPredecessor(PlatformBase):
    """先行: the job may start when the predecessor is done."""

    __tablename__ = "batch_job_predecessor"
    __table_args__ = (Index(None, "predecessor_id"), {"info": own_rows("municipality_code")})
    job_id: Mapped[int] = mapped_column(ForeignKey("batch_job.id"), primary_key=True)
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("batch_job.id"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(server_default=text("''"))


class BatchEvent(PlatformBase):
    """The log of a night: every change of a job's status, by whom and why."""

    __tablename__ = "batch_event"
    __table_args__ = (
        Index(None, "night_key", "at"),
        Index(None, "job_id", "at"),
        {"info": own_rows("municipality_code", grants=APPEND)},
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    night_key: Mapped[str]
    job_id: Mapped[int]
    municipality_code: Mapped[str] = mapped_column(server_default=text("''"))
    act: Mapped[str]
    from_status: Mapped[str]
    to_status: Mapped[str]
    actor: Mapped[str]
    message: Mapped[str] = mapped_column(server_default=text("''"))


class BatchUse(PlatformBase):
    """A sample of what the running jobs have reserved, and of what their processes and the database really burn."""

    __tablename__ = "batch_use"
    __table_args__ = ({"info": {"grants": APPEND}},)
    night_key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    running: Mapped[int]
    reserved_cpu: Mapped[int]
    reserved_io: Mapped[int]
    reserved_connections: Mapped[int]
    worker_cpu_millicores: Mapped[int]
    database_cpu_millicores: Mapped[int]
    database_connections: Mapped[int]
    reserved_print: Mapped[int] = mapped_column(server_default=text("0"))
    io_kilobytes: Mapped[int] = mapped_column(server_default=text("0"))
    """Read from and written to disks per second, by workers and database together."""
    counter_p95_us: Mapped[int | None]
    pace: Mapped[int] = mapped_column(server_default=text("100"))


class BatchPlan(PlatformBase):
    """A plan of a night: the first, and each one made while it ran. `starts` holds what moved: {job id: [from, to]}."""

    __tablename__ = "batch_plan"
    __table_args__ = ({"info": {"grants": APPEND}},)
    night_key: Mapped[str] = mapped_column(ForeignKey("batch_night.night_key"), primary_key=True)
    plan_no: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    made_by: Mapped[str]
    reason: Mapped[str]
    starts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    expected_end: Mapped[datetime]


class BatchArrival(PlatformBase):
    """An outside event that has arrived for a municipality on a business date: a file, a delivery, the printer's sign."""

    __tablename__ = "batch_arrival"
    __table_args__ = ({"info": own_rows("municipality_code", grants=APPEND)},)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    municipality_code: Mapped[str] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(primary_key=True)
    arrived_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    noted_by: Mapped[str]


class BatchRequest(PlatformBase):
    """強制正常 asked for by one person, decided by another."""

    __tablename__ = "batch_request"
    __table_args__ = (
        CheckConstraint("status in ('open', 'approved', 'refused')", name="status"),
        CheckConstraint("decided_by <> asked_by", name="two_persons"),
        Index("uq_batch_request_one_open", "job_id", unique=True, postgresql_where=text("status = 'open'")),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    night_key: Mapped[str]
    job_id: Mapped[int] = mapped_column(ForeignKey("batch_job.id"))
    municipality_code: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'open'"))
    reason: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(server_default=text("''"))
    """Why it was refused, or what the approver noted."""


class BatchAlert(PlatformBase):
    """A message to the duty person. One cause is one alert: what only waits for it is counted in `affected`."""

    __tablename__ = "batch_alert"
    __table_args__ = (
        CheckConstraint("severity in ('info', 'warning', 'critical')", name="severity"),
        UniqueConstraint("night_key", "kind", "job_id"),
        Index(None, "night_key", "cleared_at"),
        {"info": own_rows("municipality_code")},
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    night_key: Mapped[str]
    kind: Mapped[str]
    job_id: Mapped[int]
    """The job it is about; 0: the whole night."""
    municipality_code: Mapped[str]
    severity: Mapped[str]
    message: Mapped[str]
    affected: Mapped[int] = mapped_column(server_default=text("0"))
    """How many jobs wait because of it."""
    raised_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    seen_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    cleared_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    notified_at: Mapped[datetime | None]
    """When the duty person's command last took it."""
    escalated_at: Mapped[datetime | None]
    """When nobody had acknowledged it in time and it went to the chief."""


class BatchMail(PlatformBase):
    """A mail about an alert, or (without `alert_id`) about a night that has ended: sent once, tried again until it is taken."""

    __tablename__ = "batch_mail"
    mail_key: Mapped[str] = mapped_column(primary_key=True)
    night_key: Mapped[str]
    alert_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default=text("''"))
    """What went wrong the last time; empty when it was taken or not yet tried."""


class BatchWorker(PlatformBase):
    """A worker process as it last reported: what it runs and what it uses."""

    __tablename__ = "batch_worker"
    name: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    seen_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    job_id: Mapped[int | None]
    cpu_millicores: Mapped[int] = mapped_column(server_default=text("0"))
    io_kilobytes: Mapped[int] = mapped_column(server_default=text("0"))
    memory_kilobytes: Mapped[int] = mapped_column(server_default=text("0"))
