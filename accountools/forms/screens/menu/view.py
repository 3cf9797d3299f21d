"""The screen of the menu: what needs attention today, the menu's items as links, and the own licence."""

from collections.abc import Iterable, Iterator
from html import escape

from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import FILTERS, STATUS_STATES, STATUSES, describe_waiting
from accountools.forms.kit.links import Link, Links
from accountools.forms.kit.navigation import Item
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import TABLES, state_html
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.menu.form import Menu
from accountools.forms.screens.menu.own_licence_view import FileView, RenewalView
from accountools.operations.session import Office
from accountools.reports.icons import ICONS
from accountools.texts import LANGUAGES, Texts

LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English"}  # each in its own


def menu_screen(office: Office, texts: Texts | None = None) -> Screen[Menu]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    return Screen(Menu(office, texts), {"file": FileView, "details": RenewalView}, MenuView, navigation.HOME)


class MenuView(StepView):
    """The menu that one returns to."""

    def __init__(self, form: Menu, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._ending, self._today, self._inbox = widgets.html(), Links(callbacks, "list"), Links(callbacks, "list")
        self._nothing = widgets.html(f"<p>{state_html('ready', _('Nothing needs your attention today.'))}</p>")
        again = callbacks.press(widgets.button(_("Look again"), "at-small", icon="refresh"), form.reload)
        heading = widgets.html(f"<style>{TABLES}</style><h3>{escape(_('What needs attention today'))}</h3>")
        self._own = Links(callbacks, "list")
        groups = [self._group(_(name), items) for name, items in navigation.MENU.items()]
        settings = widgets.column(
            widgets.html(f"<h3>{escape(_('Settings'))} ▸ {escape(_('System'))}</h3>"),
            Links(callbacks, "list", self._menu_links(navigation.SYSTEM)),
            self._own,
            self._languages(),
            kinds=("at-group",),
        )
        today = widgets.column(heading, self._ending, self._today, self._nothing, self._inbox, widgets.row(again), kinds=("at-group",))
        self.widget = widgets.column(today, widgets.row(*groups, settings, kinds=("at-beside", "at-heading")))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        ending = {"cancelled": _("Nothing was changed."), "renewed": _("Your own licence is renewed.")}.get(form.ended, "")
        self._ending.value = f"<p>{state_html('ready' if form.ended == 'renewed' else 'missing', ending)}</p>" if ending else ""
        widgets.show(self._ending, bool(ending))
        attention = [self._attention(name, text) for name, text in form.attention]
        if form.interrupted is not None:
            text = f"{ICONS['attention']} {form.interrupted.describe(_)}"
            attention.insert(0, Link(text, navigation.address(navigation.MAKE), kind="at-is-attention"))
        self._today.show(attention)
        widgets.show(self._nothing, not attention)
        inbox = navigation.address(navigation.LICENCES, show=navigation.INBOX)
        self._inbox.show([Link(describe_waiting(form.waiting, _), inbox)] if form.waiting else [])
        widgets.show(self._inbox, form.waiting > 0)
        state = f"{ICONS[STATUS_STATES[form.own_status]]} {_(STATUSES[form.own_status])}"
        until = _("until {day}", day=_.day(form.own.valid_until))
        self._own.show([Link(_("Own licence"), "", form.open_own_licence, note=f"{form.own.number} · {state} · {until}")])

    def _attention(self, name: str, text: str) -> Link:
        state = FILTERS[name].state
        return Link(f"{ICONS[state]} {text}", navigation.address(navigation.AUDIT, show=name), kind=f"at-is-{state}")

    def _group(self, name: str, items: Iterable[Item]) -> Widget:
        links = Links(self._callbacks, "list", self._menu_links(items))
        return widgets.column(widgets.html(f"<h3>{escape(name)}</h3>"), links, kinds=("at-group",))

    def _menu_links(self, items: Iterable[Item]) -> Iterator[Link]:
        for item in items:
            href = navigation.address(item.notebook)
            if href:
                yield Link(self._form.texts(item.name), href, note="" if navigation.as_pages() else item.notebook)

    def _languages(self) -> Widget:
        _ = self._form.texts
        chosen = widgets.choice([(LANGUAGE_NAMES[language], language) for language in LANGUAGES], _.language, _("Language"))
        return self._callbacks.change(chosen, self._form.set_language)
