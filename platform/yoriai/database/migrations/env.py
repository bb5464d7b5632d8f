"""Alembic's environment for both trees. The caller hands over the connection, whose search path is the schema to migrate."""

from typing import Any

from alembic import context

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "15min"


def include_object(item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Compare the tables of the branch at hand only."""
    only = context.config.attributes.get("only")
    if kind == "table":
        return name != "alembic_version" and (only is None or name in only)
    return True


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["tree"].metadata,
    include_object=include_object,
    compare_server_default=False,
    transaction_per_migration=False,
)
with context.begin_transaction():
    # A migration that waits for a lock makes every counter behind it wait too: give up early and try again later.
    connection.exec_driver_sql(
        f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"
    )
    context.run_migrations()
