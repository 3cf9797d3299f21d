"""The screen of *Importeren klantlicentie*: the details to compare, the confirmation, the backup (S13–S15). Fields: `fields_view`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from html import escape

from accountools.domain.licence import Licence, is_same_name
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.files.delivery import DeliveryView
from accountools.forms.files.licence_file import confirmed_panel, undo_panel
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import describe_modules, describe_size
from accountools.forms.kit.encryption_choice import EncryptionView
from accountools.forms.kit.jobs import JobView, run_in_thread
from accountools.forms.kit.links import Link, Links
from accountools.forms.kit.screen import ClosedView, Screen, StepView, obstacle_panel
from accountools.forms.kit.style import facts_table, paragraph, state_html
from accountools.forms.screens.import_licence.backup import BackupResult, ClientBackup
from accountools.forms.screens.import_licence.fields_view import FieldsView
from accountools.forms.screens.import_licence.form import ImportClientLicence
from accountools.operations.licences.import_licence import ImportPlan
from accountools.operations.session import Office
from accountools.texts import Texts

_LICENSEE, _KVK, _CITY = N_("Licensee"), N_("KvK number"), N_("City")


@dataclass(frozen=True)
class Row:
    """A line of the comparison. `known` is what the office knows of the client, `before` what the licence held until now says.

    Either is None where there is nothing to compare with.
    """

    label: str
    licence: str
    known: str | None = None
    before: str | None = None
    differs: bool = False

    @property
    def changes(self) -> bool:
        """Whether a renewal changes this."""
        return self.before is not None and self.before != self.licence


def compare_details(plan: ImportPlan, texts: Texts) -> tuple[Row, ...]:
    """The rows for a plan that holds a licence; else none."""
    if plan.licence is None:
        return ()
    before = dict(_licence_values(plan.replaces, texts)) if plan.replaces else {}
    client = plan.client
    known = {_LICENSEE: client.name, _KVK: client.kvk, _CITY: client.city or "—"} if client else {}

    def row(label: str, licence: str) -> Row:
        other = known.get(label)
        same = other is None or (is_same_name(licence, other) if label == _LICENSEE else licence.casefold() == other.casefold())
        return Row(texts(label), licence, other, before.get(label), not same)

    return tuple(row(label, text) for label, text in _licence_values(plan.licence, texts))


def _licence_values(licence: Licence, texts: Texts) -> Iterator[tuple[str, str]]:
    yield _LICENSEE, licence.licensee.name
    yield _KVK, licence.licensee.kvk
    yield _CITY, licence.licensee.city or "—"
    yield N_("Licence number"), licence.number
    yield N_("Modules"), describe_modules(licence)
    yield N_("Users"), str(licence.users)
    yield N_("Valid from"), texts.day(licence.valid_from)
    yield N_("Valid until"), texts.day(licence.valid_until)
    yield N_("Issuer"), licence.issuer


def client_licence_screen(office: Office, texts: Texts | None = None) -> Screen[ImportClientLicence]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    sentences = {"cancelled": N_("Nothing was imported or changed."), "closed": N_("The licence is imported."),
        "undone": N_("The import is undone.")}  # fmt: skip
    closed = partial(ClosedView, again=N_("Import client licence"), sentences=sentences, items=(navigation.ITEMS[navigation.MAKE],))
    views = {"file": FieldsView, "details": DetailsView, "done": DoneView, "backup": BackupView}
    return Screen(ImportClientLicence(office, texts, run_in_thread), views, closed, navigation.IMPORT)


class DetailsView(StepView):
    """The licence beside the client, the seed's question, and the obstacles (S13)."""

    def __init__(self, form: ImportClientLicence, callbacks: widgets.Callbacks) -> None:
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
        asked = _("Are these the licence details of the client you are making the backup for?")
        into = _("Nothing has been imported yet. Choose Finish to import the licence into administration "
        "{number}; {user} then gets access.",
            number=plan.number, user=f"{plan.user.name} ({plan.user.login})" if plan.user else plan.login)  # fmt: skip
        if any(one.blocking for one in plan.obstacles):
            into = _("Nothing has been imported yet.")
        self._question.value = f"<p><b>{escape(asked)}</b></p>{paragraph(into, 'at-quiet')}"
        self._obstacles.children = [self._obstacle(one) for one in plan.obstacles]

    def _obstacle(self, one: Obstacle) -> widgets.Widget:
        form, buttons = self._form, []
        action = form.action_for(one.code) if one.blocking or one.code in {"kvk-differs", "name-differs"} else None
        if action is not None:
            button = widgets.button(form.texts(action.label), "at-small")
            buttons.append(self._callbacks.press(button, partial(form.resolve, action.name)))
        theirs = [
            Link(form.texts("To administration {number} {description}", number=its.number, description=its.description),
                navigation.address(navigation.IMPORT, administration=int(its.number)))
            for its in form.administrations_of(one)
        ]  # fmt: skip
        if theirs:
            buttons.append(Links(self._callbacks, "line", theirs))
        return obstacle_panel(form, self._callbacks, one, *buttons)


class DoneView(StepView):
    """The confirmation, and what can be done next (S14)."""

    def __init__(self, form: ImportClientLicence, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self.press_main = form.continue_to_backup
        undo = callbacks.press(widgets.button(form.texts("Undo this import"), "at-small", icon="undo"), form.ask_undo)
        self._ask, self._asked = widgets.row(undo, kinds=("at-row",)), widgets.column()
        self._done = widgets.column()
        self.widget = widgets.column(self._done, self._ask, self._asked, kinds=("at-group",))
        self._shown: object = None

    def refresh(self) -> None:
        """Show what the form holds now."""
        _ = self._form.texts
        then = _("Make the backup for the client now, or choose Close and make it later.")
        self._done.children = (widgets.panel("ready", _("done"), self._form.confirmation, then),)
        form, plan = self._form, self._form.undo.plan
        widgets.show(self._ask, plan is None)
        if plan is not self._shown:
            self._shown = plan
            panels = () if plan is None else (undo_panel(plan, self._callbacks, form.confirm_undo, form.decline_undo, _),)
            self._asked.children = panels


def _table(rows: Iterable[Row], _: Texts, *, renews: bool) -> str:
    heads = ["", _("The licence"), _("The client as registered here"), *([_("Until now")] if renews else [])]

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


class BackupView(StepView):
    """The choices, and the result."""

    def __init__(self, form: ImportClientLicence, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self._choices: EncryptionView | None = None
        self._notes: tuple[widgets.Widget, ...] = ()
        self._notes_of: ImportPlan | None = None
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
                self._made = choice.made
                self.widget.children = tuple(self._result(choice.made))
            return
        if self._choices is None or choice is not self._choices.choice:
            self._choices = self._build(choice)
        self._choices.refresh()
        self._working.refresh()
        accepted = self._confirmed()
        choices = () if self._form.busy else (*accepted, self._choices.widget, self._check)
        self.widget.children = (self._heading, *choices, self._working.widget)

    def _confirmed(self) -> tuple[widgets.Widget, ...]:
        plan = self._form.imported
        if plan is not self._notes_of:
            self._notes_of = plan
            found = () if plan is None else tuple(one for one in plan.obstacles if one.needs_confirmation)
            self._notes = (confirmed_panel(found, self._form.texts),) if found else ()
        return self._notes

    def press_main(self) -> None:
        """*Back-up maken*: the passphrase is removed from its lines before anything else is done."""
        choice = self._form.backup
        if choice is not None and choice.made is None and self._choices is not None:
            self._form.make_backup(passphrase=self._choices.pop_passphrase())

    def hide(self) -> None:
        """Empty the passphrase's lines."""
        if self._choices is not None and self._choices.clear_passphrase():
            self._form.assess()

    def place_for(self, one: Obstacle) -> widgets.Widget | None:
        """Beneath the choice that is wrong."""
        return self._choices and self._choices.place_for(one)

    def _build(self, choice: ClientBackup) -> EncryptionView:
        _ = self._form.texts
        choices = EncryptionView(self._form, self._callbacks, choice, self._form.changed)
        check = widgets.checkbox(_("Read the backup back and search it for the office's own licence"), value=choice.check)
        self._callbacks.change(check, lambda yes: setattr(choice, "check", yes))
        self._check.children = (check,)
        self._heading.value = f"<h3>{escape(_('Backup of administration {number}', number=choice.number))}</h3>"
        return choices

    def _result(self, made: BackupResult) -> Iterator[widgets.Widget]:
        _ = self._form.texts
        rows = (
            (_("File"), f"<code>{escape(made.path.name)}</code>"),
            (_("Folder"), f"<code>{escape(str(made.path.parent))}</code>"),
            (_("Size"), escape(describe_size(made.bytes, _))),
            (_("Encrypted"), state_html("ready", _("yes")) if made.encrypted else state_html("attention", _("no"))),
        )
        table = widgets.html(facts_table(rows))
        if not made.findings:
            inside, *checks = made.describe(_)
            yield widgets.panel("ready", _("Backup made"), inside, " ".join(checks))
        yield table
        if not made.findings and made.deliveries is not None:
            yield DeliveryView(self._form, self._callbacks, made.deliveries).widget
