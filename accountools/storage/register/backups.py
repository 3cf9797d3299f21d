"""Backups in the register: first an intent, then the seal, at last the fact.

`begun`: it is being written at `part_path`. `sealed`: written and checked; its path and hash are known and the rename may happen.
`made`: it stands under its name; `pruned`: it was removed on purpose. A cut between two of these is told from the files that are there.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools.domain.identifiers import AdministrationNumber
from accountools.storage.schema import backups

_OPEN = ("begun", "sealed")


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
    books_mark: str | None
    counter: int
    journal_length: int
    journal_head: str
    at: str
    day: str
    milliseconds: int | None
    rehearsed: str | None
    state: str


def begin(connection: sa.Connection, **values: Any) -> int:
    """Note the intent to write a backup; gives its id."""
    result = connection.execute(sa.insert(backups).values(state="begun", **values))
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def seal(connection: sa.Connection, record: int, **values: Any) -> None:
    """Note that it is written and checked, and what name it will get."""
    connection.execute(sa.update(backups).where(backups.c.id == record).values(state="sealed", **values))


def finish(connection: sa.Connection, record: int) -> bool:
    """Note that it stands under its name; False when that was noted already."""
    result = connection.execute(sa.update(backups).where(backups.c.id == record, backups.c.state == "sealed").values(state="made"))
    return result.rowcount == 1


def forget(connection: sa.Connection, record: int) -> None:
    """Drop an intent that came to nothing."""
    connection.execute(sa.delete(backups).where(backups.c.id == record, backups.c.state.in_(_OPEN)))


def set_rehearsed(connection: sa.Connection, record: int, day: str) -> None:
    """Note the day on which it was rehearsed."""
    connection.execute(sa.update(backups).where(backups.c.id == record).values(rehearsed=day))


def prune(connection: sa.Connection, record: int) -> None:
    """Note that it was removed on purpose."""
    connection.execute(sa.update(backups).where(backups.c.id == record).values(state="pruned"))


def get(connection: sa.Connection, record: int) -> BackupRecord:
    """One record by its id."""
    return _record(connection.execute(sa.select(backups).where(backups.c.id == record)).one())


def last_id(connection: sa.Connection) -> int:
    """The id of the last record, 0 when there is none."""
    return int(connection.execute(sa.select(sa.func.max(backups.c.id))).scalar() or 0)


def made(connection: sa.Connection) -> tuple[BackupRecord, ...]:
    """The backups that were made, in order."""
    return tuple(_record(row) for row in connection.execute(sa.select(backups).where(backups.c.state == "made").order_by(backups.c.id)))


def pruned(connection: sa.Connection) -> tuple[BackupRecord, ...]:
    """The backups that were removed on purpose, but for those of which the same bytes were made again."""
    again = sa.select(backups.c.sha256).where(backups.c.state == "made")
    chosen = sa.select(backups).where(backups.c.state == "pruned", backups.c.sha256.not_in(again))
    return tuple(_record(row) for row in connection.execute(chosen.order_by(backups.c.id)))


def unfinished(connection: sa.Connection) -> tuple[BackupRecord, ...]:
    """The intents that were not, or not yet, carried out."""
    return tuple(_record(row) for row in connection.execute(sa.select(backups).where(backups.c.state.in_(_OPEN)).order_by(backups.c.id)))


def last_days(connection: sa.Connection) -> dict[AdministrationNumber, tuple[str | None, str | None]]:
    """For each administration the day of its last hand-over and of its last rehearsal, or None."""
    handed = sa.func.max(sa.case((backups.c.purpose == "handover", backups.c.day)))
    chosen = sa.select(backups.c.administration, handed.label("handed"), sa.func.max(backups.c.rehearsed).label("rehearsed"))
    grouped = chosen.where(backups.c.state.not_in(_OPEN), backups.c.administration.is_not(None)).group_by(backups.c.administration)
    return {AdministrationNumber(row.administration): (row.handed, row.rehearsed) for row in connection.execute(grouped)}


def _record(row: Any) -> BackupRecord:
    values = dict(row._mapping)
    number, path = values["administration"], values["path"]
    values["administration"] = None if number is None else AdministrationNumber(number)
    values["part_path"], values["path"] = Path(values["part_path"]), None if path is None else Path(path)
    values["encrypted"] = bool(values["encrypted"])
    return BackupRecord(**values)
