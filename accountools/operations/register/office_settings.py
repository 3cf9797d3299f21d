"""What an office is, and the folders that it names for its backups and its inbox."""

from dataclasses import dataclass
from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.domain.events.office import FoldersNamed
from accountools.operations.session import Office
from accountools.storage import schema
from accountools.storage.register import administrations, backups, folders, journal, members
from accountools.storage.register.backups import stored_path
from accountools.storage.register.folders import FolderName
from accountools.storage.register.members import Member
from accountools.storage.sqlite.office_files import is_report, validate_folder


@dataclass(frozen=True)
class OfficeView:
    """Where an office is, in what, of which version of the tables; its folders and members; how many administrations and events it has."""

    place: Path | str
    engine: str
    schema: int
    backups: Path
    inbox: Path
    members: tuple[Member, ...]
    administrations: int
    events: int


def show_office(office: Office) -> OfficeView:
    """What it is."""
    backups, inbox = office.folder_for("backups"), office.folder_for("inbox")
    with office.session() as session:
        everyone = members.list_all(session.connection)
        count, events = len(administrations.list_all(session.connection)), journal.head(session.connection).length
    return OfficeView(office.engine.place, office.engine.name, schema.VERSION, backups, inbox, everyone, count, events)


def validate_report(office: Office, path: Path) -> None:
    """Validate where a report is to be written, over what is there: not over this office's backups and inbox, wherever these are.

    Raises `file-exists`.
    """
    path = safe_files.absolute(path)
    if not safe_files.has_file(path) or is_report(path):
        return
    with office.session() as session:
        named = {session.folder_for("backups").resolve(), session.folder_for("inbox").resolve()}
        made = [one.path for one in backups.list_committed(session.connection, office.stored_base)]
    is_backup = any(one is not None and safe_files.has_file(one) and path.samefile(one) for one in made)
    if is_backup or not named.isdisjoint(path.resolve().parents):
        raise Refused("file-exists", path=path, office=office.engine.place)


def name_folders(office: Office, *, backups: Path | None = None, inbox: Path | None = None) -> None:
    """Name the folder of the backups, of the inbox, or both: made when the one above it is there.

    Raises `file-not-found`, and `file-exists` for a folder of an office's own files.
    """
    given: tuple[tuple[FolderName, Path | None], ...] = ("backups", backups), ("inbox", inbox)
    named = {name: safe_files.absolute(path) for name, path in given if path is not None}
    for path in named.values():
        validate_folder(path)
        safe_files.make_folder(path)
    with office.session(write=True) as session:
        held = folders.list_all(session.connection)
        new = {name: stored for name, path in named.items() if held.get(name) != (stored := stored_path(path, office.stored_base))}
        for name, stored in new.items():
            folders.save(session.connection, name, stored)
        if new:
            session.record(FoldersNamed(backups=new.get("backups"), inbox=new.get("inbox")))
