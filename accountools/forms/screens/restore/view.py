"""The screen of *Back-up teruglezen*: the second step (who signed, what it holds, what is here), and the menu one returns to."""

from collections.abc import Iterable, Mapping
from html import escape

from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import navigation, preferences, widgets
from accountools.forms.kit.jobs import in_a_thread
from accountools.forms.kit.jobs_view import WorkingView
from accountools.forms.kit.links import Way, Ways
from accountools.forms.kit.navigation import HOME, address
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import line, mark
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.restore.file_view import FileView
from accountools.forms.screens.restore.form import RestoreBackup
from accountools.forms.screens.restore.preview import HOW, Look
from accountools.forms.screens.restore.texts import SIGNERS, Row, compare, entrance_told, made_on, told
from accountools.operations.session import Office
from accountools.texts import Texts


def restore_backup_screen(office: Office, texts: Texts | None = None) -> Screen[RestoreBackup]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    form = RestoreBackup(office, texts, in_a_thread)
    form.begin(preferences.take(office, navigation.RESTORE))
    return Screen(form, _views, Menu)


def _views(form: RestoreBackup, callbacks: Callbacks) -> Mapping[str, StepView]:
    return {"file": FileView(form, callbacks), "look": LookView(form, callbacks)}


class LookView(StepView):
    """Who signed it, what it holds beside what is here, what asks for a yes; and afterwards what was done."""

    def __init__(self, form: RestoreBackup, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._how = widgets.choice([(_(label), how) for how, label in HOW.items()], "restore", _("How"))
        self._signer, self._table, self._obstacles = widgets.html(), widgets.html(), widgets.column(kinds=("at-group",))
        self._working = WorkingView(form, callbacks, _("The administration is being restored"))
        self._number = widgets.text("", live=True)
        self._replace = widgets.column()
        self.widget = widgets.column(kinds=("at-fields",))
        self._shown: object = None
        callbacks.change(self._how, form.choose_how)
        callbacks.change(self._number, form.type_number)

    def refresh(self) -> None:
        """Show what the form says now."""
        form, look = self._form, self._form.look
        if form.done is not None:
            if self._shown is not form.done:
                self._shown, self.widget.children = form.done, (self._done(),)
            return
        if look is None:
            return
        widgets.show(self._how, form.accountants)
        self._how.value, self._number.value = look.how, look.typed
        self._how.disabled = self._number.disabled = form.busy
        self._working.refresh()
        self._signer.value, self._table.value = self._signed(look), self._compared(look)
        if self._shown != (look, look.how, look.in_the_way):
            self._shown = (look, look.how, look.in_the_way)
            self._obstacles.children = [self._obstacle(one, look) for one in look.in_the_way]
            blocked = any(one.blocking for one in look.in_the_way)
            self._replace.children = (self._replacing(look),) if look.can_replace and not blocked else ()
        self.widget.children = (self._signer, self._table, self._how, self._obstacles, self._replace, self._working.widget)

    def go_on(self) -> None:
        """*Klaar*."""
        self._form.finish()

    def _signed(self, look: Look) -> str:
        _ = self._form.texts
        signer = look.found.manifest.signer
        state, word = SIGNERS[look.signer]
        rows = (
            (_("Signed by"), f"{escape(signer.name)}, KvK {escape(signer.kvk)} &ensp;{mark(state, _(word))}"),
            (_("Key, to compare by telephone"), f"<code>{escape(signer.key.thumbprint)}</code>"),
            (_("Made on"), escape(made_on(look, _))),
            (_("Licence"), escape(look.found.manifest.licence_number)),
        )
        body = "".join(f"<tr><th>{escape(name)}</th><td>{value}</td></tr>" for name, value in rows)
        return f'<table class="at-table at-facts"><tbody>{body}</tbody></table>'

    def _compared(self, look: Look) -> str:
        _ = self._form.texts
        heads = ("", _("In the backup"), *((_("Here now"), "") if look.here else ()))
        body = "".join(self._line(row) for row in compare(self._form, look))
        none = "" if look.here else line(_("Nothing is here under number {number}.", number=look.number), "at-quiet")
        head = "".join(f"<th>{escape(one)}</th>" for one in heads)
        return f'<table class="at-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{none}'

    def _line(self, row: Row) -> str:
        kind = ' style="text-align:right"' if row.figure else ""
        cells = "".join(f"<td{kind}>{escape(cell)}</td>" for cell in (row.backup, row.here) if cell is not None)
        differs = mark("attention", self._form.texts("differs")) if row.differs else ""
        last = "" if row.here is None else f'<td style="white-space:nowrap">{differs}</td>'
        return f"<tr{' class=at-differs' if row.differs else ''}><th>{escape(row.label)}</th>{cells}{last}</tr>"

    def _obstacle(self, one: Obstacle, look: Look) -> Widget:
        _ = self._form.texts
        state, word = ("blocked", _("blocked")) if one.blocking else ("attention", _("look at this"))
        return widgets.panel(state, word, _.sentence(one), self._form.what_to_do(one), *self._answers(one, look))

    def _answers(self, one: Obstacle, look: Look) -> Iterable[Widget]:
        form, _ = self._form, self._form.texts
        if one.asks:
            yes = widgets.tick(_("Yes, I looked at this and it is right"), value=one.code in look.accepted)
            yield self._callbacks.change(yes, lambda said: form.accept(one.code, said))
        elif one.code == "licence-differs" and form.accountants and look.how == "restore":
            install = widgets.button(_("Install it, to work on"), "at-small")
            other = widgets.button(_("Choose another backup"), "at-small")
            self._callbacks.press(install, lambda: form.choose_how("install"))
            self._callbacks.press(other, lambda: form.mend("look-up-file"))
            yield widgets.row(install, other, kinds=("at-row",))

    def _replacing(self, look: Look) -> Widget:
        _ = self._form.texts
        self._number.description = _("Type {number} to replace it", number=look.number)
        name = look.here.administration.description if look.here else ""
        said = _("There is an administration {number} already: {name}.", number=look.number, name=name)
        kept = _("It is replaced by what is in the backup; what is here now is kept in a safekeeping backup first.")
        return widgets.panel("attention", _("replaced"), said, kept, self._number)

    def _done(self) -> Widget:
        form, _ = self._form, self._form.texts
        first, *more = told(form)
        people = len(form.entrances)
        kept = more[: len(more) - people]
        marks = (("ready" if entrance.may else "blocked", entrance_told(form, user, entrance)) for user, entrance in form.entrances)
        who = "".join(f"<p>{mark(state, said)}</p>" for state, said in marks)
        heading = f"<p><b>{escape(_('Who can log in'))}</b></p>" if people else ""
        return widgets.column(widgets.panel("ready", _("done"), first, " ".join(kept)), widgets.html(heading + who), kinds=("at-fields",))


class Menu(StepView):
    """What *Sluiten* and *Annuleren* return to."""

    def __init__(self, form: RestoreBackup, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._said = widgets.html()
        again = callbacks.press(widgets.button(_("Restore backup")), form.start_again)
        self.widget: Widget = widgets.column(
            self._said, widgets.row(again), Ways(callbacks, ways=[Way(_("Accountancy"), address(HOME))]), kinds=("at-group",)
        )

    def refresh(self) -> None:
        """Say how the form was left."""
        _ = self._form.texts
        cancelled = self._form.over == "cancelled"
        said = _("Nothing was restored or changed.") if cancelled else _("The administration is restored.")
        self._said.value = f"<p>{mark('missing' if cancelled else 'ready', said)}</p>"
