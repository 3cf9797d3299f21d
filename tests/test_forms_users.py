"""The form of the users, walked without a browser: adding, keeping out, letting in, and whether somebody can log in."""

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit import navigation
from accountools.forms.screens.users.form import Users
from accountools.forms.screens.users.view import users_screen
from accountools.office import Office
from accountools.texts import Texts
from tests.test_forms_menu import open_at
from tests.test_forms_screen import button, field, press, shown_widgets, visible_text
from tests.workspace import HENK, PIET, TODAY, Workspace

EN, NL = Texts("en"), Texts("nl")


def office(desk: Workspace) -> Office:
    return Office.open(desk.office, system_clock(parse_moment(f"{TODAY}T12:00:00Z").date()))


def opened(desk: Workspace, texts: Texts = EN) -> Users:
    form = Users(office(desk), texts)
    assert form.choose_administration("007")
    return form


def events(desk: Workspace) -> list[str]:
    return [event["what"] for event in desk.ok("journal")["events"]]


def active(desk: Workspace) -> dict[str, bool]:
    return {user["login"]: user["active"] for user in desk.ok("user", "list", "--administration", 7)["users"]}


def why(form: Users) -> str:
    return form.wizard.buttons()[-1].why


def test_s6_s12_a_user_is_added_under_the_login_of_their_own_computer(ready: Workspace) -> None:
    form = Users(office(ready), EN)
    assert why(form) == "Choose the administration first"
    assert not form.add()
    form.choose_administration(7)
    assert why(form) == "Fill in the login name of the new user"
    form.fill_in(login="sanne@jansen.nl")
    assert why(form) == "Fill in the full name of the new user"
    form.fill_in(name="Sanne Jansen", employee="12")
    assert [form.add(), form.add()] == [True, False]
    assert form.message == "Sanne Jansen (sanne@jansen.nl) is added to administration 007."
    form.set_language("nl")
    assert form.message == "Sanne Jansen (sanne@jansen.nl) is toegevoegd aan administratie 007."
    assert [(user.login, user.employee, user.office) for user in form.users if user.login != HENK] == [("sanne@jansen.nl", 12, False)]
    assert events(ready).count("user-added") == 2
    assert form.new.login == ""


@pytest.mark.parametrize(
    ("filled", "code"),
    [
        ({"login": r"A\B\c"}, "login-invalid"),
        ({"login": "JANSEN\\"}, "login-invalid"),
        ({"employee": "twelve"}, "employee-invalid"),
        ({"employee": "0"}, "employee-invalid"),
        ({"login": HENK.upper()}, "user-exists"),
    ],
)
def test_a_refusal_loses_nothing_of_what_was_filled_in(ready: Workspace, filled: dict[str, str], code: str) -> None:
    form = opened(ready)
    form.fill_in(**({"login": "sanne", "name": "Sanne Jansen"} | filled))
    before = form.new
    assert not form.add()
    assert (form.feedback.code, form.new) == (code, before)


def test_who_is_there_already_is_checked_by_the_remedy(ready: Workspace) -> None:
    ready.ok("user", "deactivate", "--administration", 7, HENK)
    form = opened(ready)
    form.fill_in(login=HENK, name="Henk Jansen")
    form.add()
    assert form.feedback.action.name == "check-user"
    assert not form.resolve("check-user")
    assert form.checked.entrance.reason.code == "user-inactive"
    assert form.resolve("activate-user")
    assert form.checked.entrance.may
    assert active(ready) == {HENK: True}


def test_too_many_users_and_the_remedy_adds_one_who_is_not_active(ready: Workspace) -> None:
    for login in ("a", "b"):
        ready.add_user(login)
    form = opened(ready)
    form.fill_in(login="c", name="C")
    assert not form.add()
    assert (form.feedback.code, form.feedback.action.name) == ("too-many-users", "add-inactive")
    assert form.resolve("add-inactive")
    assert form.message == "C (c) is added to administration 007, not active."
    assert not form.set_active("c", active=True)
    assert (form.feedback.code, form.feedback.action) == ("too-many-users", None)
    assert active(ready)["c"] is False
    form.fill_in(login=PIET, name="Piet", office=True)
    assert form.add()
    assert form.set_active("a", active=False)
    assert form.set_active("c", active=True)


def test_deactivating_the_licences_user_shows_the_consequence_first(ready: Workspace) -> None:
    form = opened(ready, NL)
    assert form.imported_for.key == HENK.casefold()
    before = events(ready)
    assert not form.set_active(HENK, active=False)
    assert form.question == "Henk Jansen kan dan niet meer inloggen, en er kan geen back-up voor de klant worden gemaakt."
    assert form.deactivation.imported_for
    assert [[one.code for one in form.deactivation.obstacles], events(ready)] == [["user-inactive"], before]
    form.decline()
    assert [form.deactivation, form.confirm(), active(ready)] == [None, False, {HENK: True}]
    form.set_active(HENK, active=False)
    assert [form.confirm(), form.confirm()] == [True, False]
    assert events(ready).count("user-deactivated") == 1
    assert ready.refused("backup", 7, "--confirm") == "user-inactive"
    assert not ready.run("administration", "enter", 7, "--as", HENK).json["may"]


def test_another_user_is_deactivated_and_activated_without_a_question(ready: Workspace) -> None:
    ready.add_user("sanne")
    form = opened(ready)
    assert form.set_active("sanne", active=False)
    assert (form.deactivation, form.message) == (None, "sanne is not active in administration 007.")
    assert not form.set_active("sanne", active=False)
    assert form.set_active("SANNE", active=True)
    assert not form.set_active("nobody", active=True)
    assert form.feedback.code == "user-not-found"


def test_the_only_active_user_is_asked_about_before_a_licence_is_there_too(empty_office: Workspace) -> None:
    empty_office.add_client()
    empty_office.create()
    empty_office.add_user()
    form = opened(empty_office)
    assert not form.set_active(HENK, active=False)
    assert form.deactivation.imported_for is False
    empty_office.create(1, "Sjabloon", client=None)
    empty_office.add_user(number=1)
    form.choose_administration(1)
    assert form.deactivation is None
    assert form.set_active(HENK, active=False)


def test_in_a_clients_own_office_no_backup_for_a_client_is_offered(ready: Workspace) -> None:
    path = ready.backup(7, "--plain")
    ready.create_client_office()
    ready.ok("restore", path, "--confirm", office=ready.client_office)
    form = Users(Office.open(ready.client_office), EN)
    form.choose_administration(7)
    assert form.set_active(HENK, active=False) is (form.deactivation is None)
    assert "backup" not in form.question


def test_whether_somebody_can_log_in(ready: Workspace) -> None:
    ready.add_user(PIET, 7, "--office-user")
    form = opened(ready)
    assert form.check(HENK.upper())
    assert form.check(PIET)
    assert not form.check("hnk")
    assert form.checked.entrance.reason.code == "user-not-found"
    assert form.resolve("create-user")
    assert (form.new.login, form.wants, form.checked) == ("hnk", "new-user", None)
    assert not form.check(r"A\B\c")
    assert form.feedback.code == "login-invalid"
    ready.ok("user", "deactivate", "--administration", 7, PIET)
    form.choose_administration(7)
    assert not form.check(PIET)


def test_what_is_not_an_administration_is_refused_and_what_was_filled_in_stays(ready: Workspace) -> None:
    form = opened(ready)
    form.fill_in(login="sanne", name="Sanne")
    for number, code in (("x", "number-invalid"), (99, "administration-not-found")):
        assert not form.choose_administration(number)
        assert form.feedback.code == code
    assert form.resolve("choose-administration")
    assert (form.wants, form.administration.number, form.new.name) == ("administration", 7, "Sanne")
    assert form.close()
    assert not form.close()
    form.restart()
    assert (form.ended, form.new.name) == ("", "")


def switch(screen: object, place: int = 0) -> object:
    return [one for one in shown_widgets(screen.widget) if "at-switch" in one._dom_classes][place]


def test_the_screen_asks_before_the_switch_changes(ready: Workspace) -> None:
    screen = users_screen(office(ready), EN)
    field(screen, "Administration").value = "jansen"
    assert "licence imported" in visible_text(screen)
    assert (switch(screen).description.split("</span>")[1], switch(screen).value) == ("active", True)
    switch(screen).value = False
    assert "Henk Jansen can then no longer log in, and no backup can be made for the client." in visible_text(screen)
    assert switch(screen).value is True
    press(screen, "Yes, deactivate")
    assert (switch(screen).description.split("</span>")[1], switch(screen).value) == ("not active", False)
    press(screen, "Can log in?")
    assert "is not active in administration 007" in visible_text(screen)
    press(screen, "Activate user")
    assert rf"{HENK} can log in to administration 007." in visible_text(screen)


def test_the_screen_adds_a_user_and_empties_the_fields(ready: Workspace) -> None:
    screen = open_at(users_screen(office(ready), EN), navigation.address(navigation.USERS, administration=7))
    assert field(screen, "Administration").value == "007 Bakkerij Jansen"
    login = field(screen, "Login name, as")
    login.value, field(screen, "Full name").value = "<b>sanne</b>", "Sanne"
    assert not button(screen, "Add user").disabled
    press(screen, "nl")
    assert field(screen, "Volledige naam").value == "Sanne"
    press(screen, "Gebruiker toevoegen")
    assert field(screen, "Volledige naam").value == ""
    assert button(screen, "Gebruiker toevoegen").disabled
    assert not [one for one in shown_widgets(screen.widget) if "<b>sanne" in str(getattr(one, "value", ""))]
    press(screen, "Sluiten")
    press(screen, "Gebruikers")
    assert len([one for one in shown_widgets(screen.widget) if "at-switch" in one._dom_classes]) == 2
