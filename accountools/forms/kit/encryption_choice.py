"""To whom backups are encrypted, where they go, and whether they are rehearsed: the choices of every form that makes them (S9, S15)."""

from collections.abc import Iterable
from pathlib import Path

from accountools.domain.codes import N_
from accountools.operations.backups.target import Destination
from accountools.operations.session import Office
from accountools.texts import Texts

WAYS = {
    "licence": N_("Encrypted to the key in the client's licence"),
    "passphrase": N_("Encrypted with a passphrase"),
    "key": N_("Encrypted to a key"),
    "plain": N_("Not encrypted"),
}
EXPLAINED = {
    "licence": N_("Only the client can open it, with the key that belongs to the licence."),
    "passphrase": N_("Agree on the passphrase by telephone; don't send it along with the file."),
    "key": N_("Only who has the key file can open it. Paste the line that begins with age1."),
    "plain": N_("Whoever gets hold of the file can read the books: only for a way that is safe in itself."),
}


class ToWhom:
    """The choices. `words` is how the typed passphrase stands: `missing`, `differs` or `agrees`; what it is, is not kept."""

    def __init__(self, office: Office, ways: Iterable[str]) -> None:
        self.office = office
        self.ways = tuple(ways)
        self.way = self.ways[0]
        self.folder: Path = office.folder / "backups"
        self.key = ""
        self.rehearse = True
        self.words = "missing"

    def compare(self, typed: str, again: str) -> None:
        """Take note of how the passphrase stands, not of what it is."""
        self.words = "missing" if not typed else "agrees" if typed == again else "differs"

    def lacking(self, _: Texts) -> list[str]:
        """Why nothing can be made yet, in words."""
        if self.way == "key" and not self.key:
            return [_("Paste the key first (age1…)")]
        if self.way != "passphrase" or self.words == "agrees":
            return []
        return [_("Type the passphrase twice")] if self.words == "missing" else [_("The two passphrases are not the same")]

    def destination(self, passphrase: str | None) -> Destination:
        """Where to and to whom, as the operations take it."""
        return Destination(
            folder=self.folder,
            recipient=self.key if self.way == "key" else None,
            passphrase=passphrase if self.way == "passphrase" else None,
            plain=self.way == "plain",
        )
