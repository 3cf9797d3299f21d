"""All rows of a register copied to a new one, of whichever engine."""

from collections.abc import Callable

import sqlalchemy as sa

from accountools.storage import schema

_LEFT = (schema.replacements, schema.batches)  # what was begun at the old place, of which each batch says in which folder there
_TABLES = tuple(table for table in schema.REGISTER.sorted_tables if table not in _LEFT)
_PATHS = ("path", "part_path")  # columns of paths, which are stored relative to the office's folder if they are in it
_ROWS_AT_A_TIME = 2_000


def copy_register(source: sa.Connection, target: sa.Connection, rebase: Callable[[str], str]) -> None:
    """Copy all rows; `rebase` gives a stored path as it is to be stored in the target.

    The folders that the office named are copied as they are stored, as its journal has them.
    """
    for table in _TABLES:
        paths = [name for name in _PATHS if name in table.columns and table is not schema.folders]
        rows = source.execute(sa.select(table), execution_options={"yield_per": _ROWS_AT_A_TIME})
        for some in rows.mappings().partitions():
            moved = [dict(row) | {name: rebase(row[name]) for name in paths if row[name] is not None} for row in some]
            target.execute(sa.insert(table), moved)


def count_rows(connection: sa.Connection) -> dict[str, int]:
    """How many rows of each table `copy_register` copies."""
    return {table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in _TABLES}
