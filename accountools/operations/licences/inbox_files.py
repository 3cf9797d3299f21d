"""Licence files as they come in by mail: what is in the inbox, for whom, and putting one there (S5, S11)."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from accountools import safe_files
from accountools.domain.administration import Client
from accountools.domain.errors import Refused
from accountools.domain.obstacle import Obstacle
from accountools.formats import armor
from accountools.formats.mail import mailed_licence
from accountools.formats.mail.attachments import LARGEST, is_packed
from accountools.operations.licences.show import LicenceView, show_reading
from accountools.operations.progress import Progress, no_progress
from accountools.operations.register import handover_rules
from accountools.operations.session import Office, Session
from accountools.storage.register import licences

REFUSED = "refused"


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
    return office.folder_for("inbox")


def files_in(folder: Path) -> list[Path]:
    """The files in a folder, by name; none when it isn't there. Folders in it and hidden files are passed over."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and _may_be_file(path))


def _may_be_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # reading it says why it can't be
        return True


def list_inbox(office: Office, client: Client | None = None, progress: Progress = no_progress) -> tuple[InboxFile, ...]:
    """The files in the inbox: first the licences that fit `client` and hold, then the other licences, then the rest, by name.

    `progress` is called with the number of files that were read, and of all.
    """
    found, paths = [], files_in(inbox_of(office))
    with office.session() as session:
        trust = session.trust
        for count, path in enumerate(paths, 1):
            progress(count, len(paths))
            reading = None
            with suppress(Exception):  # it was removed meanwhile, or can't be read, for whatever reason: the others are listed
                reading = mailed_licence.read_path(path, trust)
            if reading is not None:
                view = show_reading(session, reading)
                fits = view.licence is not None and client is not None and not handover_rules.identity_obstacles(view.licence, client)
                found.append(InboxFile(path, view, fits))
    return tuple(sorted(found, key=lambda one: (not (one.fits and one.usable), not one.fits, not one.usable, one.path.name)))


def count_waiting(office: Office) -> int:
    """How many files in the inbox still wait: all but those of a licence that is in the register, imported now or before."""
    with office.session() as session:
        return sum(1 for path in files_in(inbox_of(office)) if not _is_known(session, path))


def _is_known(session: Session, path: Path) -> bool:
    try:
        found = path.stat()
        tokens = _tokens_in(path, found.st_mtime_ns, found.st_size)
    except Exception:  # it is none, can't be read, for whatever reason, or was removed meanwhile
        return False
    return bool(tokens) and all(licences.is_known(session.connection, token) for token in tokens)


@lru_cache(maxsize=10_000)
def _tokens_in(path: Path, _changed_at: int, _size: int) -> frozenset[str]:
    return frozenset(mailed_licence.find_tokens(mailed_licence.read_bytes(path), path.name))


def add_to_inbox(office: Office, name: str, data: bytes) -> Path:
    """Write a licence file that was handed in to the inbox, under its own name or the next free one; gives its path.

    One that can't be imported, now or later, doesn't wait there: it goes to the folder `REFUSED` in the inbox. The same file again is
    the one that is there. Raises `file-too-large`.
    """
    shown = Path(name.replace("\\", "/")).name or "licence.lic"
    if len(data) > (LARGEST if is_packed(data) else armor.LARGEST):
        raise Refused("file-too-large", path=shown)
    folder = inbox_of(office) / REFUSED if _is_refused(office, data) else inbox_of(office)
    safe_files.make_folder(folder)
    wanted = Path(safe_files.file_name(shown).lstrip(".") or "licence.lic")
    held = folder / wanted
    if held.is_file() and held.stat().st_size == len(data) and held.read_bytes() == data:
        return held
    path = safe_files.free_name(folder, wanted.stem, wanted.suffix)
    safe_files.write_new(path, data)
    return path


def set_aside(office: Office, paths: Iterable[Path]) -> int:
    """Move these files from the inbox to the folder `REFUSED` in it; how many were. One that could be imported meanwhile stays."""
    folder, count = inbox_of(office) / REFUSED, 0
    for path in paths:
        with suppress(FileNotFoundError, Refused):  # it was removed meanwhile, or is another file now
            if not _is_refused(office, mailed_licence.read_bytes(path)):
                continue
            safe_files.make_folder(folder)
            safe_files.move(path, safe_files.free_name(folder, path.stem, path.suffix))
            count += 1
    return count


def is_final(found: Iterable[Obstacle]) -> bool:
    """Whether one of these obstacles keeps a file from being imported, now and later.

    What passes doesn't: a day that is still to come, and an issuer that the office doesn't trust yet.
    """
    return any(one.blocking and one.code not in {"licence-not-yet-valid", "unknown-issuer"} and not _is_from_future(one) for one in found)


def _is_from_future(one: Obstacle) -> bool:
    return one.code == "claims-invalid" and "issued_on" in dict(one.facts)


def _is_refused(office: Office, data: bytes) -> bool:
    """Whether it holds no licence of a client's that is valid, or may become so. What the program itself fails on waits."""
    with office.session() as session:
        trust = session.trust
        try:
            reading = mailed_licence.read(data, trust)
        except Exception:
            return False
        held = session.hold(session.reject_future(reading))
        if held.licence is None:
            return held.reading.fault is None or is_final([held.reading.fault])
        own, today = session.own.licence, session.context.today
        return is_final(handover_rules.licence_obstacles(held.licence, own, today, revoked=held.revoked))
