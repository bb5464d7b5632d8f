"""Make and load the population of every municipality that has none yet, two at a time."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date, datetime, time
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from demo.loading.accounts import load_accounts
from demo.loading.allowances import load_allowances
from demo.loading.elections import load_election
from demo.loading.incomes import load_incomes
from demo.loading.insurance import load_insurance
from demo.loading.non_residents import load_non_residents
from demo.loading.register import load_register
from demo.loading.schooling import load_schooling
from demo.loading.sealed import load_numbers, load_protections
from demo.loading.seals import load_seals
from demo.population import generate, load_profile, load_towns, scaled_size
from yoriai.clock import JAPAN, today
from yoriai.database.migrate import owner_connection
from yoriai.errors import FieldError, Invalid
from yoriai.settings import Settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig

# Within its transaction nothing is analysed: the planner takes thousands for one and asks for each of them anew who is hidden.
_UNCOUNTED = "SELECT set_config('enable_nestloop', 'off', true)"
_COUNT = "SELECT count(*) AS residents FROM fact_resident"
_PROCESSES = 2


def load_all(
    settings: Settings, configs: Sequence[TenantConfig], scale: Fraction, seed: int, as_of: date, console: Console
) -> dict[str, int]:
    """The number of residents by municipality after loading. One that has residents already is left as it is.

    Each municipality is one transaction: after an interruption it is there whole or not at all. Raises Invalid for a scale
    that is not above 0 and at most 1.
    """
    if not 0 < scale <= 1:
        raise Invalid(fields=[FieldError("scale", "0より大きく1以下の数を指定してください。", "range")])
    counts = {config.code: _count(settings.app_dsn, config) for config in configs}
    waiting = [config for config in configs if config.section("demo") and not counts[config.code]]
    waiting.sort(key=lambda config: -int(config.section("demo")["residents"]))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    context = multiprocessing.get_context("spawn")
    with Progress(*columns, console=console) as progress, ProcessPoolExecutor(_PROCESSES, mp_context=context) as pool:
        tasks: dict[Any, tuple[TenantConfig, Any]] = {}
        for config in waiting:
            task = progress.add_task(f"{config.name}: 住民を作成しています", total=1)
            tasks[pool.submit(load_one, settings, config, scale, seed, as_of)] = (config, task)
        for future in as_completed(tasks):
            config, task = tasks[future]
            counts[config.code] = future.result()
            progress.update(task, description=f"{config.name}: {counts[config.code]:,}人", completed=1)
    return counts


def load_one(settings: Settings, config: TenantConfig, scale: Fraction, seed: int, as_of: date) -> int:
    """Generate and load one municipality; returns its number of residents."""
    demo = config.section("demo")
    size = scaled_size(int(demo["residents"]), scale)
    people = generate(config.code, size, load_profile(str(demo["profile"])), seed, as_of, load_towns(config.code))
    with BulkDatabase(settings.app_dsn).write(config.tenant) as session:
        load_register(session, people, as_of)
        load_seals(session, people, as_of)
        load_numbers(session, settings.sealer)
        load_protections(session, as_of, datetime.combine(as_of, time(9), JAPAN))
        load_incomes(session, people, config)
        load_insurance(session, people)
        load_allowances(session, people, as_of)
        load_accounts(session, people, as_of)
        session.read(_UNCOUNTED)
        load_schooling(session, config, as_of)
        load_election(session, config, as_of, today())
        load_non_residents(session, as_of)
    with owner_connection(settings.admin_dsn, config.tenant.schema) as connection:
        # Fresh tables have no statistics yet, and the first searches would be planned blindly.
        connection.exec_driver_sql("ANALYZE")
    return size


def _count(dsn: str, config: TenantConfig) -> int:
    with BulkDatabase(dsn).read(config.tenant) as session:
        return int(session.read(_COUNT)["residents"][0])
