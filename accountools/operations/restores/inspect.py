"""Looking back: which backups already made still hold a licence of the office's own, weren't made by it, or don't verify.

For an office that handed over before it had this program. It reads a folder and all below it: our backups, whoever made them, and
any SQLite database, also packed or encrypted. Nothing there is changed.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats import armor
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import SUFFIX, Unlock
from accountools.formats.database_file import is_log
from accountools.formats.token_search import Traces, number_claimed
from accountools.operations.restores.inspect_file import FOUND, FileKind, Look, Looker, told
from accountools.operations.restores.verify import signer_of
from accountools.operations.session import Office
from accountools.operations.workdir import workplace_anywhere
from accountools.storage.register import journal, licences


@dataclass(frozen=True)
class InspectedFile:
    """A file that was looked at. `signer` is `own`, `known`, `changed` or `unknown`; None for what isn't a backup of this program."""

    path: Path
    kind: FileKind
    signer: str | None
    looked_inside: bool
    findings: tuple[Obstacle, ...]
    manifest: Manifest | None = None

    @property
    def holds_licence(self) -> bool:
        """Whether a licence that was looked for stands in it."""
        return any(one.code == FOUND for one in self.findings)

    def document(self) -> dict[str, Any]:
        """As the interface gives it, in English."""
        manifest = self.manifest
        return {
            "path": str(self.path),
            "kind": self.kind,
            "signer": self.signer,
            "looked_inside": self.looked_inside,
            "findings": [{"code": one.code, "message": one.sentence()} for one in self.findings],
            "administration": manifest.number if manifest else None,
            "purpose": manifest.purpose if manifest else None,
            "signed_by": manifest.signer.document() if manifest else None,
        }


@dataclass(frozen=True)
class Inspection:
    """What a look at a folder found."""

    files: tuple[InspectedFile, ...]

    @property
    def wanting(self) -> tuple[InspectedFile, ...]:
        """The files with a finding."""
        return tuple(one for one in self.files if one.findings)

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.wanting


def inspect(
    folder: Path | str, *, licences: Iterable[Path | str] = (), unlock: Unlock | None = None, office: Office | None = None
) -> Inspection:
    """Look through `folder` (or one file) for every own licence that `office` has held, and for those in the files `licences`.

    Raises `file-not-found`, `not-a-licence`, `file-too-large`.
    """
    return Inspection(tuple(inspect_each(Path(folder), sought(map(Path, licences), office), unlock or Unlock(), office)))


def sought(files: Iterable[Path], office: Office | None) -> Traces:
    """What is looked for: the licences in these files, and all own licences that an accountant's office has held."""
    tokens = [_token_in(path) for path in files]
    if office is not None:
        with office.reading() as connection:
            tokens += licences.own_tokens(connection) if office.is_accountants(connection) else ()
    return Traces((number_claimed(token), token) for token in tokens)


def inspect_each(folder: Path, traces: Traces, unlock: Unlock, office: Office | None) -> Iterator[InspectedFile]:
    """Look at one file after another, giving each as it was looked at. Raises `file-not-found` for a folder that isn't there."""
    if not folder.exists():
        raise Refused("file-not-found", path=folder)
    former = _former_keys(office)
    with workplace_anywhere(office) as work:
        looker = Looker(traces, unlock, work)
        for path in _files(folder) if folder.is_dir() else [folder]:
            if isinstance(path, InspectedFile):
                yield path
                continue
            look = None if _is_the_offices(path, office) or is_log(path) else looker.look(path)
            if look is not None:
                yield _judged(path, look, office, former)


def _judged(path: Path, look: Look, office: Office | None, former: frozenset[str]) -> InspectedFile:
    signers = {_signer(manifest, look, office, former) for manifest in look.manifests}
    signer = "own" if signers == {"own"} else next((one for one in sorted(signers) if one != "own"), None)
    manifest = look.manifests[0] if len(look.manifests) == 1 else None
    return InspectedFile(path, look.kind, signer, look.looked_inside, tuple(look.findings), manifest)


def _signer(manifest: Manifest, look: Look, office: Office | None, former: frozenset[str]) -> str:
    """Whose the signature of a backup is; what isn't this office's is a finding."""
    word, changed = signer_of(office, manifest)
    by = manifest.signer
    if by.key.thumbprint in former:
        return "own"
    if office is not None and word != "own":
        for one in changed or [obstacle("signed-elsewhere", name=by.name, thumbprint=by.key.thumbprint)]:
            look.add(one)
    return word


def _files(folder: Path) -> Iterator[Path | InspectedFile]:
    """The files in a folder and below it, by name; links to folders are not followed, so there is no way round in a circle."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        look = Look("unreadable")
        with told(look, here), os.scandir(here) as found:
            entries = sorted(found, key=lambda entry: entry.name)
            yield from (Path(entry.path) for entry in entries if _is_file(entry))
            waiting += [Path(entry.path) for entry in reversed(entries) if entry.is_dir(follow_symlinks=False)]
        if look.findings:
            yield InspectedFile(here, look.kind, None, False, tuple(look.findings))


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file() or (entry.is_symlink() and entry.name.casefold().endswith(SUFFIX) and not entry.is_dir())
    except OSError:  # a link that leads round in a circle
        return entry.name.casefold().endswith(SUFFIX)


def _is_the_offices(path: Path, office: Office | None) -> bool:
    """Whether it is this office's register or what is at work in it: they hold its licence, and are no backup."""
    return office is not None and (office.store.work_folder in path.absolute().parents or office.store.is_register(path))


def _former_keys(office: Office | None) -> frozenset[str]:
    """The thumbprints of keys that signed for this office before another took their place."""
    if office is None:
        return frozenset()
    with office.reading() as connection:
        return frozenset(str(event.details.get("replaces")) for event in journal.every(connection) if event.what == "key-unsealed")


def _token_in(path: Path) -> str:
    token = armor.take_off(safe_files.read_whole(path, armor.LARGEST), armor.LICENCE)
    if token is None:
        raise Refused("not-a-licence", path=path.name)
    return token
