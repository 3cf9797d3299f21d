"""The screen of *Kantoor inrichten*: one of two ways, its files, what they say, where the office will be, and *Klaar*."""

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import licence_facts
from accountools.forms.kit.feedback import remedy_on_screen
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.links import TypedFields
from accountools.forms.kit.style import facts_table, paragraph
from accountools.forms.parts.field_errors import error_html
from accountools.forms.screens.set_up.form import LOST, NEW, OfficeSetup

OF_THE_KEY = {"key-needed", "key-invalid", "wrong-key"}
OF_THE_FOLDER = {"office-exists", "file-exists", "network-share", "move-unfinished", "not-permitted", "disk-full"}


class SetupView:
    """The screen: one of two ways, its files, what they say, where the office will be, and *Klaar*."""

    def __init__(self, form: OfficeSetup, leave: Callable[[], object]) -> None:
        self._form, _ = form, form.texts
        callbacks = self._callbacks = widgets.Callbacks(form)
        ways = widgets.choice([(_("A new office"), NEW), (_("Restore a lost office from its own backup"), LOST)], form.way, _("Office"))
        callbacks.change(ways, form.choose_way)
        self._licence = self._chooser("licence", _("Your own licence"), _("The file that your supplier sent"))
        self._issuers = self._chooser("issuers", _("The issuers (JWKS)"), _("The list of issuers that came with it"), ".jwks", ".json")
        self._backup = self._chooser("backup", _("The backup of the office"), "", ".acb")
        self._key = self._chooser("key", _("Key file"), "")
        self._passphrase = widgets.password(_("Passphrase"))
        self._secret = widgets.row(self._passphrase, kinds=("at-search",))
        self._folder = FileChooser(callbacks, _, _("Folder of the office"), _("Look up the folder"), form.choose_folder, folders=True)
        self._facts, self._why = widgets.note(), widgets.html("", "at-grow", "at-live")
        self._above, self._opens, self._where = widgets.place(), widgets.place(), widgets.place()
        self._done = callbacks.press(widgets.button(_("Finish"), "at-main"), self._create)
        cancel = callbacks.press(widgets.button(_("Cancel"), "at-cancels"), leave)
        files = (self._licence, self._issuers, self._backup)
        opens = (self._secret, self._key.widget, self._opens)
        fields = (self._above, ways, *(one.widget for one in files), *opens, self._facts, self._folder.widget, self._where)
        body = widgets.column(*fields, kinds=("at-body", "at-fields"))
        foot = widgets.row(self._why, cancel, self._done, kinds=("at-foot",))
        self._typed = TypedFields("set-up")
        self.widget = widgets.column(body, foot, self._typed)
        form.subscribe(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is filled in now."""
        form, _ = self._form, self._form.texts
        self._typed.keeps = not form.finished
        with self._callbacks.silenced():
            for kind, chooser in (("licence", self._licence), ("issuers", self._issuers), ("backup", self._backup), ("key", self._key)):
                chooser.show(str(form.files[kind] or ""), error_html(form, form.errors.get(kind)))
            self._folder.show(str(form.folder), "")
        for chooser in (self._licence, self._issuers):
            widgets.show(chooser.widget, form.way == NEW)
        widgets.show(self._backup.widget, form.way == LOST)
        widgets.show(self._secret, form.opened_by == "passphrase")
        widgets.show(self._key.widget, form.opened_by == "key")
        self._facts.value = "".join(self._describe())
        reason = form.feedback.reason
        for place in (self._above, self._opens, self._where):
            place.children = ()
        if reason is not None:
            panel = widgets.panel("blocked", _("That didn't work"), _.sentence(reason), remedy_on_screen(reason, _))
            (self.place_for(reason.code) or self._above).children = (panel,)
        self._done.disabled, self._why.value = bool(form.missing), escape(form.missing)

    def place_for(self, code: str) -> widgets.Widget | None:
        """Beneath the passphrase or the key, or the folder."""
        return self._opens if code in OF_THE_KEY else self._where if code in OF_THE_FOLDER else None

    def _chooser(self, kind: str, label: str, placeholder: str, *endings: str) -> FileChooser:
        form, _ = self._form, self._form.texts

        def choose(path: Path | str) -> None:
            form.choose(kind, path)

        button = _("Look up: {what}", what=label)
        made = FileChooser(self._callbacks, _, label, button, choose, endings=endings, placeholder=placeholder)
        made.add_upload(self._callbacks, form.uploads.upload_for(kind), choose)
        return made

    def _create(self) -> bool:
        typed = str(self._passphrase.value)
        with self._callbacks.silenced():
            self._passphrase.value = ""
        return self._form.create(typed or None)

    def _describe(self) -> Iterator[str]:
        form, _ = self._form, self._form.texts
        if form.licence is not None:
            status = form.licence.status(form.today)
            yield facts_table(licence_facts(form.licence, status, _))
            yield paragraph(_("Trusted issuers: {n}.", n=len(form.issuers)), "at-quiet")
        if form.manifest is not None:
            signer = form.manifest.signer
            rows = (
                (_("Signed by"), escape(f"{signer.name}, KvK {signer.kvk}")),
                (_("Made on"), escape(_.iso_day(form.manifest.made_at[:10]))),
                (_("Licence"), escape(form.manifest.licence_number)),
            )
            yield facts_table(rows)
            yield paragraph(_("Its administrations are restored afterwards, each from its own backup."), "at-quiet")
