"""The number and the description of an administration that is to be made, on the screen (S7)."""

from html import escape

from accountools.domain.identifiers import DESCRIPTION_LENGTH
from accountools.forms.kit import widgets
from accountools.forms.kit.style import mark
from accountools.forms.kit.two_steps_view import fault, put
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.administrations.copy import CopyAdministration
from accountools.forms.screens.administrations.make import MakeAdministration


class NumberView:
    """The two fields; what is said first, that the number can't be changed later, stands above them."""

    def __init__(self, form: MakeAdministration | CopyAdministration, callbacks: Callbacks, label: str) -> None:
        self._form, _ = form, form.texts
        said = _("An administration's number can't be changed later.")
        self.said = widgets.html(f"<p>{mark('attention', _('note'))}&ensp;<b>{escape(said)}</b></p>")
        self._number, self._number_note = widgets.text(label, live=True), widgets.html()
        self._number.add_class("at-short")
        take = widgets.button(_("Take the next free number"), "at-small")
        self._next = callbacks.press(take, lambda: form.mend("next-number"))
        callbacks.change(self._number, form.set_number)
        self.number = widgets.column(
            self._number, widgets.row(self._number_note, self._next, kinds=("at-row",)), kinds=("at-group", "at-narrow")
        )
        self._description, self._count = widgets.text(_("Description"), live=True), widgets.html()
        callbacks.change(self._description, form.describe)
        self.description = widgets.column(self._description, self._count, kinds=("at-group", "at-narrow"))

    def refresh(self) -> None:
        """Show what the form says now."""
        fields, _ = self._form.fields, self._form.texts
        put(self._number, fields.number.typed)
        put(self._description, fields.description.typed)
        if fields.number.value is not None:
            free = _("{number} is free", number=fields.number.value)
            self._number_note.value = mark("ready", free)
        else:
            self._number_note.value = fault(self._form, fields.number.fault)
        widgets.show(self._next, fields.number.fault is not None)
        count = _("{length} of {most} characters", length=fields.length, most=DESCRIPTION_LENGTH)
        told = fields.description.fault
        quiet = f'<p class="at-quiet">{escape(count)}</p>'
        self._count.value = quiet if told is None else f"<p>{mark('blocked', count)}&ensp;{escape(self._form.what_to_do(told))}</p>"
