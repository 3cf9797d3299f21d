"""What every form is: an office, a language, a wizard, one panel of feedback, and screens that want to know when it changed.

A form is a plain object: it can be walked without a browser, and the screen shows only what it says.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from accountools.domain.administration import Client
from accountools.domain.codes import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit.feedback import ON_SCREEN, Feedback
from accountools.forms.kit.preferences import keep_language, language_kept
from accountools.forms.kit.wizard import State, Wizard
from accountools.operations.session import Office
from accountools.texts import Language, Texts, language_of

P = ParamSpec("P")
F = TypeVar("F", bound="Form")
LANGUAGE = "ACCOUNTOOLS_LANG"


class Form:
    """The base of the forms. `path` is the menu path (keys of the catalogues), `over` how it ended: `closed`, `cancelled` or not yet."""

    path: tuple[str, ...] = (N_("Accountancy"),)
    at_home = False  # whether the menu is in this very screen

    def __init__(self, office: Office, wizard: Wizard, texts: Texts | None = None) -> None:
        self.office = office
        self.texts = texts or spoken(office.folder)
        self.wizard = wizard
        self.feedback = Feedback()
        self.over = ""
        self._listeners: list[Callable[[], None]] = []
        with office.reading() as connection:
            self.office_name = office.own_licence(connection).licensee.name
            self.today = office.occasion(connection).today

    @property
    def resting(self) -> bool:
        """Whether no step is shown but what one returns to; a form without steps always rests."""
        return bool(self.over) or not self.wizard.steps

    @property
    def where(self) -> tuple[str, ...]:
        """The menu path of what is shown (keys of the catalogues)."""
        return self.path[:1] if self.over else self.path

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` each time the form changed."""
        self._listeners.append(listener)

    @property
    def not_now(self) -> str:
        """What stands left of a button that is dead because what was tried failed."""
        return self.texts("This can't go on as it is: see what stands above.")

    def changed(self) -> None:
        """Derive the states anew and tell the listeners."""
        self.assess()
        self.tell()

    def tell(self) -> None:
        """Tell the listeners that there is something new to show."""
        for listener in self._listeners:
            listener()

    def assess(self) -> None:
        """Derive the states of the steps from what is filled in."""

    def mend(self, remedy: str) -> bool:  # noqa: ARG002 - the forms know theirs
        """Do what a remedy's button says; whether it was done."""
        return False

    def cancel(self) -> bool:
        """*Annuleren*: leave, with nothing done; whether it was."""
        return False

    def close(self) -> bool:
        """*Sluiten*: leave, with what was done; whether it was."""
        return False

    def previous(self) -> bool:
        """*Vorige*: go back a step; whether it did."""
        return False

    def speak(self, language: Language) -> None:
        """Go on in another language, and begin in it the next time; all that was filled in stays."""
        self.texts = Texts(language)
        self.changed()
        keep_language(self.office.folder, language)

    @property
    def progress(self) -> str:
        """How far it is, in a line: each step with the word of its state."""
        _ = self.texts
        return " · ".join(f"{place} {_(step.title)}: {_(step.word)}" for place, step in enumerate(self.wizard.steps, 1))

    def say(self, one: Obstacle) -> str:
        """An obstacle in one line: what is wrong, and what to do."""
        return f"{self.texts.sentence(one)} {self.what_to_do(one)}"

    def what_to_do(self, one: Obstacle) -> str:
        """An obstacle's remedy, as it is done on a screen."""
        return remedy_on_screen(one, self.texts)

    def in_words(self, client: Client) -> str:
        """A client in one line."""
        return ", ".join(part for part in (client.name, f"KvK {client.kvk}", client.city) if part)

    def work(self, name: str) -> None:
        """Show that the step `name` is at work."""
        self.wizard.put(name, State.ACTIVE, self.texts("At work; one moment, please"))
        self.tell()


def step_of_form(step: Callable[Concatenate[F, P], object]) -> Callable[Concatenate[F, P], bool]:
    """Make a method one that never raises: what goes wrong is told in the form's feedback. Gives whether it was done."""

    @wraps(step)
    def run(form: F, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        form.feedback.clear()
        done = form.feedback.run(lambda: step(form, *args, **kwargs))
        form.changed()
        return done

    return run


def remedy_on_screen(one: Obstacle, _: Texts) -> str:
    """An obstacle's remedy where there are buttons and no commands."""
    return _(ON_SCREEN[one.code]) if one.code in ON_SCREEN else _.remedy(one)


def spoken(folder: Path) -> Texts:
    """The language that was chosen for the office in `folder`, else that of `$ACCOUNTOOLS_LANG`, else the locale's."""
    import os

    return Texts(language_kept(folder) or language_of(os.environ.get(LANGUAGE)))


def typed_path(text: str) -> Path | None:
    """A path as it was typed or pasted: quotes around it and blanks don't count, `~` is the home folder. None when nothing is left."""
    bare = text.strip().strip("\"'").strip()
    return Path(bare).expanduser() if bare else None
