"""The screen of *Back-up teruglezen*: the second step (who signed, what it holds, what is here), and what restoring it did."""

from functools import partial
from html import escape

from accountools.domain.calendar import day_of, parse_moment
from accountools.domain.codes import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.jobs import JobView, run_in_thread
from accountools.forms.kit.screen import ClosedView, Screen, StepView, obstacle_panel
from accountools.forms.kit.style import facts_table, paragraph, state_html
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.restore.comparison import PURPOSES, SIGNERS, Row, compare_backup, describe_entrance, describe_outcome
from accountools.forms.screens.restore.file_view import FileView
from accountools.forms.screens.restore.form import RestoreBackup
from accountools.forms.screens.restore.preview import HOW, Preview
from accountools.operations.session import Office
from accountools.texts import Texts


def restore_backup_screen(office: Office, texts: Texts | None = None) -> Screen[RestoreBackup]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    sentences = {"cancelled": N_("Nothing was restored or changed."), "closed": N_("The administration is restored.")}
    closed = partial(ClosedView, again=N_("Restore backup"), sentences=sentences)
    form = RestoreBackup(office, texts, run_in_thread)
    return Screen(form, {"file": FileView, "preview": PreviewView}, closed, navigation.RESTORE)


class PreviewView(StepView):
    """Who signed it, what it holds beside what is here, what asks for a confirmation; and afterwards what was done."""

    def __init__(self, form: RestoreBackup, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self.press_main = form.finish
        self._how = widgets.choice([(_(label), how) for how, label in HOW.items()], "restore", _("How"))
        self._signer, self._table, self._obstacles = widgets.html(), widgets.html(), widgets.column(kinds=("at-group",))
        self._working = JobView(form, callbacks, _("The administration is being restored"))
        self._number = widgets.text("", live=True)
        self._replace = widgets.column()
        self.widget = widgets.column(kinds=("at-fields",))
        self._shown: object = None
        callbacks.change(self._how, form.choose_how)
        callbacks.change(self._number, form.type_number)

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, preview = self._form, self._form.preview
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
        if self._shown != (preview, preview.how, preview.obstacles):
            self._shown = (preview, preview.how, preview.obstacles)
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
            (_("Key, to compare by telephone"), f"<code>{escape(signer.key.thumbprint)}</code>"),
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

    def _obstacle(self, one: Obstacle, preview: Preview) -> Widget:
        form, buttons = self._form, []
        if one.code == "licence-differs" and form.is_accountant_office and preview.how == "restore":
            install = widgets.button(form.texts("Install it, to work on"), "at-small")
            other = widgets.button(form.texts("Choose another backup"), "at-small")
            self._callbacks.press(install, lambda: form.choose_how("install"))
            self._callbacks.press(other, lambda: form.resolve("choose-file"))
            buttons.append(widgets.row(install, other, kinds=("at-row",)))
        return obstacle_panel(form, self._callbacks, one, *buttons, accepted=preview.accepted, accept=form.accept)

    def _replacing(self, preview: Preview) -> Widget:
        _ = self._form.texts
        self._number.description = _("Type {number} to replace it", number=preview.number)
        name = preview.here.administration.description if preview.here else ""
        here = _("There is an administration {number} already: {name}.", number=preview.number, name=name)
        kept = _("It is replaced by what is in the backup; what is here now is kept in a safekeeping backup first.")
        return widgets.panel("attention", _("replaced"), here, kept, self._number)

    def _done(self) -> Widget:
        form, _ = self._form, self._form.texts
        first, *more = describe_outcome(form)
        count = len(form.entrances)
        kept = more[: len(more) - count]
        people = (("ready" if entrance.may else "blocked", describe_entrance(form, user, entrance)) for user, entrance in form.entrances)
        who = "".join(f"<p>{state_html(state, text)}</p>" for state, text in people)
        heading = f"<p><b>{escape(_('Who can log in'))}</b></p>" if count else ""
        return widgets.column(widgets.panel("ready", _("done"), first, " ".join(kept)), widgets.html(heading + who), kinds=("at-fields",))
