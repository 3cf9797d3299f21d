"""Where a notebook begins: the office that `$ACCOUNTOOLS_OFFICE` names, else the one in the user's data folder, else how to get one.

The demonstration office, once chosen, is the one of all screens of this session, until it is left.
"""

import os
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from accountools.clock import Clock, session_clock
from accountools.domain.errors import Refused
from accountools.forms.kit import widgets
from accountools.forms.kit.feedback import Feedback, remedy_on_screen
from accountools.forms.kit.preferences import choose_session_office, preferred_texts, session_office
from accountools.forms.kit.screen import Screen, mime_bundle
from accountools.forms.kit.style import CSS, paragraph
from accountools.forms.screens.set_up.form import OfficeSetup
from accountools.forms.screens.set_up.view import SetupView
from accountools.operations.maintenance.open_office import open_office as open_existing
from accountools.operations.session import Office
from accountools.storage.address import folder_of
from accountools.texts import Texts

OFFICE = "ACCOUNTOOLS_OFFICE"
MakeScreen = Callable[[Office, Texts], Screen[Any]]


def open_office(clock: Clock | None = None) -> "Opening":
    """Open the office of this machine. What keeps it from being opened is shown where the form would be."""
    place = os.environ.get(OFFICE) or data_folder() / "office"
    return Opening(place, clock or session_clock(), preferred_texts(session_office() or folder_of(place)))


def data_folder() -> Path:
    """The user's data folder of this program."""
    import platformdirs

    return platformdirs.user_data_path("accountools", appauthor=False)


class Opening:
    """An office that is open, or isn't there yet (`office` None). `show` gives a screen of it, or how to get an office."""

    def __init__(self, place: Path | str, clock: Clock, texts: Texts) -> None:
        self.place, self.folder, self.texts = place, folder_of(place), texts
        self.office: Office | None = None
        self.screen: Screen[Any] | None = None
        self.feedback = Feedback()
        self._clock = clock
        self._make: MakeScreen | None = None
        self.setup: OfficeSetup | None = None
        chosen = session_office()
        if chosen is not None:
            self._open(chosen)
        if self.office is None:
            self._open(place)
        self.widget = widgets.column()

    def show(self, make: MakeScreen) -> "Opening":
        """Show this screen of the office, as soon as there is one."""
        self._make = make
        self._refresh()
        return self

    def set_up(self) -> None:
        """*Kantoor inrichten*: show the screen on which a new office is made, or a lost one made anew."""
        if self.setup is None:  # else what was filled in before *Annuleren* is still there
            self.setup = OfficeSetup(self.folder, self._clock, self.texts, self._open_made)
        view = SetupView(self.setup, self._refresh)
        heading = widgets.html(f"<style>{CSS}</style><h3>{escape(self.texts('Set up an office'))}</h3>", "at-bar")
        self.widget.children = (widgets.column(heading, view.widget, kinds=("at-screen",)),)

    def _open_made(self, office: Office) -> None:
        self.office, self.setup = office, None
        self._refresh()

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

    def close_demonstration(self) -> None:
        """*Voorbeeld verlaten*: go on in the office that this session began with, if there is one."""
        choose_session_office(None)
        self.texts = preferred_texts(self.folder)
        self._open(self.place)
        self._refresh()

    def _open(self, place: Path | str) -> None:
        self.office = None
        self.feedback.clear()
        self.feedback.run(lambda: setattr(self, "office", open_existing(place, self._clock)))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget for the notebook."""
        return mime_bundle(self.widget, self.texts, **kwargs)

    def _refresh(self) -> None:
        if self.office is not None and self._make is not None:
            self.screen = self._make(self.office, self.texts)
            shown = self.screen.widget
            self.widget.children = (shown if self.office.folder == self.folder else self._in_demonstration(shown),)
        else:
            self.widget.children = (self._empty_view(),)

    def _in_demonstration(self, shown: widgets.Widget) -> widgets.Widget:
        _ = self.texts
        leave = widgets.button(_("Leave the demonstration"), "at-small")
        leave.on_click(lambda _: self.close_demonstration())
        notice = widgets.html(escape(_("You are in the demonstration office: everything in it is fictitious.")))
        return widgets.column(widgets.row(notice, leave, kinds=("at-notice",)), shown, kinds=("at-screen",))

    def _empty_view(self) -> widgets.Widget:
        feedback, _ = self.feedback, self.texts
        absent = feedback.code in {None, "office-not-found"}
        heading = _("No office here yet") if absent else _("The office can't be opened")
        parts: list[widgets.Widget] = [widgets.html(f"<style>{CSS}</style><h3>{escape(heading)}</h3>")]
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
        searched = _("Looked in {folder}", folder=self.place)
        row = widgets.row(demo, own, kinds=("at-row",))
        return widgets.column(widgets.column(*parts, row, widgets.html(paragraph(searched, "at-quiet")), kinds=("at-body",)),
            kinds=("at-screen",))  # fmt: skip
