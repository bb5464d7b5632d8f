"""What is plugged in. A business is a folder `modules/<module>/<business>/` whose `__init__.py` has a `business`; nothing else
has to be edited for a new one.

The parts beside the businesses (the batch, the demo) are found by name in the same way, so the kernel imports none of them.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yoriai.database.migrate import Migrator
    from yoriai.database.trees import Branch

_BUSINESS_ROOT = "modules"
_COMPANIONS = ("batch", "demo")
"""Packages that may have `commands` (a typer app), `tenant_models`, `models` and migrations of their own."""
_KERNEL_PARTS = (
    "yoriai.extraction",
    "yoriai.continuity",
    "yoriai.availability",
    "yoriai.onboarding",
    "yoriai.exchange",
    "yoriai.security",
)
"""Parts of the kernel that plug in like a companion: screens, tables, migrations."""


@dataclass(frozen=True)
class Business:
    """What a business plugs in. Texts of the form `package.module:name` are imported when they are needed, not before."""

    name: str
    label: str
    module: str
    folder: Path
    order: int
    """Its place in menus and in migrations; dependencies point to lower numbers."""
    permissions: Mapping[str, str] = field(default_factory=dict)
    routers: str = ""
    jobs: str = ""
    calculation: str = ""
    models: str = ""
    settings_schema: Path | None = None
    check_settings: str = ""
    """`(settings: Mapping) -> Iterable[FieldError]`: what a schema cannot say of the settings; fields below the settings."""
    person_panel: str = ""
    """`async (session: Reader, addressee_no: int) -> Panel | None`: what the person's page shows of this business."""
    same_person: str = ""
    """`async (session: Reader, addressee_no: int) -> list[int]`: under which other numbers the person is known; what businesses
    keep under those stands on the same page."""
    proposals: str = ""
    """`async (session: Reader, happening: Happening) -> list[Proposal]`: the procedures that follow from a movement."""
    standings: str = ""
    """`async (session: Reader, addressee_nos: Sequence[int], on: date) -> list[Standing]`: for the 転出証明書."""
    size_drivers: Mapping[str, str] = field(default_factory=dict)
    """Counts that job sizes go by: name to SQL in the municipality's schema."""
    menu: tuple[tuple[str, str, str], ...] = ()
    """(label, path below the business, permission) of its entries in the menu."""
    search: str = ""
    """Path below the business of the person search that the one search box uses, and of nothing else."""
    extractable: str = ""
    """The views it publishes for extraction (EUC): a tuple of `yoriai.extraction.views.View`."""
    veil: str = ""
    """How protected people are hidden in extractions, a `yoriai.extraction.views.Veil`: the register's, for all businesses."""
    sealed: str = ""
    """Where values lie sealed: a tuple of `yoriai.tenancy.renewal.SealedColumn`, for the renewal of keys."""
    onboarding: str = ""
    """What it takes over from an old system (移行): a `yoriai.onboarding.layout.Part`."""
    exchanged: str = ""
    """Which of its published views other systems may have: a tuple of `yoriai.exchange.data_sets.DataSet`."""
    received: str = ""
    """What it takes from files of other systems: a tuple of `yoriai.exchange.receivers.Receiver`."""
    carried: str = ""
    """`(carrying: Carrying) -> Iterable[Difference]` of `yoriai.tenancy.carrying`: what outlives taking the municipality back to a
    moment, such as what was sent to a bank."""
    recent: str = ""
    """`async (session: Reader, login: str) -> list[dict]`: the people this member of staff opened last, for the first screen."""
    prepare: str = ""
    """`(session: BulkWriteSession, config: TenantConfig) -> None`: what a municipality needs in its schema before it opens, such as
    its 町字; run at every `tenants apply`, so it must be harmless to repeat."""

    @property
    def package(self) -> str:
        """Its import path."""
        return f"{_BUSINESS_ROOT}.{self.module}.{self.folder.name}"

    @property
    def migrations(self) -> "Branch":
        """Its line of revisions in the municipalities' tree."""
        from yoriai.database.trees import Branch

        return Branch(self.name, self.models, self.folder / "migrations" / "versions")


@dataclass(frozen=True)
class Companion:
    """What a package beside the businesses plugs into the application: screens of a municipality, screens of the shared centre."""

    name: str
    label: str
    folder: Path
    permissions: Mapping[str, str] = field(default_factory=dict)
    """What a municipality's staff may be allowed to do."""
    center_permissions: Mapping[str, str] = field(default_factory=dict)
    """What the centre's operators may be allowed to do."""
    router: str = ""
    center_router: str = ""
    sealed: str = ""
    carried: str = ""
    """Both as with a business."""
    center_sealed: str = ""
    """Sealed columns of the installation's own tables."""
    menu: tuple[tuple[str, str, str], ...] = ()
    """(label, path below `/{code}/{name}`, permission) of its entries in a municipality's menu."""
    center_menu: tuple[tuple[str, str, str], ...] = ()
    """(label, path below `/center/{name}`, permission) of its entries in the centre's menu."""


def load(reference: str) -> Any:
    """Import `package.module:name`."""
    module, _, name = reference.partition(":")
    return getattr(importlib.import_module(module), name)


@cache
def businesses() -> tuple[Business, ...]:
    """All businesses in their order."""
    root = importlib.import_module(_BUSINESS_ROOT)
    found = []
    for module in pkgutil.iter_modules(root.__path__, f"{_BUSINESS_ROOT}."):
        package = importlib.import_module(module.name)
        for entry in pkgutil.iter_modules(package.__path__, f"{module.name}."):
            business = getattr(importlib.import_module(entry.name), "business", None)
            if isinstance(business, Business):
                found.append(business)
    return tuple(sorted(found, key=lambda business: business.order))


def find_business(name: str) -> Business | None:
    """The business of that name."""
    return next((business for business in businesses() if business.name == name), None)


def parts() -> tuple[Business | Companion, ...]:
    """Businesses and companions: everything with screens of its own."""
    return (*businesses(), *plugged_in())


def permissions() -> dict[str, str]:
    """All permissions of a municipality's staff that are declared, with their Japanese labels."""
    return {name: label for part in parts() for name, label in part.permissions.items()}


def center_permissions() -> dict[str, str]:
    """All permissions of the centre's operators that are declared, with their Japanese labels."""
    return {name: label for part in plugged_in() for name, label in part.center_permissions.items()}


@cache
def plugged_in() -> tuple[Companion, ...]:
    """What the companion packages plug into the application (their `companion`)."""
    found = (getattr(importlib.import_module(name), "companion", None) for name in (*companions(), *_KERNEL_PARTS))
    return tuple(companion for companion in found if isinstance(companion, Companion))


def companions() -> tuple[str, ...]:
    """The packages beside the businesses that are installed."""
    return tuple(name for name in _COMPANIONS if importlib.util.find_spec(name) is not None)


def migrator(admin_dsn: str) -> "Migrator":
    """A migrator that knows every branch. Imports Alembic, which nothing but a migration needs."""
    from yoriai.database.migrate import Migrator
    from yoriai.database.trees import Branch

    platform, tenant = [], []
    for name in (*companions(), *_KERNEL_PARTS):
        folder = Path(importlib.import_module(name).__file__ or "").parent / "migrations"
        label = name.rpartition(".")[2]
        if (folder / "versions").exists():
            platform.append(Branch(label, f"{name}.models", folder / "versions"))
        if (folder / "tenant_versions").exists():
            tenant.append(Branch(f"{label}_tenant", f"{name}.tenant_models", folder / "tenant_versions"))
    tenant += [business.migrations for business in businesses() if business.models]
    return Migrator(admin_dsn, tuple(platform), tuple(tenant))
