"""The folders that an office named: of its backups and of its inbox.

As the paths of backups they are stored relative to the office's own folder when they lie in it (`backups.stored_path`).
"""

from typing import Literal

import sqlalchemy as sa

from accountools.storage.schema import folders

FolderName = Literal["backups", "inbox"]


def list_all(connection: sa.Connection) -> dict[FolderName, str]:
    """The folders that were named, as they are stored."""
    return {row.name: row.path for row in connection.execute(sa.select(folders).order_by(folders.c.name))}


def save(connection: sa.Connection, name: FolderName, path: str) -> None:
    """Name a folder, in place of the one before."""
    connection.execute(sa.delete(folders).where(folders.c.name == name))
    connection.execute(sa.insert(folders).values(name=name, path=path))
