"""Both states of a municipality that was taken back to a moment: its tables as restored, and as they were until then.

Some facts do not go back with the rest: an account that was closed, a protection, a file that a bank has. Each business says in
`Business.carried` what it takes over of the present, and what somebody has to decide.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

_KEPT = re.compile(r"\bkept\.")
_COLUMNS = """
SELECT a.attname, a.attidentity <> '' FROM pg_attribute a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum
"""
_KEYS = """
SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY a.attnum
"""


@dataclass(frozen=True)
class Difference:
    """What was carried over, or, with `needs_decision`, what somebody has to look at before the municipality is opened.

    `subject` like `staff:clerk` or `protection:12`, for machines; `text` in Japanese says everything. Operators of the
    shared centre read both: numbers and logins may stand in them, nobody's name or place.
    """

    subject: str
    text: str
    needs_decision: bool = False


class Carrying:
    """One transaction of the owner in the restored schema; in statements `kept.` stands before tables of the former state.

    Both are at the same revision.
    """

    def __init__(self, connection: Connection, kept_schema: str, now: datetime) -> None:
        self._connection = connection
        self.kept_schema = kept_schema
        self.now = now

    def fetch(self, sql: str, *arguments: Any) -> Sequence[Mapping[str, Any]]:
        """The rows of a statement with `%s` for its arguments; one that writes may return what it wrote."""
        found = self._connection.exec_driver_sql(_KEPT.sub(f"{self.kept_schema}.", sql), arguments)
        return [dict(row) for row in found.mappings()]

    def add_missing(self, table: str, where: str = "true", *arguments: Any) -> Sequence[Mapping[str, Any]]:
        """Add the former rows whose key is not there, and return them.

        `where` is a condition of ours over the former row `k`, with `%s` for its arguments.
        """
        quote = self._connection.dialect.identifier_preparer.quote
        found = self._connection.exec_driver_sql(_COLUMNS, (table,)).all()
        columns = [(quote(name), is_identity) for name, is_identity in found]
        keys = [quote(name) for name in self._connection.exec_driver_sql(_KEYS, (table,)).scalars()]
        names = ", ".join(name for name, _ in columns)
        own = "OVERRIDING SYSTEM VALUE" if any(is_identity for _, is_identity in columns) else ""
        values = ", ".join(f"k.{name}" for name, _ in columns)
        same = " AND ".join(f"n.{key} = k.{key}" for key in keys)
        # Names are the catalogue's, of tables and columns of ours.
        statement = (
            f"INSERT INTO {table} ({names}) {own} SELECT {values} FROM kept.{table} k"
            f" WHERE NOT EXISTS (SELECT FROM {table} n WHERE {same}) AND ({where}) RETURNING {names}"
        )
        return self.fetch(statement, *arguments)
