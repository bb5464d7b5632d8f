"""Running the jobs of a net in their order, as the night does."""

from datetime import date

from modules.nhi.health_insurance.jobs import NETS
from yoriai.clock import now
from yoriai.jobs import ChunkResult, JobContext
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig

ANNUAL_DAY = date(2026, 6, 10)


def run_net(
    bulk: BulkDatabase, config: TenantConfig, name: str, day: date = ANNUAL_DAY, fiscal_year: int = 2026
) -> dict[str, list[ChunkResult]]:
    """The results of each job's chunks, each chunk in a transaction of its own."""
    ctx = JobContext(config.tenant, config, day, fiscal_year, f"{name}:{day}", now())
    results: dict[str, list[ChunkResult]] = {}
    for job in next(net for net in NETS if net.name == name).jobs:
        with bulk.read(config.tenant) as reader:
            chunks = job.plan_chunks(reader, ctx)
        results[job.name] = []
        for chunk in chunks:
            with bulk.write(config.tenant) as session:
                results[job.name].append(job.run_chunk(session, ctx, chunk))
    return results
