"""A backup that came in becomes an administration here: its books and its slice of the register, whole or not at all.

Shared by restoring and installing. Never rolled back by either: the licence, the revocations, the signers.
"""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from accountools.domain.administration import User, user_by_login
from accountools.domain.calendar import moment_text
from accountools.domain.errors import Refused
from accountools.domain.identifiers import Login
from accountools.domain.licence import Licence
from accountools.formats.licence_file import read_token
from accountools.operations.register.administrations import user_document
from accountools.operations.restores.checked_image import Incoming
from accountools.operations.session import Office
from accountools.storage.register import administrations, clients, licences, signers, users


@dataclass(frozen=True)
class TakeOver:
    """How an incoming backup becomes an administration here: its licence, for whom its signer is kept, as which event."""

    incoming: Incoming
    licence: Licence | None
    scope: str
    event: str
    present_version: int | None
    exchanged: bool = False  # a client's own backup at the accountant's: its office users stay, and its books are noted as exchanged
    damaged: bool = False  # what is here now can't be read: it is kept as it is, since there is no safety copy

    def put_in_place(self, office: Office, image: Path, owner: str) -> None:
        """Books first, whole under a temporary name; then one transaction of the register. Raises `changed-meanwhile`."""
        number = self.incoming.slice.number
        prepared = office.store.adopt_books(image)
        if office.store.has_books(number) and self.present_version is not None:
            try:
                office.store.replace_books(
                    prepared, number, owner, lambda connection: self._record(office, connection), damaged=self.damaged
                )
            finally:
                office.store.discard_books(prepared)
            return
        with office.store.placing_books(prepared, number) as connection:
            office.store.publish_books(prepared, number, keep_aside=True)
            self._record(office, connection)

    def _record(self, office: Office, connection: sa.Connection) -> None:
        """Take the slice over into the register, keep the signer and the counter, and write the event."""
        slice_, manifest = self.incoming.slice, self.incoming.manifest
        self._place_administration(office, connection)
        digest, login, everyone = self._place_access(office, connection)
        self._keep_signer(office, connection)
        if self.exchanged:
            administrations.note_exchanged(connection, slice_.number, office.store.mark_of_books(slice_.number))
        office.record(
            connection,
            self.event,
            slice_.number,
            description=slice_.description,
            client=slice_.client.kvk if slice_.client else None,
            sha256=digest,
            login=login,
            users=[user_document(user) for user in everyone],
            backup=self.incoming.file_sha256,
            signer=manifest.signer.key.thumbprint,
            counter=manifest.counter,
        )

    def _place_administration(self, office: Office, connection: sa.Connection) -> None:
        slice_, client = self.incoming.slice, self.incoming.slice.client
        present = administrations.find(connection, slice_.number)
        if (present.version if present else None) != self.present_version:
            raise Refused("changed-meanwhile", what=slice_.number)
        if client is not None and clients.find(connection, client.kvk) is None:
            clients.add(connection, client)
            office.record(connection, "client-added", None, kvk=client.kvk, name=client.name, city=client.city)
        kvk = client.kvk if client else None
        if present is None:
            administrations.add(connection, slice_.number, slice_.description, kvk)
        else:
            administrations.change(connection, slice_.number, description=slice_.description, client_kvk=kvk)

    def _place_access(self, office: Office, connection: sa.Connection) -> tuple[str | None, Login | None, tuple[User, ...]]:
        """Users as in the backup; the licence as in the backup unless it isn't newer than the one held, whose user then stays too.

        When it is the very one that is held, what was said yes to at its import stays said.
        """
        number, held_users = self.incoming.slice.number, users.of(connection, self.incoming.slice.number)
        held = licences.find_import(connection, number)
        held_licence = read_token(held.token, office.trust(connection)).licence if held else None
        licence, login = self.licence, self.incoming.slice.login
        at, accepted = moment_text(office.occasion(connection).now), tuple[str, ...]()
        staying = [user for user in held_users if user.office] if self.exchanged else []
        if held is not None and licence is not None and held.token == licence.token:
            at, accepted = held.imported_at, held.accepted
        elif held is not None and held_licence is not None and (licence is None or held_licence.issued_at >= licence.issued_at):
            licence, login, at, accepted = held_licence, held.login, held.imported_at, held.accepted
            kept_user = user_by_login(held_users, held.login)
            staying += [kept_user] if kept_user is not None else []
        everyone = list(self.incoming.slice.users)
        everyone += [user for user in staying if user_by_login(tuple(everyone), user.login) is None]
        licences.remove_import(connection, number)
        users.remove_all(connection, number)
        for user in everyone:
            users.add(connection, number, user)
        if licence is None or login is None:
            return None, None, tuple(everyone)
        return licences.set_import(connection, number, licence, login, at, accepted), login, tuple(everyone)

    def _keep_signer(self, office: Office, connection: sa.Connection) -> None:
        number, manifest = self.incoming.slice.number, self.incoming.manifest
        signer = manifest.signer
        if signer.key.thumbprint == office.backup_key.public.thumbprint:
            administrations.raise_counter(connection, number, manifest.counter)
        else:
            known = signers.KnownSigner(signer.key.thumbprint, signer.name, signer.kvk)
            signers.keep(connection, self.scope, known, signer.key.jwk(), moment_text(office.occasion(connection).now))
        signers.set_counter(connection, number, signer.key.thumbprint, manifest.counter)
