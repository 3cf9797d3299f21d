"""Making an administration: its number (S7), for whom, its description and its chart of accounts (S1). A new client is made with it."""

from collections.abc import Iterator
from typing import Any

from accountools.domain.administration import Client
from accountools.domain.errors import Refused
from accountools.domain.identifiers import MAX_DESCRIPTION, KvkNumber, is_found, parse_name, single_line
from accountools.domain.messages import N_
from accountools.forms.kit.form import describe_client, guarded
from accountools.forms.screens.administrations.chart import ChartForm
from accountools.forms.screens.administrations.number_fields import NumberedForm
from accountools.operations.register import administrations
from accountools.operations.register import clients as register_clients


class MakeAdministration(NumberedForm, ChartForm):
    """The form. `client` is the chosen one, who is made together with the administration if `client_is_new`.

    `draft` is what was typed of a new client, before it is used.
    """

    path = (N_("Accountancy"), N_("Administrations"), N_("Create an administration"))
    title, action = N_("Number, client and chart of accounts"), N_("Create administration")

    def set_defaults(self) -> None:
        """Begin without a client."""
        super().set_defaults()
        self.for_client, self.client_is_new = True, False
        self.client: Client | None = None
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

    def kept_state(self) -> dict[str, Any]:
        """The client who is made with it."""
        client = self.client
        return {} if client is None or not self.client_is_new else {"client": [client.name, client.kvk, client.city]}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Fill in that client."""
        if state.get("client"):
            self.create_client(*map(str, state["client"]))

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
        yield from self.missing_chart()

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
        self.check_chart()
        if self.for_client and self.client is not None and self.client_is_new:
            self._expect_new(self.client)

    def apply_plan(self) -> None:
        """Make it."""
        number, client = self.fields.number.value, self.client if self.for_client else None
        if number is None:
            return
        chart, template = self.chosen_chart()
        self.made = administrations.create(
            self.office,
            number,
            self.fields.description.typed,
            client=client.kvk if client and not self.client_is_new else None,
            new_client=client if self.client_is_new else None,
            chart=chart,
            template=template,
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
