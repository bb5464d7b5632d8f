"""A worker process with the toy business: `python -m tests.batch.toy_process LEASE`."""

import logging
import sys
from functools import partial

from batch.municipalities import get_configuration
from batch.worker import Worker, WorkerOptions
from tests.batch.toy import CATALOGUE
from yoriai.settings import load_settings

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    dsn = load_settings().app_dsn
    options = WorkerOptions(
        lease_seconds=int(sys.argv[1]), poll_seconds=0.05, until_settled=True, exits_when_stuck=True
    )
    worker = Worker(dsn, CATALOGUE, partial(get_configuration, dsn), options)
    worker.listen_to_signals()
    worker.run()
