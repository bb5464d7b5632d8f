"""A municipality's declaration and the work of its data migration."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import OWN, Installation
from tests.onboarding import sample
from yoriai.clock import JAPAN
from yoriai.onboarding.layout import Context
from yoriai.onboarding.settings import read_settings
from yoriai.onboarding.work import Work
from yoriai.settings import ROOT, Settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef

NOW = datetime(2026, 11, 1, 10, tzinfo=JAPAN)


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    """A folder of tenant files with the sample's declaration."""
    folder = tmp_path / "tenants"
    (folder / OWN).mkdir(parents=True)
    for name in (f"{OWN}.yaml", "deployment.yaml"):
        shutil.copy(ROOT / "tenants" / name, folder / name)
    (folder / OWN / "onboarding.yaml").write_text(sample.DECLARATION, encoding="utf-8")
    return folder


@pytest.fixture
def work_on(
    installation: Installation,
    declared: Path,
    tenant: TenantRef,
    config: TenantConfig,
    settings: Settings,
    bulk: BulkDatabase,
) -> Callable[[Path], Work]:
    """The work on the files of a folder."""

    def make(folder: Path) -> Work:
        read = read_settings(declared, tenant.code)
        context = Context(config, settings.sealer, read.as_of, NOW, "officer", folder)
        return Work(bulk, installation.migrator, read, context, lambda: NOW)

    return make
