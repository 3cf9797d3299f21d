"""The first step of *Back-up teruglezen* on the screen: the file, what opens it, and a check without restoring."""

from html import escape

from accountools.domain.codes import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.choose_backup import ChooseOnDisk
from accountools.forms.kit.jobs_view import WorkingView
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import mark
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.restore.form import RestoreBackup
from accountools.forms.screens.restore.texts import PURPOSES
from accountools.operations.restores.verify import Verification

_WHOLE = N_("The backup is sound: signature, stored bytes and what is inside were checked.")
_OUTSIDE = N_("The backup is whole and its signature holds; what is inside can only be checked with what opens it.")


class FileView(StepView):
    """The file and what opens it. The passphrase's line is emptied at once when it is used or left."""

    def __init__(self, form: RestoreBackup, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        start = form.office.folder / "backups"
        self._file = ChooseOnDisk(callbacks, _, _("Backup"), start, form.choose_file, ".acb")
        self._key = ChooseOnDisk(callbacks, _, _("Key file"), start, form.choose_key)
        self._words = widgets.password(_("Passphrase"))
        callbacks.change(self._words, lambda words: form.type_words(bool(words)))
        self._signer = widgets.text(_("The maker's key, as read out to you by telephone (may be left out)"))
        callbacks.change(self._signer, form.hold_to)
        signer = widgets.row(self._signer, kinds=("at-look",))
        self._secret = widgets.row(self._words, kinds=("at-look",))
        self._check = callbacks.press(widgets.button(_("Check without restoring"), "at-small"), lambda: form.check(self._take_words()))
        self._found = widgets.column()
        self._working = WorkingView(form, callbacks, _("The backup is being looked through"))
        check = widgets.row(self._check, kinds=("at-row",))
        fields = (self._file.widget, self._secret, self._key.widget, signer, check, self._working.widget, self._found)
        self.widget = widgets.column(*fields, kinds=("at-fields",))
        self._wanted = ""

    def refresh(self) -> None:
        """Show what the form says now."""
        form, backup = self._form, self._form.backup
        self._file.say(str(backup.file or ""), self._about())
        self._key.say(str(backup.key_file or ""), "")
        widgets.show(self._secret, backup.opened_by == "passphrase")
        widgets.show(self._key.widget, backup.opened_by == "key")
        self._signer.value = backup.read_out
        self._check.disabled = backup.manifest is None or form.busy
        self._working.refresh()
        self._found.children = () if backup.verification is None else (self._verified(backup.verification),)
        if form.wants != self._wanted and form.wants in {"file", "key"}:
            (self._file if form.wants == "file" else self._key).open()
        self._wanted = form.wants

    def go_on(self) -> None:
        """*Volgende*: the passphrase is taken out of its line before anything else is done."""
        self._form.next(self._take_words() or None)

    def leave(self) -> None:
        """Empty the passphrase's line."""
        if self._words.value:
            self._take_words()
            self._form.backup.words = False
            self._form.assess()

    def _take_words(self) -> str:
        words = str(self._words.value)
        was, self._callbacks.quiet = self._callbacks.quiet, True
        self._words.value = ""
        self._callbacks.quiet = was
        return words

    def _about(self) -> str:
        backup, _ = self._form.backup, self._form.texts
        if backup.fault is not None:
            return (
                f"{mark('blocked', _.sentence(backup.fault))} <span class='at-quiet'>{escape(self._form.what_to_do(backup.fault))}</span>"
            )
        if backup.manifest is None:
            return ""
        manifest = backup.manifest
        signed = _("Signed by {name}, KvK {kvk}", name=manifest.signer.name, kvk=manifest.signer.kvk)
        what = _(PURPOSES[manifest.purpose]) if manifest.number is None else _("administration {number}", number=f"{manifest.number:03d}")
        locked = _("encrypted") if manifest.encrypted else _("not encrypted")
        return f"{mark('ready', what)} <span class='at-quiet'>{escape(f'{signed} · {locked}')}</span>"

    def _verified(self, found: Verification) -> widgets.Widget:
        _ = self._form.texts
        if found.ok:
            state = "ready" if found.image_checked else "attention"
            return widgets.panel(state, _("checked"), _(_WHOLE) if found.image_checked else _(_OUTSIDE), "")
        first, *others = found.findings
        more = [widgets.html(f"<p>{mark('blocked', self._form.say(one))}</p>") for one in others]
        return widgets.panel("blocked", _("checked"), _.sentence(first), self._form.what_to_do(first), *more)
