"""The office's own licence on the screen: what it says, the file of the new one, and what it changes."""

from collections.abc import Iterator
from html import escape

from accountools.domain.administration import Client
from accountools.domain.identifiers import KvkNumber
from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import describe_differences, licence_facts
from accountools.forms.kit.licence_file import LicenceFileChooser, describe_licence_file
from accountools.forms.kit.screen import StepView, obstacle_panel
from accountools.forms.kit.style import facts_table, html_table, paragraph
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.menu.form import Menu


class FileView(StepView):
    """What the own licence says, and the file of the new one."""

    def __init__(self, form: Menu, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.next
        self._own = widgets.html()

        def office_as_client() -> Client:
            licensee = form.own.licensee
            return Client(KvkNumber(licensee.kvk), licensee.name, licensee.city)

        self._file = LicenceFileChooser(callbacks, form.office, _, office_as_client, form.choose_file, form.upload,
            fits=_("fits your office"), placeholder=_("The path of the file that you received"))  # fmt: skip
        heading = widgets.html(f"<h4>{escape(_('Renew it by a file'))}</h4>")
        self.widget = widgets.column(self._own, heading, self._file.widget, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        self._own.value = f"<h3>{escape(_('Own licence'))}</h3>{facts_table(licence_facts(form.own, form.own_status, _))}"
        self._file.show(str(form.file or ""), describe_licence_file(form, form.showing))

    def hide(self) -> None:
        """Close the list of files."""
        self._file.close()


class RenewalView(StepView):
    """What the new licence changes, and the obstacles."""

    def __init__(self, form: Menu, callbacks: Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self.press_main = form.renew
        self._shown: object = None
        self.widget = widgets.column(kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        plan = self._form.plan
        if plan is not None and plan is not self._shown:
            self._shown = plan
            self.widget.children = tuple(self._parts())

    def _parts(self) -> Iterator[Widget]:
        plan, _ = self._form.plan, self._form.texts
        if plan is None:
            return
        rows = [[escape(cell) for cell in row] for row in describe_differences(plan.differences, _)]
        table = html_table(("", _("Until now"), _("The new licence")), rows) if rows else paragraph(_("Nothing changes but its signature."))
        yield widgets.html(f"<h3>{escape(_('What changes'))}</h3>{table}")
        for one in plan.obstacles:
            yield obstacle_panel(self._form, self._callbacks, one, accepted=self._form.accepted, accept=self._form.accept)
        yield widgets.html(
            paragraph(_("Nothing has been changed yet. Renew puts the new licence in the place of the present one."), "at-quiet")
        )
