"""The screen of *Importeren klantlicentie*: the form's steps made visible (S11–S14)."""

from collections.abc import Iterable, Mapping
from html import escape

from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import navigation, preferences, widgets
from accountools.forms.kit.comparison import Row, compare
from accountools.forms.kit.feedback import REMEDIES
from accountools.forms.kit.jobs import in_a_thread
from accountools.forms.kit.links import Way, Ways
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import line, mark
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.import_licence.backup_view import BackupView
from accountools.forms.screens.import_licence.fields_view import FieldsView
from accountools.forms.screens.import_licence.form import ImportClientLicence
from accountools.operations.session import Office
from accountools.texts import Texts


def client_licence_screen(office: Office, texts: Texts | None = None) -> Screen[ImportClientLicence]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    form = ImportClientLicence(office, texts, in_a_thread)
    chosen = preferences.take(office, navigation.IMPORT)
    if chosen.administration is not None:
        form.choose_administration(chosen.administration)
    return Screen(form, _views, Menu)


def _views(form: ImportClientLicence, callbacks: Callbacks) -> Mapping[str, StepView]:
    return {
        "file": FieldsView(form, callbacks),
        "details": DetailsView(form, callbacks),
        "done": DoneView(form),
        "backup": BackupView(form, callbacks),
    }


class DetailsView(StepView):
    """The licence beside the client, the seed's question, and what is in the way (S13)."""

    def __init__(self, form: ImportClientLicence, callbacks: Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self._table, self._question, self._obstacles = widgets.html(), widgets.html(), widgets.column(kinds=("at-group",))
        self.widget = widgets.column(self._table, self._obstacles, self._question, kinds=("at-group",))
        self._shown: object = None

    def refresh(self) -> None:
        """Show what the form says now."""
        plan = self._form.plan
        if plan is None or plan is self._shown:
            return
        _ = self._form.texts
        self._shown = plan
        renews = plan.replaces is not None
        self._table.value = _table(compare(plan, _), _, renews=renews)
        asked = _("Are these the licence details of the client for whom you make the backup?")
        into = _("Nothing has been imported yet. Finish imports it into administration {number}; {user} gets access.",
            number=plan.number, user=f"{plan.user.name} ({plan.user.login})" if plan.user else plan.login)  # fmt: skip
        self._question.value = f"<p><b>{escape(asked)}</b></p>{line(into, 'at-quiet')}"
        self._obstacles.children = [self._obstacle(one) for one in plan.obstacles]

    def go_on(self) -> None:
        """*Klaar*."""
        self._form.finish()

    def _obstacle(self, one: Obstacle) -> Widget:
        _ = self._form.texts
        state, word = ("blocked", _("blocked")) if one.blocking else ("attention", _("look at this"))
        return widgets.panel(state, word, _.sentence(one), self._form.what_to_do(one), *self._answers(one))

    def _answers(self, one: Obstacle) -> Iterable[Widget]:
        _ = self._form.texts
        if one.asks:
            yes = widgets.tick(_("Yes, I looked at this and it is right"), value=one.code in self._form.accepted)
            yield self._callbacks.change(yes, lambda said: self._form.accept(one.code, said))
        elif one.blocking and one.code in REMEDIES:
            remedy = REMEDIES[one.code]
            yield self._callbacks.press(widgets.button(_(remedy.label), "at-small"), lambda: self._form.mend(remedy.name))


class DoneView(StepView):
    """The confirmation, and the two ways on (S14)."""

    def __init__(self, form: ImportClientLicence) -> None:
        self._form = form
        self.widget = widgets.column()

    def refresh(self) -> None:
        """Show what the form says now."""
        _ = self._form.texts
        then = _("Make the backup for the client now, or close: then it can be made later.")
        self.widget.children = (widgets.panel("ready", _("Imported"), self._form.confirmation, then),)

    def go_on(self) -> None:
        """*Back-up maken*."""
        self._form.go_on()


class Menu(StepView):
    """The menu Accountancy, to which *Sluiten* and *Annuleren* return (S14)."""

    def __init__(self, form: ImportClientLicence, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        again = callbacks.press(widgets.button(_("Import client licence")), form.start_again)
        self._said = widgets.html()
        heading = widgets.html(f"<h3>{escape(_('Accountancy'))}</h3>")
        ways = (
            Way(_("Make backup"), navigation.address(navigation.MAKE)),
            Way(_("To the whole menu"), navigation.address(navigation.HOME)),
        )
        there = widgets.row(again, Ways(callbacks, "line", ways), kinds=("at-row",))
        self.widget = widgets.column(self._said, heading, widgets.html(line(_("Administrations"), "at-quiet")), there)

    def refresh(self) -> None:
        """Say how the form was left."""
        _ = self._form.texts
        said = _("Nothing was imported or changed.") if self._form.over == "cancelled" else _("The licence is imported.")
        self._said.value = f"<p>{mark('missing' if self._form.over == 'cancelled' else 'ready', said)}</p>"


def _table(rows: Iterable[Row], _: Texts, *, renews: bool) -> str:
    heads = ["", _("The licence"), _("The client as you know it"), *([_("Until now")] if renews else [])]
    body = "".join(_line(row, _, renews=renews) for row in rows)
    return f'<table class="at-table"><thead><tr>{"".join(f"<th>{escape(head)}</th>" for head in heads)}</tr></thead>{body}</table>'


def _line(row: Row, _: Texts, *, renews: bool) -> str:
    known = "" if row.known is None else escape(row.known)
    if row.differs:
        known = f"{known} &ensp;{mark('attention', _('differs'))}"
    cells = [escape(row.licence), known]
    if renews:
        before = escape(row.before or "—")
        cells.append(f"{before} &ensp;{mark('attention', _('changes'))}" if row.changes else f'<span class="at-quiet">{before}</span>')
    kind = ' class="at-differs"' if row.differs else ""
    return f"<tr{kind}><th>{escape(row.label)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
