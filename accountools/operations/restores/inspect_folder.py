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
from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats import armor
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import SUFFIX, Decryption
from accountools.formats.database_file import is_log
from accountools.formats.leak_scan import ThoroughSearch, claimed_number
from accountools.operations import jobs
from accountools.operations.errors import translate_error
from accountools.operations.restores.inspect_file import FOUND, FileFindings, FileInspector, FileKind, errors_as_findings
from accountools.operations.restores.verify import forbidden_tokens, signer_of
from accountools.operations.session import Office
from accountools.operations.workdir import job_folder, workdir_anywhere
from accountools.operations.worker_processes import default_workers
from accountools.storage.errors import OfficeBusy


@dataclass(frozen=True)
class InspectedFile:
    """A file that was inspected. `signer` is `own`, `known`, `changed` or `unknown`; None for what isn't a backup of this program."""

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
    """What was found in a folder."""

    files: tuple[InspectedFile, ...]

    @property
    def with_findings(self) -> tuple[InspectedFile, ...]:
        """The files with a finding."""
        return tuple(one for one in self.files if one.findings)

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.with_findings


def inspect(
    folder: Path | str, *, licences: Iterable[Path | str] = (), unlock: Decryption | None = None, office: Office | None = None
) -> Inspection:
    """FileFindings through `folder` (or one file) for every own licence that `office` has held, and for those in the files `licences`.

    Raises `file-not-found`, `not-a-licence`, `file-too-large`.
    """
    return Inspection(tuple(inspect_each(Path(folder), traces_of(map(Path, licences), office), unlock or Decryption(), office)))


def traces_of(files: Iterable[Path], office: Office | None) -> ThoroughSearch:
    """What is looked for: the licences in these files, and all own licences that an accountant's office has held."""
    tokens = [*(_token_in(path) for path in files), *forbidden_tokens(office)]
    return ThoroughSearch((claimed_number(token), token) for token in tokens)


def inspect_each(
    folder: Path, traces: ThoroughSearch, unlock: Decryption, office: Office | None, workers: int | str | None = None
) -> Iterator[InspectedFile]:
    """Inspect files side by side, giving each in their order when it is done. Raises `file-not-found` for a folder that isn't there."""
    if not folder.exists():
        raise Refused("file-not-found", path=folder, folder=folder)
    found = list(_files(folder)) if folder.is_dir() else [folder]
    found = [one for one in found if isinstance(one, InspectedFile) or not (_belongs_to_office(one, office) or is_log(one))]
    chosen = workers or default_workers(jobs.work_in(one for one in found if isinstance(one, Path)))
    with workdir_anywhere(office) as work, jobs.workers(office, chosen, reads=[folder]) as at_work:
        for one, future in at_work.each(_inspect_file, found, traces, unlock, work):
            findings = future.result()
            if isinstance(one, InspectedFile):
                yield one
            elif findings is not None:
                yield _judged(one, findings, office)


def _inspect_file(
    _: Office | None, found: Path | InspectedFile, traces: ThoroughSearch, unlock: Decryption, work: Path
) -> FileFindings | None:
    """A job: look into a file. `work` is the workdir of who hands it out: without an office one on its own machine."""
    if isinstance(found, InspectedFile):
        return None
    with job_folder(work) as folder:
        return FileInspector(traces, unlock, folder).inspect(found)


def _judged(path: Path, findings: FileFindings, office: Office | None) -> InspectedFile:
    signers = {_signer(manifest, findings, office) for manifest in findings.manifests}
    signer = "own" if signers == {"own"} else next((one for one in sorted(signers) if one != "own"), None)
    manifest = findings.manifests[0] if len(findings.manifests) == 1 else None
    return InspectedFile(path, findings.kind, signer, findings.looked_inside, tuple(findings.findings), manifest)


def _signer(manifest: Manifest, findings: FileFindings, office: Office | None) -> str:
    """Whose the signature of a backup is; what isn't this office's is a finding."""
    try:
        word, changed = signer_of(office, manifest)
    except (MachineFailed, OfficeBusy, OSError):  # of this office, whatever the file
        raise
    except Exception as error:
        findings.add(translate_error(error).reason)
        return "unknown"
    by = manifest.signer
    if office is not None and word != "own":
        for one in changed or [obstacle("signed-elsewhere", name=by.name, thumbprint=by.key.thumbprint)]:
            findings.add(one)
    return word


def _files(folder: Path) -> Iterator[Path | InspectedFile]:
    """The files in a folder and below it, by name; links to folders are not followed, so there is no way round in a circle."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        findings = FileFindings("unreadable")
        with errors_as_findings(findings, here), os.scandir(here) as found:
            entries = sorted(found, key=lambda entry: entry.name)
            yield from (Path(entry.path) for entry in entries if _is_file(entry))
            waiting += [Path(entry.path) for entry in reversed(entries) if entry.is_dir(follow_symlinks=False)]
        if findings.findings:
            yield InspectedFile(here, findings.kind, None, False, tuple(findings.findings))


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file() or (entry.is_symlink() and entry.name.casefold().endswith(SUFFIX) and not entry.is_dir())
    except OSError:  # a link that leads round in a circle
        return entry.name.casefold().endswith(SUFFIX)


def _belongs_to_office(path: Path, office: Office | None) -> bool:
    """Whether it is this office's register or what is at work in it: they hold its licence, and are no backup."""
    return office is not None and (office.engine.work_folder in path.absolute().parents or office.engine.is_register(path))


def _token_in(path: Path) -> str:
    token = armor.dearmor(safe_files.read_whole(path, armor.LARGEST), armor.LICENCE)
    if token is None:
        raise Refused("not-a-licence", path=path.name)
    return token
