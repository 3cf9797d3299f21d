"""Reading in a list of clients on the screen: the file, then who would be added and who is known already."""

from collections.abc import Mapping
from html import escape

from accountools.domain.administration import Client
from accountools.forms.kit import widgets
from accountools.forms.kit.choose_csv import ChooseCsv
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import line, mark
from accountools.forms.kit.two_steps_view import Left, LookView, fault
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.administrations.clients import ImportClients

MOST = 200  # lines of each kind on the screen; all are added


def clients_screen(form: ImportClients) -> Screen[ImportClients]:
    """The screen of this form."""
    return Screen(form, _views, Left)


def _views(form: ImportClients, callbacks: Callbacks) -> Mapping[str, StepView]:
    return {"fill": FillView(form, callbacks), "look": ClientsLook(form)}


class FillView(StepView):
    """The file, and how many are in it."""

    def __init__(self, form: ImportClients, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._file = ChooseCsv(callbacks, form.office, _, _("File with clients (columns name, kvk, city)"), form.choose_file)
        said = line(_("As a spreadsheet saves it: CSV with commas or semicolons. Whom you know already stays as it is."), "at-quiet")
        self._wanted = ""
        self.widget = widgets.column(widgets.html(said), self._file.widget, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form says now."""
        form = self._form
        found = mark("ready" if form.new else "missing", form.found())
        self._file.say(form.file.typed, fault(form, form.file.fault) if form.file.value is None else f"<p>{found}</p>")
        if form.wants != self._wanted:
            self._wanted = form.wants
            if self._wanted == "file":
                self._file.open()

    def go_on(self) -> None:
        """*Volgende*."""
        self._form.next()


class ClientsLook(LookView[ImportClients]):
    """Who would be added, and who is known."""

    def body(self) -> str:
        """A table: those that would be added first."""
        form, _ = self.form, self.form.texts
        heads = (_("Client"), _("KvK number"), _("City"), "")
        new = [_row(one, mark("ready", _("is added"))) for one in form.new[:MOST]]
        known = [_row(one, self._known(one, there)) for one, there in form.known[:MOST]]
        more = len(form.new) + len(form.known) - len(new) - len(known)
        rest = line(_("and {count} more", count=more), "at-quiet") if more else ""
        head = "".join(f"<th>{escape(one)}</th>" for one in heads)
        table = f'<table class="at-table"><thead><tr>{head}</tr></thead><tbody>{"".join(new + known)}</tbody></table>'
        return f"{line(form.found())}{table}{rest}"

    def then(self) -> str:
        """What comes next."""
        return self.form.texts("They have no administration yet: make one for each client whose books you keep.")

    def _known(self, one: Client, there: Client) -> str:
        _ = self.form.texts
        if one == there:
            return mark("missing", _("known"))
        return f"{mark('attention', _('known otherwise, and left so'))} {escape(self.form.in_words(there))}"


def _row(one: Client, state: str) -> str:
    return f"<tr><td>{escape(one.name)}</td><td>{escape(one.kvk)}</td><td>{escape(one.city)}</td><td>{state}</td></tr>"
