"""Reading in a list of clients (CSV), and its screen: first what would be added and who is known already, then doing it."""

from collections.abc import Iterable, Iterator
from functools import partial
from html import escape

from accountools.domain.administration import Client
from accountools.domain.messages import N_
from accountools.formats.csv_files import read_clients
from accountools.forms.kit import widgets
from accountools.forms.kit.form import describe_client
from accountools.forms.kit.links import LIKE_BUTTON, Link
from accountools.forms.kit.style import html_table, paragraph, state_html
from accountools.forms.parts.field_errors import errors_html
from accountools.forms.screens.administrations.file_form import FileForm, FileView
from accountools.forms.screens.administrations.two_steps import CheckView
from accountools.operations.register import clients


class ImportClients(FileForm[tuple[Client, ...]]):
    """The form. `new` are the clients that would be added, `known` those who are there: the file's line beside the office's."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Import clients"))
    title, action = N_("File"), N_("Add clients")
    read_file = staticmethod(read_clients)

    def set_defaults(self) -> None:
        """Begin without a file."""
        super().set_defaults()
        self.new: tuple[Client, ...] = ()
        self.known: tuple[tuple[Client, Client], ...] = ()
        self.added: tuple[Client, ...] = ()

    def missing(self) -> Iterator[str]:
        """What is still to be filled in, as text."""
        _ = self.texts
        if self.done:
            return
        if self.file.value is None:
            yield _.sentence(self.file.error) if self.file.error else _("Choose a file with clients first")
        elif not self.new:
            yield _("All clients in this file are already present")

    def counts(self) -> str:
        """What is in the file, in a line."""
        return self.texts("To be added: {new}; already present: {known}.", new=len(self.new), known=len(self.known))

    def apply_plan(self) -> None:
        """Add the clients that were shown."""
        self.added, _ = clients.import_clients(self.office, self.new)

    @property
    def outcome(self) -> str:
        """What was done, in a sentence."""
        if not self.done:
            return ""
        known = len(self.known) + len(self.new) - len(self.added)
        return self.texts("Clients added: {added}; already present: {known}.", added=len(self.added), known=known)

    def compare(self) -> None:
        """Find who is known already."""
        registered = {one.kvk: one for one in clients.list_clients(self.office)}
        new: dict[str, Client] = {}
        known = []
        for one in self.file.value or ():
            there = registered.get(one.kvk) or new.get(one.kvk)
            if there is None:
                new[one.kvk] = one
            else:
                known.append((one, there))
        self.new, self.known = tuple(new.values()), tuple(known)


MOST = 200  # lines of each kind on the screen; all are added


class ClientsView(FileView[ImportClients]):
    """The file, and how many are in it."""

    kind = "clients"

    def __init__(self, form: ImportClients, callbacks: widgets.Callbacks) -> None:
        _ = form.texts
        label = _("File with clients (columns name, kvk and city, or Naam, KvK and Plaats)")
        about = _("A CSV file (commas or semicolons) or an Excel workbook. Clients already present are not changed.")
        super().__init__(form, callbacks, label, _("The path of a CSV file or workbook"), paragraph(about, "at-quiet"))

    def note(self) -> str:
        """How many are new and how many known, or what is wrong in the file."""
        form = self.form
        if form.file.value is None:
            return errors_html(form, form.file)
        return f"<p>{state_html('ready' if form.new else 'missing', form.counts())}</p>"


class ClientsCheckView(CheckView[ImportClients]):
    """Who would be added, and who is known."""

    def summary(self) -> str:
        """A table: those that would be added first."""
        form, _ = self.form, self.form.texts
        heads = (_("Client"), _("KvK number"), _("City"), "")
        new = [_row(one, state_html("ready", _("will be added"))) for one in form.new[:MOST]]
        known = [_row(one, self._known(one, there)) for one, there in form.known[:MOST]]
        more = len(form.new) + len(form.known) - len(new) - len(known)
        rest = paragraph(_("and {count} more", count=more), "at-quiet") if more else ""
        return f"{paragraph(form.counts())}{html_table(heads, new + known)}{rest}"

    def advice(self) -> str:
        """What comes next."""
        return self.form.texts("These clients have no administration yet: create one for each client whose books you keep.")

    def links(self) -> Iterable[Link]:
        """To what comes next."""
        yield Link(
            self.form.texts("Create administrations for several clients"), step=partial(self.form.start_next_task, "many"), kind=LIKE_BUTTON
        )

    def _known(self, one: Client, there: Client) -> str:
        _ = self.form.texts
        if not clients.has_other_details(one, there):
            return state_html("missing", _("already present"))
        return f"{state_html('attention', _('already present with other details; not changed:'))} {escape(describe_client(there))}"


def _row(one: Client, state: str) -> tuple[str, ...]:
    return escape(one.name), escape(one.kvk), escape(one.city), state
