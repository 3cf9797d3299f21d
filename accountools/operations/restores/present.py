"""What an office has under the numbers of backups that come in: of one or of many, each table read once."""

from collections.abc import Sequence
from dataclasses import dataclass

from accountools.domain.administration import Administration, Client, User
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.formats.backup.manifest import Manifest
from accountools.operations.restores.checked_image import CheckedBackup
from accountools.operations.session import Session
from accountools.storage.register import administrations, clients, licences, signers, users
from accountools.storage.register.licences import Import

_SOME = 1000  # numbers that are asked for at once: databases limit how many values a statement may have


@dataclass(frozen=True)
class Present:
    """What is here under the number of a backup. `client` is the client here that the backup is of (`current_client`).

    `counter` is the highest of this administration that was restored of the backup's signer; 0 before the first.
    """

    administration: Administration | None
    client: Client | None
    users: tuple[User, ...]
    imported: Import | None
    counter: int

    @property
    def version(self) -> int | None:
        """That of the administration; None when there is none."""
        return self.administration.version if self.administration else None


def list_present(session: Session, backups: Sequence[CheckedBackup]) -> list[Present]:
    """What is here for each of these backups, in their order."""
    return [one for start in range(0, len(backups), _SOME) for one in _read(session, backups[start : start + _SOME])]


def _read(session: Session, backups: Sequence[CheckedBackup]) -> list[Present]:
    connection, numbers = session.connection, [int(one.extract.number) for one in backups]
    here = {one.number: one for one in administrations.list_all(connection, numbers)}
    everyone, imports = users.list_by_administration(connection, numbers), licences.list_imports(connection, numbers)
    counters = signers.list_counters(connection, numbers)
    asked = [_numbers_of_client(session, one.extract.client.kvk, one.manifest) if one.extract.client else () for one in backups]
    known = {client.kvk: client for client in clients.list_all(connection, {kvk for some in asked for kvk in some})}

    def present(backup: CheckedBackup, kvks: tuple[KvkNumber, ...]) -> Present:
        number: AdministrationNumber = backup.extract.number
        return Present(
            administration=here.get(number),
            client=next((known[kvk] for kvk in kvks if kvk in known), None),
            users=everyone.get(number, ()),
            imported=imports.get(number),
            counter=counters.get((number, backup.manifest.signer.key.thumbprint), 0),
        )

    return [present(*one) for one in zip(backups, asked, strict=True)]


def current_client(session: Session, kvk: KvkNumber, manifest: Manifest) -> Client | None:
    """The client here that had this KvK number when a backup was made; None when there is none.

    By the number it has here now, if the backup was made elsewhere: only of the office's own is it known when.
    """
    known = (clients.find(session.connection, one) for one in _numbers_of_client(session, kvk, manifest))
    return next((client for client in known if client is not None), None)


def _numbers_of_client(session: Session, kvk: KvkNumber, manifest: Manifest) -> tuple[KvkNumber, ...]:
    """The KvK numbers that the client of a backup may have here, the likeliest first."""
    if manifest.signer.key.thumbprint in session.own_keys:
        return (session.current_kvk(kvk, manifest.journal_length),)
    return kvk, session.current_kvk(kvk)
