"""After backups for clients: the key to read out by telephone, and for each client the email and the letter."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from accountools.domain.identifiers import AdministrationNumber
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import widgets
from accountools.forms.kit.form import Form
from accountools.forms.kit.links import LIKE_BUTTON, Link, Links
from accountools.forms.kit.navigation import restore_path
from accountools.forms.kit.style import paragraph
from accountools.operations.licences.history import list_licences
from accountools.operations.restores.unlock import read_manifest
from accountools.operations.session import Office
from accountools.reports.letter import Delivery, Lock, file_letter, find_letter, list_deliveries
from accountools.safe_files import has_file
from accountools.storage.register.backups import BackupRecord
from accountools.texts import Texts
from accountools.words import describe_key, group_key

Passphrases = dict[AdministrationNumber, str]


class Deliveries:
    """What is handed over: `chosen` is the one whose email is shown, `letters` are those that were written, by number.

    `edited` are the emails that the user changed, by the path of the backup. `passphrases` were generated, of letters that are still to be
    written: each is dropped when it is in its letter.
    """

    def __init__(self, office: Office, made: Sequence[Delivery], passphrases: Passphrases) -> None:
        self.office, self.made, self.passphrases = office, tuple(made), passphrases
        self.letters: dict[AdministrationNumber, Path] = {}
        self.edited: dict[str, str] = {}
        self.chosen = self.made[0]
        with office.session() as session:
            self.thumbprint = session.present_key

    @classmethod
    def list_for(cls, office: Office, records: Iterable[tuple[BackupRecord, Lock]], passphrases: Passphrases) -> "Deliveries | None":
        """The hand-overs among these backups, each with what opens it; None when there is none."""
        made = list_deliveries(office, records)
        return cls(office, made, passphrases) if made else None

    @classmethod
    def find_for(cls, office: Office, record: BackupRecord) -> "Deliveries | None":
        """The hand-over that a backup was made for earlier, with its letter as far as that is still there.

        None when it is none, or when nobody can tell any more how it is opened. Raises as `read_manifest`.
        """
        letter = find_letter(office, record)
        lock: Lock = "letter"
        if letter is None or not letter.with_passphrase:
            if record.path is None or not has_file(record.path):
                return None
            manifest = read_manifest(record.path)
            keys = {one.recipient for one in list_licences(office, record.licence_number)}
            lock = "passphrase" if manifest.sealed_key is not None else "licence" if keys.issuperset(manifest.recipients) else "key"
        found = cls.list_for(office, [(record, lock)], {})
        if found is not None and letter is not None:
            found.letters[found.chosen.number] = letter.path
        return found

    def choose(self, number: AdministrationNumber) -> None:
        """Show the email and the letter of this administration."""
        self.chosen = next((one for one in self.made if one.number == number), self.chosen)

    def email(self, _: Texts) -> str:
        """The text of the email to the client. The key that is compared by telephone is not in it, and no passphrase."""
        return self.edited.get(str(self.chosen.path)) or self.chosen.email(_, restore_path(_))

    def edit(self, body: str, _: Texts) -> None:
        """Change the text of the email; emptied, it is as it was written."""
        self.edited.pop(str(self.chosen.path), None)
        if body not in {"", self.email(_)}:
            self.edited[str(self.chosen.path)] = body

    def write_letter(self, texts: Texts) -> Path:
        """Write the letter to the client, unless it was written, with the passphrase that was generated; gives its path."""
        return self._write(self.chosen, texts)

    def write_letters(self, texts: Texts) -> None:
        """Write all letters that are still to be written."""
        for one in self.made:
            if one.number in self.passphrases:
                self._write(one, texts)

    def _write(self, one: Delivery, texts: Texts) -> Path:
        if one.number not in self.letters:
            passphrase = self.passphrases.get(one.number)
            self.letters[one.number] = file_letter(self.office, one, texts, restore_path(texts), passphrase)
            self.passphrases.pop(one.number, None)
        return self.letters[one.number]

    def update_from(self, before: "Deliveries") -> None:
        """Go on with the emails that were changed, and with the letters of those that are among `before` too."""
        known = {one.path for one in before.made}
        self.letters |= {one.number: before.letters[one.number] for one in self.made if one.path in known and one.number in before.letters}
        self.edited = before.edited


def key_html(thumbprint: str, _: Texts) -> str:
    """A key to compare by telephone: in six words, and in groups of four characters."""
    words = escape(describe_key(thumbprint, _.language))
    return f'<b class="at-key">{words}</b><br><code class="at-quiet">{escape(group_key(thumbprint))}</code>'


def unwritten_panel(number: AdministrationNumber, _: Texts) -> widgets.Widget:
    """That the letter with a generated passphrase is still to be written."""
    text = _("The letter of {number} with its passphrase is not written yet.", number=number)
    then = _("The passphrase is stored nowhere else: write the letter before you leave this screen, or make the backup again.")
    return widgets.panel("attention", _("attention"), text, then)


class DeliveryView:
    """The key; then the email, the letter and the file of the client that is chosen."""

    def __init__(self, form: Form, callbacks: widgets.Callbacks, deliveries: Deliveries) -> None:
        self.deliveries, self._form, _ = deliveries, form, form.texts
        named = [(f"{one.number} {one.description}", one.number) for one in deliveries.made]
        chooser = widgets.dropdown(named, deliveries.chosen.number, _("Client"))
        callbacks.change(chooser, self._choose)
        chooser.remove_class("at-short")
        widgets.show(chooser, len(named) > 1)
        self._file = FileLinks(callbacks, form.office, _)
        self._email = widgets.text_area(_("For the email to the client"), "", 17)
        callbacks.change(self._email, self._edit)
        self._send = Links(callbacks)
        write = callbacks.press(widgets.button(_("Letter for the client"), "at-small", icon="file-text-o"), self._write)
        self._letter = FileLinks(callbacks, form.office, _)
        self._unwritten = widgets.column()
        attach = paragraph(_("Attach the file in your email program. Post the letter or hand it over."), "at-quiet")
        aloud = paragraph(
            _("Call the client and read out the words; they see the same words when they restore the backup. Don't email the words.")
        )
        key = f"<p>{key_html(deliveries.thumbprint, _)}</p>"
        self.widget = widgets.column(
            widgets.html(f"<h3>{escape(_('Our key, to read out by telephone'))}</h3>{aloud}{key}"),
            widgets.html(f"<h3>{escape(_('To the client'))}</h3>"),
            chooser,
            self._file.widget,
            self._email,
            widgets.html(attach),
            self._unwritten,
            widgets.row(self._send, write, self._letter.widget, kinds=("at-row",)),
            kinds=("at-fields", "at-delivery"),
        )
        self._show()

    def _choose(self, number: AdministrationNumber) -> None:
        self.deliveries.choose(number)
        self._show()

    def _write(self) -> None:
        self._form.feedback.clear()
        self.deliveries.write_letter(self._form.texts)
        self._show()
        self._form.changed()

    def _edit(self, body: str) -> None:
        self.deliveries.edit(body, self._form.texts)
        self._send_as(body)
        self._form.notify()  # the browser keeps it

    def _send_as(self, body: str) -> None:
        _ = self._form.texts
        self._send.show([Link(_("Write email"), self.deliveries.chosen.mailto(_, body), kind=LIKE_BUTTON)])

    def _show(self) -> None:
        one, _ = self.deliveries.chosen, self._form.texts
        self._email.value = self.deliveries.email(_)
        self._send_as(self._email.value)
        self._file.show(one.path)
        self._letter.show(self.deliveries.letters.get(one.number))
        self._unwritten.children = [unwritten_panel(one.number, _)] if one.number in self.deliveries.passphrases else []
