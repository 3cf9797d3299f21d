"""The dossier of one administration: what was handed over to its client, when, under which licence, to which user, and the proof of it.

It is computed from the journal's events in their order; the register adds the path of each file, and the file itself is compared
with its recorded hash.
"""

import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.administration import Administration, Client, User, find_user
from accountools.domain.calendar import AMSTERDAM, ExecutionContext, parse_moment
from accountools.domain.errors import AccountoolsError
from accountools.domain.events.administrations import AdministrationCopied
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.licence import Licence
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import BackupFile
from accountools.operations.backups.records import BY_PASSPHRASE
from accountools.operations.register.handover_rules import confirmed_obstacles
from accountools.operations.register.replay import ReplayedRegister
from accountools.operations.session import Office, Session
from accountools.reports.event_texts import describe_actor, describe_confirmed, describe_event
from accountools.reports.page import export_file, render_page
from accountools.storage import schema
from accountools.storage.register import administrations, backups, clients, journal, licences, users
from accountools.storage.register.backups import BackupRecord
from accountools.storage.register.journal import RecordedEvent
from accountools.texts import Language, Texts
from accountools.version import VERSION

__all__ = ("Dossier", "HandOver", "dossier", "file_dossier")

Presence = Literal["unchanged", "changed", "gone", "unreadable", "removed"]
_FILES = {
    "unchanged": ("ready", N_("present, unchanged")),
    "changed": ("blocked", N_("changed since")),
    "gone": ("missing", N_("no longer present")),
    "unreadable": ("attention", N_("can't be read, so not checked")),
    "removed": ("missing", N_("removed after the statutory retention period")),
}


@dataclass(frozen=True)
class HandOver:
    """A backup that was handed over. `login` had access under the licence then, `receipts` are the events of its rehearsals.

    `confirmed` is what was confirmed when that licence was imported. `recipient` is an age key or `passphrase`; it and `signer` are None if
    neither the journal nor the file has them, or the file is plain.
    """

    event: RecordedEvent
    record: BackupRecord | None
    licence: Licence | None
    login: str | None
    user: User | None
    recipient: str | None
    signer: str | None
    file: Presence
    contents: dict[str, Any] | None
    receipts: tuple[RecordedEvent, ...]
    confirmed: tuple[Obstacle, ...] = ()

    @property
    def encrypted(self) -> bool:
        """Whether it needs a key."""
        return bool(self.event.details.get("encrypted"))

    @property
    def sha256(self) -> str:
        """The file's hash, in hex."""
        return str(self.event.details.get("sha256"))

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "at": self.event.at,
            "by": self.event.by,
            "event": {"n": self.event.n, "hash": self.event.hash},
            "path": str(self.record.path) if self.record and self.record.path else None,
            "sha256": self.sha256,
            "bytes": self.record.bytes if self.record else None,
            "file": self.file,
            "licence_number": self.event.details.get("licence"),
            "user": self.login,
            "encrypted": self.encrypted,
            "recipient": self.recipient,
            "signer": self.signer,
            "rehearsed": [{"at": one.at, "by": one.by, "n": one.n, "hash": one.hash} for one in self.receipts],
        }


@dataclass(frozen=True)
class Dossier:
    """The hand-overs and events of one administration. `broken` are the numbers of the events at which the journal's hash chain breaks."""

    administration: Administration
    client: Client | None
    office: str
    office_kvk: str
    context: ExecutionContext
    hand_overs: tuple[HandOver, ...]
    events: tuple[RecordedEvent, ...]
    head: journal.Head
    broken: tuple[int, ...]

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "administration": int(self.administration.number),
            "description": self.administration.description,
            "client": vars(self.client).copy() if self.client else None,
            "hand_overs": [one.document() for one in self.hand_overs],
            "events": [one.document() for one in self.events],
            "journal": {"head": self.head.hash, "length": self.head.length, "holds": not self.broken},
        }

    def page(self, language: Language = "nl") -> bytes:
        """The page (HTML, UTF-8), one file that makes no request: each hand-over with its proof, all events, and how to check it later."""
        _ = Texts(language)

        def moment(event: RecordedEvent) -> str:
            """When an event was recorded, in Amsterdam's time; as recorded if that can't be parsed."""
            try:
                at = parse_moment(event.at).astimezone(AMSTERDAM)
            except (ValueError, OverflowError):
                return event.at
            return f"{_.day(at.date())} {at:%H:%M}"

        def whole_number(number: int) -> str:
            from babel.numbers import format_decimal

            return format_decimal(number, locale=_.language)

        summary = _("Nothing has been handed over yet.")
        if self.hand_overs:
            rehearsed = sum(bool(one.receipts) for one in self.hand_overs)
            text = N_("Hand-overs: {count}, last on {day}; with a test restore: {rehearsed}.")
            summary = _(text, count=len(self.hand_overs), day=moment(self.hand_overs[-1].event), rehearsed=rehearsed)
        one = self.administration
        return render_page(
            "dossier.html",
            _,
            title=_("Dossier {number} {description}", number=one.number, description=one.description),
            footer=" · ".join((self.office, _.day(self.context.today), describe_actor(self.context.actor, _), f"accountools {VERSION}")),
            dossier=self,
            summary=summary,
            files=_FILES,
            by_passphrase=BY_PASSPHRASE,
            describe_event=describe_event,
            describe_actor=describe_actor,
            describe_confirmed=describe_confirmed,
            moment=moment,
            whole_number=whole_number,
        )


def dossier(office: Office, number: AdministrationNumber) -> Dossier:
    """The dossier of an administration. Raises `administration-not-found`."""
    with office.session() as session:
        connection = session.connection
        administration = administrations.get(connection, number)
        kvk, own = administration.client_kvk, session.own.licence
        events = tuple(journal.list_events(connection, number))
        return Dossier(
            administration,
            None if kvk is None else clients.get(connection, kvk),
            own.licensee.name if own else "—",
            own.licensee.kvk if own else "—",
            session.context,
            tuple(_hand_overs(session, number, events)),
            events,
            journal.head(connection),
            tuple(journal.find_breaks(connection)),
        )


def file_dossier(office: Office, number: AdministrationNumber, texts: Texts) -> Path:
    """Write the page to the office's folder `exports`, under a name not yet in use, in the language of `texts`. Gives the path."""
    found = dossier(office, number)
    return export_file(office, f"dossier-{number}-{found.context.today.isoformat()}", ".html", found.page(texts.language))


def _hand_overs(session: Session, number: AdministrationNumber, events: tuple[RecordedEvent, ...]) -> Iterator[HandOver]:
    """The hand-overs among the events; each with the licence and the user that were in force when it was made."""
    connection = session.connection
    folder = session.office.stored_base
    recorded = (*backups.list_committed(connection, folder), *backups.list_pruned(connection, folder))
    records = {f"{one.sha256} {one.counter}": one for one in recorded if one.administration == number}
    known = {licences.token_sha256(token): session.verify(token).licence for token in licences.list_tokens(connection)}
    all_users = users.list_for(connection, number)
    receipts = [event for event in events if event.what == "backup-rehearsed"]
    kvk = administrations.get(connection, number).client_kvk
    client = None if kvk is None else clients.get(connection, kvk)
    for event, digest, login, accepted in _with_licence(connection, events):
        details = event.details
        record, licence = records.get(f"{details.get('sha256')} {details.get('counter')}"), known.get(digest)
        user = find_user(all_users, Login(login)) if login else None
        file, manifest = _file(record)
        recipient = (
            BY_PASSPHRASE if manifest and manifest.sealed_key else manifest.recipients[0] if manifest and manifest.encrypted else None
        )
        yield HandOver(
            event,
            record,
            licence if licence is not None and licence.number == details.get("licence") else None,
            user.login if user else login,
            user,
            details.get("recipient") or recipient,
            details.get("signer") or (manifest.signer.key.thumbprint if manifest else None),
            file,
            manifest.contents if manifest else None,
            tuple(receipt for receipt in receipts if receipt.details.get("sha256") == details.get("sha256")),
            confirmed_obstacles(accepted, licence, client) if licence is not None and client is not None else (),
        )


def _with_licence(
    connection: sa.Connection, events: tuple[RecordedEvent, ...]
) -> Iterator[tuple[RecordedEvent, str, str | None, tuple[str, ...]]]:
    """Each hand-over's event, with what the events before it had put in force: the hash of the licence, the login, what was confirmed."""
    digest, login, accepted = "", None, tuple[str, ...]()
    for event in events:
        if event.what == "backup-made":
            if event.details.get("purpose") == "handover":
                yield event, digest, login, accepted
        elif {"login", "sha256"} <= event.details.keys():
            digest, login = str(event.details["sha256"]), event.details["login"]
            codes = event.details.get("accepted")
            accepted = tuple(map(str, codes)) if isinstance(codes, list) else ()
            if codes is None and event.what == AdministrationCopied.what:
                accepted = _accepted_at_copy(connection, event)


def _accepted_at_copy(connection: sa.Connection, copy: RecordedEvent) -> tuple[str, ...]:
    """What was confirmed for the licence of a copied administration, by all events until then: earlier versions didn't record it."""
    register = ReplayedRegister()
    for event in takewhile(lambda one: one.n <= copy.n, journal.list_events(connection)):
        parsed = event.parsed()
        if parsed is not None:
            with suppress(KeyError):  # an inconsistent event: `journal verify` reports it
                register.apply(parsed)
    _, _, accepted = register.imports.get(int(copy.administration or 0), ("", "", frozenset[str]()))
    return tuple(sorted(accepted))


def _file(record: BackupRecord | None) -> tuple[Presence, Manifest | None]:
    """Whether a backup's file still has the recorded hash, and its manifest if so.

    A file that can't be read, or a folder that can't be looked in, shows nothing of either.
    """
    if record is None or record.path is None or record.state == "pruned":
        return "removed" if record is not None and record.state == "pruned" else "gone", None
    try:
        if not stat.S_ISREG(record.path.stat().st_mode):
            return "gone", None
        if safe_files.sha256_of(record.path) != record.sha256:
            return "changed", None
    except OSError as error:
        return "gone" if isinstance(error, FileNotFoundError | NotADirectoryError) else "unreadable", None
    with suppress(AccountoolsError, OSError), BackupFile(record.path, schema.VERSION, VERSION) as backup:
        return "unchanged", backup.manifest
    return "unchanged", None
