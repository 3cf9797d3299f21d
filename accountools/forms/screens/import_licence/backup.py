"""Making a backup for the client, as the last step of a form: how it is encrypted, where it goes, and the result (S9, S15)."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from accountools.domain.errors import Refused, raise_first_obstacle
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle, Part
from accountools.formats.backup.reader import Decryption
from accountools.forms.files.delivery import Deliveries, Passphrases
from accountools.forms.kit.encryption_choice import OPTIONS, EncryptionChoice
from accountools.operations.backups.plan import plan_backup
from accountools.operations.progress import Progress, no_progress
from accountools.operations.restores.rehearse import rehearse_new
from accountools.operations.restores.verify import Verification, verify
from accountools.operations.session import Office
from accountools.storage.register.backups import BackupRecord
from accountools.texts import Texts


@dataclass(frozen=True)
class BackupResult:
    """A backup that was made: the file, the licence in it, what goes to the client, what reading it back found (None when not asked).

    `rehearsed` is the day of the receipt that it was restored aside, None when it was not. `fault` is what went wrong after it was made.
    """

    record: BackupRecord
    path: Path
    bytes: int
    licence: Licence
    deliveries: Deliveries | None = None
    verification: Verification | None = None
    rehearsed: date | None = None
    fault: Exception | None = None

    @property
    def encrypted(self) -> bool:
        """Whether it is encrypted."""
        return self.record.encrypted

    @property
    def findings(self) -> tuple[Obstacle, ...]:
        """What reading it back found wrong."""
        return self.verification.findings if self.verification else ()

    def describe(self, _: Texts) -> tuple[str, ...]:
        """What is in it, and how that was checked, in sentences."""
        inside = _("Contains the licence of {client}; no trace of your own licence.", client=self.licence.licensee.name)
        if self.verification is None:
            read_back = _("It was searched before it was written; it was not read back.")
        elif self.verification.image_checked:
            read_back = _("It was read back from the disk and searched: it is complete.")
        else:
            read_back = _("It was read back from the disk: it is complete. Only the client can see its contents.")
        if self.rehearsed is None:
            return inside, read_back
        receipt = N_("It was tested with a test restore on {day}: the books are the same, and the client's user can log in.")
        return inside, read_back, _(receipt, day=self.rehearsed)


class ClientBackup(EncryptionChoice):
    """The choices for one backup for the client, and making it. `passphrases` was generated, of a letter that is still to be written."""

    def __init__(self, office: Office, number: AdministrationNumber, licence: Licence) -> None:
        super().__init__(office, (one for one in OPTIONS if one != "licence" or licence.recipient))
        self.number = number
        self.licence = licence
        self.check = True
        self.made: BackupResult | None = None
        self.passphrases: Passphrases = {}

    def make(self, passphrase: str | None, texts: Texts, progress: Progress = no_progress) -> BackupResult:
        """Make the backup, with the letter when that holds its passphrase; when asked, rehearse it and read it back.

        Raises what keeps it from being made, and `changed-meanwhile` when the administration is under another licence by now.
        """
        target = self.target(passphrase, [self.number], texts.language)
        plan = plan_backup(self.office, [self.number], target, rehearse=rehearse_new if self.rehearse else None)
        for item in plan.items:
            if item.refused:
                raise_first_obstacle(item.obstacles)
            if item.licence != self.licence:
                raise Refused("changed-meanwhile", what=self.number)
        outcome = plan.apply(self.office, progress)
        if outcome.stopped is not None:
            raise outcome.stopped
        for _number, obstacles in outcome.refused:
            raise_first_obstacle(obstacles)
        made = outcome.made[0] if outcome.made else None
        if made is None or made.path is None or made.bytes is None:
            raise Refused("changed-meanwhile", what=Part.BACKUP)
        words = target.target_of(self.number).passphrase
        if self.option == "generated" and words is not None:
            self.passphrases[self.number] = words
        receipt = date.fromisoformat(made.rehearsed) if made.rehearsed else None
        result = self.deliver(BackupResult(made, made.path, made.bytes, self.licence, rehearsed=receipt), texts)
        if not self.check:
            return result
        try:
            return replace(result, verification=verify(made.path, Decryption(passphrase=words), self.office))
        except Exception as error:  # it is made all the same
            return replace(result, fault=result.fault or error)

    def deliver(self, made: BackupResult, texts: Texts) -> BackupResult:
        """Find what goes to the client with it, and write the letter that is still to be written."""
        try:
            before, found = made.deliveries, Deliveries.list_for(self.office, [(made.record, self.lock)], self.passphrases)
            made = replace(made, deliveries=found, fault=None)
            if found is not None and before is not None:
                found.update_from(before)
            if found is not None:
                found.write_letters(texts)
        except Exception as error:  # it is made all the same
            return replace(made, fault=error)
        return made
