"""The screen of *Importeren klantlicentie*: the form's steps made visible (S11–S14)."""

from collections.abc import Iterable
from functools import partial
from html import escape

from accountools.domain.codes import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.jobs import run_in_thread
from accountools.forms.kit.screen import ClosedView, Screen, StepView, obstacle_panel
from accountools.forms.kit.style import paragraph, state_html
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.import_licence.backup_view import BackupView
from accountools.forms.screens.import_licence.comparison import Row, compare_details
from accountools.forms.screens.import_licence.fields_view import FieldsView
from accountools.forms.screens.import_licence.form import ImportClientLicence
from accountools.operations.session import Office
from accountools.texts import Texts


def client_licence_screen(office: Office, texts: Texts | None = None) -> Screen[ImportClientLicence]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    sentences = {"cancelled": N_("Nothing was imported or changed."), "closed": N_("The licence is imported.")}
    closed = partial(ClosedView, again=N_("Import client licence"), sentences=sentences, items=(navigation.ITEMS[navigation.MAKE],))
    views = {"file": FieldsView, "details": DetailsView, "done": DoneView, "backup": BackupView}
    return Screen(ImportClientLicence(office, texts, run_in_thread), views, closed, navigation.IMPORT)


class DetailsView(StepView):
    """The licence beside the client, the seed's question, and the obstacles (S13)."""

    def __init__(self, form: ImportClientLicence, callbacks: Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self.press_main = form.finish
        self._table, self._question, self._obstacles = widgets.html(), widgets.html(), widgets.column(kinds=("at-group",))
        self.widget = widgets.column(self._table, self._obstacles, self._question, kinds=("at-group",))
        self._shown: object = None

    def refresh(self) -> None:
        """Show what the form holds now."""
        plan = self._form.plan
        if plan is None or plan is self._shown:
            return
        _ = self._form.texts
        self._shown = plan
        renews = plan.replaces is not None
        self._table.value = _table(compare_details(plan, _), _, renews=renews)
        asked = _("Are these the licence details of the client for whom you make the backup?")
        into = _("Nothing has been imported yet. Finish imports it into administration {number}; {user} gets access.",
            number=plan.number, user=f"{plan.user.name} ({plan.user.login})" if plan.user else plan.login)  # fmt: skip
        self._question.value = f"<p><b>{escape(asked)}</b></p>{paragraph(into, 'at-quiet')}"
        self._obstacles.children = [self._obstacle(one) for one in plan.obstacles]

    def _obstacle(self, one: Obstacle) -> Widget:
        form, buttons = self._form, []
        action = form.action_for(one.code) if one.blocking else None
        if action is not None:
            button = widgets.button(form.texts(action.label), "at-small")
            buttons.append(self._callbacks.press(button, partial(form.resolve, action.name)))
        return obstacle_panel(form, self._callbacks, one, *buttons, accepted=form.accepted, accept=form.accept)


class DoneView(StepView):
    """The confirmation, and what can be done next (S14)."""

    def __init__(self, form: ImportClientLicence, _: Callbacks) -> None:
        self._form = form
        self.press_main = form.continue_to_backup
        self.widget = widgets.column()

    def refresh(self) -> None:
        """Show what the form holds now."""
        _ = self._form.texts
        then = _("Make the backup for the client now, or close: then it can be made later.")
        self.widget.children = (widgets.panel("ready", _("Imported"), self._form.confirmation, then),)


def _table(rows: Iterable[Row], _: Texts, *, renews: bool) -> str:
    heads = ["", _("The licence"), _("The client as you know it"), *([_("Until now")] if renews else [])]

    def line(row: Row) -> str:
        known = "" if row.known is None else escape(row.known)
        cells = [escape(row.licence), f"{known} &ensp;{state_html('attention', _('differs'))}" if row.differs else known]
        if renews:
            before = escape(row.before or "—")
            changes = f"{before} &ensp;{state_html('attention', _('changes'))}"
            cells.append(changes if row.changes else f'<span class="at-quiet">{before}</span>')
        kind = ' class="at-differs"' if row.differs else ""
        return f"<tr{kind}><th>{escape(row.label)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"

    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    return f'<table class="at-table"><thead><tr>{head}</tr></thead>{"".join(map(line, rows))}</table>'
