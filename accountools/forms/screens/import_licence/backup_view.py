"""The step *Back-up* on the screen: how encrypted, where to; afterwards the file, what is in it, the key and the letter (S15)."""

from html import escape

from accountools.forms.kit import widgets
from accountools.forms.kit.encryption_choice import EncryptionView
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import facts_table, state_html
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.import_licence.backup import BackupResult, ClientBackup
from accountools.forms.screens.import_licence.form import ImportClientLicence


class BackupView(StepView):
    """The choices, and the result."""

    def __init__(self, form: ImportClientLicence, callbacks: Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self._choices: EncryptionView | None = None
        self._made: BackupResult | None = None
        self._heading, self._check = widgets.html(), widgets.column()
        doing, last = form.texts("The backup is being made"), form.texts("The backup is being checked")
        self._working = JobView(form, callbacks, doing, last)
        self.widget = widgets.column(kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        choice = self._form.backup
        if choice is None:
            return
        if choice.made is not None:
            if choice.made is not self._made:
                self._made, _ = choice.made, self._form.texts
                letter = widgets.text_area(_("For the mail to the client"), choice.letter(_), 7)
                self.widget.children = (*self._result(choice.made), letter)
            return
        if self._choices is None or choice is not self._choices.choice:
            self._choices = self._build(choice)
        self._choices.refresh()
        self._working.refresh()
        choices = () if self._form.busy else (self._choices.widget, self._check)
        self.widget.children = (self._heading, *choices, self._working.widget)

    def press_main(self) -> None:
        """*Back-up maken*: the passphrase is removed from its lines before anything else is done."""
        choice = self._form.backup
        if choice is not None and choice.made is None and self._choices is not None:
            self._form.make_backup(passphrase=self._choices.pop_passphrase())

    def hide(self) -> None:
        """Empty the passphrase's lines."""
        if self._choices is not None and self._choices.clear_passphrase():
            self._form.assess()

    def _build(self, choice: ClientBackup) -> EncryptionView:
        _ = self._form.texts
        choices = EncryptionView(self._form, self._callbacks, choice, self._form.changed)
        check = widgets.checkbox(_("Read the backup back and search it for the office's own licence"), value=choice.check)
        self._callbacks.change(check, lambda yes: setattr(choice, "check", yes))
        self._check.children = (check,)
        self._heading.value = f"<h3>{escape(_('Backup of administration {number}', number=choice.number))}</h3>"
        return choices

    def _result(self, made: BackupResult) -> tuple[Widget, ...]:
        _ = self._form.texts
        rows = (
            (_("File"), f"<code>{escape(made.path.name)}</code>"),
            (_("Folder"), f"<code>{escape(str(made.path.parent))}</code>"),
            (_("Size"), escape(_("{size} kB", size=max(1, made.bytes // 1000)))),
            (_("Encrypted"), state_html("ready", _("yes")) if made.encrypted else state_html("attention", _("no"))),
            (_("Our key, to read out by telephone"), f"<code>{escape(made.thumbprint)}</code>"),
        )
        table = widgets.html(facts_table(rows))
        if made.findings:
            return (table,)
        inside, *checks = made.describe(_)
        return widgets.panel("ready", _("Backup made"), inside, " ".join(checks)), table
