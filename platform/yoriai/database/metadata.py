"""The two metadata groups: what is one for the whole installation, and what every municipality has for itself.

No table names a schema: the transaction's search path decides, so the same statement serves every municipality.
A table says in `info["grants"]` what the municipality's role may do with it; the default is read, insert, update and delete.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, DateTime, MetaData, Text, text
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_TYPES = {str: Text(), int: BigInteger(), datetime: DateTime(timezone=True)}

READ = ("SELECT",)
APPEND = ("SELECT", "INSERT")
EDIT = ("SELECT", "INSERT", "UPDATE", "DELETE")
NOTHING: tuple[str, ...] = ()

KNOWN = text("superseded_at IS NULL")
"""The rows that are known now, of tables whose rows are never overwritten."""
CLOCK = text("clock_timestamp()")
SORTABLE = Text(collation="C")
"""Folded text sorts and matches by code point whatever the server's locale, so one index serves prefixes and order."""


def one_of(column: str, codes: Iterable[str]) -> str:
    """The condition of a check: the column has one of the codes."""
    quoted = ", ".join(f"'{code}'" for code in codes)
    return f"{column} in ({quoted})"


def own_rows(column: str, *columns: str, grants: tuple[str, ...] = EDIT, additions: str = "") -> dict[str, object]:
    """`info` of an installation's table of which each municipality may read the rows that name it in `column`.

    `columns` restricts what it sees of them; without any it sees all. An empty `column` shows every row. With `additions` it may
    also add rows that name it in that column, and delete those; it can change none.
    """
    reading = f"SELECT ({', '.join(columns)})" if columns else "SELECT"
    writing = ("INSERT", "DELETE") if additions else ()
    return {"grants": grants, "own_rows": column, "own_grants": (reading, *writing), "own_additions": additions}


def supersede_only(*columns: str) -> tuple[str, ...]:
    """Grants of a table whose rows are never overwritten: only the columns that end a row may be updated."""
    return ("SELECT", "INSERT", f"UPDATE ({', '.join(columns or ('superseded_at',))})")


class PlatformBase(DeclarativeBase):
    """Tables of the schema `yoriai`: the registry of municipalities, migrations, the batch queue, operators."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = _TYPES


class TenantBase(DeclarativeBase):
    """Tables every municipality has in its own schema."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = _TYPES
