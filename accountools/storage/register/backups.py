"""Backups in the register and their states (`schema.PENDING` and so on).

Pending: it is being written at `part_path`. Written: and checked; its path and hash are known, and the rename may happen. Committed: it has
its final name. Pruned: it was removed on purpose; before its file is, it is marked. What an interruption between two of them left shows
from the files.

Paths in the office's folder (`folder`) are stored relative to it, so that an office that was moved or copied finds its own files.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools.domain.identifiers import AdministrationNumber
from accountools.storage.schema import COMMITTED, PENDING, PRUNED, WRITTEN, backups

_UNFINISHED = (PENDING, WRITTEN)
_PRUNING = "pruning"  # before the path of a file that was written and renamed long ago, whose name says who made the backup


@dataclass(frozen=True)
class BackupRecord:
    """A row of the register about one backup. `administration` None is the register itself."""

    id: int
    administration: AdministrationNumber | None
    purpose: str
    part_path: Path
    path: Path | None
    bytes: int | None
    sha256: str | None
    licence_number: str
    encrypted: bool
    books_revision: str | None
    counter: int
    journal_length: int
    journal_head: str
    at: str
    day: str
    milliseconds: int | None
    rehearsed: str | None
    state: str


def stored_path(path: Path, folder: Path) -> str:
    """A path as it is stored: relative to the office's folder when it lies in it."""
    for one, base in ((path, folder), (path.parent.resolve() / path.name, folder.resolve())):
        if ".." not in one.parts and one.is_relative_to(base):
            return one.relative_to(base).as_posix()
    return str(path)


def rebase_path(stored: str, folder: Path, target: Path) -> str:
    """A path that is stored in an office at `folder`, as it is stored in one at `target`; what is in the place of a path stays."""
    return stored if not stored or stored.startswith(_PRUNING) else stored_path(folder / stored, target)


def add_pending(connection: sa.Connection, folder: Path, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Add pending backups; gives their ids, in the order of the rows."""
    first = last_id(connection) + 1  # only one transaction writes at a time
    ids = list(range(first, first + len(rows)))
    if rows:
        added = [
            row | {"id": id_, "state": PENDING, "part_path": stored_path(row["part_path"], folder)}
            for id_, row in zip(ids, rows, strict=True)
        ]
        connection.execute(sa.insert(backups), added)
    return ids


def mark_written(connection: sa.Connection, folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Record that these are written, and the path they will get: rows of `id`, path, bytes, sha256, milliseconds, books_mark."""
    if rows:
        changed = sa.update(backups).where(backups.c.id == sa.bindparam("record"))
        values: dict[str, Any] = {name: sa.bindparam(name) for name in ("path", "bytes", "sha256", "milliseconds", "books_mark")}
        given = [{name: row[name] for name in values} | {"record": row["id"], "path": stored_path(row["path"], folder)} for row in rows]
        connection.execute(changed.values(state=WRITTEN, **values), given)


def commit_written(connection: sa.Connection, folder: Path, ids: Collection[int]) -> list[BackupRecord]:
    """Record that these have their final names; gives those for which that was not recorded before."""
    found = [held for held in get_many(connection, folder, ids) if held.state == WRITTEN]
    if found:
        connection.execute(sa.update(backups).where(backups.c.id.in_([held.id for held in found])).values(state=COMMITTED))
    return found


def remove_pending(connection: sa.Connection, ids: Collection[int]) -> None:
    """Remove backups that are pending or written, and never got their names."""
    if ids:
        connection.execute(sa.delete(backups).where(backups.c.id.in_(list(ids)), backups.c.state.in_(_UNFINISHED)))


def set_rehearsed(connection: sa.Connection, ids: Collection[int], day: str) -> None:
    """Record the day of their rehearsal (ISO 8601)."""
    if ids:
        connection.execute(sa.update(backups).where(backups.c.id.in_(list(ids))).values(rehearsed=day))


def mark_pruning(connection: sa.Connection, ids: Collection[int], *, ended: bool = False) -> None:
    """Record that the files of these are going to be removed; or (`ended`) that no more of them are."""
    if ids:
        part = backups.c.part_path
        marked, changed = part.startswith(_PRUNING), sa.func.substr(part, len(_PRUNING) + 1) if ended else sa.literal(_PRUNING) + part
        connection.execute(sa.update(backups).where(backups.c.id.in_(list(ids)), marked if ended else ~marked).values(part_path=changed))


def name_parts(connection: sa.Connection, folder: Path, parts: Mapping[int, Path]) -> None:
    """Record other temporary names of committed backups: by these it is known who may remove them. Those that are being removed stay so."""
    marked = backups.c.part_path.startswith(_PRUNING)
    for id_, part in parts.items():
        stored = stored_path(part, folder)
        named = sa.case((marked, _PRUNING + stored), else_=stored)
        connection.execute(sa.update(backups).where(backups.c.id == id_).values(part_path=named))


def mark_pruned(connection: sa.Connection, ids: Collection[int]) -> None:
    """Record that these were removed on purpose."""
    if ids:
        connection.execute(sa.update(backups).where(backups.c.id.in_(list(ids))).values(state=PRUNED))


def last_id(connection: sa.Connection) -> int:
    """The id of the last record, 0 when there is none."""
    return int(connection.execute(sa.select(sa.func.max(backups.c.id))).scalar() or 0)


def get_many(connection: sa.Connection, folder: Path, ids: Collection[int]) -> list[BackupRecord]:
    """The records with these ids, by id."""
    return list(_records(connection, folder, backups.c.id.in_(list(ids)))) if ids else []


def list_committed(connection: sa.Connection, folder: Path) -> tuple[BackupRecord, ...]:
    """The committed backups, in order."""
    return _records(connection, folder, backups.c.state == COMMITTED)


def list_pruned(connection: sa.Connection, folder: Path) -> tuple[BackupRecord, ...]:
    """The backups that were removed on purpose, except those of which a copy is committed."""
    again = sa.select(backups.c.sha256).where(backups.c.state == COMMITTED)
    return _records(connection, folder, backups.c.state == PRUNED, backups.c.sha256.not_in(again))


def list_hashes(connection: sa.Connection) -> set[str]:
    """The SHA-256 of all backups that were made, also of those that are pruned."""
    return set(connection.execute(sa.select(backups.c.sha256).where(backups.c.state.in_((COMMITTED, PRUNED)))).scalars())


def list_pruning(connection: sa.Connection, folder: Path) -> tuple[BackupRecord, ...]:
    """The backups whose files are being removed, or were when that was interrupted."""
    return _records(connection, folder, backups.c.state == COMMITTED, backups.c.part_path.startswith(_PRUNING))


def list_unfinished(connection: sa.Connection, folder: Path) -> tuple[BackupRecord, ...]:
    """The backups that are pending or written, in order."""
    return _records(connection, folder, backups.c.state.in_(_UNFINISHED))


def last_days(connection: sa.Connection) -> dict[AdministrationNumber, tuple[str | None, str | None]]:
    """For each administration the days of its last hand-over and of its last rehearsal (ISO 8601), or None."""
    handed = sa.func.max(sa.case((backups.c.purpose == "handover", backups.c.day)))
    chosen = sa.select(backups.c.administration, handed.label("handed"), sa.func.max(backups.c.rehearsed).label("rehearsed"))
    grouped = chosen.where(backups.c.state.not_in(_UNFINISHED), backups.c.administration.is_not(None)).group_by(backups.c.administration)
    return {AdministrationNumber(row.administration): (row.handed, row.rehearsed) for row in connection.execute(grouped)}


def _records(connection: sa.Connection, folder: Path, *conditions: sa.ColumnElement[bool]) -> tuple[BackupRecord, ...]:
    found = []
    for row in connection.execute(sa.select(backups).where(*conditions).order_by(backups.c.id)).mappings():
        values = dict(row)
        number, path = values["administration"], values["path"]
        values["administration"] = None if number is None else AdministrationNumber(number)
        values["part_path"], values["path"] = folder / values["part_path"], None if path is None else folder / path
        values["encrypted"], values["books_revision"] = bool(values["encrypted"]), values.pop("books_mark")
        found.append(BackupRecord(**values))
    return tuple(found)
