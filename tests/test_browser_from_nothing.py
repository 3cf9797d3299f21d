"""From nothing to the client at work, in two homes, by the pages alone: no terminal, nothing prepared but the supplier's files.

`$ACCOUNTOOLS_PICTURES` names a folder for a picture of each step.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browsing import NL, BrowserPage, BrowserSession, accessibility_violations, expected, in_browser, running_server
from tests.workspace import CLIENT_KVK, HENK, TODAY, Workspace

FOR_ACCOUNTANTS = "U kunt hier ook een back-up van de klant zelf installeren"
PICTURES = os.environ.get("ACCOUNTOOLS_PICTURES")


@pytest.fixture
def supplier(tmp_path: Path) -> Workspace:
    """Who sends the licences and the list of issuers; there is no office yet."""
    desk = Workspace(tmp_path / "supplier")
    desk.ok("issuer", "new", desk.folder / "issuer", "--name", "Test issuer")
    desk.issue_own()
    desk.issue("client.lic")
    return desk


@contextmanager
def somebody(browser: BrowserSession, home: Path) -> Iterator[BrowserPage]:
    """Somebody at the first page, with a home and a browser of their own; no office is there."""
    home.mkdir()
    window = browser.chromium.new_context(viewport={"width": 1280, "height": 800}, locale="nl-NL")
    with running_server("app", home, "nl", None, "--today", TODAY) as served:
        one = BrowserPage(window.new_page())
        one.page.on("request", lambda request: one.requests.append(request.url))
        one.open(served)
        yield one
        assert one.outside() == []
    window.close()


def check_screen(one: BrowserPage, name: str) -> None:
    """What stands there can be used by everybody; keep a picture of it."""
    assert accessibility_violations(one) == []
    if PICTURES:
        one.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def hand_in(one: BrowserPage, path: Path, place: int = 0) -> None:
    """Choose a file by a button of the page, as the browser asks for one."""
    with one.page.expect_file_chooser() as asked:
        one.screen.get_by_role("button", name=re.compile("Bestand uploaden")).nth(place).click()
    asked.value.set_files(path)


def follow_link(one: BrowserPage, name: str) -> None:
    """Follow a link to another screen, in this tab."""
    with one.page.expect_navigation():
        one.screen.get_by_role("link", name=name, exact=True).first.click()
    one.screen.locator("button").first.wait_for()


def set_up(one: BrowserPage, licence: Path, trust: Path, licensee: str) -> None:
    one.wait_for_text("Hier is nog geen kantoor")
    one.press("Kantoor inrichten")
    hand_in(one, licence)
    one.wait_for_text("Kies de lijst van uitgevers")
    hand_in(one, trust, 1)
    one.wait_for_text(licensee)
    one.wait_for_text("Vertrouwde uitgevers: 1.")
    check_screen(one, f"{licensee} 1 kantoor inrichten")
    one.press("Klaar")


@in_browser
def test_from_no_office_to_a_backup_and_at_the_client_from_nothing_to_logged_in(
    supplier: Workspace, tmp_path: Path, browser: BrowserSession
) -> None:
    downloads = tmp_path / "Downloads"
    with somebody(browser, tmp_path / "accountant") as one:
        set_up(one, supplier.folder / "own.lic", supplier.trust, "Kantoor Zonnestein")
        follow_link(one, "Back-up teruglezen")
        one.page.get_by_text(FOR_ACCOUNTANTS).wait_for()
        follow_link(one, "Accountancy")
        follow_link(one, "Aanmaken of kopiëren")
        one.press("Administratie aanmaken")
        one.fill("Nummer", "7")
        one.press("Klant aanmaken")
        one.fill("Naam", "Bakkerij Jansen")
        one.fill("KvK-nummer", CLIENT_KVK)
        one.fill("Plaats (niet verplicht)", "Delft")
        one.press("Deze klant gebruiken")
        check_screen(one, "Kantoor Zonnestein 2 administratie")
        one.press("Volgende")
        one.press("Administratie aanmaken")
        check_screen(one, "Kantoor Zonnestein 3 aangemaakt")
        follow_link(one, "Importeren klantlicentie")
        one.holds("Administratie", "007")
        hand_in(one, supplier.folder / "client.lic")
        one.wait_for_text("KL-2041")
        one.press("Gebruiker aanmaken")
        one.fill(NL("Login name, as on their own computer"), HENK)
        one.fill(NL("Full name"), "Henk Jansen")
        one.press(NL("Use this user"))
        check_screen(one, "Kantoor Zonnestein 4 licentie en gebruiker")
        one.press("Volgende")
        one.wait_for_text("Zijn dit de licentiegegevens van de cliënt")
        check_screen(one, "Kantoor Zonnestein 5 gegevens controleren")
        one.press("Klaar")
        one.wait_for_text("is geïmporteerd in administratie 007")
        one.press("Back-up maken")
        one.choose(NL("Encrypted with a generated passphrase, a different one for each client"))
        one.press("Back-up maken")
        one.wait_for_text("geen spoor van uw eigen licentie")
        check_screen(one, "Kantoor Zonnestein 6 back-up")
        with one.page.expect_download() as downloading:
            one.screen.get_by_role("link", name="Downloaden").first.click()
        backup = downloads / downloading.value.suggested_filename
        downloading.value.save_as(backup)
        with one.page.context.expect_page() as opened:
            one.screen.get_by_role("link", name="Openen").click()
        passphrase = opened.value.locator("code.words").inner_text()
    with somebody(browser, tmp_path / "client") as one:
        set_up(one, supplier.folder / "client.lic", supplier.trust, "Bakkerij Jansen")
        one.screen.get_by_role("link", name="Lees de back-up van uw accountant terug", exact=True).wait_for()
        check_screen(one, "Bakkerij Jansen 2 menu")
        follow_link(one, "Lees de back-up van uw accountant terug")
        expected(one.page.get_by_text(FOR_ACCOUNTANTS)).to_be_hidden()
        hand_in(one, backup)
        one.wait_for_text("Kantoor Zonnestein")
        one.fill("Wachtwoordzin", passphrase)
        one.press("Volgende")
        one.wait_for_text("Sleutel, om telefonisch te vergelijken")
        check_screen(one, "Bakkerij Jansen 3 controleren")
        one.press("Klaar")
        one.wait_for_text(rf"Henk Jansen ({HENK}) kan inloggen.")
        check_screen(one, "Bakkerij Jansen 4 teruggelezen")
    office = Workspace(tmp_path).ok("administration", "enter", 7, "--as", HENK, office=tmp_path / "client" / "office")
    assert office["may"]
