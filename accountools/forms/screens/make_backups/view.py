"""The screen of *Back-up maken*: the second step (the choices, the bar, the results)."""

from functools import partial
from html import escape

from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.files.delivery import DeliveryView
from accountools.forms.files.licence_file import confirmed_panel
from accountools.forms.files.results import file_html
from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import describe_size
from accountools.forms.kit.encryption_choice import EncryptionView
from accountools.forms.kit.jobs import ProgressBar, run_in_thread
from accountools.forms.kit.navigation import MAKE
from accountools.forms.kit.screen import ClosedView, Screen, StepView
from accountools.forms.kit.style import html_table, paragraph, state_html
from accountools.forms.screens.make_backups.choose import PURPOSES
from accountools.forms.screens.make_backups.form import MakeBackups
from accountools.forms.screens.make_backups.run import Result, Run, describe_counts, describe_result, label
from accountools.forms.screens.make_backups.table_view import ListView
from accountools.operations.session import Office
from accountools.texts import Texts


def make_backups_screen(office: Office, texts: Texts | None = None) -> Screen[MakeBackups]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    sentences = {"cancelled": N_("No backup was made."), "closed": N_("The backups that were made are listed under Manage backups.")}
    closed = partial(ClosedView, again=N_("Make backup"), sentences=sentences)
    return Screen(MakeBackups(office, texts, run_in_thread), {"what": ListView, "make": MakeView}, closed, MAKE)


class MakeView(StepView):
    """The choices; then the bar; then the results."""

    def __init__(self, form: MakeBackups, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._choices: EncryptionView | None = None
        self._delivery: DeliveryView | None = None
        self._promise = widgets.column()
        self._planned, self._notes = widgets.html(), widgets.column()
        self._bar = ProgressBar(callbacks, _, form.stop)
        self._rest = widgets.row(callbacks.press(widgets.button(_("Make the remaining backups")), form.make_rest), kinds=("at-row",))
        self._outcome, self._each = widgets.html(), widgets.html()
        self.widget = widgets.column(kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        choice, run = self._form.encryption, self._form.run
        if choice is None:
            return
        if run is not None:
            self._show_run(run)
            return
        if self._choices is None or self._choices.choice is not choice:
            self._choices = EncryptionView(self._form, self._callbacks, choice, self._form.choice_changed)
            self._choices.key_row.add_class("at-pasted-key")
        widgets.show(self._choices.rehearse, self._form.plan is not None)
        self._choices.refresh()
        self._planned.value = self._describe_plan()
        self._show_notes()
        self.widget.children = (self._planned, self._choices.widget, self._notes)

    def press_main(self) -> None:
        """*Back-ups maken*: the passphrase is removed from its lines before anything else is done."""
        if self._choices is not None and self._form.run is None:
            self._form.make(passphrase=self._choices.pop_passphrase())

    def hide(self) -> None:
        """Empty the passphrase's lines."""
        if self._choices is not None and self._choices.clear_passphrase():
            self._form.assess()

    def place_for(self, one: Obstacle) -> widgets.Widget | None:
        """Beneath the choice that is wrong."""
        return self._choices and self._choices.place_for(one)

    def _describe_plan(self) -> str:
        form, _ = self._form, self._form.texts
        heading = f"<p><b>{escape(_(PURPOSES[form.purpose]))}</b></p>"
        if form.plan is None:
            return heading
        items = form.plan.to_make
        count = _("Administrations: {count}, together {size}", count=len(items), size=describe_size(sum(item.bytes for item in items), _))
        names = _some([f"{item.number} {item.description}" for item in items])
        refused = "".join(paragraph(f"{item.number}: {form.describe(item.obstacles[0])}") for item in form.plan.refused)
        return heading + paragraph(count) + paragraph(names, "at-quiet") + refused

    def _show_notes(self) -> None:
        form, choice, _ = self._form, self._form.encryption, self._form.texts
        items = form.plan.to_make if form.plan else ()
        self._notes.children = notes = tuple(confirmed_panel(item.accepted, _, f"{item.number}: ") for item in items if item.accepted)
        if form.without_key:
            without = self._callbacks.press(widgets.button(_("Leave these out"), "at-small"), form.exclude_keyless)
            warning = _("These licences contain no key, so the backup would not be encrypted: {numbers}.",
                numbers=_some(list(map(str, form.without_key))))  # fmt: skip
            then = _("Choose a passphrase, or leave those administrations out.")
            self._notes.children = (*notes, widgets.panel("attention", _("attention"), warning, then, without))
        elif choice is not None and choice.option == "passphrase" and form.purpose == "handover" and len(items) > 1:
            warning = _("All these backups get the same passphrase: each client could open the backups of the others.")
            then = _("Choose a generated passphrase, a different one for each client; or send each client only its own file.")
            self._notes.children = (*notes, widgets.panel("attention", _("attention"), warning, then))
        elif choice is not None and choice.option == "key" and form.purpose == "handover" and len(items) > 1:
            warning = _("All these backups are encrypted to the same key: whoever has its key file can open all of them.")
            then = _("Choose this for one client only, with the key that this client gave you.")
            self._notes.children = (*notes, widgets.panel("attention", _("attention"), warning, then))

    def _show_run(self, run: Run) -> None:
        if not run.over:
            self._show_progress(run)
            self.widget.children = (self._bar.widget,)
            return
        widgets.show(self._rest, bool(run.rest) and run.failure is None)
        self._outcome.value, self._each.value = self._summary(run), self._table(run)
        promise, *delivery = self._delivered() or (widgets.column(),)
        self.widget.children = (self._outcome, promise, self._rest, self._each, *delivery)

    def _delivered(self) -> tuple[widgets.Widget, ...]:
        """The promise, and what goes to each client; built once for what was made."""
        deliveries, _ = self._form.deliveries, self._form.texts
        if deliveries is None:
            return ()
        if self._delivery is None or self._delivery.deliveries is not deliveries:
            self._delivery = DeliveryView(self._form, self._callbacks, deliveries)
            inside = _.plural(
                "The backup contains the client's own licence; no trace of your own licence.",
                "Each of the {count} backups contains the client's own licence; no trace of your own licence.",
                len(deliveries.made),
            )
            searched = _("Each was searched before it was ready; one that holds your licence is not made.")
            self._promise = widgets.panel("ready", _("Backup made"), inside, searched)
        return self._promise, self._delivery.widget

    def _show_progress(self, run: Run) -> None:
        _ = self._form.texts
        number, name, _bytes = run.rest[0] if run.rest else (None, "", 0)
        running = name if number is None else f"{number} {name}"
        doing = _("Checking the backup: {name}", name=running) if run.checking else _("Making the backup: {name}", name=running)
        doing = _("Stopping; this backup is not made: {name}", name=running) if run.stopping else doing
        counted = _("{done} of {total}", done=len(run.waiting) - len(run.rest), total=len(run.waiting))
        self._bar.show(doing, run.bytes, run.seconds_left, stopping=run.stopping, counted=counted)

    def _summary(self, run: Run) -> str:
        form, _ = self._form, self._form.texts
        state = "blocked" if run.failure else "attention" if run.refused or run.rest or form.passphrases else "ready"
        word = _("stopped") if run.rest else _("done")
        head = f"<p>{state_html(state, word)} &ensp;<b>{escape(describe_counts(form, run))}</b></p>"
        where = {str(one.made.path.parent) for one in run.made if one.made is not None and one.made.path is not None}
        folder = "".join(f"<p>{escape(_('Folder'))} <code>{escape(one)}</code></p>" for one in sorted(where))
        rest = [str(number or name) for number, name, _bytes in run.rest]
        return head + folder + (paragraph(_("Not made: {names}", names=_some(rest))) if rest else "")

    def _table(self, run: Run) -> str:
        _ = self._form.texts
        return html_table((_("Administration"), _("Result"), _("File"), _("Size")), [self._cells(one) for one in run.results], "at-facts")

    def _cells(self, one: Result) -> tuple[str, ...]:
        _ = self._form.texts
        made, result = one.made, describe_result(self._form, one)
        state = "ready" if made is not None else "blocked"
        if one.number in self._form.passphrases and made is not None:
            state, result = "attention", f"{result}; {_('the letter with its passphrase is not written yet')}"
        name = file_html(made.path, _) if made is not None else ""
        size = describe_size(made.bytes, _) if made is not None and made.bytes else ""
        return (
            escape(label(one)),
            state_html(state, result),
            name,
            f'<span class="at-figure">{escape(size)}</span>',
        )


def _some(names: list[str], most: int = 8) -> str:
    """The first of them, and how many more there are."""
    more = f" … + {len(names) - most}" if len(names) > most else ""
    return ", ".join(names[:most]) + more
