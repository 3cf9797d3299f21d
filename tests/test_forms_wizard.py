"""The wizard: what it shows follows from the steps' states, and from nothing else. And the guard: nothing is swallowed."""

import re
import sqlite3

import pytest

from accountools.domain.codes import CODES
from accountools.domain.errors import Refused
from accountools.domain.obstacle import obstacle
from accountools.forms.kit.feedback import COMMANDS_ONLY, Action, Feedback, action_for, remedy_on_screen
from accountools.forms.kit.wizard import ICONS, WORDS, State, Step, Wizard
from accountools.texts import LANGUAGES, Language, Texts


def three() -> Wizard:
    return Wizard([Step("one", "One", "Next"), Step("two", "Two", "Finish", lasting=True), Step("three", "Three", "Make backup")])


def presses(wizard: Wizard) -> dict[str, bool]:
    return {press.name: press.enabled for press in wizard.buttons()}


def test_every_state_has_a_sign_and_a_word() -> None:
    assert set(ICONS) == set(WORDS) == set(State)


@pytest.mark.parametrize("state", State)
def test_the_main_button_is_alive_when_its_step_is_ready_and_only_then(state: State) -> None:
    wizard = three()
    wizard.set_state("one", state, "because")
    main = wizard.buttons()[-1]
    assert main.main
    if state is State.SUCCESS:
        assert (main.name, main.enabled) == ("two", False)
    else:
        assert (main.name, main.enabled) == ("one", state is State.READY)
        assert main.why == ("" if main.enabled else "because")


def test_the_current_step_is_the_first_that_is_not_done() -> None:
    wizard = three()
    assert wizard.current.name == "one"
    wizard.set_state("one", State.SUCCESS)
    assert wizard.current.name == "two"
    assert presses(wizard) == {"cancel": True, "previous": True, "two": False}


def test_what_lasts_can_not_be_taken_back() -> None:
    wizard = three()
    wizard.set_state("one", State.SUCCESS)
    wizard.set_state("two", State.SUCCESS)
    assert wizard.lasting
    assert not wizard.back()
    assert presses(wizard) == {"close": True, "three": False}
    wizard.set_state("three", State.SUCCESS)
    assert wizard.finished
    assert [(press.name, press.main) for press in wizard.buttons()] == [("close", True)]


def test_back_and_nothing_while_at_work() -> None:
    wizard = three()
    wizard.set_state("one", State.SUCCESS)
    wizard.set_state("two", State.ACTIVE)
    assert not wizard.back()
    assert presses(wizard) == {"cancel": False, "two": False}
    wizard.set_state("two", State.FAIL, "no")
    assert wizard.back()
    assert (wizard.current.name, wizard.current.state) == ("one", State.READY)


def test_the_guard_shows_a_refusal_with_all_that_stands_in_the_way() -> None:
    def refuse() -> None:
        raise Refused("no-user", [obstacle("no-user", number="007"), obstacle("no-licence", number="007")], number="007")

    told = Feedback(lambda code: action_for(code, frozenset({"create-user"})))
    assert not told.run(refuse)
    assert told.code == "no-user"
    assert [one.code for one in told.others] == ["no-licence"]
    assert told.action == Action("Create user", "create-user")
    told.clear()
    assert (told.code, told.others, told.action) == (None, (), None)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(13, "no", "/x"), "not-permitted"),
        (FileNotFoundError(2, "no", "/x"), "file-not-found"),
        (OSError(28, "full", "/x"), "disk-full"),
        (sqlite3.OperationalError("?"), "office-damaged"),
        (ZeroDivisionError("oops"), "internal-error"),
    ],
)
def test_the_guard_explains_what_is_not_ours(error: Exception, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise error

    told = Feedback()
    assert not told.run(fail)
    assert told.code == code
    monkeypatch.setenv("ACCOUNTOOLS_DEBUG", "1")
    if code == "internal-error":
        with pytest.raises(ZeroDivisionError):
            told.run(fail)


def test_the_guard_logs_a_fault_in_the_program(caplog: pytest.LogCaptureFixture) -> None:
    Feedback().run(lambda: 1 / 0)
    assert "ZeroDivisionError" in caplog.text


def test_the_guard_tells_whether_it_was_done() -> None:
    told = Feedback()
    assert told.run(lambda: None)
    assert told.run(lambda: True)
    assert not told.run(lambda: False)
    assert told.code is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_to_do_on_a_screen_names_no_command_and_no_option(language: Language) -> None:
    """All codes but those of the command line itself: a form shows whatever an operation answers."""
    texts = Texts(language)
    assert set(CODES) > COMMANDS_ONLY
    for code in set(CODES) - COMMANDS_ONLY:
        said = remedy_on_screen(obstacle(code), texts)
        assert not re.search(r"`|--|accountools|ACCOUNTOOLS", said), (code, said)
