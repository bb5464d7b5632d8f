"""The two migration trees: one for the installation, one for every municipality's schema, each with a branch per part.

The kernel's branches are listed here; the others come from whoever calls, found through the registry, so that a new business is
a folder and nothing else.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from yoriai.database import tables
from yoriai.database.metadata import PlatformBase, TenantBase

_HERE = Path(__file__).resolve().parent / "migrations"


@dataclass(frozen=True)
class Branch:
    """One part's line of revisions: `label` names it, the module `models` (or the package it is in) defines its tables."""

    label: str
    models: str
    versions: Path

    @property
    def package(self) -> str:
        """The prefix of the modules whose tables belong to the branch."""
        return self.models.removesuffix(".models")


@dataclass(frozen=True)
class Tree:
    """All branches that are applied to one kind of schema."""

    name: str
    base: type[PlatformBase] | type[TenantBase]
    branches: tuple[Branch, ...]

    @property
    def metadata(self) -> MetaData:
        """The tables the tree leads to; imports the models, for a spawned process has not."""
        for branch in self.branches:
            importlib.import_module(branch.models)
        return self.base.metadata

    def config(self, **attributes: Any) -> Config:
        """An Alembic configuration of this tree; the attributes are for its environment."""
        config = Config()
        config.set_main_option("script_location", str(_HERE))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", "\n".join(str(branch.versions) for branch in self.branches))
        config.attributes.update(tree=self, **attributes)
        return config

    def heads(self) -> str:
        """The newest revisions of all branches, sorted and joined by commas."""
        return ",".join(sorted(ScriptDirectory.from_config(self.config()).get_heads()))

    def tables_of(self, branch: Branch) -> frozenset[str]:
        """The tables the branch's models define."""
        importlib.import_module(branch.models)
        mappers = self.base.registry.mappers
        names = (
            getattr(m.class_, "__tablename__", "") for m in mappers if _is_within(m.class_.__module__, branch.package)
        )
        return frozenset(names)


def platform_tree(extra: Sequence[Branch] = ()) -> Tree:
    """The tree of the schema `yoriai`."""
    return Tree("platform", PlatformBase, (Branch("platform", tables.__name__, _HERE / "platform_versions"), *extra))


def tenant_tree(extra: Sequence[Branch] = ()) -> Tree:
    """The tree of a municipality's schema."""
    return Tree("tenant", TenantBase, (Branch("kernel", tables.__name__, _HERE / "tenant_versions"), *extra))


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
