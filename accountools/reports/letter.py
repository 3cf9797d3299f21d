"""What goes to the client with a backup: the text of the email, and the letter, in the client's words.

Neither holds the key that is compared by telephone. A passphrase that was generated is in the letter only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from accountools.domain.administration import active_client_users
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.operations.register.handover_rules import accepted_obstacles
from accountools.operations.register.state import states_of
from accountools.operations.session import Office
from accountools.reports.page import export_file, is_export, render_page
from accountools.storage.register.backups import BackupRecord
from accountools.texts import LANGUAGES, Texts
from accountools.version import VERSION

Lock = Literal["licence", "key", "passphrase", "letter", "plain"]  # a key, another key, words told by telephone, or printed in the letter


@dataclass(frozen=True)
class Delivery:
    """A hand-over backup as the client gets it: its file, what opens it, and who logs in (login and name)."""

    office: str
    client: str
    kvk: str
    number: AdministrationNumber
    description: str
    licence: str
    users: tuple[tuple[str, str], ...]  # login and name
    path: Path
    sha256: str
    lock: Lock
    on: date
    confirmed: tuple[Obstacle, ...] = ()  # at the import

    @property
    def logins(self) -> str:
        """As whom one logs in."""
        return ", ".join(login for login, _ in self.users)

    def subject(self, _: Texts) -> str:
        """The subject of the email, and the title of the letter."""
        return _("Backup of administration {number} {description}", number=self.number, description=self.description)

    def email(self, _: Texts, menu: str) -> str:
        """The text of the email; `menu` is the menu item by which the client restores it."""
        return "\n\n".join(line for line in self._email(_, menu) if line)

    def mailto(self, _: Texts, body: str) -> str:
        """The address (RFC 6068) that opens the email program with this text; the client's address and the file are added there."""
        body = body.replace("\n", "\r\n")
        return f"mailto:?subject={quote(self.subject(_), safe='')}&body={quote(body, safe='')}"

    def _email(self, _: Texts, menu: str) -> Iterator[str]:
        yield _("Dear {name},", name=self.users[0][1] if self.users else self.client)
        yield _("Attached is the backup of administration {number}: {file}. It contains your own licence, {licence}.",
            number=self.number, file=self.path.name, licence=self.licence)  # fmt: skip
        yield self.opening(_)
        yield _("Restore it with accountools: {menu}. The administration keeps number {number}.", menu=menu, number=self.number)
        if self.users:
            yield _("You then log in as {login}.", login=self.logins)
        yield _("Before you restore it we will call you: we read out six words, and you compare them with those on your screen.")
        yield _("Kind regards,") + f"\n{self.office}"

    def opening(self, _: Texts) -> str:
        """What opens it, in a sentence; empty for what isn't encrypted."""
        if self.lock == "licence":
            return _("It is encrypted: only the key that belongs to your licence opens it.")
        if self.lock == "key":
            return _("It is encrypted: only the key file that belongs to the public key you gave us opens it.")
        if self.lock == "plain":
            return ""
        if self.lock == "letter":
            return _("It is encrypted; the passphrase is in our letter.")
        return _("It is encrypted; we tell you the passphrase by telephone.")

    def page(self, _: Texts, menu: str, passphrase: str | None = None) -> bytes:
        """The letter (HTML, UTF-8) to print, with the passphrase that was generated for this client."""
        footer = f"{self.office} · {_.day(self.on)} · accountools {VERSION}"
        return render_page("letter.html", _, title=self.subject(_), footer=footer, one=self, menu=menu, passphrase=passphrase)


def list_deliveries(office: Office, records: Iterable[tuple[BackupRecord, Lock]]) -> tuple[Delivery, ...]:
    """The hand-overs among these backups as the clients get them, each with what was chosen to open it; what isn't encrypted is plain.

    Of an administration with several the last.
    """
    made = {one.administration: (one, lock) for one, lock in records if one.administration is not None and one.purpose == "handover"}
    with office.session() as session:
        states = states_of(session, [number for number in made if number is not None])
        own, today = session.own_licence.licensee.name, session.context.today
    found = []
    for state in states:
        one, (record, lock) = state.administration, made[state.administration.number]
        if state.client is None or record.path is None:
            continue
        users = tuple((str(user.login), user.name) for user in active_client_users(state.users))
        opened: Lock = lock if record.encrypted else "plain"
        names = (own, state.client.name, str(state.client.kvk))
        accepted = tuple(it for it in accepted_obstacles(state) if it.code != "older-than-current")
        file = (record.path, record.sha256 or "")
        found.append(Delivery(*names, one.number, one.description, record.licence_number, users, *file, opened, today, accepted))
    return tuple(found)


def file_letter(office: Office, one: Delivery, texts: Texts, menu: str, passphrase: str | None = None) -> Path:
    """Write the letter to the office's folder `exports`, in the language of `texts`. Gives the path."""
    stem = texts("letter") + f"-{one.number}-{one.on.isoformat()}"
    return export_file(office, stem, ".html", one.page(texts, menu, passphrase))


@dataclass(frozen=True, order=True)
class WrittenLetter:
    """A letter in the office's folder `exports`."""

    with_passphrase: bool
    written: int  # nanoseconds
    path: Path


def find_letter(office: Office, record: BackupRecord) -> WrittenLetter | None:
    """The letter that was written for a backup: the one with its passphrase, else the last; None when there is none, or not any more.

    Letters of before they named the SHA-256 are found by the name of the file.
    """
    from markupsafe import escape

    if record.path is None or not record.sha256:
        return None
    hashed, named = f'data-sha256="{record.sha256}"', f"<code>{escape(record.path.name)}</code>"
    names, found = {Texts(language)("letter") for language in LANGUAGES}, []
    for path in (office.folder / "exports").glob(f"*-{record.administration}-*.html"):
        if path.name.split("-", 1)[0] not in names or not is_export(office, path):
            continue
        page = path.read_text("utf-8", "replace")
        if hashed in page or ("data-sha256" not in page and named in page):
            found.append(WrittenLetter('class="words"' in page, path.stat().st_mtime_ns, path))
    return max(found, default=None)
