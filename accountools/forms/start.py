"""Where a notebook begins: the office that `$ACCOUNTOOLS_OFFICE` names, else the one in the user's data folder, else a way to one."""

import os
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from accountools.clock import Clock, system_clock
from accountools.domain.errors import Refused
from accountools.forms.kit import widgets
from accountools.forms.kit.feedback import Feedback
from accountools.forms.kit.form import remedy_on_screen, spoken
from accountools.forms.kit.screen import Screen, bundle_of
from accountools.forms.kit.style import CSS, line
from accountools.forms.kit.widgets import Widget
from accountools.operations.session import Office
from accountools.texts import Texts

OFFICE = "ACCOUNTOOLS_OFFICE"
MakeScreen = Callable[[Office, Texts], Screen[Any]]


def open_office(clock: Clock | None = None) -> "Opening":
    """Open the office of this machine. What keeps it from being opened is shown where the form would be."""
    folder = office_folder()
    return Opening(folder, clock or system_clock(), spoken(folder))


def office_folder() -> Path:
    """Where the office is: `$ACCOUNTOOLS_OFFICE`, else in the user's data folder."""
    place = os.environ.get(OFFICE)
    return Path(place) if place else data_folder() / "office"


def data_folder() -> Path:
    """The user's data folder of this program."""
    import platformdirs

    return platformdirs.user_data_path("accountools", appauthor=False)


class Opening:
    """An office that is open, or isn't there yet (`office` None). `show` gives a screen of it, or the way to an office."""

    def __init__(self, folder: Path, clock: Clock, texts: Texts) -> None:
        self.folder, self.texts = folder, texts
        self.office: Office | None = None
        self.screen: Screen[Any] | None = None
        self.feedback = Feedback()
        self._clock = clock
        self.feedback.run(self._open)
        self._make: MakeScreen | None = None
        self.widget = widgets.column()

    def show(self, make: MakeScreen) -> "Opening":
        """Show this screen of the office, as soon as there is one."""
        self._make = make
        self._refresh()
        return self

    def set_up(self) -> None:
        """*Kantoor inrichten*: tell the command that does it."""
        _ = self.texts
        said = _("Close this page, and give this command where accountools was started:")
        command = f'accountools init --office "{self.folder}" --licence FILE --trust JWKS'
        more = _("FILE is your own licence, JWKS the list of issuers that came with it.")
        self._more.value = f"{line(said)}<p><code>{escape(command)}</code></p>{line(more, 'at-quiet')}"

    def demonstrate(self) -> None:
        """*Bekijk het voorbeeldkantoor*: go on in the demonstration office in the user's data folder, which is made if need be."""
        from accountools.demo.demonstration import demonstrate

        self.feedback.clear()
        folder = data_folder() / "demo"

        def open_demo() -> None:
            try:
                self.office = Office.open(folder, self._clock)
            except Refused as error:
                if error.code != "office-not-found":
                    raise
                self.office = demonstrate(folder, self._clock).office

        self.feedback.run(open_demo)
        self._refresh()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget for the notebook."""
        return bundle_of(self.widget, self.texts, **kwargs)

    def _open(self) -> None:
        self.office = Office.open(self.folder, self._clock)

    def _refresh(self) -> None:
        if self.office is not None and self._make is not None:
            self.screen = self._make(self.office, self.texts)
            self.widget.children = (self.screen.widget,)
        else:
            self.widget.children = (self._without(),)

    def _without(self) -> Widget:
        told, _ = self.feedback, self.texts
        lost = told.code in {None, "office-not-found"}
        heading = _("No office here yet") if lost else _("The office can't be opened")
        parts_: list[Widget] = [widgets.html(f"<style>{CSS}</style><h3>{escape(heading)}</h3>")]
        if told.reason is not None and not lost:
            parts_.append(widgets.panel("blocked", _("blocked"), _.sentence(told.reason), remedy_on_screen(told.reason, _)))
        else:
            parts_.append(widgets.html(line(_("Set up your own office, or look around in one that is made up: nothing in it is real."))))
        demo, own = widgets.button(_("See the demonstration office"), "at-main"), widgets.button(_("Set up an office"))
        demo.on_click(lambda _: self.demonstrate())
        own.on_click(lambda _: self.feedback.run(self.set_up))
        self._more = widgets.html()
        return widgets.column(widgets.column(*parts_, widgets.row(demo, own, kinds=("at-row",)), self._more, kinds=("at-body",)),
            kinds=("at-screen",))  # fmt: skip
