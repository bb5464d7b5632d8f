"""Write a new revision of one branch by comparing its models with the template schema."""

from alembic import command
from alembic.script import ScriptDirectory

from yoriai.database.migrate import Migrator, owner_connection
from yoriai.database.trees import Branch, Tree
from yoriai.tenancy.choice import PLATFORM_SCHEMA, TEMPLATE_SCHEMA


def write_revision(migrator: Migrator, label: str, message: str) -> list[str]:
    """Make the revision file of branch `label`; returns its path. The schemas must be at their heads before.

    Raises LookupError when there is no such branch.
    """
    for tree, schema in ((migrator.platform, PLATFORM_SCHEMA), (migrator.tenant, TEMPLATE_SCHEMA)):
        for branch in tree.branches:
            if branch.label == label:
                return _write(migrator.dsn, tree, schema, branch, message)
    raise LookupError(f"no migration branch {label!r}")


def pending_changes(migrator: Migrator) -> list[str]:
    """What the models say and the migrated schemas do not have; empty when the migrations are complete."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    found: list[str] = []
    for tree, schema in ((migrator.platform, PLATFORM_SCHEMA), (migrator.tenant, TEMPLATE_SCHEMA)):
        with owner_connection(migrator.dsn, schema) as connection:
            options = {"include_object": _is_compared}
            context = MigrationContext.configure(connection, opts=options)
            found += [f"{tree.name}: {change}" for change in compare_metadata(context, tree.metadata)]
    return found


def _is_compared(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return not (kind == "table" and name == "alembic_version")


def _write(dsn: str, tree: Tree, schema: str, branch: Branch, message: str) -> list[str]:
    branch.versions.mkdir(parents=True, exist_ok=True)
    script = ScriptDirectory.from_config(tree.config())
    is_first = not list(branch.versions.glob("*.py"))
    kernel = tree.branches[0].label
    with owner_connection(dsn, schema) as connection:
        config = tree.config(connection=connection, only=tree.tables_of(branch))
        made = command.revision(
            config,
            message=message,
            autogenerate=True,
            head="base" if is_first else f"{branch.label}@head",
            branch_label=branch.label if is_first else None,
            version_path=str(branch.versions),
            depends_on=script.get_revision(f"{kernel}@head").revision if is_first and branch.label != kernel else None,
        )
    return [item.path for item in (made if isinstance(made, list) else [made]) if item]
