"""How backups are encrypted, where they go, and whether they are rehearsed: the choices of every form that makes them (S9, S15)."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import widgets
from accountools.forms.kit.feedback import remedy_on_screen
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import Form, parse_path
from accountools.forms.kit.style import paragraph, state_html
from accountools.operations.backup_key import key_obstacles
from accountools.operations.backups.batch import Batch
from accountools.operations.backups.target import BackupTarget
from accountools.operations.session import Office
from accountools.reports.letter import Lock
from accountools.texts import Texts
from accountools.words import LONG_ENOUGH, generate_passphrase

OPTIONS = {
    "licence": N_("Encrypted to the key in the client's licence"),
    "passphrase": N_("Encrypted with a passphrase"),
    "generated": N_("Encrypted with a generated passphrase, a different one for each client"),
    "key": N_("Encrypted to a public key"),
    "plain": N_("Not encrypted"),
}
EXPLANATIONS = {
    "licence": N_("Only the client can open it, with the key that belongs to the licence."),
    "passphrase": N_("Agree on the passphrase by telephone; don't send it along with the file."),
    "generated": N_(
        "It is printed in the letter for the client, and stored nowhere else; you can find the letter again under Manage backups. "
        "Don't email the letter along with the file."
    ),
    "key": N_("Only someone with the key file can open it. Paste the line that begins with age1."),
    "plain": N_("Anyone who gets hold of the file can read the books: choose this only if you send or store it securely."),
}


class EncryptionChoice:
    """The choices. `entry` is whether a passphrase is typed twice: `missing`, `short`, `differs` or `agrees`; what it is, is not kept."""

    def __init__(self, office: Office, options: Iterable[str]) -> None:
        self.office = office
        self.options = tuple(options)
        self.option = self.options[0]
        self.folder: Path = office.folder_for("backups")
        self.key = ""
        self.rehearse = True
        self.entry = "missing"

    def compare(self, typed: str, again: str) -> None:
        """Note whether the passphrase is typed twice, not what it is."""
        self.entry = "missing" if not typed else "short" if len(typed) < LONG_ENOUGH else "agrees" if typed == again else "differs"

    def choose(self, option: str | None, passphrase: str | None, folder: Path | str | None, *, rehearse: bool | None) -> None:
        """Choose what is given; the rest stays."""
        self.option = option if option in self.options else self.option
        self.folder = (parse_path(str(folder)) if folder else None) or self.folder
        self.rehearse = self.rehearse if rehearse is None else rehearse
        self.compare(passphrase or "", passphrase or "")

    def choose_as(self, batch: Batch, option: str) -> None:
        """Choose what a batch was begun with. To the keys in licences that hold none is to nobody's."""
        self.option = option if option in self.options else "plain"
        self.folder, self.key, self.rehearse = batch.folder, batch.recipient or "", batch.rehearse

    def missing(self, _: Texts) -> list[str]:
        """Why nothing can be made yet, as text."""
        if against := key_obstacles(self.office.engine):
            return [f"{_.sentence(one)} {remedy_on_screen(one, _)}" for one in against]
        if self.option == "key" and not self.key:
            return [_("Paste the key first (age1…)")]
        if self.option != "passphrase" or self.entry == "agrees":
            return []
        if self.entry == "short":
            return [_("The passphrase is too short: use at least {least} characters", least=LONG_ENOUGH)]
        return [_("Type the passphrase twice")] if self.entry == "missing" else [_("The two passphrases are not the same")]

    @property
    def lock(self) -> Lock:
        """What opens the backup, for the client."""
        locks: dict[str, Lock] = {"licence": "licence", "key": "key", "generated": "letter", "plain": "plain"}
        return locks.get(self.option, "passphrase")

    def target(self, passphrase: str | None, generate_for: Iterable[AdministrationNumber] = (), language: str = "nl") -> BackupTarget:
        """Where to and how encrypted, as the operations take it; where that was chosen each of `generate_for` gets its own passphrase."""
        generated = {number: generate_passphrase(language) for number in generate_for} if self.option == "generated" else None
        return BackupTarget(
            folder=self.folder,
            recipient=self.key if self.option == "key" else None,
            passphrase=passphrase if self.option == "passphrase" else None,
            plain=self.option == "plain",
            own_passphrases=generated,
        )


class EncryptionView:
    """The fields for one choice. The passphrase's two lines are emptied at once when they are used or left.

    `changed` is called when something was chosen. `explanations` are those that aren't the usual ones.
    """

    def __init__(
        self,
        form: Form,
        callbacks: widgets.Callbacks,
        choice: EncryptionChoice,
        changed: Callable[[], object],
        explanations: Mapping[str, str] | None = None,
    ) -> None:
        self.choice, self._callbacks, self._changed = choice, callbacks, changed
        self._explanations = {**EXPLANATIONS, **(explanations or {})}
        _ = self._texts = form.texts
        options = self._options = widgets.choice([(_(OPTIONS[option]), option) for option in choice.options], choice.option, _("For whom"))
        self._explained = widgets.html()
        self._typed, self._again = widgets.password(_("Passphrase")), widgets.password(_("Repeat the passphrase"))
        self._secret = widgets.row(self._typed, self._again, kinds=("at-search",))
        key = self._key = widgets.text(_("Key"), choice.key, placeholder="age1…")
        wrong = self._wrong_key = widgets.place()
        self.key_row = widgets.column(widgets.row(key, kinds=("at-search",)), wrong)
        self._folder = FileChooser(callbacks, _, _("Folder"), _("Look up the folder"), self._set_folder, start=lambda: choice.folder,
            folders=True)  # fmt: skip
        self.rehearse = widgets.checkbox(_("Test restore: restore each backup in a temporary folder, compare the books, and check "
        "that its user can log in"),
            value=choice.rehearse)  # fmt: skip
        callbacks.change(options, lambda option: self._set("option", option))
        callbacks.change(key, lambda typed: self._set("key", typed.strip()))
        callbacks.change(self.rehearse, lambda yes: self._set("rehearse", yes))
        for field in (self._typed, self._again):
            callbacks.change(field, lambda _: self._compare())
        self.widget = widgets.column(options, self._explained, self._secret, self.key_row, self._folder.widget, self.rehearse,
            kinds=("at-group",))  # fmt: skip

    def refresh(self) -> None:
        """Show what is chosen now."""
        choice = self.choice
        self._folder.show(str(choice.folder), "")
        self._options.value = choice.option
        widgets.set_value(self._key, choice.key)
        text = self._texts(self._explanations[choice.option])
        self._explained.value = f"<p>{state_html('attention', text)}</p>" if choice.option == "plain" else paragraph(text, "at-quiet")
        widgets.show(self._secret, choice.option == "passphrase")
        widgets.show(self.key_row, choice.option == "key")

    def place_for(self, one: Obstacle) -> widgets.Widget | None:
        """Beneath the key or the folder, if one of them is wrong."""
        if one.code == "recipient-invalid" and self.choice.option == "key":
            return self._wrong_key
        return self._folder.wrong if self._folder.is_about(one) else None

    def pop_passphrase(self) -> str | None:
        """The passphrase, removed from its lines; None when there is none, or two that differ."""
        typed, again = str(self._typed.value), str(self._again.value)
        with self._callbacks.silenced():
            self._typed.value = self._again.value = ""
        return typed if typed and typed == again else None

    def clear_passphrase(self) -> bool:
        """Empty the passphrase's lines; whether there was something in them."""
        if not (self._typed.value or self._again.value):
            return False
        self.pop_passphrase()
        self.choice.compare("", "")
        return True

    def _set(self, name: str, value: object) -> None:
        setattr(self.choice, name, value)
        self._changed()

    def _set_folder(self, folder: object) -> None:
        path = parse_path(str(folder))
        if path is not None:
            self._set("folder", path)

    def _compare(self) -> None:
        self.choice.compare(self._typed.value, self._again.value)
        self._changed()
