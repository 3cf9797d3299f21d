"""The first step of *Back-up teruglezen* on the screen: the file, what opens it, and a check without restoring."""

from collections.abc import Callable
from html import escape
from pathlib import Path

from accountools.domain.codes import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import state_html
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.restore.comparison import PURPOSES
from accountools.forms.screens.restore.form import RestoreBackup
from accountools.operations.restores.verify import Verification

_WHOLE = N_("The backup is sound: signature, stored bytes and what is inside were checked.")
_OUTSIDE = N_("The backup is whole and its signature holds; what is inside can only be checked with what opens it.")


class FileView(StepView):
    """The file and what opens it. The passphrase's line is emptied at once when it is used or left."""

    def __init__(self, form: RestoreBackup, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self.press_main = lambda: form.next(self._pop_passphrase() or None)
        places = ((_("Backups"), form.office.folder / "backups"),)

        def chooser(label: str, choose: Callable[[Path | str], object], *endings: str) -> FileChooser:
            return FileChooser(callbacks, _, label, _("Look up: {what}", what=label), choose, places, endings=endings)

        self._file = chooser(_("Backup"), form.choose_file, ".acb")
        self._key = chooser(_("Key file"), form.choose_key)
        self._passphrase = widgets.password(_("Passphrase"))
        callbacks.change(self._passphrase, lambda typed: form.note_passphrase(bool(typed)))
        self._signer = widgets.text(_("The maker's key, as read out to you by telephone (may be left out)"))
        callbacks.change(self._signer, form.set_maker_key)
        signer = widgets.row(self._signer, kinds=("at-search",))
        self._secret = widgets.row(self._passphrase, kinds=("at-search",))
        self._check = callbacks.press(widgets.button(_("Check without restoring"), "at-small"), lambda: form.check(self._pop_passphrase()))
        self._found = widgets.column()
        self._working = JobView(form, callbacks, _("The backup is being looked through"))
        check = widgets.row(self._check, kinds=("at-row",))
        fields = (self._file.widget, self._secret, self._key.widget, signer, check, self._working.widget, self._found)
        self.widget = widgets.column(*fields, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, backup = self._form, self._form.backup
        self._file.show(str(backup.file or ""), self._about())
        self._key.show(str(backup.key_file or ""), "")
        widgets.show(self._secret, backup.opened_by == "passphrase")
        widgets.show(self._key.widget, backup.opened_by == "key")
        self._signer.value = backup.maker_key
        self._check.disabled = backup.manifest is None or form.busy
        self._working.refresh()
        self._found.children = () if backup.verification is None else (self._verified(backup.verification),)
        self.open_wanted(form.wants, {"file": self._file.open, "key": self._key.open})

    def hide(self) -> None:
        """Empty the passphrase's line."""
        if self._passphrase.value:
            self._pop_passphrase()
            self._form.backup.passphrase_typed = False
            self._form.assess()

    def _pop_passphrase(self) -> str:
        typed = str(self._passphrase.value)
        with self._callbacks.silenced():
            self._passphrase.value = ""
        return typed

    def _about(self) -> str:
        backup, _ = self._form.backup, self._form.texts
        if backup.error is not None:
            return (
                f"{state_html('blocked', _.sentence(backup.error))} <span class='at-quiet'>{escape(self._form.remedy(backup.error))}</span>"
            )
        if backup.manifest is None:
            return ""
        manifest = backup.manifest
        signed = _("Signed by {name}, KvK {kvk}", name=manifest.signer.name, kvk=manifest.signer.kvk)
        what = _(PURPOSES[manifest.purpose]) if manifest.number is None else _("administration {number}", number=f"{manifest.number:03d}")
        locked = _("encrypted") if manifest.encrypted else _("not encrypted")
        return f"{state_html('ready', what)} <span class='at-quiet'>{escape(f'{signed} · {locked}')}</span>"

    def _verified(self, found: Verification) -> widgets.Widget:
        _ = self._form.texts
        if found.ok:
            state = "ready" if found.image_checked else "attention"
            return widgets.panel(state, _("checked"), _(_WHOLE) if found.image_checked else _(_OUTSIDE), "")
        first, *others = found.findings
        more = [widgets.html(f"<p>{state_html('blocked', self._form.describe(one))}</p>") for one in others]
        return widgets.panel("blocked", _("checked"), _.sentence(first), self._form.remedy(first), *more)
