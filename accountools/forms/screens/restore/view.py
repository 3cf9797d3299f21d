"""The screen of *Back-up teruglezen*: the file and what opens it; who signed, what it holds and what is here; and what restoring it did."""

from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path

from accountools.domain.calendar import day_of, parse_moment
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.manifest import PURPOSES
from accountools.forms.files.delivery import key_html
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.feedback import address_for, screen_for
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.jobs import JobView, run_in_thread
from accountools.forms.kit.links import Link, Links
from accountools.forms.kit.screen import ClosedView, Screen, StepView, obstacle_panel
from accountools.forms.kit.style import facts_table, paragraph, state_html
from accountools.forms.screens.restore.backup import HOW, Preview
from accountools.forms.screens.restore.comparison import SIGNERS, Row, compare_backup, describe_entrance, describe_outcome
from accountools.forms.screens.restore.form import FOLDER, ONE, RestoreBackup
from accountools.forms.screens.restore.many_view import ManyView
from accountools.operations.restores.unlock import OPENING
from accountools.operations.restores.verify import Verification
from accountools.operations.session import Office
from accountools.texts import Texts

_WHOLE = N_("The backup is in order: its signature, stored bytes and contents were checked.")
_OUTSIDE = N_("The backup is complete and its signature is valid; its contents can only be checked with the passphrase or key.")


ABOUT_FOLDER = N_(
    "Of each administration the newest backup in this folder is restored; you see them all first. This is how the books come back "
    "after a lost office was restored from the backup of the office itself. If the backups are encrypted, choose the key file or type "
    "the passphrase: it is tried on each."
)


class FileView(StepView):
    """The file, or the folder, and what opens it. The passphrase's line is emptied at once when it is used or left."""

    def __init__(self, form: RestoreBackup, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self.press_main = lambda: form.next(self._pop_passphrase() or None)
        places = ((_("Backups"), form.office.folder_for("backups")),)

        def chooser(label: str, choose: Callable[[Path | str], object], *endings: str) -> FileChooser:
            return FileChooser(callbacks, _, label, _("Look up: {what}", what=label), choose, places, endings=endings)

        sources = [(_("One backup"), ONE), (_("A folder with backups"), FOLDER)]
        self._source = callbacks.change(widgets.choice(sources, form.source, _("What to restore")), form.choose_source)
        self._file = chooser(_("Backup"), form.choose_file, ".acb")
        self._file.add_upload(callbacks, form.upload, form.choose_file)
        self._folder = FileChooser(callbacks, _, _("Folder"), _("Look up the folder"), form.choose_folder, places, folders=True)
        self._about_folder = widgets.html(paragraph(_(ABOUT_FOLDER), "at-quiet"))
        self._key = chooser(_("Key file"), form.choose_key)
        self._passphrase = widgets.password(_("Passphrase"))
        callbacks.change(self._passphrase, lambda typed: form.note_passphrase(bool(typed)))
        self._signer = widgets.text(_("The signer's key, as read out to you by telephone: six words (optional)"))
        callbacks.change(self._signer, form.set_maker_key)
        signer = widgets.row(self._signer, kinds=("at-search",))
        self._secret = widgets.row(self._passphrase, kinds=("at-search",))
        self._opens = widgets.place()  # for what is wrong with the passphrase or key
        self.files, self.places = (self._file, self._folder, self._key), dict.fromkeys(OPENING, self._opens)
        self._check = callbacks.press(widgets.button(_("Check without restoring"), "at-small"), lambda: form.check(self._pop_passphrase()))
        self._found = widgets.column()
        self._working = JobView(form, callbacks, _("The backup is being checked"))
        check = widgets.row(self._check, kinds=("at-row",))
        fields = (
            self._source,
            self._file.widget,
            self._folder.widget,
            self._about_folder,
            self._secret,
            self._key.widget,
            self._opens,
            signer,
            check,
            self._working.widget,
            self._found,
        )
        self.widget = widgets.column(*fields, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, backup = self._form, self._form.backup
        self._file.show(str(backup.file or ""), self._about())
        self._folder.show(str(form.folder.path or ""), "")
        self._key.show(str(backup.key_file or ""), "")
        many = form.source == FOLDER
        self._source.value = form.source
        for part in (self._folder.widget, self._about_folder):
            widgets.show(part, many)
        for part in (self._file.widget, self._check, self._found):
            widgets.show(part, not many)
        widgets.show(self._secret, many or backup.opened_by == "passphrase")
        widgets.show(self._key.widget, many or backup.opened_by == "key")
        self._signer.value = backup.maker_key
        self._check.disabled = backup.manifest is None or form.busy
        self._working.refresh()
        self._found.children = () if backup.verification is None else (self._verified(backup.verification),)
        self.open_wanted(form.wants, {"file": self._folder.open if many else self._file.open, "key": self._key.open})

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


def restore_backup_screen(office: Office, texts: Texts | None = None) -> Screen[RestoreBackup]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    sentences = {"cancelled": N_("Nothing was restored or changed."), "closed": N_("Restoring is done.")}
    closed = partial(ClosedView, again=N_("Restore backup"), sentences=sentences)
    form = RestoreBackup(office, texts, run_in_thread)
    return Screen(form, {"file": FileView, "preview": PreviewView}, closed, navigation.RESTORE)


class PreviewView(StepView):
    """Who signed it, what it holds beside what is here, what asks for a confirmation; and afterwards what was done."""

    def __init__(self, form: RestoreBackup, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self.press_main = form.finish
        self._how = widgets.choice([(_(label), how) for how, label in HOW.items()], "restore", _("Action"))
        self._signer, self._table, self._obstacles = widgets.html(), widgets.html(), widgets.column(kinds=("at-group",))
        self._working = JobView(form, callbacks, _("The administration is being restored"))
        self._number = widgets.text("", live=True)
        self._replace = widgets.column()
        self.widget = widgets.column(kinds=("at-fields",))
        self._shown: object = None
        self._many: ManyView | None = None  # built when there is a folder: its table takes long to load
        callbacks.change(self._how, form.choose_how)
        callbacks.change(self._number, form.type_number)

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, preview = self._form, self._form.preview
        if form.many is not None:
            if self._many is None:
                self._many = ManyView(form, self._callbacks)
            self._many.refresh(form.many)
            self.widget.children = (self._many.widget,)
            return
        if form.done is not None:
            if self._shown is not form.done:
                self._shown, self.widget.children = form.done, (self._done(),)
            return
        if preview is None:
            return
        widgets.show(self._how, form.is_accountant_office)
        self._how.value, self._number.value = preview.how, preview.typed
        self._how.disabled = self._number.disabled = form.busy
        self._working.refresh()
        self._signer.value, self._table.value = self._signed(preview), self._compared(preview)
        if self._shown is not preview.plans:  # planned anew nothing is confirmed, even if its obstacles are the same
            self._shown = preview.plans
            self._obstacles.children = [self._obstacle(one, preview) for one in preview.obstacles]
            blocked = any(one.blocking for one in preview.obstacles)
            self._replace.children = (self._replacing(preview),) if preview.can_replace and not blocked else ()
        self.widget.children = (self._signer, self._table, self._how, self._obstacles, self._replace, self._working.widget)

    def _signed(self, preview: Preview) -> str:
        _ = self._form.texts
        manifest, signer = preview.found.manifest, preview.found.manifest.signer
        state, word = SIGNERS[preview.signer]
        rows = (
            (_("Signed by"), f"{escape(signer.name)}, KvK {escape(signer.kvk)} &ensp;{state_html(state, _(word))}"),
            (_("Key, to compare by telephone"), key_html(signer.key.thumbprint, _)),
            (_("Made on"), escape(f"{_.day(day_of(parse_moment(manifest.made_at)))} · {_(PURPOSES[manifest.purpose])}")),
            (_("Licence"), escape(manifest.licence_number)),
        )
        return facts_table(rows)

    def _compared(self, preview: Preview) -> str:
        _ = self._form.texts
        heads = ("", _("In the backup"), *((_("Here now"), "") if preview.here else ()))
        body = "".join(self._line(row) for row in compare_backup(self._form, preview))
        none = "" if preview.here else paragraph(_("Nothing is here under number {number}.", number=preview.number), "at-quiet")
        head = "".join(f"<th>{escape(one)}</th>" for one in heads)
        return f'<table class="at-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{none}'

    def _line(self, row: Row) -> str:
        kind = ' style="text-align:right"' if row.figure else ""
        cells = "".join(f"<td{kind}>{escape(cell)}</td>" for cell in (row.backup, row.here) if cell is not None)
        differs = state_html("attention", self._form.texts("differs")) if row.differs else ""
        last = "" if row.here is None else f'<td style="white-space:nowrap">{differs}</td>'
        return f"<tr{' class=at-differs' if row.differs else ''}><th>{escape(row.label)}</th>{cells}{last}</tr>"

    def _obstacle(self, one: Obstacle, preview: Preview) -> widgets.Widget:
        form, buttons = self._form, list[widgets.Widget]()
        if one.code == "licence-differs" and form.is_accountant_office and preview.how == "restore":
            install = widgets.button(form.texts("Install it, to work in it"), "at-small")
            other = widgets.button(form.texts("Choose another backup"), "at-small")
            self._callbacks.press(install, lambda: form.choose_how("install"))
            self._callbacks.press(other, lambda: form.resolve("choose-file"))
            buttons.append(widgets.row(install, other, kinds=("at-row",)))
        item = screen_for(one) if one.code in {"client-differs", "administration-archived", "changed-meanwhile"} else None
        if item is not None:  # the menu of a client's own office doesn't lead there
            link = Link(form.texts(item.name), address_for(item, int(preview.number)))
            buttons.append(Links(self._callbacks, "line", [link]))
        return obstacle_panel(form, self._callbacks, one, *buttons)

    def _replacing(self, preview: Preview) -> widgets.Widget:
        _ = self._form.texts
        self._number.description = _("Type {number} to replace it", number=preview.number)
        name = preview.here.administration.description if preview.here else ""
        here = _("There is an administration {number} already: {name}.", number=preview.number, name=name)
        kept = _("It is replaced by what is in the backup; a safety copy of what is here now is made first.")
        return widgets.panel("attention", _("replaced"), here, kept, self._number)

    def _done(self) -> widgets.Widget:
        form, _ = self._form, self._form.texts
        first, *more = describe_outcome(form)
        count = len(form.entrances)
        kept = more[: len(more) - count]
        people = (("ready" if entrance.may else "blocked", describe_entrance(form, user, entrance)) for user, entrance in form.entrances)
        who = "".join(f"<p>{state_html(state, text)}</p>" for state, text in people)
        heading = f"<p><b>{escape(_('Who can log in'))}</b></p>" if count else ""
        copy = FileLinks(self._callbacks, form.office, _, form.safety_copy)
        done = widgets.panel("ready", _("done"), first, " ".join(kept), copy.widget)
        return widgets.column(done, widgets.html(heading + who), kinds=("at-fields",))
