"""The benchmark's own installation under `var/bench`: server, municipalities, people, accounts; and copies of its database."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import psycopg
from psycopg import sql
from rich.console import Console

from demo.installation import DATABASE, apply_tenants, make_accounts, server, start_server
from demo.loading.population import load_all
from loadtests.measuring.people import Counter, make_counters
from yoriai.settings import Settings, var_folder
from yoriai.tenancy.choice import OWNER_ROLE
from yoriai.tenancy.config import TenantConfig

_SEED = 20261122
_SAMPLED_PEOPLE = 400
_FOREIGN = ("YORIAI_ADMIN_DSN", "YORIAI_DSN")


@dataclass(frozen=True)
class Installation:
    """A loaded installation nobody else uses; `superuser_dsn` makes copies of its database."""

    settings: Settings
    configs: list[TenantConfig]
    counters: list[Counter]
    superuser_dsn: str
    as_of: date

    @property
    def largest(self) -> Counter:
        """The counter of the municipality with the most residents."""
        return self.counters[0]

    @contextmanager
    def copy(self, name: str) -> Iterator[Settings]:
        """A copy of the database as it is now, dropped at the end of the block; nobody may be connected to the original."""
        place, _, _ = self.superuser_dsn.rpartition("/")
        with psycopg.connect(f"{place}/postgres", autocommit=True) as connection:
            connection.execute(_drop(name))
            make = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY")
            original = self.settings.app_dsn.rpartition("/")[2]
            connection.execute(make.format(*(sql.Identifier(part) for part in (name, original, OWNER_ROLE))))
            try:
                yield replace(
                    self.settings, admin=_renamed(self.settings.admin, name), app=_renamed(self.settings.app, name)
                )
            finally:
                connection.execute(_drop(name))


@contextmanager
def install(scale: Fraction, as_of: date, *, keep: bool) -> Iterator[Installation]:
    """Make the installation, or take the one that was kept of that scale; its server ends with the block."""
    folder = var_folder() / "bench" / str(scale).replace("/", "-")
    # Whatever server the environment names is somebody's: the benchmark writes into its own only.
    for name in _FOREIGN:
        os.environ.pop(name, None)
    os.environ["YORIAI_VAR"] = str(folder)
    if not keep:
        _remove(folder)
    try:
        settings = start_server()
        yield _load(settings, scale, as_of)
    finally:
        if keep:
            server().stop()
        else:
            _remove(folder)


def _load(settings: Settings, scale: Fraction, as_of: date) -> Installation:
    _, plans = apply_tenants(settings, settings.tenants)
    configs = [item.config for item in plans]
    load_all(settings, configs, scale, _SEED, as_of, Console(stderr=True))
    logins = make_accounts(settings, configs)
    counters = make_counters(settings.app_dsn, configs, logins, _SAMPLED_PEOPLE)
    return Installation(settings, configs, counters, server().dsn(DATABASE), as_of)


def _remove(folder: Path) -> None:
    if (folder / "postgres").exists() or server().home.exists():
        server().remove()
    shutil.rmtree(folder, ignore_errors=True)


def _renamed(dsn: str, name: str) -> str:
    return f"{dsn.rpartition('/')[0]}/{name}"


def _drop(name: str) -> sql.Composed:
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
