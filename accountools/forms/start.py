"""Where a notebook begins: the office that `$ACCOUNTOOLS_OFFICE` names, else the one in the user's data folder, else how to get one.

An office that is chosen or made on a screen, the demonstration or another one, is the one of all screens of this session, until it is left.
Where there is no office at its place (any more), the one that was opened or made instead is opened the next time too.
"""

import os
from collections.abc import Callable
from functools import partial
from html import escape
from itertools import chain, count
from pathlib import Path
from typing import Any, Protocol

from accountools.clock import Clock, session_clock
from accountools.domain.errors import Refused
from accountools.domain.messages import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.feedback import Feedback, remedy_on_screen
from accountools.forms.kit.form import Form
from accountools.forms.kit.links import Frame, Link
from accountools.forms.kit.preferences import (
    choose_session_office,
    data_folder,
    forget_instead_of,
    office_instead_of,
    preferred_texts,
    remember_office,
    save_language,
    session_office,
)
from accountools.forms.kit.screen import Screen, mime_bundle
from accountools.forms.kit.style import paragraph
from accountools.forms.screens.set_up.form import LOST, OfficeSetup
from accountools.forms.screens.set_up.other_office import OfficeChoice, OfficeChoiceView
from accountools.forms.screens.set_up.view import SetupView
from accountools.operations.maintenance.open_office import is_moved
from accountools.operations.maintenance.open_office import open_office as open_existing
from accountools.operations.session import Office
from accountools.storage.address import folder_of
from accountools.storage.engines import engine_at
from accountools.texts import Language, Texts

OFFICE = "ACCOUNTOOLS_OFFICE"
MakeScreen = Callable[[Office, Texts], Screen[Any]]


class FormOfNoOffice(widgets.Guarded, Protocol):
    """What is shown while no office's screen is."""

    texts: Texts


def open_office(clock: Clock | None = None) -> "Opening":
    """Open the office of this machine. What keeps it from being opened is shown where the form would be."""
    place = os.environ.get(OFFICE) or data_folder() / "office"
    return Opening(place, clock or session_clock(), preferred_texts())


class Opening:
    """An office that is open, or isn't there yet (`office` None). `show` gives a screen of it, or how to get an office."""

    def __init__(self, place: Path | str, clock: Clock, texts: Texts) -> None:
        self.place, self.texts = place, texts
        self.office: Office | None = None
        self.screen: Screen[Any] | None = None
        self.feedback = Feedback()
        self.folder = data_folder() / "office"  # where `place` is no valid URL
        self._is_valid = self.feedback.run(lambda: setattr(self, "folder", folder_of(place)))
        self._clock = clock
        self._make: MakeScreen | None = None
        self.setup: OfficeSetup | None = None
        chosen = session_office()
        if chosen is not None:
            self._open(chosen)
        if self.office is None:
            self._open(place)
            self._follow_move()
        self.widget = widgets.column()

    def show(self, make: MakeScreen) -> "Opening":
        """Show this screen of the office, as soon as there is one."""
        self._make = make
        self._refresh()
        return self

    def set_up(self, *, lost: bool = False) -> None:
        """*Kantoor inrichten*: show the screen on which a new office is made, or a lost one made anew: `lost` begins with that."""
        setup = self.setup
        if setup is None:  # else what was filled in before *Annuleren* is still there
            setup = self.setup = OfficeSetup(self._free_folder(), self._clock, self.texts, self._open_made)
        elif self._is_taken(setup.folder):
            setup.choose_folder(self._free_folder())
        if lost:
            setup.choose_way(LOST)
        self._show_alone(setup, lambda: SetupView(setup, self._refresh).widget, N_("Set up an office"))

    def choose_office(self) -> None:
        """*Een ander kantoor openen*: show the screen on which another office is chosen, or a new one is begun."""
        choice = OfficeChoice(self.open_at, self.texts)
        self._show_alone(choice, lambda: OfficeChoiceView(choice, self._refresh, self.set_up).widget, N_("Open another office"))

    def open_at(self, place: Path | str) -> None:
        """Open the office at another place, for this session. Raises what keeps it from being opened: then the present one stays."""
        self._navigate_to(open_existing(place, self._clock))

    def _navigate_to(self, office: Office) -> None:
        """Go on in this office: also on the next screens of this session, and the next time where there is none at its place."""
        with office.session() as session:
            name = session.own_licence.licensee.name
        place = office.engine.place
        choose_session_office(place)
        remember_office(place, name, self.place if self._is_valid else place)  # there may be a password in the other one
        self.office, self.texts = office, preferred_texts()
        self._refresh()

    def notify(self) -> None:
        """Something is to be shown of what went wrong."""
        self._refresh()

    def _show_alone(self, form: FormOfNoOffice, make: Callable[[], widgets.Widget], title: str = "") -> None:
        """Show a screen that is of no office; in another language it is made anew."""
        form.texts = _ = self.texts

        def set_language(language: Language) -> None:
            self.texts = Texts(language)
            self._show_alone(form, make, title)
            save_language(language)

        frame = Frame(widgets.Callbacks(form), _, set_language, escape(_.day(self._clock().today)))
        if title:
            frame.path.show((Link(_("Accountancy"), "", self._refresh), Link(_(title))))
        self.widget.children = (widgets.column(*frame.around(make()), kinds=("at-screen",)),)

    def _free_folder(self) -> Path:
        """Where a new office can be: at the place of this machine's, else beside it."""
        folders = chain((self.folder,), (self.folder.with_name(f"{self.folder.name}-{n}") for n in count(2)))
        return next(folder for folder in folders if not self._is_taken(folder))

    def _is_taken(self, folder: Path) -> bool:
        return engine_at(folder).exists() or (self.office is not None and self.office.folder == folder)

    def _open_made(self, office: Office) -> None:
        self.setup = None
        self._navigate_to(office)

    def demonstrate(self) -> None:
        """*Bekijk het voorbeeldkantoor*: go on in the demonstration office in the user's data folder, which is made if need be."""
        from accountools.demo.demonstration import create_demo

        self.feedback.clear()
        folder = data_folder() / "demo"

        def open_demo() -> None:
            try:
                self.office = open_existing(folder, self._clock)
            except Refused as error:
                if error.code != "office-not-found":
                    raise
                self.office = create_demo(folder, self._clock).office

        if self.feedback.run(open_demo):
            choose_session_office(folder)
        self._refresh()

    def close_other_office(self) -> None:
        """*Voorbeeld verlaten*, or back from another office: go on in the office that this session began with, if there is one."""
        choose_session_office(None)
        forget_instead_of(self.place)
        self.texts = preferred_texts()
        self._open(self.place)
        self._refresh()

    def _follow_move(self) -> None:
        """Where the office isn't at its place any more, open the one that was opened instead, if it is still there."""
        instead, here = office_instead_of(self.place), self.office
        if instead is None or (here is not None and not is_moved(here)):
            return
        self._open(instead)
        if self.office is None:
            self._open(self.place)

    def _open(self, place: Path | str) -> None:
        self.office = None
        self.feedback.clear()
        self.feedback.run(lambda: setattr(self, "office", open_existing(place, self._clock)))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget for the notebook."""
        return mime_bundle(self.widget, self.texts, **kwargs)

    def _refresh(self) -> None:
        office, make = self.office, self._make

        def show_screen() -> bool:
            if office is None or make is None:
                return False
            self.screen = make(office, self.texts)
            self.screen.form.host = self
            self.screen.form.subscribe(partial(self._follow_language, self.screen.form))
            self.screen.refresh()
            self.widget.children = (self._framed(self.screen.widget, office),)
            return True

        if not self.feedback.run(show_screen):
            self._show_alone(self, self._empty_view)

    def _follow_language(self, form: Form) -> None:
        self.texts = form.texts

    def _framed(self, shown: widgets.Widget, office: Office) -> widgets.Widget:
        """A screen of an office; of another one than this session began with it says so, with a way back."""
        _ = self.texts
        if office.folder == data_folder() / "demo" != self.folder:
            notice, back = _("You are in the demonstration office: everything in it is fictitious."), _("Leave the demonstration")
        elif session_office() is not None and office.folder != self.folder:
            notice, back = _("You opened the office at {place}.", place=office.engine.place), _("Back to where you began")
        else:
            return shown
        leave = widgets.button(back, "at-small")
        leave.on_click(lambda _: self.close_other_office())
        return widgets.column(widgets.row(widgets.html(escape(notice)), leave, kinds=("at-notice",)), shown, kinds=("at-screen",))

    def _empty_view(self) -> widgets.Widget:
        feedback, _ = self.feedback, self.texts
        absent = feedback.code in {None, "office-not-found"}
        heading = _("No office here yet") if absent else _("The office can't be opened")
        parts: list[widgets.Widget] = [widgets.html(f"<h3>{escape(heading)}</h3>")]
        if feedback.reason is not None and not absent:
            parts.append(widgets.panel("blocked", _("blocked"), _.sentence(feedback.reason), remedy_on_screen(feedback.reason, _)))
        else:
            parts.append(
                widgets.html(
                    paragraph(_("Set up your own office, or look around in the demonstration office: everything in it is fictitious."))
                )
            )
        demo, own = widgets.button(_("See the demonstration office"), "at-main"), widgets.button(_("Set up an office"))
        demo.on_click(lambda _: self.demonstrate())
        own.on_click(lambda _: self.feedback.run(self.set_up))
        other = widgets.button(_("Open another office"))
        other.on_click(lambda _: self.feedback.run(self.choose_office))
        parts.append(widgets.row(demo, own, other, kinds=("at-row",)))
        if self._is_valid:
            parts.append(widgets.html(paragraph(_("Searched in {folder}", folder=self.place), "at-quiet")))
        return widgets.column(*parts, kinds=("at-body",))
