"""Making an administration: its number (S7), for whom, its description and its chart of accounts (S1). A new client is made with it."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from accountools.domain.administration import Client
from accountools.domain.codes import N_
from accountools.domain.errors import Refused
from accountools.domain.identifiers import MAX_DESCRIPTION, AdministrationNumber, KvkNumber, is_found, parse_name, single_line
from accountools.domain.ledger import Account
from accountools.formats.csv_files import read_chart
from accountools.forms.kit.form import Entry, describe_client, guarded, parse_path
from accountools.forms.screens.administrations.number_fields import NumberedForm
from accountools.operations.register import administrations
from accountools.operations.register import clients as register_clients
from accountools.operations.register.administrations import AdministrationView
from accountools.resources import standard_chart

CHARTS = {
    "standard": N_("The standard chart of accounts"),
    "template": N_("The chart of accounts of another administration, such as a template"),
    "file": N_("A chart of accounts from a file (CSV)"),
    "empty": N_("None: start with empty books"),
}


class MakeAdministration(NumberedForm):
    """The form. `client` is the chosen one, who is made together with the administration if `client_is_new`.

    `draft` is what was typed of a new client, before it is used.
    """

    path = (N_("Accountancy"), N_("Administrations"), N_("Create an administration"))
    title, action = N_("Number, client and chart of accounts"), N_("Create administration")

    def set_defaults(self) -> None:
        """Begin with the next free number and the standard chart."""
        super().set_defaults()
        self.for_client, self.client_is_new = True, False
        self.client: Client | None = None
        self.chart = "standard"
        self.template: Entry[AdministrationView] = Entry(lambda typed: administrations.show(self.office, AdministrationNumber.parse(typed)))
        self.file: Entry[tuple[Account, ...]] = Entry(lambda typed: read_chart(parse_path(typed) or Path(typed)))
        self.draft = {"name": "", "kvk": "", "city": ""}
        self._existing: Client | None = None

    @guarded
    def choose_for(self, client: bool) -> bool:
        """For a client, or for nobody: a template (S1)."""
        return self.fill(lambda: setattr(self, "for_client", client))

    @guarded
    def choose_client(self, kvk: str) -> bool:
        """Choose a client whom the office knows."""
        return self.fill(lambda: self._use_client(register_clients.get_client(self.office, KvkNumber.parse(kvk)), new=False))

    @guarded
    def create_client(self, name: str, kvk: str, city: str = "") -> bool:
        """Fill in a new client, who is made together with the administration and not before."""

        def use() -> None:
            client = Client(KvkNumber.parse(kvk), parse_name(name), single_line(city))
            self._expect_new(client)
            self._use_client(client, new=True)

        return self.fill(use)

    @guarded
    def choose_chart(self, chart: str) -> bool:
        """Choose where the chart of accounts comes from: one of `CHARTS`."""
        return chart in CHARTS and self.fill(lambda: setattr(self, "chart", chart))

    @guarded
    def choose_template(self, number: int | str) -> bool:
        """Choose the administration that gives its chart, journals and VAT codes."""
        return self.fill(lambda: self.template.read(str(number)))

    @guarded
    def choose_file(self, path: object) -> bool:
        """Choose the file with the chart; it is read at once."""
        return self.fill(lambda: self.file.read(str(path)))

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says."""
        if action == "next-number":
            self.fields.fill_next()
        elif action == "use-client" and self._existing is not None:
            self._use_client(self._existing, new=False)
        else:
            self.step_back()
            self.wants = {"create-client": "new-client", "choose-administration": "template", "choose-file": "file"}.get(action, "")
        self.failed = False
        return True

    def clients(self, typed: str = "") -> Iterator[Client]:
        """The clients in whose name, number or city all that was typed occurs."""
        for one in register_clients.list_clients(self.office):
            if is_found(typed, f"{one.name} {one.kvk} {one.city}"):
                yield one

    def missing(self) -> Iterator[str]:
        """What is still to be filled in, as text."""
        _ = self.texts
        if self.for_client and self.client is None:
            yield _("Choose or create the client first, or choose a template")
        yield from self.fields.missing(_)
        entries: dict[str, Entry[Any]] = {"template": self.template, "file": self.file}
        chosen = entries.get(self.chart)
        if chosen is not None and chosen.value is None:
            yield _.sentence(chosen.error) if chosen.error else _("Choose where the chart of accounts comes from")

    @cached_property
    def standard(self) -> tuple[Account, ...]:
        """The standard chart."""
        return read_chart(standard_chart())

    def describe_chart(self) -> str:
        """Which chart it gets, with how many accounts."""
        _ = self.texts
        if self.chart == "template" and self.template.value is not None:
            view = self.template.value
            given = f"{view.administration.number} {view.administration.description}"
            return _(
                "as in {given}: {accounts}, with its journals and VAT codes", given=given, accounts=_.counts(accounts=view.totals.accounts)
            )
        if self.chart == "file" and self.file.value is not None:
            path = parse_path(self.file.typed)
            return _("from {file}: {accounts}", file=path.name if path else "", accounts=_.counts(accounts=len(self.file.value)))
        if self.chart == "standard":
            return _("the standard chart of accounts: {accounts}", accounts=_.counts(accounts=len(self.standard)))
        return _("none: start with empty books")

    def summary(self) -> tuple[tuple[str, str], ...]:
        """What will be made, as labels and values."""
        _, client = self.texts, self.client if self.for_client else None
        who = _("no client: this is a template") if client is None else describe_client(client)
        if client is not None and self.client_is_new:
            who = _("{client} (new: will be created too)", client=who)
        return (
            (_("Number"), str(self.fields.number.value)),
            (_("Client"), who),
            (_("Description"), self.fields.description.value or ""),
            (_("Chart of accounts"), self.describe_chart()),
        )

    def check(self) -> None:
        """Check anew what is filled in."""
        self.fields.check()
        if self.chart == "template":
            self.template.read(self.template.typed)
        else:
            self.file.read(self.file.typed)
        if self.for_client and self.client is not None and self.client_is_new:
            self._expect_new(self.client)

    def apply_plan(self) -> None:
        """Make it."""
        number, client = self.fields.number.value, self.client if self.for_client else None
        if number is None:
            return
        charts = {"standard": self.standard, "file": self.file.value}
        self.made = administrations.create(
            self.office,
            number,
            self.fields.description.typed,
            client=client.kvk if client and not self.client_is_new else None,
            new_client=client if self.client_is_new else None,
            chart=charts.get(self.chart),
            template=self.template.value.administration.number if self.chart == "template" and self.template.value else None,
        )

    @property
    def outcome(self) -> str:
        """What was made, in a sentence."""
        if not self.done:
            return ""
        return self.texts("Administration {number} “{description}” created.", number=self.made.number, description=self.made.description)

    def _use_client(self, client: Client, *, new: bool) -> None:
        self.for_client, self.client, self.client_is_new = True, client, new
        self.fields.propose(client.name if len(client.name) <= MAX_DESCRIPTION else "")

    def _expect_new(self, client: Client) -> None:
        self._existing = next((one for one in register_clients.list_clients(self.office) if one.kvk == client.kvk), None)
        if self._existing is not None:
            raise Refused("client-exists", kvk=self._existing.kvk, name=self._existing.name)
