"""The administrations of the office: the list, putting away and taking back, and the way to making and copying.

Making, copying and reading in clients are forms of their own (`task`), shown in the place of the list until they are left.
"""

from collections.abc import Callable
from functools import partial

from accountools.domain.administration import Administration, Client
from accountools.domain.codes import N_
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.forms.kit.form import Form, step_of_form
from accountools.forms.kit.two_steps import TwoSteps
from accountools.forms.kit.wizard import Desk, State
from accountools.forms.screens.administrations.clients import ImportClients
from accountools.forms.screens.administrations.copy import CopyAdministration
from accountools.forms.screens.administrations.make import MakeAdministration
from accountools.operations.register import administrations
from accountools.operations.register.administrations import AdministrationView
from accountools.operations.session import Office
from accountools.texts import Texts

TASKS: dict[str, Callable[[Office, Texts], TwoSteps]] = {
    "make": MakeAdministration,
    "copy": CopyAdministration,
    "clients": ImportClients,
}
Listed = tuple[Administration, Client | None]


class Administrations(Form):
    """The form. `chosen` is opened beneath the list, `view` all that may be shown of it (None when its books are missing)."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Create or copy"))

    def __init__(self, office: Office, texts: Texts | None = None) -> None:
        super().__init__(office, Desk("list", N_("Administrations"), N_("Make an administration")), texts)
        self.archived_too, self.asking = False, False
        self.task: TwoSteps | None = None
        self.chosen: Administration | None = None
        self.client: Client | None = None
        self.view: AdministrationView | None = None
        self._done: Callable[[Texts], str] | None = None
        self._read()
        self.assess()

    @property
    def said(self) -> str:
        """What was done last, in a sentence."""
        return "" if self._done is None else self._done(self.texts)

    @step_of_form
    def show_archived(self, yes: bool = True) -> None:
        """Show those that were put away as well, or not."""
        self.archived_too = yes

    @step_of_form
    def choose(self, number: int | str) -> None:
        """Open one beneath the list."""
        self._choose(AdministrationNumber.parse(number))

    @step_of_form
    def let_go(self) -> None:
        """Close the one that is open."""
        self.asking, self._done, self.chosen, self.client, self.view = False, None, None, None, None

    @step_of_form
    def archive(self) -> bool:
        """Ask whether to put the chosen one away; or take it back at once."""
        if self.chosen is None:
            return False
        if self.chosen.archived:
            self._set_archived(self.chosen, archived=False)
        else:
            self.asking = True
        return True

    @step_of_form
    def say_yes(self) -> bool:
        """Yes, put it away. A second press does nothing."""
        if self.chosen is None or not self.asking:
            return False
        self._set_archived(self.chosen, archived=True)
        return True

    @step_of_form
    def say_no(self) -> None:
        """No, leave it."""
        self.asking = False

    @step_of_form
    def begin(self, task: str) -> bool:
        """Begin making (`make`), copying (`copy`, of the chosen one) or reading in `clients`."""
        if self.task is not None or self.over:
            return False
        self.task, self._done, self.asking = TASKS[task](self.office, self.texts), None, False
        self.task.subscribe(partial(self._follow, self.task))
        if isinstance(self.task, CopyAdministration) and self.chosen is not None:
            self.task.choose_source(self.chosen.number)
        return True

    @step_of_form
    def close(self) -> bool:
        """*Sluiten*: return to the menu Accountancy."""
        if self.over or self.task is not None:
            return False
        self.over = "closed"
        return True

    @step_of_form
    def cancel(self) -> bool:
        """There is nothing to cancel: what is done here is done at once, after a yes."""
        return False

    previous = cancel

    @step_of_form
    def start_again(self) -> None:
        """Open the list once more."""
        self.over, self._done = "", None
        self._read()

    @step_of_form
    def mend(self, remedy: str) -> bool:  # noqa: ARG002 - each remedy here is to look again
        """Look again."""
        self._read()
        return True

    def listed(self) -> tuple[Listed, ...]:
        """Those that are listed, by number."""
        return tuple(pair for pair in self._every if self.archived_too or not pair[0].archived)

    def counted(self) -> str:
        """How many there are, in a line."""
        archived = sum(one.archived for one, _ in self._every)
        return self.texts("{count} administrations, and {archived} archived", count=len(self._every) - archived, archived=archived)

    def assess(self) -> None:
        """The one step can always go on."""
        self.wizard.put("list", State.READY)

    def _read(self) -> None:
        self._every = administrations.list_administrations(self.office)

    def _choose(self, number: AdministrationNumber) -> None:
        found = next((pair for pair in self._every if pair[0].number == number), None)
        if found is None:
            raise Refused("administration-not-found", number=number)
        self.asking, self._done, self.view = False, None, None
        self.chosen, self.client = found
        self.view = administrations.show(self.office, number)

    def _set_archived(self, one: Administration, *, archived: bool) -> None:
        self.chosen = administrations.set_archived(self.office, one.number, archived=archived)
        self.asking = False
        self._read()
        said = N_("Administration {number} is archived.") if archived else N_("Administration {number} is no longer archived.")
        self._done = lambda _: _(said, number=one.number)

    def _follow(self, task: TwoSteps) -> None:
        """A task was left: back to the list, which says what was done and opens what was made."""
        if not task.over or task is not self.task:
            return
        self.task, self.texts = None, task.texts
        self._read()
        made = getattr(task, "made", None)
        if made is not None:
            self.feedback.run(lambda: self._choose(made.number))
        self._done = partial(_outcome, task)
        self.changed()


def _outcome(task: TwoSteps, texts: Texts) -> str:
    task.texts = texts
    return task.outcome


def matching(typed: str, pairs: list[Listed] | tuple[Listed, ...]) -> list[Listed]:
    """The administrations that what was typed finds: the one of that number, else those in which all words occur."""
    number = [pair for pair in pairs if typed.strip().lstrip("0") == f"{int(pair[0].number)}"]
    wanted = typed.casefold().split()
    return number or [pair for pair in pairs if all(word in in_a_line(pair).casefold() for word in wanted)]


def in_a_line(pair: Listed) -> str:
    """An administration in one line: its number, its description, and whose it is unless that says the same."""
    one, client = pair
    text = f"{one.number}  {one.description}"
    return text if client is None or client.name == one.description else f"{text}  ({client.name})"
