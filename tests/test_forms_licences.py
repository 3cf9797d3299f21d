"""The form of *Licenties*: what is kept, how it stands beside the client, and what a licence changed; without a browser."""

from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit import navigation
from accountools.forms.kit.screen import Screen
from accountools.forms.screens.licences.form import CheckLicences
from accountools.forms.screens.licences.view import licences_screen
from accountools.office import Office
from accountools.texts import Texts
from tests.test_forms_menu import open_at
from tests.test_forms_screen import press, raw, shown_widgets, visible_text
from tests.workspace import TODAY, Workspace

CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
EN = Texts("en")


@pytest.fixture
def renewed(ready: Workspace) -> Workspace:
    """The client's licence was renewed: more users, another city, one module more."""
    new = ready.issue("newer.lic", users=5, city="Rijswijk", valid_until="2028-12-31")
    ready.import_licence(new)
    return ready


def opened(desk: Workspace) -> CheckLicences:
    return CheckLicences(Office.open(desk.office, CLOCK), EN)


def shown(desk: Workspace) -> Screen[Any]:
    return licences_screen(Office.open(desk.office, CLOCK), EN)


def table(screen: Any) -> Any:
    return next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "ITable")


def test_all_licences_that_are_kept_with_their_state(renewed: Workspace) -> None:
    form = opened(renewed)
    found = sorted((one.licence.number, one.own, one.in_force) for one in form.kept)
    assert found == [("AC-1001", True, True), ("KL-2041", False, False), ("KL-2041", False, True)]
    assert form.counts() == {"valid": 2, "expires-soon": 0, "expired": 0, "not-yet-valid": 0, "revoked": 0, "replaced": 1}
    assert form.progress == "2 valid · 1 replaced"


def test_the_state_filters(renewed: Workspace) -> None:
    form = opened(renewed)
    assert form.choose_licence("AC-1001")
    assert form.show("replaced")
    assert [one.licence.users for one in form.rows] == [3]
    assert form.chosen is None
    assert form.show("")
    assert len(form.rows) == 3
    assert not form.show("nonsense")
    assert not form.choose_licence("KL-1")


def test_differences_with_the_previous_licence(renewed: Workspace) -> None:
    form = opened(renewed)
    assert form.choose_licence("KL-2041")
    assert [one.what for one in form.changes] == ["licensee.city", "users", "valid_until"]
    assert [str(its.number) for its in form.chosen.here] == ["007"]
    assert form.chosen.client.name == "Bakkerij Jansen"
    form.choose_licence("AC-1001")
    assert form.changes == ()


def test_the_own_licence_has_one_before_it_too(empty_office: Workspace) -> None:
    empty_office.ok("licence", "renew", empty_office.issue_own("renewed.lic", users=12), "--confirm")
    form = opened(empty_office)
    assert form.choose_licence("AC-1001")
    assert [(one.what, one.old, one.new) for one in form.changes] == [("users", "10", "12")]
    assert form.counts()["replaced"] == 1


def test_the_screen_shows_licence_and_client_beside_each_other(renewed: Workspace) -> None:
    screen = shown(renewed)
    place = next(place for place, one in enumerate(screen.form.rows) if one.in_force and not one.own)
    table(screen).selected_rows = [place]
    for words in ("Rijswijk", "Delft", "differs", "Changes", "valid"):
        assert words in visible_text(screen)
    table(screen).selected_rows = []
    assert screen.form.chosen is None
    assert "Rijswijk" not in visible_text(screen)


def test_a_figure_filters_when_it_is_pressed(renewed: Workspace) -> None:
    screen = shown(renewed)
    figure = next(one for one in shown_widgets(screen.widget) if getattr(one, "description", "") == "○ 1 replaced")
    figure.value = True
    assert [one.in_force for one in screen.form.rows] == [False]
    figure.value = False
    assert len(screen.form.rows) == 3
    renewed.ok("licence", "renew", renewed.issue_own("renewed.lic", users=12), "--confirm")
    press(screen, "Reload")
    assert len(screen.form.rows) == 4


def test_names_can_not_bring_markup_along(ready: Workspace) -> None:
    ready.ok("licence", "renew", ready.issue_own("named.lic", licensee="<b>Office</b> & Sons"), "--confirm")
    screen = shown(ready)
    screen.form.choose_licence("AC-1001")
    assert "<b>Office" not in table(screen)._dt_args["data_json"]
    assert "&lt;b&gt;Office&lt;/b&gt; &amp; Sons" in table(screen)._dt_args["data_json"]
    assert not [text for text in raw(screen) if "<b>Office" in text]


def test_it_begins_with_what_another_screen_chose(renewed: Workspace) -> None:
    office = Office.open(renewed.office, CLOCK)
    screen = open_at(licences_screen(office, Texts("nl")), navigation.address("02", administration=7))
    assert screen.form.chosen.licence.users == 5
    assert "De klant zoals u die kent" in visible_text(screen)
    assert open_at(licences_screen(office, EN), navigation.address("02", show="replaced")).form.shown == "replaced"
