"""Which backups of many are restored: of each administration the newest, by the signed manifests."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from accountools.domain.errors import AccountoolsError, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import SUFFIX
from accountools.operations.errors import translate_error
from accountools.operations.restores.obstacles import is_own_safekeeping, signer_obstacles
from accountools.operations.restores.unlock import read_manifest
from accountools.operations.session import Session
from accountools.storage.register import signers


@dataclass(frozen=True)
class FoundBackup:
    """A backup of an administration: its file, and its manifest, whose signature verified."""

    path: Path
    manifest: Manifest

    @property
    def number(self) -> AdministrationNumber:
        """The administration."""
        return AdministrationNumber(self.manifest.number or 0)


@dataclass(frozen=True)
class RestoreResult:
    """What came, or would come, of one backup. `number` is None for a file that is no administration's backup.

    `name` is that of the client, or the administration's description where it has none; empty as long as the image isn't checked.
    """

    path: Path
    number: AdministrationNumber | None
    obstacles: tuple[Obstacle, ...] = ()
    refused: bool = False
    restored: bool = False
    name: str = ""

    @classmethod
    def of_error(cls, path: Path, number: AdministrationNumber | None, error: AccountoolsError) -> "RestoreResult":
        """What could not even be checked, or failed."""
        return cls(path, number, error.obstacles or (error.reason,), refused=True)


def find_backups(source: Path | Sequence[Path]) -> tuple[list[FoundBackup], tuple[RestoreResult, ...]]:
    """The backups of administrations in a folder, or among these files, and the files that can't be restored at all.

    A backup of an office itself is skipped in a folder, and refused among files. Raises `file-not-found` for a folder that isn't there.
    """
    found, unreadable = list[FoundBackup](), list[RestoreResult]()
    for path in _backups_in(source) if isinstance(source, Path) else source:
        try:
            manifest = read_manifest(path)
            if manifest.number is not None:
                found.append(FoundBackup(path, manifest))
            elif not isinstance(source, Path):
                raise Refused("office-exists", file=path.name)
        except (AccountoolsError, OSError) as error:
            unreadable.append(RestoreResult.of_error(path, None, translate_error(error)))
    return found, tuple(unreadable)


def newest_of_each(session: Session, found: Sequence[FoundBackup], signer: str | None = None) -> list[FoundBackup]:
    """One of each number, in order of the numbers: of one signer the one with the highest counter, of several signers the last made.

    What this office can't restore without a question, if at all (what another signed than its known `signer` or the one given, then
    hand-overs at the accountant's and other licences), counts only where there is no other: anybody can sign a newer one.
    """
    own, ours = session.own_licence, session.own_licences
    expected: dict[tuple[str, bool], bool] = {}

    def fits(one: FoundBackup) -> tuple[bool, bool]:
        thumbprint, is_own = one.manifest.signer.key.thumbprint, is_own_safekeeping(session, one.manifest)
        if (thumbprint, is_own) not in expected:
            expected[thumbprint, is_own] = not signer_obstacles(session, one.manifest, signers.DEFAULT_SCOPE, signer)
        known = is_own and thumbprint in session.own_keys if own.is_accountant_office else one.manifest.licence_number in ours
        return expected[thumbprint, is_own], known

    by_signer: dict[tuple[AdministrationNumber, str], FoundBackup] = {}
    for one in sorted(found, key=lambda one: (fits(one), one.manifest.counter, one.manifest.made_at)):
        by_signer[one.number, one.manifest.signer.key.thumbprint] = one
    newest = {one.number: one for one in sorted(by_signer.values(), key=lambda one: (fits(one), one.manifest.made_at))}
    return [newest[number] for number in sorted(newest)]


def _backups_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise Refused("file-not-found", path=folder, folder=folder)
    return [path for path in sorted(folder.iterdir()) if path.name.casefold().endswith(SUFFIX)]
