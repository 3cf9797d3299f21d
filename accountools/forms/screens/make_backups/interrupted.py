"""A batch of backups that was cut off, by a stop, a power cut or a closed machine: what is left of it, and how it was begun."""

from dataclasses import dataclass

from accountools.domain.codes import N_
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.forms.kit.encryption_choice import ToWhom
from accountools.operations.backups import batch as batches
from accountools.operations.backups.batch import Batch
from accountools.operations.session import Office
from accountools.texts import Texts

HOW = {
    "licence": N_("encrypted where the licence holds a key"),
    "passphrase": N_("encrypted with the passphrase, which you type again"),
    "key": N_("encrypted to the same key"),
    "plain": N_("not encrypted"),
}


@dataclass(frozen=True)
class CutOff:
    """The batch, and the administrations of which it made no backup."""

    batch: Batch
    left: tuple[AdministrationNumber, ...]

    @property
    def way(self) -> str:
        """To whom they are encrypted, as in `to_whom.WAYS`."""
        batch = self.batch
        return "passphrase" if batch.by_passphrase else "key" if batch.recipient else "plain" if batch.plain else "licence"

    def choose(self, choice: ToWhom) -> None:
        """Choose what it was begun with. To the keys in licences that hold none is to nobody's."""
        choice.way = self.way if self.way in choice.ways else "plain"
        choice.folder, choice.key, choice.rehearse = self.batch.folder, self.batch.recipient or "", self.batch.rehearse

    def told(self, _: Texts) -> tuple[str, str]:
        """What was cut off, and how it goes on, in a sentence each."""
        left, total = len(self.left), len(self.batch.numbers)
        told = _("A batch of backups was cut off: {left} of {total} were not made.", left=left, total=total)
        return told, _("They go on as they were begun: {how}, in {folder}.", how=_(HOW[self.way]), folder=self.batch.folder)


def last_cut_off(office: Office) -> CutOff | None:
    """The last batch, if it was cut off and nobody is at it. Raises `office-damaged` for a note that can't be read."""
    try:
        batch = batches.interrupted_batch(office)
    except Refused:  # it is being made, in another window or by a command
        return None
    return None if batch is None else CutOff(batch, batches.rest_of(office, batch))
