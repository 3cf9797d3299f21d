"""What every form is: an office, a language, a wizard, one panel of feedback, and screens that listen for its changes.

A form is a plain object: it can be used without a browser, and the screen shows only what it holds. It is left with nothing done
(*Annuleren*), and can go on where it was; or with what was done (*Sluiten*), and begins anew after that.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, final

from accountools.domain.administration import Client, User
from accountools.domain.errors import AccountoolsError, Refused
from accountools.domain.identifiers import Login, parse_employee, parse_name
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit.feedback import Action, Feedback, action_for, remedy_on_screen
from accountools.forms.kit.navigation import Request
from accountools.forms.kit.preferences import preferred_texts, save_language
from accountools.forms.kit.wizard import WORDS, Parts, State, Wizard
from accountools.operations.errors import translate_error
from accountools.operations.session import Office
from accountools.texts import Language, Texts


class Changing(Protocol):
    """What the guard needs of a form, or of a part of one: where to show what goes wrong, and that it changed."""

    feedback: Feedback

    def changed(self) -> None:
        """Derive what is shown anew."""


class OfficeHost(Protocol):
    """Who shows a form in a notebook, and can show another office in its place."""

    def choose_office(self) -> object:
        """Let another office be chosen."""

    def open_at(self, place: Path | str) -> object:
        """Open the office at another place."""

    def set_up(self, *, lost: bool = False) -> object:
        """Let an office be made, or a `lost` one be made anew."""


P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=Changing)
StepState = tuple[State, *tuple[str, ...]]  # a step's state, and the reasons why it can't go on


def guarded(step: Callable[Concatenate[F, P], object]) -> Callable[Concatenate[F, P], bool]:
    """Make a method one that never raises: what goes wrong is shown in the form's feedback. Gives whether it was done."""

    @wraps(step)
    def run(form: F, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        form.feedback.clear()
        done = form.feedback.run(lambda: step(form, *args, **kwargs))
        form.changed()
        return done

    return run


class Form:
    """The base of the forms. `path` is the menu path (keys of the catalogues), `actions` what `resolve` can do.

    `ended` is how the form ended: `closed`, `cancelled` or not yet (empty). `failed`: what was tried last came to nothing. `host` can
    open another office, where the form is shown in a notebook. What the frame of the screen presses is final: a form that has a step of
    its own calls it otherwise.
    """

    path: tuple[str, ...] = (N_("Accountancy"),)
    is_menu = False  # whether the menu is in this very screen
    for_accountants = False  # whether it is of no use in a client's own office
    actions: frozenset[str] = frozenset({"retry"})
    failed = False
    host: OfficeHost | None = None

    def __init__(self, office: Office, wizard: Wizard, texts: Texts | None = None) -> None:
        self.office = office
        self.texts = texts or preferred_texts()
        self.wizard = wizard
        self.feedback = Feedback(self.action_for)
        self.ended = ""
        self._confirmed: tuple[object, frozenset[str]] = (None, frozenset())  # the plan, and what was confirmed of it
        self._listeners: list[Callable[[], None]] = []
        with office.session() as session:
            self.office_name = session.own_licence.licensee.name
            self.is_demonstration = session.own_licence.kind == "demo"
            self.is_accountant_office = session.is_accountant_office
            self.today, self.held_day = session.context.today, session.context.held_day

    def reset(self) -> None:
        """Forget what was filled in and done here."""

    def assess(self) -> None:
        """Derive the states of the steps from what is filled in."""

    def begin(self, request: Request) -> object:
        """Begin with what another screen asks."""

    def kept_state(self) -> dict[str, Any]:
        """What is half done and in no field: the browser keeps it, for who comes back by F5 or Back."""
        return {"part": self.wizard.current.name} if isinstance(self.wizard, Parts) else {}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Go on with what the browser kept; the fields are filled in after that."""
        if any(step.name == state.get("part") for step in self.wizard.steps):
            self.open_part(state["part"])

    def resolve(self, action: str) -> bool:  # noqa: ARG002 - the forms know theirs
        """Do what a remedy's button says; whether it was done."""
        return False

    def open_part(self, name: str) -> bool:  # noqa: ARG002 - for forms with parts
        """Open another part, where the steps are beside each other; whether it was."""
        return False

    def step_back(self) -> bool:
        """Go back a step, if that can be; what was filled in stays. Whether it did."""
        return self.wizard.back()

    @final
    @guarded
    def previous(self) -> bool:
        """*Vorige*: back a step; all that was filled in stays, but a passphrase."""
        return self.step_back()

    @final
    @guarded
    def cancel(self) -> bool:
        """*Annuleren*: leave, with nothing done; what was filled in stays, but a passphrase."""
        return not self.wizard.lasting and self.end("cancelled")

    @final
    @guarded
    def close(self) -> bool:
        """*Sluiten*: return to the menu (S14)."""
        return self.wizard.lasting and self.end("closed")

    @final
    @guarded
    def restart(self) -> None:
        """Begin anew after the form was left."""
        self.reset()
        self.ended = ""

    @final
    @guarded
    def resume(self) -> bool:
        """Go on where *Annuleren* left the form."""
        if self.ended != "cancelled":
            return False
        self.ended = ""
        return True

    @property
    def plan_to_confirm(self) -> object:
        """The plan whose obstacles are confirmed here, None while there is none. Planned anew it is another object."""
        return None

    @property
    def accepted(self) -> frozenset[str]:
        """What was confirmed of the plan, as `Obstacle.confirmation`; nothing yet of what was planned anew."""
        plan, confirmed = self._confirmed
        return confirmed if plan is self.plan_to_confirm else frozenset()

    @final
    @guarded
    def accept(self, confirmation: str, yes: bool = True) -> bool:
        """Confirm an obstacle of the plan, or withdraw that. Where nothing is planned there is nothing to confirm."""
        plan, before, given = self.plan_to_confirm, self.accepted, frozenset({confirmation})
        if plan is None:
            return False
        self._confirmed = plan, before | given if yes else before - given
        return True

    def end(self, how: str) -> bool:
        """End the form, unless it is at work; whether it did."""
        if self.idle or self.wizard.current.state is State.ACTIVE:
            return False
        if how != "cancelled":
            self.reset()
        self.ended = how
        return True

    @property
    def half_done(self) -> bool:
        """Whether what is filled in would be missed: nothing lasting was done with it yet."""
        return (not self.idle or self.ended == "cancelled") and not self.wizard.committed

    @property
    def idle(self) -> bool:
        """Whether no step is shown but what one returns to; a form without steps is always idle."""
        return bool(self.ended) or not self.wizard.steps or self.is_elsewhere

    @property
    def working(self) -> bool:
        """Whether it is at work: leaving asks first."""
        return not self.idle and self.wizard.current.state is State.ACTIVE

    @property
    def place(self) -> str:
        """What is shown: the name of a step, or how the form ended."""
        return self.ended if self.idle else self.wizard.current.name

    @property
    def can_leave(self) -> bool:
        """Whether another part can be opened, where there are parts."""
        return True

    @property
    def is_elsewhere(self) -> bool:
        """Whether this is a form for accountants in a client's own office."""
        return self.for_accountants and not self.is_accountant_office

    @property
    def progress(self) -> str:
        """How far it is, in a line: each step with the word of its state."""
        _ = self.texts
        return " · ".join(f"{place} {_(step.title)}: {_(WORDS[step.state])}" for place, step in enumerate(self.wizard.steps, 1))

    @property
    def blocked_reason(self) -> str:
        """Why a button can't be pressed after what was tried failed."""
        return self.texts("You can't continue yet: see the message above.")

    def action_for(self, code: str) -> Action | None:
        """The button that goes with a code."""
        return action_for(code, self.actions)

    def remedy(self, one: Obstacle) -> str:
        """An obstacle's remedy, as it is done on a screen."""
        return remedy_on_screen(one, self.texts)

    def describe(self, one: Obstacle) -> str:
        """An obstacle in one line: what is wrong, and what to do."""
        return f"{self.texts.sentence(one)} {self.remedy(one)}"

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` each time the form changed."""
        self._listeners.append(listener)

    def changed(self) -> None:
        """Derive the states anew and notify the listeners."""
        if self.held_day is not None:  # something may have been recorded
            with suppress(AccountoolsError), self.office.session() as session:
                self.today, self.held_day = session.context.today, session.context.held_day
        self.assess()
        self.notify()

    def notify(self) -> None:
        """Call the listeners: there is something new to show."""
        for listener in self._listeners:
            listener()

    def set_language(self, language: Language) -> None:
        """Go on in another language, and begin in it the next time; all that was filled in stays."""
        self.texts = Texts(language)
        self.changed()
        save_language(language)

    def show_working(self, name: str) -> None:
        """Show that the step `name` is at work; a form without steps has no name for it."""
        if name:
            self.wizard.set_state(name, State.ACTIVE, self.texts("Working; one moment, please"))
        self.notify()

    def run_step(self, name: str, job: Callable[[], T]) -> T:
        """Do the work of a step, which is seen at work meanwhile. What it raises leaves it failed."""
        self.show_working(name)
        self.failed = True
        result = job()
        self.failed = False
        return result


@dataclass
class Entry(Generic[T]):
    """A field that is read at once. `typed` stays whatever comes of it; an empty field has neither a value nor an error.

    `errors` are all that is wrong with a list, `error` the first.
    """

    parse: Callable[[str], T]
    typed: str = ""
    value: T | None = None
    error: Obstacle | None = None
    errors: tuple[Obstacle, ...] = ()

    def read(self, typed: str) -> None:
        """Read what was typed."""
        self.typed, self.value, self.error, self.errors = typed, None, None, ()
        if typed.strip():
            try:
                self.value = self.parse(typed)
            except (AccountoolsError, OSError) as error:
                explained = translate_error(error)
                self.error, self.errors = explained.reason, explained.obstacles or (explained.reason,)


def plan_state(obstacles: Iterable[Obstacle], accepted: frozenset[str], _: Texts) -> StepState:
    """Whether what was planned can be done as it is, with what was confirmed; if not, why."""
    found = tuple(obstacles)
    blocking = next((one for one in found if one.blocking), None)
    if blocking is not None:
        return State.FAIL, _.sentence(blocking)
    if any(one.needs_confirmation and not one.is_confirmed(accepted) for one in found):
        return State.CONFIGURED, _("Confirm what needs your confirmation, or choose another file")
    return (State.READY,)


def parse_path(text: str) -> Path | None:
    """A path as it was typed or pasted: quotes around it and blanks don't count, `~` is the home folder. None when nothing is left."""
    bare = text.strip().strip("\"'").strip()
    return Path(os.path.expanduser(bare)) if bare else None  # noqa: PTH111 - pathlib fails on the home of someone unknown


def parse_user(login: str, name: str, employee: int | str | None, *, active: bool = True, office: bool = False) -> User:
    """A user as typed; the employee number may be left out. Raises `login-invalid`, `name-missing`, `employee-invalid`."""
    number = "" if employee is None else str(employee).strip()
    if number and not number.isdecimal():
        raise Refused("employee-invalid", employee=employee)
    return User(Login.parse(login), parse_name(name), parse_employee(int(number)) if number else None, active, office)


def describe_client(client: Client) -> str:
    """A client in one line."""
    return ", ".join(part for part in (client.name, f"KvK {client.kvk}", client.city) if part)
