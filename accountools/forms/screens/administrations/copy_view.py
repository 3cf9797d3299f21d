"""Copying an administration on the screen: from which, to which number; then what goes along and what doesn't (S7)."""

from collections.abc import Iterable, Mapping
from html import escape

from accountools.forms.kit import widgets
from accountools.forms.kit.lookup import Found, LookUp
from accountools.forms.kit.number_fields_view import NumberView
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import line, mark
from accountools.forms.kit.two_steps_view import Left, LookView, fault, told
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.administrations.copy import CopyAdministration
from accountools.forms.screens.administrations.form import in_a_line, matching
from accountools.operations.register import administrations


def copy_screen(form: CopyAdministration) -> Screen[CopyAdministration]:
    """The screen of this form."""
    return Screen(form, _views, Left)


def _views(form: CopyAdministration, callbacks: Callbacks) -> Mapping[str, StepView]:
    return {"fill": FillView(form, callbacks), "look": CopyLook(form)}


class FillView(StepView):
    """The fields."""

    def __init__(self, form: CopyAdministration, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._source = LookUp(
            callbacks, _("Copy administration"), _("Look up the administration"), self._administrations, form.choose_source,
            placeholder=_("Number or name"), nothing=_("Nothing found"),
        )  # fmt: skip
        self._number = NumberView(form, callbacks, _("To number"))
        self._wanted = ""
        fields = (self._number.said, self._source.widget, self._number.number, self._number.description)
        self.widget = widgets.column(*fields, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form says now."""
        form, _ = self._form, self._form.texts
        view = form.source.value
        if view is None:
            self._source.say(form.source.typed, fault(form, form.source.fault))
        else:
            whose = _("for {client}; so is the copy", client=form.in_words(view.client)) if view.client else _("a template; so is the copy")
            source = f"{view.administration.number} {view.administration.description}"
            self._source.say(source, line(whose))
        self._number.refresh()
        if form.wants != self._wanted:
            self._wanted = form.wants
            if self._wanted == "source":
                self._source.open()

    def go_on(self) -> None:
        """*Volgende*."""
        self._form.next()

    def _administrations(self, typed: str) -> Iterable[Found]:
        return [Found(in_a_line(pair), pair[0].number) for pair in matching(typed, administrations.list_administrations(self._form.office))]


class CopyLook(LookView[CopyAdministration]):
    """What will be copied, and what stays behind."""

    def body(self) -> str:
        """The summary, what goes along, what doesn't, and what to do for another client."""
        form, _ = self.form, self.form.texts
        along = "".join(f"<li><b>{escape(label)}</b>: {escape(value)}</li>" for label, value in form.goes_along())
        behind = "".join(f"<li>{escape(one)}</li>" for one in form.stays_behind())
        other = _("A copy is for the same client. For another client, make an administration with the chart of this one.")
        return (
            f'{told(form.summary())}<div class="at-two">'
            f"<div><p>{mark('ready', _('goes along'))}</p><ul>{along}</ul></div>"
            f"<div><p>{mark('missing', _('does not go along'))}</p><ul>{behind}</ul></div></div>{line(other, 'at-quiet')}"
        )

    def then(self) -> str:
        """What comes next."""
        return self.form.texts("If the client is to work in the copy, make the backup of the copy; the old one can be archived.")
