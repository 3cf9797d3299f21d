"""A clock that was once ahead: every command says since which event another day than the clock's counts as today, and how that ends."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from accountools import Client, KvkNumber, Office
from accountools.domain.calendar import ExecutionContext
from accountools.forms.screens.administrations.view import administrations_screen
from accountools.forms.screens.audit.view import audit_screen
from accountools.forms.screens.backups.view import backups_screen
from accountools.forms.screens.books.view import books_screen
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.licences.view import licences_screen
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.office.view import office_screen
from accountools.forms.screens.restore.view import restore_backup_screen
from accountools.forms.screens.users.view import users_screen
from accountools.operations.register.clients import add_client
from accountools.texts import Texts
from tests.test_forms_screen import visible_text
from tests.workspace import HENK, OFFICE_KVK, Workspace

SCREENS = (
    administrations_screen,
    audit_screen,
    backups_screen,
    books_screen,
    client_licence_screen,
    licences_screen,
    make_backups_screen,
    menu_screen,
    office_screen,
    restore_backup_screen,
    users_screen,
)
AHEAD = ExecutionContext(date(2099, 5, 1), datetime(2099, 5, 1, 12, tzinfo=UTC), "tester")
HELD = {"day": "2099-05-01", "event": 6}
EN = Texts("en")


@pytest.fixture
def held(ready: Workspace) -> Workspace:
    """The newest event is of 2099; the day is the clock's from now on."""
    add_client(Office.open(ready.office, lambda: AHEAD), Client(KvkNumber("99999999"), "Klant van later"))
    ready.today = None
    return ready


def test_the_audit_says_since_which_event_the_day_is_held(held: Workspace) -> None:
    answer = held.run("audit")
    assert (answer.json["on"], answer.json["held_day"]) == ("2099-05-01", HELD)
    assert answer.json["rows"][0]["licence_status"] == "expired"
    assert "Event 6 of the journal" in answer.err
    assert "2099" in answer.err
    dutch = held.run("audit", "--lang", "nl", as_json=False)
    assert "Gebeurtenis 6 in het logboek is later dan de klok; daarom geldt 01-05-2099 als vandaag" in dutch.err


PLANS: dict[str, tuple[object, ...]] = {
    "backup": ("backup", 7),
    "backup all": ("backup", "--all-ready"),
    "backup register": ("backup", "--register", "--passphrase-file", "own.lic"),
    "import": ("licence", "import", "client.lic", "--administration", 7, "--user", HENK),
    "inbox": ("inbox",),
    "renew": ("licence", "renew", "own.lic"),
    "trust": ("trust", "add", "issuer/trust.jwks"),
    "prune": ("backups", "prune"),
    "client change": ("client", "change", "99999999", "--name", "x"),
}


@pytest.mark.parametrize("name", PLANS)
def test_each_plan_has_it_also_one_that_is_refused(held: Workspace, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(held.folder)
    answer = held.run(*PLANS[name])
    assert answer.json["plan"]
    assert answer.json["held_day"] == HELD
    assert "Event 6 of the journal" in answer.err


def test_a_plan_to_restore_and_one_to_install_have_it(ready: Workspace) -> None:
    kept = ready.backup(7, "--purpose", "safekeeping")
    add_client(Office.open(ready.office, lambda: AHEAD), Client(KvkNumber("99999999"), "Klant van later"))
    ready.today = None
    for words in (("restore", kept, "--replace"), ("restore", "--from", kept.parent, "--replace"), ("install", kept)):
        assert ready.run(*words).json["held_day"]["day"] == "2099-05-01"


def test_the_journal_names_the_way_out_and_that_leads_out(held: Workspace) -> None:
    answer = held.run("journal")
    assert answer.json["held_day"] == HELD
    assert answer.json["events"][5]["at"] == "2099-05-01T12:00:00.000Z"
    assert "--today" in answer.err
    assert "next event" in answer.err
    assert "held_day" not in held.ok("audit", today="2026-11-24")
    assert held.ok("audit", today="2026-11-24")["rows"][0]["state"] == "ready"
    assert held.ok("backup", 7, "--confirm", today="2026-11-24")["backups"]
    answer = held.run("audit")
    assert "held_day" not in answer.json
    assert "Event" not in answer.err


def test_without_a_later_event_nothing_is_said(ready: Workspace) -> None:
    for today in ("2026-11-24", None):
        ready.today = today
        for words in (("audit",), ("backup", 7), ("journal",)):
            answer = ready.run(*words)
            assert "held_day" not in answer.json
            assert answer.err == "" or answer.error


def test_what_is_no_moment_is_reported_by_who_needs_the_day(held: Workspace) -> None:
    from tests.test_handover import change_register

    change_register(held.office, "UPDATE events SET at = 'gisteren' WHERE n = 6")
    assert held.run("journal", "verify").code == 1
    assert held.refused("audit", code=4) == "office-damaged"


@pytest.mark.parametrize("build", [audit_screen, menu_screen])
def test_the_screens_of_the_audit_say_it_with_the_way_out(held: Workspace, build: object) -> None:
    screen = build(Office.open(held.office), EN)  # type: ignore[operator]
    assert "Event 6 of the journal is later than the clock" in visible_text(screen)
    assert "next event that is recorded" in visible_text(screen)
    assert "--today" not in visible_text(screen)  # on a screen there are no options
    add_client(Office.open(held.office), Client(KvkNumber(OFFICE_KVK), "Nieuw"))
    screen.form.reload()
    assert "later than the clock" not in visible_text(screen)


@pytest.mark.parametrize("build", SCREENS)
def test_each_screen_says_it(held: Workspace, build: object) -> None:
    """What is due is wrong on all of them: the import of a licence refuses one that is valid."""
    screen = build(Office.open(held.office), EN)  # type: ignore[operator]
    assert visible_text(screen).count("Event 6 of the journal is later than the clock") == 1
    screen.form.set_language("nl")
    assert "Event 6 of the journal is later than the clock" not in visible_text(screen)
    assert "Gebeurtenis 6 in het logboek is later dan de klok" in visible_text(screen)


@pytest.mark.parametrize("build", [users_screen, client_licence_screen, make_backups_screen])
def test_no_screen_says_it_any_longer_than_it_is_so(held: Workspace, build: object) -> None:
    screen = build(Office.open(held.office), EN)  # type: ignore[operator]
    screen.form.changed()
    assert "later than the clock" in visible_text(screen)
    add_client(Office.open(held.office), Client(KvkNumber(OFFICE_KVK), "Nieuw"))
    screen.form.changed()
    assert "later than the clock" not in visible_text(screen)


def test_a_printed_audit_says_it(held: Workspace, tmp_path: Path) -> None:
    held.ok("audit", "--html", tmp_path / "audit.html")
    assert "Event 6 of the journal is later than the clock" in (tmp_path / "audit.html").read_text("utf-8")
    held.ok("audit", "--html", tmp_path / "later.html", today="2026-11-24")
    assert "later than the clock" not in (tmp_path / "later.html").read_text("utf-8")


def test_an_audit_in_python_has_it(held: Workspace) -> None:
    found = Office.open(held.office).audit().held_day
    assert found is not None
    assert found.document() == HELD
