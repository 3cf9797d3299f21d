"""The office: its register, its keys and its own licence, open to be worked in. The one thing that every operation takes.

The methods say the same things with the same words as the command line; each hands over to the operation that does it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from accountools.clock import Clock, system_clock
from accountools.domain.calendar import Occasion, day_of, moment_text, parse_moment
from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.formats import licence_file, revocation_file
from accountools.formats.backup.reader import Unlock
from accountools.formats.backup.writer import Maker
from accountools.formats.licence_file import Reading
from accountools.formats.signing import SigningKey, VerifyKey
from accountools.formats.trust_file import Issuer, keys_by_name, read_trust
from accountools.operations.plan import Plan
from accountools.storage.register import journal, licences
from accountools.storage.sqlite.store import SqliteStore

if TYPE_CHECKING:
    from accountools.operations.backups.plan import BackupPlan
    from accountools.operations.backups.target import Destination
    from accountools.operations.licences.import_licence import ImportPlan
    from accountools.operations.licences.inbox import InboxPlan
    from accountools.operations.restores.restore import RestorePlan
    from accountools.reports.audit import Audit
    from accountools.reports.dossier import Dossier

TEST_ISSUER = "_t5G8M5NvDigH6jQ2KIia3E512kJQ5crR7MHv67xCWQ"  # thumbprint of the samples' key (data/samples/make_samples.py)
BACKUP_KEY, TRUST = "backup-key.pem", "trust.jwks"


class Office:
    """An office that is open. Make one with `Office.open`."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self.store = store
        self.folder = store.folder
        self._clock = clock

    @classmethod
    def open(cls, place: Path | str, clock: Clock | None = None) -> Self:
        """Open the office in the folder `place`.

        A backup that was cut off after its rename is recorded first. Raises `office-not-found`, `office-newer`, `office-damaged`.
        """
        from accountools.operations.maintenance.repair import settle

        store = SqliteStore(Path(place).expanduser().absolute())
        store.open()
        office = cls(store, clock or system_clock())
        settle(office)
        return office

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """The register as it is at one moment."""
        with self.store.reading() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[sa.Connection]:
        """The register, to change: all or nothing."""
        with self.store.changing() as connection:
            yield connection

    def occasion(self, connection: sa.Connection) -> Occasion:
        """When it is, and who is at it. Unless it was set, the day is never before that of the newest event.

        Raises `office-damaged` when that event has no moment that can be read.
        """
        asked = self._clock()
        newest = journal.newest_at(connection)
        if asked.today_was_set or newest is None:
            return asked
        try:
            latest = day_of(parse_moment(newest))
        except (ValueError, OverflowError) as error:
            raise MachineFailed("office-damaged", what="journal") from error
        return Occasion(max(asked.today, latest), asked.now, asked.by)

    def record(
        self, connection: sa.Connection, what: str, administration: AdministrationNumber | None = None, **details: Any
    ) -> journal.Head:
        """Write an event at the end of the journal, in the transaction of `connection`."""
        when = self.occasion(connection)
        return journal.append(connection, moment_text(when.now), when.by, what, administration, details | when.said())

    @cached_property
    def backup_key(self) -> SigningKey:
        """The key that signs the office's backups."""
        try:
            return SigningKey.from_pem((self.folder / BACKUP_KEY).read_bytes())
        except (FileNotFoundError, ValueError) as error:
            raise MachineFailed("office-damaged", what=BACKUP_KEY) from error

    def present_key(self) -> str:
        """The thumbprint of that key, empty when there is none that can be read."""
        try:
            return self.backup_key.public.thumbprint
        except MachineFailed:
            return ""

    def forget_key(self) -> None:
        """Read the key anew when it is next used: it was put in another's place."""
        self.__dict__.pop("backup_key", None)

    def issuers(self) -> tuple[Issuer, ...]:
        """The issuers whose licences count here. The samples' test issuer counts in a demo office only."""
        with self.reading() as connection:
            return self._issuers(connection)

    def trust(self, connection: sa.Connection) -> Mapping[str, VerifyKey]:
        """The keys of those issuers, by thumbprint."""
        return keys_by_name(self._issuers(connection))

    def own_reading(self, connection: sa.Connection) -> Reading:
        """The office's own licence, verified anew."""
        return licence_file.read_token(licences.own_tokens(connection)[0], self.trust(connection), "own licence")

    def own_licence(self, connection: sa.Connection) -> Licence:
        """The office's own licence. Raises `office-damaged` when it no longer verifies."""
        reading = self.own_reading(connection)
        if reading.licence is None:
            raise MachineFailed("office-damaged", what="own licence")
        return reading.licence

    def is_accountants(self, connection: sa.Connection) -> bool:
        """Whether this is an accountant's office, rather than a client's own."""
        return self.own_licence(connection).is_accountants

    def revoked(self, connection: sa.Connection) -> frozenset[tuple[str, str]]:
        """What was revoked, as pairs of the issuer's key and the licence's number: an issuer revokes only its own."""
        trust = self.trust(connection)
        lists = (revocation_file.read_token(token, trust) for token in licences.revocation_tokens(connection, trust))
        return frozenset((held.key_id, number) for held in lists for number in held.numbers)

    def is_revoked(self, connection: sa.Connection, licence: Licence) -> bool:
        """Whether this licence was revoked by who issued it."""
        return (licence.key_id, licence.number) in self.revoked(connection)

    def maker(self, connection: sa.Connection) -> Maker:
        """The office as the maker of backups."""
        licensee = self.own_licence(connection).licensee
        return Maker(licensee.name, licensee.kvk, self.backup_key)

    def plan_import(
        self, path: Path | str, number: int, login: str, *, user_name: str | None = None, accept: Iterable[str] = ()
    ) -> "ImportPlan":
        """Plan the import of a client's licence: the seed's two fields, then *Volgende* (S11, S12, S13)."""
        from accountools.operations.licences.import_licence import plan_import

        return plan_import(self, Path(path), AdministrationNumber.parse(number), login, user_name=user_name, accept=accept)

    def plan_inbox(self, folder: Path | str | None = None) -> "InboxPlan":
        """Plan importing the licence files that wait in a folder, by default the office's inbox; each into its client's administration."""
        from accountools.operations.licences.inbox import plan_inbox

        return plan_inbox(self, None if folder is None else Path(folder))

    def plan_backup(
        self, numbers: Iterable[int], destination: "Destination | None" = None, purpose: str | None = None, *, rehearse: bool = False
    ) -> "BackupPlan":
        """Plan backups of administrations (S9, S10); with `rehearse` each is restored aside before it counts."""
        from accountools.operations.backups.plan import plan_backup
        from accountools.operations.backups.target import Destination

        return plan_backup(self, [AdministrationNumber.parse(n) for n in numbers], destination or Destination(), purpose, rehearse=rehearse)

    def plan_all_ready(self, destination: "Destination | None" = None, *, rehearse: bool = False) -> "BackupPlan":
        """Plan hand-overs of all that are ready for it. Cut off, it can be taken up again (`plan_rest`)."""
        from accountools.operations.backups.plan import plan_all_ready
        from accountools.operations.backups.target import Destination

        return plan_all_ready(self, destination or Destination(), rehearse=rehearse)

    def plan_rest(self, passphrase: str | None = None) -> "BackupPlan | None":
        """Plan what is left of the last batch that was cut off, where it went and as it was; None when none was.

        Raises `key-needed` when it was encrypted by a passphrase and none is given, `office-busy` while it is being made.
        """
        from accountools.operations.backups.plan import plan_rest

        return plan_rest(self, passphrase)

    def leave_rest(self) -> None:
        """Make nothing more of the last batch that was cut off; what was made of it stays."""
        from accountools.operations.backups import batch

        batch.forget(self)

    def plan_restore(
        self,
        path: Path | str,
        unlock: Unlock | None = None,
        *,
        signer: str | None = None,
        accept: Iterable[str] = (),
        replace: bool = False,
    ) -> "RestorePlan":
        """Plan the restoring of an administration from a backup (S16)."""
        from accountools.operations.restores.restore import plan_restore

        return plan_restore(self, Path(path), unlock or Unlock(), signer=signer, accept=accept, replace=replace)

    def audit(self) -> "Audit":
        """Which clients have their licence imported, which don't, and why."""
        from accountools.reports.audit import audit

        return audit(self)

    def dossier(self, number: int) -> "Dossier":
        """What was handed over of an administration, with the proof of it: to be filed."""
        from accountools.reports.dossier import dossier

        return dossier(self, AdministrationNumber.parse(number))

    def apply(self, plan: Plan) -> Any:
        """Do what a plan says: the seed's *Klaar*. Raises what stands in the way, and `changed-meanwhile`."""
        plan.refuse()
        return plan.apply_to(self)

    def _issuers(self, connection: sa.Connection) -> tuple[Issuer, ...]:
        try:
            issuers = read_trust(self.folder / TRUST)
        except Refused as error:
            raise MachineFailed("office-damaged", what=TRUST) from error
        return trusted_in(issuers, demo=self._is_demo(connection))

    def _is_demo(self, connection: sa.Connection) -> bool:
        tokens = licences.own_tokens(connection)
        return bool(tokens) and licence_file.claimed_kind(tokens[0]) == "demo"


def trusted_in(issuers: tuple[Issuer, ...], *, demo: bool) -> tuple[Issuer, ...]:
    """The issuers that count in an office: all, but the samples' test issuer in a demo office only."""
    return tuple(issuer for issuer in issuers if demo or issuer.key.thumbprint != TEST_ISSUER)
