"""The first step of *Back-up maken* on the screen: the purpose, and a page of the list of administrations with their tick boxes."""

from html import escape

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import InterruptedBatch, describe_size
from accountools.forms.kit.feedback import address_for
from accountools.forms.kit.links import Link, Links
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import state_html
from accountools.forms.screens.make_backups.choose import PURPOSES
from accountools.forms.screens.make_backups.form import MakeBackups
from accountools.forms.screens.make_backups.table import PAGE, SHOWING, Row

WORDS = {"ready": N_("ready"), "attention": N_("attention"), "blocked": N_("blocked"), "missing": N_("without licence")}
HOW = {
    "licence": N_("encrypted where the licence contains a key"),
    "passphrase": N_("encrypted with the passphrase, which you type again"),
    "generated": N_("encrypted with a generated passphrase, a different one for each client"),
    "key": N_("encrypted to the same key"),
    "plain": N_("not encrypted"),
}


class RowView:
    """A line of the page: it lives on and shows another row when the page is turned."""

    def __init__(self, form: MakeBackups, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self._number: AdministrationNumber | None = None
        self._tick, self._size, self._why = widgets.checkbox(""), widgets.html(), widgets.html()
        self._link: Links | None = None
        callbacks.change(self._tick, lambda yes: form.tick([self._number] if self._number else [], yes))
        self.widget = widgets.row(self._tick, self._size, self._why, kinds=("at-tick-row",))

    def show(self, row: Row | None) -> None:
        """Show this row, or nothing."""
        widgets.show(self.widget, row is not None)
        if row is None:
            return
        _ = self._form.texts
        self._number = row.item.number
        self._tick.description, self._tick.disabled = row.name, row.item.refused
        self._tick.value = row.item.number in self._form.list.ticked
        self._size.value = escape(describe_size(row.item.bytes, _)) if row.item.bytes else "—"
        why = " ".join(self._form.texts.sentence(one) for one in row.obstacles[:1])
        self._why.value = f"{state_html(row.state, _(WORDS[row.state]))}&ensp;<span class='at-quiet'>{escape(why)}</span>"
        if row.screen is None:
            self.widget.children = (self._tick, self._size, self._why)
            return
        if self._link is None:
            self._link = Links(self._callbacks)
        self._link.show([Link(_(row.screen.name), address_for(row.screen, int(row.item.number)))])
        self.widget.children = (self._tick, self._size, self._why, self._link)


class ListView(StepView):
    """The purpose and the list."""

    def __init__(self, form: MakeBackups, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self.press_main = form.next
        self._purpose = widgets.choice([(_(PURPOSES[one]), one) for one in form.purposes], form.purpose, _("Purpose"))
        self._search = widgets.text(_("Search by number or name"), form.list.search, live=True)
        self._showing = widgets.choice([(_(label), name) for name, label in SHOWING.items()], form.list.showing, _("Show"))
        self._showing.add_class("at-line")
        self._all, self._none = widgets.button(_("Tick all listed"), "at-small"), widgets.button(_("Untick all listed"), "at-small")
        again = callbacks.press(widgets.button(_("Reload"), "at-small"), form.reload)
        self._back, self._on = widgets.button(_("Previous page"), "at-small"), widgets.button(_("Next page"), "at-small")
        self._page, self._sum = widgets.html(), widgets.html()
        self._rows = [RowView(form, callbacks) for _place in range(PAGE)]
        self._nothing = widgets.html(f'<p class="at-quiet">{escape(_("Nothing found"))}</p>')
        self._attach_callbacks()
        searching = widgets.column(widgets.row(self._search, kinds=("at-search",)), self._showing, kinds=("at-group",))
        ticking = widgets.row(self._all, self._none, again, self._sum, kinds=("at-row",))
        self._pager = widgets.row(self._back, self._page, self._on, kinds=("at-row",))
        rows = widgets.column(*(row.widget for row in self._rows), self._nothing, kinds=("at-tick-list",))
        self._list = widgets.column(searching, ticking, rows, self._pager, kinds=("at-group",))
        self._register = widgets.html(f"<p class='at-quiet'>{escape(_(ABOUT_REGISTER))}</p>")
        self._interrupted = widgets.column()
        self._shown_interrupted: InterruptedBatch | None = None
        self.widget = widgets.column(self._interrupted, self._purpose, self._register, self._list, kinds=("at-fields",))

    def _attach_callbacks(self) -> None:
        form, change, press = self._form, self._callbacks.change, self._callbacks.press
        change(self._purpose, form.choose_purpose)
        change(self._search, lambda typed: self._filter(search=typed))
        change(self._showing, lambda showing: self._filter(showing=showing))
        press(self._all, form.tick_found)
        press(self._none, lambda: form.tick_found(yes=False))
        press(self._back, lambda: self._turn(-1))
        press(self._on, lambda: self._turn(1))

    def _show_interrupted(self) -> None:
        form, press, _ = self._form, self._callbacks.press, self._form.texts
        if form.interrupted is self._shown_interrupted:
            return
        self._shown_interrupted = form.interrupted
        self._interrupted.children = ()
        if form.interrupted is not None:
            on = press(widgets.button(_("Make the remaining backups"), "at-small"), form.resume_batch)
            off = press(widgets.button(_("Don't make the remaining backups"), "at-small"), form.discard_rest)
            batch = form.interrupted.batch
            then = _(
                "They are made with the same choices: {how}, in {folder}.", how=_(HOW[form.interrupted.encryption]), folder=batch.folder
            )
            self._interrupted.children = (
                widgets.panel("attention", _("attention"), form.interrupted.describe(_), then, widgets.row(on, off, kinds=("at-row",))),
            )

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        self._show_interrupted()
        register = form.purpose == "register"
        self._purpose.value = form.purpose
        widgets.show(self._list, not register)
        widgets.show(self._register, register)
        if register:
            return
        page = form.list.on_page
        for place, row in enumerate(self._rows):
            row.show(page[place] if place < len(page) else None)
        widgets.show(self._nothing, not page)
        widgets.show(self._pager, form.list.pages > 1)
        self._back.disabled, self._on.disabled = form.list.page == 0, form.list.page + 1 >= form.list.pages
        counted = _("Page {page} of {pages} · administrations: {found}", page=form.list.page + 1, pages=form.list.pages,
            found=len(form.list.matching))  # fmt: skip
        self._page.value = f'<span class="at-quiet">{escape(counted)}</span>'
        ticked = _("{count} ticked", count=len(form.list.ticked))
        total = f" · {describe_size(form.list.bytes, _)}" if form.list.ticked else ""
        self._sum.value = f"<b>{escape(ticked + total)}</b>"
        self._none.disabled = not form.list.ticked
        self._all.disabled = not any(not row.item.refused and row.item.number not in form.list.ticked for row in form.list.matching)

    def _filter(self, search: str | None = None, showing: str | None = None) -> None:
        self._form.list.filter(search, showing)
        self._form.changed()

    def _turn(self, pages: int) -> None:
        self._form.list.turn(pages)
        self._form.changed()


ABOUT_REGISTER = N_(
    "With this backup you can set up the office again on another computer: keep it apart from "
    "the backups of the administrations. It contains the office's secret keys, so it is always "
    "encrypted."
)
