"""Changing a client's name, KvK number or city, and its screen: first what changes and what it means for the licences, then doing it."""

from collections.abc import Iterator
from functools import partial
from html import escape

from accountools.domain.administration import Client
from accountools.domain.errors import raise_first_obstacle
from accountools.domain.identifiers import KvkNumber, is_found, parse_name, single_line
from accountools.domain.messages import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import SearchField
from accountools.forms.kit.form import Entry, describe_client, guarded
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import html_table, paragraph, state_html
from accountools.forms.parts.field_errors import error_html
from accountools.forms.screens.administrations.two_steps import CheckView, TwoStepForm
from accountools.operations.register import clients
from accountools.operations.register.clients import ClientChangePlan, plan_client_change

LABELS = {"name": N_("Name"), "kvk": N_("KvK number"), "city": N_("City")}


class ChangeClient(TwoStepForm):
    """The form. `client` is the one that is changed, `name`, `kvk` and `city` how it would be; `plan` what that does."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Change a client"))
    title, action = N_("Client"), N_("Change client")
    actions = frozenset({"retry"})

    def set_defaults(self) -> None:
        """Begin with no client."""
        super().set_defaults()
        self.client: Client | None = None
        self.plan: ClientChangePlan | None = None
        self.name, self.kvk, self.city = Entry(parse_name), Entry(KvkNumber.parse), Entry(single_line)

    @guarded
    def choose_client(self, kvk: str) -> bool:
        """Choose the client; the fields show it as it is."""

        def choose() -> None:
            self.client = clients.get_client(self.office, KvkNumber.parse(kvk))
            self.set_fields(self.client.name, self.client.kvk, self.client.city)

        return self.fill(choose)

    @guarded
    def change(self, *, name: str | None = None, kvk: str | None = None, city: str | None = None) -> bool:
        """Fill in what becomes different."""
        old = (self.name.typed, self.kvk.typed, self.city.typed)
        typed = [before if new is None else new for new, before in zip((name, kvk, city), old, strict=True)]
        return self.fill(lambda: self.set_fields(*typed))

    def change_one(self, what: str, typed: str) -> bool:
        """Fill in one of them."""
        return self.change(**{what: typed})

    def set_fields(self, name: str, kvk: str, city: str) -> None:
        """Fill in these."""
        for entry, typed in ((self.name, name), (self.kvk, kvk), (self.city, city)):
            entry.read(typed)

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says: look again."""
        self.step_back()
        self.failed = False
        return action == "retry"

    def matching(self, typed: str) -> Iterator[Client]:
        """The clients in whose name, number or city all that was typed occurs."""
        for one in clients.list_clients(self.office):
            if is_found(typed, f"{one.name} {one.kvk} {one.city}"):
                yield one

    def missing(self) -> Iterator[str]:
        """What is still to be filled in, as text."""
        _ = self.texts
        if self.client is None:
            yield _("Choose the client first")
            return
        for entry, empty in ((self.name, _("Fill in a name")), (self.kvk, _("Fill in the KvK number"))):
            if entry.value is None:
                yield _.sentence(entry.error) if entry.error else empty
        filled = {"name": self.name.value, "kvk": self.kvk.value, "city": self.city.value or ""}
        if not self.done and filled == vars(self.client):
            yield _("Nothing is different yet")

    def check(self) -> None:
        """Plan it. Raises what keeps it from being done."""
        if self.client is not None:
            name, kvk, city = self.name.value, self.kvk.value, self.city.value or ""
            self.plan = plan_client_change(self.office, self.client.kvk, name=name, new_kvk=kvk, city=city)
            raise_first_obstacle(self.plan.obstacles)

    def apply_plan(self) -> None:
        """Change the client, by the very plan that was shown."""
        if self.plan is not None:
            self.plan.apply(self.office)

    @property
    def outcome(self) -> str:
        """What was done, in a sentence."""
        if not self.done or self.plan is None:
            return ""
        return self.texts("Client changed: {client}.", client=describe_client(self.plan.changed))


class ChangeView(StepView):
    """The client, and the fields."""

    def __init__(self, form: ChangeClient, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.next
        self._client = SearchField(callbacks, _("Client"), _("Look up the client"),
            lambda typed: [(describe_client(one), one.kvk) for one in form.matching(typed)], form.choose_client,
            placeholder=_("Name, KvK number or city"), nothing=_("Nothing found"))  # fmt: skip
        self._fields = {what: widgets.text(_(label), live=True) for what, label in LABELS.items()}
        self._notes = {what: widgets.note() for what in LABELS}
        for what, field in self._fields.items():
            callbacks.change(field, partial(form.change_one, what))
        rows = (widgets.column(self._fields[what], self._notes[what], kinds=("at-group", "at-narrow")) for what in LABELS)
        self._about = widgets.column(*rows, kinds=("at-fields",))
        self.widget = widgets.column(self._client.widget, self._about, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form = self._form
        self._client.show(form.client.name if form.client else "", paragraph(describe_client(form.client)) if form.client else "")
        widgets.show(self._about, form.client is not None)
        for what, entry in (("name", form.name), ("kvk", form.kvk), ("city", form.city)):
            widgets.set_value(self._fields[what], entry.typed)
            self._notes[what].value = error_html(form, entry.error)


class ChangeCheckView(CheckView[ChangeClient]):
    """What changes, and which licences are then another's."""

    def summary(self) -> str:
        """A table, the administrations, and what is to be known."""
        form, _, plan = self.form, self.form.texts, self.form.plan
        if plan is None:
            return ""
        rows = [(escape(_(LABELS[one.what])), escape(one.old or "—"), escape(one.new or "—")) for one in plan.differences]
        known = "".join(
            f"<p>{state_html('attention', _('attention'))}&ensp;{escape(form.describe(one))}</p>"
            for one in plan.obstacles
            if not one.blocking
        )
        numbers = ", ".join(str(number) for number, _version in plan.administrations)
        theirs = paragraph(_("Administrations of this client: {numbers}.", numbers=numbers)) if numbers else ""
        return f"{html_table(('', _('Until now'), _('From now on')), rows)}{theirs}{known}"

    def advice(self) -> str:
        """What comes next."""
        return self.form.texts("The client keeps its administrations, licences and backups.")
