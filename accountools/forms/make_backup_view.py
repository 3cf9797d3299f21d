"""The step *Back-up* on the screen: to whom, where to; afterwards the file, what is in it, the key and the letter (S15)."""

from html import escape

from accountools.forms import parts
from accountools.forms.choose_file import ChooseFolder
from accountools.forms.form import typed_path
from accountools.forms.import_client_licence import ImportClientLicence
from accountools.forms.make_backup import EXPLAINED, WAYS, Made, MakeBackup
from accountools.forms.parts import Callbacks, Widget
from accountools.forms.screen import StepView
from accountools.forms.style import line, mark


class BackupView(StepView):
    """The choices, and what came of it. The passphrase's two lines are emptied at once when they are used."""

    def __init__(self, form: ImportClientLicence, callbacks: Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self._shown: MakeBackup | None = None
        self._made: Made | None = None
        self.widget = parts.column(kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form says now."""
        choice = self._form.backup
        if choice is None:
            return
        if choice.made is not None:
            self._show_made(choice, choice.made)
            return
        if choice is not self._shown:
            self._build(choice)
        self._folder.say(str(choice.folder), "")
        self._explained.value = line(self._form.texts(EXPLAINED[choice.way]), "at-quiet")
        parts.show(self._secret, choice.way == "passphrase")

    def go_on(self) -> None:
        """*Back-up maken*: the passphrase is taken out of its lines before anything else is done."""
        choice = self._form.backup
        if choice is None or choice.made is not None:
            return
        words = self._take_words()
        self._form.make_backup(passphrase=words or None)

    def leave(self) -> None:
        """Empty the passphrase's lines."""
        if self._shown is not None and (self._words.value or self._again.value):
            self._take_words()
            self._shown.compare("", "")
            self._form.assess()

    def _take_words(self) -> str:
        words, again = str(self._words.value), str(self._again.value)
        self._callbacks.quiet = True
        self._words.value = self._again.value = ""
        self._callbacks.quiet = False
        return words if words == again else ""

    def _build(self, choice: MakeBackup) -> None:
        self._shown, _ = choice, self._form.texts
        ways = parts.choice([(_(WAYS[way]), way) for way in choice.ways], choice.way)
        self._explained = parts.html()
        self._words, self._again = parts.password(_("Passphrase")), parts.password(_("The same once more"))
        self._secret = parts.row(self._words, self._again, kinds=("at-look",))
        self._folder = ChooseFolder(self._callbacks, _, lambda: choice.folder, self._set_folder)
        check = parts.tick(_("Read the backup back and search it for the office's own licence"), value=choice.check)
        for widget, step in ((ways, self._set_way), (check, self._set_check)):
            self._callbacks.change(widget, step)
        for field in (self._words, self._again):
            self._callbacks.change(field, lambda _: self._compare())
        heading = parts.html(f"<h3>{escape(_('Backup of administration {number}', number=choice.number))}</h3>")
        to_whom = parts.html(f"<p><b>{escape(_('For the client'))}</b></p>")
        self.widget.children = (heading, to_whom, ways, self._explained, self._secret, self._folder.widget, check)

    def _set_way(self, way: str) -> None:
        if self._shown is not None:
            self._shown.way = way
            self._form.changed()

    def _set_check(self, check: bool) -> None:
        if self._shown is not None:
            self._shown.check = check

    def _set_folder(self, folder: object) -> None:
        path = typed_path(str(folder))
        if self._shown is not None and path is not None:
            self._shown.folder = path
            self._form.changed()

    def _compare(self) -> None:
        if self._shown is not None:
            self._shown.compare(self._words.value, self._again.value)
            self._form.changed()

    def _show_made(self, choice: MakeBackup, made: Made) -> None:
        if made is self._made:
            return
        self._made, _ = made, self._form.texts
        letter = parts.paragraph(_("For the mail to the client"), choice.letter(_), 7)
        self.widget.children = (*self._result(made), letter)

    def _result(self, made: Made) -> tuple[Widget, ...]:
        _ = self._form.texts
        rows = (
            (_("File"), f"<code>{escape(made.path.name)}</code>"),
            (_("Folder"), f"<code>{escape(str(made.path.parent))}</code>"),
            (_("Size"), escape(_("{size} kB", size=max(1, made.bytes // 1000)))),
            (_("Encrypted"), mark("ready", _("yes")) if made.encrypted else mark("attention", _("no"))),
            (_("Our key, to read out by telephone"), f"<code>{escape(made.thumbprint)}</code>"),
        )
        body = "".join(f"<tr><th>{escape(name)}</th><td>{value}</td></tr>" for name, value in rows)
        table = parts.html(f'<table class="at-table at-facts"><tbody>{body}</tbody></table>')
        if made.findings:
            return (table,)
        return parts.panel("ready", _("Backup made"), *made.told(_)), table
