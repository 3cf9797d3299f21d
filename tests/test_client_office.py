"""A client's own office: its screens have nothing of what only an accountant does, and its overview judges what a client needs."""

from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit import navigation
from accountools.forms.kit.jobs import run_now
from accountools.forms.screens.administrations.view import administrations_screen
from accountools.forms.screens.audit.view import audit_screen
from accountools.forms.screens.backups.view import backups_screen
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.licences.view import licences_screen
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.office.view import office_screen
from accountools.forms.screens.users.view import users_screen
from accountools.office import Office
from accountools.texts import Texts
from tests.test_forms_menu import links, open_at, press_link
from tests.test_forms_screen import shown_widgets, visible_text
from tests.test_handover import new_key
from tests.workspace import HENK, TODAY, Workspace

EN, NL = Texts("en"), Texts("nl")
ACCOUNTANTS_ONLY = ("E-Accountancy", "SE1065", "handed over", "Handed over", "hand-over", "Import client licence", "Licences",
    "without licence", "earlier backups")  # fmt: skip


@pytest.fixture
def restored(ready: Workspace) -> Workspace:
    """A client's own office, in which the accountant's backup was restored."""
    path = ready.backup(7)
    ready.ok("restore", path, "--confirm", office=ready.create_client_office())
    return ready


def opened(desk: Workspace, today: str = TODAY) -> Office:
    return Office.open(desk.client_office, system_clock(parse_moment(f"{today}T12:00:00Z").date()))


def rows(desk: Workspace, **options: Any) -> list[dict[str, Any]]:
    return list(desk.ok("audit", office=desk.client_office, **options)["rows"])


def codes(row: dict[str, Any]) -> list[str]:
    return [one["code"] for one in row["obstacles"]]


def test_after_a_good_restore_everything_is_green_at_the_client(restored: Workspace) -> None:
    """The audit of a client's own office judges what a client needs: no hand-over, no E-Accountancy."""
    (row,) = rows(restored)
    assert (row["state"], codes(row), row["licence_number"], row["licence_status"]) == ("ready", [], "KL-2041", "valid")
    assert restored.run("audit", "--strict", office=restored.client_office).code == 0
    screen = menu_screen(opened(restored), EN)
    assert screen.form.attention == ()
    assert "■" not in visible_text(screen)


def test_what_a_client_needs_is_still_judged(restored: Workspace) -> None:
    """A licence that runs out or ran out, books that are gone, nobody who can log in."""
    (soon,) = rows(restored, today="2027-12-01")
    assert (soon["state"], codes(soon)) == ("attention", ["licence-expires-soon"])
    assert "your supplier" in soon["obstacles"][0]["remedy"].lower()
    (expired,) = rows(restored, today="2028-01-01")
    assert (expired["state"], codes(expired)) == ("blocked", ["own-licence-expired"])
    restored.ok("user", "deactivate", "--administration", 7, HENK, office=restored.client_office)
    (locked,) = rows(restored)
    assert (locked["state"], codes(locked)) == ("blocked", ["user-inactive"])
    restored.ok("user", "add", "--administration", 7, "ria", "--name", "Ria", office=restored.client_office)
    (another,) = rows(restored)
    assert another["state"] == "ready"  # whom the licence was imported for is the accountant's concern
    next((restored.client_office / "administrations").glob("00007*.db")).unlink()
    (gone,) = rows(restored)
    assert (gone["state"], codes(gone)) == ("blocked", ["books-missing"])


def test_a_client_without_an_administration_restores_the_accountants_backup(ready: Workspace) -> None:
    """A client's own office has no one to ask a licence of; what is missing is a restore."""
    ready.create_client_office()
    ready.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", "12345678", office=ready.client_office)
    (row,) = rows(ready)
    assert (row["state"], codes(row), row["licence_number"]) == ("attention", ["no-administration"], "KL-2041")
    screen = menu_screen(opened(ready), EN)
    words = "▲ There is no administration here yet: restore the backup that you received from your accountant"
    assert press_link(screen, words).startswith("04_")
    audit = audit_screen(opened(ready), EN)
    audit.form.choose(0)
    assert links(audit)["Restore backup"][2].href.startswith("04_")


def test_the_months_of_a_clients_office_are_judged_as_today(restored: Workspace) -> None:
    """The history counts by the same rules as the rows."""
    history = opened(restored, "2027-03-10").audit().history()
    assert [month.counts["ready"] for month in history[-2:]] == [1, 1]
    assert all(month.counts["blocked"] == month.counts["missing"] == 0 for month in history)


def test_a_clients_menu_begins_with_restoring_the_accountants_backup(restored: Workspace) -> None:
    """SCREENS: restore, back up, users; nothing of hand-over, import or E-Accountancy."""
    screen = menu_screen(opened(restored), NL)
    names = list(links(screen))
    menu = names[names.index("Lees de back-up van uw accountant terug") :]
    assert menu[:3] == ["Lees de back-up van uw accountant terug", "Back-up maken", "Gebruikers"]
    assert not {"Importeren klantlicentie", "Licenties", "Aanmaken of kopiëren"} & set(names)
    assert {"Eigen licentie", "Kantoor", "Back-ups beheren", "Overzicht kantoor"} <= set(names)
    accountants = menu_screen(Office.open(restored.office, system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())), NL)
    assert "Lees de back-up van uw accountant terug" not in links(accountants)
    assert {"Importeren klantlicentie", "Licenties", "Aanmaken of kopiëren"} <= set(links(accountants))


def test_files_that_wait_in_the_inbox_are_no_concern_of_a_client(restored: Workspace) -> None:
    restored.issue("client/inbox/other.lic", number="KL-9", kvk="87654321")
    assert not [label for label in links(menu_screen(opened(restored), EN)) if "inbox" in label]


def test_no_screen_of_a_clients_office_speaks_of_handing_over(restored: Workspace) -> None:
    office = opened(restored)
    users = open_at(users_screen(office, EN), navigation.address(navigation.USERS, administration=7))
    audit = open_at(audit_screen(office, EN), navigation.address(navigation.AUDIT, administration=7))
    made = open_at(administrations_screen(office, EN), navigation.address(navigation.ADMINISTRATIONS, administration=7))
    for screen in (menu_screen(office, EN), backups_screen(office, EN), audit, users, make_backups_screen(office, EN), made):
        shown = visible_text(screen)
        assert [words for words in ACCOUNTANTS_ONLY if words in shown] == []
    assert users.form.administration is not None
    assert audit.form.row is not None
    labels = [one.description for one in shown_widgets(made.widget) if type(one).__name__ == "Button"]
    assert "Change a client" in labels
    assert not {"Import clients from a file", "Create for several clients"} & set(labels)


def test_the_screen_of_a_clients_own_office_asks_nothing_of_clients(restored: Workspace) -> None:
    """Each part in turn; a new key is a matter of whoever restores its backups, its accountant."""
    screen = office_screen(opened(restored), EN)
    screen.form.start = run_now
    for part in screen.form.parts:
        assert screen.form.open_part(part)
        shown = visible_text(screen)
        assert [words for words in (*ACCOUNTANTS_ONLY, "Clients", "inbox", "came in") if words in shown] == []
    members = screen.form.members
    members.type_name("Ria")
    members.type_recipient(new_key(restored))
    assert screen.form.open_part(navigation.MEMBERS)
    assert members.admit()
    assert members.preview("Ria")
    assert members.dismiss()
    assert "Whoever restores your backups is then asked" in visible_text(screen)
    assert "Clients" not in visible_text(screen)


@pytest.mark.parametrize("make", [client_licence_screen, licences_screen])
def test_a_screen_for_accountants_says_so_at_a_client(restored: Workspace, make: Any) -> None:
    """A bookmark or an address typed leads no client into an import."""
    shown = visible_text(make(opened(restored), EN))
    assert "Only an accountancy office does this" in shown
    assert "Licence file" not in shown


def test_on_paper_a_clients_overview_has_no_column_of_hand_overs(restored: Workspace, tmp_path: Path) -> None:
    """The CSV keeps its columns: they are those of the command line."""
    for kind in ("csv", "html", "xlsx"):
        restored.ok("audit", f"--{kind}", tmp_path / f"a.{kind}", office=restored.client_office)
        restored.ok("audit", f"--{kind}", tmp_path / f"office.{kind}")
    assert "Handed over" not in (tmp_path / "a.html").read_text("utf-8")
    assert "Handed over" in (tmp_path / "office.html").read_text("utf-8")
    assert "last_handover" in (tmp_path / "a.csv").read_text("utf-8")
    from openpyxl import load_workbook

    heads, row = list(load_workbook(tmp_path / "a.xlsx").worksheets[0].iter_rows(values_only=True))[:2]
    assert "Handed over" not in heads
    assert (row[heads.index("Client")], len(row)) == ("Bakkerij Jansen", len(heads))
    assert "Handed over" in next(iter(load_workbook(tmp_path / "office.xlsx").worksheets[0].iter_rows(values_only=True)))


def test_the_last_user_is_not_locked_out_unasked(restored: Workspace) -> None:
    form = users_screen(opened(restored), EN).form
    form.choose_administration(7)
    assert not form.set_active(HENK, active=False)
    assert form.question == "Henk Jansen can then no longer log in, and nobody is left who can."
    restored.ok("user", "add", "--administration", 7, "ria", "--name", "Ria", office=restored.client_office)
    form.choose_administration(7)
    form.decline()
    form = users_screen(opened(restored), EN).form
    form.choose_administration(7)
    assert form.set_active(HENK, active=False)


@pytest.mark.parametrize("today", ["2031-01-01", TODAY])
def test_a_client_makes_backups_to_keep_of_all_whatever_the_licence(restored: Workspace, today: str) -> None:
    """Every night, also once the licence has expired, or its user is inactive."""
    office = restored.client_office
    restored.ok("user", "deactivate", "--administration", 7, HENK, office=office)
    made = restored.ok("backup", "--all-ready", "--confirm", office=office, today=today)
    assert ([one["administration"] for one in made["backups"]], made["left_out"]) == ([7], [])
    restored.ok("administration", "archive", 7, office=office)
    left = restored.ok("backup", "--all-ready", "--confirm", office=office, today=today)
    assert (left["backups"], left["left_out"]) == ([], [{"number": 7, "code": "administration-archived"}])
