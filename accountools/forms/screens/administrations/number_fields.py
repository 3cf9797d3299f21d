"""The number and the description of an administration that is to be made: the next free number is proposed (S7)."""

from collections.abc import Iterator
from html import escape

from accountools.domain.errors import Refused
from accountools.domain.identifiers import MAX_DESCRIPTION, MAX_NUMBER, MIN_NUMBER, AdministrationNumber, parse_description, single_line
from accountools.forms.kit import widgets
from accountools.forms.kit.form import Entry, guarded
from accountools.forms.kit.style import state_html
from accountools.forms.parts.field_errors import error_html
from accountools.forms.screens.administrations.two_steps import TwoStepForm
from accountools.operations.register import administrations
from accountools.operations.session import Office
from accountools.texts import Texts


class NumberFields:
    """What is filled in. `proposed` is the description that the form filled in itself, as long as nobody changed it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.number = Entry(self._parse_free)
        self.description = Entry(parse_description)
        self.proposed = ""
        self.fill_next()

    def fill_next(self) -> None:
        """Fill in the next free number: the number after the highest, else the lowest that is free."""
        self._read_taken()
        after = max(self._taken, default=MIN_NUMBER - 1) + 1
        numbers = (after,) if after <= MAX_NUMBER else range(MIN_NUMBER, MAX_NUMBER + 1)
        free = next((number for number in numbers if number not in self._taken), None)
        self.number.read("" if free is None else str(AdministrationNumber(free)))

    def propose(self, description: str) -> None:
        """Fill in a description, unless somebody typed one."""
        if self.description.typed.strip() in {"", self.proposed}:
            self.description.read(description)
            self.proposed = description

    def check(self) -> None:
        """Check anew that the number is free. Raises `number-taken`."""
        self._read_taken()
        self.number.read(self.number.typed)
        self._parse_free(self.number.typed)

    def missing(self, _: Texts) -> Iterator[str]:
        """What is still to be filled in, as text."""
        if self.number.error is not None:
            yield _.sentence(self.number.error)
        elif self.number.value is None:
            yield _("Give the administration a number")
        if self.description.error is not None:
            yield _.sentence(self.description.error)
        elif self.description.value is None:
            yield _("Give the administration a description")

    def _read_taken(self) -> None:
        self._taken = {one.number for one, _ in administrations.list_administrations(self._office)}

    def _parse_free(self, typed: str) -> AdministrationNumber:
        number = AdministrationNumber.parse(typed)
        if number in self._taken:
            raise Refused("number-taken", number=number)
        return number


class NumberedForm(TwoStepForm):
    """A form that makes an administration, with a number and a description."""

    fields: NumberFields

    def set_defaults(self) -> None:
        """Begin with the next free number."""
        super().set_defaults()
        self.fields = NumberFields(self.office)

    @guarded
    def set_number(self, typed: int | str) -> bool:
        """Fill in the number; it can't be changed later (S7)."""
        return self.fill(lambda: self.fields.number.read(str(typed)))

    @guarded
    def set_description(self, typed: str) -> bool:
        """Fill in the description."""
        return self.fill(lambda: self.fields.description.read(typed))


class NumberView:
    """The two fields; above them `warning`, that the number can't be changed later."""

    def __init__(self, form: NumberedForm, callbacks: widgets.Callbacks, label: str) -> None:
        self._form, _ = form, form.texts
        warning = _("An administration's number can't be changed later.")
        self.warning = widgets.html(f"<p>{state_html('attention', _('attention'))}&ensp;<b>{escape(warning)}</b></p>")
        self._number, self._number_note = widgets.text(label, live=True), widgets.note()
        self._number.add_class("at-short")
        next_free = widgets.button(_("Use the next free number"), "at-small")
        self._next = callbacks.press(next_free, lambda: form.resolve("next-number"))
        callbacks.change(self._number, form.set_number)
        notes = widgets.row(self._number_note, self._next, kinds=("at-row",))
        self.number = widgets.column(self._number, notes, kinds=("at-group", "at-narrow"))
        self._description, self._count = widgets.text(_("Description"), live=True), widgets.note()
        callbacks.change(self._description, form.set_description)
        self.description = widgets.column(self._description, self._count, kinds=("at-group", "at-narrow"))

    def refresh(self) -> None:
        """Show what the form holds now."""
        fields, _ = self._form.fields, self._form.texts
        widgets.set_value(self._number, fields.number.typed)
        widgets.set_value(self._description, fields.description.typed)
        if fields.number.value is not None:
            self._number_note.value = state_html("ready", _("{number} is free", number=fields.number.value))
        else:
            self._number_note.value = error_html(self._form, fields.number.error)
        widgets.show(self._next, fields.number.error is not None)
        length, error = len(single_line(fields.description.typed)), fields.description.error
        count = _("{length} of {most} characters", length=length, most=MAX_DESCRIPTION)
        quiet = f'<p class="at-quiet">{escape(count)}</p>'
        self._count.value = quiet if error is None else f"<p>{state_html('blocked', count)}&ensp;{escape(self._form.remedy(error))}</p>"
