"""*Kantoor inrichten*: a new office under its own licence, or one that was lost, from the backup of its register. No office is needed."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from accountools.clock import Clock
from accountools.domain.errors import AccountoolsError, Refused
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import Decryption
from accountools.formats.trust_file import Issuer, read_trust
from accountools.forms.kit.feedback import Feedback, remedy_on_screen
from accountools.forms.kit.form import parse_path
from accountools.forms.kit.upload import Uploads
from accountools.operations.errors import translate_error
from accountools.operations.register.create_office import create_office, read_own_licence, validate_licence_file
from accountools.operations.restores.plan import RestoreChoices
from accountools.operations.restores.restore_office import OfficeRestorePlan, plan_office_restore
from accountools.operations.restores.unlock import one_time_key, read_key_file, read_manifest
from accountools.operations.session import Office
from accountools.texts import Texts

NEW, LOST = "new", "lost"


class OfficeSetup:
    """What is filled in, and what the files say. `way` is `NEW` or `LOST`; `made` gets the office as soon as it was made.

    `licence` and `issuers` are those of the files that were chosen, `errors` what is wrong with them, by their kind; `manifest` is that of
    the backup of a lost office; `uploads` are kept for as long as they are needed.
    """

    def __init__(self, folder: Path, clock: Clock, texts: Texts, made: Callable[[Office], object]) -> None:
        self.folder, self.texts, self._clock, self._made = folder, texts, clock, made
        self.feedback = Feedback()
        self.way = NEW
        self.files: dict[str, Path | None] = {"licence": None, "issuers": None, "backup": None, "key": None}
        self.uploads = Uploads()
        self.finished = False
        self._listeners: list[Callable[[], object]] = []
        self._read()

    def subscribe(self, listener: Callable[[], object]) -> None:
        """Call `listener` each time something changed."""
        self._listeners.append(listener)

    def notify(self) -> None:
        """Call the listeners."""
        for listener in self._listeners:
            listener()

    def choose_way(self, way: str) -> None:
        """Make a new office, or a lost one anew."""
        self.way = way
        self._read()

    def choose_folder(self, folder: Path | str) -> None:
        """Choose where the office will be."""
        self.folder = (parse_path(str(folder)) or self.folder).absolute()
        self._read()

    def choose(self, kind: str, path: Path | str) -> None:
        """Choose a file: the `licence`, the `issuers`, the `backup` or the `key`. It is read at once."""
        self.files[kind] = parse_path(str(path))
        self._read()

    @property
    def missing(self) -> str:
        """What is still to be done before the office can be made, as text; empty when nothing is."""
        _ = self.texts
        if self.errors:
            return _("Choose another file: this one can't be used")
        if self.way == LOST:
            return _("Choose the backup of the office first") if self.manifest is None else ""
        if self.files["licence"] is None:
            return _("Choose your own licence first")
        return _("Choose the list of issuers that came with it") if self.licence is None else ""

    def create(self, passphrase: str | None = None) -> bool:
        """*Klaar*: make the office; whether it was made. Nothing is left behind when it wasn't."""
        self.feedback.clear()
        done = not self.missing and self.feedback.run(lambda: self._create(passphrase))
        self.notify()
        return done

    def _create(self, passphrase: str | None) -> None:
        if self.way == LOST:
            office = self._plan(passphrase).create()
        elif self.files["licence"] is not None and self.files["issuers"] is not None:
            office = create_office(self.folder, self.files["licence"], self.files["issuers"], self._clock)
        self.uploads.clear()
        self.finished = True
        self.notify()
        self._made(office)

    def _plan(self, passphrase: str | None) -> OfficeRestorePlan:
        backup, unlock = self.files["backup"], Decryption()
        if backup is None:
            raise Refused("file-not-found", path="—")
        if self.opened_by == "passphrase" and passphrase:
            unlock = one_time_key(backup, passphrase)
        elif self.files["key"] is not None:
            unlock = read_key_file(self.files["key"])
        return plan_office_restore(self.folder, RestoreChoices(backup, unlock), self._clock)

    @property
    def today(self) -> date:
        """Today, by which a licence is valid or not."""
        return self._clock().today

    @property
    def opened_by(self) -> str:
        """What opens the backup: a `passphrase`, a `key`, or nothing."""
        if self.manifest is None or not self.manifest.encrypted:
            return ""
        return "passphrase" if self.manifest.sealed_key is not None else "key"

    def describe(self, one: Obstacle) -> str:
        """An obstacle in one line: what is wrong, and what to do."""
        return f"{self.texts.sentence(one)} {remedy_on_screen(one, self.texts)}"

    def _read(self) -> None:
        self.licence: Licence | None = None
        self.issuers: tuple[Issuer, ...] = ()
        self.manifest: Manifest | None = None
        self.errors: dict[str, Obstacle] = {}
        self.feedback.clear()
        licence, issuers, backup = (self.files[kind] for kind in ("licence", "issuers", "backup"))
        if self.way == LOST and backup is not None:
            self._check("backup", partial(self._read_backup, backup))
        if self.way == NEW and licence is not None:
            self._check("licence", partial(validate_licence_file, licence))
        if self.way == NEW and issuers is not None:
            self._check("issuers", partial(read_trust, issuers))
            if licence is not None and not self.errors:
                self._check("licence", partial(self._read_licence, licence, issuers))
        self.notify()

    def _check(self, kind: str, read: Callable[[], object]) -> None:
        """Read a file; what is wrong is shown beneath its field."""
        try:
            read()
        except (AccountoolsError, OSError) as error:
            reason = translate_error(error).reason
            self.errors["issuers" if reason.code == "unknown-issuer" else kind] = reason

    def _read_backup(self, path: Path) -> None:
        manifest = read_manifest(path)
        if manifest.purpose != "register":
            raise Refused("office-not-found", path=path.name)
        self.manifest = manifest

    def _read_licence(self, licence: Path, issuers: Path) -> None:
        self.licence, self.issuers = read_own_licence(licence, issuers, self._clock())
