"""Batches of backups that were begun: each a signed text, until all of it is made (`operations.backups.batch` reads them)."""

from collections.abc import Collection

import sqlalchemy as sa

from accountools.storage.schema import batches


def list_all(connection: sa.Connection) -> dict[int, str]:
    """The batches by their ids, the newest first."""
    chosen = sa.select(batches).order_by(batches.c.id.desc())
    return {row.id: row.signed for row in connection.execute(chosen)}


def add(connection: sa.Connection, signed: str) -> None:
    """Add a batch, with the next id."""
    last = connection.execute(sa.select(sa.func.max(batches.c.id))).scalar() or 0
    connection.execute(sa.insert(batches).values(id=last + 1, signed=signed))


def remove(connection: sa.Connection, ids: Collection[int]) -> None:
    """Remove batches."""
    connection.execute(sa.delete(batches).where(batches.c.id.in_(list(ids))))
