"""What happens to administrations, and to their clients."""

from accountools.domain.administration import User
from accountools.domain.events.base import Event, optional
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login


class ClientAdded(Event, what="client-added"):
    """A client was added."""

    kvk: KvkNumber
    name: str
    city: str


class ClientChanged(Event, what="client-changed"):
    """A client got another name, city or KvK number; `former_kvk` is the number that it had (perhaps the same)."""

    kvk: KvkNumber
    name: str
    city: str
    former_kvk: KvkNumber

    def outdated_codes(self, former_name: str) -> frozenset[str]:
        """The codes confirmed for the client's licence that count no longer: those about the name or the KvK number that it had."""
        outdated = {"name-differs": self.name != former_name, "kvk-differs": self.kvk != self.former_kvk}
        return frozenset(code for code, changed in outdated.items() if changed)


class AdministrationCreated(Event, what="administration-created"):
    """An administration was made; `template` is the one its chart was taken from, `books` the identity of its books."""

    description: str
    client: KvkNumber | None
    template: AdministrationNumber | None = None
    books: str | None = optional()


class RegisterExtractPlaced(Event):
    """The whole of what the register knows of an administration was replaced. `sha256` is that of its client licence's token.

    `accepted` are the codes confirmed for that licence; `books` is the identity of its books, which are others from now on.
    """

    description: str
    client: KvkNumber | None
    sha256: str | None
    login: Login | None
    users: tuple[User, ...]
    accepted: tuple[str, ...] | None = optional()
    books: str | None = optional()


class AdministrationCopied(RegisterExtractPlaced, what="administration-copied"):
    """An administration was copied to another number. Events written earlier lack `accepted`: it was that of the source."""

    source: AdministrationNumber


class BackupPlaced(RegisterExtractPlaced):
    """A backup became an administration: the file's SHA-256, its signer's thumbprint and its counter."""

    backup: str
    signer: str
    counter: int


class AdministrationRestored(BackupPlaced, what="administration-restored"):
    """A backup was restored."""


class AdministrationInstalled(BackupPlaced, what="administration-installed"):
    """A client's own backup was installed."""


class AdministrationArchived(Event, what="administration-archived"):
    """An administration was taken out of audit and hand-over."""


class AdministrationUnarchived(Event, what="administration-unarchived"):
    """An administration was put back."""
