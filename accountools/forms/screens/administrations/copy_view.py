"""Copying an administration on the screen: from which, to which number; then what goes along and what doesn't (S7)."""

from html import escape

from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import AdministrationField
from accountools.forms.kit.form import describe_client
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import paragraph, state_html
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.administrations.copy import CopyAdministration
from accountools.forms.screens.administrations.number_fields import NumberView
from accountools.forms.screens.administrations.two_steps import CheckView, error_html, text_table
from accountools.operations.register import administrations


class CopyView(StepView):
    """The fields."""

    def __init__(self, form: CopyAdministration, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.next
        self._source = AdministrationField(callbacks, _, _("Copy administration"),
            lambda: administrations.list_administrations(form.office), form.choose_source)  # fmt: skip
        self._number = NumberView(form, callbacks, _("To number"))
        fields = (self._number.warning, self._source.widget, self._number.number, self._number.description)
        self.widget = widgets.column(*fields, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        view = form.source.value
        if view is None:
            self._source.show(form.source.typed, error_html(form, form.source.error))
        else:
            whose = (
                _("for {client}; so is the copy", client=describe_client(view.client)) if view.client else _("a template; so is the copy")
            )
            source = f"{view.administration.number} {view.administration.description}"
            self._source.show(source, paragraph(whose))
        self._number.refresh()
        self.open_wanted(form.wants, {"source": self._source.open})


class CopyCheckView(CheckView[CopyAdministration]):
    """What will be copied, and what stays behind."""

    def summary(self) -> str:
        """The summary, what goes along, what doesn't, and what to do for another client."""
        form, _ = self.form, self.form.texts
        along = "".join(f"<li><b>{escape(label)}</b>: {escape(value)}</li>" for label, value in form.included())
        behind = "".join(f"<li>{escape(one)}</li>" for one in form.left_out())
        other = _("A copy is for the same client. For another client, make an administration with the chart of this one.")
        return (
            f'{text_table(form.summary())}<div class="at-two">'
            f"<div><p>{state_html('ready', _('goes along'))}</p><ul>{along}</ul></div>"
            f"<div><p>{state_html('missing', _('does not go along'))}</p><ul>{behind}</ul></div></div>{paragraph(other, 'at-quiet')}"
        )

    def advice(self) -> str:
        """What comes next."""
        return self.form.texts("If the client is to work in the copy, make the backup of the copy; the old one can be archived.")
