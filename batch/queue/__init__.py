"""The durable queue: one table in PostgreSQL, claimed under a lock, guarded by leases and fences."""

from batch.queue.claims import Claim, Renewal, Totals, claim_job, finish_job, renew_lease, return_job
from batch.queue.link import QueueLink
from batch.queue.nights import (
    JobRow,
    NightRow,
    enqueue_night,
    find_night,
    get_night,
    is_night_running,
    list_jobs,
    open_night,
)

__all__ = [
    "Claim",
    "JobRow",
    "NightRow",
    "QueueLink",
    "Renewal",
    "Totals",
    "claim_job",
    "enqueue_night",
    "find_night",
    "finish_job",
    "get_night",
    "is_night_running",
    "list_jobs",
    "open_night",
    "renew_lease",
    "return_job",
]
