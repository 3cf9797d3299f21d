"""The screen of *Back-up maken*: the second step (to whom, at work, what came of it), and the menu one returns to."""

from collections.abc import Mapping
from html import escape

from accountools.forms.kit import widgets
from accountools.forms.kit.encryption_choice_view import ToWhomView
from accountools.forms.kit.jobs import in_a_thread
from accountools.forms.kit.jobs_view import Bar
from accountools.forms.kit.links import Way, Ways
from accountools.forms.kit.measures import size
from accountools.forms.kit.navigation import HOME, address
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import line, mark
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.make_backups.choose import PURPOSES
from accountools.forms.screens.make_backups.form import MakeBackups
from accountools.forms.screens.make_backups.run import Result, Run
from accountools.forms.screens.make_backups.table_view import ListView
from accountools.forms.screens.make_backups.texts import called, outcome, summary
from accountools.operations.session import Office
from accountools.texts import Texts


def make_backups_screen(office: Office, texts: Texts | None = None) -> Screen[MakeBackups]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    return Screen(MakeBackups(office, texts, in_a_thread), _views, Menu)


def _views(form: MakeBackups, callbacks: Callbacks) -> Mapping[str, StepView]:
    return {"what": ListView(form, callbacks), "make": MakeView(form, callbacks)}


class MakeView(StepView):
    """The choices; then the bar; then what came of it."""

    def __init__(self, form: MakeBackups, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._choices: ToWhomView | None = None
        self._planned, self._notes = widgets.html(), widgets.column()
        self._bar = Bar(callbacks, _, form.stop)
        self._rest = widgets.row(callbacks.press(widgets.button(_("Make the rest")), form.make_rest), kinds=("at-row",))
        self._outcome, self._each = widgets.html(), widgets.html()
        self.widget = widgets.column(kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form says now."""
        choice, run = self._form.to_whom, self._form.run
        if choice is None:
            return
        if run is not None:
            self._show_run(run)
            return
        if self._choices is None or self._choices.choice is not choice:
            self._choices = ToWhomView(self._form, self._callbacks, choice, self._form.chosen)
        widgets.show(self._choices.rehearse, self._form.plan is not None)
        self._choices.refresh()
        self._planned.value = self._what()
        self._show_notes()
        self.widget.children = (self._planned, self._choices.widget, self._notes)

    def go_on(self) -> None:
        """*Back-ups maken*: the passphrase is taken out of its lines before anything else is done."""
        if self._choices is not None and self._form.run is None:
            self._form.make(passphrase=self._choices.take_words())

    def leave(self) -> None:
        """Empty the passphrase's lines."""
        if self._choices is not None and self._choices.leave():
            self._form.assess()

    def _what(self) -> str:
        form, _ = self._form, self._form.texts
        heading = f"<p><b>{escape(_(PURPOSES[form.purpose]))}</b></p>"
        if form.plan is None:
            return heading
        items = form.plan.to_make
        count = _("Administrations: {count}, together {size}", count=len(items), size=size(sum(item.bytes for item in items), _))
        names = _some([f"{item.number} {item.description}" for item in items])
        refused = "".join(line(f"{item.number}: {form.say(item.obstacles[0])}") for item in form.plan.refused)
        return heading + line(count) + line(names, "at-quiet") + refused

    def _show_notes(self) -> None:
        form, choice, _ = self._form, self._form.to_whom, self._form.texts
        self._notes.children = ()
        if form.keyless:
            without = self._callbacks.press(widgets.button(_("Leave those out"), "at-small"), form.leave_out_keyless)
            said = _("These licences hold no key, so that the backup would not be encrypted: {numbers}.",
                numbers=_some(list(map(str, form.keyless))))  # fmt: skip
            then = _("Choose a passphrase, or leave those out.")
            self._notes.children = (widgets.panel("attention", _("look at this"), said, then, without),)
        elif choice is not None and choice.way == "passphrase" and form.shared:
            said = _("All these get the same passphrase: each client could open the backups of the others.")
            then = _("Send each client only its own file, or make the backups one by one, each with a passphrase of its own.")
            self._notes.children = (widgets.panel("attention", _("look at this"), said, then),)

    def _show_run(self, run: Run) -> None:
        if not run.over:
            self._show_how_far(run)
            self.widget.children = (self._bar.widget,)
            return
        widgets.show(self._rest, bool(run.rest) and run.failure is None)
        self._outcome.value, self._each.value = self._told(run), self._table(run)
        self.widget.children = (self._outcome, self._rest, self._each)

    def _show_how_far(self, run: Run) -> None:
        _ = self._form.texts
        number, name, _bytes = run.rest[0] if run.rest else (None, "", 0)
        called_ = name if number is None else f"{number} {name}"
        doing = _("Checking {name}", name=called_) if run.checking else _("Making {name}", name=called_)
        doing = _("Stopping: {name} is not made", name=called_) if run.stopping else doing
        counted = _("{done} of {total}", done=len(run.waiting) - len(run.rest), total=len(run.waiting))
        self._bar.show(doing, run.bytes, run.seconds_left, stopping=run.stopping, counted=counted)

    def _told(self, run: Run) -> str:
        form, _ = self._form, self._form.texts
        state = "blocked" if run.failure else "attention" if run.refused or run.rest else "ready"
        word = _("stopped") if run.rest else _("done")
        head = f"<p>{mark(state, word)} &ensp;<b>{escape(summary(form, run))}</b></p>"
        where = {str(one.made.path.parent) for one in run.made if one.made is not None and one.made.path is not None}
        folder = "".join(f"<p>{escape(_('Folder'))} <code>{escape(one)}</code></p>" for one in sorted(where))
        left = [str(number or name) for number, name, _bytes in run.rest]
        return head + folder + (line(_("Not made: {names}", names=_some(left))) if left else "")

    def _table(self, run: Run) -> str:
        _ = self._form.texts
        rows = "".join(self._row(one) for one in run.results)
        heads = "".join(f"<th>{escape(head)}</th>" for head in (_("Administration"), _("Outcome"), _("File"), _("Size")))
        return f'<table class="at-table at-facts"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'

    def _row(self, one: Result) -> str:
        _ = self._form.texts
        state = "ready" if one.made is not None else "blocked"
        made = one.made
        name = f"<code>{escape(made.path.name)}</code>" if made is not None and made.path is not None else ""
        told = size(made.bytes, _) if made is not None and made.bytes else ""
        cells = (escape(called(one)), mark(state, outcome(self._form, one)), name, f'<span class="at-figure">{escape(told)}</span>')
        return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


class Menu(StepView):
    """What *Sluiten* and *Annuleren* return to."""

    def __init__(self, form: MakeBackups, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._said = widgets.html()
        again = callbacks.press(widgets.button(_("Make backup")), form.start_again)
        self.widget: Widget = widgets.column(
            self._said, widgets.row(again), Ways(callbacks, ways=[Way(_("Accountancy"), address(HOME))]), kinds=("at-group",)
        )

    def refresh(self) -> None:
        """Say how the form was left."""
        _ = self._form.texts
        cancelled = self._form.over == "cancelled"
        said = _("No backup was made.") if cancelled else _("The backups are made.")
        self._said.value = f"<p>{mark('missing' if cancelled else 'ready', said)}</p>"


def _some(names: list[str], most: int = 8) -> str:
    """The first of them, and how many more there are."""
    more = f" … + {len(names) - most}" if len(names) > most else ""
    return ", ".join(names[:most]) + more
