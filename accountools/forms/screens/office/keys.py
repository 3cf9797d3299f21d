"""The office's keys: an encrypted copy of the key that signs backups, taking such a copy back, and a new key to encrypt to."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import MachineFailed
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.reader import Decryption
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.encryption_choice import EncryptionChoice, EncryptionView
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import guarded, parse_path
from accountools.forms.kit.style import facts_table, paragraph
from accountools.forms.parts.part import Condition, PartView, heading, state_line
from accountools.forms.screens.office.backup import EXPLANATIONS, OPTIONS
from accountools.forms.screens.office.part import OfficePart
from accountools.operations.backups.office_key import KEY_COPY, UnsealPlan, plan_unseal, seal_key
from accountools.operations.licences.issue import create_key
from accountools.operations.restores.unlock import OPENING, read_key_file


class Keys(OfficePart):
    """The part. `present` is the thumbprint of the key that signs backups (empty when it can't be read).

    `sealed` is the copy that was saved last, `plan` what taking the copy `file` back would do, `taken` the key that was taken back last;
    `new_key` is the file of a key that was created, `recipient` its public key.
    """

    name, title, action = navigation.KEYS, N_("Keys"), N_("Save an encrypted copy")

    def forget(self) -> None:
        """Begin with the usual choices and no file."""
        self.choice = EncryptionChoice(self.office, OPTIONS)
        self.file: Path | None = None
        self.key_file: Path | None = None
        self.folder: Path | None = None
        self._forget_results()

    def _forget_results(self) -> None:
        self.sealed: Path | None = None
        self.plan: UnsealPlan | None = None
        self.taken = ""
        self.new_key: Path | None = None
        self.recipient = ""

    def load(self) -> None:
        """Read which key signs."""
        try:
            with self.office.session() as session:
                self.present = session.present_key
        except MachineFailed:
            self.present = ""

    @guarded
    def seal(self, passphrase: str | None = None) -> bool:
        """Save a copy of the backup key, encrypted. The passphrase is not kept."""
        self.choice.compare(passphrase or "", passphrase or "")
        if not self.can_act():
            return False
        self.choice.compare("", "")
        self._forget_results()
        target = self.choice.target(passphrase)
        out = safe_files.free_name(target.folder_in(self.office), f"{KEY_COPY}-{self.form.today:%Y%m%d}", ".age")
        safe_files.make_folder(out.parent)
        seal_key(self.office, target, out)
        self.form.reload()
        self.sealed = out
        return True

    @guarded
    def choose(self, path: Path | str) -> bool:
        """Choose an encrypted copy to take back. Changes nothing."""
        self._forget_results()
        self.file = parse_path(str(path))
        return self.file is not None

    @guarded
    def choose_key(self, path: Path | str) -> None:
        """Choose the key file that opens the copy."""
        self.key_file = parse_path(str(path))

    @guarded
    def preview(self, passphrase: str | None = None) -> bool:
        """Open the copy and show which key is in it. Changes nothing, and the passphrase is not kept."""
        self._forget_results()
        if self.file is None:
            return False
        unlock = Decryption(passphrase=passphrase)
        if not passphrase and self.key_file is not None:
            unlock = read_key_file(self.key_file)
        self.plan = plan_unseal(self.office, self.file, unlock)
        return True

    @guarded
    def unseal(self) -> bool:
        """Take the key back that was shown. A second press does nothing."""
        plan, self.plan = self.plan, None
        if plan is None or plan.thumbprint == self.present:
            return False
        plan.apply(self.office)
        self.form.reload()
        self.taken, self.file = plan.thumbprint, None
        return True

    @guarded
    def decline(self) -> None:
        """Don't take it back."""
        self.plan = None

    @guarded
    def choose_folder(self, folder: Path | str) -> None:
        """Choose where a new key goes."""
        self.folder = parse_path(str(folder))

    @guarded
    def create(self) -> bool:
        """Create a key to encrypt to, in a file in the chosen folder; the next copy is encrypted to it, unless something else is chosen."""
        if self.folder is None:
            return False
        self._forget_results()
        out = safe_files.free_name(self.folder, f"key-{self.form.today:%Y%m%d}", ".txt")
        self.recipient = create_key(out)
        self.new_key = out
        self.choice.option, self.choice.key = "key", self.recipient
        return True

    def missing(self) -> str:
        """Why no copy can be saved yet."""
        if not self.present:
            return self.texts("The office's own key can't be read")
        return next(iter(self.choice.missing(self.texts)), "")

    def condition(self) -> Condition:
        """Whether there is a key that signs."""
        return ("ready", self.texts("in order")) if self.present else ("blocked", self.texts("can't be read"))


class KeysView(PartView[Keys]):
    """What is shown of it. The passphrases' lines are emptied at once when they are used or left."""

    def __init__(self, part: Keys, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        _ = self.texts
        self.press_main = lambda: part.seal(self._choices.pop_passphrase())
        self._present, self._sealed, self._fields = widgets.html(), widgets.column(), widgets.column()
        self._shown: tuple[object, ...] = ()
        self._build()
        self._file = self.choose_file(_("Encrypted copy"), part.choose, "sealed", ".age")
        self._passphrase = widgets.password(_("Passphrase of the copy"))
        self._key = FileChooser(callbacks, _, _("Or its key file"), _("Look up: {what}", what=_("Key file")), part.choose_key)
        self._preview = callbacks.press(widgets.button(_("Show which key it is"), "at-small"), lambda: part.preview(self._pop_passphrase()))
        self._plan, self._created = widgets.column(), widgets.column()
        self._folder = FileChooser(callbacks, _, _("Folder for the key file"), _("Look up the folder"), part.choose_folder, folders=True)
        self._create = callbacks.press(widgets.button(_("Create the key"), "at-small"), part.create)
        self._preview_why, self._create_why = widgets.html(), widgets.html()
        opens = widgets.place()
        self.files, self.places = (self._folder, self._file, self._key), dict.fromkeys(OPENING, opens)
        self.widget = widgets.column(
            heading(_("The key that signs backups"), _("It shows others that a backup is yours. Whoever has it can sign in your name.")),
            self._present,
            heading(_("A new key to encrypt to"), _("Only whoever has the file can open what is encrypted to its public key.")),
            self._folder.widget,
            widgets.row(self._create_why, self._create, kinds=("at-row",)),
            self._created,
            heading(_("Restore an encrypted copy")),
            self._file.widget,
            widgets.row(self._passphrase, kinds=("at-search",)),
            self._key.widget,
            opens,
            widgets.row(self._preview_why, self._preview, kinds=("at-row",)),
            self._plan,
            heading(_("Save an encrypted copy"), _("In case the key is lost or damaged: an encrypted copy, to keep somewhere else.")),
            self._fields,
            self._sealed,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part, _ = self.part, self.texts
        if self._choices.choice is not part.choice:
            self._build()
        self._choices.refresh()
        self._present.value = (
            facts_table([(_("Key (thumbprint)"), f"<code>{escape(part.present)}</code>")])
            if part.present
            else state_line("blocked", _("The key can't be read: restore an encrypted copy. Until then no backup can be made."))
        )
        self._file.show(str(part.file or ""), "")
        self._key.show(str(part.key_file or ""), "")
        self._folder.show(str(part.folder or ""), "")
        self._preview.disabled, self._create.disabled = part.file is None, part.folder is None
        self._preview_why.value = "" if part.file else paragraph(_("Choose the encrypted copy first"), "at-quiet")
        self._create_why.value = "" if part.folder else paragraph(_("Choose a folder first"), "at-quiet")
        shown = (part.sealed, part.plan, part.taken, part.new_key)
        if self._shown != shown:
            self._shown = shown
            self._sealed.children, self._plan.children = tuple(self._describe_sealed()), tuple(self._describe_plan())
            self._created.children = tuple(self._describe_created())

    def hide(self) -> None:
        """Empty the passphrases' lines."""
        self._choices.clear_passphrase()
        self._pop_passphrase()

    def place_for(self, one: Obstacle) -> widgets.Widget | None:
        """Beneath the field that is wrong: of the new key, of the copy to take back, or of the copy that is saved."""
        return super().place_for(one) or self._choices.place_for(one)

    def _build(self) -> None:
        self._choices = EncryptionView(self.part.form, self.callbacks, self.part.choice, self.part.changed, EXPLANATIONS)
        widgets.show(self._choices.rehearse, visible=False)
        self._fields.children = (self._choices.widget,)

    def _pop_passphrase(self) -> str | None:
        typed = str(self._passphrase.value)
        with self.callbacks.silenced():
            self._passphrase.value = ""
        return typed or None

    def _describe_sealed(self) -> Iterator[widgets.Widget]:
        part, _ = self.part, self.texts
        if part.sealed is not None:
            advice = _("Copy it to another place, and keep what opens it apart from it.")
            yield widgets.panel(
                "ready", _("done"), _("The encrypted copy is saved: {file}.", file=part.sealed), advice, self._links(part.sealed)
            )

    def _describe_plan(self) -> Iterator[widgets.Widget]:
        part, _, plan = self.part, self.texts, self.part.plan
        if part.taken:
            yield widgets.panel("ready", _("done"), _("Backups are signed with key {key} from now on.", key=part.taken), "")
        if plan is None:
            return
        if plan.thumbprint == part.present:
            yield widgets.html(state_line("ready", _("This copy holds the key that the office has: there is nothing to restore.")))
            return
        yield from self.describe_obstacles(plan.obstacles)
        sentence = _("Key {key} would take the place of key {present}.", key=plan.thumbprint, present=plan.present or "—")
        known = _("Whoever restores your backups is then asked to confirm a key other than the one known so far.")
        yes = self.callbacks.press(widgets.button(_("Yes, restore it"), "at-small"), part.unseal)
        no = self.callbacks.press(widgets.button(_("No, leave it as it is"), "at-small"), part.decline)
        yield widgets.panel("attention", _("Replace the key?"), sentence, known, widgets.row(yes, no, kinds=("at-row",)))

    def _describe_created(self) -> Iterator[widgets.Widget]:
        part, _ = self.part, self.texts
        if part.new_key is None:
            return
        text = _("The key is created: {file}.", file=part.new_key)
        advice = _("Keep that file safe, and not beside what it opens. Its public key, to encrypt to:")
        recipient = widgets.html(f"<p><code>{escape(part.recipient)}</code></p>")
        yield widgets.panel("ready", _("done"), text, advice, recipient, self._links(part.new_key))

    def _links(self, made: Path) -> widgets.Widget:
        return FileLinks(self.callbacks, self.part.office, self.texts, made, elsewhere=made).widget
