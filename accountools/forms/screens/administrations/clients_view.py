"""Reading in a list of clients on the screen: the file, then who would be added and who is known already."""

from html import escape

from accountools.domain.administration import Client
from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import describe_client
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import html_table, paragraph, state_html
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.administrations.clients import ImportClients
from accountools.forms.screens.administrations.two_steps import CheckView, error_html

MOST = 200  # lines of each kind on the screen; all are added


class ClientsView(StepView):
    """The file, and how many are in it."""

    def __init__(self, form: ImportClients, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.next
        self._file = FileChooser(callbacks, _, _("File with clients (columns name, kvk, city)"), _("Look the file up"), form.choose_file,
            endings=(".csv", ".txt"), placeholder=_("The path of a CSV file"))  # fmt: skip
        about = paragraph(_("As a spreadsheet saves it: CSV with commas or semicolons. Whom you know already stays as it is."), "at-quiet")
        self.widget = widgets.column(widgets.html(about), self._file.widget, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form = self._form
        counts = state_html("ready" if form.new else "missing", form.counts())
        self._file.show(form.file.typed, error_html(form, form.file.error) if form.file.value is None else f"<p>{counts}</p>")
        self.open_wanted(form.wants, {"file": self._file.open})


class ClientsCheckView(CheckView[ImportClients]):
    """Who would be added, and who is known."""

    def summary(self) -> str:
        """A table: those that would be added first."""
        form, _ = self.form, self.form.texts
        heads = (_("Client"), _("KvK number"), _("City"), "")
        new = [_row(one, state_html("ready", _("is added"))) for one in form.new[:MOST]]
        known = [_row(one, self._known(one, there)) for one, there in form.known[:MOST]]
        more = len(form.new) + len(form.known) - len(new) - len(known)
        rest = paragraph(_("and {count} more", count=more), "at-quiet") if more else ""
        return f"{paragraph(form.counts())}{html_table(heads, new + known)}{rest}"

    def advice(self) -> str:
        """What comes next."""
        return self.form.texts("They have no administration yet: make one for each client whose books you keep.")

    def _known(self, one: Client, there: Client) -> str:
        _ = self.form.texts
        if one == there:
            return state_html("missing", _("known"))
        return f"{state_html('attention', _('known otherwise, and left so'))} {escape(describe_client(there))}"


def _row(one: Client, state: str) -> tuple[str, ...]:
    return escape(one.name), escape(one.kvk), escape(one.city), state
