"""`python -m batch.process`: the process a run starts for each worker. `yoriai batch worker` is the same."""

import logging
import sys
from functools import partial
from typing import Annotated

import typer

from batch.catalogue import load_catalogue
from batch.mail import MailRules
from batch.municipalities import get_configuration
from batch.pool import supervise
from batch.worker import Worker, WorkerOptions
from yoriai.priority import yield_processor
from yoriai.settings import load_settings
from yoriai.tenancy.files import read_deployment

LEASE_SECONDS = 30.0


def work(
    lease: Annotated[
        float, typer.Option(help="seconds without a sign of life after which the job goes to another")
    ] = LEASE_SECONDS,
    name: Annotated[str, typer.Option(help="its name in the queue; host and process id")] = "",
    until_settled: Annotated[
        bool, typer.Option(help="end with the running night instead of waiting for the next")
    ] = False,
    supervised: Annotated[
        bool, typer.Option(hidden=True, help="end when the process that started it has ended")
    ] = False,
    processes: Annotated[int, typer.Option(min=1, help="worker processes, each replaced when it ends")] = 1,
) -> None:
    """Take jobs from the queue and run them until SIGTERM; any number, on any machine."""
    # The counters come first: at the same moment they get the processor, and the batch what is left.
    yield_processor()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = load_settings()
    dsn = settings.app_dsn
    if processes > 1:
        arguments = ("--lease", str(lease), "--supervised", *(("--until-settled",) if until_settled else ()))
        supervise(dsn, (sys.executable, "-m", "batch.process", *arguments), processes)
        return
    deployment = read_deployment(settings.tenants).document
    options = WorkerOptions(
        name=name,
        lease_seconds=lease,
        until_settled=until_settled,
        exits_when_stuck=True,
        ends_with_parent=supervised,
        alert_command=tuple(deployment.get("alert_command") or ()),
        mail_rules=MailRules.of(deployment),
    )
    worker = Worker(dsn, load_catalogue(), partial(get_configuration, dsn), options)
    worker.listen_to_signals()
    worker.run()


if __name__ == "__main__":
    typer.run(work)
