"""The wizard: what it shows follows from the steps' states, and from nothing else. And the guard: nothing is swallowed."""

import re
import sqlite3

import pytest

from accountools.domain.codes.table import CODES
from accountools.domain.errors import Refused
from accountools.domain.obstacle import obstacle
from accountools.forms.kit.feedback import COMMANDS_ONLY, Action, Feedback, action_for, remedy_on_screen
from accountools.forms.kit.wizard import ICONS, WORDS, State, Step, Wizard
from accountools.texts import LANGUAGES, Language, Texts


def three() -> Wizard:
    return Wizard([Step("one", "One", "Next"), Step("two", "Two", "Finish", lasting=True), Step("three", "Three", "Make backup")])


def presses(wizard: Wizard) -> dict[str, bool]:
    return {press.name: press.enabled for press in wizard.buttons()}


def test_every_state_has_an_icon_and_a_word() -> None:
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


def test_a_lasting_step_can_not_be_undone() -> None:
    wizard = three()
    wizard.set_state("one", State.SUCCESS)
    wizard.set_state("two", State.SUCCESS)
    assert wizard.lasting
    assert not wizard.back()
    assert presses(wizard) == {"close": True, "three": False}
    wizard.set_state("three", State.SUCCESS)
    assert wizard.finished
    assert [(press.name, press.main) for press in wizard.buttons()] == [("close", True)]


def test_previous_and_nothing_else_while_at_work() -> None:
    wizard = three()
    wizard.set_state("one", State.SUCCESS)
    wizard.set_state("two", State.ACTIVE)
    assert not wizard.back()
    assert presses(wizard) == {"cancel": False, "two": False}
    wizard.set_state("two", State.FAIL, "no")
    assert wizard.back()
    assert (wizard.current.name, wizard.current.state) == ("one", State.READY)


def test_the_guard_shows_a_refusal_with_all_obstacles() -> None:
    def refuse() -> None:
        raise Refused("no-user", [obstacle("no-user", number="007"), obstacle("no-licence", number="007")], number="007")

    reported = Feedback(lambda code: action_for(code, frozenset({"create-user"})))
    assert not reported.run(refuse)
    assert reported.code == "no-user"
    assert [one.code for one in reported.others] == ["no-licence"]
    assert reported.action == Action("Create user", "create-user")
    reported.clear()
    assert (reported.code, reported.others, reported.action) == (None, (), None)


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
def test_the_guard_explains_errors_of_the_system(error: Exception, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise error

    reported = Feedback()
    assert not reported.run(fail)
    assert reported.code == code
    monkeypatch.setenv("ACCOUNTOOLS_DEBUG", "1")
    if code == "internal-error":
        with pytest.raises(ZeroDivisionError):
            reported.run(fail)


def test_the_guard_logs_a_fault_in_the_program(caplog: pytest.LogCaptureFixture) -> None:
    Feedback().run(lambda: 1 / 0)
    assert "ZeroDivisionError" in caplog.text


def test_the_guard_returns_whether_the_step_was_done() -> None:
    reported = Feedback()
    assert reported.run(lambda: None)
    assert reported.run(lambda: True)
    assert not reported.run(lambda: False)
    assert reported.code is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_to_do_on_a_screen_names_no_command_and_no_option(language: Language) -> None:
    """All codes but those of the command line itself: a form shows whatever an operation answers."""
    texts = Texts(language)
    assert set(CODES) > COMMANDS_ONLY
    for code in set(CODES) - COMMANDS_ONLY:
        for facts in ({}, *({fact: "x"} for fact in CODES[code].variants)):
            one = obstacle(code, **facts)
            visible_text = f"{texts.sentence(one)} {remedy_on_screen(one, texts)}"
            assert not re.search(r"`|--|accountools|ACCOUNTOOLS", visible_text), (code, visible_text)
