"""Copying an administration to another number, for the same client (S7): what goes along and what doesn't is shown first."""

from collections.abc import Iterator

from accountools.domain.codes import N_
from accountools.domain.identifiers import AdministrationNumber
from accountools.forms.kit.form import Entry, describe_client, guarded
from accountools.forms.screens.administrations.number_fields import NumberedForm
from accountools.operations.register import administrations
from accountools.operations.register.administrations import AdministrationView


class CopyAdministration(NumberedForm):
    """The form. `source` holds the administration that is copied, with all that may be shown of it."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Copy an administration"))
    title, action = N_("From which to which number"), N_("Make copy")

    def set_defaults(self) -> None:
        """Begin with the next free number."""
        super().set_defaults()
        self.source: Entry[AdministrationView] = Entry(self._read_source)

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
            self.go_back()
            self.wants = "source" if action == "choose-administration" else ""
        self.failed = False
        return True

    def missing(self) -> Iterator[str]:
        """What is still to be filled in, in words."""
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
        books = _("{accounts} accounts, {entries} entries, {relations} relations",
            accounts=held.accounts, entries=held.entries, relations=held.relations)  # fmt: skip
        people = ", ".join(f"{user.name} ({user.login})" for user in view.users) or _("none yet")
        licence = _("{number} of {licensee}", number=view.licence.number, licensee=view.licence.licensee.name) if view.licence else None
        return ((_("Books"), books), (_("Users"), people), (_("Client licence"), licence or _("none yet")))

    def left_out(self) -> tuple[str, ...]:
        """What the copy doesn't hold, in words."""
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
            (_("Client"), describe_client(view.client) if view.client else _("nobody: it is a template")),
            (_("Description"), self.fields.description.value or ""),
        )

    def check(self) -> None:
        """Check anew what is filled in, and show the source as it is now."""
        self.source.read(self.source.typed)
        self.fields.check()

    def carry_out(self) -> None:
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
        return self.texts("Administration {number} is made, a complete copy of {source}.",
            number=self.made.number, source=view.administration.number)  # fmt: skip

    def _choose(self, typed: str) -> None:
        self.source.read(typed)
        if self.source.value is not None:
            self.fields.propose(self.source.value.administration.description)

    def _read_source(self, typed: str) -> AdministrationView:
        return administrations.show(self.office, AdministrationNumber.parse(typed))
