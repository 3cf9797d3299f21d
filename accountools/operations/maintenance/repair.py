"""What a cut left behind: a backup that was renamed but not recorded is recorded at the next opening; the rest is cleared by `repair`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.operations.backups import batch
from accountools.operations.backups.write import note_made, stands
from accountools.operations.session import Office
from accountools.operations.workdir import is_at_work
from accountools.storage.register import administrations, backups


@dataclass(frozen=True)
class Leftover:
    """A file that a cut left, what it is, and what was done about it."""

    path: Path
    what: str
    done: str

    def document(self) -> dict[str, str]:
        """As the interface gives it."""
        return {"path": str(self.path), "what": self.what, "done": self.done}


def settle(office: Office) -> None:
    """Finish what a cut left: record the backups that stand under their names, put back books whose replacement was cut off."""
    for number, owner in office.store.unfinished_replacements():
        if not is_at_work(office, owner):
            office.store.undo_replacement(number)
    with office.reading() as connection:
        sealed = [held for held in backups.unfinished(connection) if held.state == "sealed"]
    for held in sealed:
        if stands(held) and held.path is not None:
            safe_files.sync_folder(held.path.parent)  # whoever was cut off may not have come to that
            safe_files.discard(held.part_path)
            note_made(office, held.id)


def leftovers(office: Office) -> tuple[Leftover, ...]:
    """What `repair` would clear."""
    return tuple(_find(office))


def interrupted(office: Office) -> int:
    """How many backups were begun and never finished, by a program that is no longer at work."""
    with office.reading() as connection:
        count = len(backups.unfinished(connection))
    try:
        if count:
            _refuse_busy(office)
    except Refused:
        return 0
    return count


def repair(office: Office) -> tuple[Leftover, ...]:
    """Clear what a cut left behind, and say what it was. Raises `office-busy` while another program works in the office."""
    _refuse_busy(office)
    with office.changing() as connection:  # nobody is placing books meanwhile
        found = tuple(_find(office))
        for one in found:
            if one.done == "removed":
                _remove(one.path)
        for held in backups.unfinished(connection):
            if not stands(held):
                backups.forget(connection, held.id)
        if found:
            office.record(connection, "repaired", None, found=[f"{one.what}: {one.path.name}" for one in found])
    return found


def _find(office: Office) -> Iterator[Leftover]:
    with office.reading() as connection:
        intents, pruned = backups.unfinished(connection), backups.pruned(connection)
        known = {office.store.books_path(one.number) for one in administrations.every(connection)}
    parts = {held.part_path for held in intents}
    yield from (Leftover(path, "unfinished-backup", "removed") for path in sorted(parts) if path.exists())
    yield from (Leftover(held.path, "pruned-backup", "removed") for held in pruned if held.path is not None and stands(held))
    yield from _find_books(office, known)
    for folder in (office.folder, office.folder / "backups", office.store.books_folder):
        yield from (Leftover(path, "unfinished-file", "removed") for path in sorted(folder.glob(".*.part*")) if path not in parts)
    if batch.is_spent(office):
        yield Leftover(batch.note_of(office), "finished-batch", "removed")
    for path in sorted(office.store.work_folder.iterdir()):
        yield Leftover(path, "work-folder" if path.is_dir() else "work-file", "removed")


def _find_books(office: Office, known: set[Path]) -> Iterator[Leftover]:
    """Books that no administration has: before the other names of those that were never finished, by which they are known."""
    unfinished = office.store.unfinished_books()
    for path in sorted(set(office.store.books_folder.glob("*.db")) - known):
        yield Leftover(path, *(("unfinished-books", "removed") if path in unfinished else ("books-without-administration", "kept")))
    for path in sorted((*office.store.books_folder.glob("*.kept"), *office.store.books_folder.glob("*.leftover"))):
        yield Leftover(path, "replaced-books", "removed" if path.suffix == ".kept" else "kept")
    yield from (Leftover(path, "damaged-books", "kept") for path in sorted(office.store.books_folder.glob("*.damaged")))


def _refuse_busy(office: Office) -> None:
    for lock in office.store.work_folder.glob("*.lock"):
        if is_at_work(office, lock.stem):
            raise Refused("office-busy")


def _remove(path: Path) -> None:
    if path.is_dir():
        import shutil

        shutil.rmtree(path)
    else:
        safe_files.discard(path)
        safe_files.sync_folder(path.parent)  # in this order: of unfinished books the temporary name goes last
