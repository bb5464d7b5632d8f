"""Make a municipality's schema as a copy of the migrated template: tables, keys, indexes, views, with their names.

`LIKE … INCLUDING ALL` would invent new index names, which later migrations could not address, so only columns and identities are
taken that way and the rest is rebuilt from the catalogue's own definitions.
"""

from sqlalchemy import Connection, text

_TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = CAST(:schema AS regnamespace) AND relkind = 'r' ORDER BY relname
"""
_CONSTRAINTS = """
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) AS definition
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.connamespace = CAST(:schema AS regnamespace) AND k.contype IN ('p', 'u', 'f', 'x')
ORDER BY CASE k.contype WHEN 'f' THEN 1 ELSE 0 END, c.relname, k.conname
"""
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = CAST(:schema AS regnamespace)
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname
"""
# A view that was replaced may use one made after it: they are made anew in the order in which they use each other.
_VIEWS = """
WITH RECURSIVE used AS (
  SELECT DISTINCT w.ev_class AS view, d.refobjid AS by_it
    FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
     AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
), deep AS (
  SELECT oid, 0 AS depth FROM pg_class WHERE relnamespace = CAST(:schema AS regnamespace) AND relkind = 'v'
  UNION
  SELECT used.view, deep.depth + 1 FROM deep JOIN used ON used.by_it = deep.oid
)
SELECT c.relname, pg_get_viewdef(c.oid) AS definition
  FROM pg_class c JOIN deep ON deep.oid = c.oid
 WHERE c.relnamespace = CAST(:schema AS regnamespace)
 GROUP BY c.oid, c.relname ORDER BY max(deep.depth), c.oid
"""


def clone_schema(connection: Connection, template: str, schema: str) -> None:
    """Fill the empty schema after the template. The search path must be the template while definitions are read.

    Definitions then name no schema, so they can be replayed with the new schema as the path. One message builds everything.
    """
    quote = connection.dialect.identifier_preparer.quote
    connection.exec_driver_sql(f"SET LOCAL search_path TO {template}")
    names = connection.execute(text(_TABLES), {"schema": template}).scalars().all()
    constraints = connection.execute(text(_CONSTRAINTS), {"schema": template}).all()
    indexes = connection.execute(text(_INDEXES), {"schema": template}).scalars().all()
    views = connection.execute(text(_VIEWS), {"schema": template}).all()
    like = "INCLUDING ALL EXCLUDING INDEXES"
    statements = [f"CREATE TABLE {schema}.{quote(name)} (LIKE {template}.{quote(name)} {like})" for name in names]
    statements.append(f"SET LOCAL search_path TO {schema}")
    statements += [
        f"ALTER TABLE {quote(row.relname)} ADD CONSTRAINT {quote(row.conname)} {row.definition}" for row in constraints
    ]
    statements += [definition.replace(f" ON {template}.", " ON ") for definition in indexes]
    statements += [f"CREATE VIEW {quote(row.relname)} AS {row.definition.rstrip(';')}" for row in views]
    statements.append(f"INSERT INTO alembic_version SELECT version_num FROM {template}.alembic_version")
    connection.exec_driver_sql("; ".join(statement.replace("%", "%%") for statement in statements))
