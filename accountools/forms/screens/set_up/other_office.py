"""*Een ander kantoor openen*: one that was open here before, or one whose folder or URL is given: a folder that was moved, for instance."""

from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path

from accountools.forms.kit import widgets
from accountools.forms.kit.feedback import Feedback, remedy_on_screen
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import parse_path
from accountools.forms.kit.links import Link, Links
from accountools.forms.kit.preferences import known_offices
from accountools.forms.kit.style import paragraph
from accountools.storage.address import is_url
from accountools.texts import Texts


class OfficeChoice:
    """What is chosen. `known` are the offices that were open here before: their names by where they are. `open_at` opens one, or raises."""

    def __init__(self, open_at: Callable[[Path | str], object], texts: Texts) -> None:
        self.texts, self.feedback, self._open_at = texts, Feedback(), open_at
        self.known = known_offices()
        self.place: Path | str | None = None
        self._listeners: list[Callable[[], object]] = []

    def subscribe(self, listener: Callable[[], object]) -> None:
        """Call `listener` each time something changed."""
        self._listeners.append(listener)

    def notify(self) -> None:
        """Call the listeners."""
        for listener in self._listeners:
            listener()

    def choose(self, place: Path | str) -> None:
        """Choose a folder, or the URL of a database."""
        self.feedback.clear()
        typed = str(place).strip()
        self.place = typed if is_url(typed) else parse_path(typed)
        self.notify()

    def open(self, place: Path | str | None = None) -> bool:
        """*Openen*: open what is chosen, or a known one, which is then what is chosen. Whether it was; if not, why is in `feedback`."""
        self.feedback.clear()
        wanted = self.place = place or self.place
        done = wanted is not None and self.feedback.run(lambda: self._open_at(wanted))
        self.notify()
        return done


class OfficeChoiceView:
    """The screen. `set_up` goes on to the one on which an office is made."""

    def __init__(self, form: OfficeChoice, leave: Callable[[], object], set_up: Callable[[], object]) -> None:
        self._form, _ = form, form.texts
        callbacks = self._callbacks = widgets.Callbacks(form)
        heading = widgets.html(f"<h3>{escape(_('Offices that were open here before'))}</h3>")
        links = [Link(name, step=partial(form.open, place), note=place) for place, name in form.known.items()]
        before = widgets.column(heading, Links(callbacks, "list", links), kinds=("at-group",))
        widgets.show(before, bool(links))
        button = _("Look up the folder")
        self._place = FileChooser(callbacks, _, _("Folder of the office, or the URL of its database"), button, form.choose, folders=True)
        hint = paragraph(_("Did you move the folder? Choose where it is now: the program remembers it."), "at-quiet")
        self._panel, self._why = widgets.place(), widgets.html("", "at-grow", "at-live")
        self._open = callbacks.press(widgets.button(_("Open"), "at-main"), form.open)
        cancel = callbacks.press(widgets.button(_("Cancel"), "at-cancels"), leave)
        new = widgets.html(paragraph(_("Is the office not there yet, or lost? Set it up: a new one, or from its own backup.")))
        own = widgets.row(callbacks.press(widgets.button(_("Set up an office")), set_up), kinds=("at-row",))
        fields = (before, self._place.widget, self._panel, widgets.html(hint), new, own)
        body = widgets.column(*fields, kinds=("at-body", "at-fields"))
        self.widget = widgets.column(body, widgets.row(self._why, cancel, self._open, kinds=("at-foot",)))
        form.subscribe(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen now."""
        form, _ = self._form, self._form.texts
        with self._callbacks.silenced():
            self._place.show(str(form.place or ""), "")
        reason = form.feedback.reason
        self._panel.children = (
            () if reason is None else (widgets.panel("blocked", _("That didn't work"), _.sentence(reason), remedy_on_screen(reason, _)),)
        )
        self._open.disabled = form.place is None
        self._why.value = escape(_("Choose the folder of an office first")) if form.place is None else ""
