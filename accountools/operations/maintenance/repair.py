"""What an interruption left: a backup that was renamed is committed at the next opening; the rest is removed by `repair`."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from accountools import safe_files
from accountools.domain.events.office import Repaired
from accountools.domain.messages import N_
from accountools.operations.backups import batch, records
from accountools.operations.backups.retention import finish_pruning, list_interrupted_pruning
from accountools.operations.maintenance import departure
from accountools.operations.register.file_replacement import finish_replacements
from accountools.operations.session import Office, Session
from accountools.operations.workdir import find_worker, is_busy, is_held_upload, undo_interrupted_replacements
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import administrations, backups
from accountools.storage.register.backups import BackupRecord

LEFTOVERS = {  # as text
    "unfinished-backup": N_("unfinished backup"),
    "pruned-backup": N_("pruned backup"),
    "unfinished-file": N_("temporary file"),
    "work-folder": N_("temporary folder"),
    "work-file": N_("temporary file"),
    "unfinished-books": N_("unfinished books"),
    "books-without-administration": N_("books without an administration"),
    "replaced-books": N_("replaced books"),
    "damaged-books": N_("damaged books"),
}
DONE = {"removed": N_("removed"), "kept": N_("kept")}


@dataclass(frozen=True)
class Leftover:
    """A file or books that an interruption left, what it is, and what was done about it."""

    path: Path
    what: str
    done: str
    of_books: bool = False

    def document(self) -> dict[str, str]:
        """As the interface gives it."""
        return {"path": str(self.path), "what": self.what, "done": self.done}


def finish_interrupted(office: Office) -> None:
    """Commit backups that have their names, note which were pruned, and put back what was being replaced.

    Those in a folder that can't be synced or changed, of a stick that fails, or a share that became read-only, wait until it can be.
    """
    finish_replacements(office)
    with office.session() as session:
        if session.moved_to is not None:  # what is unfinished is finished where it goes on
            return
        undo_interrupted_replacements(session)
        written, marked = _list_written(session), list_interrupted_pruning(session)
    finish_pruning(office, marked)
    in_place = [held for held in written if records.is_in_place(held)]
    if not in_place or is_busy(office):  # whoever made them may be about to commit them
        return
    durable = list[int]()
    for folder in {held.path.parent for held in in_place if held.path}:
        here = [held for held in in_place if held.path and held.path.parent == folder]
        with suppress(OSError):
            safe_files.sync_folder(folder)  # whoever was interrupted may not have come to that
            for held in here:
                records.discard_parts(office, held.part_path)
            durable += [held.id for held in here]
    if durable:
        with office.session(write=True) as session:
            records.commit(session, sorted(durable))


def has_unfinished(session: Session) -> bool:
    """Whether there is anything that `finish_interrupted` finishes, or whoever is at work."""
    replacing = session.office.engine.unfinished_replacements(session.connection)
    return bool(replacing or list_interrupted_pruning(session) or any(map(records.is_in_place, _list_written(session))))


def _list_written(session: Session) -> list[BackupRecord]:
    """Backups that perhaps have their final names, and whose events aren't recorded."""
    unfinished = backups.list_unfinished(session.connection, session.office.stored_base)
    return [held for held in unfinished if held.state == "sealed"]


def list_leftovers(session: Session) -> tuple[Leftover, ...]:
    """What `repair` would remove."""
    return tuple(_find(session))


def count_interrupted(session: Session) -> int:
    """How many backups were begun and never finished, by a program that is no longer running, and can be taken back by `repair`."""
    unfinished = backups.list_unfinished(session.connection, session.office.stored_base)
    if not unfinished or is_busy(session.office) or session.moved_to is not None:
        return 0
    return sum(not records.has_to_stay(session.office, held) for held in unfinished)


def repair(office: Office) -> tuple[Leftover, ...]:
    """Remove what an interruption left, and say what it was. Raises `office-busy` while another program works in the office.

    What can be finished or put back is no leftover: that goes first, since the office may have been open since before the interruption.
    """
    if is_busy(office):
        raise OfficeBusy(find_worker(office))
    finish_interrupted(office)
    with office.session(write=True) as session:  # nobody is placing books meanwhile
        found = tuple(_find(session))
        if is_busy(office):  # whoever began meanwhile holds its lock since before it made any of these
            raise OfficeBusy(find_worker(office))
        found = tuple(one if one.done != "removed" else _remove(office, one) for one in found)
        records.withdraw_all(session)
        batch.remove_finished(session)
        if found:
            session.record(Repaired(found=tuple(f"{one.what}: {one.path.name}" for one in found)))
    return found


def _remove(office: Office, one: Leftover) -> Leftover:
    """Remove a leftover; gives what was done. Half a backup whose folder can't be changed now is kept: others are removed all the same."""
    try:
        if one.of_books:
            office.engine.remove_leftover_books(one.path)
        elif one.what == "work-folder":
            shutil.rmtree(one.path)
        else:
            safe_files.discard(one.path)
            safe_files.sync_folder(one.path.parent)
    except OSError:
        if one.what != "unfinished-backup":
            raise
        return replace(one, done="kept") if os.path.lexists(one.path) else one
    return one


def _find(session: Session) -> Iterator[Leftover]:
    office, engine = session.office, session.office.engine
    unfinished = backups.list_unfinished(session.connection, office.stored_base)
    parts = {part for held in unfinished for part in records.list_parts(held.part_path)}
    ours = {part for held in unfinished for part in records.find_parts(office, held.part_path)}
    yield from (Leftover(path, "unfinished-backup", "removed" if path in ours else "kept") for path in sorted(parts))
    committed = backups.list_committed(session.connection, office.stored_base)
    for held in backups.list_pruned(session.connection, office.stored_base):
        if held.path is not None and records.is_removable(office, held):
            yield Leftover(held.path, "pruned-backup", "kept" if records.is_last_good(office, held, committed) else "removed")
    known = [one.number for one in administrations.list_all(session.connection)]
    yield from (Leftover(*one, of_books=True) for one in engine.list_leftover_books(known))
    home, work = office.folder.resolve(), engine.work_folder  # a link may lead to a folder that others use too
    for folder in (one for one in (office.folder, office.folder / "backups") if one.resolve().is_relative_to(home)):
        yield from (Leftover(path, "unfinished-file", "removed") for path in safe_files.list_temporary(folder) if path not in parts)
    if (given_up := departure.find_given_up(session)) is not None:
        yield Leftover(given_up, "unfinished-file", "removed")
    for path in sorted(work.iterdir()) if work.resolve() == home / work.name else ():
        if not is_held_upload(path):
            yield Leftover(path, "work-folder" if path.is_dir() and not path.is_symlink() else "work-file", "removed")
