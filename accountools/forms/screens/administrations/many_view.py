"""Making administrations for many clients at once, on the screen: whose, from which number, which chart; then the whole list."""

from collections.abc import Iterable
from html import escape

from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.links import LIKE_BUTTON, Link
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import html_table, paragraph, state_html
from accountools.forms.parts.field_errors import error_html, errors_html
from accountools.forms.screens.administrations.chart_view import ChartView
from accountools.forms.screens.administrations.many import LIST, REGISTERED, MakeMany
from accountools.forms.screens.administrations.two_steps import CheckView

MOST = 200  # lines on the screen; all are made


class ManyView(StepView):
    """The fields."""

    def __init__(self, form: MakeMany, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.next
        sources = [(_("All clients without an administration"), REGISTERED), (_("The clients in a file"), LIST)]
        self._source = widgets.choice(sources, form.source, _("For whom"))
        callbacks.change(self._source, form.choose_source)
        label = _("File with clients (columns name, kvk and city, or Naam, KvK and Plaats)")
        self._list = FileChooser(
            callbacks, _, label, _("Look up the file"), form.choose_list, endings=(".csv", ".txt", ".xlsx"), again=True
        )
        self._list.add_upload(callbacks, form.uploads.upload_for("clients"), form.choose_list)
        self._counted = widgets.html()
        self._first, self._first_note = widgets.text(_("First number"), live=True), widgets.note()
        self._first.add_class("at-short")
        callbacks.change(self._first, form.set_first)
        warning = _("An administration's number can't be changed later.")
        self._chart = ChartView(form, callbacks)
        self.files = (self._list, self._chart.file)
        self.widget = widgets.column(
            widgets.html(f"<p>{state_html('attention', _('attention'))}&ensp;<b>{escape(warning)}</b></p>"),
            widgets.column(self._source, self._list.widget, self._counted, kinds=("at-group",)),
            widgets.column(self._first, self._first_note, kinds=("at-group", "at-narrow")),
            self._chart.widget,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        self._source.value = form.source
        widgets.show(self._list.widget, form.source == LIST)
        self._list.show(form.list.typed, errors_html(form, form.list))
        widgets.set_value(self._first, form.first.typed)
        self._first_note.value = error_html(form, form.first.error)
        state = state_html("ready" if form.planned else "missing", _("To be created: {count}", count=len(form.planned)))
        self._counted.value = f"<p>{state}</p>"
        self._chart.refresh()
        self.open_wanted(form.wants, {"list": self._list.open, "template": self._chart.template.open, "file": self._chart.file.open})


class ManyCheckView(CheckView[MakeMany]):
    """All that will be made, and how far it is."""

    def __init__(self, form: MakeMany, callbacks: widgets.Callbacks) -> None:
        super().__init__(form, callbacks)
        self._working = JobView(form, callbacks, form.texts("The administrations are being created"), files=True)

    def refresh(self) -> None:
        """Show what the form holds now."""
        self._working.refresh()
        if self.form.busy:
            self.widget.children = (self._working.widget,)
        else:
            super().refresh()
            self.widget.children = (*self.widget.children, self._working.widget)

    def summary(self) -> str:
        """A table: a line for each."""
        form, _ = self.form, self.form.texts
        heads = (_("Number"), _("Client"), _("KvK number"), "")
        rows = [
            (escape(str(number)), escape(client.name), escape(client.kvk), state_html("ready", _("new client")) if new else "")
            for number, client, new in form.planned[:MOST]
        ]
        rest = len(form.planned) - len(rows)
        chart = _("Chart of accounts: {chart}", chart=form.describe_chart())
        more = paragraph(_("and {count} more", count=rest), "at-quiet") if rest else ""
        counted = _("To be created: {count}", count=len(form.planned))
        return f"<p>{escape(counted)}. {escape(chart)}.</p>{html_table(heads, rows)}{more}"

    def advice(self) -> str:
        """What comes next."""
        return self.form.texts("Next: create each client's user (Users), then import the client licences.")

    def links(self) -> Iterable[Link]:
        """To what comes next."""
        _ = self.form.texts
        yield Link(_("Users"), navigation.address(navigation.USERS, administration=int(self.form.created[0].number)), kind=LIKE_BUTTON)
        yield Link(_("Inbox"), navigation.address(navigation.LICENCES, show=navigation.INBOX), kind=LIKE_BUTTON)
