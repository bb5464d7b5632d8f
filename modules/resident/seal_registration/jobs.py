"""The night of 印鑑登録: what the register's day means for registered seals (転出, 死亡, 消除, 氏名の変更)."""

from modules.resident.seal_registration.following import run_following
from yoriai.jobs import Chunk, Job, JobContext, JobNet, Needs
from yoriai.tenancy.bulk import BulkReadSession


def plan_whole(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """A day's events of a municipality are a handful: one chunk."""
    return [Chunk(1, 0, 1)]


NETS = (
    JobNet(
        "seal_registration.daily",
        "印鑑登録 日次",
        jobs=(
            Job(
                "seal_registration.following",
                "印鑑登録 住民異動による抹消",
                plan_whole,
                run_following,
                after=("resident.close",),
                needs=Needs(cpu=1, io=1, connections=1),
                size_driver="seal_registrations",
                rows_per_second=100_000,
                priority=2,
            ),
        ),
    ),
)
