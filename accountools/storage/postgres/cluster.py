"""The books spread over the machines of a cluster, by the Citus extension: each administration's rows lie together on one of them.

All statements on the books name their administration already (docs/decisions/0017-one-definition-two-shapes.md); the register's tables
are small and stay where they are.
"""

import sqlalchemy as sa

from accountools.storage.postgres.tables import ADMINISTRATION, BOOKS, SCHEMA

_TABLES = tuple(table.name for table in BOOKS.sorted_tables)  # each after those that it refers to
_EXTENSION = sa.text("SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'citus'")
_DISTRIBUTED = sa.text("SELECT logicalrelid::oid FROM pg_catalog.pg_dist_partition WHERE partmethod = 'h'")
_OURS = sa.text("SELECT oid, relname FROM pg_catalog.pg_class WHERE relnamespace = to_regnamespace(:schema) AND relkind IN ('r', 'p')")


def list_statements(connection: sa.Connection) -> tuple[str, ...] | None:
    """The statements that distribute the tables of the books that aren't yet, in order; None without the extension."""
    if connection.execute(_EXTENSION).scalar() is None:
        return None
    names = {row.oid: str(row.relname) for row in connection.execute(_OURS, {"schema": SCHEMA})}
    done = {names[oid] for oid in connection.execute(_DISTRIBUTED).scalars() if oid in names}
    first = next((name for name in _TABLES if name in done), _TABLES[0])
    return tuple(_statement(name, first) for name in _TABLES if name not in done)


def _statement(name: str, first: str) -> str:
    """The shards of all tables lie together, so that foreign keys and joins stay on one machine."""
    beside = "none" if name == first else f"{SCHEMA}.{first}"
    return f"SELECT create_distributed_table('{SCHEMA}.{name}', '{ADMINISTRATION}', colocate_with => '{beside}')"
