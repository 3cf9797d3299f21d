"""The screen of the menu: what needs attention today, the menu's items as links, and the own licence with what a new one changes."""

from collections.abc import Iterable, Iterator
from functools import partial
from html import escape

from accountools.domain.administration import Client
from accountools.domain.identifiers import KvkNumber
from accountools.forms.files.licence_file import LicenceFileChooser, describe_licence_file
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import (
    FILTERS,
    STATUS_STATES,
    describe_differences,
    describe_office_backup,
    describe_waiting,
    licence_facts,
)
from accountools.forms.kit.jobs import run_in_thread
from accountools.forms.kit.links import Link, Links
from accountools.forms.kit.navigation import Item
from accountools.forms.kit.screen import Screen, StepView, obstacle_panel
from accountools.forms.kit.style import TABLES, facts_table, html_table, paragraph, state_html
from accountools.forms.screens.menu.form import Menu
from accountools.operations.session import Office
from accountools.reports.icons import ICONS
from accountools.reports.licence_texts import STATUSES
from accountools.texts import LANGUAGES, Texts

LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English"}  # each in its own


def menu_screen(office: Office, texts: Texts | None = None) -> Screen[Menu]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    return Screen(Menu(office, texts, run_in_thread), {"file": FileView, "details": RenewalView}, MenuView, navigation.HOME)


class MenuView(StepView):
    """The menu that one returns to."""

    def __init__(self, form: Menu, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._ending, self._today, self._inbox = widgets.html(), Links(callbacks, "list"), Links(callbacks, "list")
        self._nothing = widgets.html(f"<p>{state_html('ready', _('Nothing needs your attention today.'))}</p>")
        again = callbacks.press(widgets.button(_("Reload"), "at-small", icon="refresh"), form.reload)
        heading = widgets.html(f"<style>{TABLES}</style><h3>{escape(_('What needs attention today'))}</h3>")
        self._own = Links(callbacks, "list")
        groups = [self._group(_(name), items) for name, items in navigation.menu(accountants=form.is_accountant_office).items()]
        languages = widgets.choice([(LANGUAGE_NAMES[language], language) for language in LANGUAGES], _.language, _("Language"))
        callbacks.change(languages, form.set_language)
        settings = self._group(f"{_('Settings')} ▸ {_('System')}", navigation.SYSTEM, self._own, languages)
        self._findings = widgets.column()
        self._shown_findings: object = ((), None)
        self._notebooks = widgets.column()
        self._shown_notebooks: object = None
        shown = (self._findings, heading, self._ending, self._today, self._nothing, self._inbox, widgets.row(again))
        today = widgets.column(*shown, self._notebooks, kinds=("at-group",))
        self.widget = widgets.column(today, widgets.row(*groups, settings, kinds=("at-beside", "at-heading")))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        if self._shown_findings != (form.findings, form.host):
            self._shown_findings = form.findings, form.host
            self._findings.children = [obstacle_panel(form, self._callbacks, one) for one in form.findings]
        if self._shown_notebooks != (form.changed_notebooks, form.restored):
            self._shown_notebooks = form.changed_notebooks, form.restored
            self._notebooks.children = tuple(self._notebook_panels())
        ending = {"cancelled": _("Nothing was changed."), "renewed": _("Your own licence is renewed.")}.get(form.ended, "")
        self._ending.value = f"<p>{state_html('ready' if form.ended == 'renewed' else 'missing', ending)}</p>" if ending else ""
        widgets.show(self._ending, bool(ending))
        attention = []
        for name, text in form.attention:
            notebook = navigation.BACKUPS if name == navigation.NEVER_REHEARSED else navigation.AUDIT
            state, href = FILTERS[name].state, navigation.address(notebook, show=name)
            attention.append(Link(f"{ICONS[state]} {text}", href, kind=f"at-is-{state}"))
        if form.interrupted is not None:
            text = f"{ICONS['attention']} {form.interrupted.describe(_)}"
            attention.insert(0, Link(text, navigation.address(navigation.MAKE), kind="at-is-attention"))
        if form.is_empty:
            text = _("There is no administration here yet: restore the backup that you received from your accountant")
            attention.insert(0, Link(f"{ICONS['attention']} {text}", navigation.address(navigation.RESTORE), kind="at-is-attention"))
        due = describe_office_backup(form.office_backup, _)
        if due:
            href = navigation.address(navigation.OFFICE, show=navigation.OFFICE_BACKUP)
            attention.append(Link(f"{ICONS['attention']} {due}", href, kind="at-is-attention"))
        self._today.show(attention)
        widgets.show(self._nothing, not attention)
        inbox = navigation.address(navigation.LICENCES, show=navigation.INBOX)
        self._inbox.show([Link(describe_waiting(form.waiting, _), inbox)] if form.waiting else [])
        widgets.show(self._inbox, form.waiting > 0)
        state = f"{ICONS[STATUS_STATES[form.own_status]]} {_(STATUSES[form.own_status])}"
        until = _("until {day}", day=_.day(form.own.valid_until))
        own = Link(_("Own licence"), "", form.open_own_licence, note=f"{form.own.number} · {state} · {until}")
        host = form.host
        self._own.show([own] if host is None else [own, Link(_("Open another office"), "", host.choose_office)])

    def _notebook_panels(self) -> Iterator[widgets.Widget]:
        form, _ = self._form, self._form.texts
        if form.restored is not None:
            name, kept = form.restored
            done, kept_as = _("{notebook} is again as it came with the program.", notebook=name), _("Yours is kept as {file}.", file=kept)
            yield widgets.panel("ready", _("ready"), done, f"{kept_as} {_('Close its tab and open it again.')}")
        for name in form.changed_notebooks:
            why = _("You changed {notebook}: it isn't updated with the program.", notebook=name)
            remedy = _("If its screen doesn't work any more, put it back as it came; what you have now is kept beside it.")
            button = self._callbacks.press(widgets.button(_("Put back"), "at-small"), partial(form.restore_notebook, name))
            yield widgets.panel("attention", _("attention"), why, remedy, button)

    def _group(self, name: str, items: Iterable[Item], *more: widgets.Widget) -> widgets.Widget:
        links = []
        for item in items:
            href = navigation.address(item.notebook)
            if href:
                links.append(Link(self._form.texts(item.name), href, note="" if navigation.as_pages() else item.notebook))
        heading = widgets.html(f"<h3>{escape(name)}</h3>")
        return widgets.column(heading, Links(self._callbacks, "list", links), *more, kinds=("at-group",))


class FileView(StepView):
    """What the own licence says, and the file of the new one."""

    def __init__(self, form: Menu, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.next
        self._own = widgets.html()

        def office_as_client() -> Client:
            licensee = form.own.licensee
            return Client(KvkNumber(licensee.kvk), licensee.name, licensee.city)

        self._file = LicenceFileChooser(callbacks, form, office_as_client, form.choose_file, form.upload,
            fits=_("fits your office"), placeholder=_("The path of the file that you received"))  # fmt: skip
        self.files = (self._file,)
        heading = widgets.html(f"<h4>{escape(_('Renew from a file'))}</h4>")
        self.widget = widgets.column(self._own, heading, self._file.widget, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        self._own.value = f"<h3>{escape(_('Own licence'))}</h3>{facts_table(licence_facts(form.own, form.own_status, _))}"
        shown = form.file.name if form.file and form.file == form.uploaded.path else str(form.file or "")
        self._file.show(shown, describe_licence_file(form, form.showing))

    def hide(self) -> None:
        """Close the list of files."""
        self._file.close()


class RenewalView(StepView):
    """What the new licence changes, and the obstacles."""

    def __init__(self, form: Menu, callbacks: widgets.Callbacks) -> None:
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

    def _parts(self) -> Iterator[widgets.Widget]:
        plan, _ = self._form.plan, self._form.texts
        if plan is None:
            return
        rows = [[escape(cell) for cell in row] for row in describe_differences(plan.differences, _)]
        table = html_table(("", _("Until now"), _("The new licence")), rows) if rows else paragraph(_("Only the signature changes."))
        yield widgets.html(f"<h3>{escape(_('What changes'))}</h3>{table}")
        for one in plan.obstacles:
            yield obstacle_panel(self._form, self._callbacks, one)
        if self._form.can_change_number:
            sentence = _("Did your supplier give your office a licence with a new number?")
            remedy = _(
                "Then go on with number {number}; it must come from the same issuer.", number=plan.licence.number if plan.licence else ""
            )
            button = self._callbacks.press(widgets.button(_("Go on with the new number"), "at-small"), self._form.change_number)
            yield widgets.panel("attention", _("new number"), sentence, remedy, button)
        yield widgets.html(
            paragraph(_("Nothing has been changed yet. Choose Renew to replace the current licence with the new one."), "at-quiet")
        )
