"""One file looked through for licences that may not be in it: a backup, a database with its logs, or what either was packed in.

A database is read as bytes and never opened as one: nothing in it is run, and nothing is written beside it. What is unpacked goes into
a workdir and is bounded; what can't be read is a finding.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from accountools import safe_files
from accountools.domain.codes.code import Code
from accountools.domain.errors import AccountoolsError
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle, Part, obstacle
from accountools.formats import encryption
from accountools.formats.archives import HEAD, PACKED, Kind, Source, UnpackingBudget, detect_kind, iterate_chunks
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import SUFFIX, BackupFile, Decryption
from accountools.formats.database_file import is_truncated, logs_of, read_chunks
from accountools.formats.leak_scan import ThoroughSearch
from accountools.formats.licence_file import claimed_kind
from accountools.operations.backups.register_extract import read_extract
from accountools.operations.errors import INTERRUPTIONS, translate_error
from accountools.operations.restores.checked_image import check_agreement, check_register
from accountools.storage import schema
from accountools.storage.image.check import CheckedImage
from accountools.version import VERSION

FileKind = Literal["backup", "sqlite", "sqlite-log", "archive", "encrypted", "unreadable"]
FILE_KINDS: dict[FileKind, str] = {
    "backup": N_("backup"),
    "sqlite": N_("database"),
    "sqlite-log": N_("database log"),
    "archive": N_("archive"),
    "encrypted": N_("encrypted"),
    "unreadable": N_("unreadable"),
}
FOUND = "office-licence-found"
_HAND_ON = N_("Don't pass it on. If a client already has it, tell your supplier and hand over a new backup.")
_STANDS = {
    "text": Code(N_("Licence {licence} was found in {place}, as text."), _HAND_ON),
    "base64": Code(N_("Licence {licence} was found in {place}, in Base64."), _HAND_ON),
    "hex": Code(N_("Licence {licence} was found in {place}, in hexadecimal."), _HAND_ON),
}
_KINDS: dict[Kind, FileKind] = {"backup": "backup", "sqlite": "sqlite", "sqlite-log": "sqlite-log", "age": "encrypted"}
_NEED_A_FILE = {"zip", "backup", "age"}
_LOCKED = {"key-needed", "wrong-key"}
_MOST_LAYERS = 4
_MOST_ALIKE = 20  # findings in a file of one kind (of a licence that was found: of that licence); an archive may have many thousand
_LARGEST_BY_PASSPHRASE = 64 << 20  # such an age file is opened whole


class LicenceInside(Obstacle):
    """A licence that was looked for and found, in a backup already made: nothing can be kept from being written any more."""

    @property
    def meaning(self) -> Code:
        """What it is called, by the form in which it stands there."""
        return _STANDS[str(dict(self.facts)["form"])]


@dataclass
class FileFindings:
    """What was found in one file."""

    kind: FileKind
    looked_inside: bool = False
    manifests: list[Manifest] = field(default_factory=list)
    findings: list[Obstacle] = field(default_factory=list)

    def add(self, one: Obstacle) -> None:
        """Add a finding, once; of very many of one kind only the first, and that there are more."""
        kind = _kind_of(one)
        alike = [each for each in self.findings if _kind_of(each) == kind]
        more = obstacle("more-findings", what=kind)
        if one not in alike and more not in self.findings:
            self.findings.append(one if len(alike) < _MOST_ALIKE else more)


def _kind_of(one: Obstacle) -> str:
    return f"{one.code} {dict(one.facts).get('licence', '')}".strip()


@dataclass(frozen=True)
class FileInspector:
    """Searches files: for which licences, with which key, and where there is room to unpack."""

    traces: ThoroughSearch
    unlock: Decryption
    work: Path

    def inspect(self, path: Path) -> FileFindings | None:
        """Search a file; None when it is neither a backup nor a database, packed or not. Whatever is wrong with it is in the findings."""
        named = path.name.casefold().endswith(SUFFIX)
        findings = FileFindings("backup" if named else "unreadable")
        with errors_as_findings(findings, path):
            with safe_files.open_existing(path) as file:
                found = detect_kind(file.read(HEAD))
            kind: Kind | None = "backup" if named and found in {None, "zip"} else found
            if kind is None:
                return None
            findings.kind = _KINDS.get(kind, "archive")
            self._search_layer(findings, path, kind, path.name, UnpackingBudget(path.stat().st_size), 1)
        worth_showing = findings.kind != "archive" or findings.looked_inside or findings.findings
        return findings if worth_showing else None

    def _search_layer(self, findings: FileFindings, path: Path, kind: Kind, place: str, budget: UnpackingBudget, layer: int) -> None:
        if layer > _MOST_LAYERS:
            findings.add(obstacle("too-large", what=place))
            return
        self._search_file(findings, path, place)
        if kind in PACKED:
            with path.open("rb") as file:
                self._search_packed(findings, file, kind, place, budget, layer)
        elif kind == "age":
            self._decrypt(findings, path, place, budget, layer)
        elif kind in {"sqlite", "sqlite-log"}:
            findings.looked_inside = True
            if kind == "sqlite":
                self._search_logs(findings, path, place)
        else:
            self._open_backup(findings, path, place, budget)

    def _search_logs(self, findings: FileFindings, path: Path, place: str) -> None:
        if is_truncated(path):
            findings.add(obstacle("backup-damaged", what=Part.LENGTH))
        for log in logs_of(path):
            self._search_file(findings, log, f"{place}{log.name.removeprefix(path.name)}")

    def _open_backup(self, findings: FileFindings, path: Path, place: str, budget: UnpackingBudget) -> None:
        opened = False
        try:
            with BackupFile(path, schema.VERSION, VERSION) as backup, self._room() as image:
                findings.manifests.append(backup.manifest)
                if backup.manifest.encrypted and self.unlock == Decryption():
                    backup.check_stored()
                    findings.add(obstacle("key-needed"))
                    return
                backup.unpack(image, self.unlock)
                opened = findings.looked_inside = True
                self._check_image(findings, backup.manifest, image, place)
        except AccountoolsError as error:
            findings.add(error.reason)
            if not opened and error.code not in _LOCKED:
                self._salvage(findings, path, place, budget)

    def _check_image(self, findings: FileFindings, manifest: Manifest, path: Path, place: str) -> None:
        register = manifest.purpose == "register"
        if not (register and manifest.encrypted):  # the one image that may hold it, and is never plain
            self._search_file(findings, path, place)
        with CheckedImage(path, "register" if register else "administration") as image:
            if register:
                check_register(manifest, image)
                return
            extract = read_extract(image.extract, image.totals)
            if extract.licence is not None and claimed_kind(extract.licence) == "accountant":
                findings.add(obstacle("wrong-kind", licence=manifest.licence_number, backup=True))
            check_agreement(manifest, extract, image.totals)

    def _salvage(self, findings: FileFindings, path: Path, place: str, budget: UnpackingBudget) -> None:
        """What of a damaged backup can be read is searched all the same: what else is wrong with it is a finding already."""
        aside = FileFindings("archive")
        with errors_as_findings(aside, path), path.open("rb") as file:
            self._search_packed(aside, file, "zip", place, budget, _MOST_LAYERS - 1)
        for one in aside.findings:
            if one.code == FOUND:
                findings.add(one)

    def _search_packed(self, findings: FileFindings, packed: Source, kind: Kind, place: str, budget: UnpackingBudget, layer: int) -> None:
        for name, begun in budget.iterate_members(packed, kind):
            inner, within = detect_kind(begun.head), f"{place}/{name}" if name else place
            if inner in _NEED_A_FILE:
                findings.looked_inside = True
                with self._room() as aside:
                    _write(aside, iterate_chunks(begun))
                    self._search_layer(findings, aside, inner, within, budget, layer + 1)
            elif inner in PACKED and layer > _MOST_LAYERS:
                findings.add(obstacle("too-large", what=within))
            elif inner in PACKED:
                self._search_packed(findings, begun, inner, within, budget, layer + 1)
            else:
                findings.looked_inside = findings.looked_inside or inner is not None
                self._search(findings, iterate_chunks(begun), within)

    def _decrypt(self, findings: FileFindings, path: Path, place: str, budget: UnpackingBudget, layer: int) -> None:
        if self.unlock == Decryption():
            findings.add(obstacle("key-needed"))
            return
        with self._room() as aside:
            self._decrypt_to(aside, path)
            with aside.open("rb") as file:
                inner = detect_kind(file.read(HEAD))
            findings.looked_inside = True
            if inner is None:
                self._search_file(findings, aside, place)
            else:
                self._search_layer(findings, aside, inner, place, budget, layer + 1)

    def _decrypt_to(self, target: Path, path: Path) -> None:
        with path.open("rb") as source, safe_files.create_private(target) as file:
            if self.unlock.identity is not None:
                encryption.decrypt_stream(source, file, self.unlock.identity)
                return
        sealed = safe_files.read_whole(path, _LARGEST_BY_PASSPHRASE)
        target.write_bytes(encryption.decrypt_bytes(sealed, None, self.unlock.passphrase))

    def _search_file(self, findings: FileFindings, path: Path, place: str) -> None:
        with path.open("rb") as file:
            self._search(findings, read_chunks(file), place)

    def _search(self, findings: FileFindings, chunks: Iterable[bytes], place: str) -> None:
        for trace in sorted(self.traces.find(chunks)):
            facts = (("licence", trace.licence), ("place", place), ("form", trace.form))
            findings.add(LicenceInside(FOUND, facts))

    @contextmanager
    def _room(self) -> Iterator[Path]:
        """The name of a file in the workdir that is removed afterwards."""
        path = safe_files.temporary_path(self.work / "image")
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def errors_as_findings(findings: FileFindings, path: Path) -> Iterator[None]:
    """Whatever goes wrong with this one file is a finding about it: the next is inspected all the same."""
    try:
        yield
    except PermissionError:
        findings.add(obstacle("not-permitted", path=path))
    except INTERRUPTIONS:
        raise
    except BaseException as error:
        findings.add(translate_error(error).reason)


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    with safe_files.create_private(path) as file:
        shutil.copyfileobj(_Chunks(chunks), file)


class _Chunks:
    """Chunks as something to read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)

    def read(self, _: int = -1) -> bytes:
        return next(self._chunks, b"")
