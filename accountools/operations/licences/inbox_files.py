"""Licence files as they come in by mail: what is in the inbox, for whom, and putting one there (S5, S11)."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from accountools import safe_files
from accountools.domain.administration import Client
from accountools.domain.errors import Refused
from accountools.formats import armor
from accountools.operations.licences.show import LicenceView, show_in
from accountools.operations.register import handover_rules
from accountools.operations.session import Office


@dataclass(frozen=True)
class InboxFile:
    """A file in the inbox, what it says, and whether it is the licence of the client asked about."""

    path: Path
    view: LicenceView
    fits: bool

    @property
    def usable(self) -> bool:
        """Whether it is a licence that holds today."""
        return self.view.licence is not None and self.view.verdict is None


def inbox_of(office: Office) -> Path:
    """The folder of the inbox."""
    return office.folder / "inbox"


def files_in(folder: Path) -> list[Path]:
    """The files in a folder, by name; none when it isn't there. Folders in it and hidden files are passed over."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file())


def list_inbox(office: Office, client: Client | None = None) -> tuple[InboxFile, ...]:
    """The files in the inbox: first the licences that fit `client` and hold, then the other licences, then the rest, by name."""
    found = []
    with office.session() as session:
        for path in files_in(inbox_of(office)):
            with suppress(Refused, OSError):  # it was removed meanwhile, or can't be read
                view = show_in(session, path)
                fits = view.licence is not None and client is not None and not handover_rules.identity_obstacles(view.licence, client)
                found.append(InboxFile(path, view, fits))
    return tuple(sorted(found, key=lambda one: (not (one.fits and one.usable), not one.fits, not one.usable, one.path.name)))


def add_to_inbox(office: Office, name: str, data: bytes) -> Path:
    """Write a licence file to the inbox, under its own name or the next free one; gives its path.

    The same file again is the one that is there. Raises `file-too-large`.
    """
    shown = Path(name.replace("\\", "/")).name or "licence.lic"
    if len(data) > armor.LARGEST:
        raise Refused("file-too-large", path=shown)
    folder = inbox_of(office)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = Path(safe_files.file_name(shown).lstrip(".") or "licence.lic")
    held = folder / wanted
    if held.is_file() and held.stat().st_size == len(data) and held.read_bytes() == data:
        return held
    path = safe_files.free_name(folder, wanted.stem, wanted.suffix)
    safe_files.write_new(path, data)
    return path
