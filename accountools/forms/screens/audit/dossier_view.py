"""The button that writes the dossier of the administration whose row is open, and where it was put."""

from html import escape

from accountools.domain.identifiers import AdministrationNumber
from accountools.forms.kit import widgets
from accountools.forms.kit.form import Form
from accountools.forms.kit.style import state_html
from accountools.forms.kit.widgets import Callbacks
from accountools.reports.dossier import file_dossier


class DossierView:
    """A button and a line beneath the row that is open."""

    def __init__(self, form: Form, callbacks: Callbacks, number: AdministrationNumber) -> None:
        self._form, self._number = form, number
        about = form.texts("What was handed over, with the proof of it: a page to print and file")
        button = callbacks.press(widgets.button(form.texts("Dossier"), "at-small", icon="download", tooltip=about), self._write)
        self._written = widgets.html()
        self.widget = widgets.row(button, self._written, kinds=("at-row",))

    def _write(self) -> None:
        self._form.feedback.clear()
        self._written.value = ""
        path = file_dossier(self._form.office, self._number, self._form.texts)
        self._written.value = f"{state_html('ready', self._form.texts('The dossier was written to'))} <code>{escape(str(path))}</code>"
        self._form.notify()
