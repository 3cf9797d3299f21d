"""Making an administration on the screen: number, client, description, chart; then what will be made (S1, S7)."""

from collections.abc import Callable, Iterable
from functools import partial
from html import escape

from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.file_chooser import Option, SearchField
from accountools.forms.kit.form import describe_client
from accountools.forms.kit.links import LIKE_BUTTON, Link
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import state_html
from accountools.forms.screens.administrations.chart_view import ChartView
from accountools.forms.screens.administrations.make import MakeAdministration
from accountools.forms.screens.administrations.number_fields import NumberView
from accountools.forms.screens.administrations.two_steps import CheckView, text_table


class MakeView(StepView):
    """The fields."""

    def __init__(self, form: MakeAdministration, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.next
        self._number = NumberView(form, callbacks, _("Number"))
        self._client = ClientView(form, callbacks)
        self._chart = ChartView(form, callbacks)
        self.files = (self._chart.file,)
        fields = (self._number.warning, self._number.number, self._client.widget, self._number.description, self._chart.widget)
        self.widget = widgets.column(*fields, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        for part in (self._number, self._client, self._chart):
            part.refresh()
        client, chart = self._client, self._chart
        self.open_wanted(self._form.wants, {"new-client": client.open_new, "template": chart.template.open, "file": chart.file.open})

    def place_for(self, one: Obstacle) -> widgets.Widget | None:
        """Beneath the chart's file, or the fields of the new client while they are open."""
        return super().place_for(one) or self._client.place_for(one.code)


class ClientView:
    """For whom: a client, found or made in place, or nobody."""

    def __init__(self, form: MakeAdministration, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        whose = [(_("For a client"), "client"), (_("Without a client: a template for other administrations"), "nobody")]
        self._whose = widgets.choice(whose, "client", _("For whom"))
        callbacks.change(self._whose, lambda value: form.choose_for(value == "client"))

        def search(typed: str) -> Iterable[Option]:
            return [(describe_client(one), one.kvk) for one in form.clients(typed)]

        self._client = SearchField(callbacks, _("Client"), _("Look up the client"), search, form.choose_client,
            placeholder=_("Name, KvK number or city"), nothing=_("No client found; create one"))  # fmt: skip
        self._new = NewClient(form, callbacks, self._client.close)
        create = callbacks.press(
            widgets.button(_("Create client"), "at-small", icon="user-plus"), lambda: self._new.toggle(self._client.field.value)
        )
        self._client.note_row.children = (self._client.note, create)
        self._chosen = widgets.column(self._client.widget, self._new.widget, kinds=("at-group",))
        self.widget = widgets.column(self._whose, self._chosen, kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        self._whose.value = "client" if form.for_client else "nobody"
        widgets.show(self._chosen, form.for_client)
        note = ""
        if form.client is not None:
            state = state_html("ready", _("will be created with the administration") if form.client_is_new else _("already present"))
            note = f"<p>{state}&ensp;{escape(describe_client(form.client))}</p>"
        if form.client is not None or not self._client.field.value.strip():
            self._client.show(form.client.name if form.client else "", note)

    def place_for(self, code: str) -> widgets.Widget | None:
        """Beneath which field of the new client what is wrong is shown."""
        return self._new.place_for(code)

    def open_new(self) -> None:
        """Open the fields of a new client, with the name that was searched for."""
        self._new.open(self._client.field.value)


class NewClient:
    """*Klant aanmaken*, in place: filled in here, made together with the administration."""

    def __init__(self, form: MakeAdministration, callbacks: widgets.Callbacks, used: Callable[[], object]) -> None:
        self._form, self._used, _ = form, used, form.texts
        labels = {"name": _("Name"), "kvk": _("KvK number"), "city": _("City (optional)")}
        fields = {key: widgets.text(label, form.draft[key]) for key, label in labels.items()}
        for key, field in fields.items():
            callbacks.change(field, partial(form.draft.__setitem__, key))
        self._name, self._kvk, self._city = fields.values()
        name, kvk = widgets.place(), widgets.place()
        self._places = {"name-missing": name, "kvk-invalid": kvk, "client-exists": kvk}
        use = callbacks.press(widgets.button(_("Use this client"), "at-small"), self._use)
        drop = callbacks.press(widgets.button(_("Don't create"), "at-small", "at-drops"), self.close)
        columns = (widgets.column(self._name, name), widgets.column(self._kvk, kvk), self._city)
        self.widget = widgets.column(*columns, widgets.row(use, drop, kinds=("at-row",)), kinds=("at-search-list",))
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

    def place_for(self, code: str) -> widgets.Widget | None:
        """Beneath which field what is wrong is shown; None while they are closed."""
        return self._places.get(code) if self._open else None

    def close(self) -> None:
        """Close; what was typed stays."""
        self._open = False
        widgets.show(self.widget, visible=False)

    def _use(self) -> None:
        if self._form.create_client(self._name.value, self._kvk.value, self._city.value):
            self.close()
            self._used()
            self._form.notify()


class MakeCheckView(CheckView[MakeAdministration]):
    """What will be made."""

    def summary(self) -> str:
        """The summary, and once more that the number stays."""
        _ = self.form.texts
        warning = _("An administration's number can't be changed later.")
        return f"{text_table(self.form.summary())}<p>{state_html('attention', _('attention'))}&ensp;{escape(warning)}</p>"

    def advice(self) -> str:
        """What comes next."""
        _ = self.form.texts
        if not self.form.for_client:
            return _("Other administrations can be created from it.")
        return _("Next: create the client's user (Users), then import the client licence.")

    def links(self) -> Iterable[Link]:
        """To what comes next."""
        _, form = self.form.texts, self.form
        if form.for_client:
            number = int(form.made.number)
            yield Link(_("Create the user"), navigation.address(navigation.USERS, administration=number), kind=LIKE_BUTTON)
            yield Link(_("Import client licence"), navigation.address(navigation.IMPORT, administration=number), kind=LIKE_BUTTON)
        else:
            yield Link(_("Create administrations for several clients"), step=partial(form.start_next_task, "many"), kind=LIKE_BUTTON)
        yield Link(_("Create another administration"), step=partial(form.start_next_task, "make"))
