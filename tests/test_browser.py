"""The seed's path by real clicks, in JupyterLab and as pages: to the backup on disk, with nobody called and nothing out of reach."""

from pathlib import Path

import pytest

from accountools.clock import system_clock
from accountools.operations.demonstrating import Demo, demonstrate
from tests.browsing import HERE, MODES, NL, Hands, faults_of, hands, in_browser, serving
from tests.desk import HENK, Desk

MOST = 12  # actions from the menu to the backup


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return demonstrate(tmp_path / "office", system_clock(), clients=6, lines=24)


def client_and_user(one: Hands) -> None:
    """The administration, and the user, who is made in place."""
    one.fill("Administratie", "jansen")
    one.sees("voor Bakkerij Jansen")
    one.press("Gebruiker aanmaken")
    one.fill(NL("Login name, as on their own computer"), HENK)
    one.fill(NL("Full name"), "Henk Jansen")
    one.press(NL("Use this user"))
    one.sees(NL("is created at the import"))


def check_on_disk(desk: Desk, demo: Demo) -> None:
    """The right backup lies there: `verify` accepts it, imported once, for that user."""
    (backup,) = (demo.folder / "backups").glob("*.acb")
    verified = desk.ok("verify", backup, office=demo.folder)
    assert verified["image_checked"]
    assert verified["manifest"]["licence_number"] == "KL-2041"
    events = [(event["what"], event["administration"]) for event in desk.ok("journal", office=demo.folder)["events"]]
    assert events.count(("licence-imported", 7)) == 1
    assert [user["login"] for user in desk.ok("administration", "show", 7)["users"] if not user["office"]] == [HENK]


def nobody_was_called(one: Hands) -> None:
    assert one.outside() == []
    assert len([url for url in one.requests if HERE.match(url)]) > 20


@in_browser
@pytest.mark.parametrize("mode", MODES)
def test_the_path_of_the_seed(mode: str, demo: Demo, tmp_path: Path) -> None:
    desk = Desk(tmp_path, today=None)
    with serving(mode, demo.folder, tmp_path) as served, hands() as one:
        one.open(served, "01")
        assert faults_of(one) == []
        client_and_user(one)
        one.fill("Licentiebestand", str(demo.inbox / "offerte.txt"))
        one.sees("In offerte.txt staat geen leesbare licentie")
        one.sees("Vraag de klant het licentiebestand opnieuw te mailen")
        assert one.button("Volgende").is_disabled()
        one.press(NL("Look up the licence file"))
        one.sees(str(demo.inbox))
        assert faults_of(one) == []
        one.pick("KL-2041 Bakkerij Jansen")
        one.press("Volgende")
        one.sees("Zijn dit de licentiegegevens van de cliënt")
        assert faults_of(one) == []
        one.press("Klaar")
        one.sees("is geïmporteerd in administratie 007")
        assert faults_of(one) == []
        one.press("Back-up maken")
        one.choose(NL("Not encrypted"))
        assert faults_of(one) == []
        one.press("Back-up maken")
        one.sees("geen spoor van uw eigen licentie")
        assert faults_of(one) == []
        one.press("Sluiten")
        one.sees("Accountancy")
        nobody_was_called(one)
    check_on_disk(desk, demo)
