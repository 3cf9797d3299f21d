"""Reading in a list of clients (CSV): first what would be added and who is known already, then doing it."""

from collections.abc import Iterator

from accountools.domain.administration import Client
from accountools.domain.codes import N_
from accountools.formats.csv_files import read_clients
from accountools.forms.kit.form import Entry, guarded, parse_path
from accountools.forms.screens.administrations.two_steps import TwoStepForm
from accountools.operations.register import clients


class ImportClients(TwoStepForm):
    """The form. `new` are the clients that would be added, `known` those who are there: the file's line beside the office's."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Read in clients"))
    title, action = N_("File"), N_("Add clients")

    def set_defaults(self) -> None:
        """Begin without a file."""
        super().set_defaults()
        self.file: Entry[tuple[Client, ...]] = Entry(_read_clients_file)
        self.new: tuple[Client, ...] = ()
        self.known: tuple[tuple[Client, Client], ...] = ()
        self.added: tuple[Client, ...] = ()

    @guarded
    def choose_file(self, path: object) -> bool:
        """Choose the file; it is read at once."""
        return self.fill(lambda: self._read(str(path)))

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says."""
        self.go_back()
        self.wants = "file" if action == "choose-file" else ""
        self.failed = False
        return True

    def missing(self) -> Iterator[str]:
        """What is still to be filled in, in words."""
        _ = self.texts
        if self.done:
            return
        if self.file.value is None:
            yield _.sentence(self.file.error) if self.file.error else _("Choose a file with clients first")
        elif not self.new:
            yield _("There is nobody in this file whom you don't know already")

    def counts(self) -> str:
        """What is in the file, in a line."""
        return self.texts("{new} to add, {known} known already.", new=len(self.new), known=len(self.known))

    def check(self) -> None:
        """Read the file once more: it may have changed."""
        _read_clients_file(self.file.typed)
        self._read(self.file.typed)

    def carry_out(self) -> None:
        """Add the clients that were shown."""
        self.added, _ = clients.import_clients(self.office, self.new)

    @property
    def outcome(self) -> str:
        """What was done, in a sentence."""
        if not self.done:
            return ""
        known = len(self.known) + len(self.new) - len(self.added)
        return self.texts("{added} clients added, {known} were known.", added=len(self.added), known=known)

    def _read(self, typed: str) -> None:
        self.file.read(typed)
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


def _read_clients_file(typed: str) -> tuple[Client, ...]:
    path = parse_path(typed)
    return () if path is None else read_clients(path)
