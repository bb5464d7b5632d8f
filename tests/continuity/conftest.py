"""A server of its own that copies are made of, with two municipalities in it."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import OTHER, OWN
from yoriai import registry
from yoriai.continuity.rules import CopyRules
from yoriai.continuity.sites import Site
from yoriai.database.bootstrap import bootstrap, make_backup_role
from yoriai.sealing import new_key
from yoriai.server import EmbeddedServer
from yoriai.settings import ROOT, Settings
from yoriai.tenancy.apply import apply, plan
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_tenants


@dataclass(frozen=True)
class Main:
    """The running installation, and where its copies are kept."""

    server: EmbeddedServer
    settings: Settings
    rules: CopyRules
    configs: dict[str, TenantConfig]


@pytest.fixture(scope="package")
def main() -> Iterator[Main]:
    """An installation on the embedded server, whatever server the other tests use: its files are copied."""
    with tempfile.TemporaryDirectory(prefix="yoriai-copies-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = EmbeddedServer(folder / "postgres", durable=False)
        try:
            server.start()
            admin, app = bootstrap(server.dsn(), "yoriai")
            backup = make_backup_role(server.dsn(), "yoriai")
            migrator = registry.migrator(admin)
            migrator.upgrade_platform()
            configs = {config.code: config for config in read_tenants(ROOT / "tenants") if config.code in (OWN, OTHER)}
            apply(migrator, app, plan(admin, list(configs.values())))
            settings = Settings(admin, app, "key-for-tests", new_key(), folder, ROOT / "tenants", practice=True)
            rules = CopyRules([Site("手元", folder / "near"), Site("遠隔地", folder / "distant")])
            yield Main(server, replace(settings, backup=backup), rules, configs)
        finally:
            server.remove()
