"""The plan of a backup that comes in: restored (S16) or, as a client's own, installed (S3). Shown, and placed whole or not at all."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from accountools.domain.codes import licence_files
from accountools.domain.events.administrations import BackupPlaced
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import ControlTotals
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import Decryption
from accountools.operations.backup_key import key_obstacles
from accountools.operations.backups import safety_copy
from accountools.operations.backups.register_extract import RegisterExtract
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress, no_progress
from accountools.operations.restores.checked_image import CheckedBackup, check_backup, unpacked
from accountools.operations.restores.obstacles import archive_obstacles, content_obstacles, forbidden_in, licence_in
from accountools.operations.restores.place import Placement, merged_obstacles, place
from accountools.operations.restores.present import Present, list_present
from accountools.operations.session import HeldLicence, Office, Session
from accountools.operations.workdir import workdir


@dataclass(frozen=True)
class RestoreChoices:
    """What was asked: of which file, opened by what, signed by whom, and whether what is here may be replaced."""

    path: Path
    unlock: Decryption = field(default_factory=Decryption)
    signer: str | None = None  # a thumbprint read out by telephone
    accepted: frozenset[str] = frozenset()
    replace: bool = False


@dataclass(frozen=True)
class RestoreKind:
    """How one way in differs from another: its event, its obstacles, for whom the signer is kept.

    `exchange`: it is a client's own backup at the accountant's: office users stay, and the books are noted as exchanged.
    """

    event: type[BackupPlaced]
    obstacles: Callable[[Session, CheckedBackup, Present, HeldLicence, RestoreChoices], Iterable[Obstacle]]
    scope: Callable[[CheckedBackup], str]
    exchange: bool = False


@dataclass(frozen=True, kw_only=True)
class RestorePlan(Plan):
    """What would be restored: whose backup, what it holds, and what is here under that number now.

    `unpacked` is its image, as long as it is at hand; `books_mark` is of the books that are here.
    """

    kind: RestoreKind
    choices: RestoreChoices
    checked: CheckedBackup
    licence: Licence | None
    present: Present
    books_mark: str | None
    unpacked: Path | None = field(default=None, repr=False, compare=False)

    @property
    def path(self) -> Path:
        """The file."""
        return self.choices.path

    @property
    def number(self) -> AdministrationNumber:
        """The number it has and keeps (S16)."""
        return self.checked.extract.number

    @property
    def extract(self) -> RegisterExtract:
        """The extract of the register in it."""
        return self.checked.extract

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        return self.checked.manifest

    @property
    def totals(self) -> ControlTotals:
        """The control totals of its books."""
        return self.checked.totals

    def inputs(self) -> dict[str, Any]:
        """The file's bytes, and what is here under its number."""
        return {
            "event": self.kind.event.what,
            "file": self.checked.file_sha256,
            "number": int(self.number),
            "version": self.present.version,
            "books": self.books_mark,
            "replace": self.choices.replace,
            "signer": self.choices.signer,
        }

    def execute(self, office: Office, progress: Progress) -> "RestorePlan":
        """Unpack, check again, keep what is replaced, and place. `progress` is called with the image's bytes.

        Gives the plan as it was carried out, with what is to be shown of what was replaced.
        """
        size = self.manifest.image.size
        progress(0, size)
        further = partial(room_to_replace, office, self.choices)
        with (
            workdir(office) as work,
            unpacked(
                self.path, self.checked, self.unpacked, self.choices.unlock, work, further, partial(forbidden_here, office), progress
            ) as (checked, image),
        ):
            with office.session() as session:
                now = plan_checked(session, self.kind, replace(self.choices, accepted=self.accepted), checked)
            now.raise_if_changed(self.digest, f"{self.path.name}, {self.number}")
            now.raise_if_refused()
            progress(size * 2 // 3, size)  # the last moment to stop: what follows is done as a whole
            placement = save_replaced(office, now)
            kept = place(office, placement, office.engine.adopt_books(image, now.number), work.name)
        return replace(now, obstacles=(*now.obstacles, *kept))

    def placement(self) -> Placement:
        """How it becomes an administration here."""
        scope = self.kind.scope(self.checked)
        confirmed = tuple(sorted(one.code for one in self.obstacles if one.needs_confirmation and one.code in licence_files.CODES))
        return Placement(self.checked, self.licence, self.kind.event, scope, self.present, self.kind.exchange, confirmed=confirmed)


def plan_checked(
    session: Session, kind: RestoreKind, choices: RestoreChoices, checked: CheckedBackup, present: Present | None = None
) -> RestorePlan:
    """Plan restoring a backup that was checked, for the client as it is now: its KvK number may have been changed here since.

    `present` is what is here under its number, for who has read it.
    """
    present = present or list_present(session, [checked])[0]
    client = checked.extract.client
    if client is not None and present.client is not None and present.client.kvk != client.kvk:
        checked = replace(checked, extract=replace(checked.extract, client=present.client))
    number, engine = checked.extract.number, session.office.engine
    held = licence_in(session, checked.extract)
    makes_copy = choices.replace and present.administration is not None and engine.has_books(number)
    plan = RestorePlan(
        obstacles=(
            *kind.obstacles(session, checked, present, held, choices),
            *archive_obstacles(present),
            *content_obstacles(checked, choices.path),
            *(key_obstacles(engine) if makes_copy else ()),
        ),
        accepted=choices.accepted,
        kind=kind,
        choices=choices,
        checked=checked,
        licence=held.licence,
        present=present,
        books_mark=engine.books_revision(number) if kind.exchange and engine.has_books(number) else None,
    )
    return replace(plan, obstacles=(*plan.obstacles, *merged_obstacles(session, plan.placement())))


def plan_restore(office: Office, kind: RestoreKind, choices: RestoreChoices, progress: Progress = no_progress) -> RestorePlan:
    """Plan restoring or installing a backup. Raises as `check_backup`; what merely blocks is in the plan's obstacles."""
    with planned_restore(office, kind, choices, progress=progress) as plan:
        return replace(plan, unpacked=None)


@contextmanager
def planned_restore(
    office: Office, kind: RestoreKind, choices: RestoreChoices, *, adopting: bool = False, progress: Progress = no_progress
) -> Iterator[RestorePlan]:
    """The plan, with its image at hand until the block is left: applying it in the block needn't unpack it again.

    `adopting`: it is meant to be applied, so that the image is made ready for it while it is checked. Raises as `check_backup`.
    """
    with workdir(office) as work:
        image, further = work / "image.sqlite", partial(room_to_replace, office, choices)
        forbidden = partial(forbidden_here, office)
        checked = check_backup(
            choices.path, image, choices.unlock, adopting=adopting, further=further, forbidden=forbidden, progress=progress
        )
        with office.session() as session:
            plan = plan_checked(session, kind, choices, checked)
        yield replace(plan, unpacked=image)


def room_to_replace(office: Office, choices: RestoreChoices, manifest: Manifest) -> int:
    """How many bytes a safety copy of what is replaced may take at most: an image and a backup of it."""
    if not choices.replace or manifest.number is None:
        return 0
    return 2 * office.engine.books_size(AdministrationNumber(manifest.number))


def forbidden_here(office: Office, manifest: Manifest) -> tuple[str, ...]:
    """As `forbidden_in`, for who has no session yet."""
    with office.session() as session:
        return forbidden_in(session, manifest)


def save_replaced(office: Office, plan: RestorePlan) -> Placement:
    """Make a safekeeping backup of what is about to be replaced, if there can be one; gives how the new takes its place."""
    placement = plan.placement()
    if plan.present.administration is None or not office.engine.has_books(plan.number):
        return placement
    return replace(placement, saved=safety_copy.save_safety_copy(office, plan.number))
