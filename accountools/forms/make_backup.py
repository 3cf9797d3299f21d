"""Making a backup for the client, as the last step of a form: to whom it is encrypted, where it goes, and what came of it (S9, S15)."""

from dataclasses import dataclass
from pathlib import Path

from accountools.domain.codes import N_
from accountools.domain.errors import Refused, refuse_obstacles
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup_file import Unlock
from accountools.operations.backing_up import BackupOutcome
from accountools.operations.destination import Destination
from accountools.operations.office import Office
from accountools.operations.verifying import Verification, verify
from accountools.texts import Texts

WAYS = {
    "licence": N_("Encrypted to the key in the client's licence"),
    "passphrase": N_("Encrypted with a passphrase"),
    "plain": N_("Not encrypted"),
}
EXPLAINED = {
    "licence": N_("Only the client can open it, with the key that belongs to the licence."),
    "passphrase": N_("Agree on the passphrase by telephone; don't send it along with the file."),
    "plain": N_("Whoever gets hold of the file can read the books: only for a way that is safe in itself."),
}


@dataclass(frozen=True)
class Made:
    """A backup that was made: the file, the licence in it, who signed it, and what reading it back found (None when not asked)."""

    path: Path
    bytes: int
    number: AdministrationNumber
    licence: Licence
    encrypted: bool
    thumbprint: str
    verification: Verification | None

    @property
    def findings(self) -> tuple[Obstacle, ...]:
        """What reading it back found wrong."""
        return self.verification.findings if self.verification else ()

    def told(self, _: Texts) -> tuple[str, str]:
        """What is in it, and how that was made sure of, in two sentences."""
        inside = _("Contains the licence of {client}; no trace of your own licence.", client=self.licence.licensee.name)
        if self.verification is None:
            return inside, _("It was searched before it was written; it was not read back.")
        if self.verification.image_checked:
            return inside, _("It was read back from the disk and searched: it is whole.")
        return inside, _("It was read back from the disk: it is whole. Only the client can look inside.")


class MakeBackup:
    """The choices for one backup, and making it. `words` is how the typed passphrase stands: `missing`, `differs` or `agrees`."""

    def __init__(self, office: Office, number: AdministrationNumber, licence: Licence) -> None:
        self.office = office
        self.number = number
        self.licence = licence
        self.ways = tuple(way for way in WAYS if way != "licence" or licence.recipient)
        self.way = self.ways[0]
        self.folder: Path = office.folder / "backups"
        self.check = True
        self.words = "missing"
        self.made: Made | None = None

    def compare(self, typed: str, again: str) -> None:
        """Take note of how the passphrase stands, not of what it is."""
        self.words = "missing" if not typed else "agrees" if typed == again else "differs"

    def lacking(self, _: Texts) -> list[str]:
        """Why it can't be made yet, in words."""
        if self.way != "passphrase" or self.words == "agrees":
            return []
        return [_("Type the passphrase twice")] if self.words == "missing" else [_("The two passphrases are not the same")]

    def make(self, passphrase: str | None) -> Made:
        """Make the backup and, when asked, read it back. Raises what stands in the way, and what stopped it."""
        destination = Destination(
            folder=self.folder, passphrase=passphrase if self.way == "passphrase" else None, plain=self.way == "plain"
        )
        plan = self.office.plan_backup([self.number], destination)
        for item in plan.refused:
            refuse_obstacles(item.obstacles)
        outcome: BackupOutcome = self.office.apply(plan)
        path, size = _only(outcome)
        checked = verify(path, Unlock(passphrase=destination.passphrase), self.office) if self.check else None
        thumbprint = self.office.backup_key.public.thumbprint
        self.made = Made(path, size, self.number, self.licence, outcome.made[0].encrypted, thumbprint, checked)
        return self.made

    def letter(self, _: Texts) -> str:
        """A text for the mail to the client: how to restore it, and what to compare by telephone."""
        if self.made is None:
            return ""
        key = {
            "licence": _("It is encrypted to the key that belongs to your licence."),
            "passphrase": _("It is encrypted; you get the passphrase from us by telephone."),
            "plain": "",
        }[self.way]
        lines = [
            _("Herewith the backup of administration {number}: {file}.", number=self.number, file=self.made.path.name),
            key,
            _("Restore it by Settings ▸ System ▸ Make/restore backup; the administration keeps number {number}.", number=self.number),
            _("Before you restore it, please telephone us and compare our key: {thumbprint}", thumbprint=self.made.thumbprint),
        ]
        return "\n".join(line for line in lines if line)


def _only(outcome: BackupOutcome) -> tuple[Path, int]:
    """The path and size of the one backup that was asked for. Raises what kept it from being made."""
    if outcome.stopped is not None:
        raise outcome.stopped
    for _, obstacles in outcome.refused:
        refuse_obstacles(obstacles)
    made = outcome.made[0] if outcome.made else None
    if made is None or made.path is None or made.bytes is None:
        raise Refused("changed-meanwhile", what="backup")
    return made.path, made.bytes
