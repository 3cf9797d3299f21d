"""What an office that is moved consists of: its books one by one, the files in its folder, the rows of its register; and comparing them."""

import secrets
import shutil
from collections.abc import Collection
from functools import partial

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Part
from accountools.operations.licences.inbox_files import files_in, inbox_of
from accountools.operations.progress import Progress, no_progress
from accountools.operations.register.state import list_own_books
from accountools.operations.session import Office, Session
from accountools.storage import schema
from accountools.storage.books import ledger
from accountools.storage.engine import BooksVersion, Engine
from accountools.storage.image.tables import TextScan
from accountools.storage.image.write import validate_written
from accountools.storage.register import administrations, backups, copying, folders
from accountools.storage.register.folders import FolderName

Numbers = tuple[AdministrationNumber, ...]


def list_books(session: Session) -> tuple[Numbers, Numbers]:
    """The administrations whose own books are there, and those of which they are missing."""
    numbers = [one.number for one in administrations.list_all(session.connection)]
    own = tuple(sorted(list_own_books(session, numbers)))
    return own, tuple(sorted(set(numbers) - set(own)))


def count_copied(source: Engine, target: Engine, numbers: Numbers) -> int:
    """How many of these books are at the new place as they are now."""
    return len(numbers) - len(books_to_copy(source, target, numbers))


def copy_books(source: Engine, target: Engine, numbers: Numbers, progress: Progress = no_progress) -> None:
    """Copy the books that aren't at the new place yet, or were changed since. They keep their identities and revisions."""
    missing = books_to_copy(source, target, numbers)
    for done, number in enumerate(numbers):
        progress(done, len(numbers))
        if number in missing:
            _copy(source, target, number, missing[number])
    progress(len(numbers), len(numbers))


def books_to_copy(source: Engine, target: Engine, numbers: Numbers) -> dict[AdministrationNumber, str | None]:
    """The books that have to be copied, with their identities."""
    theirs, ours = target.books_identities(), source.books_identities()

    def is_copied(number: AdministrationNumber) -> bool:
        same = number in theirs and ours.get(number) in {None, theirs[number]}
        return same and source.books_revision(number) == target.books_revision(number)

    return {number: ours.get(number) for number in numbers if not is_copied(number)}


def _copy(source: Engine, target: Engine, number: AdministrationNumber, identity: str | None) -> None:
    """By an image, as a backup has it: of one moment. What is changed from the moment on that the revision is read is copied again."""
    target.remove_books(number)
    image = target.work_folder / f"{secrets.token_hex(8)}.sqlite"
    try:
        totals, revision = source.write_image(number, image, {}, TextScan(schema.LONGEST_LIST, lambda _: None))
        validate_written(image, totals)
        prepared = target.adopt_books(image, number, BooksVersion(identity, revision))
    finally:
        safe_files.discard(image)
    target.publish_books({number: prepared})


def copy_files(office: Office, engine: Engine) -> None:
    """Copy what waits in the inbox, each file under its own name or the next free one; an inbox that the office named stays where it is."""
    source, target = inbox_of(office), engine.folder / "inbox"
    if source != office.folder / "inbox" or not source.is_dir():
        return
    safe_files.make_folder(target)
    if source.samefile(target):
        return
    for path in files_in(source):
        copied = target / path.name
        if copied.is_file() and safe_files.sha256_of(copied) == safe_files.sha256_of(path):
            continue
        with path.open("rb") as file, safe_files.create_new(safe_files.free_name(target, path.stem, path.suffix)) as new:
            shutil.copyfileobj(file, new)


def rebase_folders(office: Office, received: Session) -> dict[FolderName, str]:
    """Store the folders that the office named as they are found from its new place; gives those that are stored otherwise now."""
    stored = folders.list_all(received.connection)
    found = {name: backups.rebase_path(path, office.stored_base, received.office.stored_base) for name, path in stored.items()}
    changed = {name: path for name, path in found.items() if path != stored[name]}
    for name, path in changed.items():
        folders.save(received.connection, name, path)
    return changed


def copy_rows(session: Session, target: Office, connection: sa.Connection) -> None:
    """Copy the register. Backups stay where they are: their paths are stored so that the office finds them from its new place."""
    rebase = partial(backups.rebase_path, folder=session.office.stored_base, target=target.stored_base)
    copying.copy_register(session.connection, connection, rebase)


def compare(session: Session, received: Session, numbers: Collection[AdministrationNumber]) -> None:
    """Compare all counts, and of each administration the control totals.

    Raises `move-differs`; what differs is copied anew the next time. Raises `changed-meanwhile` for books that somebody is changing.
    """
    ours, theirs = copying.count_rows(session.connection), copying.count_rows(received.connection)
    differing = next((name for name in ours if ours[name] != theirs[name]), None)
    if differing is not None:
        raise MachineFailed("move-differs", what=differing)
    source, target = session.office.engine, received.office.engine
    for number in numbers:
        with source.books(number) as books:
            expected = ledger.control_totals(books)
        with target.books(number) as books:
            found = ledger.control_totals(books)
        if source.books_revision(number) != target.books_revision(number):
            raise Refused("changed-meanwhile", what=number)
        if found != expected:
            target.remove_books(number)
            raise MachineFailed("move-differs", what=Part.BOOKS, which=number)
