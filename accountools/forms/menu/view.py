"""The screen of the menu: what needs attention today, the menu's items as links, and the own licence."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from accountools.forms import parts, places, settings
from accountools.forms.audit.filters import FILTERS
from accountools.forms.details import STATUSES
from accountools.forms.inbox.part import how_many
from accountools.forms.licence_told import IN_STATE
from accountools.forms.menu.form import Menu
from accountools.forms.menu.own_licence_view import FileView, RenewalView
from accountools.forms.parts import Callbacks, Widget
from accountools.forms.places import Item
from accountools.forms.screen import Screen, StepView
from accountools.forms.style import mark
from accountools.forms.style_tables import CSS
from accountools.forms.ways import Way, Ways
from accountools.marks import MARKS
from accountools.operations.office import Office
from accountools.texts import LANGUAGES, Texts

LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English"}  # each in its own


def menu_screen(office: Office, texts: Texts | None = None) -> Screen[Menu]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    form = Menu(office, texts)
    form.begin(settings.take(office, places.HOME))
    return Screen(form, _views, MenuView)


def _views(form: Menu, callbacks: Callbacks) -> Mapping[str, StepView]:
    return {"file": FileView(form, callbacks), "details": RenewalView(form, callbacks)}


class MenuView(StepView):
    """The menu that one returns to."""

    def __init__(self, form: Menu, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._said, self._today, self._inbox = parts.html(), Ways(callbacks, "list"), Ways(callbacks, "list")
        self._calm = parts.html(f"<p>{mark('ready', _('Nothing needs your attention today.'))}</p>")
        again = callbacks.press(parts.button(_("Look again"), "at-small", icon="refresh"), form.look)
        heading = parts.html(f"<style>{CSS}</style><h3>{escape(_('What needs attention today'))}</h3>")
        self._own = Ways(callbacks, "list")
        groups = [self._group(_(name), items) for name, items in places.MENU.items()]
        settings_ = parts.column(
            parts.html(f"<h3>{escape(_('Settings'))} ▸ {escape(_('System'))}</h3>"),
            Ways(callbacks, "list", self._ways(places.SYSTEM)),
            self._own,
            self._languages(),
            kinds=("at-group",),
        )
        today = parts.column(heading, self._said, self._today, self._calm, self._inbox, parts.row(again), kinds=("at-group",))
        self.widget = parts.column(today, parts.row(*groups, settings_, kinds=("at-beside", "at-heading")))

    def refresh(self) -> None:
        """Show what the form says now."""
        form, _ = self._form, self._form.texts
        told = {"cancelled": _("Nothing was changed."), "renewed": _("Your own licence is renewed.")}.get(form.over, "")
        self._said.value = f"<p>{mark('ready' if form.over == 'renewed' else 'missing', told)}</p>" if told else ""
        parts.show(self._said, bool(told))
        href = places.address(places.AUDIT)
        batch = self._cut_off()
        self._today.put((*batch, *(self._attention(name, told, href) for name, told in form.attention)))
        parts.show(self._calm, not (form.attention or batch))
        waiting = (Way(how_many(form.waiting, _), places.address(places.LICENCES), form.lead_to_inbox),) if form.waiting else ()
        self._inbox.put(waiting)
        parts.show(self._inbox, bool(waiting))
        state = f"{MARKS[IN_STATE[form.own_status]]} {_(STATUSES[form.own_status])}"
        until = _("until {day}", day=_.day(form.own.valid_until))
        self._own.put((Way(_("Own licence"), "", form.open_own_licence, note=f"{form.own.number} · {state} · {until}"),))

    def _cut_off(self) -> tuple[Way, ...]:
        if self._form.cut_off is None:
            return ()
        told, _then = self._form.cut_off.told(self._form.texts)
        return (Way(f"{MARKS['attention']} {told}", places.address(places.MAKE), kind="at-is-attention"),)

    def _attention(self, name: str, told: str, href: str) -> Way:
        state = FILTERS[name].state
        return Way(f"{MARKS[state]} {told}", href, lambda: self._form.lead(name), kind=f"at-is-{state}")

    def _group(self, name: str, items: Iterable[Item]) -> Widget:
        links = Ways(self._callbacks, "list", self._ways(items))
        return parts.column(parts.html(f"<h3>{escape(name)}</h3>"), links, kinds=("at-group",))

    def _ways(self, items: Iterable[Item]) -> Iterator[Way]:
        for item in items:
            href = places.address(item.notebook)
            if href:
                yield Way(self._form.texts(item.name), href, note="" if places.as_pages() else item.notebook)

    def _languages(self) -> Widget:
        _ = self._form.texts
        chosen = parts.choice([(LANGUAGE_NAMES[language], language) for language in LANGUAGES], _.language, _("Language"))
        return self._callbacks.change(chosen, self._form.speak)
