"""Workers of the toy business: `python -m tests.batch.toy_process LEASE [PROCESSES]`; several are kept by a supervisor."""

import logging
import sys
from functools import partial

from batch.municipalities import get_configuration
from batch.pool import supervise
from batch.worker import Worker, WorkerOptions
from tests.batch.toy import CATALOGUE
from yoriai.settings import load_settings

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    dsn = load_settings().app_dsn
    lease, kept = sys.argv[1], sys.argv[2:]
    if kept and kept[0].isdigit():
        supervise(dsn, (sys.executable, "-m", __spec__.name, lease, "kept"), int(kept[0]))
        sys.exit(0)
    options = WorkerOptions(
        lease_seconds=int(lease),
        poll_seconds=0.05,
        until_settled=not kept,
        ends_with_parent=bool(kept),
        exits_when_stuck=True,
    )
    worker = Worker(dsn, CATALOGUE, partial(get_configuration, dsn), options)
    worker.listen_to_signals()
    worker.run()
