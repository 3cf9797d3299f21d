"""The screen of the menu: what needs attention today, the menu's items as links, and the own licence."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from accountools.forms.kit import navigation, preferences, widgets
from accountools.forms.kit.comparison import STATUSES
from accountools.forms.kit.licence_texts import IN_STATE
from accountools.forms.kit.links import Way, Ways
from accountools.forms.kit.navigation import Item
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import mark
from accountools.forms.kit.style_tables import CSS
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.audit.filters import FILTERS
from accountools.forms.screens.inbox.form import how_many
from accountools.forms.screens.menu.form import Menu
from accountools.forms.screens.menu.own_licence_view import FileView, RenewalView
from accountools.operations.session import Office
from accountools.reports.icons import MARKS
from accountools.texts import LANGUAGES, Texts

LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English"}  # each in its own


def menu_screen(office: Office, texts: Texts | None = None) -> Screen[Menu]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    form = Menu(office, texts)
    form.begin(preferences.take(office, navigation.HOME))
    return Screen(form, _views, MenuView)


def _views(form: Menu, callbacks: Callbacks) -> Mapping[str, StepView]:
    return {"file": FileView(form, callbacks), "details": RenewalView(form, callbacks)}


class MenuView(StepView):
    """The menu that one returns to."""

    def __init__(self, form: Menu, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._said, self._today, self._inbox = widgets.html(), Ways(callbacks, "list"), Ways(callbacks, "list")
        self._calm = widgets.html(f"<p>{mark('ready', _('Nothing needs your attention today.'))}</p>")
        again = callbacks.press(widgets.button(_("Look again"), "at-small", icon="refresh"), form.look)
        heading = widgets.html(f"<style>{CSS}</style><h3>{escape(_('What needs attention today'))}</h3>")
        self._own = Ways(callbacks, "list")
        groups = [self._group(_(name), items) for name, items in navigation.MENU.items()]
        settings_ = widgets.column(
            widgets.html(f"<h3>{escape(_('Settings'))} ▸ {escape(_('System'))}</h3>"),
            Ways(callbacks, "list", self._ways(navigation.SYSTEM)),
            self._own,
            self._languages(),
            kinds=("at-group",),
        )
        today = widgets.column(heading, self._said, self._today, self._calm, self._inbox, widgets.row(again), kinds=("at-group",))
        self.widget = widgets.column(today, widgets.row(*groups, settings_, kinds=("at-beside", "at-heading")))

    def refresh(self) -> None:
        """Show what the form says now."""
        form, _ = self._form, self._form.texts
        told = {"cancelled": _("Nothing was changed."), "renewed": _("Your own licence is renewed.")}.get(form.over, "")
        self._said.value = f"<p>{mark('ready' if form.over == 'renewed' else 'missing', told)}</p>" if told else ""
        widgets.show(self._said, bool(told))
        href = navigation.address(navigation.AUDIT)
        batch = self._cut_off()
        self._today.put((*batch, *(self._attention(name, told, href) for name, told in form.attention)))
        widgets.show(self._calm, not (form.attention or batch))
        waiting = (Way(how_many(form.waiting, _), navigation.address(navigation.LICENCES), form.lead_to_inbox),) if form.waiting else ()
        self._inbox.put(waiting)
        widgets.show(self._inbox, bool(waiting))
        state = f"{MARKS[IN_STATE[form.own_status]]} {_(STATUSES[form.own_status])}"
        until = _("until {day}", day=_.day(form.own.valid_until))
        self._own.put((Way(_("Own licence"), "", form.open_own_licence, note=f"{form.own.number} · {state} · {until}"),))

    def _cut_off(self) -> tuple[Way, ...]:
        if self._form.cut_off is None:
            return ()
        told, _then = self._form.cut_off.told(self._form.texts)
        return (Way(f"{MARKS['attention']} {told}", navigation.address(navigation.MAKE), kind="at-is-attention"),)

    def _attention(self, name: str, told: str, href: str) -> Way:
        state = FILTERS[name].state
        return Way(f"{MARKS[state]} {told}", href, lambda: self._form.lead(name), kind=f"at-is-{state}")

    def _group(self, name: str, items: Iterable[Item]) -> Widget:
        links = Ways(self._callbacks, "list", self._ways(items))
        return widgets.column(widgets.html(f"<h3>{escape(name)}</h3>"), links, kinds=("at-group",))

    def _ways(self, items: Iterable[Item]) -> Iterator[Way]:
        for item in items:
            href = navigation.address(item.notebook)
            if href:
                yield Way(self._form.texts(item.name), href, note="" if navigation.as_pages() else item.notebook)

    def _languages(self) -> Widget:
        _ = self._form.texts
        chosen = widgets.choice([(LANGUAGE_NAMES[language], language) for language in LANGUAGES], _.language, _("Language"))
        return self._callbacks.change(chosen, self._form.speak)
