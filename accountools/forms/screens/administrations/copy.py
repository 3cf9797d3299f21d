"""Copying an administration to another number, for the same client (S7), and its screen: what goes along and what doesn't."""

from collections.abc import Iterable, Iterator
from html import escape

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.file_chooser import AdministrationField
from accountools.forms.kit.form import Entry, describe_client, guarded
from accountools.forms.kit.links import LIKE_BUTTON, Link
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import paragraph, state_html
from accountools.forms.parts.field_errors import error_html
from accountools.forms.screens.administrations.number_fields import NumberedForm, NumberView
from accountools.forms.screens.administrations.two_steps import CheckView, text_table
from accountools.operations.register import administrations
from accountools.operations.register.administrations import AdministrationView


class CopyAdministration(NumberedForm):
    """The form. `source` holds the administration that is copied, with all that may be shown of it."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Copy an administration"))
    title, action = N_("Administration and new number"), N_("Make copy")

    def set_defaults(self) -> None:
        """Begin with the next free number."""
        super().set_defaults()
        self.source: Entry[AdministrationView] = Entry(lambda typed: administrations.show(self.office, AdministrationNumber.parse(typed)))

    @guarded
    def choose_source(self, number: int | str) -> bool:
        """Choose the administration to copy; its description is filled in."""
        return self.fill(lambda: self._choose(str(number)))

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says."""
        if action == "next-number":
            self.fields.fill_next()
        else:
            self.step_back()
            self.wants = "source" if action == "choose-administration" else ""
        self.failed = False
        return True

    def missing(self) -> Iterator[str]:
        """What is still to be filled in, as text."""
        _ = self.texts
        if self.source.value is None:
            yield _.sentence(self.source.error) if self.source.error else _("Choose the administration to copy first")
        yield from self.fields.missing(_)

    def included(self) -> tuple[tuple[str, str], ...]:
        """What the copy holds, as labels and values."""
        view, _ = self.source.value, self.texts
        if view is None:
            return ()
        held = view.totals
        books = _.counts(accounts=held.accounts, entries=held.entries, relations=held.relations)
        people = ", ".join(f"{user.name} ({user.login})" for user in view.users) or _("none yet")
        licence = _("{number} of {licensee}", number=view.licence.number, licensee=view.licence.licensee.name) if view.licence else None
        return ((_("Books"), books), (_("Users"), people), (_("Client licence"), licence or _("none yet")))

    def left_out(self) -> tuple[str, ...]:
        """What the copy doesn't hold, as text."""
        _ = self.texts
        return _("the backups made of it"), _("its events in the journal")

    def summary(self) -> tuple[tuple[str, str], ...]:
        """What will be made, as labels and values."""
        view, _ = self.source.value, self.texts
        if view is None:
            return ()
        one = view.administration
        return (
            (_("From"), f"{one.number} {one.description}"),
            (_("To number"), str(self.fields.number.value)),
            (_("Client"), describe_client(view.client) if view.client else _("no client: this is a template")),
            (_("Description"), self.fields.description.value or ""),
        )

    def check(self) -> None:
        """Check anew what is filled in, and show the source as it is now."""
        self.source.read(self.source.typed)
        self.fields.check()

    def apply_plan(self) -> None:
        """Make the copy."""
        view, number = self.source.value, self.fields.number.value
        if view is not None and number is not None:
            self.made = administrations.copy(self.office, view.administration.number, number, self.fields.description.typed)

    @property
    def outcome(self) -> str:
        """What was made, in a sentence."""
        view = self.source.value
        if not self.done or view is None:
            return ""
        return self.texts("Administration {number} created, a complete copy of {source}.",
            number=self.made.number, source=view.administration.number)  # fmt: skip

    def _choose(self, typed: str) -> None:
        self.source.read(typed)
        if self.source.value is not None:
            self.fields.propose(self.source.value.administration.description)


class CopyView(StepView):
    """The fields."""

    def __init__(self, form: CopyAdministration, callbacks: widgets.Callbacks) -> None:
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
            client = describe_client(view.client) if view.client else ""
            whose = _("for {client}; so is the copy", client=client) if client else _("a template; so is the copy")
            self._source.show(f"{view.administration.number} {view.administration.description}", paragraph(whose))
        self._number.refresh()
        self.open_wanted(form.wants, {"source": self._source.open})


class CopyCheckView(CheckView[CopyAdministration]):
    """What will be copied, and what stays behind."""

    def links(self) -> Iterable[Link]:
        """To what comes next: the backup is made from the copy (S7)."""
        _, number = self.form.texts, int(self.form.made.number)
        yield Link(_("Users"), navigation.address(navigation.USERS, administration=number), kind=LIKE_BUTTON)
        if self.form.made.client_kvk is not None:
            yield Link(_("Import client licence"), navigation.address(navigation.IMPORT, administration=number), kind=LIKE_BUTTON)

    def summary(self) -> str:
        """The summary, what goes along, what doesn't, and what to do for another client."""
        form, _ = self.form, self.form.texts
        along = "".join(f"<li><b>{escape(label)}</b>: {escape(value)}</li>" for label, value in form.included())
        behind = "".join(f"<li>{escape(one)}</li>" for one in form.left_out())
        other = _("A copy is for the same client. For another client, create an administration with the chart of accounts of this one.")
        return (
            f'{text_table(form.summary())}<div class="at-two">'
            f"<div><p>{state_html('ready', _('is copied'))}</p><ul>{along}</ul></div>"
            f"<div><p>{state_html('missing', _('is not copied'))}</p><ul>{behind}</ul></div></div>{paragraph(other, 'at-quiet')}"
        )

    def advice(self) -> str:
        """What comes next."""
        return self.form.texts("If the client will work in the copy, make the backup of the copy; the old administration can be archived.")
