"""The office's own licence on the screen: what it says, the file of the new one, and what it changes."""

from collections.abc import Iterator
from html import escape

from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import widgets
from accountools.forms.kit.choose_file import ChooseFile
from accountools.forms.kit.comparison import STATUSES
from accountools.forms.kit.licence_texts import IN_STATE, changes, licence_facts
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import facts, line, listed, mark
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.menu.form import Menu


class FileView(StepView):
    """What the own licence says, and the file of the new one."""

    def __init__(self, form: Menu, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._own = widgets.html()
        self._file = ChooseFile(
            callbacks, form.office, _, lambda: form.itself, form.choose_file, form.upload,
            fits=_("fits your office"), placeholder=_("The path of the file that you received"),
        )  # fmt: skip
        heading = widgets.html(f"<h4>{escape(_('Renew it by a file'))}</h4>")
        self.widget = widgets.column(self._own, heading, self._file.widget, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form says now."""
        form, _ = self._form, self._form.texts
        self._own.value = f"<h3>{escape(_('Own licence'))}</h3>{facts(licence_facts(form.own, form.own_status, _))}"
        self._file.say(str(form.file) if form.file else "", self._about())

    def go_on(self) -> None:
        """*Volgende*."""
        self._form.next()

    def leave(self) -> None:
        """Close the look-up."""
        self._file.close()

    def _about(self) -> str:
        showing, _ = self._form.showing, self._form.texts
        if showing is None:
            return ""
        if showing.verdict is not None or showing.licence is None:
            told = self._form.say(showing.verdict) if showing.verdict else ""
            return f"<p>{mark('blocked', _('won’t do'))}&ensp;{escape(told)}</p>"
        status = showing.licence.status(self._form.today)
        until = _("until {day}", day=_.day(showing.licence.valid_until))
        named = f"{showing.licence.number} {showing.licence.licensee.name}"
        return f"<p>{mark(IN_STATE[status], _(STATUSES[status]))} {escape(until)}&ensp;·&ensp;{escape(named)}</p>"


class RenewalView(StepView):
    """What the new licence changes, and what is in the way."""

    def __init__(self, form: Menu, callbacks: Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self._shown: object = None
        self.widget = widgets.column(kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form says now."""
        plan = self._form.plan
        if plan is not None and plan is not self._shown:
            self._shown = plan
            self.widget.children = tuple(self._parts())

    def go_on(self) -> None:
        """*Vernieuwen*."""
        self._form.renew()

    def _parts(self) -> Iterator[Widget]:
        plan, _ = self._form.plan, self._form.texts
        if plan is None:
            return
        rows = [[escape(cell) for cell in row] for row in changes(plan.differences, _)]
        told = listed(("", _("Until now"), _("The new licence")), rows) if rows else line(_("Nothing changes but its signature."))
        yield widgets.html(f"<h3>{escape(_('What changes'))}</h3>{told}")
        yield from (self._obstacle(one) for one in plan.obstacles)
        yield widgets.html(line(_("Nothing has been changed yet. Renew puts the new licence in the place of the present one."), "at-quiet"))

    def _obstacle(self, one: Obstacle) -> Widget:
        _ = self._form.texts
        state, word = ("blocked", _("blocked")) if one.blocking else ("attention", _("look at this"))
        answer = []
        if one.asks:
            yes = widgets.tick(_("Yes, I looked at this and it is right"), value=one.code in self._form.accepted)
            answer.append(self._callbacks.change(yes, lambda said: self._form.accept(one.code, said)))
        return widgets.panel(state, word, _.sentence(one), self._form.what_to_do(one), *answer)
