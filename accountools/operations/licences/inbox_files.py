"""Licence files as they come in by mail: what waits in the inbox, for whom, and taking one in (S5, S11)."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from accountools import safe_files
from accountools.domain.administration import Client
from accountools.domain.errors import Refused
from accountools.formats import armor
from accountools.operations.licences.manage import Showing, show_in
from accountools.operations.register import rules
from accountools.operations.session import Office


@dataclass(frozen=True)
class Waiting:
    """A file in the inbox, what it says, and whether it is the licence of the client asked about."""

    path: Path
    showing: Showing
    fits: bool

    @property
    def usable(self) -> bool:
        """Whether it is a licence that holds today."""
        return self.showing.licence is not None and self.showing.verdict is None


def inbox_of(office: Office) -> Path:
    """The folder in which licence files wait."""
    return office.folder / "inbox"


def waiting(office: Office, client: Client | None = None) -> tuple[Waiting, ...]:
    """The files in the inbox: first the licences that fit `client` and hold, then the other licences, then the rest, by name."""
    folder = inbox_of(office)
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")) if folder.is_dir() else []
    found = [one for path in paths if (one := _look(office, path, client)) is not None]
    return tuple(sorted(found, key=lambda one: (not (one.fits and one.usable), not one.fits, not one.usable, one.path.name)))


def receive(office: Office, name: str, data: bytes) -> Path:
    """Put a licence file that was handed in into the inbox, under its own name or the next free one; gives its path.

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


def _look(office: Office, path: Path, client: Client | None) -> Waiting | None:
    with suppress(Refused, OSError):  # it went meanwhile, or may not be read
        showing = show_in(office, path)
        licence = showing.licence
        fits = licence is not None and client is not None and not rules.identity_obstacles(licence, client)
        return Waiting(path, showing, fits)
    return None
