"""Making an administration on the screen: number, client, description, chart; then what will be made (S1, S7)."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from html import escape

from accountools.forms.kit import widgets
from accountools.forms.kit.choose_csv import ChooseCsv
from accountools.forms.kit.lookup import Found, LookUp
from accountools.forms.kit.number_fields_view import NumberView
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import mark
from accountools.forms.kit.two_steps_view import Left, LookView, fault, told
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.administrations.form import in_a_line, matching
from accountools.forms.screens.administrations.make import CHARTS, MakeAdministration
from accountools.operations.register import administrations


def make_screen(form: MakeAdministration) -> Screen[MakeAdministration]:
    """The screen of this form."""
    return Screen(form, _views, Left)


def _views(form: MakeAdministration, callbacks: Callbacks) -> Mapping[str, StepView]:
    return {"fill": FillView(form, callbacks), "look": MakeLook(form)}


class FillView(StepView):
    """The fields."""

    def __init__(self, form: MakeAdministration, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._number = NumberView(form, callbacks, _("Number"))
        self._who = ClientView(form, callbacks)
        self._chart = ChartView(form, callbacks)
        self._wanted = ""
        fields = (self._number.said, self._number.number, self._who.widget, self._number.description, self._chart.widget)
        self.widget = widgets.column(*fields, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form says now."""
        for part in (self._number, self._who, self._chart):
            part.refresh()
        if self._form.wants != self._wanted:
            self._wanted = self._form.wants
            self._who.go_to(self._wanted)
            self._chart.go_to(self._wanted)

    def go_on(self) -> None:
        """*Volgende*."""
        self._form.next()


class ClientView:
    """For whom: a client, found or made in place, or nobody."""

    def __init__(self, form: MakeAdministration, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        whose = [(_("For a client"), "client"), (_("For nobody: a template, from which others are made"), "nobody")]
        self._whose = widgets.choice(whose, "client", _("For whom"))
        callbacks.change(self._whose, lambda value: form.choose_for(value == "client"))
        self._client = LookUp(
            callbacks, _("Client"), _("Look up the client"), self._clients, form.choose_client,
            placeholder=_("Name, KvK number or city"), nothing=_("No client found; create one"),
        )  # fmt: skip
        self._new = NewClient(form, callbacks, self._client.close)
        create = callbacks.press(
            widgets.button(_("Create client"), "at-small", icon="user-plus"), lambda: self._new.toggle(self._client.field.value)
        )
        self._client.note_row.children = (self._client.note, create)
        self._chosen = widgets.column(self._client.widget, self._new.widget, kinds=("at-group",))
        self.widget = widgets.column(self._whose, self._chosen, kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form says now."""
        form, _ = self._form, self._form.texts
        self._whose.value = "client" if form.for_client else "nobody"
        widgets.show(self._chosen, form.for_client)
        note = ""
        if form.client is not None:
            state = mark("ready", _("is made with the administration") if form.client_is_new else _("known"))
            note = f"<p>{state}&ensp;{escape(form.in_words(form.client))}</p>"
        if form.client is not None or not self._client.field.value.strip():
            self._client.say(form.client.name if form.client else "", note)

    def go_to(self, wanted: str) -> None:
        """Open what a remedy's button leads to."""
        if wanted == "new-client":
            self._new.open(self._client.field.value)

    def _clients(self, typed: str) -> Iterable[Found]:
        return [Found(self._form.in_words(one), one.kvk) for one in self._form.clients(typed)]


class NewClient:
    """*Klant aanmaken*, in place: filled in here, made together with the administration."""

    def __init__(self, form: MakeAdministration, callbacks: Callbacks, taken: Callable[[], object]) -> None:
        self._form, self._taken, _ = form, taken, form.texts
        labels = {"name": _("Name"), "kvk": _("KvK number"), "city": _("City (may be left out)")}
        fields = {key: widgets.text(label, form.draft[key]) for key, label in labels.items()}
        for key, field in fields.items():
            callbacks.change(field, partial(form.draft.__setitem__, key))
        self._name, self._kvk, self._city = fields.values()
        use = callbacks.press(widgets.button(_("Use this client"), "at-small"), self._take)
        drop = callbacks.press(widgets.button(_("Never mind"), "at-small", "at-drops"), self.close)
        self.widget = widgets.column(self._name, self._kvk, self._city, widgets.row(use, drop, kinds=("at-row",)), kinds=("at-look-list",))
        self._open = any(form.draft.values()) and not form.client_is_new
        widgets.show(self.widget, self._open)

    def toggle(self, name: str) -> None:
        """Open with this name filled in, or close."""
        if self._open:
            self.close()
        else:
            self.open(name)

    def open(self, name: str) -> None:
        """Open, with this name filled in."""
        self._name.value = self._name.value or name.strip()
        self._open = True
        widgets.show(self.widget, visible=True)

    def close(self) -> None:
        """Close; what was typed stays."""
        self._open = False
        widgets.show(self.widget, visible=False)

    def _take(self) -> None:
        if self._form.create_client(self._name.value, self._kvk.value, self._city.value):
            self.close()
            self._taken()
            self._form.tell()


class ChartView:
    """Where the chart of accounts comes from."""

    def __init__(self, form: MakeAdministration, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._which = widgets.choice([(_(label), name) for name, label in CHARTS.items()], form.chart, _("Chart of accounts"))
        callbacks.change(self._which, form.choose_chart)
        self._template = LookUp(
            callbacks, _("From which administration"), _("Look up the administration"), self._administrations, form.choose_template,
            placeholder=_("Number or name"), nothing=_("Nothing found"),
        )  # fmt: skip
        self._file = ChooseCsv(callbacks, form.office, _, _("File with the chart (columns code, name, rgs, kind, side, vat)"),
            form.choose_file)  # fmt: skip
        self._note = widgets.html()
        self.widget = widgets.column(self._which, self._template.widget, self._file.widget, self._note, kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form says now."""
        form = self._form
        self._which.value = form.chart
        widgets.show(self._template.widget, form.chart == "template")
        widgets.show(self._file.widget, form.chart == "file")
        view = form.template.value
        given = f"{view.administration.number} {view.administration.description}" if view else form.template.typed
        self._template.say(given, self._about(form.template.value, fault(form, form.template.fault)))
        self._file.say(form.file.typed, self._about(form.file.value, fault(form, form.file.fault)))
        self._note.value = self._about(form.chart == "standard", "")

    def go_to(self, wanted: str) -> None:
        """Open what a remedy's button leads to."""
        if wanted == "template":
            self._template.open()
        elif wanted == "file":
            self._file.open()

    def _about(self, there: object, otherwise: str) -> str:
        return mark("ready", self._form.chart_in_words()) if there else otherwise

    def _administrations(self, typed: str) -> Iterable[Found]:
        found = matching(typed, administrations.list_administrations(self._form.office))
        templates_first = sorted(found, key=lambda pair: pair[1] is not None)
        template = self._form.texts("template")
        return [Found(in_a_line(pair) + ("" if pair[1] else f"  ({template})"), pair[0].number) for pair in templates_first]


class MakeLook(LookView[MakeAdministration]):
    """What will be made."""

    def body(self) -> str:
        """The summary, and once more that the number stays."""
        _ = self.form.texts
        said = _("An administration's number can't be changed later.")
        return f"{told(self.form.summary())}<p>{mark('attention', _('note'))}&ensp;{escape(said)}</p>"

    def then(self) -> str:
        """What comes next."""
        _ = self.form.texts
        if not self.form.for_client:
            return _("Other administrations can be made from it.")
        return _("Next: create the client's user (Users), then import the client licence.")
