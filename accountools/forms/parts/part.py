"""What the parts of a screen have in common: what a part holds, and how it is shown."""

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import widgets
from accountools.forms.kit.feedback import remedy_on_screen
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.jobs import JobForm
from accountools.forms.kit.screen import StepView, host_buttons
from accountools.forms.kit.style import paragraph, state_html
from accountools.forms.kit.upload import Uploads
from accountools.operations.progress import Progress
from accountools.texts import Texts

T = TypeVar("T")
Condition = tuple[str, str]  # one of the audit's four states, and its word


class PartsForm(JobForm):
    """A form of parts beside each other."""

    parts: dict[str, "Part"]
    uploads: Uploads

    def reload(self) -> None:
        """Read anew how things are in all parts, and what is shown of the one that is open."""
        for part in self.parts.values():
            part.load()
        self.parts[self.wizard.current.name].enter()


class Part:
    """The base of the parts. `title` and `action` (what the main button says) are keys of the catalogues."""

    name: ClassVar[str]
    title: ClassVar[str]
    action: ClassVar[str]

    def __init__(self, form: PartsForm) -> None:
        self.form, self.office, self.feedback = form, form.office, form.feedback
        self.forget()
        self.load()

    @property
    def texts(self) -> Texts:
        """The language."""
        return self.form.texts

    def changed(self) -> None:
        """The form changed."""
        self.form.changed()

    def load(self) -> None:
        """Read anew how things are."""

    def enter(self) -> None:
        """Read what is only shown while this part is open."""

    def forget(self) -> None:
        """Forget what was filled in and done here."""

    def retry(self) -> None:
        """Plan anew what was planned."""

    def missing(self) -> str:
        """Why the main button can't be pressed, as text; empty when it can."""
        return ""

    def condition(self) -> Condition:
        """How things are."""
        raise NotImplementedError

    def remedy(self, one: Obstacle) -> str:
        """An obstacle's remedy, as it is done here."""
        return remedy_on_screen(one, self.texts)

    def can_act(self) -> bool:
        """Whether the main button can be pressed."""
        return not (self.form.busy or self.form.ended or self.missing())

    def run_job(self, job: Callable[[Progress], T], then: Callable[[T], object], *, harmless: bool = False) -> bool:
        """Do long work; `then` gets its result."""
        return self.form.run_job(self.name, lambda: job(self.form.progress_hook()), then, harmless=harmless)


P = TypeVar("P", bound=Part)


class PartView(StepView, Generic[P]):
    """The base of what is shown of a part."""

    def __init__(self, part: P, callbacks: widgets.Callbacks) -> None:
        self.part, self.callbacks, self.texts = part, callbacks, part.texts

    def choose_file(self, label: str, choose: Callable[[Path | str], object], kind: str, *endings: str) -> FileChooser:
        """A field for a file, by its path or handed in on the page."""
        made = FileChooser(self.callbacks, self.texts, label, self.texts("Look up: {what}", what=label), choose, endings=endings)
        made.add_upload(self.callbacks, self.part.form.uploads.upload_for(kind), choose)
        return made

    def describe_obstacles(self, found: tuple[Obstacle, ...]) -> Iterator[widgets.Widget]:
        """Each obstacle in a panel, with its remedy."""
        _ = self.texts
        for one in found:
            state, word = ("blocked", _("blocked")) if one.blocking else ("attention", _("attention"))
            buttons = host_buttons(self.part.form, self.callbacks, one)
            yield widgets.panel(state, word, _.sentence(one), self.part.remedy(one), *buttons)


def heading(text: str, explained: str = "") -> widgets.Widget:
    """A heading, and a sentence about what is beneath it."""
    return widgets.html(f"<h3>{escape(text)}</h3>{paragraph(explained, 'at-quiet') if explained else ''}")


def state_line(state: str, word: str) -> str:
    """A state as a line of its own."""
    return f"<p>{state_html(state, word)}</p>"
